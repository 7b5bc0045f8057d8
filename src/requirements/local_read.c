/* What the project's own files import. */
#include "base/fs.h"
#include "base/path.h"
#include "py/facts.h"
#include "requirements/code.h"
#include "requirements/local_parts.h"
#include "text/utf8.h"

typedef struct reader {
    nb_local *local;
    const nb_local_module *module;
    const nb_py_tree *tree;
    nb_str shown;
} reader;

/* --- text -------------------------------------------------------------------------------------- */

bool nb_local_text(const nb_local *local, nb_str path, nb_str *text)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* not there or too large: the same to callers */
    const nb_local_file *written = nb_map_get(&local->written, path);
    if (written)
        *text = written->text;
    return written || nb_file_read(local->arena, nb_arena_z(local->arena, path), NB_LOCAL_LARGEST,
                                   text, &ignored) == NB_OK;
}

/* As the parser wants it: no byte-order mark, LF. False when it is not UTF-8. */
static bool clean(nb_arena *arena, nb_str text, nb_str *out)
{
    if (nb_str_starts(text, NB_STR("\xEF\xBB\xBF")))
        text = nb_str_from_at(text, 3);
    if (nb_utf8_valid(text) != text.len)
        return false;
    char *copy = nb_arena_alloc(arena, text.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        bool crlf = text.at[i] == '\r' && i + 1 < text.len && text.at[i + 1] == '\n';
        if (!crlf)
            copy[len++] = text.at[i] == '\r' ? '\n' : text.at[i];
    }
    *out = (nb_str){copy, len};
    return true;
}

/* --- one import ---------------------------------------------------------------------------------- */

/* In a function, or in a block that may not run or may fail. */
static bool may_fail(const nb_py_node *node)
{
    for (const nb_py_node *n = node->parent; n; n = n->parent)
        if (n->kind == NB_PY_TRY || n->kind == NB_PY_IF || n->kind == NB_PY_FUNCTION)
            return true;
    return false;
}

static nb_module_use use_of(const reader *r, const nb_py_node *node, nb_str module, nb_str name)
{
    nb_str line = nb_str_line_at(r->tree->text, node->line);
    return (nb_module_use){
        .module = module,
        .name = name,
        .optional = may_fail(node),
        .spot = {.path = r->shown, .line = node->line, .column = 1, .source = line}
    };
}

static void add(const reader *r, const nb_py_node *node, nb_str module, nb_str name)
{
    nb_vec_push(r->local->arena, &r->local->imports, use_of(r, node, module, name));
}

/* "..a.b" as it stands behind `from`; dots alone for `from . import x`. */
static nb_str module_text(const reader *r, const nb_py_node *node)
{
    const nb_py_node *module = nb_py_get(node, NB_PY_FIELD_MODULE);
    nb_str text = nb_str_trim(nb_str_from_at(nb_py_text(r->tree, node), strlen("from")));
    nb_str name = module ? nb_py_text(r->tree, module) : NB_STR("");
    size_t dots = 0;
    for (size_t i = 0; i < text.len && (text.at[i] == '.' || text.at[i] == ' '); i++)
        dots += text.at[i] == '.';
    while (nb_str_starts(name, NB_STR(".")))
        name = nb_str_trim(nb_str_from_at(name, 1));
    char *out = nb_arena_z(r->local->arena, nb_str_slice(text, 0, dots));
    memset(out, '.', dots);
    return nb_str_concat(r->local->arena, (nb_str){out, dots}, name);
}

/* The dotted name that a relative one stands for; false when it leaves the outermost package. */
static bool resolve(const reader *r, nb_str relative, nb_str *out)
{
    nb_str package = r->module->dotted, rest = NB_STR("");
    bool inside = r->module->kind == NB_LOCAL_IS_PACKAGE;
    for (size_t i = 0; i < relative.len; i++) {
        if (relative.at[i] == ' ')
            continue;
        if (relative.at[i] != '.') {
            rest = nb_str_from_at(relative, i);
            break;
        }
        ptrdiff_t dot = nb_str_rfind_char(package, '.');
        if (!inside && dot < 0)
            return false;
        if (!inside)
            package = nb_str_slice(package, 0, (size_t)dot);
        inside = false;
    }
    *out = rest.len == 0 ? package
                         : nb_arena_printf(r->local->arena, NB_STR_FMT "." NB_STR_FMT,
                                           NB_STR_ARG(package), NB_STR_ARG(rest));
    return true;
}

static void follow_relative(const reader *r, const nb_py_node *node, nb_str relative, nb_str name)
{
    nb_module_use use = use_of(r, node, relative, name);
    if (resolve(r, relative, &use.module)) {
        nb_local_follow(r->local, &use);
        return;
    }
    if (use.optional)
        return;
    nb_diag *diag = nb_diag_add(r->local->diags, NB_D_MISSING_MODULE, use.spot,
                                "'" NB_STR_FMT "' is a relative import, and '" NB_STR_FMT
                                "' is in no package that has it",
                                NB_STR_ARG(relative), NB_STR_ARG(r->shown));
    nb_diag_help(r->local->diags, diag, "import the module by its own name");
}

