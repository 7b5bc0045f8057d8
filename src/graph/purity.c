#include "graph/purity.h"

#include "py/facts.h"

/* --- imports and environment variables ---------------------------------------------------------- */

static bool only_imports(const nb_py_node *node, bool *any)
{
    for (const nb_py_node *child = node->child; child; child = child->next) {
        bool block = child->kind == NB_PY_BLOCK || child->kind == NB_PY_EXCEPT ||
                     child->kind == NB_PY_TRY || child->kind == NB_PY_IF;
        const nb_py_node *value =
            child->kind == NB_PY_ASSIGN ? nb_py_get(child, NB_PY_FIELD_VALUE) : NULL;
        bool import = child->kind == NB_PY_IMPORT || child->kind == NB_PY_IMPORT_FROM;
        *any |= import;
        if (block ? !only_imports(child, any)
                  : node->kind == NB_PY_BLOCK && !import && child->kind != NB_PY_PASS &&
                        !(value && nb_py_is_literal(value)))
            return false;
    }
    return true;
}

bool nb_statement_is_import(const nb_statement *s)
{
    if (s->node->kind == NB_PY_IMPORT || s->node->kind == NB_PY_IMPORT_FROM)
        return true;
    bool any = false;
    return (s->node->kind == NB_PY_TRY || s->node->kind == NB_PY_IF) &&
           only_imports(s->node, &any) && any;
}

/* The alias node by which an import statement binds `name`; NULL for blocks. */
static const nb_py_node *alias_of(const nb_statement *s, nb_str name)
{
    for (size_t i = 0; i < s->uses.list.count; i++)
        if (nb_str_eq(s->uses.list.at[i].name, name) &&
            s->uses.list.at[i].node->kind == NB_PY_ALIAS)
            return s->uses.list.at[i].node;
    return NULL;
}

bool nb_statement_imports(const nb_statement *s, nb_str name)
{
    const nb_py_node *alias = alias_of(s, name);
    if (!alias || nb_py_get(alias, NB_PY_FIELD_ASNAME))
        return false;
    nb_str text = nb_py_text(s->cell->tree, alias), top;
    (void)nb_str_split(&text, '.', &top);
    return nb_str_eq(top, name) && (s->node->kind == NB_PY_IMPORT || nb_str_eqz(name, "keras"));
}

/* What the name stands for: "m" + "x as y" of from m import x as y; only the first part of import a.b. */
static bool same_import(const nb_statement *a, const nb_statement *b, nb_str name)
{
    const nb_py_node *x = alias_of(a, name), *y = alias_of(b, name);
    if (!x || !y)
        return true; /* a try block is the fallback of the other */
    const nb_py_node *module_a = nb_py_get(a->node, NB_PY_FIELD_MODULE);
    const nb_py_node *module_b = nb_py_get(b->node, NB_PY_FIELD_MODULE);
    if (!module_a != !module_b)
        return false;
    if (module_a &&
        !nb_str_eq(nb_py_text(a->cell->tree, module_a), nb_py_text(b->cell->tree, module_b)))
        return false;
    if (!module_a && !nb_py_get(x, NB_PY_FIELD_ASNAME) && !nb_py_get(y, NB_PY_FIELD_ASNAME))
        return true; /* import a.b; import a.c: both bind a */
    return nb_str_eq(nb_py_text(a->cell->tree, x), nb_py_text(b->cell->tree, y));
}

/* An import moves to the top unless one of its names means something else in another statement. */
static bool may_hoist(const nb_graph *graph, const nb_statement *s)
{
    if (s->uses.star_import)
        return true; /* cannot stand in a function */
    for (size_t i = 0; i < s->uses.list.count; i++) {
        const nb_use *use = &s->uses.list.at[i];
        if (use->kind != NB_USE_BIND)
            continue;
        const nb_name *row = nb_graph_name(graph, use->name);
        if (!row || row->deleted)
            return !row;
        for (size_t k = 0; k < row->binders.count; k++)
            if (!nb_statement_is_import(row->binders.at[k]) ||
                !same_import(s, row->binders.at[k], use->name))
                return false;
    }
    return true;
}

