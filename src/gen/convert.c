#include "gen/convert.h"

#include "base/fs.h"
#include "base/path.h"
#include "base/trace.h"
#include "gen/expression.h"
#include "gen/manifest.h"
#include "gen/unpicklable.h"
#include "text/hash.h"

typedef struct job {
    nb_arena *arena;
    const nb_config *config;
    const nb_experiment *experiment;
    const nb_convert_options *options;
    const nb_env *env;
    nb_diags *diags;
    nb_templates templates;
    const nb_notebook *notebook;
    nb_source *source;
    unsigned minor; /* the target Python */
    nb_str site_packages[4];
} job;

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

static nb_str environment_of(const job *j)
{
    if (j->options->python.len > 0)
        return j->options->python;
    if (j->experiment->python.len > 0 && minor_of(j->experiment->python) == 0)
        return nb_path_join(j->arena, j->config->root, j->experiment->python);
    static const char *const variables[] = {"VIRTUAL_ENV", "CONDA_PREFIX"};
    for (size_t i = 0; i < NB_LEN(variables); i++)
        if (nb_env_str(j->env, variables[i]).len > 0)
            return nb_env_str(j->env, variables[i]);
    return nb_path_join(j->arena, j->config->root, NB_STR(".venv"));
}

static void find_python(job *j)
{
    unsigned found = 0, wanted = minor_of(j->experiment->python);
    nb_str environment = environment_of(j);
    if (nb_path_exists(nb_arena_z(j->arena, environment)))
        (void)nb_site_packages(j->arena, environment, j->site_packages, &found);
    j->minor = wanted ? wanted : found ? found : 11;
}

/* --- requirements ------------------------------------------------------------------------------------------------ */

typedef NB_VEC(nb_asked) asked_list;

/* A requirements cell may list projects one a line instead of installing them. */
static void ask_plain_lines(job *j, const nb_cell *cell, asked_list *asked)
{
    nb_str rest = cell->source, line;
    for (unsigned number = 1; nb_str_line(&rest, &line); number++) {
        line = nb_str_trim(line);
        bool code = line.len == 0 || line.at[0] == '#' || line.at[0] == '%' || line.at[0] == '!' ||
                    nb_str_starts(line, NB_STR("import ")) ||
                    nb_str_starts(line, NB_STR("from ")) || nb_str_starts(line, NB_STR("pip "));
        if (!code)
            nb_vec_push(
                j->arena, asked,
                (nb_asked){line, nb_cell_spot(j->notebook, cell, number, 1, (unsigned)line.len)});
    }
}

static void ask_cells(job *j, asked_list *asked)
{
    for (size_t i = 0; i < j->source->cell_count; i++) {
        const nb_source_cell *cell = &j->source->cells[i];
        if (cell->sections & NB_BIT(NB_SECTION_SKIP))
            continue;
        for (size_t k = 0; k < cell->python.requirements.count; k++) {
            const nb_requirement_line *line = &cell->python.requirements.at[k];
            nb_vec_push(
                j->arena, asked,
                (nb_asked){line->text, nb_cell_spot(j->notebook, cell->cell, line->line, 1, 0)});
        }
    }
    nb_map seen = NB_MAP_INIT;
    nb_diags ignored = {.arena = j->arena}; /* tags were reported when the source was read */
    for (size_t i = 0; i < j->notebook->cell_count; i++)
        if (nb_tags_sections(&j->config->tags, j->notebook, &j->notebook->cells[i], &seen,
                             &ignored) &
            NB_BIT(NB_SECTION_REQUIREMENTS))
            ask_plain_lines(j, &j->notebook->cells[i], asked);
}

static nb_requirements require(job *j, nb_scripts *scripts)
{
    asked_list asked = {0};
    ask_cells(j, &asked);
    for (size_t i = 0; i < j->experiment->requirement_count; i++)
        nb_vec_push(j->arena, &asked,
                    (nb_asked){j->experiment->requirements[i],
                               nb_spot_of_place(j->experiment->requirement_places[i],
                                                j->experiment->requirements[i])});
    if (scripts->needs_ipython)
        nb_vec_push(j->arena, &asked,
                    (nb_asked){NB_STR("ipython"), {.path = j->experiment->notebook}});
    nb_str notebook_folder =
        nb_path_dir(nb_path_join(j->arena, j->config->root, j->experiment->notebook));
    const nb_str folders[] = {notebook_folder, j->config->root};
    nb_requirements_input input = {.uses = scripts->modules.at,
                                   .use_count = scripts->modules.count,
                                   .asked = asked.at,
                                   .asked_count = asked.count,
                                   .source_folders = folders,
                                   .source_folder_count = NB_LEN(folders),
                                   .minor = j->minor,
                                   .tracking = j->config->tracking_uri.len > 0};
    memcpy(input.site_packages, j->site_packages, sizeof(input.site_packages));
    return nb_requirements_build(j->arena, &input, j->diags);
}

