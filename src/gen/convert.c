#include "gen/convert.h"

#include "base/fs.h"
#include "base/path.h"
#include "base/trace.h"
#include "gen/analysis.h"
#include "gen/manifest.h"
#include "gen/require.h"
#include "text/hash.h"

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

/* Versions come from the project's own files. */
static void add_locks(nb_sha256 *hash, const nb_analysis *a)
{
    const nb_lock_paths paths = nb_require_lock_paths(a);
    for (size_t i = 0; i < paths.list.count; i++) {
        NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* then it gives no versions either */
        NB_AUTO(nb_mapped) file = {0};
        if (nb_file_map(paths.list.at[i].at, &file, &ignored) == NB_OK)
            add_text(hash, file.bytes);
        add_text(hash, nb_path_relative(a->arena, a->config->root, paths.list.at[i]));
    }
}

static void add_policies(nb_sha256 *hash, const nb_policies *p)
{
    const unsigned char chosen[] = {(unsigned char)p->shell, (unsigned char)p->timeit,
                                    (unsigned char)p->cd, (unsigned char)p->writefile,
                                    (unsigned char)p->run};
    nb_sha256_add(hash, (nb_str){(const char *)chosen, sizeof(chosen)});
}

/* A hash over all that the scripts are made from, so that `convert --check` need not make them. The environment that versions come from is not
 * part of it: a checkout on another machine is as fresh as here. */
static nb_str hash_inputs(const nb_analysis *a)
{
    nb_sha256 *hash = nb_sha256_new(a->arena);
    add_text(hash, NB_STR(NB_VERSION));
    add_text(hash, a->notebook->sha256);
    add_text(hash, a->config->tracking_uri);
    add_text(hash, a->config->experiment_name);
    for (size_t i = 0; i < a->config->tags.count; i++) {
        add_text(hash, a->config->tags.rows[i].name);
        add_text(hash, nb_str_from(nb_section_name(a->config->tags.rows[i].section)));
    }
    add_policies(hash, nb_config_policies(a->config, a->experiment));
    add_text(hash, a->options->include_needed ? NB_STR("include-needed") : NB_STR(""));
    add_text(hash, a->options->auto_tag ? NB_STR("auto-tag") : NB_STR(""));
    add_experiment(a->arena, hash, a->experiment);
    add_locks(hash, a);
    for (size_t i = 0; i < a->provided_count; i++)
        add_text(hash, a->provided[i].text);
    add_text(hash, nb_templates_hash(&a->templates));
    return nb_sha256_end(hash, a->arena);
}

static nb_code fill_plan(const nb_analysis *a, nb_plan *plan, nb_error *err)
{
    const nb_scripts *scripts = &a->scripts;
    for (nb_script_kind k = 0; k < NB_SCRIPT_COUNT; k++)
        if (scripts->list[k].file &&
            nb_plan_add(plan, scripts->list[k].file, scripts->list[k].text, err) != NB_OK)
            return err->code;
    if (nb_plan_add(plan, "requirements.txt", a->requirements.text, err) != NB_OK ||
        nb_travel_plan(a->travel, plan, err) != NB_OK ||
        nb_plan_add(plan, ".notebooked-map.json", nb_manifest_map(a, plan), err) != NB_OK)
        return err->code;
    nb_plan_find_gone(plan);
    return NB_OK;
}

/* A generated script that Python refuses is our bug, unless a template of the project made it. */
static nb_code check_script(const nb_analysis *a, const nb_script *script, nb_error *err)
{
    nb_py_options options = {.minor = a->minor};
    const nb_py_tree *tree = nb_py_parse(a->arena, script->text, &options);
    if (tree->errors.count == 0)
        return NB_OK;
    const nb_py_error *first = &tree->errors.at[0];
    bool ours = a->templates.folders[0].len == 0 && a->templates.folders[1].len == 0;
    (void)nb_fail(err, ours ? NB_ERR_INTERNAL : NB_ERR_CONFIG,
                  "the generated '%s' is not valid Python: " NB_STR_FMT, script->file,
                  NB_STR_ARG(first->message));
    nb_error_at(err, (nb_place){nb_str_from(script->file), first->line, 0,
                                nb_str_line_at(script->text, first->line)});
    nb_error_hint(err, ours ? "report this with the notebook: it is a bug of notebooked"
                            : "correct the template: notebooked templates check");
    return err->code;
}

