#include "py/check.h"

#include "base/map.h"
#include "py/facts.h"
#include "py/names_scope.h"
#include "py/syntax_parse.h"

#include <stdarg.h>

void nb_check_report(const nb_check *check, const nb_py_node *node, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    nb_str message = nb_arena_vprintf(check->arena, fmt, args);
    va_end(args);
    nb_py_tree_error(check->arena, check->tree,
                     (nb_py_error){node->start, node->end, node->line, message, 0});
}

/* ---- where a node stands ---------------------------------------------------------------------------------------- */

static bool is_comprehension(const nb_py_node *node)
{
    return node->kind == NB_PY_LIST_COMP || node->kind == NB_PY_SET_COMP ||
           node->kind == NB_PY_DICT_COMP || node->kind == NB_PY_GENERATOR;
}

/* The iterable of the first clause runs outside the comprehension. */
static bool is_first_iterable(const nb_py_node *node)
{
    const nb_py_node *clause = node->parent;
    return clause && clause->kind == NB_PY_FOR_CLAUSE && node->field == NB_PY_FIELD_ITER &&
           clause->parent->child->next == clause;
}

nb_check_place nb_check_place_of(const nb_py_node *node)
{
    nb_check_place at = {0};
    const nb_py_node *up = node;
    while (up->parent) {
        if (is_first_iterable(up)) {
            up = up->parent->parent;
            continue;
        }
        if (nb_scope_opened_by(up->parent, up))
            break;
        if (!at.comprehension && is_comprehension(up->parent))
            at.comprehension = up->parent;
        up = up->parent;
    }
    at.owner = up->parent ? up->parent : up;
    return at;
}

static const char *type_param_part(const nb_py_node *node)
{
    if (node->field == NB_PY_FIELD_DEFAULT)
        return node->parent->param == NB_PY_PARAM_ARGS     ? "a TypeVarTuple default"
               : node->parent->param == NB_PY_PARAM_KWARGS ? "a ParamSpec default"
                                                           : "a TypeVar default";
    return "a TypeVar bound";
}

const char *nb_check_apart(const nb_check *check, const nb_py_node *node)
{
    for (const nb_py_node *up = node; up->parent; up = up->parent) {
        const nb_py_node *parent = up->parent;
        bool annotation = up->field == NB_PY_FIELD_ANNOTATION || up->field == NB_PY_FIELD_RETURNS;
        if (parent->kind == NB_PY_TYPE_PARAM)
            return type_param_part(up);
        if (parent->kind == NB_PY_TYPE_ALIAS)
            return "a type alias";
        if (annotation && check->future_annotations && check->minor >= 10)
            return "an annotation";
        if (nb_scope_opened_by(parent, up))
            return NULL;
        if ((parent->kind == NB_PY_FUNCTION && annotation) ||
            (parent->kind == NB_PY_PARAMETER && annotation) ||
            (parent->kind == NB_PY_CLASS && up->field == NB_PY_FIELD_ARGUMENT)) {
            const nb_py_node *generic =
                parent->kind == NB_PY_PARAMETER ? parent->parent->parent : parent;
            return nb_py_get(generic, NB_PY_FIELD_TYPE_PARAMS) ? "the definition of a generic"
                                                               : NULL;
        }
    }
    return NULL;
}

/* ---- return, yield, await ---------------------------------------------------------------------------------------- */

static void check_return(const nb_check *check, const nb_py_node *node)
{
    const nb_py_node *owner = nb_check_place_of(node).owner;
    if (owner->kind != NB_PY_FUNCTION)
        nb_check_report(check, node, "'return' outside function");
}

/* An asynchronous generator returns nothing. */
static void check_async_generator(const nb_check *check, const nb_py_node *function)
{
    nb_py_node *body = nb_py_get(function, NB_PY_FIELD_BODY);
    if (!function->is_async || !nb_py_flow_of(body).yields)
        return;
    bool skip = false;
    for (nb_py_node *node = body; node; node = nb_py_walk(body, node, skip)) {
        skip = node != body && nb_scope_opened_by(node->parent, node);
        if (!skip && node->kind == NB_PY_RETURN && node->child)
            nb_check_report(check, node, "'return' with value in async generator");
    }
}

static const char *comprehension_name(nb_py_kind kind)
{
    return kind == NB_PY_LIST_COMP   ? "list comprehension"
           : kind == NB_PY_SET_COMP  ? "set comprehension"
           : kind == NB_PY_DICT_COMP ? "dict comprehension"
                                     : "generator expression";
}

