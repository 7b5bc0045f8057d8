#include "graph/graph.h"

#include "graph/purity.h"
#include "py/modules.h"

bool nb_statement_is_def(const nb_statement *s)
{
    return s->node->kind == NB_PY_FUNCTION || s->node->kind == NB_PY_CLASS;
}

const nb_py_node *nb_statement_assigns(const nb_statement *s, const nb_py_node **value)
{
    return nb_node_assigns(s->node, value);
}

const nb_py_node *nb_node_assigns(const nb_py_node *node, const nb_py_node **value)
{
    if (node->kind != NB_PY_ASSIGN && node->kind != NB_PY_ANN_ASSIGN)
        return NULL;
    const nb_py_node *target = nb_py_get(node, NB_PY_FIELD_TARGET);
    const nb_py_node *right = nb_py_get(node, NB_PY_FIELD_VALUE);
    if (!target || !right || target->kind != NB_PY_NAME)
        return NULL;
    if (target->next && target->next->field == NB_PY_FIELD_TARGET)
        return NULL; /* a = b = value */
    if (value)
        *value = right;
    return target;
}

bool nb_statement_binds(const nb_statement *s, nb_str name)
{
    for (size_t i = 0; i < s->uses.list.count; i++)
        if (s->uses.list.at[i].kind == NB_USE_BIND && nb_str_eq(s->uses.list.at[i].name, name))
            return true;
    return false;
}

/* --- the table of names ---------------------------------------------------------------------- */

static nb_name *intern(nb_graph *graph, nb_str name)
{
    nb_name *row = nb_map_get(&graph->names, name);
    if (row)
        return row;
    row = NB_NEW(graph->source->arena, nb_name);
    row->name = name;
    nb_map_put(graph->source->arena, &graph->names, name, row);
    return row;
}

const nb_name *nb_graph_name(const nb_graph *graph, nb_str name)
{
    return nb_map_get(&graph->names, name);
}

const nb_statement *nb_graph_binder(const nb_graph *graph, nb_str name, nb_py_kind kind)
{
    const nb_name *row = nb_graph_name(graph, name);
    for (size_t i = 0; row && i < row->binders.count; i++)
        if (row->binders.at[i]->node->kind == kind)
            return row->binders.at[i];
    return NULL;
}

nb_statement *nb_graph_provider(const nb_graph *graph, nb_str name)
{
    const nb_name *row = nb_graph_name(graph, name);
    return row && row->binders.count > 0 ? row->binders.at[row->binders.count - 1] : NULL;
}

#define PUSH_ONCE(arena, list, s)                                       \
    do {                                                                \
        if ((list)->count == 0 || (list)->at[(list)->count - 1] != (s)) \
            nb_vec_push((arena), (list), (s));                          \
    } while (0)

static void add_use(nb_arena *arena, nb_name *row, const nb_use *use, nb_statement *s)
{
    bool train = nb_statement_feeds_train(s), inference = nb_statement_feeds_inference(s);
    bool binds = use->kind == NB_USE_BIND || use->kind == NB_USE_BIND_LATER;
    row->deleted |= use->kind == NB_USE_DELETE && (train || inference);
    if (binds && train)
        PUSH_ONCE(arena, &row->binders, s);
    if (binds && inference)
        PUSH_ONCE(arena, &row->inference_binders, s);
    if (binds && !train && !inference)
        PUSH_ONCE(arena, &row->elsewhere, s);
    if (!binds && (train || inference))
        PUSH_ONCE(arena, &row->readers, s);
}

static void add_uses(nb_graph *graph, nb_statement *s)
{
    for (size_t i = 0; i < s->uses.list.count; i++) {
        const nb_use *use = &s->uses.list.at[i];
        add_use(graph->source->arena, intern(graph, use->name), use, s);
    }
    bool exported = nb_statement_feeds_train(s) || nb_statement_feeds_inference(s);
    graph->star_import |= s->uses.star_import && exported;
    graph->dynamic |= s->uses.dynamic && exported;
}

