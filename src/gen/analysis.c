#include "gen/analysis.h"

#include "base/fs.h"
#include "base/path.h"
#include "base/trace.h"
#include "gen/auto_tag.h"
#include "gen/expression.h"
#include "gen/unpicklable.h"

enum { MAX_LOCK_FOLDERS = 16 };

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

static nb_str environment_of(const nb_analysis *a)
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
    nb_str environment = environment_of(a);
    if (nb_path_exists(nb_arena_z(a->arena, environment)))
        (void)nb_site_packages(a->arena, environment, a->site_packages, &found);
    a->minor = wanted ? wanted : found ? found : 11;
}

/* --- requirements ------------------------------------------------------------------------------------------------ */

typedef NB_VEC(nb_asked) asked_list;

/* A requirements cell may list projects one a line instead of installing them. */
static void ask_plain_lines(nb_analysis *a, const nb_cell *cell, asked_list *asked)
{
    nb_str rest = cell->source, line;
    for (unsigned number = 1; nb_str_line(&rest, &line); number++) {
        line = nb_str_trim(line);
        bool code = line.len == 0 || line.at[0] == '#' || line.at[0] == '%' || line.at[0] == '!' ||
                    nb_str_starts(line, NB_STR("import ")) ||
                    nb_str_starts(line, NB_STR("from ")) || nb_str_starts(line, NB_STR("pip "));
        if (!code)
            nb_vec_push(
                a->arena, asked,
                (nb_asked){line, nb_cell_spot(a->notebook, cell, number, 1, (unsigned)line.len),
                           nb_arena_printf(a->arena, "requirements (cell %u)", cell->number)});
    }
}

static void ask_cells(nb_analysis *a, asked_list *asked)
{
    for (size_t i = 0; i < a->source->cell_count; i++) {
        const nb_source_cell *cell = &a->source->cells[i];
        if (cell->sections & NB_BIT(NB_SECTION_SKIP))
            continue;
        for (size_t k = 0; k < cell->python.requirements.count; k++) {
            const nb_requirement_line *line = &cell->python.requirements.at[k];
            nb_vec_push(a->arena, asked,
                        (nb_asked){line->text,
                                   nb_cell_spot(a->notebook, cell->cell, line->line, 1, 0),
                                   nb_arena_printf(a->arena, "%%pip install (cell %u)",
                                                   cell->cell->number)});
        }
    }
    nb_map seen = NB_MAP_INIT;
    nb_diags ignored = {.arena = a->arena}; /* tags were reported when the source was read */
    for (size_t i = 0; i < a->notebook->cell_count; i++)
        if (nb_tags_sections(&a->config->tags, a->notebook, &a->notebook->cells[i], &seen,
                             &ignored) &
            NB_BIT(NB_SECTION_REQUIREMENTS))
            ask_plain_lines(a, &a->notebook->cells[i], asked);
}

static void ask_configured(nb_analysis *a, asked_list *asked)
{
    const nb_experiment *e = a->experiment;
    for (size_t i = 0; i < e->requirement_count; i++)
        nb_vec_push(a->arena, asked,
                    (nb_asked){e->requirements[i],
                               nb_spot_of_place(e->requirement_places[i], e->requirements[i]),
                               NB_STR("config.yaml")});
}

/* Cells that carry inline metadata (PEP 723), as juv writes them. */
static nb_script_text *scripts_of(const nb_analysis *a, size_t *count)
{
    nb_script_text *scripts = NB_NEW_ARRAY(a->arena, nb_script_text, a->notebook->cell_count);
    for (size_t i = 0; i < a->notebook->cell_count; i++) {
        const nb_cell *cell = &a->notebook->cells[i];
        if (cell->kind == NB_CELL_CODE && nb_str_contains(cell->source, NB_STR("# /// script")))
            scripts[(*count)++] = (nb_script_text){
                cell->source, {.path = a->notebook->path, .cell = cell->number}
            };
    }
    return scripts;
}

static nb_str notebook_folder(const nb_analysis *a)
{
    nb_str path = nb_path_join(a->arena, a->config->root, a->experiment->notebook);
    return nb_path_clean(a->arena, nb_path_dir(path));
}

