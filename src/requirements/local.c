#include "requirements/local.h"

#include "base/fs.h"
#include "base/path.h"
#include "py/facts.h"

enum { LARGEST_MODULE = 4 * 1024 * 1024, DEEPEST_PACKAGE = 8 };

typedef struct reader {
    nb_arena *arena;
    nb_str shown; /* the file, seen from the folder that modules are found in */
    const nb_py_tree *tree;
    nb_local_imports *out;
} reader;

static bool may_fail(const nb_py_node *node)
{
    for (const nb_py_node *n = node->parent; n; n = n->parent)
        if (n->kind == NB_PY_TRY || n->kind == NB_PY_IF || n->kind == NB_PY_FUNCTION)
            return true;
    return false;
}

static void add(reader *r, const nb_py_node *node, nb_str module, nb_str name)
{
    nb_module_use use = {
        .module = module,
        .name = name,
        .optional = may_fail(node),
        .spot = {.path = r->shown, .line = node->line}
    };
    nb_vec_push(r->arena, &r->out->list, use);
}

static bool is_relative(const reader *r, const nb_py_node *node)
{
    nb_str text = nb_py_text(r->tree, node);
    return nb_str_starts(nb_str_trim(nb_str_from_at(text, strlen("from"))), NB_STR("."));
}

static void add_from(reader *r, const nb_py_node *node)
{
    const nb_py_node *module = nb_py_get(node, NB_PY_FIELD_MODULE);
    if (!module || is_relative(r, node))
        return;
    for (const nb_py_node *n = node->child; n; n = n->next)
        if (n->kind == NB_PY_ALIAS)
            add(r, node, nb_py_text(r->tree, module), nb_py_text(r->tree, n->child));
        else if (n->kind == NB_PY_STAR_ALIAS)
            add(r, node, nb_py_text(r->tree, module), NB_STR(""));
}

static void read_file(reader *r, nb_str path)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT;
    nb_str text;
    if (nb_file_read(r->arena, path.at, LARGEST_MODULE, &text, &ignored) != NB_OK)
        return;
    r->tree = nb_py_parse(r->arena, text, NULL);
    const nb_py_node *top = r->tree->module;
    for (const nb_py_node *n = top; n && r->tree->errors.count == 0;
         n = nb_py_next(top, n, false)) {
        if (n->kind == NB_PY_IMPORT_FROM)
            add_from(r, n);
        else if (n->kind == NB_PY_ALIAS && n->parent->kind == NB_PY_IMPORT)
            add(r, n->parent, nb_py_text(r->tree, n->child), NB_STR(""));
    }
}

static void read_package(reader *r, nb_str folder, nb_str shown, unsigned depth)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT;
    nb_str *names = NULL;
    size_t count = 0;
    if (depth > DEEPEST_PACKAGE ||
        nb_dir_list(r->arena, folder.at, &names, &count, &ignored) != NB_OK)
        return;
    for (size_t i = 0; i < count; i++) {
        nb_str path = nb_path_join(r->arena, folder, names[i]);
        r->shown = nb_path_join(r->arena, shown, names[i]);
        if (nb_str_ends(names[i], NB_STR(".py")))
            read_file(r, path);
        else if (nb_is_file(nb_path_join(r->arena, path, NB_STR("__init__.py")).at))
            read_package(r, path, r->shown, depth + 1);
    }
}

void nb_local_imports_read(nb_arena *arena, nb_str folder, nb_str top, nb_local_imports *out)
{
    reader r = {.arena = arena, .out = out};
    nb_str package = nb_path_join(arena, folder, top);
    r.shown = nb_str_concat(arena, top, NB_STR(".py"));
    nb_str file = nb_path_join(arena, folder, r.shown);
    if (nb_is_dir(package.at))
        read_package(&r, package, top, 0);
    else
        read_file(&r, file);
}