static nb_code check_scripts(const nb_analysis *a, nb_error *err)
{
    const nb_scripts *scripts = &a->scripts;
    for (nb_script_kind k = 0; k < NB_SCRIPT_COUNT; k++)
        if (scripts->list[k].file && check_script(a, &scripts->list[k], err) != NB_OK)
            return err->code;
    return NB_OK;
}

static nb_code render(nb_analysis *a, nb_error *err)
{
    int64_t start = nb_trace_begin();
    if (nb_scripts_render(a->script_data, &a->requirements, &a->scripts, err) != NB_OK)
        return nb_wrap(err, "cannot convert '" NB_STR_FMT "'", NB_STR_ARG(a->experiment->name));
    nb_trace_end(NB_TRACE_GEN, start, "make scripts");
    return check_scripts(a, err);
}

static nb_code make(nb_analysis *a, nb_plan *plan, nb_str inputs, nb_conversion *out, nb_error *err)
{
    if (!nb_analysis_understand(a))
        return nb_analysis_refuse(a, err);
    if (render(a, err) != NB_OK || fill_plan(a, plan, err) != NB_OK)
        return err->code;
    out->requirements = a->requirements;
    out->manifest = nb_manifest_write(a, plan, inputs);
    return NB_OK;
}

nb_code nb_convert(nb_arena *arena, const nb_config *config, const nb_experiment *experiment,
                   const nb_convert_options *options, const nb_env *env, nb_diags *diags,
                   nb_conversion *out, nb_error *err)
{
    nb_analysis a = {.arena = arena,
                     .config = config,
                     .experiment = experiment,
                     .options = options,
                     .env = env,
                     .diags = diags};
    nb_str disk = NB_STR("");
    a.templates = nb_templates_open(arena, config->root, env);
    if (nb_templates_check(&a.templates, err) != NB_OK ||
        nb_convert_folder(arena, config, experiment, options, &disk, err) != NB_OK ||
        nb_analysis_load(&a, err) != NB_OK)
        return err->code;
    nb_str shown = nb_path_join(arena, options->out.len > 0 ? options->out : NB_STR("generated"),
                                experiment->name);
    nb_plan *plan = nb_plan_new(arena, shown, disk);
    nb_str inputs = hash_inputs(&a);
    out->plan = plan;
    out->notebook_sha256 = a.notebook->sha256;
    if (!options->anew && nb_travel_is_fresh(plan, config->root) && nb_plan_is_fresh(plan, inputs))
        return NB_OK;
    nb_templates_report(&a.templates, config->root, diags);
    return make(&a, plan, inputs, out, err);
}

nb_code nb_convert_sample(nb_arena *arena, const nb_templates *templates, const nb_env *env,
                          nb_error *err)
{
    nb_diags diags = {.arena = arena};
    nb_convert_options options = {0};
    nb_str text = NB_STR(""), from = NB_STR("");
    nb_experiment *experiment = NB_NEW(arena, nb_experiment);
    *experiment = *nb_config_adhoc(arena, NB_STR("sample.ipynb"));
    nb_analysis a = {.arena = arena,
                     .experiment = experiment,
                     .options = &options,
                     .env = env,
                     .diags = &diags,
                     .templates = *templates};
    if (!nb_templates_find(templates, NB_STR("sample.ipynb"), &text, &from))
        return nb_fail(err, NB_ERR_INTERNAL, "the sample notebook is missing");
    if (nb_templates_check(templates, err) != NB_OK ||
        nb_config_default(arena, ".", env, &a.config, err) != NB_OK ||
        nb_notebook_parse(arena, text, from, &diags, &a.notebook, err) != NB_OK)
        return err->code;
    if (!nb_analysis_run(&a))
        return nb_analysis_refuse(&a, err);
    return render(&a, err);
}
