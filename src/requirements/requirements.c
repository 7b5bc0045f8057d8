#include "requirements/requirements.h"

#include "base/fs.h"
#include "base/map.h"
#include "base/path.h"
#include "py/modules.h"
#include "requirements/installed.h"
#include "requirements/list.h"
#include "requirements/local.h"

#include <stdlib.h>

/* What the construction of one requirements.txt knows. */
typedef struct builder {
    nb_arena *arena;
    const nb_requirements_input *input;
    nb_diags *diags;
    nb_wanted_list wanted;
    nb_installed *installed;
    nb_map seen; /* dotted names that were looked at */
    nb_map told; /* modules with a finding */
    nb_map local;
    NB_VEC(nb_str) unpinned;
} builder;

static nb_str top_of(nb_str dotted)
{
    ptrdiff_t dot = nb_str_find_char(dotted, '.');
    return dot < 0 ? dotted : nb_str_slice(dotted, 0, (size_t)dot);
}

/* `from google.cloud import storage` asks for google.cloud.storage. */
static nb_str dotted_of(nb_arena *arena, const nb_module_use *use)
{
    if (use->name.len == 0 || nb_str_eqz(use->name, "*"))
        return use->module;
    return nb_arena_printf(arena, NB_STR_FMT "." NB_STR_FMT, NB_STR_ARG(use->module),
                           NB_STR_ARG(use->name));
}

/* --- modules of the project -------------------------------------------------------------------- */

static bool has_file(builder *b, nb_str folder, nb_str name, const char *rest)
{
    nb_str path = nb_arena_printf(b->arena, NB_STR_FMT "/" NB_STR_FMT "%s", NB_STR_ARG(folder),
                                  NB_STR_ARG(name), rest);
    return nb_is_file(path.at);
}

/* A file or package beside the notebook, which Python finds before anything installed. */
static bool is_local(builder *b, nb_str top)
{
    const nb_requirements_input *in = b->input;
    for (size_t i = 0; i < in->source_folder_count; i++)
        if (has_file(b, in->source_folders[i], top, ".py") ||
            has_file(b, in->source_folders[i], top, "/__init__.py"))
            return true;
    return false;
}

/* A folder of modules without __init__.py, which Python finds after everything installed. */
static bool is_local_namespace(builder *b, nb_str top)
{
    const nb_requirements_input *in = b->input;
    for (size_t i = 0; i < in->source_folder_count; i++) {
        NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* not a folder: no modules in it */
        nb_str *names = NULL;
        size_t count = 0;
        nb_str folder = nb_path_join(b->arena, in->source_folders[i], top);
        if (nb_dir_list(b->arena, folder.at, &names, &count, &ignored) != NB_OK)
            continue;
        for (size_t n = 0; n < count; n++)
            if (nb_str_ends(names[n], NB_STR(".py")))
                return true;
    }
    return false;
}

/* --- findings ---------------------------------------------------------------------------------- */

/* One finding for a module is enough. */
static bool is_first(builder *b, nb_str module)
{
    return nb_set_add(b->arena, &b->told, module);
}

static void tell_relative(builder *b, const nb_module_use *use)
{
    if (!is_first(b, NB_STR(".")))
        return;
    nb_diag *diag = nb_diag_add(b->diags, NB_D_LOCAL_MODULE, use->spot,
                                "a relative import has no package to start from in a script");
    nb_diag_help(b->diags, diag, "import the module by its own name");
}

static void tell_platform(builder *b, const nb_module_use *use, nb_str dotted, nb_str platform,
                          nb_str advice)
{
    if (use->optional || !is_first(b, advice))
        return;
    nb_diag *diag = nb_diag_add(b->diags, NB_D_PLATFORM_MODULE, use->spot,
                                "'" NB_STR_FMT "' exists only on " NB_STR_FMT, NB_STR_ARG(dotted),
                                NB_STR_ARG(platform));
    nb_diag_help(b->diags, diag, NB_STR_FMT, NB_STR_ARG(advice));
}

static void tell_stdlib_changed(builder *b, const nb_module_use *use, nb_str top)
{
    if (use->optional || !is_first(b, top))
        return;
    nb_diag *diag = nb_diag_add(b->diags, NB_D_STDLIB_CHANGED, use->spot,
                                "'" NB_STR_FMT "' is not in the standard library of Python 3.%u",
                                NB_STR_ARG(top), b->input->minor);
    nb_str hint = nb_module_hint(top);
    if (hint.len > 0)
        nb_diag_help(b->diags, diag, NB_STR_FMT, NB_STR_ARG(hint));
    else
        nb_diag_help(b->diags, diag, "choose another Python with 'python:' or --python");
}