static nb_locks_input locks_of(const nb_analysis *a)
{
    nb_str *folders = NB_NEW_ARRAY(a->arena, nb_str, MAX_LOCK_FOLDERS);
    nb_locks_input input = {.folders = folders, .root = a->config->root};
    input.folder_count =
        nb_lock_folders(notebook_folder(a), a->config->root, folders, MAX_LOCK_FOLDERS);
    input.scripts = scripts_of(a, &input.script_count);
    return input;
}

nb_lock_paths nb_analysis_lock_paths(const nb_analysis *a)
{
    nb_str folders[MAX_LOCK_FOLDERS];
    size_t count = nb_lock_folders(notebook_folder(a), a->config->root, folders, MAX_LOCK_FOLDERS);
    return nb_locks_paths(a->arena, folders, count);
}

/* What comments call it: no path of this machine. */
static nb_str environment_name(const nb_analysis *a)
{
    nb_str usual = nb_path_join(a->arena, a->config->root, NB_STR(".venv"));
    nb_str chosen = nb_path_clean(a->arena, environment_of(a));
    bool is_usual = nb_str_eq(chosen, nb_path_clean(a->arena, usual));
    return is_usual ? NB_STR(".venv") : NB_STR("");
}

static nb_local *open_local(const nb_analysis *a)
{
    nb_local_options options = {.root = a->config->root,
                                .folders = a->search_path.list.at,
                                .folder_count = a->search_path.list.count,
                                .minor = a->minor};
    return nb_local_open(a->arena, &options, a->diags);
}

static nb_requirements require(nb_analysis *a, nb_scripts *scripts)
{
    asked_list asked = {0};
    ask_cells(a, &asked);
    ask_configured(a, &asked);
    if (scripts->needs_ipython)
        nb_vec_push(a->arena, &asked,
                    (nb_asked){NB_STR("ipython"),
                               {.path = a->experiment->notebook},
                               NB_STR("the scripts use IPython")});
    const nb_str folders[] = {notebook_folder(a), a->config->root};
    nb_requirements_input input = {.uses = scripts->modules.at,
                                   .use_count = scripts->modules.count,
                                   .asked = asked.at,
                                   .asked_count = asked.count,
                                   .source_folders = folders,
                                   .source_folder_count = NB_LEN(folders),
                                   .minor = a->minor,
                                   .tracking = a->config->tracking_uri.len > 0,
                                   .environment = environment_name(a),
                                   .locks = locks_of(a)};
    memcpy(input.site_packages, a->site_packages, sizeof(input.site_packages));
    input.local = open_local(a);
    nb_requirements requirements = nb_requirements_build(a->arena, &input, a->diags);
    a->travel = nb_travel_collect(input.local, &input);
    return requirements;
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
    return NB_OK;
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

static void understand(nb_analysis *a)
{
    nb_source_options options = {.tags = &a->config->tags,
                                 .minor = a->minor,
                                 .policies = nb_config_policies(a->config, a->experiment)};
    int64_t start = nb_trace_begin();
    if (a->options->auto_tag)
        options.proposed = nb_auto_tag(a->notebook, &options, a->diags);
    a->source = nb_source_read(a->arena, a->notebook, &options, a->diags);
    nb_trace_end(NB_TRACE_PARSE, start, "read cells");
    a->search_path = nb_search_path_find(a->source, a->config, a->experiment);
    a->params = nb_params_find(a->source, a->config, a->experiment);
    nb_graph_options graph_options = {a->options->include_needed, &a->params->provided};
    a->graph = nb_graph_build(a->source, &graph_options);
    a->sites = nb_sites_find(a->graph);
    nb_params_check(a->params, a->graph, a->experiment);
    a->found = NB_NEW(a->arena, nb_findings);
    *a->found = nb_find(a->graph, a->params, a->config, a->experiment);
}

static void plan_scripts(nb_analysis *a)
{
    a->inference = NB_NEW(a->arena, nb_inference);
    *a->inference = nb_infer(a->graph, a->params, a->found);
    nb_unpicklable_report(a->graph);
    a->input = (nb_scripts_input){a->graph,  a->params,     a->found,      a->inference,
                                  a->config, a->experiment, &a->templates, regenerate_command(a)};
    a->script_data = nb_scripts_plan(&a->input, &a->scripts);
    a->requirements = require(a, &a->scripts);
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
