#include "py/check.h"

#include "py/names_scope.h"

/* ---- := ------------------------------------------------------------------------------------------------------------- */

static bool is_target_of(const nb_py_tree *tree, nb_py_node *target, nb_str name)
{
    bool skip = false;
    for (nb_py_node *node = target; node; node = nb_py_walk(target, node, skip)) {
        skip = node->kind != NB_PY_TUPLE && node->kind != NB_PY_LIST && node->kind != NB_PY_STARRED;
        if (node->kind == NB_PY_NAME && nb_str_eq(nb_py_text(tree, node), name))
            return true;
    }
    return false;
}

/* Does a clause of this comprehension loop over the name? */
static bool loops_over(const nb_py_tree *tree, const nb_py_node *comprehension, nb_str name)
{
    for (const nb_py_node *clause = comprehension->child; clause; clause = clause->next)
        if (clause->kind == NB_PY_FOR_CLAUSE && is_target_of(tree, clause->child, name))
            return true;
    return false;
}

static bool in_iterable(const nb_py_node *node)
{
    for (; node->parent && node->kind >= NB_PY_NAME; node = node->parent)
        if (node->field == NB_PY_FIELD_ITER && node->parent->kind == NB_PY_FOR_CLAUSE)
            return true;
    return false;
}

void nb_check_walrus(const nb_check *check, const nb_py_node *walrus)
{
    const char *apart = nb_check_apart(check, walrus);
    nb_str name = nb_py_text(check->tree, walrus->child);
    nb_check_place at = nb_check_place_of(walrus);
    if (apart)
        nb_check_report(check, walrus, "named expression cannot be used within %s", apart);
    if (in_iterable(walrus)) {
        nb_check_report(
            check, walrus,
            "assignment expression cannot be used in a comprehension iterable expression");
        return;
    }
    if (at.comprehension && at.owner->kind == NB_PY_CLASS)
        nb_check_report(
            check, walrus,
            "assignment expression within a comprehension cannot be used in a class body");
    for (; at.comprehension; at = nb_check_place_of(at.comprehension))
        if (loops_over(check->tree, at.comprehension, name))
            nb_check_report(check, walrus,
                            "assignment expression cannot rebind comprehension iteration "
                            "variable '" NB_STR_FMT "'",
                            NB_STR_ARG(name));
}

/* ---- global and nonlocal ---------------------------------------------------------------------------------------------- */

enum { /* what the text has said about a name so far; besides the bits of names_scope.h */
       SEEN_BOUND = 1 << 8,
       SEEN_READ = 1 << 9,
       SEEN_PARAMETER = 1 << 10,
       SEEN_ANNOTATED = 1 << 11,
       SEEN_GLOBAL = 1 << 12,
       SEEN_NONLOCAL = 1 << 13
};

typedef struct walker {
    const nb_check *check;
    nb_scope *scope;
    bool in_comprehension; /* its reads are no reads of the scope around */
} walker;

static nb_symbol *symbol_of(const walker *at, nb_str name)
{
    nb_arena *arena = at->check->arena;
    return nb_scope_symbol(arena, at->scope, nb_scope_mangle(arena, at->scope, name));
}

static void see(const walker *at, const nb_py_node *name, unsigned flag)
{
    if (flag)
        symbol_of(at, nb_py_text(at->check->tree, name))->flags |= flag;
}

static void check_order(const walker *at, const nb_py_node *name, unsigned flags, const char *word)
{
    nb_str text = nb_py_text(at->check->tree, name);
    if (flags & SEEN_PARAMETER)
        nb_check_report(at->check, name, "name '" NB_STR_FMT "' is parameter and %s",
                        NB_STR_ARG(text), word);
    else if (flags & SEEN_READ)
        nb_check_report(at->check, name, "name '" NB_STR_FMT "' is used prior to %s declaration",
                        NB_STR_ARG(text), word);
    else if (flags & SEEN_ANNOTATED)
        nb_check_report(at->check, name, "annotated name '" NB_STR_FMT "' can't be %s",
                        NB_STR_ARG(text), word);
    else if (flags & SEEN_BOUND)
        nb_check_report(at->check, name,
                        "name '" NB_STR_FMT "' is assigned to before %s declaration",
                        NB_STR_ARG(text), word);
    if ((flags & SEEN_GLOBAL && word[0] == 'n') || (flags & SEEN_NONLOCAL && word[0] == 'g'))
        nb_check_report(at->check, name, "name '" NB_STR_FMT "' is nonlocal and global",
                        NB_STR_ARG(text));
}

