#include "py/names.h"

#include "py/names_scope.h"

/* State of one walk. Statements are visited by recursion, which the limits on blocks keep shallow; expressions by nb_py_walk(),
 * recursing only where the order of evaluation or the scope changes. */
typedef struct visitor {
    nb_arena *arena;
    const nb_py_tree *tree;
    nb_uses *uses;
    nb_scope *scope;
    bool future_annotations;
    bool conditional; /* a branch that may not be taken */
    bool guarded;     /* in a try block that survives a missing name */
    bool lazy;        /* in an annotation that is not evaluated by itself */
} visitor;

static void visit_expression(visitor *to, nb_py_node *top);
static void visit_statement(visitor *to, nb_py_node *node);

/* ---- uses -------------------------------------------------------------------------------------------------------- */

static nb_str mangled_text(const visitor *to, nb_str text)
{
    return nb_scope_mangle(to->arena, to->scope, text);
}

static void emit(const visitor *to, nb_str name, nb_use_kind kind, const nb_py_node *node)
{
    nb_use use = {.name = name, .kind = kind, .node = node};
    if (kind == NB_USE_READ || kind == NB_USE_READ_LATER)
        use.guarded = to->guarded || to->lazy;
    else
        use.conditional = to->conditional;
    nb_vec_push(to->arena, &to->uses->list, use);
}

static void read_name(const visitor *to, nb_str text, const nb_py_node *node)
{
    nb_str name = mangled_text(to, text);
    if (nb_scope_reaches_module(to->scope, name))
        emit(to, name, to->scope->later || to->lazy ? NB_USE_READ_LATER : NB_USE_READ, node);
}

static void bind_in(const visitor *to, nb_scope *scope, nb_str text, const nb_py_node *node)
{
    nb_str name = nb_scope_mangle(to->arena, scope, text);
    if (scope->kind == NB_SCOPE_MODULE) {
        emit(to, name, NB_USE_BIND, node);
        return;
    }
    nb_symbol *symbol = nb_scope_symbol(to->arena, scope, name);
    symbol->flags |= NB_SYMBOL_SO_FAR;
    if (symbol->flags & NB_SYMBOL_GLOBAL)
        emit(to, name, scope->later ? NB_USE_BIND_LATER : NB_USE_BIND, node);
}

static void bind(const visitor *to, nb_str text, const nb_py_node *node)
{
    bind_in(to, to->scope, text, node);
}

/* `del x`, also what `except ... as x` does at its end. */
static void unbind(const visitor *to, nb_str text, const nb_py_node *node)
{
    nb_str name = mangled_text(to, text);
    if (to->scope->kind == NB_SCOPE_MODULE) {
        emit(to, name, NB_USE_DELETE, node);
        return;
    }
    nb_symbol *symbol = nb_scope_symbol(to->arena, to->scope, name);
    symbol->flags &= ~(unsigned)NB_SYMBOL_SO_FAR;
    if (symbol->flags & NB_SYMBOL_GLOBAL)
        emit(to, name, to->scope->later ? NB_USE_BIND_LATER : NB_USE_DELETE, node);
}

/* The read that `x += 1` and `del x` begin with. */
static void read_before_change(const visitor *to, const nb_py_node *name)
{
    size_t before = to->uses->list.count;
    read_name(to, nb_py_text(to->tree, name), name);
    if (to->uses->list.count > before)
        to->uses->list.at[before].conditional = true;
}

static void visit_target(visitor *to, nb_py_node *target)
{
    bool skip = false;
    for (nb_py_node *node = target; node; node = nb_py_walk(target, node, skip)) {
        skip = node->kind != NB_PY_TUPLE && node->kind != NB_PY_LIST && node->kind != NB_PY_STARRED;
        if (node->kind == NB_PY_NAME)
            bind(to, nb_py_text(to->tree, node), node);
        else if (skip)
            visit_expression(to, node);
    }
}