/* --- names that nobody provides ---------------------------------------------------------------- */

/* Statements in the order in which the notebook has them: an included one goes to its place. */
static void rebuild(nb_graph *graph)
{
    nb_source *source = graph->source;
    graph->names = NB_MAP_INIT;
    graph->train.count = graph->inference.count = 0;
    for (size_t i = 0; i < source->statement_count; i++) {
        nb_statement *s = &source->statements[i];
        if (nb_statement_feeds_train(s))
            nb_vec_push(source->arena, &graph->train, s);
        if (nb_statement_feeds_inference(s))
            nb_vec_push(source->arena, &graph->inference, s);
        if (nb_statement_feeds_train(s) || !nb_statement_in(s, NB_SECTION_SKIP))
            add_uses(graph, s);
    }
}

static bool is_provided(const nb_graph *graph, const nb_graph_options *options,
                        const nb_statement *s, nb_str name)
{
    const nb_name *row = nb_graph_name(graph, name);
    if (row && (row->binders.count > 0 ||
                (row->inference_binders.count > 0 && !nb_statement_feeds_train(s))))
        return true;
    return nb_py_is_builtin(name) || nb_map_has(options->provided, name);
}

/* The untagged statement to take a name from: the last one before the reader, else the first. */
static nb_statement *elsewhere(const nb_name *row, const nb_statement *reader, bool imports_only)
{
    nb_statement *best = NULL;
    for (size_t i = 0; i < row->elsewhere.count; i++) {
        nb_statement *s = row->elsewhere.at[i];
        if ((imports_only && !nb_statement_is_import(s)) || s->cell->broken)
            continue;
        if (!best || s->index < reader->index)
            best = s;
    }
    return best;
}

/* Every untagged statement before the reader that binds the name, and all that build on one another. */
static bool include(nb_graph *graph, const nb_name *row, const nb_statement *reader)
{
    bool any = false;
    for (size_t i = 0; i < row->elsewhere.count; i++) {
        nb_statement *s = row->elsewhere.at[i];
        if (s->cell->broken || s->included || (s->index > reader->index && any))
            continue;
        s->included = any = true;
        nb_str where = nb_source_cell_name(graph->source->arena, s->cell);
        nb_diag_add(graph->source->diags, NB_D_INCLUDED_STATEMENT,
                    nb_statement_spot(graph->source, s),
                    "included from " NB_STR_FMT ": it binds '" NB_STR_FMT "'", NB_STR_ARG(where),
                    NB_STR_ARG(row->name));
    }
    return any;
}

static nb_section section_of(const nb_statement *s)
{
    if (nb_statement_is_import(s))
        return NB_SECTION_IMPORTS;
    if (s->node->kind == NB_PY_CLASS)
        return NB_SECTION_MODEL;
    return s->node->kind == NB_PY_FUNCTION ? NB_SECTION_UTILS : NB_SECTION_PREPROCESS;
}

/* A name that a platform puts into every notebook: `spark`, `dbutils`. */
static bool report_platform_name(const nb_source *source, nb_str name, nb_spot spot)
{
    nb_str platform, advice = nb_name_platform_advice(name, &platform);
    if (advice.len == 0)
        return false;
    nb_diag *diag = nb_diag_add(source->diags, NB_D_PLATFORM_MODULE, spot,
                                "'" NB_STR_FMT "' is a name that only " NB_STR_FMT " provides",
                                NB_STR_ARG(name), NB_STR_ARG(platform));
    nb_diag_help(source->diags, diag, NB_STR_FMT, NB_STR_ARG(advice));
    return true;
}

