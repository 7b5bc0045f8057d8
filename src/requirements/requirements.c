#include "requirements/requirements.h"

#include "base/fs.h"
#include "base/map.h"
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
    nb_local *local;
    nb_map tops; /* modules of the project, by their first name */
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

/* --- findings ---------------------------------------------------------------------------------- */

/* One finding for a module is enough. */
static bool is_first(builder *b, nb_str module)
{
    return nb_set_add(b->arena, &b->told, module);
}

static void tell_relative(builder *b, const nb_module_use *use)
{
    nb_str name = use->module;
    while (nb_str_starts(name, NB_STR(".")))
        name = nb_str_from_at(name, 1);
    if (use->optional || !is_first(b, NB_STR(".")))
        return;
    nb_diag *diag = nb_diag_add(b->diags, NB_D_MISSING_MODULE, use->spot,
                                "a relative import has no package to start from in a script");
    if (name.len > 0 && nb_local_find(b->local, name) != NB_LOCAL_NOWHERE)
        nb_diag_help(b->diags, diag,
                     "leave out the dots: 'from " NB_STR_FMT " import ...' finds it",
                     NB_STR_ARG(name));
    else
        nb_diag_help(b->diags, diag, "import the module by its own name");
}

static void tell_travels(builder *b, const nb_module_use *use, nb_str top)
{
    if (!nb_set_add(b->arena, &b->tops, top))
        return;
    nb_diag *diag = nb_diag_add(
        b->diags, NB_D_LOCAL_MODULE, use->spot,
        "'" NB_STR_FMT "' is the project's own: it travels with the scripts", NB_STR_ARG(top));
    diag->severity = NB_SEVERITY_INFO;
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

/* The folder that the code puts on sys.path and that is not there; NULL when there is none. */
static const nb_local_folder *lost_folder(const builder *b)
{
    const nb_local_options *options = &b->local->options;
    for (size_t i = 0; i < options->folder_count; i++)
        if (options->folders[i].stated && !nb_is_dir(options->folders[i].path.at))
            return &options->folders[i];
    return NULL;
}

/* Names that people give to files of their own. */
static bool is_helper_name(nb_str top)
{
    static const char *const names[] = {"common",           "commons",
                                        "config_utils",     "custom_utils",
                                        "data_utils",       "dataset_utils",
                                        "eval_utils",       "helper",
                                        "helper_functions", "helper_utils",
                                        "helpers",          "local_utils",
                                        "model_utils",      "myutils",
                                        "nb_utils",         "plot_utils",
                                        "plotting_utils",   "preprocess_utils",
                                        "project_utils",    "src",
                                        "train_utils",      "util",
                                        "utilities",        "utils",
                                        "viz_utils"};
    for (size_t i = 0; i < NB_LEN(names); i++)
        if (nb_str_eqz(top, names[i]))
            return true;
    return nb_str_starts(top, NB_STR("my_"));
}

/* A module that no project publishes and that is not beside the notebook either. False when it may be anything else. */
static bool tell_missing(builder *b, const nb_module_use *use, nb_str top)
{
    const nb_local_folder *lost = lost_folder(b);
    if ((!lost && !is_helper_name(top)) || nb_wanted_may_provide_any(&b->wanted))
        return false;
    nb_diag *diag = nb_diag_add(b->diags, NB_D_MISSING_MODULE, use->spot,
                                "there is no module '" NB_STR_FMT "'", NB_STR_ARG(top));
    if (lost)
        nb_diag_help(b->diags, diag,
                     "make the folder '" NB_STR_FMT
                     "' that sys.path names available: it is not there",
                     NB_STR_ARG(lost->shown));
    else
        nb_diag_help(b->diags, diag,
                     "put '" NB_STR_FMT
                     ".py' beside the notebook, or name what provides it in a cell tagged "
                     "'requirements'",
                     NB_STR_ARG(top));
    return true;
}

static void tell_unresolved(builder *b, const nb_module_use *use, nb_str dotted)
{
    nb_str top = top_of(dotted), hint = nb_module_hint(dotted);
    if (use->optional || !is_first(b, top) || (hint.len == 0 && tell_missing(b, use, top)))
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

static void take_local(builder *b, const nb_module_use *use, nb_str top)
{
    tell_travels(b, use, top);
    nb_local_take(b->local, use);
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
    else if (nb_local_find(b->local, dotted) == NB_LOCAL_LAST)
        take_local(b, use, top);
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
    nb_local_where where = nb_local_find(b->local, dotted);
    if (where == NB_LOCAL_EARLY) {
        take_local(b, use, top);
        return;
    }
    if (nb_module_is_stdlib(top, b->input->minor))
        return;
    if (where == NB_LOCAL_LATE && !nb_wanted_provides(&b->wanted, dotted)) {
        take_local(b, use, top);
        return;
    }
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
static void take_local_imports(builder *b)
{
    for (size_t i = 0; i < b->local->imports.count; i++) {
        const nb_module_use use = b->local->imports.at[i];
        take(b, &use);
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
    nb_str *names = NB_NEW_ARRAY(b->arena, nb_str, b->tops.count);
    for (size_t i = 0; i < b->tops.count; i++)
        names[i] = b->tops.rows[i].key;
    qsort(names, b->tops.count, sizeof(*names), by_text);
    out->local_modules = names;
    out->local_module_count = b->tops.count;
}

/* Without a search path of the notebook's the source folders are it. */
static nb_local *local_of(nb_arena *arena, const nb_requirements_input *input, nb_diags *diags)
{
    if (input->local)
        return input->local;
    nb_local_folder *folders = NB_NEW_ARRAY(arena, nb_local_folder, input->source_folder_count + 1);
    for (size_t i = 0; i < input->source_folder_count; i++)
        folders[i] =
            (nb_local_folder){input->source_folders[i], input->source_folders[i], true, false};
    nb_local_options options = {
        .folders = folders, .folder_count = input->source_folder_count, .minor = input->minor};
    if (options.folder_count > 0)
        options.root = folders[0].path;
    return nb_local_open(arena, &options, diags);
}

nb_requirements nb_requirements_build(nb_arena *arena, const nb_requirements_input *input,
                                      nb_diags *diags)
{
    builder b = {.arena = arena, .input = input, .diags = diags};
    b.wanted = (nb_wanted_list){.arena = arena,
                                .diags = diags,
                                .folders = input->source_folders,
                                .folder_count = input->source_folder_count};
    b.local = local_of(arena, input, diags);
    b.installed = nb_installed_open(arena, input->site_packages, NB_LEN(input->site_packages));
    for (size_t i = 0; i < input->asked_count; i++)
        nb_wanted_ask(&b.wanted, &input->asked[i]);
    take_all(&b, false);
    take_all(&b, true);
    take_local_imports(&b);
    if (input->tracking && !nb_wanted_provides(&b.wanted, NB_STR("mlflow")))
        add_project(&b, NB_STR("mlflow"));
    tell_wrong_projects(&b);
    tell_unpinned(&b);
    nb_requirements out = {0};
    finish_local(&b, &out);
    nb_wanted_finish(&b.wanted, &out);
    return out;
}