static void check_yield(const nb_check *check, const nb_py_node *node)
{
    nb_check_place at = nb_check_place_of(node);
    const char *apart = nb_check_apart(check, node);
    if (apart)
        nb_check_report(check, node, "yield expression cannot be used within %s", apart);
    else if (at.comprehension)
        nb_check_report(check, node, "'yield' inside %s",
                        comprehension_name(at.comprehension->kind));
    else if (at.owner->kind != NB_PY_FUNCTION && at.owner->kind != NB_PY_LAMBDA)
        nb_check_report(check, node, "'yield' outside function");
    else if (node->star && at.owner->is_async)
        nb_check_report(check, node, "'yield from' inside async function");
}

/* Code that waits needs an async function around, or the top level of a notebook. */
static void check_waiting(const nb_check *check, const nb_py_node *node, const nb_py_node *owner,
                          const char *what)
{
    if (owner->kind == NB_PY_FUNCTION && owner->is_async)
        return;
    if (owner->kind == NB_PY_MODULE && check->top_level_await)
        check->tree->has_await = true;
    else if (owner->kind == NB_PY_FUNCTION || owner->kind == NB_PY_LAMBDA)
        nb_check_report(check, node, "%s outside async function", what);
    else
        nb_check_report(check, node, "%s outside function", what);
}

/* A comprehension that waits. A generator expression waits when it is used; other kinds make what is around them wait. */
static void check_async_comprehension(const nb_check *check, const nb_py_node *node)
{
    if (node->kind == NB_PY_GENERATOR)
        return;
    nb_check_place at = nb_check_place_of(node);
    bool too_old = at.comprehension && check->minor < 11; /* for one within another */
    while (at.comprehension && at.comprehension->kind != NB_PY_GENERATOR)
        at = nb_check_place_of(at.comprehension);
    bool in_async = at.comprehension || (at.owner->kind == NB_PY_FUNCTION && at.owner->is_async);
    bool top_level = at.owner->kind == NB_PY_MODULE && check->top_level_await;
    if (too_old || (!in_async && !top_level))
        nb_check_report(check, node,
                        "asynchronous comprehension outside of an asynchronous function");
    else if (!in_async)
        check->tree->has_await = true;
}

static void check_await(const nb_check *check, const nb_py_node *node)
{
    nb_check_place at = nb_check_place_of(node);
    const char *apart = nb_check_apart(check, node);
    if (apart)
        nb_check_report(check, node, "await expression cannot be used within %s", apart);
    else if (at.comprehension)
        check_async_comprehension(check, at.comprehension);
    else
        check_waiting(check, node, at.owner, "'await'");
}

static void check_async(const nb_check *check, const nb_py_node *node)
{
    if (node->kind == NB_PY_FOR_CLAUSE)
        check_async_comprehension(check, node->parent);
    else if (node->kind == NB_PY_FOR)
        check_waiting(check, node, nb_check_place_of(node).owner, "'async for'");
    else if (node->kind == NB_PY_WITH)
        check_waiting(check, node, nb_check_place_of(node).owner, "'async with'");
}

/* ---- loops and blocks -------------------------------------------------------------------------------------------- */

/* break, continue and return may not leave an except* block. */
static void check_jump(const nb_check *check, const nb_py_node *node)
{
    bool leaves_function = node->kind == NB_PY_RETURN;
    for (const nb_py_node *up = node; up->parent; up = up->parent) {
        nb_py_kind kind = up->parent->kind;
        if (kind == NB_PY_FUNCTION || kind == NB_PY_CLASS)
            break;
        if (!leaves_function && up->field == NB_PY_FIELD_BODY &&
            (kind == NB_PY_FOR || kind == NB_PY_WHILE))
            return;
        if (kind == NB_PY_EXCEPT && up->parent->star) {
            nb_check_report(check, node,
                            "'break', 'continue' and 'return' cannot appear in an 'except*' block");
            return;
        }
    }
    if (node->kind == NB_PY_BREAK)
        nb_check_report(check, node, "'break' outside loop");
    else if (node->kind == NB_PY_CONTINUE)
        nb_check_report(check, node, "'continue' not properly in loop");
}

static unsigned with_items(const nb_py_node *node)
{
    unsigned count = 0;
    for (const nb_py_node *item = node->child; item->kind == NB_PY_WITH_ITEM; item = item->next)
        count++;
    return count;
}