/* `if device == "gpu": import cupy` depends on what ran before it, and stays there. */
static bool reads_only_imports(const nb_graph *graph, const nb_statement *s)
{
    for (size_t i = 0; i < s->uses.list.count; i++) {
        const nb_use *use = &s->uses.list.at[i];
        const nb_name *row = use->kind == NB_USE_READ ? nb_graph_name(graph, use->name) : NULL;
        for (size_t k = 0; row && k < row->binders.count; k++)
            if (!nb_statement_is_import(row->binders.at[k]))
                return false;
    }
    return true;
}

/* os.environ["X"] = "1", os.environ.setdefault("X", "1"): libraries read these when they are imported. */
static bool sets_environment(const nb_statement *s, nb_arena *arena)
{
    const nb_py_node *target = nb_py_get(s->node, NB_PY_FIELD_TARGET),
                     *value = nb_py_get(s->node, NB_PY_FIELD_VALUE);
    if (s->node->kind == NB_PY_ASSIGN)
        return target && target->kind == NB_PY_SUBSCRIPT && value && nb_py_is_literal(value) &&
               nb_str_eqz(nb_py_dotted(arena, s->cell->tree, nb_py_get(target, NB_PY_FIELD_VALUE)),
                          "os.environ");
    if (s->node->kind != NB_PY_EXPR || !value || value->kind != NB_PY_CALL)
        return false;
    if (!nb_str_eqz(nb_py_call_name(arena, s->cell->tree, value), "os.environ.setdefault"))
        return false;
    for (const nb_py_node *argument = value->child->next; argument; argument = argument->next)
        if (!nb_py_is_literal(argument))
            return false;
    return true;
}

/* sys.path.append(os.environ["LIB"]): what is imported below may lie there. */
static bool changes_search_path(const nb_statement *s, nb_arena *arena)
{
    static const char *const calls[] = {"sys.path.append", "sys.path.insert", "sys.path.extend",
                                        "site.addsitedir"};
    const nb_py_node *value = nb_py_get(s->node, NB_PY_FIELD_VALUE);
    if (s->node->kind != NB_PY_EXPR || !value || value->kind != NB_PY_CALL)
        return false;
    nb_str callee = nb_py_call_name(arena, s->cell->tree, value);
    for (size_t i = 0; i < NB_LEN(calls); i++)
        if (nb_str_eqz(callee, calls[i]))
            return true;
    return false;
}

/* --- literals that change ------------------------------------------------------------------------ */

static bool is_mutator(nb_str method)
{
    static const char *const names[] = {"add",        "append", "clear",   "discard", "extend",
                                        "insert",     "pop",    "popitem", "remove",  "reverse",
                                        "setdefault", "sort",   "update"};
    for (size_t i = 0; i < NB_LEN(names); i++)
        if (nb_str_eqz(method, names[i]))
            return true;
    return false;
}

/* x.append(…), x[i] = …, del x[i]: the name x, else NULL. */
static const nb_py_node *changed_in_place(const nb_py_tree *tree, const nb_py_node *node)
{
    const nb_py_node *base = NULL;
    if (node->kind == NB_PY_CALL) {
        const nb_py_node *func = nb_py_get(node, NB_PY_FIELD_FUNC);
        if (func->kind == NB_PY_ATTRIBUTE && is_mutator(nb_py_call_method(tree, node)))
            base = nb_py_get(func, NB_PY_FIELD_VALUE);
    } else if (node->kind == NB_PY_SUBSCRIPT && node->field == NB_PY_FIELD_TARGET) {
        base = nb_py_get(node, NB_PY_FIELD_VALUE);
    }
    while (base && base->kind == NB_PY_SUBSCRIPT)
        base = nb_py_get(base, NB_PY_FIELD_VALUE);
    return base && base->kind == NB_PY_NAME ? base : NULL;
}

static void find_changed(nb_graph *graph, nb_map *changed)
{
    for (size_t i = 0; i < graph->source->cell_count; i++) {
        const nb_source_cell *cell = &graph->source->cells[i];
        const nb_py_node *top = cell->tree->module;
        for (const nb_py_node *n = cell->tree->module; n; n = nb_py_next(top, n, false)) {
            const nb_py_node *name = changed_in_place(cell->tree, n);
            if (name)
                (void)nb_set_add(graph->source->arena, changed, nb_py_text(cell->tree, name));
        }
    }
}

