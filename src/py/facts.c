#include "py/facts.h"

#include "py/names_scope.h"

/* ---- calls --------------------------------------------------------------------------------------------------------- */

nb_py_node *nb_py_next_call(nb_py_node *top, nb_py_node *call)
{
    nb_py_node *node = call ? nb_py_walk(top, call, false) : top;
    while (node && node->kind != NB_PY_CALL)
        node = nb_py_walk(top, node, false);
    return node;
}

nb_str nb_py_call_name(nb_arena *arena, const nb_py_tree *tree, const nb_py_node *call)
{
    return nb_py_dotted(arena, tree, call->child);
}

nb_str nb_py_call_method(const nb_py_tree *tree, const nb_py_node *call)
{
    const nb_py_node *function = call->child;
    if (function->kind == NB_PY_ATTRIBUTE)
        return nb_py_text(tree, function->last);
    return function->kind == NB_PY_NAME ? nb_py_text(tree, function) : (nb_str){0};
}

static nb_py_node *keyword_value(const nb_py_tree *tree, const nb_py_node *argument,
                                 const char *keyword)
{
    if (argument->kind != NB_PY_KEYWORD || argument->child == argument->last)
        return NULL;
    return keyword && nb_str_eqz(nb_py_text(tree, argument->child), keyword) ? argument->last
                                                                             : NULL;
}

nb_py_node *nb_py_argument(const nb_py_tree *tree, const nb_py_node *call, const char *keyword,
                           int index)
{
    nb_py_node *positional = NULL;
    int at = 0;
    for (nb_py_node *argument = call->child; argument; argument = argument->next) {
        if (argument->field != NB_PY_FIELD_ARGUMENT)
            continue;
        nb_py_node *value = keyword_value(tree, argument, keyword);
        if (value)
            return value;
        if (argument->kind == NB_PY_STARRED)
            index = -1;
        else if (argument->kind != NB_PY_KEYWORD && at++ == index)
            positional = argument;
    }
    return positional;
}

/* ---- definitions ----------------------------------------------------------------------------------------------------- */

nb_py_parameters nb_py_parameters_of(nb_arena *arena, const nb_py_tree *tree,
                                     const nb_py_node *function)
{
    nb_py_parameters found = {0};
    const nb_py_node *list = nb_py_get(function, NB_PY_FIELD_PARAMETERS);
    for (const nb_py_node *node = list ? list->child : NULL; node; node = node->next) {
        nb_py_parameter parameter = {.name = nb_py_text(tree, node->child),
                                     .sort = (nb_py_param)node->param,
                                     .has_default = nb_py_get(node, NB_PY_FIELD_DEFAULT),
                                     .node = node};
        nb_vec_push(arena, &found.list, parameter);
    }
    return found;
}

nb_py_names nb_py_bases(nb_arena *arena, const nb_py_tree *tree, const nb_py_node *class_)
{
    nb_py_names found = {0};
    for (const nb_py_node *node = class_->child; node; node = node->next) {
        if (node->field != NB_PY_FIELD_ARGUMENT)
            continue;
        const nb_py_node *base = node;
        while (base->kind == NB_PY_SUBSCRIPT || base->kind == NB_PY_CALL)
            base = base->child;
        nb_str name = nb_py_dotted(arena, tree, base);
        if (name.len > 0)
            nb_vec_push(arena, &found.list, name);
    }
    return found;
}

/* ---- statements ------------------------------------------------------------------------------------------------------- */

static bool is_name(const nb_py_tree *tree, const nb_py_node *node)
{
    return node->kind == NB_PY_NAME && nb_str_eqz(nb_py_text(tree, node), "__name__");
}

static bool is_main(nb_arena *arena, const nb_py_tree *tree, const nb_py_node *node)
{
    nb_str value;
    return nb_py_string_value(arena, tree, node, &value) && nb_str_eqz(value, "__main__");
}

/* Is the operator between two operands "=="? */
static bool is_equality(const nb_py_tree *tree, const nb_py_node *left, const nb_py_node *right)
{
    nb_str between = nb_str_slice(tree->text, left->end, right->start);
    return nb_str_contains(between, NB_STR("=="));
}

nb_py_node *nb_py_main_guard(nb_arena *arena, const nb_py_tree *tree, const nb_py_node *statement)
{
    if (statement->kind != NB_PY_IF)
        return NULL;
    const nb_py_node *test = statement->child, *left = test->child;
    if (test->kind != NB_PY_COMPARE || left->next != test->last ||
        !is_equality(tree, left, test->last))
        return NULL;
    bool guard = (is_name(tree, left) && is_main(arena, tree, test->last)) ||
                 (is_main(arena, tree, left) && is_name(tree, test->last));
    return guard ? nb_py_get(statement, NB_PY_FIELD_BODY) : NULL;
}

bool nb_py_future_annotations(const nb_py_tree *tree)
{
    for (const nb_py_node *node = tree->module->child; node; node = node->next) {
        const nb_py_node *module = nb_py_get(node, NB_PY_FIELD_MODULE);
        if (node->kind != NB_PY_IMPORT_FROM || !module ||
            !nb_str_eqz(nb_py_text(tree, module), "__future__"))
            continue;
        for (const nb_py_node *alias = module->next; alias; alias = alias->next)
            if (alias->kind == NB_PY_ALIAS &&
                nb_str_eqz(nb_py_text(tree, alias->child), "annotations"))
                return true;
    }
    return false;
}

nb_py_flow nb_py_flow_of(const nb_py_node *body)
{
    nb_py_flow flow = {0};
    bool skip = false;
    for (const nb_py_node *node = body; node; node = nb_py_next(body, node, skip)) {
        skip = node != body && nb_scope_opened_by(node->parent, node);
        if (skip)
            continue;
        flow.yields = flow.yields || node->kind == NB_PY_YIELD;
        flow.returns = flow.returns || node->kind == NB_PY_RETURN;
        flow.awaits = flow.awaits || node->kind == NB_PY_AWAIT ||
                      (node->is_async && node->kind != NB_PY_FUNCTION);
    }
    return flow;
}