/* How many of the compiler's frame blocks are open in a block because of the statement it belongs to. */
static unsigned frame_blocks(const nb_py_node *block)
{
    const nb_py_node *owner = block->parent;
    bool body = block->field == NB_PY_FIELD_BODY;
    bool last = owner->kind == NB_PY_TRY && nb_py_get(owner, NB_PY_FIELD_FINALBODY);
    if (owner->kind == NB_PY_FOR || owner->kind == NB_PY_WHILE)
        return body;
    if (owner->kind == NB_PY_WITH)
        return with_items(owner);
    if (owner->kind == NB_PY_EXCEPT)
        return nb_py_get(owner->parent, NB_PY_FIELD_FINALBODY) ? 3 : 2;
    if (owner->kind != NB_PY_TRY)
        return 0;
    if (block->field == NB_PY_FIELD_FINALBODY)
        return 1;
    bool caught = body && block->next && block->next->kind == NB_PY_EXCEPT;
    return (last ? 1u : 0u) + (caught ? 1u : 0u);
}

static void check_nesting(const nb_check *check, const nb_py_node *block)
{
    unsigned limit = check->minor < 13 ? 20 : 21; /* CO_MAXBLOCKS */
    unsigned count = frame_blocks(block);
    if (count == 0)
        return;
    const nb_py_node *up = block->parent;
    for (; up->parent && up->parent->kind != NB_PY_FUNCTION; up = up->parent)
        if (up->kind == NB_PY_BLOCK)
            count += frame_blocks(up);
    if (check->minor >= 13 && count == limit && up->parent &&
        (up->parent->is_async || nb_py_flow_of(nb_py_get(up->parent, NB_PY_FIELD_BODY)).yields))
        count++;
    if (count > limit)
        nb_check_report(check, block->parent, "too many statically nested blocks");
}

/* ---- imports ------------------------------------------------------------------------------------------------------ */

static bool is_feature(nb_str name)
{
    static const nb_str features[] = {NB_STR_ROW("nested_scopes"),    NB_STR_ROW("generators"),
                                      NB_STR_ROW("division"),         NB_STR_ROW("absolute_import"),
                                      NB_STR_ROW("with_statement"),   NB_STR_ROW("print_function"),
                                      NB_STR_ROW("unicode_literals"), NB_STR_ROW("barry_as_FLUFL"),
                                      NB_STR_ROW("generator_stop"),   NB_STR_ROW("annotations")};
    for (size_t i = 0; i < NB_LEN(features); i++)
        if (nb_str_eq(features[i], name))
            return true;
    return false;
}

static bool is_future(const nb_check *check, const nb_py_node *node)
{
    const nb_py_node *module = nb_py_get(node, NB_PY_FIELD_MODULE);
    nb_str name = module ? nb_py_text(check->tree, module) : (nb_str){0};
    while (check->minor < 13 && name.len > 0 && name.at[0] == '.')
        name = nb_str_from_at(name, 1); /* older compilers do not look at the dots */
    return node->kind == NB_PY_IMPORT_FROM && nb_str_eqz(name, "__future__");
}

static bool is_docstring(const nb_py_node *node)
{
    return node->kind == NB_PY_EXPR && node->child->kind == NB_PY_STRING &&
           !(node->child->string_flags & (NB_PY_STRING_BYTES | NB_PY_STRING_FORMAT));
}

/* Only the docstring and other __future__ imports come before it. */
static bool comes_first(const nb_check *check, const nb_py_node *node)
{
    const nb_py_node *module = check->tree->module, *first = module->child;
    if (node->parent != module)
        return false;
    if (first != node && is_docstring(first))
        first = first->next;
    while (first != node && is_future(check, first))
        first = first->next;
    return first == node;
}

static void check_future(const nb_check *check, const nb_py_node *node)
{
    if (!comes_first(check, node)) {
        nb_check_report(check, node,
                        "from __future__ imports must occur at the beginning of the file");
        return;
    }
    for (const nb_py_node *alias = node->child; alias; alias = alias->next) {
        if (alias->field == NB_PY_FIELD_MODULE)
            continue;
        nb_str name = nb_py_text(check->tree, alias->child ? alias->child : alias);
        if (!is_feature(name))
            nb_check_report(check, alias, "future feature " NB_STR_FMT " is not defined",
                            NB_STR_ARG(name));
    }
}

static void check_import(const nb_check *check, const nb_py_node *node)
{
    if (is_future(check, node))
        check_future(check, node);
    else if (node->last->kind == NB_PY_STAR_ALIAS &&
             nb_check_place_of(node).owner->kind != NB_PY_MODULE)
        nb_check_report(check, node, "import * only allowed at module level");
}

/* ---- names that nobody may bind, parameters ------------------------------------------------------------------------ */

typedef enum usage { USAGE_READ, USAGE_STORE, USAGE_DELETE } usage;

