#include "py/names_scope.h"

nb_str nb_scope_mangle(nb_arena *arena, const nb_scope *scope, nb_str name)
{
    nb_str class_name = scope->class_name;
    if (class_name.len == 0 || !nb_str_starts(name, NB_STR("__")) ||
        nb_str_ends(name, NB_STR("__")))
        return name;
    while (class_name.len > 0 && class_name.at[0] == '_')
        class_name = nb_str_from_at(class_name, 1);
    if (class_name.len == 0)
        return name;
    return nb_arena_printf(arena, "_" NB_STR_FMT NB_STR_FMT, NB_STR_ARG(class_name),
                           NB_STR_ARG(name));
}

nb_symbol *nb_scope_symbol(nb_arena *arena, nb_scope *scope, nb_str mangled)
{
    nb_symbol *symbol = nb_map_get(&scope->symbols, mangled);
    if (!symbol) {
        symbol = NB_NEW(arena, nb_symbol);
        nb_map_put(arena, &scope->symbols, mangled, symbol);
    }
    return symbol;
}

/* ---- what a scope binds ------------------------------------------------------------------------------------------ */

typedef struct collector {
    nb_arena *arena;
    const nb_py_tree *tree;
    nb_scope *scope;
} collector;

static void mark(const collector *to, nb_str name, unsigned flag)
{
    nb_str mangled = nb_scope_mangle(to->arena, to->scope, name);
    nb_scope_symbol(to->arena, to->scope, mangled)->flags |= flag;
}

/* The names in a target; values of attributes and subscripts are no targets. */
static void mark_targets(const collector *to, nb_py_node *target)
{
    bool skip = false;
    for (nb_py_node *node = target; node; node = nb_py_walk(target, node, skip)) {
        skip = node->kind != NB_PY_TUPLE && node->kind != NB_PY_LIST && node->kind != NB_PY_STARRED;
        if (node->kind == NB_PY_NAME)
            mark(to, nb_py_text(to->tree, node), NB_SYMBOL_BOUND);
    }
}

static void mark_names(const collector *to, const nb_py_node *statement, unsigned flag)
{
    for (const nb_py_node *name = statement->child; name; name = name->next)
        mark(to, nb_py_text(to->tree, name), flag);
}

/* "(x): int" alone makes no local of x. */
static bool binds_nothing(const nb_py_node *statement)
{
    return statement->kind == NB_PY_ANN_ASSIGN && statement->child->parens &&
           !nb_py_get(statement, NB_PY_FIELD_VALUE);
}

bool nb_scope_opened_by(const nb_py_node *owner, const nb_py_node *node)
{
    if (owner->kind == NB_PY_LAMBDA)
        return node->field == NB_PY_FIELD_BODY;
    return (owner->kind == NB_PY_FUNCTION || owner->kind == NB_PY_CLASS) &&
           (node->field == NB_PY_FIELD_BODY || node->field == NB_PY_FIELD_TYPE_PARAMS);
}

static void mark_node(const collector *to, nb_py_node *node)
{
    nb_str text;
    if (node->field == NB_PY_FIELD_TARGET && node->parent->kind != NB_PY_FOR_CLAUSE &&
        !binds_nothing(node->parent))
        mark_targets(to, node);
    switch ((unsigned)node->kind) {
    case NB_PY_ALIAS: mark(to, nb_alias_name(to->tree, node), NB_SYMBOL_BOUND); break;
    case NB_PY_PATTERN_CAPTURE: mark(to, nb_py_text(to->tree, node), NB_SYMBOL_BOUND); break;
    case NB_PY_GLOBAL: mark_names(to, node, NB_SYMBOL_GLOBAL); break;
    case NB_PY_NONLOCAL: mark_names(to, node, NB_SYMBOL_NONLOCAL); break;
    case NB_PY_NAME:
        if (node->field != NB_PY_FIELD_NAME)
            break;
        text = nb_py_text(to->tree, node);
        if (node->parent->kind == NB_PY_FUNCTION || node->parent->kind == NB_PY_CLASS ||
            node->parent->kind == NB_PY_TYPE_ALIAS || node->parent->kind == NB_PY_EXCEPT)
            mark(to, text, NB_SYMBOL_BOUND);
        break;
    default: break;
    }
}

void nb_scope_collect(nb_arena *arena, const nb_py_tree *tree, nb_scope *scope, nb_py_node *top)
{
    collector to = {arena, tree, scope};
    bool skip = false;
    for (nb_py_node *node = top; node; node = nb_py_walk(top, node, skip)) {
        skip = node != top && nb_scope_opened_by(node->parent, node);
        if (!skip)
            mark_node(&to, node);
    }
}

void nb_scope_targets(nb_arena *arena, const nb_py_tree *tree, nb_scope *scope, nb_py_node *target)
{
    collector to = {arena, tree, scope};
    mark_targets(&to, target);
}

void nb_scope_parameters(nb_arena *arena, const nb_py_tree *tree, nb_scope *scope,
                         const nb_py_node *parameters)
{
    collector to = {arena, tree, scope};
    for (const nb_py_node *node = parameters ? parameters->child : NULL; node; node = node->next)
        mark(&to, nb_py_text(tree, node->child), NB_SYMBOL_BOUND);
}

/* ---- looking names up -------------------------------------------------------------------------------------------- */

bool nb_scope_reaches_module(const nb_scope *start, nb_str mangled)
{
    bool see_class =
        true; /* only from the class body itself and from type parameters directly in it */
    for (const nb_scope *scope = start; scope->kind != NB_SCOPE_MODULE; scope = scope->parent) {
        const nb_symbol *symbol = nb_map_get(&scope->symbols, mangled);
        if (scope->kind == NB_SCOPE_CLASS) {
            if (!see_class && nb_str_eqz(mangled, "__class__"))
                return false;
            if (see_class && symbol && symbol->flags & NB_SYMBOL_GLOBAL)
                return true;
            if (see_class && symbol && symbol->flags & NB_SYMBOL_BOUND)
                return !(symbol->flags & NB_SYMBOL_SO_FAR);
            if (see_class &&
                (nb_str_eqz(mangled, "__module__") || nb_str_eqz(mangled, "__qualname__")))
                return false;
        } else if (symbol && !(symbol->flags & NB_SYMBOL_NONLOCAL)) {
            return symbol->flags & NB_SYMBOL_GLOBAL;
        }
        see_class = see_class && scope->kind == NB_SCOPE_TYPE;
    }
    return true;
}

nb_scope *nb_scope_of_walrus(nb_scope *scope)
{
    while (scope->kind == NB_SCOPE_COMPREHENSION)
        scope = scope->parent;
    return scope;
}

nb_str nb_alias_name(const nb_py_tree *tree, const nb_py_node *alias)
{
    const nb_py_node *asname = nb_py_get(alias, NB_PY_FIELD_ASNAME);
    nb_str text = nb_py_text(tree, asname ? asname : alias->child);
    size_t end = 0;
    while (end < text.len && nb_is_name(text.at[end]))
        end++;
    return nb_str_slice(text, 0, end);
}
