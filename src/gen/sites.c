#include "gen/sites.h"

#include "py/facts.h"

/* --- the walk ------------------------------------------------------------------------------------------------ */

static void note_import(nb_arena *arena, nb_sites *sites, nb_str name, nb_str stands_for)
{
    nb_str *stored = NB_NEW(arena, nb_str);
    *stored = stands_for;
    nb_map_put(arena, &sites->imports, name, stored);
}

/* `import a.b` binds a, `import a.b as c` binds c for a.b. */
static void note_module(nb_arena *arena, nb_sites *sites, const nb_py_tree *tree,
                        const nb_py_node *alias)
{
    nb_str dotted = nb_py_text(tree, alias->child), rest = dotted, top;
    const nb_py_node *as = nb_py_get(alias, NB_PY_FIELD_ASNAME);
    (void)nb_str_split(&rest, '.', &top);
    note_import(arena, sites, as ? nb_py_text(tree, as) : top, as ? dotted : top);
}

static void note_imports(nb_arena *arena, nb_sites *sites, const nb_py_tree *tree,
                         const nb_py_node *import)
{
    const nb_py_node *module = nb_py_get(import, NB_PY_FIELD_MODULE);
    for (const nb_py_node *alias = import->child; alias; alias = alias->next) {
        if (alias->kind != NB_PY_ALIAS)
            continue;
        if (import->kind == NB_PY_IMPORT) {
            note_module(arena, sites, tree, alias);
            continue;
        }
        const nb_py_node *as = nb_py_get(alias, NB_PY_FIELD_ASNAME);
        nb_str name = nb_py_text(tree, alias->child);
        nb_str dotted = nb_arena_printf(arena, NB_STR_FMT "." NB_STR_FMT,
                                        NB_STR_ARG(module ? nb_py_text(tree, module) : NB_STR("")),
                                        NB_STR_ARG(name));
        note_import(arena, sites, as ? nb_py_text(tree, as) : name, dotted);
    }
}

static bool is_exported(const nb_statement *s)
{
    return nb_statement_feeds_train(s) || nb_statement_feeds_inference(s);
}

static void collect(const nb_graph *graph, nb_sites *sites, const nb_statement *s)
{
    nb_arena *arena = graph->source->arena;
    const nb_py_tree *tree = s->cell->tree;
    nb_site site = {.statement = s, .exported = is_exported(s)};
    for (const nb_py_node *n = s->node; n; n = nb_py_next(s->node, n, false)) {
        site.node = n;
        if (n->kind == NB_PY_IMPORT || n->kind == NB_PY_IMPORT_FROM)
            note_imports(arena, sites, tree, n);
        else if (n->kind == NB_PY_CALL && site.exported)
            nb_vec_push(arena, &sites->calls.list, site);
        else if (n->kind == NB_PY_STRING && n->parent->kind != NB_PY_EXPR &&
                 !(n->string_flags & NB_PY_STRING_BYTES))
            nb_vec_push(arena, &sites->strings.list, site);
    }
}

nb_sites *nb_sites_find(const nb_graph *graph)
{
    nb_arena *arena = graph->source->arena;
    nb_sites *sites = NB_NEW(arena, nb_sites);
    for (size_t i = 0; i < graph->source->statement_count; i++)
        collect(graph, sites, &graph->source->statements[i]);
    for (size_t i = 0; i < sites->calls.list.count; i++) {
        nb_site *call = &sites->calls.list.at[i];
        const nb_py_tree *tree = call->statement->cell->tree;
        call->method = nb_py_call_method(tree, call->node);
        call->name = nb_sites_resolve(graph, sites, nb_py_call_name(arena, tree, call->node));
    }
    return sites;
}

/* --- names ----------------------------------------------------------------------------------------------------- */

static bool is_bound_otherwise(const nb_graph *graph, nb_str name)
{
    const nb_name *row = nb_graph_name(graph, name);
    for (size_t i = 0; row && i < row->binders.count; i++)
        if (!nb_statement_is_import(row->binders.at[i]))
            return true;
    return false;
}