static void tell_unresolved(builder *b, const nb_module_use *use, nb_str dotted)
{
    nb_str top = top_of(dotted), hint = nb_module_hint(dotted);
    if (use->optional || !is_first(b, top))
        return;
    nb_diag *diag =
        nb_diag_add(b->diags, NB_D_UNRESOLVED_IMPORT, use->spot,
                    "no known distribution provides '" NB_STR_FMT "'", NB_STR_ARG(use->module));
    if (hint.len > 0)
        nb_diag_help(b->diags, diag, NB_STR_FMT, NB_STR_ARG(hint));
    else
        nb_diag_help(b->diags, diag,
                     "name what provides it in a cell tagged 'requirements', or put '" NB_STR_FMT
                     ".py' beside the notebook",
                     NB_STR_ARG(top));
}

static void tell_optional(builder *b, const nb_module_use *use, nb_str name)
{
    if (!is_first(b, name))
        return;
    nb_diag *diag = nb_diag_add(b->diags, NB_D_UNRESOLVED_IMPORT, use->spot,
                                "'" NB_STR_FMT
                                "' is not required: its import is optional and it is not installed",
                                NB_STR_ARG(name));
    diag->severity = NB_SEVERITY_INFO;
    nb_diag_help(b->diags, diag, "name it in a cell tagged 'requirements' to have it");
}

static void tell_local_project(builder *b, const nb_module_use *use, nb_str name)
{
    if (!is_first(b, name))
        return;
    nb_diag *diag =
        nb_diag_add(b->diags, NB_D_LOCAL_MODULE, use->spot,
                    "'" NB_STR_FMT "' is left out: it was installed from a path on this machine",
                    NB_STR_ARG(name));
    nb_diag_help(
        b->diags, diag,
        "name its repository in a cell tagged 'requirements', or its folder in 'include:'");
}

static nb_str quoted_names(builder *b)
{
    NB_AUTO(nb_buf) buf = NB_BUF_INIT(NB_BUF_TEXT);
    for (size_t i = 0; i < b->unpinned.count; i++) {
        const char *between = i == 0 ? "" : i + 1 == b->unpinned.count ? " and " : ", ";
        nb_buf_printf(&buf, "%s'" NB_STR_FMT "'", between, NB_STR_ARG(b->unpinned.at[i]));
    }
    return nb_arena_str(b->arena, nb_buf_view(&buf));
}

static void tell_unpinned(builder *b)
{
    bool any_python = false;
    for (size_t i = 0; i < NB_LEN(b->input->site_packages); i++)
        any_python = any_python || b->input->site_packages[i].len > 0;
    if (b->unpinned.count == 0)
        return;
    nb_diag *diag = nb_diag_add(b->diags, NB_D_UNPINNED, (nb_spot){0},
                                "no version is known for " NB_STR_FMT, NB_STR_ARG(quoted_names(b)));
    nb_diag_help(
        b->diags, diag,
        any_python
            ? "install them in the chosen Python, or pin them in a cell tagged 'requirements'"
            : "choose the notebook's Python with 'python:' or --python, or pin them in a "
              "cell tagged 'requirements'");
}

/* --- adding ------------------------------------------------------------------------------------ */

static void add_unpinned(builder *b, nb_str name)
{
    nb_vec_push(b->arena, &b->unpinned, name);
    nb_wanted_infer(&b->wanted, name, name);
}

static void add_installed(builder *b, const nb_distribution *found)
{
    const char *between = found->address.len > 0 ? " @ " : "==";
    nb_str rest = found->address.len > 0 ? found->address : found->version;
    if (nb_wanted_has(&b->wanted, found->name))
        return;
    if (rest.len == 0)
        add_unpinned(b, found->name);
    else
        nb_wanted_infer(&b->wanted, found->name,
                        nb_arena_printf(b->arena, NB_STR_FMT "%s" NB_STR_FMT,
                                        NB_STR_ARG(found->name), between, NB_STR_ARG(rest)));
}

/* A project by name: as it is installed, else without a version. */
static void add_project(builder *b, nb_str name)
{
    nb_distribution found;
    if (nb_wanted_has(&b->wanted, name))
        return;
    if (nb_installed_project(b->installed, name, &found))
        add_installed(b, &found);
    else
        add_unpinned(b, name);
}

static void add_implied(builder *b, const nb_module_use *use, nb_str dotted)
{
    nb_str name = nb_module_implies(dotted);
    if (name.len == 0 || use->optional || nb_wanted_has(&b->wanted, name))
        return;
    (void)nb_diag_add(b->diags, NB_D_IMPLIED_REQUIREMENT, use->spot,
                      "'" NB_STR_FMT "' is added: '" NB_STR_FMT "' needs it", NB_STR_ARG(name),
                      NB_STR_ARG(dotted));
    add_project(b, name);
}

/* --- one import -------------------------------------------------------------------------------- */

/* False when the environment knows nothing about the module. */
static bool take_installed(builder *b, const nb_module_use *use, nb_str dotted)
{
    nb_distribution found;
    if (!nb_installed_module(b->installed, dotted, &found))
        return false;
    bool known = nb_str_eq(found.name, nb_module_distribution(b->arena, dotted));
    if (found.local && !known && !nb_wanted_has(&b->wanted, found.name))
        tell_local_project(b, use, found.name);
    else
        add_installed(b, &found);
    return true;
}