/* A nonlocal name must be bound in a function around, the nearest that knows it. */
static void check_nonlocal(const walker *at, const nb_py_node *name)
{
    nb_str text = nb_py_text(at->check->tree, name);
    nb_str mangled = nb_scope_mangle(at->check->arena, at->scope, text);
    if (at->scope->kind == NB_SCOPE_MODULE) {
        nb_check_report(at->check, name, "nonlocal declaration not allowed at module level");
        return;
    }
    for (const nb_scope *scope = at->scope->parent; scope->kind != NB_SCOPE_MODULE;
         scope = scope->parent) {
        const nb_symbol *symbol = nb_map_get(&scope->symbols, mangled);
        if (scope->kind == NB_SCOPE_CLASS && nb_str_eqz(mangled, "__class__"))
            return;
        if (scope->kind == NB_SCOPE_CLASS || !symbol)
            continue;
        if (scope->kind == NB_SCOPE_TYPE)
            nb_check_report(at->check, name,
                            "nonlocal binding not allowed for type parameter '" NB_STR_FMT "'",
                            NB_STR_ARG(text));
        if (symbol->flags & NB_SYMBOL_GLOBAL)
            break;
        if (symbol->flags & NB_SYMBOL_BOUND && !(symbol->flags & NB_SYMBOL_NONLOCAL))
            return;
    }
    nb_check_report(at->check, name, "no binding for nonlocal '" NB_STR_FMT "' found",
                    NB_STR_ARG(text));
}

static void declare(const walker *at, const nb_py_node *statement)
{
    bool global = statement->kind == NB_PY_GLOBAL;
    for (const nb_py_node *name = statement->child; name; name = name->next) {
        nb_symbol *symbol = symbol_of(at, nb_py_text(at->check->tree, name));
        check_order(at, name, symbol->flags, global ? "global" : "nonlocal");
        if (!global)
            check_nonlocal(at, name);
        symbol->flags |= global ? SEEN_GLOBAL : SEEN_NONLOCAL;
    }
}

/* "x: int" where x was declared global. */
static void annotate(const walker *at, const nb_py_node *statement)
{
    const nb_py_node *name = statement->child;
    if (name->kind != NB_PY_NAME || name->parens)
        return;
    unsigned flags = symbol_of(at, nb_py_text(at->check->tree, name))->flags;
    if (flags & (SEEN_GLOBAL | SEEN_NONLOCAL) && at->scope->kind != NB_SCOPE_MODULE)
        nb_check_report(at->check, name, "annotated name '" NB_STR_FMT "' can't be %s",
                        NB_STR_ARG(nb_py_text(at->check->tree, name)),
                        flags & SEEN_GLOBAL ? "global" : "nonlocal");
    see(at, name, SEEN_ANNOTATED);
}

/* What a name node does in its scope: a bit, or 0. */
static unsigned role_of(const walker *at, const nb_py_node *name)
{
    const nb_py_node *up = name;
    if (name->field == NB_PY_FIELD_NAME) {
        nb_py_kind kind = name->parent->kind;
        return kind == NB_PY_FUNCTION || kind == NB_PY_CLASS || kind == NB_PY_EXCEPT ||
                       kind == NB_PY_TYPE_ALIAS
                   ? SEEN_BOUND
                   : 0;
    }
    while (up->parent->kind == NB_PY_TUPLE || up->parent->kind == NB_PY_LIST ||
           up->parent->kind == NB_PY_STARRED)
        up = up->parent;
    if (up->field != NB_PY_FIELD_TARGET)
        return at->in_comprehension || name->field == NB_PY_FIELD_ASNAME ? 0 : SEEN_READ;
    if (up->parent->kind == NB_PY_FOR_CLAUSE)
        return 0;
    bool bare = up->parent->kind == NB_PY_ANN_ASSIGN && up->parens &&
                !nb_py_get(up->parent, NB_PY_FIELD_VALUE);
    return bare ? 0 : SEEN_BOUND;
}