nb_str nb_sites_resolve(const nb_graph *graph, const nb_sites *sites, nb_str dotted)
{
    nb_str rest = dotted, first;
    if (!nb_str_split(&rest, '.', &first))
        return dotted;
    const nb_str *stands_for = nb_map_get(&sites->imports, first);
    if (!stands_for || nb_str_eq(*stands_for, first) || is_bound_otherwise(graph, first))
        return dotted;
    return nb_str_concat(graph->source->arena, *stands_for, nb_str_from_at(dotted, first.len));
}

/* --- literals ---------------------------------------------------------------------------------------------------- */

/* What stands before the first field of an f-string; escapes are left as they are. */
static nb_str head_of(nb_str text)
{
    size_t start = 0;
    while (start < text.len && text.at[start] != '"' && text.at[start] != '\'')
        start++;
    size_t quotes = nb_str_slice(text, start, start + 3).len == 3 &&
                            text.at[start + 1] == text.at[start] &&
                            text.at[start + 2] == text.at[start]
                        ? 3
                        : 1;
    size_t end = start + quotes;
    while (end < text.len && text.at[end] != '{' && text.at[end] != text.at[start])
        end++;
    return nb_str_slice(text, start + quotes, end);
}

bool nb_sites_text(nb_arena *arena, const nb_statement *statement, const nb_py_node *string,
                   nb_literal *out)
{
    const nb_py_tree *tree = statement->cell->tree;
    *out = (nb_literal){.statement = statement, .node = string, .whole = true};
    if (string->kind != NB_PY_STRING || (string->string_flags & NB_PY_STRING_BYTES))
        return false;
    if (nb_py_string_value(arena, tree, string, &out->text))
        return true;
    out->text = head_of(nb_py_text(tree, string));
    out->whole = false;
    return true;
}

/* The value that the only statement binding a name gives it; NULL when there are several, or another kind of binding. */
static const nb_py_node *only_value(const nb_graph *graph, nb_str name, const nb_statement **owner)
{
    const nb_name *row = nb_graph_name(graph, name);
    const nb_py_node *value = NULL;
    if (!row || row->binders.count + row->inference_binders.count == 0)
        return NULL;
    *owner = row->binders.count > 0 ? row->binders.at[0] : row->inference_binders.at[0];
    for (size_t i = 0; i < row->binders.count; i++)
        if (row->binders.at[i] != *owner)
            return NULL;
    for (size_t i = 0; i < row->inference_binders.count; i++)
        if (row->inference_binders.at[i] != *owner)
            return NULL;
    return nb_statement_assigns(*owner, &value) ? value : NULL;
}

/* The part of a call that its value begins with; NULL when that cannot be told. */
static const nb_py_node *beginning_of_call(nb_arena *arena, const nb_py_tree *tree,
                                           const nb_py_node *call)
{
    static const char *const first_argument[] = {
        "os.path.join",      "path.join",          "join",       "Path",
        "pathlib.Path",      "PurePath",           "str",        "os.fspath",
        "pathlib.PosixPath", "os.path.expanduser", "expanduser", "os.path.abspath",
        "os.path.normpath",  "os.path.realpath"};
    static const char *const receiver[] = {"format",  "joinpath", "expanduser", "absolute",
                                           "resolve", "as_posix", "rstrip",     "strip"};
    nb_str name = nb_py_call_name(arena, tree, call), method = nb_py_call_method(tree, call);
    for (size_t i = 0; i < NB_LEN(first_argument); i++)
        if (nb_str_eqz(name, first_argument[i]))
            return nb_py_argument(tree, call, NULL, 0);
    if (call->child->kind != NB_PY_ATTRIBUTE)
        return NULL;
    for (size_t i = 0; i < NB_LEN(receiver); i++)
        if (nb_str_eqz(method, receiver[i]))
            return call->child->child;
    return NULL;
}