/* ---- scopes ------------------------------------------------------------------------------------------------------- */

static nb_scope *enter(const visitor *to, nb_scope_kind kind)
{
    nb_scope *scope = NB_NEW(to->arena, nb_scope);
    scope->kind = kind;
    scope->parent = to->scope;
    scope->class_name = to->scope->class_name;
    scope->later = to->scope->later || kind == NB_SCOPE_FUNCTION;
    return scope;
}

static void visit_child(visitor *to, const nb_py_node *node, nb_py_field field)
{
    nb_py_node *child = nb_py_get(node, field);
    if (child)
        visit_expression(to, child);
}

static void visit_children(visitor *to, const nb_py_node *node, nb_py_field field)
{
    for (nb_py_node *child = node->child; child; child = child->next)
        if (child->field == field)
            visit_expression(to, child);
}

/* Evaluated when somebody asks for it, if ever. */
static void visit_lazily(visitor *to, nb_py_node *node)
{
    bool outer = to->lazy;
    to->lazy = true;
    visit_expression(to, node);
    to->lazy = outer;
}

static void visit_annotation(visitor *to, const nb_py_node *node, nb_py_field field)
{
    nb_py_node *annotation = nb_py_get(node, field);
    if (!annotation)
        return;
    if (to->future_annotations)
        visit_lazily(to, annotation);
    else
        visit_expression(to, annotation);
}

/* A scope of type parameters around the node that has them; the bounds and defaults are evaluated on demand. */
static void enter_type_params(visitor *to, const nb_py_node *node)
{
    const nb_py_node *list = nb_py_get(node, NB_PY_FIELD_TYPE_PARAMS);
    if (!list)
        return;
    to->scope = enter(to, NB_SCOPE_TYPE);
    nb_scope_parameters(to->arena, to->tree, to->scope, list);
    if (node->kind == NB_PY_CLASS) { /* the body knows a private one by its mangled name */
        nb_str outer = to->scope->class_name;
        to->scope->class_name = nb_py_text(to->tree, nb_py_get(node, NB_PY_FIELD_NAME));
        nb_scope_parameters(to->arena, to->tree, to->scope, list);
        to->scope->class_name = outer;
    }
    for (const nb_py_node *param = list->child; param; param = param->next)
        for (nb_py_node *part = param->child->next; part; part = part->next)
            visit_lazily(to, part);
}

static void visit_body_later(visitor *to, nb_py_node *body, const nb_py_node *parameters)
{
    visitor inner = *to;
    inner.scope = enter(to, NB_SCOPE_FUNCTION);
    inner.conditional = inner.guarded = inner.lazy = false;
    nb_scope_parameters(to->arena, to->tree, inner.scope, parameters);
    nb_scope_collect(to->arena, to->tree, inner.scope, body);
    visit_statement(&inner, body);
}

static void visit_defaults(visitor *to, const nb_py_node *parameters)
{
    for (const nb_py_node *param = parameters ? parameters->child : NULL; param;
         param = param->next)
        visit_child(to, param, NB_PY_FIELD_DEFAULT);
}

static void visit_lambda(visitor *to, const nb_py_node *node)
{
    const nb_py_node *parameters = nb_py_get(node, NB_PY_FIELD_PARAMETERS);
    visit_defaults(to, parameters);
    visit_body_later(to, nb_py_get(node, NB_PY_FIELD_BODY), parameters);
}

static void visit_function(visitor *to, nb_py_node *node)
{
    const nb_py_node *parameters = nb_py_get(node, NB_PY_FIELD_PARAMETERS);
    const nb_py_node *name = nb_py_get(node, NB_PY_FIELD_NAME);
    nb_scope *outer = to->scope;
    visit_children(to, node, NB_PY_FIELD_DECORATOR);
    visit_defaults(to, parameters);
    enter_type_params(to, node);
    for (const nb_py_node *param = parameters->child; param; param = param->next)
        visit_annotation(to, param, NB_PY_FIELD_ANNOTATION);
    visit_annotation(to, node, NB_PY_FIELD_RETURNS);
    nb_scope *typed = to->scope;
    to->scope = outer;
    bind(to, nb_py_text(to->tree, name), node);
    to->scope = typed;
    visit_body_later(to, nb_py_get(node, NB_PY_FIELD_BODY), parameters);
    to->scope = outer;
}

