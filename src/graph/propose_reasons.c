#include "graph/graph.h"
#include "graph/proposer.h"

enum { MOST_PARTS = 3 };

/* How much a purpose tells of its cell; 0: nothing. */
static unsigned weight_of(nb_purpose purpose)
{
    static const unsigned char weights[NB_PURPOSE_COUNT] = {
        [NB_PURPOSE_IMPORT] = 1,
        [NB_PURPOSE_SEED] = 3,
        [NB_PURPOSE_SETTING] = 2,
        [NB_PURPOSE_LITERAL] = 2,
        [NB_PURPOSE_COMPUTE] = 3,
        [NB_PURPOSE_LOAD] = 8,
        [NB_PURPOSE_SPLIT] = 8,
        [NB_PURPOSE_PREPARE] = 4,
        [NB_PURPOSE_MODEL] = 6,
        [NB_PURPOSE_FIT] = 9,
        [NB_PURPOSE_PREDICT] = 5,
        [NB_PURPOSE_EVALUATE] = 6,
        [NB_PURPOSE_RESULT] = 3,
        [NB_PURPOSE_SAVE] = 3,
        [NB_PURPOSE_DOWNLOAD] = 5,
        [NB_PURPOSE_DEFINES_HELPER] = 7,
        [NB_PURPOSE_DEFINES_DATA] = 7,
        [NB_PURPOSE_DEFINES_MODEL] = 7,
        [NB_PURPOSE_DEFINES_TRAINING] = 7,
        [NB_PURPOSE_DEFINES_EVALUATION] = 7,
        [NB_PURPOSE_DEFINES_PREDICTION] = 7,
        [NB_PURPOSE_DEFINES_PLOT] = 5,
    };
    return weights[purpose];
}

static nb_str quoted(const nb_proposer *p, const char *verb, nb_str name, const char *without)
{
    if (name.len == 0)
        return nb_str_from(without);
    return nb_arena_printf(p->arena, "%s '" NB_STR_FMT "'", verb, NB_STR_ARG(name));
}

static nb_str part(const nb_proposer *p, const nb_statement *s)
{
    const nb_intent *intent = nb_intent_of(p, s);
    nb_str what = intent->what;
    switch (intent->purpose) {
    case NB_PURPOSE_IMPORT: return NB_STR("imports");
    case NB_PURPOSE_SEED: return NB_STR("sets the seed");
    case NB_PURPOSE_SETTING: return NB_STR("sets options");
    case NB_PURPOSE_LITERAL: return quoted(p, "sets", what, "sets a value");
    case NB_PURPOSE_COMPUTE: return quoted(p, "computes", what, "computes");
    case NB_PURPOSE_LOAD: return quoted(p, "loads", what, "loads data");
    case NB_PURPOSE_SPLIT: return NB_STR("splits the data");
    case NB_PURPOSE_PREPARE: return quoted(p, "prepares", what, "prepares data");
    case NB_PURPOSE_MODEL: return quoted(p, "makes", what, "sets up the model");
    case NB_PURPOSE_FIT:
        return quoted(p, "fits", what, s->node->kind == NB_PY_FOR ? "training loop" : "trains");
    case NB_PURPOSE_PREDICT:
        return intent->new_data ? NB_STR("asks the model about new samples")
                                : quoted(p, "predicts", what, "predicts");
    case NB_PURPOSE_EVALUATE: return quoted(p, "measures", what, "measures the model");
    case NB_PURPOSE_RESULT: return quoted(p, "computes", what, "uses what was trained");
    case NB_PURPOSE_SAVE: return NB_STR("writes a file");
    case NB_PURPOSE_DOWNLOAD: return NB_STR("downloads data");
    case NB_PURPOSE_DEFINES_HELPER:
    case NB_PURPOSE_DEFINES_DATA:
    case NB_PURPOSE_DEFINES_MODEL:
    case NB_PURPOSE_DEFINES_TRAINING:
    case NB_PURPOSE_DEFINES_EVALUATION:
    case NB_PURPOSE_DEFINES_PREDICTION:
    case NB_PURPOSE_DEFINES_PLOT:
        return nb_arena_printf(p->arena, "defines %s" NB_STR_FMT,
                               s->node->kind == NB_PY_CLASS ? "class " : "", NB_STR_ARG(what));
    case NB_PURPOSE_NOTHING:
    case NB_PURPOSE_SHOW:
    case NB_PURPOSE_PLOT:
    case NB_PURPOSE_ASK:
    case NB_PURPOSE_COUNT: break;
    }
    return NB_STR("");
}

static unsigned heaviest(const nb_proposer *p, const nb_cell_state *state, unsigned below)
{
    unsigned most = 0;
    NB_EACH_STATEMENT (p, state, s) {
        unsigned weight = weight_of(nb_intent_of(p, s)->purpose);
        most = weight > most && weight < below ? weight : most;
    }
    return most;
}