static void take_known(builder *b, const nb_module_use *use, nb_str dotted)
{
    nb_str top = top_of(dotted), name = nb_module_distribution(b->arena, dotted);
    if (nb_module_left_stdlib(top, b->input->minor))
        tell_stdlib_changed(b, use, top);
    else if (name.len > 0 && use->optional && !nb_wanted_has(&b->wanted, name))
        tell_optional(b, use, name);
    else if (name.len > 0)
        add_project(b, name);
    else if (is_local_namespace(b, top))
        (void)nb_set_add(b->arena, &b->local, top);
    else
        tell_unresolved(b, use, dotted);
}

static void take(builder *b, const nb_module_use *use)
{
    if (use->module.len == 0 || use->module.at[0] == '.') {
        tell_relative(b, use);
        return;
    }
    nb_str dotted = dotted_of(b->arena, use), top = top_of(dotted), platform;
    if (!nb_set_add(b->arena, &b->seen, dotted))
        return;
    if (is_local(b, top)) {
        (void)nb_set_add(b->arena, &b->local, top);
        return;
    }
    if (nb_module_is_stdlib(top, b->input->minor))
        return;
    nb_str advice = nb_module_platform_advice(dotted, &platform);
    if (advice.len > 0) {
        tell_platform(b, use, dotted, platform, advice);
        return;
    }
    if (!nb_wanted_provides(&b->wanted, dotted) && !take_installed(b, use, dotted))
        take_known(b, use, dotted);
    add_implied(b, use, dotted);
}

/* Imports that must succeed come first: an optional one of the same module then adds nothing. */
static void take_all(builder *b, bool optional)
{
    for (size_t i = 0; i < b->input->use_count; i++)
        if (b->input->uses[i].optional == optional)
            take(b, &b->input->uses[i]);
}

/* The project's modules import as well, each other included: the list grows while it is read. */
static void take_local(builder *b)
{
    const nb_requirements_input *in = b->input;
    nb_local_imports imports = {0};
    size_t taken = 0;
    for (size_t i = 0; i < b->local.count; i++) {
        for (size_t k = 0; k < in->source_folder_count; k++)
            nb_local_imports_read(b->arena, in->source_folders[k], b->local.rows[i].key, &imports);
        for (; taken < imports.list.count; taken++)
            take(b, &imports.list.at[taken]);
    }
}

/* `pip install sklearn` with `import sklearn`: the project of that name is another one, or none. */
static void tell_wrong_projects(builder *b)
{
    for (size_t i = 0; i < b->input->use_count; i++) {
        const nb_module_use *use = &b->input->uses[i];
        nb_str top = top_of(use->module), name = nb_distribution_normal(b->arena, top);
        nb_str right = nb_module_distribution(b->arena, top);
        if (right.len == 0 || nb_module_provided_by(b->arena, top, name) ||
            !nb_wanted_has(&b->wanted, name) || !is_first(b, name))
            continue;
        nb_diag *diag =
            nb_diag_add(b->diags, NB_D_WRONG_PROJECT, use->spot,
                        "the project '" NB_STR_FMT "' does not provide the module '" NB_STR_FMT "'",
                        NB_STR_ARG(name), NB_STR_ARG(top));
        nb_diag_help(b->diags, diag, "ask for '" NB_STR_FMT "' instead", NB_STR_ARG(right));
    }
}

static int by_text(const void *a, const void *b)
{
    return nb_str_cmp(*(const nb_str *)a, *(const nb_str *)b);
}

static void finish_local(builder *b, nb_requirements *out)
{
    nb_str *names = NB_NEW_ARRAY(b->arena, nb_str, b->local.count);
    for (size_t i = 0; i < b->local.count; i++)
        names[i] = b->local.rows[i].key;
    qsort(names, b->local.count, sizeof(*names), by_text);
    out->local_modules = names;
    out->local_module_count = b->local.count;
}

nb_requirements nb_requirements_build(nb_arena *arena, const nb_requirements_input *input,
                                      nb_diags *diags)
{
    builder b = {.arena = arena, .input = input, .diags = diags};
    b.wanted = (nb_wanted_list){.arena = arena,
                                .diags = diags,
                                .folders = input->source_folders,
                                .folder_count = input->source_folder_count};
    b.installed = nb_installed_open(arena, input->site_packages, NB_LEN(input->site_packages));
    for (size_t i = 0; i < input->asked_count; i++)
        nb_wanted_ask(&b.wanted, &input->asked[i]);
    take_all(&b, false);
    take_all(&b, true);
    take_local(&b);
    if (input->tracking && !nb_wanted_provides(&b.wanted, NB_STR("mlflow")))
        add_project(&b, NB_STR("mlflow"));
    tell_wrong_projects(&b);
    tell_unpinned(&b);
    nb_requirements out = {0};
    finish_local(&b, &out);
    nb_wanted_finish(&b.wanted, &out);
    return out;
}