static void visit_class(visitor *to, nb_py_node *node)
{
    nb_str name = nb_py_text(to->tree, nb_py_get(node, NB_PY_FIELD_NAME));
    nb_py_node *body = nb_py_get(node, NB_PY_FIELD_BODY);
    nb_scope *outer = to->scope;
    visit_children(to, node, NB_PY_FIELD_DECORATOR);
    enter_type_params(to, node);
    visit_children(to, node, NB_PY_FIELD_ARGUMENT);
    visitor inner = *to;
    inner.scope = enter(to, NB_SCOPE_CLASS);
    inner.scope->class_name = name;
    nb_scope_collect(to->arena, to->tree, inner.scope, body);
    visit_statement(&inner, body);
    to->scope = outer;
    bind(to, name, node);
}

/* The first iterable is evaluated outside; everything else in the comprehension's own scope. */
static void visit_comprehension(visitor *to, const nb_py_node *node)
{
    visitor inner = *to;
    bool first = true;
    inner.scope = enter(to, NB_SCOPE_COMPREHENSION);
    inner.conditional = true;
    for (const nb_py_node *clause = node->child->next; clause; clause = clause->next)
        if (clause->kind == NB_PY_FOR_CLAUSE)
            nb_scope_targets(to->arena, to->tree, inner.scope, clause->child);
    for (nb_py_node *clause = node->child->next; clause; clause = clause->next) {
        if (clause->kind == NB_PY_FOR_CLAUSE) {
            visit_expression(first ? to : &inner, clause->last);
            visit_target(&inner, clause->child);
            first = false;
        } else {
            visit_expression(&inner, clause->child);
        }
    }
    visit_expression(&inner, node->child);
}

/* ---- expressions --------------------------------------------------------------------------------------------------- */

/* May the node be skipped when its statement runs: the right side of `and`, a branch of a conditional? */
static bool may_be_skipped(const nb_py_node *node)
{
    for (const nb_py_node *up = node; up->parent; up = up->parent) {
        nb_py_kind kind = up->parent->kind;
        if (kind < NB_PY_NAME && kind != NB_PY_KEYWORD)
            return false;
        if (kind == NB_PY_BOOL_OP && up->field == NB_PY_FIELD_RIGHT)
            return true;
        if (kind == NB_PY_COMPARE && up != up->parent->child && up != up->parent->child->next)
            return true;
        if (kind == NB_PY_CONDITIONAL && up->field != NB_PY_FIELD_TEST)
            return true;
    }
    return false;
}

static void visit_walrus(visitor *to, const nb_py_node *node)
{
    bool outer = to->conditional;
    visit_child(to, node, NB_PY_FIELD_VALUE);
    to->conditional = outer || may_be_skipped(node);
    bind_in(to, nb_scope_of_walrus(to->scope), nb_py_text(to->tree, node->child), node->child);
    to->conditional = outer;
}

/* eval(), globals(), ...: what they read nobody can tell. In a function, locals() and vars() read no name of the module. */
static void note_dynamic(const visitor *to, const nb_py_node *call)
{
    nb_str name = nb_py_text(to->tree, call->child);
    bool anywhere =
        nb_str_eqz(name, "exec") || nb_str_eqz(name, "eval") || nb_str_eqz(name, "globals");
    bool here = nb_str_eqz(name, "locals") || (nb_str_eqz(name, "vars") && !call->child->next);
    if (call->child->kind != NB_PY_NAME || !nb_scope_reaches_module(to->scope, name))
        return;
    if (anywhere || (here && !to->scope->later))
        to->uses->dynamic = true;
}