/* --- input and output ---------------------------------------------------------------------------------------------- */

nb_code nb_convert_folder(nb_arena *arena, const nb_config *config, const nb_experiment *experiment,
                          const nb_convert_options *options, nb_str *out, nb_error *err)
{
    nb_str parent = options->out.len > 0 ? options->out : NB_STR("generated"), absolute;
    if (nb_path_is_absolute(parent))
        absolute = nb_path_clean(arena, parent);
    else if (options->out.len > 0) {
        if (nb_path_absolute(arena, parent, &absolute, err) != NB_OK)
            return err->code;
    } else
        absolute = nb_path_join(arena, config->root, parent);
    if (nb_path_inside(arena, absolute, experiment->name, out, err) != NB_OK)
        return nb_wrap(err, "cannot write scripts of '" NB_STR_FMT "'",
                       NB_STR_ARG(experiment->name));
    return NB_OK;
}

static void add_text(nb_sha256 *hash, nb_str text)
{
    nb_sha256_add(hash, text);
    nb_sha256_add(hash,
                  (nb_str){"", 1}); /* a NUL between, so that "ab", "c" and "a", "bc" differ */
}

static void add_experiment(nb_arena *arena, nb_sha256 *hash, const nb_experiment *e)
{
    const nb_str texts[] = {
        e->name,       e->notebook,       e->data_path, e->description, e->mlflow_experiment,
        e->entrypoint, e->model_variable, e->framework, e->python,      e->workdir};
    for (size_t i = 0; i < NB_LEN(texts); i++)
        add_text(hash, texts[i]);
    for (size_t i = 0; i < e->hyperparameter_count; i++) {
        add_text(hash, e->hyperparameters[i].name);
        add_text(hash,
                 nb_arena_printf(arena, "%d:" NB_STR_FMT, (int)e->hyperparameters[i].value.kind,
                                 NB_STR_ARG(e->hyperparameters[i].value.text)));
    }
    for (size_t i = 0; i < e->metric_count; i++) {
        add_text(hash, e->metrics[i].name);
        add_text(hash, e->metrics[i].expression);
    }
    for (size_t i = 0; i < e->include_count; i++)
        add_text(hash, e->include[i]);
    for (size_t i = 0; i < e->requirement_count; i++)
        add_text(hash, e->requirements[i]);
}

/* A hash over all that the scripts are made from, so that `convert --check` need not make them. The environment that versions come from is not
 * part of it: a checkout on another machine is as fresh as here. */
static nb_str hash_inputs(const job *j)
{
    nb_sha256 *hash = nb_sha256_new(j->arena);
    add_text(hash, NB_STR(NB_VERSION));
    add_text(hash, j->notebook->sha256);
    add_text(hash, j->config->tracking_uri);
    add_text(hash, j->config->experiment_name);
    for (size_t i = 0; i < j->config->tags.count; i++) {
        add_text(hash, j->config->tags.rows[i].name);
        add_text(hash, nb_str_from(nb_section_name(j->config->tags.rows[i].section)));
    }
    add_text(hash, j->options->include_needed ? NB_STR("include-needed") : NB_STR(""));
    add_experiment(j->arena, hash, j->experiment);
    add_text(hash, nb_templates_hash(&j->templates));
    return nb_sha256_end(hash, j->arena);
}

static nb_str regenerate_command(const job *j)
{
    bool configured = j->config->path.len > 0;
    nb_str what = configured ? j->experiment->name : j->experiment->notebook;
    bool quote = nb_str_find_char(what, ' ') >= 0;
    return nb_arena_printf(j->arena, "notebooked convert %s" NB_STR_FMT "%s", quote ? "'" : "",
                           NB_STR_ARG(what), quote ? "'" : "");
}

