#include "graph/graph.h"
#include "graph/proposer.h"
#include "graph/section_bits.h"

/* --- one statement -------------------------------------------------------------------------------------------------------------- */

/* A constant belongs to those who read it; to all of them: where every script looks. */
static unsigned where_read(unsigned readers)
{
    if (readers == PREPROCESS || readers == TRAIN || readers == MODEL || readers == INFERENCE)
        return readers;
    if (readers == (MODEL | TRAIN))
        return MODEL;
    return readers ? UTILS : 0U;
}

/* A helper that only data work calls belongs there, and one that only training calls may stand with it. */
static unsigned where_called(unsigned readers)
{
    return readers == PREPROCESS || readers == TRAIN ? readers : UTILS;
}

static unsigned section_of(const nb_proposer *p, const nb_statement *s)
{
    const nb_intent *intent = nb_intent_of(p, s);
    unsigned readers = p->readers[s->index];
    switch (intent->purpose) {
    case NB_PURPOSE_NOTHING:
    case NB_PURPOSE_SHOW:
    case NB_PURPOSE_PLOT:
    case NB_PURPOSE_ASK: return 0;
    case NB_PURPOSE_IMPORT: return IMPORTS;
    case NB_PURPOSE_SEED:
    case NB_PURPOSE_SETTING: return UTILS;
    case NB_PURPOSE_LITERAL:
    case NB_PURPOSE_COMPUTE: return intent->trained ? TRAIN : where_read(readers);
    case NB_PURPOSE_LOAD:
    case NB_PURPOSE_SPLIT:
    case NB_PURPOSE_PREPARE:
    case NB_PURPOSE_DOWNLOAD:
        if (readers == INFERENCE)
            return INFERENCE;
        return intent->trained ? TRAIN : PREPROCESS;
    case NB_PURPOSE_MODEL: return intent->trained ? TRAIN : MODEL;
    case NB_PURPOSE_PREDICT:
        return intent->new_data && !(readers & ~(unsigned)INFERENCE) ? INFERENCE : TRAIN;
    case NB_PURPOSE_FIT:
    case NB_PURPOSE_EVALUATE:
    case NB_PURPOSE_RESULT:
    case NB_PURPOSE_SAVE: return TRAIN;
    case NB_PURPOSE_DEFINES_HELPER:
    case NB_PURPOSE_DEFINES_PLOT: return where_called(readers);
    case NB_PURPOSE_DEFINES_DATA: return PREPROCESS;
    case NB_PURPOSE_DEFINES_MODEL: return MODEL;
    case NB_PURPOSE_DEFINES_TRAINING:
    case NB_PURPOSE_DEFINES_EVALUATION: return TRAIN;
    case NB_PURPOSE_DEFINES_PREDICTION:
        return (readers & ~(unsigned)INFERENCE) ? (TRAIN | INFERENCE) : INFERENCE;
    case NB_PURPOSE_COUNT: break;
    }
    return 0;
}

/* Tells those who bind what the statement reads that it does; `within`: only those of that cell, NULL: only those of others. */
static void note_reader(nb_proposer *p, const nb_statement *s, unsigned section,
                        const nb_source_cell *within)
{
    for (size_t i = 0; i < s->uses.list.count; i++) {
        const nb_use *use = &s->uses.list.at[i];
        if (use->kind != NB_USE_READ && use->kind != NB_USE_READ_LATER)
            continue;
        const nb_statement *binder = nb_flow_binder(p->flow, s, use->name);
        if (binder && binder != s && (within ? binder->cell == within : binder->cell != s->cell))
            p->readers[binder->index] |= section;
    }
}

/* --- hyperparameters -------------------------------------------------------------------------------------------------------------- */

