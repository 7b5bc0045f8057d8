#include "gen/path_value.h"

#include "base/path.h"
#include "graph/graph.h"
#include "py/facts.h"

enum { DEEPEST = 12 };

typedef struct reader {
    const nb_source *source;
    const nb_source_cell *cell;
    nb_str here;
    unsigned depth;
} reader;

static bool value_of(reader r, const nb_py_node *node, nb_str *out);

/* --- names ---------------------------------------------------------------------------------------- */

static bool value_of_name(reader r, nb_str name, nb_str *out)
{
    const nb_source_cell *cell = NULL;
    const nb_py_node *found = NULL;
    for (size_t i = 0; i < r.source->statement_count; i++) {
        const nb_statement *s = &r.source->statements[i];
        const nb_py_node *value = NULL;
        if (!nb_statement_binds(s, name))
            continue;
        if (found || !nb_statement_assigns(s, &value))
            return false;
        found = value;
        cell = s->cell;
    }
    r.cell = cell;
    return found && value_of(r, found, out);
}

/* --- calls ---------------------------------------------------------------------------------------- */

static bool is_one_of(nb_str name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (nb_str_eqz(name, names[i]))
            return true;
    return false;
}

/* The arguments from the first on, joined as paths; `base` comes before them. */
static bool joined(reader r, const nb_py_node *call, nb_str base, nb_str *out)
{
    nb_str part;
    for (const nb_py_node *n = call->child->next; n; n = n->next) {
        if (n->kind == NB_PY_KEYWORD || n->kind == NB_PY_STARRED || !value_of(r, n, &part))
            return false;
        base = base.len == 0 ? part : nb_path_join(r.source->arena, base, part);
    }
    *out = base;
    return true;
}

static bool absolute(reader r, nb_str path, nb_str *out)
{
    if (nb_str_starts(path, NB_STR("~")))
        return false;
    *out = nb_path_clean(r.source->arena, nb_path_join(r.source->arena, r.here, path));
    return true;
}

static bool value_of_function(reader r, const nb_py_node *call, nb_str name, nb_str *out)
{
    static const char *const joins[] = {
        "os.path.join",     "path.join",         "join",     "Path",
        "pathlib.Path",     "PurePath",          "str",      "os.fspath",
        "pathlib.PurePath", "pathlib.PosixPath", "PosixPath"};
    static const char *const resolves[] = {"os.path.abspath", "path.abspath", "os.path.realpath",
                                           "path.realpath",   "abspath",      "realpath"};
    static const char *const cwds[] = {"os.getcwd", "Path.cwd", "pathlib.Path.cwd", "getcwd"};
    const nb_py_node *first = nb_py_argument(r.cell->tree, call, NULL, 0);
    if (is_one_of(name, cwds, NB_LEN(cwds))) {
        *out = r.here;
        return true;
    }
    if (is_one_of(name, joins, NB_LEN(joins))) {
        if (!first)
            *out = NB_STR(".");
        return !first || joined(r, call, NB_STR(""), out);
    }
    nb_str path;
    if (!first || !value_of(r, first, &path))
        return false;
    if (is_one_of(name, resolves, NB_LEN(resolves)))
        return absolute(r, path, out);
    if (nb_str_eqz(name, "os.path.dirname"))
        *out = nb_path_dir(path);
    else if (nb_str_eqz(name, "os.path.normpath"))
        *out = nb_path_clean(r.source->arena, path);
    else
        return false;
    return true;
}

static bool value_of_method(reader r, const nb_py_node *call, nb_str *out)
{
    nb_str name = nb_py_call_method(r.cell->tree, call), base;
    const nb_py_node *object = call->child->kind == NB_PY_ATTRIBUTE ? call->child->child : NULL;
    if (!object || !value_of(r, object, &base))
        return false;
    if (nb_str_eqz(name, "resolve") || nb_str_eqz(name, "absolute"))
        return absolute(r, base, out);
    if (nb_str_eqz(name, "joinpath"))
        return joined(r, call, base, out);
    *out = base;
    return nb_str_eqz(name, "as_posix");
}

static bool value_of_call(reader r, const nb_py_node *node, nb_str *out)
{
    nb_str name = nb_py_call_name(r.source->arena, r.cell->tree, node);
    return (name.len > 0 && value_of_function(r, node, name, out)) || value_of_method(r, node, out);
}

/* --- operators ------------------------------------------------------------------------------------- */

static bool value_of_binary(reader r, const nb_py_node *node, nb_str *out)
{
    nb_str left,
        right,
        operator=
            nb_str_trim(nb_str_slice(r.cell->tree->text, node->child->end, node->last->start));
    if (!value_of(r, node->child, &left) || !value_of(r, node->last, &right))
        return false;
    if (nb_str_eqz(operator, "/"))
        *out = nb_path_join(r.source->arena, left, right);
    else if (nb_str_eqz(operator, "+"))
        *out = nb_str_concat(r.source->arena, left, right);
    else
        return false;
    return true;
}

static bool value_of_attribute(reader r, const nb_py_node *node, nb_str *out)
{
    nb_str dotted = nb_py_dotted(r.source->arena, r.cell->tree, node);
    if (nb_str_eqz(dotted, "os.pardir") || nb_str_eqz(dotted, "os.path.pardir"))
        *out = NB_STR("..");
    else if (nb_str_eqz(dotted, "os.curdir") || nb_str_eqz(dotted, "os.path.curdir"))
        *out = NB_STR(".");
    else if (nb_str_eqz(nb_py_text(r.cell->tree, node->last), "parent") &&
             value_of(r, node->child, out))
        *out = nb_path_dir(*out);
    else
        return false;
    return true;
}

/* Path(...).parents[1] */
static bool value_of_item(reader r, const nb_py_node *node, nb_str *out)
{
    int64_t level;
    const nb_py_node *parents = node->child;
    if (parents->kind != NB_PY_ATTRIBUTE ||
        !nb_str_eqz(nb_py_text(r.cell->tree, parents->last), "parents") ||
        !nb_str_to_int(nb_py_text(r.cell->tree, node->last), &level) || level < 0 ||
        level > DEEPEST || !value_of(r, parents->child, out))
        return false;
    for (; level >= 0; level--)
        *out = nb_path_dir(*out);
    return true;
}

static bool value_of(reader r, const nb_py_node *node, nb_str *out)
{
    if (r.depth++ > DEEPEST)
        return false;
    if (node->kind == NB_PY_STRING)
        return nb_py_string_value(r.source->arena, r.cell->tree, node, out) &&
               !nb_str_contains(*out, NB_STR("://"));
    if (node->kind == NB_PY_NAME)
        return value_of_name(r, nb_py_text(r.cell->tree, node), out);
    if (node->kind == NB_PY_CALL)
        return value_of_call(r, node, out);
    if (node->kind == NB_PY_BINARY)
        return value_of_binary(r, node, out);
    if (node->kind == NB_PY_ATTRIBUTE)
        return value_of_attribute(r, node, out);
    return node->kind == NB_PY_SUBSCRIPT && value_of_item(r, node, out);
}

bool nb_path_value(const nb_source *source, const nb_source_cell *cell, const nb_py_node *node,
                   nb_str here, nb_str *out)
{
    nb_str found;
    if (!value_of((reader){source, cell, here, 0}, node, &found))
        return false;
    *out = found;
    return true;
}