static nb_code fill_plan(job *j, nb_plan *plan, const nb_scripts *scripts,
                         const nb_requirements *requirements, nb_error *err)
{
    for (nb_script_kind k = 0; k < NB_SCRIPT_COUNT; k++)
        if (scripts->list[k].file &&
            nb_plan_add(plan, scripts->list[k].file, scripts->list[k].text, err) != NB_OK)
            return err->code;
    if (nb_plan_add(plan, "requirements.txt", requirements->text, err) != NB_OK ||
        nb_plan_add(plan, ".notebooked-map.json",
                    nb_manifest_map(j->arena, plan, scripts, j->experiment->notebook),
                    err) != NB_OK)
        return err->code;
    nb_plan_find_gone(plan);
    return NB_OK;
}

static nb_code refuse(const job *j, nb_error *err)
{
    size_t errors = nb_diags_count(j->diags, NB_SEVERITY_ERROR);
    return nb_fail(err, NB_ERR_NOTEBOOK,
                   "cannot convert '" NB_STR_FMT "': %zu error%s in '" NB_STR_FMT "'",
                   NB_STR_ARG(j->experiment->name), errors, errors == 1 ? "" : "s",
                   NB_STR_ARG(j->experiment->notebook));
}

/* A generated script that Python refuses is our bug, unless a template of the project made it. */
static nb_code check_script(const job *j, const nb_script *script, nb_error *err)
{
    nb_py_options options = {.minor = j->minor};
    const nb_py_tree *tree = nb_py_parse(j->arena, script->text, &options);
    if (tree->errors.count == 0)
        return NB_OK;
    const nb_py_error *first = &tree->errors.at[0];
    bool ours = j->templates.folders[0].len == 0 && j->templates.folders[1].len == 0;
    (void)nb_fail(err, ours ? NB_ERR_INTERNAL : NB_ERR_CONFIG,
                  "the generated '%s' is not valid Python: " NB_STR_FMT, script->file,
                  NB_STR_ARG(first->message));
    nb_error_at(err, (nb_place){nb_str_from(script->file), first->line, 0,
                                nb_str_line_at(script->text, first->line)});
    nb_error_hint(err, ours ? "report this with the notebook: it is a bug of notebooked"
                            : "correct the template: notebooked templates check");
    return err->code;
}

static nb_code check_scripts(const job *j, const nb_scripts *scripts, nb_error *err)
{
    for (nb_script_kind k = 0; k < NB_SCRIPT_COUNT; k++)
        if (scripts->list[k].file && check_script(j, &scripts->list[k], err) != NB_OK)
            return err->code;
    return NB_OK;
}

/* Everything between the notebook and the finished texts; on return `input` says what they were made from. */
static nb_code render(job *j, nb_scripts_input *input, nb_scripts *scripts,
                      nb_requirements *requirements, nb_error *err)
{
    int64_t start = nb_trace_begin();
    nb_source_options options = {&j->config->tags, j->minor};
    j->source = nb_source_read(j->arena, j->notebook, &options, j->diags);
    nb_trace_end(NB_TRACE_PARSE, start, "read cells");
    start = nb_trace_begin();
    nb_params *params = nb_params_find(j->source, j->config, j->experiment);
    nb_graph_options graph_options = {j->options->include_needed, &params->provided};
    nb_graph *graph = nb_graph_build(j->source, &graph_options);
    nb_findings *found = NB_NEW(j->arena, nb_findings);
    nb_inference *inference = NB_NEW(j->arena, nb_inference);
    nb_params_check(params, graph, j->experiment);
    *found = nb_find(graph, params, j->config, j->experiment);
    if (nb_diags_count(j->diags, NB_SEVERITY_ERROR) > 0)
        return refuse(j, err);
    *inference = nb_infer(graph, params, found);
    nb_unpicklable_report(graph);
    *input = (nb_scripts_input){graph,     params,        found,         inference,
                                j->config, j->experiment, &j->templates, regenerate_command(j)};
    nb_script_data *data = nb_scripts_plan(input, scripts);
    *requirements = require(j, scripts);
    if (nb_diags_count(j->diags, NB_SEVERITY_ERROR) > 0)
        return refuse(j, err);
    if (nb_scripts_render(data, requirements, scripts, err) != NB_OK)
        return nb_wrap(err, "cannot convert '" NB_STR_FMT "'", NB_STR_ARG(j->experiment->name));
    nb_trace_end(NB_TRACE_GEN, start, "make scripts");
    return check_scripts(j, scripts, err);
}