/* --- purity ---------------------------------------------------------------------------------------- */

/* Calls that compute the same anywhere and quickly; `device` must be found anew on the serving machine. */
static bool is_probe(nb_str callee)
{
    static const char *const names[] = {"torch.device",
                                        "torch.cuda.is_available",
                                        "torch.backends.mps.is_available",
                                        "os.getenv",
                                        "os.environ.get",
                                        "os.path.join",
                                        "os.path.expanduser",
                                        "pathlib.Path",
                                        "Path",
                                        "re.compile",
                                        "logging.getLogger",
                                        "dict",
                                        "list",
                                        "tuple",
                                        "set",
                                        "frozenset",
                                        "range",
                                        "len",
                                        "str",
                                        "int",
                                        "float",
                                        "bool",
                                        "sorted",
                                        "min",
                                        "max",
                                        "sum",
                                        "abs",
                                        "round"};
    for (size_t i = 0; i < NB_LEN(names); i++)
        if (nb_str_eqz(callee, names[i]))
            return true;
    return false;
}

/* Expressions that are computable when their parts are; what is not listed is not. */
static const bool passes_on[NB_PY_KIND_COUNT] = {
    [NB_PY_NAME] = true,          [NB_PY_NUMBER] = true,    [NB_PY_CONSTANT] = true,
    [NB_PY_STRING] = true,        [NB_PY_ATTRIBUTE] = true, [NB_PY_UNARY] = true,
    [NB_PY_BINARY] = true,        [NB_PY_BOOL_OP] = true,   [NB_PY_COMPARE] = true,
    [NB_PY_CONDITIONAL] = true,   [NB_PY_TUPLE] = true,     [NB_PY_LIST] = true,
    [NB_PY_SET] = true,           [NB_PY_DICT] = true,      [NB_PY_PAIR] = true,
    [NB_PY_KEYWORD] = true,       [NB_PY_CALL] = true,      [NB_PY_LAMBDA] = true,
    [NB_PY_INTERPOLATION] = true,
};

static bool is_computable(nb_arena *arena, const nb_py_tree *tree, const nb_py_node *value)
{
    for (const nb_py_node *n = value; n; n = nb_py_next(value, n, n->kind == NB_PY_LAMBDA)) {
        if (!passes_on[n->kind])
            return false;
        if (n->kind == NB_PY_CALL && !is_probe(nb_py_call_name(arena, tree, n)))
            return false;
    }
    return true;
}

static bool bound_once(const nb_graph *graph, nb_str name, const nb_statement *s)
{
    const nb_name *row = nb_graph_name(graph, name);
    if (!row || row->deleted || row->binders.count > 1 || row->inference_binders.count > 1)
        return false;
    bool other = row->binders.count == 1 && row->inference_binders.count == 1 &&
                 row->binders.at[0] != row->inference_binders.at[0];
    (void)s;
    return !other;
}

static bool is_candidate(const nb_graph *graph, nb_statement *s)
{
    if (s->configured || s->uses.dynamic)
        return false;
    if (nb_statement_is_def(s))
        return bound_once(graph, nb_py_text(s->cell->tree, nb_py_get(s->node, NB_PY_FIELD_NAME)),
                          s);
    const nb_py_node *value;
    const nb_py_node *target = nb_statement_assigns(s, &value);
    if (!target || !bound_once(graph, nb_py_text(s->cell->tree, target), s))
        return false;
    s->literal = nb_py_is_literal(value);
    return s->literal || is_computable(graph->source->arena, s->cell->tree, value);
}

static bool is_settled(const nb_graph *graph, nb_str name, const nb_map *provided)
{
    const nb_name *row = nb_graph_name(graph, name);
    if (nb_map_has(provided, name))
        return false;
    const nb_statement *binder = NULL;
    if (row && row->binders.count > 0)
        binder = row->binders.at[row->binders.count - 1];
    else if (row && row->inference_binders.count > 0)
        binder = row->inference_binders.at[0];
    if (!binder)
        return true; /* a builtin, a star import's, or reported as missing */
    return binder->role == NB_ROLE_IMPORT || binder->pure;
}

