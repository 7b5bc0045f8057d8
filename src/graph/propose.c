#include "graph/propose.h"

#include "graph/graph.h"
#include "graph/proposer.h"
#include "py/facts.h"

static nb_cell_state *state_of(const nb_proposer *p, const nb_statement *s)
{
    return &p->cells[s->cell - p->source->cells];
}

/* --- cells ---------------------------------------------------------------------------------------------------------------------- */

static void find_cells(nb_proposer *p)
{
    const nb_source *source = p->source;
    size_t at = 0;
    p->cells = NB_NEW_ARRAY(p->arena, nb_cell_state, source->cell_count + 1);
    for (size_t i = 0; i < source->cell_count; i++) {
        nb_cell_state *state = &p->cells[i];
        state->cell = &source->cells[i];
        state->tagged = state->cell->sections != 0;
        state->first = at;
        while (at < source->statement_count && source->statements[at].cell == state->cell)
            at++;
        state->end = at;
    }
}

bool nb_cell_has_purpose(const nb_proposer *p, const nb_cell_state *state, nb_purpose purpose)
{
    NB_EACH_STATEMENT (p, state, s)
        if (nb_intent_of(p, s)->purpose == purpose)
            return true;
    return false;
}

/* Reads nothing but modules: plt.style.use("ggplot"), print(sklearn.__version__). */
static bool reads_only_modules(const nb_proposer *p, const nb_statement *s)
{
    if (s->node->kind != NB_PY_EXPR && s->node->kind != NB_PY_ASSIGN)
        return false;
    for (size_t i = 0; i < s->uses.list.count; i++) {
        const nb_use *use = &s->uses.list.at[i];
        const nb_statement *binder =
            use->kind == NB_USE_READ ? nb_flow_binder(p->flow, s, use->name) : NULL;
        if (use->kind == NB_USE_BIND || (binder && !nb_statement_is_import(binder)))
            return false;
    }
    return true;
}

bool nb_cell_only_imports(const nb_proposer *p, const nb_cell_state *state)
{
    bool any = false;
    NB_EACH_STATEMENT (p, state, s) {
        nb_purpose purpose = nb_intent_of(p, s)->purpose;
        bool looks = purpose == NB_PURPOSE_SHOW || purpose == NB_PURPOSE_PLOT;
        any |= purpose == NB_PURPOSE_IMPORT;
        if (purpose != NB_PURPOSE_IMPORT && purpose != NB_PURPOSE_SETTING &&
            purpose != NB_PURPOSE_SEED && purpose != NB_PURPOSE_NOTHING &&
            !(looks && reads_only_modules(p, s)))
            return false;
    }
    return any;
}

/* Can it run where it stands? A cell that reads what nothing above binds was run in another order, or never. */
static bool runs(const nb_proposer *p, const nb_cell_state *state, const nb_map *bound, bool star)
{
    if (state->cell->broken)
        return false;
    nb_map own = NB_MAP_INIT;
    NB_EACH_STATEMENT (p, state, s) {
        for (size_t i = 0; i < s->uses.list.count; i++) {
            const nb_use *use = &s->uses.list.at[i];
            if (use->kind == NB_USE_BIND || use->kind == NB_USE_BIND_LATER)
                (void)nb_set_add(p->arena, &own, use->name);
            else if (use->kind == NB_USE_READ && !use->guarded && !star &&
                     !nb_map_has(bound, use->name) && !nb_map_has(&own, use->name) &&
                     !nb_py_is_builtin(use->name))
                return false;
        }
    }
    return true;
}

static void find_running(nb_proposer *p)
{
    nb_map bound = NB_MAP_INIT;
    bool star = false;
    for (size_t i = 0; i < p->source->statement_count; i++) {
        const nb_statement *s = &p->source->statements[i];
        star |= s->uses.star_import;
        for (size_t k = 0; k < s->uses.list.count && nb_statement_is_import(s); k++)
            if (s->uses.list.at[k].kind == NB_USE_BIND)
                (void)nb_set_add(p->arena, &bound, s->uses.list.at[k].name);
    }
    for (size_t i = 0; i < p->source->cell_count; i++) {
        nb_cell_state *state = &p->cells[i];
        state->runs = state->tagged || runs(p, state, &bound, star);
        NB_EACH_STATEMENT (p, state, s)
            for (size_t k = 0; k < s->uses.list.count && state->runs; k++)
                if (s->uses.list.at[k].kind == NB_USE_BIND ||
                    s->uses.list.at[k].kind == NB_USE_BIND_LATER)
                    (void)nb_set_add(p->arena, &bound, s->uses.list.at[k].name);
    }
}