static void walk(const walker *at, nb_py_node *top);

static void walk_apart(const walker *at, nb_py_node *node, bool in_comprehension)
{
    walker inner = *at;
    inner.in_comprehension = in_comprehension;
    walk(&inner, node);
}

static void walk_comprehension(const walker *at, const nb_py_node *node)
{
    nb_py_node *first = node->child->next;
    walk_apart(at, first->last, at->in_comprehension);
    walk_apart(at, node->child, true);
    for (nb_py_node *clause = first->next; clause; clause = clause->next)
        walk_apart(at, clause, true);
}

static nb_scope *enter(const walker *at, nb_scope_kind kind)
{
    nb_scope *scope = NB_NEW(at->check->arena, nb_scope);
    scope->kind = kind;
    scope->parent = at->scope;
    scope->class_name = at->scope->class_name;
    return scope;
}

/* The body of a function, lambda or class, a scope of its own. */
static void walk_body(const walker *at, nb_py_node *body)
{
    nb_arena *arena = at->check->arena;
    const nb_py_tree *tree = at->check->tree;
    const nb_py_node *owner = body->parent;
    const nb_py_node *types = nb_py_get(owner, NB_PY_FIELD_TYPE_PARAMS);
    const nb_py_node *parameters = nb_py_get(owner, NB_PY_FIELD_PARAMETERS);
    walker inner = {.check = at->check, .scope = at->scope};
    if (types) {
        inner.scope = enter(&inner, NB_SCOPE_TYPE);
        nb_scope_parameters(arena, tree, inner.scope, types);
    }
    inner.scope = enter(&inner, owner->kind == NB_PY_CLASS ? NB_SCOPE_CLASS : NB_SCOPE_FUNCTION);
    if (owner->kind == NB_PY_CLASS)
        inner.scope->class_name = nb_py_text(tree, nb_py_get(owner, NB_PY_FIELD_NAME));
    nb_scope_parameters(arena, tree, inner.scope, parameters);
    nb_scope_collect(arena, tree, inner.scope, body);
    for (const nb_py_node *node = parameters ? parameters->child : NULL; node; node = node->next)
        see(&inner, node->child, SEEN_PARAMETER);
    walk(&inner, body);
}

/* Looks at one node; true when its children are done with. */
static bool walk_node(const walker *at, nb_py_node *node)
{
    switch ((unsigned)node->kind) {
    case NB_PY_LIST_COMP:
    case NB_PY_SET_COMP:
    case NB_PY_DICT_COMP:
    case NB_PY_GENERATOR: walk_comprehension(at, node); return true;
    case NB_PY_GLOBAL:
    case NB_PY_NONLOCAL: declare(at, node); return true;
    case NB_PY_ANN_ASSIGN: annotate(at, node); return false;
    case NB_PY_NAME: see(at, node, role_of(at, node)); return true;
    case NB_PY_PATTERN_CAPTURE: see(at, node, SEEN_BOUND); return true;
    case NB_PY_ALIAS: return true; /* an import before `global` is no offence */
    default: return false;
    }
}

static void walk(const walker *at, nb_py_node *top)
{
    bool skip = false;
    for (nb_py_node *node = top; node; node = nb_py_walk(top, node, skip)) {
        bool opened = node != top && nb_scope_opened_by(node->parent, node);
        if (opened && node->field == NB_PY_FIELD_BODY)
            walk_body(at, node);
        skip = opened || walk_node(at, node);
    }
}

void nb_check_declarations(const nb_check *check)
{
    nb_scope module = {.kind = NB_SCOPE_MODULE};
    walk(&(walker){.check = check, .scope = &module}, check->tree->module);
}