static void help_with_untagged(nb_source *source, nb_diag *diag, const nb_statement *reader,
                               const nb_statement *from)
{
    nb_str there = nb_source_cell_name(source->arena, from->cell);
    const char *section = nb_section_name(section_of(from));
    if (from->index > reader->index && !nb_statement_feeds_inference(reader))
        nb_diag_help(source->diags, diag,
                     NB_STR_FMT
                     ", binds it, but below: move that cell above cell %u and tag it '%s'",
                     NB_STR_ARG(there), reader->cell->cell->number, section);
    else
        nb_diag_help(source->diags, diag,
                     NB_STR_FMT ", binds it: tag that cell '%s', or convert with --include-needed",
                     NB_STR_ARG(there), section);
}

/* A cell that is no Python was told; what it would bind is not missing for another reason. */
static bool may_be_in_broken_cell(const nb_source *source, nb_str name)
{
    for (size_t i = 0; i < source->cell_count; i++) {
        const nb_source_cell *cell = &source->cells[i];
        nb_map bound = NB_MAP_INIT;
        if (!cell->broken || !nb_source_is_exported(cell))
            continue;
        nb_ipython_bound_names(source->arena, cell->cell->source, &bound);
        if (nb_map_has(&bound, name))
            return true;
    }
    return false;
}

static void report_missing(nb_graph *graph, const nb_statement *s, const nb_use *use)
{
    nb_source *source = graph->source;
    if (may_be_in_broken_cell(source, use->name))
        return;
    const nb_name *row = nb_graph_name(graph, use->name);
    const nb_statement *from = row ? elsewhere(row, s, false) : NULL;
    if (!from && row && row->inference_binders.count > 0)
        from = row->inference_binders.at[0];
    nb_spot spot = nb_source_spot(source, s->cell, use->node->start, use->node->end);
    nb_str here = nb_source_cell_name(source->arena, s->cell);
    if (!from && report_platform_name(source, use->name, spot))
        return;
    if (!from && (graph->star_import || graph->dynamic)) {
        nb_diag_add(source->diags, NB_D_STAR_IMPORT, spot,
                    "'" NB_STR_FMT
                    "' is bound by no cell; it may come from a star import or from exec()",
                    NB_STR_ARG(use->name));
        return;
    }
    nb_diag *diag =
        nb_diag_add(source->diags, NB_D_MISSING_NAME, spot,
                    "'" NB_STR_FMT "' is read in " NB_STR_FMT ", but no exported cell binds it",
                    NB_STR_ARG(use->name), NB_STR_ARG(here));
    if (from)
        help_with_untagged(source, diag, s, from);
    else
        nb_diag_help(source->diags, diag,
                     "bind '" NB_STR_FMT "' in a tagged cell above, or import it",
                     NB_STR_ARG(use->name));
}

/* Looks at each read that nothing provides: `take` may include a statement for it (then the caller starts again). */
static bool missing(nb_graph *graph, const nb_graph_options *options,
                    bool (*take)(nb_graph *, const nb_statement *, const nb_use *,
                                 const nb_graph_options *))
{
    nb_source *source = graph->source;
    nb_map told = NB_MAP_INIT;
    bool took = false;
    for (size_t i = 0; i < source->statement_count; i++) {
        const nb_statement *s = &source->statements[i];
        if (!nb_statement_feeds_train(s) && !nb_statement_feeds_inference(s))
            continue;
        for (size_t k = 0; k < s->uses.list.count; k++) {
            const nb_use *use = &s->uses.list.at[k];
            bool reads = use->kind == NB_USE_READ || use->kind == NB_USE_READ_LATER;
            if (!reads || use->guarded || is_provided(graph, options, s, use->name))
                continue;
            if (nb_set_add(source->arena, &told, use->name))
                took |= take(graph, s, use, options);
        }
    }
    return took;
}

static bool take_statement(nb_graph *graph, const nb_statement *s, const nb_use *use,
                           const nb_graph_options *options)
{
    nb_name *row = intern(graph, use->name);
    nb_statement *import = elsewhere(row, s, true);
    if (import && (!options->include_needed || import->index < s->index)) {
        import->included = true; /* conversion.md 5: imports of untagged cells count */
        return true;
    }
    return options->include_needed && include(graph, row, s);
}

