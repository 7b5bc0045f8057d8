#include "graph/split.h"

#include "graph/flow.h"
#include "graph/graph.h"
#include "graph/purpose.h"
#include "graph/section_bits.h"

typedef struct splitter {
    nb_source *source;
    const nb_intent *intents;
    nb_flow *flow;
    nb_source_cell *cell;         /* the one that is split */
    size_t first, end;            /* its statements */
    NB_VEC(size_t) queue;         /* statements of preprocess.py whose needs are to be looked at */
    bool *data;                   /* by statement index: stands in preprocess.py */
    const nb_statement *obstacle; /* a statement that trains, and that work on data needs */
    const nb_statement *obstructed;
} splitter;

static bool has_several(unsigned sections)
{
    sections &= ~(unsigned)(IMPORTS | REQUIREMENTS);
    return (sections & (sections - 1)) != 0;
}

static const nb_intent *intent_of(const splitter *sp, size_t i)
{
    return &sp->intents[i];
}

/* --- work on data ------------------------------------------------------------------------------------------------------------------- */

static bool is_data_work(const nb_intent *intent)
{
    return !intent->trained &&
           (intent->purpose == NB_PURPOSE_LOAD || intent->purpose == NB_PURPOSE_SPLIT ||
            intent->purpose == NB_PURPOSE_PREPARE || intent->purpose == NB_PURPOSE_DOWNLOAD ||
            intent->purpose == NB_PURPOSE_SEED || intent->purpose == NB_PURPOSE_DEFINES_DATA);
}

static void take(splitter *sp, size_t i)
{
    if (sp->data[i])
        return;
    sp->data[i] = true;
    nb_vec_push(sp->source->arena, &sp->queue, i);
}

static void take_needed(void *ctx, const nb_statement *reader, const nb_statement *needed,
                        nb_str name)
{
    splitter *sp = ctx;
    (void)name;
    if (needed->cell != sp->cell || needed == reader)
        return;
    if (intent_of(sp, needed->index)->trained) {
        sp->obstacle = needed;
        sp->obstructed = reader;
        return;
    }
    take(sp, needed->index);
}

/* Marks what preprocess.py takes of the cell; false when there is nothing, or when it would have to train. */
static bool find_data(splitter *sp)
{
    bool any = false;
    nb_flow_forget(sp->flow);
    for (size_t i = sp->first; i < sp->end; i++)
        if (is_data_work(intent_of(sp, i))) {
            take(sp, i);
            any |= intent_of(sp, i)->purpose != NB_PURPOSE_SEED;
        }
    for (size_t i = 0; i < sp->queue.count && !sp->obstacle; i++)
        nb_flow_needs(sp->flow, &sp->source->statements[sp->queue.at[i]], take_needed, sp);
    sp->queue.count = 0;
    return any && !sp->obstacle;
}

/* --- one statement ------------------------------------------------------------------------------------------------------------------- */

/* The section that a statement would have alone; 0: any. */
static unsigned own_section(const nb_intent *intent)
{
    switch (intent->purpose) {
    case NB_PURPOSE_DEFINES_MODEL:
    case NB_PURPOSE_MODEL: return MODEL;
    case NB_PURPOSE_FIT:
    case NB_PURPOSE_PREDICT:
    case NB_PURPOSE_EVALUATE:
    case NB_PURPOSE_RESULT:
    case NB_PURPOSE_DEFINES_TRAINING:
    case NB_PURPOSE_DEFINES_EVALUATION: return TRAIN;
    case NB_PURPOSE_DEFINES_PREDICTION: return INFERENCE;
    case NB_PURPOSE_DEFINES_HELPER: return UTILS;
    case NB_PURPOSE_NOTHING:
    case NB_PURPOSE_IMPORT:
    case NB_PURPOSE_SEED:
    case NB_PURPOSE_SETTING:
    case NB_PURPOSE_LITERAL:
    case NB_PURPOSE_COMPUTE:
    case NB_PURPOSE_LOAD:
    case NB_PURPOSE_SPLIT:
    case NB_PURPOSE_PREPARE:
    case NB_PURPOSE_SAVE:
    case NB_PURPOSE_SHOW:
    case NB_PURPOSE_PLOT:
    case NB_PURPOSE_ASK:
    case NB_PURPOSE_DOWNLOAD:
    case NB_PURPOSE_DEFINES_DATA:
    case NB_PURPOSE_DEFINES_PLOT:
    case NB_PURPOSE_COUNT: break;
    }
    return 0;
}

/* Definitions serve; of what runs, only questions to the model do. */
static bool serves(const nb_statement *s, const nb_intent *intent)
{
    if (nb_statement_is_def(s))
        return intent->purpose != NB_PURPOSE_DEFINES_TRAINING;
    return intent->purpose == NB_PURPOSE_LITERAL || intent->purpose == NB_PURPOSE_NOTHING ||
           (intent->purpose == NB_PURPOSE_PREDICT && intent->new_data);
}

static unsigned sections_of(const splitter *sp, const nb_statement *s, bool preprocesses)
{
    const nb_intent *intent = intent_of(sp, s->index);
    unsigned all = s->cell->sections, own = own_section(intent) & all;
    unsigned rest = all & ~(unsigned)(PREPROCESS | INFERENCE | IMPORTS);
    if (intent->purpose == NB_PURPOSE_IMPORT)
        return all;
    unsigned sections = own == INFERENCE ? own | rest : own ? own : rest; /* train.py has it, too */
    if (preprocesses && sp->data[s->index])
        sections = PREPROCESS | own;
    if ((all & INFERENCE) && serves(s, intent))
        sections |= INFERENCE;
    return sections ? sections : (all & ~(unsigned)INFERENCE);
}