/* Is the name or attribute (part of) a target? */
static usage usage_of(const nb_py_node *node)
{
    const nb_py_node *up = node;
    while (up->parent && (up->parent->kind == NB_PY_TUPLE || up->parent->kind == NB_PY_LIST ||
                          up->parent->kind == NB_PY_STARRED))
        up = up->parent;
    if (up->field != NB_PY_FIELD_TARGET || !up->parent)
        return USAGE_READ;
    return up->parent->kind == NB_PY_DELETE ? USAGE_DELETE : USAGE_STORE;
}

/* A name in the role NAME is bound, except where it is an attribute or named in a global statement. */
static usage usage_of_debug(const nb_py_node *node)
{
    const nb_py_node *parent = node->parent;
    if (node->field != NB_PY_FIELD_NAME)
        return node->field == NB_PY_FIELD_ASNAME ? USAGE_STORE : usage_of(node);
    if (parent->kind == NB_PY_ATTRIBUTE)
        return usage_of(parent) == USAGE_STORE && parent->parent->kind != NB_PY_AUG_ASSIGN
                   ? USAGE_STORE
                   : USAGE_READ;
    return parent->kind == NB_PY_GLOBAL || parent->kind == NB_PY_NONLOCAL ? USAGE_READ
                                                                          : USAGE_STORE;
}

static void check_debug(const nb_check *check, const nb_py_node *node)
{
    usage use = node->kind == NB_PY_NAME ? usage_of_debug(node) : USAGE_STORE;
    if (use == USAGE_STORE)
        nb_check_report(check, node, "cannot assign to __debug__");
    else if (use == USAGE_DELETE && check->minor >= 10)
        nb_check_report(check, node, "cannot delete __debug__");
}

static bool is_debug(const nb_check *check, const nb_py_node *node)
{
    static const nb_str debug = NB_STR_ROW("__debug__");
    if (node->kind == NB_PY_ALIAS)
        return !nb_py_get(node, NB_PY_FIELD_ASNAME) &&
               nb_str_eq(nb_alias_name(check->tree, node), debug);
    return nb_str_eq(nb_py_text(check->tree, node), debug);
}

static void check_parameters(const nb_check *check, const nb_py_node *list)
{
    nb_map seen = NB_MAP_INIT;
    for (const nb_py_node *node = list->child; node && list->child != list->last;
         node = node->next) {
        nb_str name = nb_py_text(check->tree, node->child);
        if (nb_set_add(check->arena, &seen, name))
            continue;
        if (list->kind == NB_PY_PARAMETERS)
            nb_check_report(check, node,
                            "duplicate argument '" NB_STR_FMT "' in function definition",
                            NB_STR_ARG(name));
        else
            nb_check_report(check, node, "duplicate type parameter '" NB_STR_FMT "'",
                            NB_STR_ARG(name));
    }
}

/* ---- the walk ------------------------------------------------------------------------------------------------------- */

static void check_node(nb_check *check, const nb_py_node *node)
{
    if (node->is_async)
        check_async(check, node);
    switch ((unsigned)node->kind) {
    case NB_PY_RETURN:
        check_return(check, node);
        check_jump(check, node);
        break;
    case NB_PY_BREAK:
    case NB_PY_CONTINUE: check_jump(check, node); break;
    case NB_PY_YIELD: check_yield(check, node); break;
    case NB_PY_AWAIT: check_await(check, node); break;
    case NB_PY_FUNCTION: check_async_generator(check, node); break;
    case NB_PY_PARAMETERS:
    case NB_PY_TYPE_PARAMS: check_parameters(check, node); break;
    case NB_PY_BLOCK: check_nesting(check, node); break;
    case NB_PY_IMPORT_FROM: check_import(check, node); break;
    case NB_PY_WALRUS: nb_check_walrus(check, node); break;
    case NB_PY_GLOBAL:
    case NB_PY_NONLOCAL: check->declares = true; break;
    case NB_PY_NAME:
    case NB_PY_ALIAS:
    case NB_PY_PATTERN_CAPTURE:
        if (is_debug(check, node))
            check_debug(check, node);
        break;
    default: break;
    }
}

void nb_py_check(nb_arena *arena, nb_py_tree *tree, const nb_py_options *options)
{
    nb_check check = {.arena = arena,
                      .tree = tree,
                      .minor = options->minor,
                      .top_level_await = options->top_level_await,
                      .future_annotations = nb_py_future_annotations(tree)};
    for (size_t i = 0; i < tree->errors.count; i++)
        if (tree->errors.at[i].min_minor == 0)
            return;
    for (nb_py_node *node = tree->module; node; node = nb_py_walk(tree->module, node, false))
        check_node(&check, node);
    if (check.declares)
        nb_check_declarations(&check);
}