/* f"{folder}/x.csv": nothing but the prefix and the quotes stand before the first field. */
static bool starts_with_field(const nb_py_tree *tree, const nb_py_node *string)
{
    if (!(string->string_flags & NB_PY_STRING_FORMAT) || !string->child || !string->child->child)
        return false;
    nb_str before = nb_str_slice(tree->text, string->start, string->child->child->start);
    unsigned braces = 0;
    for (size_t i = 0; i < before.len; i++) {
        char c = before.at[i];
        braces += c == '{';
        if (c != '{' && c != '"' && c != '\'' && c != ' ' && !nb_is_alpha(c))
            return false;
    }
    return braces == 1;
}

nb_literal nb_sites_literal(const nb_graph *graph, const nb_statement *statement,
                            const nb_py_node *expression)
{
    nb_arena *arena = graph->source->arena;
    nb_literal found = {0};
    bool whole = true;
    enum { STEPS = 16 }; /* names may go round in a circle */
    for (int step = 0; expression && step < STEPS; step++) {
        const nb_py_tree *tree = statement->cell->tree;
        switch ((int)expression->kind) {
        case NB_PY_STRING:
            if (!nb_sites_text(arena, statement, expression, &found))
                return (nb_literal){0};
            found.whole &= whole;
            if (found.text.len > 0 || !starts_with_field(tree, expression))
                return found;
            whole = false;
            expression = expression->child->child;
            break;
        case NB_PY_BINARY:
            whole = false;
            expression = expression->child;
            break;
        case NB_PY_CALL:
            whole &= !nb_py_argument(tree, expression, NULL, 1);
            expression = beginning_of_call(arena, tree, expression);
            break;
        case NB_PY_NAME:
            expression = only_value(graph, nb_py_text(tree, expression), &statement);
            break;
        default: return (nb_literal){0};
        }
    }
    return (nb_literal){0};
}

bool nb_sites_is_rewritten(const nb_literal *literal)
{
    const nb_edits *edits = &literal->statement->cell->edits;
    for (size_t i = 0; i < edits->list.count; i++)
        if (edits->list.at[i].start < literal->node->end &&
            edits->list.at[i].end > literal->node->start)
            return true;
    return false;
}

/* --- what runs ----------------------------------------------------------------------------------------------------- */

bool nb_sites_is_in_function(const nb_statement *statement, const nb_py_node *node)
{
    for (const nb_py_node *n = node; n && n != statement->node; n = n->parent)
        if (n->parent && n->field == NB_PY_FIELD_BODY &&
            (n->parent->kind == NB_PY_FUNCTION || n->parent->kind == NB_PY_LAMBDA))
            return true;
    return false;
}

bool nb_sites_runs(const nb_graph *graph, const nb_site *site)
{
    const nb_statement *s = site->statement;
    if (!nb_statement_is_def(s) || !nb_sites_is_in_function(s, site->node))
        return true;
    const nb_py_node *name = nb_py_get(s->node, NB_PY_FIELD_NAME);
    const nb_name *row = nb_graph_name(graph, nb_py_text(s->cell->tree, name));
    for (size_t i = 0; row && i < row->readers.count; i++)
        if (row->readers.at[i] != s)
            return true;
    return false;
}

bool nb_sites_is_conditional(const nb_py_node *node, const nb_py_node *top)
{
    for (const nb_py_node *n = node; n != top; n = n->parent) {
        nb_py_kind above = n->parent->kind;
        bool test = n->field == NB_PY_FIELD_TEST;
        if (above == NB_PY_TRY || above == NB_PY_EXCEPT || above == NB_PY_CASE ||
            ((above == NB_PY_IF || above == NB_PY_CONDITIONAL) && !test) ||
            (above == NB_PY_BOOL_OP && n != n->parent->child))
            return true;
    }
    return false;
}