/* pandas: df.query("a > @limit") reads `limit` in the caller's scope. */
static void read_at_names(const visitor *to, const nb_py_node *call)
{
    const nb_py_node *function = call->child, *argument = function->next;
    nb_str text;
    if (function->kind != NB_PY_ATTRIBUTE || !argument || argument->kind != NB_PY_STRING)
        return;
    nb_str method = nb_py_text(to->tree, function->last);
    if (!nb_str_eqz(method, "query") && !nb_str_eqz(method, "eval"))
        return;
    if (!nb_py_string_value(to->arena, to->tree, argument, &text))
        return;
    visitor guarded = *to;
    guarded.guarded = true;
    for (size_t at = 0; at < text.len; at++) {
        size_t start = at + 1, end = start;
        while (text.at[at] == '@' && end < text.len && nb_is_name(text.at[end]))
            end++;
        if (end > start && nb_is_name_start(text.at[start]))
            read_name(&guarded, nb_str_slice(text, start, end), argument);
    }
}

/* Visits a node that changes scope or order. False when it is like any other. */
static bool visit_special(visitor *to, nb_py_node *node)
{
    switch ((unsigned)node->kind) {
    case NB_PY_LAMBDA: visit_lambda(to, node); return true;
    case NB_PY_LIST_COMP:
    case NB_PY_SET_COMP:
    case NB_PY_DICT_COMP:
    case NB_PY_GENERATOR: visit_comprehension(to, node); return true;
    case NB_PY_WALRUS: visit_walrus(to, node); return true;
    case NB_PY_CONDITIONAL:
        visit_child(to, node, NB_PY_FIELD_TEST);
        visit_child(to, node, NB_PY_FIELD_BODY);
        visit_child(to, node, NB_PY_FIELD_ORELSE);
        return true;
    default: return false;
    }
}

static void visit_expression(visitor *to, nb_py_node *top)
{
    bool skip = false;
    for (nb_py_node *node = top; node; node = nb_py_walk(top, node, skip)) {
        skip = visit_special(to, node);
        if (node->kind == NB_PY_NAME && node->field != NB_PY_FIELD_NAME)
            read_name(to, nb_py_text(to->tree, node), node);
        if (node->kind == NB_PY_CALL) {
            note_dynamic(to, node);
            read_at_names(to, node);
        }
    }
}

/* ---- statements ----------------------------------------------------------------------------------------------------- */

static void visit_assign(visitor *to, const nb_py_node *node)
{
    visit_child(to, node, NB_PY_FIELD_VALUE);
    for (nb_py_node *target = node->child; target->field == NB_PY_FIELD_TARGET;
         target = target->next)
        visit_target(to, target);
}

/* In a function the annotation is never evaluated. */
static void visit_ann_assign(visitor *to, const nb_py_node *node)
{
    nb_py_node *value = nb_py_get(node, NB_PY_FIELD_VALUE);
    if (value)
        visit_expression(to, value);
    if (value)
        visit_target(to, node->child);
    else if (node->child->kind != NB_PY_NAME)
        visit_expression(to, node->child);
    if (to->scope->kind == NB_SCOPE_MODULE || to->scope->kind == NB_SCOPE_CLASS)
        visit_annotation(to, node, NB_PY_FIELD_ANNOTATION);
}

static void visit_aug_assign(visitor *to, const nb_py_node *node)
{
    nb_py_node *target = node->child;
    if (target->kind == NB_PY_NAME)
        read_before_change(to, target);
    else
        visit_expression(to, target);
    visit_child(to, node, NB_PY_FIELD_VALUE);
    if (target->kind == NB_PY_NAME)
        bind(to, nb_py_text(to->tree, target), target);
}