static void add_from(const reader *r, const nb_py_node *node)
{
    nb_str module = module_text(r, node);
    bool relative = nb_str_starts(module, NB_STR("."));
    for (const nb_py_node *n = node->child; n; n = n->next) {
        if (n->kind != NB_PY_ALIAS && n->kind != NB_PY_STAR_ALIAS)
            continue;
        nb_str name = n->kind == NB_PY_ALIAS ? nb_py_text(r->tree, n->child) : NB_STR("*");
        if (relative)
            follow_relative(r, node, module, name);
        else
            add(r, node, module, name);
    }
}

/* --- one file -------------------------------------------------------------------------------------- */

/* `import pkg.x` by a name made at run time: then any module of the package may be meant. */
static bool imports_by_name(nb_str text)
{
    return nb_str_contains(text, NB_STR("import_module(")) ||
           nb_str_contains(text, NB_STR("__import__(")) ||
           nb_str_contains(text, NB_STR("iter_modules(")) ||
           nb_str_contains(text, NB_STR("walk_packages("));
}

static bool is_test(nb_str name)
{
    return nb_str_starts(name, NB_STR("tests/")) || nb_str_starts(name, NB_STR("test/")) ||
           nb_str_contains(name, NB_STR("/tests/")) || nb_str_contains(name, NB_STR("/test/"));
}

/* Loads every module of the package that the file lies in. */
static void load_all(const reader *r)
{
    nb_local *local = r->local;
    const nb_local_unit *unit = &r->module->unit;
    if (!unit->folder || !nb_set_add(local->arena, &local->whole, unit->name))
        return;
    nb_local_names names = nb_local_walk_all(local, unit->disk);
    for (size_t i = 0; i < names.list.count; i++) {
        nb_str name = names.list.at[i], missing;
        if (!nb_str_ends(name, NB_STR(".py")) || is_test(name))
            continue;
        nb_str path =
            nb_path_join(local->arena, unit->name, nb_str_slice(name, 0, name.len - strlen(".py")));
        if (nb_str_eqz(nb_path_base(path), "__init__"))
            path = nb_path_dir(path);
        char *dotted = nb_arena_z(local->arena, path);
        for (size_t k = 0; k < path.len; k++)
            dotted[k] = dotted[k] == '/' ? '.' : dotted[k];
        (void)nb_local_load(local, (nb_str){dotted, path.len}, &missing);
    }
}

/* A file that Python refuses fails where it is imported: the first error tells. */
static void tell_broken(const reader *r)
{
    const nb_py_error *error = &r->tree->errors.at[0];
    nb_spot spot = {.path = r->shown,
                    .line = error->line,
                    .column = 1,
                    .source = nb_str_line_at(r->tree->text, error->line)};
    nb_diag *diag =
        nb_diag_add(r->local->diags, error->min_minor ? NB_D_PYTHON_VERSION : NB_D_SYNTAX_ERROR,
                    spot, NB_STR_FMT, NB_STR_ARG(error->message));
    if (error->min_minor)
        nb_diag_help(r->local->diags, diag, "set 'python: 3.%u' for this experiment",
                     error->min_minor);
    else
        nb_diag_help(r->local->diags, diag, "correct the file: the scripts import it");
}

/* In functions they count as well: a module is imported for them. */
static void add_needed(const reader *r)
{
    nb_arena *arena = r->local->arena;
    nb_code_names names = {0};
    nb_code_names_add(arena, &names, r->tree);
    nb_code_needs needs = nb_code_needs_find(arena, r->tree, r->tree->module, &names);
    for (size_t i = 0; i < needs.list.count; i++) {
        const nb_code_need *need = &needs.list.at[i];
        nb_spot spot = {.path = r->shown, .line = need->node->line};
        nb_vec_push(arena, &r->local->needed,
                    (nb_needed){need->needs, need->what, need->certain, spot});
    }
}

void nb_local_read(nb_local *local, const nb_local_module *module)
{
    nb_py_options options = {.minor = local->options.minor};
    reader r = {.local = local, .module = module, .shown = nb_local_shown(local, module->path)};
    nb_str text;
    if (!nb_local_text(local, module->path, &text) || !clean(local->arena, text, &text))
        return; /* the script that imports it will say so */
    r.tree = nb_py_parse(local->arena, text, &options);
    if (r.tree->errors.count > 0) {
        tell_broken(&r);
        return;
    }
    const nb_py_node *top = r.tree->module;
    for (const nb_py_node *n = top; n; n = nb_py_next(top, n, false)) {
        if (n->kind == NB_PY_IMPORT_FROM)
            add_from(&r, n);
        else if (n->kind == NB_PY_ALIAS && n->parent->kind == NB_PY_IMPORT)
            add(&r, n->parent, nb_py_text(r.tree, n->child), NB_STR(""));
    }
    add_needed(&r);
    if (imports_by_name(text))
        load_all(&r);
}