/* --- what is needed ---------------------------------------------------------------------------------------------------------------- */

static void include(nb_proposer *p, nb_cell_state *state)
{
    if (state->included || state->cell->broken)
        return;
    state->included = true;
    nb_vec_push(p->arena, &p->queue, (size_t)(state - p->cells));
}

/* An import is taken from where it stands, with nothing else of its cell, unless that cell is there for imports. */
static void need(void *ctx, const nb_statement *reader, const nb_statement *needed, nb_str name)
{
    nb_proposer *p = ctx;
    nb_cell_state *state = state_of(p, needed);
    if (nb_intent_of(p, needed)->purpose == NB_PURPOSE_IMPORT && !nb_cell_only_imports(p, state))
        return;
    if (!state->included && !state->tagged) {
        state->needed_name = name;
        state->reader = reader;
    }
    include(p, state);
}

static void include_all_needed(nb_proposer *p)
{
    for (size_t i = 0; i < p->queue.count; i++) {
        const nb_cell_state *state = &p->cells[p->queue.at[i]];
        NB_EACH_STATEMENT (p, state, s)
            nb_flow_needs(p->flow, s, need, p);
    }
    p->queue.count = 0;
}

/* --- what everything else is needed for ---------------------------------------------------------------------------------------------- */

static bool is_tagged_train(const nb_proposer *p)
{
    for (size_t i = 0; i < p->source->cell_count; i++)
        if (p->cells[i].cell->sections & NB_BIT(NB_SECTION_TRAIN))
            return true;
    return false;
}

/* What stands where decides: is the name that `s` reads bound in a cell that only repeats? */
static bool builds_on_repeated(const nb_proposer *p, const nb_cell_state *state)
{
    NB_EACH_STATEMENT (p, state, s)
        for (size_t i = 0; i < s->uses.list.count; i++) {
            const nb_use *use = &s->uses.list.at[i];
            const nb_statement *binder =
                use->kind == NB_USE_READ ? nb_flow_binder(p->flow, s, use->name) : NULL;
            if (binder && state_of(p, binder) != state && state_of(p, binder)->again)
                return true;
        }
    return false;
}

/* Whether both fits read values from the same statements, beside the model itself. */
static bool reads_the_same(const nb_proposer *p, const nb_statement *a, const nb_statement *b,
                           nb_str model)
{
    for (size_t i = 0; i < a->uses.list.count; i++) {
        const nb_use *use = &a->uses.list.at[i];
        if (use->kind == NB_USE_READ && !nb_str_eq(use->name, model) &&
            nb_flow_binder(p->flow, a, use->name) != nb_flow_binder(p->flow, b, use->name))
            return false;
    }
    return true;
}

/* The fit was done in a cell above: the same maker, the same data, the same name, and the maker is called anew with values that no training gave. */
static bool is_repeated(const nb_proposer *p, const nb_statement *s, const nb_map *done)
{
    const nb_intent *intent = nb_intent_of(p, s);
    const nb_statement *before = intent->how.len > 0 ? nb_map_get(done, intent->how) : NULL;
    const nb_statement *maker =
        nb_statement_binds(s, intent->what) ? s : nb_flow_binder(p->flow, s, intent->what);
    if (!before || before->cell == s->cell || !maker || maker->cell != s->cell)
        return false;
    bool informed = maker != s && nb_intent_of(p, maker)->trained;
    return !informed && reads_the_same(p, s, before, intent->what);
}

static bool repeats(const nb_proposer *p, const nb_cell_state *state, const nb_map *done)
{
    bool any = false;
    NB_EACH_STATEMENT (p, state, s) {
        if (nb_intent_of(p, s)->purpose != NB_PURPOSE_FIT)
            continue;
        if (!is_repeated(p, s, done))
            return false;
        any = true;
    }
    return any;
}

/* A model that is saved, or that a function for new data uses, is the one that counts, however often it was tried before. */
static void find_used(nb_proposer *p)
{
    for (size_t i = 0; i < p->source->statement_count; i++) {
        const nb_statement *s = &p->source->statements[i];
        const nb_intent *intent = nb_intent_of(p, s);
        if (intent->purpose != NB_PURPOSE_SAVE &&
            intent->purpose != NB_PURPOSE_DEFINES_PREDICTION &&
            !(intent->purpose == NB_PURPOSE_PREDICT && intent->new_data))
            continue;
        for (size_t k = 0; k < s->uses.list.count; k++) {
            const nb_use *use = &s->uses.list.at[k];
            bool reads = use->kind == NB_USE_READ || use->kind == NB_USE_READ_LATER;
            const nb_statement *binder = reads ? nb_flow_binder(p->flow, s, use->name) : NULL;
            if (binder && binder->cell != s->cell)
                state_of(p, binder)->used = true;
        }
    }
}