/* "loads 'df', splits the data, fits 'clf'": the parts that tell most, in the order of the cell, one of a kind. */
static nb_str parts_of(const nb_proposer *p, const nb_cell_state *state)
{
    unsigned least = heaviest(p, state, UINT32_MAX);
    unsigned second = heaviest(p, state, least);
    bool seen[NB_PURPOSE_COUNT] = {false};
    nb_str text = NB_STR("");
    size_t count = 0;
    least = second >= 4 ? second : least;
    NB_EACH_STATEMENT (p, state, s) {
        nb_purpose purpose = nb_intent_of(p, s)->purpose;
        bool several = purpose >= NB_PURPOSE_DEFINES_HELPER || purpose == NB_PURPOSE_FIT;
        if (weight_of(purpose) < least || weight_of(purpose) == 0 || (seen[purpose] && !several))
            continue;
        seen[purpose] = true;
        if (count == MOST_PARTS)
            return nb_arena_printf(p->arena, NB_STR_FMT ", …", NB_STR_ARG(text));
        text = nb_arena_printf(p->arena, NB_STR_FMT "%s" NB_STR_FMT, NB_STR_ARG(text),
                               count ? ", " : "", NB_STR_ARG(part(p, s)));
        count++;
    }
    return text;
}

static bool holds(const nb_proposer *p, const nb_cell_state *state, nb_purpose purpose)
{
    return nb_cell_has_purpose(p, state, purpose);
}

static nb_str included_reason(const nb_proposer *p, const nb_cell_state *state)
{
    unsigned weight = heaviest(p, state, UINT32_MAX);
    if (state->sections == NB_BIT(NB_SECTION_IMPORTS))
        return holds(p, state, NB_PURPOSE_SEED) ? NB_STR("imports, sets the seed")
                                                : NB_STR("imports");
    if (state->sections & NB_BIT(NB_SECTION_PARAMETERS))
        return NB_STR("hyperparameters");
    if (weight > 3 || !state->reader || weight == 1)
        return parts_of(p, state);
    return nb_arena_printf(p->arena, "binds '" NB_STR_FMT "', which cell %u reads",
                           NB_STR_ARG(state->needed_name), state->reader->cell->cell->number);
}

/* --- cells that stay untagged ------------------------------------------------------------------------------------------------------ */

static nb_str command_reason(nb_str source)
{
    nb_str line;
    while (nb_str_line(&source, &line)) {
        line = nb_str_trim(line);
        if (line.len == 0 || line.at[0] == '#')
            continue;
        if (nb_str_starts(line, NB_STR("!wget")) || nb_str_starts(line, NB_STR("!curl")) ||
            nb_str_starts(line, NB_STR("!gdown")) || nb_str_starts(line, NB_STR("!kaggle")))
            return NB_STR("downloads with a shell command: not convertible");
        if (line.at[0] == '!' || nb_str_starts(line, NB_STR("%%")))
            return NB_STR("holds no Python");
        return NB_STR("only sets up the notebook");
    }
    return NB_STR("empty");
}

static nb_str left_out_reason(const nb_proposer *p, const nb_cell_state *state)
{
    if (state->cell->broken)
        return state->cell->tree->errors.count > 0
                   ? nb_arena_printf(p->arena, "cannot be read: " NB_STR_FMT,
                                     NB_STR_ARG(state->cell->tree->errors.at[0].message))
                   : NB_STR("cannot be read");
    if (state->first == state->end)
        return state->sections ? NB_STR("installs packages")
                               : command_reason(state->cell->cell->source);
    if (state->again)
        return holds(p, state, NB_PURPOSE_FIT) ? NB_STR("fits again with other settings")
                                               : NB_STR("only looks at a repeated experiment");
    if (holds(p, state, NB_PURPOSE_ASK))
        return NB_STR("waits for a person");
    if (holds(p, state, NB_PURPOSE_SAVE))
        return NB_STR("writes a file that nothing reads");
    if (holds(p, state, NB_PURPOSE_PLOT))
        return NB_STR("only draws");
    if (holds(p, state, NB_PURPOSE_SHOW))
        return NB_STR("only shows values");
    if (nb_cell_only_imports(p, state))
        return NB_STR("imports what no section needs");
    return state->runs ? NB_STR("nothing that trains needs it")
                       : NB_STR("reads names that nothing above binds");
}

nb_str nb_propose_reason(const nb_proposer *p, const nb_cell_state *state)
{
    if (state->tagged)
        return NB_STR("tagged");
    return state->included ? included_reason(p, state) : left_out_reason(p, state);
}