static bool is_hyperparameter_name(nb_arena *arena, nb_str name)
{
    static const char *const words[] = {
        "epoch", "batch",    "learning", "lr",     "rate",     "hidden", "layer",  "dropout",
        "seed",  "size",     "dim",      "num_",   "n_",       "alpha",  "gamma",  "momentum",
        "decay", "patience", "max_",     "min_",   "depth",    "units",  "length", "iter",
        "steps", "width",    "height",   "weight", "folds",    "test_",  "embed",  "vocab",
        "heads", "lambda",   "beta",     "eps",    "threshold"};
    bool capitals = true;
    for (size_t i = 0; i < name.len; i++)
        capitals &= !(name.at[i] >= 'a' && name.at[i] <= 'z');
    nb_str lower = nb_str_lower(arena, name);
    bool known = false;
    for (size_t i = 0; i < NB_LEN(words); i++)
        known |= nb_str_contains(lower, nb_str_from(words[i]));
    return capitals ? name.len > 1 : known;
}

static bool is_scalar(const nb_py_node *value)
{
    while (value->kind == NB_PY_UNARY)
        value = nb_py_get(value, NB_PY_FIELD_VALUE);
    return value->kind == NB_PY_NUMBER || value->kind == NB_PY_CONSTANT ||
           value->kind == NB_PY_STRING;
}

/* The name is assigned once, however it is written: another assignment would take the hyperparameter, too. */
static bool is_assigned_once(const nb_proposer *p, nb_str name)
{
    const size_t *count = nb_map_get(&p->constants, nb_str_lower(p->arena, name));
    return count && *count == 1;
}

static void count_constants(nb_proposer *p)
{
    for (size_t i = 0; i < p->source->statement_count; i++) {
        const nb_statement *s = &p->source->statements[i];
        const nb_py_node *value = NULL;
        const nb_py_node *target = nb_statement_assigns(s, &value);
        if (!target || !nb_py_is_literal(value))
            continue;
        nb_str lower = nb_str_lower(p->arena, nb_py_text(s->cell->tree, target));
        size_t *count = nb_map_get(&p->constants, lower);
        if (!count) {
            count = NB_NEW(p->arena, size_t);
            nb_map_put(p->arena, &p->constants, lower, count);
        }
        ++*count;
    }
}

/* A cell of literals that training reads: what papermill calls parameters. */
static bool holds_parameters(const nb_proposer *p, const nb_cell_state *state)
{
    size_t numbers = 0;
    bool known = false;
    unsigned readers = 0;
    NB_EACH_STATEMENT (p, state, s) {
        const nb_py_node *value = NULL;
        const nb_py_node *target = nb_statement_assigns(s, &value);
        if (nb_intent_of(p, s)->purpose == NB_PURPOSE_NOTHING)
            continue;
        nb_str name = target ? nb_py_text(s->cell->tree, target) : NB_STR("");
        if (!target || !nb_py_is_literal(value) || !is_scalar(value) || !is_assigned_once(p, name))
            return false;
        known |= is_hyperparameter_name(p->arena, name);
        numbers += value->kind != NB_PY_STRING;
        readers |= p->readers[s->index];
    }
    return known && numbers > 0 && readers != 0;
}

/* --- one cell ----------------------------------------------------------------------------------------------------------------------- */

static bool defines(const nb_proposer *p, const nb_cell_state *state, unsigned section)
{
    NB_EACH_STATEMENT (p, state, s)
        if (nb_purpose_defines(nb_intent_of(p, s)->purpose) && (section_of(p, s) & section))
            return true;
    return false;
}

/* Work on data that is worth a script of its own. */
static bool prepares_data(const nb_proposer *p, const nb_cell_state *state)
{
    return nb_cell_has_purpose(p, state, NB_PURPOSE_LOAD) ||
           nb_cell_has_purpose(p, state, NB_PURPOSE_SPLIT) ||
           nb_cell_has_purpose(p, state, NB_PURPOSE_DEFINES_DATA);
}

