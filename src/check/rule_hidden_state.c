#include "check/rule.h"

#include "py/facts.h"

/* State that the notebook's kernel had and a fresh one has not, beyond what the graph tells: a name read after `del`, and a function called before a
 * name is bound that it reads. Only what surely happens is told. */

/* --- after del ---------------------------------------------------------------------------------------------------- */

typedef struct deletion {
    const nb_statement *by; /* NULL: bound again since */
} deletion;

static void tell_deleted(const nb_analysis *a, const nb_statement *s, const nb_use *use,
                         const nb_statement *del)
{
    nb_diag *diag =
        nb_diag_add(a->diags, NB_D_READ_BEFORE_BOUND,
                    nb_source_spot(a->source, s->cell, use->node->start, use->node->end),
                    "'" NB_STR_FMT "' is read here, but cell %u deletes it before",
                    NB_STR_ARG(use->name), del->cell->cell->number);
    nb_diag_help(a->diags, diag, "remove the 'del', or bind '" NB_STR_FMT "' again after it",
                 NB_STR_ARG(use->name));
}

static void follow_use(const nb_analysis *a, nb_map *deleted, const nb_statement *s,
                       const nb_use *use)
{
    deletion *state = nb_map_get(deleted, use->name);
    if (use->kind == NB_USE_DELETE && s->node->kind == NB_PY_DELETE) {
        state = NB_NEW(a->arena, deletion);
        state->by = s;
        nb_map_put(a->arena, deleted, use->name, state);
        return;
    }
    if (!state || !state->by)
        return;
    bool surely =
        use->kind == NB_USE_READ && !use->guarded && !nb_sites_is_conditional(use->node, s->node);
    if (surely)
        tell_deleted(a, s, use, state->by);
    if (surely || use->kind == NB_USE_BIND || use->kind == NB_USE_BIND_LATER)
        state->by = NULL;
}

/* --- before it is bound --------------------------------------------------------------------------------------------- */

/* The only function of the notebook with that name. */
static const nb_statement *function_named(const nb_graph *graph, nb_str name)
{
    const nb_name *row = nb_graph_name(graph, name);
    bool only = row && row->binders.count == 1 && row->inference_binders.count <= 1;
    return only && row->binders.at[0]->node->kind == NB_PY_FUNCTION ? row->binders.at[0] : NULL;
}

/* Nothing in the function can end it before it comes to the node. */
static bool surely_reaches(const nb_statement *function, const nb_py_node *node)
{
    for (const nb_py_node *n = function->node; n; n = nb_py_next(function->node, n, false)) {
        bool leaves = n->kind == NB_PY_RETURN || n->kind == NB_PY_RAISE || n->kind == NB_PY_YIELD;
        if (leaves && n->start < node->start && n->end <= node->start)
            return false;
    }
    for (const nb_py_node *n = node; n != function->node; n = n->parent)
        if ((n->parent != function->node && n->parent->kind == NB_PY_FUNCTION) ||
            n->parent->kind == NB_PY_LAMBDA || n->parent->kind == NB_PY_CLASS)
            return false;
    return !nb_sites_is_conditional(node, function->node);
}

/* The statement that binds the name first, when that comes after the call. */
static const nb_statement *bound_later(const nb_analysis *a, nb_str name,
                                       const nb_statement *caller)
{
    const nb_name *row = nb_graph_name(a->graph, name);
    const nb_statement *first = row && row->binders.count > 0 ? row->binders.at[0] : NULL;
    bool late = first && first->index > caller->index && first->role == NB_ROLE_ACTION;
    return late && !nb_py_is_builtin(name) && !nb_map_has(&a->params->provided, name) ? first
                                                                                      : NULL;
}

static void tell_early(const nb_analysis *a, const nb_site *call, const nb_use *use,
                       const nb_statement *binder)
{
    nb_str there = nb_source_cell_name(a->arena, binder->cell);
    nb_diag *diag = nb_diag_add(
        a->diags, NB_D_READ_BEFORE_BOUND,
        nb_source_spot(a->source, call->statement->cell, call->node->start, call->node->end),
        "'" NB_STR_FMT "' reads '" NB_STR_FMT "', which is bound only later, in " NB_STR_FMT,
        NB_STR_ARG(call->name), NB_STR_ARG(use->name), NB_STR_ARG(there));
    nb_diag_help(a->diags, diag,
                 "bind '" NB_STR_FMT "' before the call: the notebook ran its cells in another "
                 "order than they stand",
                 NB_STR_ARG(use->name));
}

static void check_call(const nb_analysis *a, const nb_site *call, nb_map *told)
{
    const nb_statement *s = call->statement, *function = function_named(a->graph, call->name);
    if (!function || function == s || !nb_statement_feeds_train(s) ||
        nb_sites_is_in_function(s, call->node) || nb_sites_is_conditional(call->node, s->node))
        return;
    for (size_t i = 0; i < function->uses.list.count; i++) {
        const nb_use *use = &function->uses.list.at[i];
        if (use->kind != NB_USE_READ_LATER || use->guarded)
            continue;
        const nb_statement *binder = bound_later(a, use->name, s);
        if (binder && surely_reaches(function, use->node) && nb_set_add(a->arena, told, use->name))
            tell_early(a, call, use, binder);
    }
}

void nb_rule_hidden_state(const nb_analysis *a)
{
    nb_map deleted = NB_MAP_INIT, told = NB_MAP_INIT;
    for (size_t i = 0; i < a->graph->train.count; i++) {
        const nb_statement *s = a->graph->train.at[i];
        for (size_t k = 0; k < s->uses.list.count; k++)
            follow_use(a, &deleted, s, &s->uses.list.at[k]);
    }
    for (size_t i = 0; i < a->sites->calls.list.count; i++)
        check_call(a, &a->sites->calls.list.at[i], &told);
}