static bool needs_are_settled(const nb_graph *graph, const nb_statement *s, const nb_map *provided)
{
    for (size_t i = 0; i < s->uses.list.count; i++)
        if (s->uses.list.at[i].kind == NB_USE_READ &&
            !is_settled(graph, s->uses.list.at[i].name, provided))
            return false;
    return true;
}

/* Start with every candidate and take away those that need something that is none, until nothing changes. */
static void find_pure(nb_graph *graph, const nb_map *provided)
{
    nb_source *source = graph->source;
    for (size_t i = 0; i < source->statement_count; i++)
        source->statements[i].pure = is_candidate(graph, &source->statements[i]);
    bool changed;
    do {
        changed = false;
        for (size_t i = 0; i < source->statement_count; i++) {
            nb_statement *s = &source->statements[i];
            if (s->pure && !needs_are_settled(graph, s, provided)) {
                s->pure = false;
                changed = true;
            }
        }
    } while (changed);
}

/* --- roles ------------------------------------------------------------------------------------------ */

static bool is_constant_name(nb_str name)
{
    bool letter = false;
    for (size_t i = 0; i < name.len; i++) {
        if (name.at[i] >= 'a' && name.at[i] <= 'z')
            return false;
        letter |= nb_is_alpha(name.at[i]);
    }
    return letter;
}

/* A constant leaves its place in the notebook only where a definition needs it, or its name says it is one. */
static bool starts_at_module_level(const nb_statement *s)
{
    const nb_py_node *value = NULL;
    const nb_py_node *target = nb_statement_assigns(s, &value);
    if (!target)
        return true; /* function or class */
    return value->kind == NB_PY_LAMBDA ||
           (is_constant_name(nb_py_text(s->cell->tree, target)) && !s->mutated);
}

static void lift(nb_graph *graph, nb_statement *s)
{
    if (s->role == NB_ROLE_DEFINITION || !s->pure)
        return;
    s->role = NB_ROLE_DEFINITION;
    for (size_t i = 0; i < s->uses.list.count; i++) {
        const nb_use *use = &s->uses.list.at[i];
        if (use->kind != NB_USE_READ && use->kind != NB_USE_READ_LATER)
            continue;
        const nb_name *row = nb_graph_name(graph, use->name);
        if (row && row->binders.count == 1)
            lift(graph, row->binders.at[0]);
    }
}

static void find_imports(nb_graph *graph)
{
    for (size_t i = 0; i < graph->source->statement_count; i++) {
        nb_statement *s = &graph->source->statements[i];
        if (s->role == NB_ROLE_DROPPED)
            continue;
        bool import =
            nb_statement_is_import(s) && may_hoist(graph, s) && reads_only_imports(graph, s);
        s->role = import ? NB_ROLE_IMPORT : NB_ROLE_ACTION;
    }
}

static void find_setups(nb_graph *graph)
{
    bool import_follows = false;
    for (size_t i = graph->train.count; i-- > 0;) {
        nb_statement *s = graph->train.at[i];
        import_follows |= s->role == NB_ROLE_IMPORT;
        if (!import_follows || s->in_guard || s->role == NB_ROLE_DROPPED)
            continue;
        if (sets_environment(s, graph->source->arena) ||
            (changes_search_path(s, graph->source->arena) && reads_only_imports(graph, s)))
            s->role = NB_ROLE_SETUP;
    }
}

void nb_purity_mark(nb_graph *graph, const nb_map *provided)
{
    nb_map changed = NB_MAP_INIT;
    find_changed(graph, &changed);
    find_imports(graph);
    find_setups(graph);
    find_pure(graph, provided);
    for (size_t i = 0; i < graph->source->statement_count; i++) {
        nb_statement *s = &graph->source->statements[i];
        const nb_py_node *target = nb_statement_assigns(s, NULL);
        s->mutated = target && nb_map_has(&changed, nb_py_text(s->cell->tree, target));
    }
    for (size_t i = 0; i < graph->train.count; i++)
        if (graph->train.at[i]->pure && starts_at_module_level(graph->train.at[i]))
            lift(graph, graph->train.at[i]);
}