/* --- telling -------------------------------------------------------------------------------------------------------------------------- */

static unsigned line_of(const splitter *sp, uint32_t at)
{
    return nb_source_spot(sp->source, sp->cell, at, at).line;
}

static nb_str names_of(nb_arena *arena, unsigned sections)
{
    nb_str text = NB_STR("");
    for (nb_section s = 0; s < NB_SECTION_COUNT; s++)
        if (sections & NB_BIT(s))
            text = nb_arena_printf(arena, NB_STR_FMT "%s%s", NB_STR_ARG(text),
                                   text.len ? " and " : "", nb_section_name(s));
    return text;
}

static bool tells(const splitter *sp, size_t i)
{
    nb_purpose purpose = intent_of(sp, i)->purpose;
    return purpose != NB_PURPOSE_IMPORT && purpose != NB_PURPOSE_NOTHING;
}

/* "lines 1-4 preprocess, 5-9 train"; empty when every statement has the same sections. */
static nb_str ranges_of(const splitter *sp)
{
    nb_arena *arena = sp->source->arena;
    nb_str text = NB_STR("");
    size_t ranges = 0;
    for (size_t i = sp->first; i < sp->end;) {
        if (!tells(sp, i)) {
            i++;
            continue;
        }
        const nb_statement *s = &sp->source->statements[i];
        size_t last = i;
        for (; i < sp->end; i++)
            if (tells(sp, i) && sp->source->statements[i].sections != s->sections)
                break;
            else if (tells(sp, i))
                last = i;
        unsigned from = line_of(sp, s->node->start);
        unsigned to = line_of(sp, sp->source->statements[last].node->end);
        text =
            nb_arena_printf(arena, NB_STR_FMT "%s%u", NB_STR_ARG(text), ranges ? ", " : "", from);
        if (to > from)
            text = nb_arena_printf(arena, NB_STR_FMT "-%u", NB_STR_ARG(text), to);
        text = nb_arena_printf(arena, NB_STR_FMT " " NB_STR_FMT, NB_STR_ARG(text),
                               NB_STR_ARG(names_of(arena, s->sections)));
        ranges++;
    }
    return ranges > 1 ? text : NB_STR("");
}

/* Who proposed the sections has told why the cell has several; NULL when its author chose them. */
static nb_diag *told_of(const splitter *sp)
{
    nb_diags *diags = sp->source->diags;
    for (size_t i = 0; i < diags->list.count; i++)
        if (diags->list.at[i].code == NB_D_CELL_SPLIT &&
            diags->list.at[i].spot.cell == sp->cell->cell->number)
            return &diags->list.at[i];
    return NULL;
}

static void report_ranges(const splitter *sp, nb_str ranges)
{
    nb_spot spot = nb_statement_spot(sp->source, &sp->source->statements[sp->first]);
    nb_diag *told = told_of(sp);
    if (told)
        told->message = nb_arena_printf(sp->source->arena, NB_STR_FMT ": lines " NB_STR_FMT,
                                        NB_STR_ARG(told->message), NB_STR_ARG(ranges));
    else
        nb_diag_add(sp->source->diags, NB_D_CELL_SPLIT, spot,
                    "this cell is split: lines " NB_STR_FMT, NB_STR_ARG(ranges));
}

static void report(const splitter *sp)
{
    nb_str ranges = ranges_of(sp);
    if (sp->obstacle)
        nb_diag_add(
            sp->source->diags, NB_D_CELL_SPLIT, nb_statement_spot(sp->source, sp->obstructed),
            "this cell stays whole in train.py: this line prepares data with what line %u trains",
            line_of(sp, sp->obstacle->node->start));
    else if (ranges.len > 0)
        report_ranges(sp, ranges);
}

/* --- all cells ------------------------------------------------------------------------------------------------------------------------ */

static void split(splitter *sp)
{
    unsigned all = sp->cell->sections;
    unsigned others = all & ~(unsigned)(PREPROCESS | IMPORTS | REQUIREMENTS);
    sp->obstacle = sp->obstructed = NULL;
    bool mixed = (all & PREPROCESS) && (others & (TRAIN | MODEL));
    bool preprocesses = mixed && find_data(sp);
    for (size_t i = sp->first; i < sp->end; i++) {
        nb_statement *s = &sp->source->statements[i];
        if (mixed || (all & INFERENCE))
            s->sections = sections_of(sp, s, preprocesses);
        else if (own_section(intent_of(sp, i)) & all)
            s->sections = own_section(intent_of(sp, i)) & all;
    }
    if (mixed || ((all & INFERENCE) && others != INFERENCE))
        report(sp);
}

static bool any_has_several(const nb_source *source)
{
    for (size_t i = 0; i < source->cell_count; i++)
        if (has_several(source->cells[i].sections))
            return true;
    return false;
}

void nb_split_cells(nb_source *source)
{
    if (!any_has_several(source))
        return;
    splitter sp = {.source = source, .intents = nb_purposes_find(source)};
    sp.flow = nb_flow_build(source, sp.intents);
    sp.data = NB_NEW_ARRAY(source->arena, bool, source->statement_count + 1);
    for (size_t i = 0; i < source->statement_count;) {
        sp.cell = source->statements[i].cell;
        sp.first = i;
        while (i < source->statement_count && source->statements[i].cell == sp.cell)
            i++;
        sp.end = i;
        if (has_several(sp.cell->sections) && !sp.cell->broken)
            split(&sp);
    }
}