static bool only_helpers(const nb_proposer *p, const nb_cell_state *state)
{
    NB_EACH_STATEMENT (p, state, s) {
        nb_purpose purpose = nb_intent_of(p, s)->purpose;
        if (purpose != NB_PURPOSE_IMPORT && purpose != NB_PURPOSE_NOTHING &&
            purpose != NB_PURPOSE_DEFINES_HELPER && purpose != NB_PURPOSE_DEFINES_PLOT)
            return false;
    }
    return true;
}

static unsigned settle(const nb_proposer *p, const nb_cell_state *state, unsigned all)
{
    bool fits = nb_cell_has_purpose(p, state, NB_PURPOSE_FIT);
    if (all & ~(unsigned)IMPORTS)
        all &= ~(unsigned)IMPORTS;
    if ((all & ~(unsigned)UTILS) && !defines(p, state, UTILS))
        all &= ~(unsigned)UTILS; /* options and constants go with the rest */
    if (all == TRAIN && !fits && only_helpers(p, state))
        return UTILS;
    if (all == (UTILS | PREPROCESS))
        return PREPROCESS;
    if ((all & TRAIN) && (all & MODEL) && fits && !defines(p, state, MODEL))
        all &= ~(unsigned)MODEL;
    if ((all & TRAIN) && (all & PREPROCESS) && !prepares_data(p, state))
        all &= ~(unsigned)PREPROCESS;
    if ((all & TRAIN) && (all & INFERENCE) && !defines(p, state, INFERENCE))
        all &= ~(unsigned)INFERENCE;
    if ((all & MODEL) && (all & PREPROCESS) && !defines(p, state, MODEL) && !(all & TRAIN))
        all = prepares_data(p, state) ? all : MODEL;
    return all;
}

/* A cell that is there although nothing in it says what it is for. */
static unsigned by_reader(const nb_proposer *p, const nb_cell_state *state)
{
    unsigned readers = 0;
    bool trained = false;
    NB_EACH_STATEMENT (p, state, s) {
        readers |= p->readers[s->index];
        trained |= nb_intent_of(p, s)->trained;
    }
    if (trained)
        return TRAIN;
    return where_read(readers);
}

static unsigned sections_of(const nb_proposer *p, const nb_cell_state *state)
{
    unsigned all = 0, weak = 0; /* weak: constants, which go with the rest */
    if (!state->included)
        return state->first == state->end && state->cell->python.requirements.count > 0
                   ? REQUIREMENTS
                   : 0U;
    if (nb_cell_only_imports(p, state))
        return IMPORTS;
    if (holds_parameters(p, state))
        return PARAMETERS;
    NB_EACH_STATEMENT (p, state, s) {
        nb_purpose purpose = nb_intent_of(p, s)->purpose;
        bool constant = purpose == NB_PURPOSE_LITERAL || purpose == NB_PURPOSE_COMPUTE;
        *(constant ? &weak : &all) |= section_of(p, s);
    }
    if (!(all & ~(unsigned)IMPORTS))
        return (weak & (weak - 1)) ? UTILS : weak ? weak : all | by_reader(p, state);
    all = settle(p, state, all);
    return (all & ~(unsigned)IMPORTS) ? all : (all | by_reader(p, state));
}

/* Statements of one cell may read each other, so the last one is asked first. */
static void note_readers_in(nb_proposer *p, const nb_cell_state *state, bool settled)
{
    for (size_t i = state->end; i-- > state->first;) {
        const nb_statement *s = &p->source->statements[i];
        unsigned section = section_of(p, s);
        if (settled)
            section = (section & state->sections) ? (section & state->sections) : state->sections;
        note_reader(p, s, section, settled ? NULL : state->cell);
    }
}

/* From the end of the notebook to its start, so that readers are known before what they read. */
void nb_propose_sections(nb_proposer *p)
{
    count_constants(p);
    for (size_t i = p->source->cell_count; i-- > 0;) {
        nb_cell_state *state = &p->cells[i];
        if (state->included)
            note_readers_in(p, state, false);
        state->sections = state->tagged ? state->cell->sections : sections_of(p, state);
        if (state->included)
            note_readers_in(p, state, true);
    }
}