static bool tell_missing(nb_graph *graph, const nb_statement *s, const nb_use *use,
                         const nb_graph_options *options)
{
    (void)options;
    report_missing(graph, s, use);
    return false;
}

/* --- order ------------------------------------------------------------------------------------- */

static bool bound_by_own_statement(const nb_statement *s, const nb_use *read)
{
    bool simple = s->node->kind == NB_PY_ASSIGN || s->node->kind == NB_PY_AUG_ASSIGN ||
                  s->node->kind == NB_PY_ANN_ASSIGN || s->node->kind == NB_PY_EXPR ||
                  s->node->kind == NB_PY_DELETE;
    for (size_t i = 0; i < s->uses.list.count; i++) {
        const nb_use *use = &s->uses.list.at[i];
        if (use == read && simple)
            return false; /* a simple statement reads before it binds; a loop may come round again */
        if ((use->kind == NB_USE_BIND || use->kind == NB_USE_BIND_LATER) &&
            nb_str_eq(use->name, read->name))
            return true;
    }
    return false;
}

static void check_order_of(nb_graph *graph, const nb_statement *s, const nb_use *use, nb_map *told)
{
    const nb_name *row = nb_graph_name(graph, use->name);
    const nb_statement *first = row && row->binders.count > 0 ? row->binders.at[0] : NULL;
    if (!first || first->index < s->index || first->role == NB_ROLE_IMPORT ||
        bound_by_own_statement(s, use) || nb_py_is_builtin(use->name))
        return;
    if (!nb_set_add(graph->source->arena, told, use->name))
        return;
    nb_source *source = graph->source;
    nb_spot spot = nb_source_spot(source, s->cell, use->node->start, use->node->end);
    nb_str here = nb_source_cell_name(source->arena, s->cell);
    if (first == s) {
        nb_diag *diag =
            nb_diag_add(source->diags, NB_D_READ_BEFORE_BOUND, spot,
                        "'" NB_STR_FMT "' is read in " NB_STR_FMT " before anything binds it",
                        NB_STR_ARG(use->name), NB_STR_ARG(here));
        nb_diag_help(source->diags, diag, "bind '" NB_STR_FMT "' in a tagged cell above",
                     NB_STR_ARG(use->name));
        return;
    }
    nb_str there = nb_source_cell_name(source->arena, first->cell);
    nb_diag *diag = nb_diag_add(source->diags, NB_D_READ_BEFORE_BOUND, spot,
                                "'" NB_STR_FMT "' is read in " NB_STR_FMT
                                " but bound only later, in " NB_STR_FMT,
                                NB_STR_ARG(use->name), NB_STR_ARG(here), NB_STR_ARG(there));
    nb_diag_help(
        source->diags, diag,
        "move cell %u above cell %u: the notebook ran them in another order than they stand",
        first->cell->cell->number, s->cell->cell->number);
}

/* Functions read their globals when they are called, so only what a statement reads at once has an order. */
static void check_order(nb_graph *graph)
{
    nb_map told = NB_MAP_INIT;
    for (size_t i = 0; i < graph->train.count; i++) {
        const nb_statement *s = graph->train.at[i];
        for (size_t k = 0; k < s->uses.list.count; k++)
            if (s->uses.list.at[k].kind == NB_USE_READ && !s->uses.list.at[k].guarded)
                check_order_of(graph, s, &s->uses.list.at[k], &told);
    }
}

nb_graph *nb_graph_build(nb_source *source, const nb_graph_options *options)
{
    nb_graph *graph = NB_NEW(source->arena, nb_graph);
    graph->source = source;
    do
        rebuild(graph);
    while (missing(graph, options, take_statement));
    nb_purity_mark(graph, options->provided);
    (void)missing(graph, options, tell_missing);
    check_order(graph);
    return graph;
}
