#include "requirements/build.h"

#include "base/buf.h"
#include "base/fs.h"
#include "py/modules.h"
#include "requirements/local.h"
#include "requirements/local_parts.h"

/* --- findings ---------------------------------------------------------------------------------- */

/* One finding for a module is enough. */
static bool is_first(nb_build *b, nb_str module)
{
    return nb_set_add(b->arena, &b->told, module);
}

void nb_tell_relative(nb_build *b, const nb_module_use *use)
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

void nb_tell_travels(nb_build *b, const nb_module_use *use, nb_str top)
{
    if (!nb_set_add(b->arena, &b->tops, top))
        return;
    nb_diag *diag = nb_diag_add(
        b->diags, NB_D_LOCAL_MODULE, use->spot,
        "'" NB_STR_FMT "' is the project's own: it travels with the scripts", NB_STR_ARG(top));
    diag->severity = NB_SEVERITY_INFO;
}

void nb_tell_platform(nb_build *b, const nb_module_use *use, nb_str dotted, nb_str platform,
                      nb_str advice)
{
    if (use->optional || !is_first(b, advice))
        return;
    nb_diag *diag = nb_diag_add(b->diags, NB_D_PLATFORM_MODULE, use->spot,
                                "'" NB_STR_FMT "' exists only on " NB_STR_FMT, NB_STR_ARG(dotted),
                                NB_STR_ARG(platform));
    nb_diag_help(b->diags, diag, NB_STR_FMT, NB_STR_ARG(advice));
}

void nb_tell_stdlib_changed(nb_build *b, const nb_module_use *use, nb_str top)
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
static const nb_local_folder *lost_folder(const nb_build *b)
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

/* A %%writefile cell makes the module when the notebook runs, and no script does. */
static bool tell_unwritten(nb_build *b, const nb_module_use *use, nb_str top)
{
    const nb_local_options *options = &b->local->options;
    nb_str name = nb_str_concat(b->arena, top, NB_STR(".py"));
    for (size_t i = 0; i < options->lost_count; i++) {
        if (!nb_str_eq(options->lost[i], name))
            continue;
        nb_diag *diag = nb_diag_add(
            b->diags, NB_D_MISSING_MODULE, use->spot,
            "only a %%%%writefile cell of the notebook makes '" NB_STR_FMT "'", NB_STR_ARG(name));
        nb_diag_help(b->diags, diag,
                     "write '# notebooked: writefile=export' on the first line of that cell, or "
                     "'ipython: {writefile: export}' in config.yaml");
        return true;
    }
    return false;
}

/* A module that no project publishes and that is not beside the notebook either. False when it may be anything else. */
static bool tell_missing(nb_build *b, const nb_module_use *use, nb_str top)
{
    const nb_local_folder *lost = lost_folder(b);
    if (tell_unwritten(b, use, top))
        return true;
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

void nb_tell_unresolved(nb_build *b, const nb_module_use *use, nb_str dotted)
{
    nb_str top = nb_module_top(dotted), hint = nb_module_hint(dotted);
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

void nb_tell_optional(nb_build *b, const nb_module_use *use, nb_str name)
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

void nb_tell_local_project(nb_build *b, const nb_module_use *use, nb_str name, nb_str from)
{
    if (!is_first(b, name))
        return;
    nb_diag *diag = from.len > 0
                        ? nb_diag_add(b->diags, NB_D_LOCAL_MODULE, use->spot,
                                      "'" NB_STR_FMT "' is left out: " NB_STR_FMT
                                      " has it from a path on this machine",
                                      NB_STR_ARG(name), NB_STR_ARG(from))
                        : nb_diag_add(b->diags, NB_D_LOCAL_MODULE, use->spot,
                                      "'" NB_STR_FMT
                                      "' is left out: it was installed from a path on this machine",
                                      NB_STR_ARG(name));
    nb_diag_help(
        b->diags, diag,
        "name its repository in a cell tagged 'requirements', or its folder in 'include:'");
}

void nb_tell_needed(nb_build *b, const nb_needed *needed, nb_str name)
{
    if (!is_first(b, name))
        return;
    if (needed->certain) {
        (void)nb_diag_add(b->diags, NB_D_IMPLIED_REQUIREMENT, needed->spot,
                          "'" NB_STR_FMT "' is added: '" NB_STR_FMT "' needs it", NB_STR_ARG(name),
                          NB_STR_ARG(needed->what));
        return;
    }
    nb_diag *diag = nb_diag_add(b->diags, NB_D_IMPLIED_REQUIREMENT, needed->spot,
                                "'" NB_STR_FMT "' needs '" NB_STR_FMT
                                "' if it is a method of pandas; it is not added",
                                NB_STR_ARG(needed->what), NB_STR_ARG(name));
    nb_diag_help(b->diags, diag, "name '" NB_STR_FMT "' in a cell tagged 'requirements' to have it",
                 NB_STR_ARG(name));
}

static nb_str quoted_names(nb_build *b)
{
    NB_AUTO(nb_buf) buf = NB_BUF_INIT(NB_BUF_TEXT);
    for (size_t i = 0; i < b->unpinned.count; i++) {
        const char *between = i == 0 ? "" : i + 1 == b->unpinned.count ? " and " : ", ";
        nb_buf_printf(&buf, "%s'" NB_STR_FMT "'", between, NB_STR_ARG(b->unpinned.at[i]));
    }
    return nb_arena_str(b->arena, nb_buf_view(&buf));
}

void nb_tell_unpinned(nb_build *b)
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

/* `pip install sklearn` with `import sklearn`: the project of that name is another one, or none. */
void nb_tell_wrong_projects(nb_build *b)
{
    for (size_t i = 0; i < b->input->use_count; i++) {
        const nb_module_use *use = &b->input->uses[i];
        nb_str top = nb_module_top(use->module), name = nb_distribution_normal(b->arena, top);
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
