#include "gen/unpicklable.h"

#include "py/facts.h"

/* Estimators that keep the functions they are given. */
static bool keeps_functions(nb_str callee)
{
    static const char *const names[] = {"ColumnTransformer",
                                        "CountVectorizer",
                                        "FunctionTransformer",
                                        "GaussianProcessRegressor",
                                        "HashingVectorizer",
                                        "KNeighborsClassifier",
                                        "KNeighborsRegressor",
                                        "SVC",
                                        "SVR",
                                        "TfidfVectorizer",
                                        "TransformedTargetRegressor"};
    for (size_t i = 0; i < NB_LEN(names); i++)
        if (nb_str_eqz(callee, names[i]))
            return true;
    return false;
}

static bool is_lambda_name(const nb_graph *graph, const nb_statement *s, const nb_py_node *node)
{
    if (node->kind != NB_PY_NAME)
        return false;
    const nb_py_node *value = NULL;
    const nb_statement *binder = nb_graph_provider(graph, nb_py_text(s->cell->tree, node));
    return binder && nb_statement_assigns(binder, &value) && value->kind == NB_PY_LAMBDA;
}

static void report(const nb_graph *graph, const nb_statement *s, const nb_py_node *node,
                   nb_str callee)
{
    nb_diag *diag = nb_diag_add(graph->source->diags, NB_D_UNPICKLABLE,
                                nb_source_spot(graph->source, s->cell, node->start, node->end),
                                "a lambda in '" NB_STR_FMT "' cannot be saved with the model",
                                NB_STR_ARG(callee));
    nb_diag_help(graph->source->diags, diag,
                 "define a function with 'def' and pass its name, or require cloudpickle");
}

static void look_at(const nb_graph *graph, const nb_statement *s, const nb_py_node *call)
{
    nb_str callee = nb_py_call_method(s->cell->tree, call);
    if (!keeps_functions(callee))
        return;
    for (const nb_py_node *n = call->child; n; n = n->next) {
        const nb_py_node *value = n->kind == NB_PY_KEYWORD ? nb_py_get(n, NB_PY_FIELD_VALUE) : n;
        if (n->field == NB_PY_FIELD_FUNC || !value)
            continue;
        if (value->kind == NB_PY_LAMBDA || is_lambda_name(graph, s, value))
            report(graph, s, value, callee);
    }
}

void nb_unpicklable_report(const nb_graph *graph)
{
    for (size_t i = 0; i < graph->train.count; i++) {
        const nb_statement *s = graph->train.at[i];
        for (const nb_py_node *n = s->node; n; n = nb_py_next(s->node, n, false))
            if (n->kind == NB_PY_CALL)
                look_at(graph, s, n);
    }
}