static void visit_delete_target(visitor *to, nb_py_node *target)
{
    bool skip = false;
    for (nb_py_node *node = target; node; node = nb_py_walk(target, node, skip)) {
        skip = node->kind != NB_PY_TUPLE && node->kind != NB_PY_LIST;
        if (node->kind == NB_PY_NAME) {
            read_before_change(to, node);
            unbind(to, nb_py_text(to->tree, node), node);
        } else if (skip) {
            visit_expression(to, node);
        }
    }
}

static void visit_import(const visitor *to, const nb_py_node *node)
{
    for (const nb_py_node *alias = node->child; alias; alias = alias->next) {
        if (alias->kind == NB_PY_STAR_ALIAS)
            to->uses->star_import = true;
        else if (alias->kind == NB_PY_ALIAS)
            bind(to, nb_alias_name(to->tree, alias), alias);
    }
}

static void visit_branch(visitor *to, const nb_py_node *node, nb_py_field field)
{
    bool outer = to->conditional;
    nb_py_node *block = nb_py_get(node, field);
    to->conditional = true;
    if (block)
        visit_statement(to, block);
    to->conditional = outer;
}

static void visit_if(visitor *to, const nb_py_node *node)
{
    visit_child(to, node, NB_PY_FIELD_TEST);
    visit_branch(to, node, NB_PY_FIELD_BODY);
    visit_branch(to, node, NB_PY_FIELD_ORELSE);
}

static void visit_for(visitor *to, const nb_py_node *node)
{
    bool outer = to->conditional;
    visit_child(to, node, NB_PY_FIELD_ITER);
    to->conditional = true;
    visit_target(to, node->child);
    to->conditional = outer;
    visit_branch(to, node, NB_PY_FIELD_BODY);
    visit_branch(to, node, NB_PY_FIELD_ORELSE);
}

static void visit_with(visitor *to, const nb_py_node *node)
{
    for (const nb_py_node *item = node->child; item->kind == NB_PY_WITH_ITEM; item = item->next) {
        nb_py_node *target = nb_py_get(item, NB_PY_FIELD_TARGET);
        visit_child(to, item, NB_PY_FIELD_VALUE);
        if (target)
            visit_target(to, target);
    }
    visit_statement(to, nb_py_get(node, NB_PY_FIELD_BODY));
}

static bool survives_missing(const nb_py_tree *tree, const nb_py_node *type)
{
    static const nb_str names[] = {NB_STR_ROW("NameError"), NB_STR_ROW("ImportError"),
                                   NB_STR_ROW("Exception"), NB_STR_ROW("BaseException")};
    for (size_t i = 0; type->kind == NB_PY_NAME && i < NB_LEN(names); i++)
        if (nb_str_eq(nb_py_text(tree, type), names[i]))
            return true;
    return false;
}

/* Is there an except clause for a missing name? */
static bool guards(const nb_py_tree *tree, const nb_py_node *try)
{
    for (const nb_py_node *clause = try->child; clause; clause = clause->next) {
        const nb_py_node *type = nb_py_get(clause, NB_PY_FIELD_TEST);
        if (clause->kind != NB_PY_EXCEPT)
            continue;
        if (!type || survives_missing(tree, type))
            return true;
        if (type->kind == NB_PY_TUPLE)
            for (type = type->child; type; type = type->next)
                if (survives_missing(tree, type))
                    return true;
    }
    return false;
}

static void visit_except(visitor *to, const nb_py_node *clause)
{
    const nb_py_node *name = nb_py_get(clause, NB_PY_FIELD_NAME);
    bool outer = to->conditional;
    to->conditional = true;
    visit_child(to, clause, NB_PY_FIELD_TEST);
    if (name)
        bind(to, nb_py_text(to->tree, name), name);
    visit_statement(to, nb_py_get(clause, NB_PY_FIELD_BODY));
    if (name)
        unbind(to, nb_py_text(to->tree, name), name);
    to->conditional = outer;
}