/* A fit to compare later ones with; a loop over settings is a search, and a fit after it takes what was found. */
static void note_done(const nb_proposer *p, nb_map *done, nb_statement *s)
{
    nb_str how = nb_intent_of(p, s)->how;
    if (how.len > 0 && s->node->kind != NB_PY_FOR && s->node->kind != NB_PY_WHILE)
        nb_map_put(p->arena, done, how, s);
}

/* The same experiment with other settings: the first one stays, unless a later one is put to use. */
static void find_repeated(nb_proposer *p)
{
    nb_map done = NB_MAP_INIT;
    find_used(p);
    for (size_t i = 0; i < p->source->cell_count; i++) {
        nb_cell_state *state = &p->cells[i];
        bool fits = nb_cell_has_purpose(p, state, NB_PURPOSE_FIT);
        if (state->tagged || !state->runs)
            continue;
        state->again =
            fits ? repeats(p, state, &done) && !state->used : builds_on_repeated(p, state);
        NB_EACH_STATEMENT (p, state, s)
            if (nb_intent_of(p, s)->purpose == NB_PURPOSE_FIT && !state->again)
                note_done(p, &done, &p->source->statements[s->index]);
    }
}

/* Includes the cells that hold a statement of that purpose. */
static bool include_purpose(nb_proposer *p, nb_purpose purpose, bool only_running)
{
    bool any = false;
    for (size_t i = 0; i < p->source->cell_count; i++) {
        nb_cell_state *state = &p->cells[i];
        if (state->tagged || state->again || (only_running && !state->runs) ||
            state->cell->broken || !nb_cell_has_purpose(p, state, purpose))
            continue;
        include(p, state);
        any = true;
    }
    return any;
}

static bool is_called(const nb_proposer *p, const nb_statement *definition, nb_str name)
{
    for (size_t i = 0; i < p->source->statement_count; i++) {
        const nb_statement *s = &p->source->statements[i];
        for (size_t k = 0; k < s->uses.list.count && s != definition; k++)
            if (nb_str_eq(s->uses.list.at[k].name, name) && s->uses.list.at[k].kind != NB_USE_BIND)
                return true;
    }
    return false;
}

/* What convert passes to a training function that nobody calls: values of its parameters' names, and an object of the model class. */
static void include_arguments(nb_proposer *p, const nb_statement *function)
{
    const nb_statement *last = &p->source->statements[p->source->statement_count - 1];
    nb_py_parameters parameters =
        nb_py_parameters_of(p->arena, function->cell->tree, function->node);
    for (size_t i = 0; i < parameters.list.count; i++) {
        const nb_statement *binder = nb_flow_binder(p->flow, last, parameters.list.at[i].name);
        if (binder)
            need(p, function, binder, parameters.list.at[i].name);
        else if (!parameters.list.at[i].has_default)
            (void)include_purpose(p, NB_PURPOSE_DEFINES_MODEL, true);
    }
}

/* A training function is an entry point when nothing calls it. */
static bool include_entry_points(nb_proposer *p)
{
    bool any = false;
    for (size_t i = 0; i < p->source->statement_count; i++) {
        const nb_statement *s = &p->source->statements[i];
        const nb_intent *intent = nb_intent_of(p, s);
        if (intent->purpose != NB_PURPOSE_DEFINES_TRAINING || s->cell->broken ||
            s->node->kind != NB_PY_FUNCTION || state_of(p, s)->tagged)
            continue;
        include(p, state_of(p, s));
        if (!is_called(p, s, intent->what))
            include_arguments(p, s);
        any = true;
    }
    return any;
}

/* Cells that cross-validate train as well. */
static bool include_cross_validation(nb_proposer *p)
{
    bool any = false;
    for (size_t i = 0; i < p->source->statement_count; i++) {
        const nb_statement *s = &p->source->statements[i];
        nb_cell_state *state = state_of(p, s);
        if (nb_intent_of(p, s)->purpose != NB_PURPOSE_EVALUATE || !state->runs || state->tagged ||
            !nb_str_contains(nb_py_text(s->cell->tree, s->node), NB_STR("cross_val")))
            continue;
        include(p, state);
        any = true;
    }
    return any;
}