static nb_code make(job *j, nb_plan *plan, nb_str inputs, nb_conversion *out, nb_error *err)
{
    nb_scripts_input input;
    nb_scripts scripts = {0};
    if (render(j, &input, &scripts, &out->requirements, err) != NB_OK ||
        fill_plan(j, plan, &scripts, &out->requirements, err) != NB_OK)
        return err->code;
    out->manifest = nb_manifest_write(j->arena, plan, &input, inputs);
    return NB_OK;
}

static nb_code load(job *j, nb_error *err)
{
    nb_str here, path = nb_path_join(j->arena, j->config->root, j->experiment->notebook);
    if (nb_path_absolute(j->arena, NB_STR("."), &here, err) == NB_OK)
        path = nb_path_relative(j->arena, here, path); /* what messages call it */
    else
        nb_error_release(err); /* the folder we are in is gone */
    if (nb_notebook_load(j->arena, path.at, j->diags, &j->notebook, err) != NB_OK) {
        nb_error_at(err, j->experiment->notebook_place);
        if (err->code == NB_ERR_NOT_FOUND && !err->hint)
            nb_error_hint(err, j->experiment->notebook_place.path.len > 0
                                   ? "correct 'notebook': it is seen from the folder of config.yaml"
                                   : "check the path");
        return nb_wrap(err, "cannot convert '" NB_STR_FMT "'", NB_STR_ARG(j->experiment->name));
    }
    nb_notebook *shown = NB_NEW(j->arena, nb_notebook);
    *shown = *j->notebook;
    shown->path = j->experiment->notebook; /* messages name it as the user did */
    j->notebook = shown;
    return NB_OK;
}

nb_code nb_convert(nb_arena *arena, const nb_config *config, const nb_experiment *experiment,
                   const nb_convert_options *options, const nb_env *env, nb_diags *diags,
                   nb_conversion *out, nb_error *err)
{
    job j = {.arena = arena,
             .config = config,
             .experiment = experiment,
             .options = options,
             .env = env,
             .diags = diags};
    nb_str disk = NB_STR("");
    j.templates = nb_templates_open(arena, config->root, env);
    if (nb_templates_check(&j.templates, err) != NB_OK ||
        nb_convert_folder(arena, config, experiment, options, &disk, err) != NB_OK ||
        load(&j, err) != NB_OK)
        return err->code;
    nb_str shown = nb_path_join(arena, options->out.len > 0 ? options->out : NB_STR("generated"),
                                experiment->name);
    nb_plan *plan = nb_plan_new(arena, shown, disk);
    nb_str inputs = hash_inputs(&j);
    out->plan = plan;
    out->notebook_sha256 = j.notebook->sha256;
    if (!options->anew && nb_plan_is_fresh(plan, inputs))
        return NB_OK;
    find_python(&j);
    nb_templates_report(&j.templates, config->root, diags);
    return make(&j, plan, inputs, out, err);
}

nb_code nb_convert_sample(nb_arena *arena, const nb_templates *templates, const nb_env *env,
                          nb_error *err)
{
    nb_diags diags = {.arena = arena};
    nb_convert_options options = {0};
    nb_scripts_input input;
    nb_scripts scripts = {0};
    nb_requirements requirements;
    nb_str text = NB_STR(""), from = NB_STR("");
    nb_experiment *experiment = NB_NEW(arena, nb_experiment);
    *experiment = *nb_config_adhoc(arena, NB_STR("sample.ipynb"));
    job j = {.arena = arena,
             .experiment = experiment,
             .options = &options,
             .env = env,
             .diags = &diags,
             .templates = *templates,
             .minor = 11};
    if (!nb_templates_find(templates, NB_STR("sample.ipynb"), &text, &from))
        return nb_fail(err, NB_ERR_INTERNAL, "the sample notebook is missing");
    if (nb_templates_check(templates, err) != NB_OK ||
        nb_config_default(arena, ".", env, &j.config, err) != NB_OK ||
        nb_notebook_parse(arena, text, from, &diags, &j.notebook, err) != NB_OK)
        return err->code;
    return render(&j, &input, &scripts, &requirements, err);
}
