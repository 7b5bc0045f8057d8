#include "check/rule.h"

/* A function or class of an exported cell that no script uses. Not told: what has a decorator, which may register it; what the generated parts call;
 * inference cells, whose functions are called from outside; notebooks that reach names in ways nobody sees. */

static bool mentions(nb_str expression, nb_str name)
{
    for (size_t i = 0; i + name.len <= expression.len; i++) {
        bool starts = i == 0 || !nb_is_name(expression.at[i - 1]);
        size_t end = i + name.len;
        bool ends = end == expression.len || !nb_is_name(expression.at[end]);
        if (starts && ends && memcmp(expression.at + i, name.at, name.len) == 0)
            return true;
    }
    return false;
}

/* The configuration or a generated part names it. */
static bool is_called_by_us(const nb_analysis *a, nb_str name)
{
    const nb_str texts[] = {a->found->entry_call, a->found->model, a->experiment->entrypoint,
                            a->experiment->model_variable};
    for (size_t i = 0; i < NB_LEN(texts); i++)
        if (mentions(texts[i], name))
            return true;
    for (size_t i = 0; i < a->experiment->metric_count; i++)
        if (mentions(a->experiment->metrics[i].expression, name))
            return true;
    if (a->inference && mentions(a->inference->predict_call, name))
        return true;
    static const char *const handlers[] = {"model_fn",  "input_fn", "predict_fn",
                                           "output_fn", "predict",  "main"};
    for (size_t i = 0; i < NB_LEN(handlers); i++)
        if (nb_str_eqz(name, handlers[i]))
            return true;
    return false;
}

static bool is_used(const nb_analysis *a, const nb_statement *s, nb_str name)
{
    const nb_name *row = nb_graph_name(a->graph, name);
    for (size_t i = 0; row && i < row->readers.count; i++)
        if (row->readers.at[i] != s)
            return true;
    return is_called_by_us(a, name);
}

static void check(const nb_analysis *a, const nb_statement *s)
{
    if (!nb_statement_is_def(s) || nb_py_get(s->node, NB_PY_FIELD_DECORATOR) ||
        nb_statement_feeds_inference(s) || s->role != NB_ROLE_DEFINITION)
        return;
    const nb_py_node *node = nb_py_get(s->node, NB_PY_FIELD_NAME);
    nb_str name = nb_py_text(s->cell->tree, node);
    if (is_used(a, s, name))
        return;
    nb_diag *diag = nb_diag_add(a->diags, NB_D_UNUSED_DEFINITION,
                                nb_source_spot(a->source, s->cell, node->start, node->end),
                                "no exported code uses '" NB_STR_FMT "'", NB_STR_ARG(name));
    nb_diag_help(a->diags, diag, "take the tag of a cell away that the scripts do not need");
}

void nb_rule_unused(const nb_analysis *a)
{
    bool acts = a->found->entry_call.len > 0;
    for (size_t i = 0; i < a->graph->train.count; i++)
        acts |= a->graph->train.at[i]->role == NB_ROLE_ACTION;
    if (a->graph->dynamic || !acts)
        return;
    for (size_t i = 0; i < a->graph->train.count; i++)
        check(a, a->graph->train.at[i]);
}