static void visit_try(visitor *to, const nb_py_node *node)
{
    bool outer = to->guarded;
    nb_py_node *last = nb_py_get(node, NB_PY_FIELD_FINALBODY);
    to->guarded = outer || guards(to->tree, node);
    visit_branch(to, node, NB_PY_FIELD_BODY);
    to->guarded = outer;
    for (const nb_py_node *clause = node->child; clause; clause = clause->next)
        if (clause->kind == NB_PY_EXCEPT)
            visit_except(to, clause);
    visit_branch(to, node, NB_PY_FIELD_ORELSE);
    if (last)
        visit_statement(to, last);
}

static void visit_pattern(visitor *to, nb_py_node *top)
{
    bool skip = false;
    for (nb_py_node *node = top; node; node = nb_py_walk(top, node, skip)) {
        bool is_pattern = node->kind == NB_PY_PATTERN || node->kind == NB_PY_KEYWORD;
        skip = !is_pattern;
        if (node->kind == NB_PY_PATTERN_CAPTURE)
            bind(to, nb_py_text(to->tree, node), node);
        else if (!is_pattern)
            visit_expression(to, node);
    }
}

static void visit_match(visitor *to, const nb_py_node *node)
{
    bool outer = to->conditional;
    visit_child(to, node, NB_PY_FIELD_SUBJECT);
    to->conditional = true;
    for (const nb_py_node *clause = node->child->next; clause; clause = clause->next) {
        visit_pattern(to, nb_py_get(clause, NB_PY_FIELD_PATTERN));
        visit_child(to, clause, NB_PY_FIELD_GUARD);
        visit_statement(to, nb_py_get(clause, NB_PY_FIELD_BODY));
    }
    to->conditional = outer;
}

static void visit_type_alias(visitor *to, const nb_py_node *node)
{
    nb_scope *outer = to->scope;
    bind(to, nb_py_text(to->tree, node->child), node);
    enter_type_params(to, node);
    visit_lazily(to, nb_py_get(node, NB_PY_FIELD_VALUE));
    to->scope = outer;
}

static void visit_statement(visitor *to, nb_py_node *node)
{
    switch ((unsigned)node->kind) {
    case NB_PY_MODULE:
    case NB_PY_BLOCK:
        for (nb_py_node *child = node->child; child; child = child->next)
            visit_statement(to, child);
        return;
    case NB_PY_ASSIGN: visit_assign(to, node); return;
    case NB_PY_ANN_ASSIGN: visit_ann_assign(to, node); return;
    case NB_PY_AUG_ASSIGN: visit_aug_assign(to, node); return;
    case NB_PY_IMPORT:
    case NB_PY_IMPORT_FROM: visit_import(to, node); return;
    case NB_PY_FUNCTION: visit_function(to, node); return;
    case NB_PY_CLASS: visit_class(to, node); return;
    case NB_PY_IF:
    case NB_PY_WHILE: visit_if(to, node); return;
    case NB_PY_FOR: visit_for(to, node); return;
    case NB_PY_WITH: visit_with(to, node); return;
    case NB_PY_TRY: visit_try(to, node); return;
    case NB_PY_MATCH: visit_match(to, node); return;
    case NB_PY_DELETE:
        for (nb_py_node *target = node->child; target; target = target->next)
            visit_delete_target(to, target);
        return;
    case NB_PY_TYPE_ALIAS: visit_type_alias(to, node); return;
    case NB_PY_GLOBAL:
    case NB_PY_NONLOCAL: return;
    default: visit_expression(to, node); /* return, raise, assert, an expression, ... */
    }
}

nb_uses nb_py_uses(nb_arena *arena, const nb_py_tree *tree, const nb_py_node *statement,
                   bool future_annotations)
{
    nb_uses uses = {0};
    nb_scope module = {.kind = NB_SCOPE_MODULE};
    visitor to = {.arena = arena,
                  .tree = tree,
                  .uses = &uses,
                  .scope = &module,
                  .future_annotations = future_annotations};
    visit_statement(&to, (nb_py_node *)(uintptr_t)statement);
    return uses;
}