/* A notebook that trains nothing still has data and definitions to offer. */
static void include_library(nb_proposer *p)
{
    static const nb_purpose purposes[] = {
        NB_PURPOSE_DEFINES_HELPER, NB_PURPOSE_DEFINES_DATA,       NB_PURPOSE_DEFINES_MODEL,
        NB_PURPOSE_LOAD,           NB_PURPOSE_DEFINES_EVALUATION, NB_PURPOSE_SPLIT,
        NB_PURPOSE_MODEL};
    for (size_t i = 0; i < NB_LEN(purposes); i++)
        (void)include_purpose(p, purposes[i], true);
}

/* What measures or asks the model after training. */
static void include_evaluation(nb_proposer *p)
{
    for (size_t i = 0; i < p->source->cell_count; i++) {
        nb_cell_state *state = &p->cells[i];
        if (state->tagged || state->again || !state->runs || state->included)
            continue;
        bool draws = nb_cell_has_purpose(p, state, NB_PURPOSE_PLOT); /* and predicts for that */
        NB_EACH_STATEMENT (p, state, s) {
            const nb_intent *intent = nb_intent_of(p, s);
            bool asks = intent->purpose == NB_PURPOSE_PREDICT && !draws;
            if (intent->trained && (intent->purpose == NB_PURPOSE_EVALUATE || asks))
                include(p, state);
        }
    }
}

/* Seeds count from where they stand, so those above the last included cell are needed. */
static void include_seeds(nb_proposer *p)
{
    bool below = false;
    for (size_t i = p->source->cell_count; i-- > 0;) {
        nb_cell_state *state = &p->cells[i];
        if (below && !state->tagged && state->runs &&
            nb_cell_has_purpose(p, state, NB_PURPOSE_SEED))
            include(p, state);
        below |= state->included;
    }
}

/* Cells of imports at work; what no script uses of them is left out of it. */
static void include_imports(nb_proposer *p)
{
    bool below = false;
    for (size_t i = p->source->cell_count; i-- > 0;) {
        nb_cell_state *state = &p->cells[i];
        if (below && !state->tagged && state->runs && nb_cell_only_imports(p, state) &&
            !nb_cell_has_purpose(p, state, NB_PURPOSE_PLOT))
            include(p, state);
        below |= state->included;
    }
}

static void include_roots(nb_proposer *p)
{
    bool follow = is_tagged_train(p);
    for (size_t i = 0; i < p->source->cell_count; i++)
        if (nb_source_is_exported(p->cells[i].cell))
            include(p, &p->cells[i]);
    bool trains = follow || include_purpose(p, NB_PURPOSE_FIT, true) ||
                  include_purpose(p, NB_PURPOSE_FIT, false) || include_entry_points(p) ||
                  include_cross_validation(p);
    if (!trains)
        include_library(p);
    include_all_needed(p);
    if (!follow) {
        include_evaluation(p);
        (void)include_purpose(p, NB_PURPOSE_DEFINES_PREDICTION, true);
        include_all_needed(p);
    }
    include_seeds(p);
    if (!follow)
        include_imports(p);
    include_all_needed(p);
}

/* --- the whole ------------------------------------------------------------------------------------------------------------------------ */

static bool is_split(unsigned sections)
{
    unsigned train = NB_BIT(NB_SECTION_TRAIN) | NB_BIT(NB_SECTION_MODEL);
    unsigned inference = NB_BIT(NB_SECTION_INFERENCE);
    return ((sections & NB_BIT(NB_SECTION_PREPROCESS)) && (sections & train)) ||
           ((sections & inference) && (sections & ~inference));
}

nb_proposals nb_propose(const nb_source *source)
{
    nb_proposer p = {.source = source, .arena = source->arena};
    nb_proposals out = {0};
    p.intents = nb_purposes_find(source);
    p.flow = nb_flow_build(source, p.intents);
    p.readers = NB_NEW_ARRAY(p.arena, unsigned, source->statement_count + 1);
    find_cells(&p);
    find_running(&p);
    find_repeated(&p);
    include_roots(&p);
    nb_propose_sections(&p);
    for (size_t i = 0; i < source->cell_count; i++) {
        const nb_cell_state *state = &p.cells[i];
        if (i + 1 < source->cell_count && source->cells[i + 1].cell == state->cell->cell)
            continue; /* imports that the cell after it needs: one cell of the notebook */
        nb_proposal proposal = {.cell = state->cell,
                                .sections = state->sections,
                                .reason = nb_propose_reason(&p, state),
                                .split = !state->tagged && is_split(state->sections)};
        nb_vec_push(p.arena, &out.list, proposal);
    }
    return out;
}
