#include "gen/analysis.h"

#include "base/fs.h"
#include "base/path.h"
#include "base/trace.h"
#include "gen/auto_tag.h"
#include "gen/expression.h"
#include "gen/require.h"
#include "gen/unpicklable.h"
#include "graph/split.h"

/* --- the target Python ------------------------------------------------------------------------------------------ */

/* "3.12" of the experiment's `python:`; 0 when it names an interpreter instead. */
static unsigned minor_of(nb_str python)
{
    int64_t minor;
    if (!nb_str_starts(python, NB_STR("3.")) || !nb_str_to_int(nb_str_from_at(python, 2), &minor) ||
        minor < 0 || minor > 99)
        return 0;
    return (unsigned)minor;
}

nb_str nb_analysis_environment(const nb_analysis *a)
{
    if (a->options->python.len > 0)
        return a->options->python;
    if (a->experiment->python.len > 0 && minor_of(a->experiment->python) == 0)
        return nb_path_join(a->arena, a->config->root, a->experiment->python);
    static const char *const variables[] = {"VIRTUAL_ENV", "CONDA_PREFIX"};
    for (size_t i = 0; i < NB_LEN(variables); i++)
        if (nb_env_str(a->env, variables[i]).len > 0)
            return nb_env_str(a->env, variables[i]);
    return nb_path_join(a->arena, a->config->root, NB_STR(".venv"));
}

static void find_python(nb_analysis *a)
{
    unsigned found = 0, wanted = minor_of(a->experiment->python);
    nb_str environment = nb_analysis_environment(a);
    if (nb_path_exists(nb_arena_z(a->arena, environment)))
        (void)nb_site_packages(a->arena, environment, a->site_packages, &found);
    a->minor = wanted ? wanted : found ? found : 11;
}

/* --- reading ------------------------------------------------------------------------------------------------------- */

static nb_code read_notebook(nb_analysis *a, nb_str path, nb_error *err)
{
    nb_str bytes = a->options->bytes;
    if (bytes.at)
        return nb_notebook_parse(a->arena, bytes, path, a->diags, &a->notebook, err);
    return nb_notebook_load(a->arena, path.at, a->diags, &a->notebook, err);
}

nb_code nb_analysis_load(nb_analysis *a, nb_error *err)
{
    nb_str here, path = nb_path_join(a->arena, a->config->root, a->experiment->notebook);
    a->diags->selection = &a->config->selection;
    if (nb_path_absolute(a->arena, NB_STR("."), &here, err) == NB_OK)
        path = nb_path_relative(a->arena, here, path); /* what messages call it */
    else
        nb_error_release(err); /* the folder we are in is gone */
    if (read_notebook(a, path, err) != NB_OK) {
        nb_error_at(err, a->experiment->notebook_place);
        if (err->code == NB_ERR_NOT_FOUND && !err->hint)
            nb_error_hint(err, a->experiment->notebook_place.path.len > 0
                                   ? "correct 'notebook': it is seen from the folder of config.yaml"
                                   : "check the path");
        return nb_wrap(err, "cannot convert '" NB_STR_FMT "'", NB_STR_ARG(a->experiment->name));
    }
    nb_notebook *shown = NB_NEW(a->arena, nb_notebook);
    *shown = *a->notebook;
    shown->path = a->experiment->notebook; /* messages name it as the user did */
    for (size_t i = 0; i < a->diags->list.count; i++)
        if (nb_str_eq(a->diags->list.at[i].spot.path, a->notebook->path))
            a->diags->list.at[i].spot.path = shown->path;
    a->notebook = shown;
    return nb_require_provided(a, err);
}

/* --- the steps ----------------------------------------------------------------------------------------------------- */

static nb_str regenerate_command(const nb_analysis *a)
{
    bool configured = a->config->path.len > 0;
    nb_str what = configured ? a->experiment->name : a->experiment->notebook;
    bool quote = nb_str_find_char(what, ' ') >= 0;
    return nb_arena_printf(a->arena, "notebooked convert %s%s" NB_STR_FMT "%s",
                           a->options->auto_tag ? "--auto-tag " : "", quote ? "'" : "",
                           NB_STR_ARG(what), quote ? "'" : "");
}

static bool failed(const nb_analysis *a)
{
    return nb_diags_count(a->diags, NB_SEVERITY_ERROR) > 0;
}

nb_str nb_analysis_folder(const nb_analysis *a)
{
    nb_str path = nb_path_join(a->arena, a->config->root, a->experiment->notebook);
    return nb_path_clean(a->arena, nb_path_dir(path));
}

static void understand(nb_analysis *a)
{
    nb_source_options options = {.tags = &a->config->tags,
                                 .minor = a->minor,
                                 .policies = nb_config_policies(a->config, a->experiment),
                                 .folder = nb_analysis_folder(a)};
    int64_t start = nb_trace_begin();
    if (a->options->auto_tag)
        options.proposed = nb_auto_tag(a->notebook, &options, a->diags);
    a->source = nb_source_read(a->arena, a->notebook, &options, a->diags);
    nb_split_cells(a->source);
    nb_trace_end(NB_TRACE_PARSE, start, "read cells");
    a->search_path = nb_search_path_find(a->source, a->config, a->experiment);
    a->params = nb_params_find(a->source, a->config, a->experiment);
    nb_graph_options graph_options = {a->options->include_needed, &a->params->provided};
    a->graph = nb_graph_build(a->source, &graph_options);
    a->sites = nb_sites_find(a->graph);
    nb_params_check(a->params, a->graph);
    a->found = NB_NEW(a->arena, nb_findings);
    *a->found = nb_find(a->graph, a->sites, a->params, a->experiment);
}

static void plan_scripts(nb_analysis *a)
{
    a->inference = NB_NEW(a->arena, nb_inference);
    *a->inference = nb_infer(a->graph, a->params, a->found);
    nb_unpicklable_report(a->graph);
    a->input = (nb_scripts_input){a->graph,  a->params,     a->found,      a->inference,
                                  a->config, a->experiment, &a->templates, regenerate_command(a)};
    a->script_data = nb_scripts_plan(&a->input, &a->scripts);
    a->requirements = nb_require(a);
}

bool nb_analysis_run(nb_analysis *a)
{
    int64_t start = nb_trace_begin();
    find_python(a);
    understand(a);
    if (!failed(a) || a->go_on)
        plan_scripts(a);
    nb_trace_end(NB_TRACE_GEN, start, "understand the notebook");
    return !failed(a);
}

bool nb_analysis_understand(nb_analysis *a)
{
    (void)nb_analysis_run(a);
    if (a->options->ask)
        a->options->ask(a);
    return !failed(a);
}

nb_code nb_analysis_refuse(const nb_analysis *a, nb_error *err)
{
    size_t errors = nb_diags_count(a->diags, NB_SEVERITY_ERROR);
    return nb_fail(err, NB_ERR_NOTEBOOK,
                   "cannot convert '" NB_STR_FMT "': %zu error%s in '" NB_STR_FMT "'",
                   NB_STR_ARG(a->experiment->name), errors, errors == 1 ? "" : "s",
                   NB_STR_ARG(a->experiment->notebook));
}
