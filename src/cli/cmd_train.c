#include "base/fs.h"
#include "base/path.h"
#include "check/rules.h"
#include "cli/job_view.h"
#include "cli/report.h"
#include "cli/screen.h"
#include "cli/targets.h"
#include "gen/convert.h"
#include "provider/manifest.h"
#include "provider/provider.h"

#include <signal.h>

struct train_args {
    const char *provider, *data_path, *model_dir, *python;
    nb_opt_list set;
    bool auto_tag, create_env, wait, track, check, convert;
};

static const struct train_args defaults = {
    .wait = true, .track = true, .check = true, .convert = true};

/* --- what is to be done --------------------------------------------------------------------------------- */

static bool is_uri(nb_str text)
{
    return nb_str_contains(text, NB_STR("://"));
}

/* A path of the command line, seen from the current folder. */
static nb_code given_path(const nb_app *app, const char *text, nb_str *out, nb_error *err)
{
    nb_str path = nb_str_from(text);
    if (is_uri(path)) {
        *out = path;
        return NB_OK;
    }
    return nb_path_absolute(app->arena, path, out, err);
}

static nb_str in_root(const nb_app *app, const nb_config *config, nb_str path)
{
    return nb_path_clean(app->arena, nb_path_join(app->arena, config->root, path));
}

/* The scripts of the experiment, made anew when they are out of date. Findings are reported in any case. */
static nb_code convert(nb_app *app, const struct train_args *args, const nb_target *target,
                       nb_diags *diags, nb_error *err)
{
    nb_conversion conversion;
    nb_convert_options how = {
        .python = nb_str_from(args->python), .auto_tag = args->auto_tag, .ask = nb_rules_ask};
    if (nb_convert(app->arena, target->config, target->experiment, &how, app->env, diags,
                   &conversion, err) != NB_OK)
        return err->code;
    nb_plan *plan = conversion.plan;
    if (plan->up_to_date)
        return NB_OK;
    nb_plan_report_edited(plan, diags);
    if (nb_diags_count(diags, NB_SEVERITY_ERROR) > 0) {
        (void)nb_fail(err, NB_ERR_EXISTS, "generated files were edited by hand");
        nb_error_hint(
            err,
            "train them as they are with --no-convert, or write them anew with 'notebooked convert --force'");
        return err->code;
    }
    if (nb_plan_apply(plan, conversion.manifest, err) != NB_OK)
        return err->code;
    nb_app_say(app, "converted '" NB_STR_FMT "' to " NB_STR_FMT,
               NB_STR_ARG(target->experiment->name), NB_STR_ARG(plan->folder));
    return NB_OK;
}

static nb_code set_data_path(const nb_app *app, const struct train_args *args,
                             const nb_target *target, const nb_manifest *manifest,
                             nb_train_request *request, nb_error *err)
{
    nb_str configured = target->experiment->data_path;
    if (!args->data_path) {
        if (manifest->data_path && configured.len > 0)
            request->data_path =
                is_uri(configured) ? configured : in_root(app, target->config, configured);
        return NB_OK;
    }
    if (!manifest->data_path) {
        (void)nb_fail(err, NB_ERR_USAGE, "train.py takes no data path");
        nb_error_hint(
            err,
            "set 'data_path:' of the experiment to the path that the notebook reads, so that it can be replaced");
        return err->code;
    }
    if (given_path(app, args->data_path, &request->data_path, err) != NB_OK)
        return err->code;
    if (!is_uri(request->data_path) && !nb_path_exists(request->data_path.at))
        return nb_fail(err, NB_ERR_NOT_FOUND, "there is no data at '%s'", args->data_path);
    return NB_OK;
}

static void describe(const nb_app *app, const struct train_args *args, const nb_target *target,
                     nb_train_request *request)
{
    const nb_config *config = target->config;
    const nb_experiment *experiment = target->experiment;
    request->experiment = experiment->name;
    request->notebook = in_root(app, config, experiment->notebook);
    request->workdir = experiment->workdir.len > 0
                           ? in_root(app, config, experiment->workdir)
                           : nb_arena_str(app->arena, nb_path_dir(request->notebook));
    request->python = nb_str_from(args->python);
    request->experiment_python = experiment->python;
    request->tracking_uri = config->tracking_uri;
    request->tracking_experiment = nb_config_mlflow_experiment(config, experiment);
    request->track = args->track;
    request->attached = args->wait;
    request->create_env = args->create_env;
    request->skip_requirements = !args->check;
}

static nb_code make_request(nb_app *app, const struct train_args *args, const nb_target *target,
                            nb_diags *diags, nb_train_request *request, nb_error *err)
{
    nb_manifest manifest;
    nb_convert_options how = {0};
    describe(app, args, target, request);
    if (args->model_dir && nb_path_absolute(app->arena, nb_str_from(args->model_dir),
                                            &request->model_dir, err) != NB_OK)
        return err->code;
    if (args->convert && convert(app, args, target, diags, err) != NB_OK)
        return err->code;
    if (nb_convert_folder(app->arena, target->config, target->experiment, &how, &request->code_dir,
                          err) != NB_OK ||
        nb_manifest_load(app->arena, request->code_dir, &manifest, err) != NB_OK ||
        nb_manifest_settings(&manifest, app->arena, args->set.at, args->set.count, request, err) !=
            NB_OK)
        return err->code;
    return set_data_path(app, args, target, &manifest, request, err);
}

/* --- how it ended ---------------------------------------------------------------------------------------- */

static nb_code report_failure(nb_app *app, const nb_job *job, nb_error *err)
{
    bool stopped = job->state == NB_JOB_STOPPED;
    (void)nb_fail(err, NB_ERR_USER_CODE, "training '" NB_STR_FMT "' %s: " NB_STR_FMT,
                  NB_STR_ARG(job->experiment), stopped ? "was stopped" : "failed",
                  NB_STR_ARG(job->reason));
    nb_error_hint(err, "see all of its output with 'notebooked jobs logs " NB_STR_FMT "'",
                  NB_STR_ARG(job->id));
    if (stopped) /* as shells have it: loops over experiments end then, too */
        app->exit_status = job->exit_status > 128
                               ? (int)job->exit_status
                               : 128 + (job->signal > 0 ? (int)job->signal : SIGINT);
    return err->code;
}

static nb_code report_end(nb_app *app, const nb_job *job, nb_error *err)
{
    if (job->state == NB_JOB_DONE || app->json)
        nb_job_view_result(app, job);
    return job->state == NB_JOB_DONE ? NB_OK : report_failure(app, job, err);
}

static void report_start(nb_app *app, const nb_job *job)
{
    if (app->json)
        nb_job_view_result(app, job);
    else
        fprintf(app->out, NB_STR_FMT "\n", NB_STR_ARG(job->id));
    nb_app_say(app, "follow it with 'notebooked jobs logs -f " NB_STR_FMT "'", NB_STR_ARG(job->id));
}

static nb_code train(nb_app *app, const nb_provider_ops *ops, nb_provider *provider,
                     const nb_train_request *request, nb_error *err)
{
    nb_job job;
    if (ops->train(provider, request, app->arena, &job, err) != NB_OK)
        return nb_wrap(err, "cannot train '" NB_STR_FMT "'", NB_STR_ARG(request->experiment));
    if (request->attached)
        return report_end(app, &job, err);
    report_start(app, &job);
    return NB_OK;
}

static nb_code run_with(nb_app *app, const nb_provider_ops *ops, nb_str root,
                        const nb_train_request *request, nb_error *err)
{
    nb_screen screen = {.app = app};
    nb_provider *provider;
    const nb_provider_context context = {app->env, &nb_runner_real, root,
                                         nb_screen_progress(&screen)};
    if (ops->open(&context, &provider, err) != NB_OK)
        return nb_wrap(err, "cannot use provider '%s'", ops->name);
    nb_code code = train(app, ops, provider, request, err);
    ops->close(provider);
    return code;
}

static nb_code find_provider(const struct train_args *args, const nb_config *config,
                             const nb_provider_ops **out, nb_error *err)
{
    nb_str name = args->provider ? nb_str_from(args->provider) : config->provider;
    return nb_provider_find(name.len > 0 ? name : NB_STR("local"), out, err);
}

static nb_code run(const void *args_, const char *const *operands, size_t count, nb_app *app,
                   nb_error *err)
{
    const struct train_args *args = args_;
    nb_diags diags = {.arena = app->arena};
    nb_train_request request = {0};
    const nb_provider_ops *ops = NULL;
    nb_target *target = NULL;
    size_t found;
    nb_code code = nb_targets_find(app, operands, count, false, &diags, &target, &found, err);
    if (code == NB_ERR_USAGE && count == 0) /* one at a time, unlike 'convert' */
        nb_error_hint(err, "name one of those under 'experiments:' of the configuration");
    if (code == NB_OK)
        code = find_provider(args, target->config, &ops, err);
    if (code == NB_OK && make_request(app, args, target, &diags, &request, err) != NB_OK)
        code = nb_wrap(err, "cannot train '" NB_STR_FMT "'", NB_STR_ARG(target->experiment->name));
    nb_report_diags(app, &diags);
    return code == NB_OK ? run_with(app, ops, target->config->root, &request, err) : code;
}

static const nb_opt options[] = {
    {NB_STRING('p',                            "provider", "NAME", struct train_args, provider,
     "where to train (default: 'provider:' of the configuration, else local)")},
    {NB_LIST('s',                                  "set", "NAME=VALUE", struct train_args, set,
     "set a hyperparameter; may be repeated")},
    {NB_STRING('d',                                "data-path", "PATH", struct train_args, data_path,
     "data instead of the configured 'data_path:'"),
     .names = NB_NAMES_FILE},
    {NB_STRING('m',                                        "model-dir", "DIR", struct train_args, model_dir,
     "a new or empty folder for the model (default: models/EXPERIMENT/N)"),
     .names = NB_NAMES_FOLDER},
    {NB_STRING(0,  "python", "PYTHON", struct train_args, python,
     "a program, an environment's folder, or a name on PATH"),
     .names = NB_NAMES_FILE},
    {NB_FLAG(0,                       "auto-tag", struct train_args, auto_tag,
     "convert with --auto-tag: read untagged cells as part of proposed sections")},
    {NB_FLAG(
        0, "create-env", struct train_args, create_env,
     "train in a virtual environment made from requirements.txt, which is kept for the next time")},
    {NB_FLAG(0,                            "check", struct train_args, check, "start although requirements are missing")},
    {NB_FLAG(0,                                  "wait", struct train_args, wait,
     "print the job's id at once; the training goes on by itself")},
    {NB_FLAG(0,                               "track", struct train_args, track, "do not use MLflow")},
    {NB_FLAG(0,                   "convert", struct train_args, convert,
     "train the scripts as they are, however old or edited")},
    {.kind = NB_OPT_END                           },
};

static const nb_example examples[] = {
    {"notebooked train iris",                 "with everything as configured"},
    {"notebooked train iris --set epochs=20 --set learning_rate=0.01",
     "with other hyperparameters"},
    {"notebooked train notebooks/iris.ipynb",            "a notebook that no configuration names"},
    {"notebooked train iris --no-wait", "in the background; see 'notebooked help jobs'"},
    {0                                      },
};

const nb_command nb_cmd_train = {
    .name = "train",
    .operands = "[EXPERIMENT | NOTEBOOK]",
    .summary = "Train an experiment's notebook and record the run.",
    .about =
        "Converts the notebook first when its scripts are out of date. The training's output goes to stderr as it comes, "
        "and into a log; tracebacks name cells of the notebook. When it has ended, the job, its model folder and its "
        "metrics are printed.\n\n"
        "The Python is the first there is of: --python; 'python:' of the experiment; the active virtual environment; the "
        "active conda environment; .venv in the project or beside the notebook; python3. What it lacks of "
        "requirements.txt is told before anything starts; nothing is installed without --create-env.\n\n"
        "Ctrl-C interrupts the training, a second Ctrl-C kills it. Exit status 1: the notebook's code failed; 130: it was "
        "interrupted.",
    .examples = examples,
    .options = options,
    .max_operands = 1,
    .operand_names = NB_NAMES_EXPERIMENT,
    .args_size = sizeof(struct train_args),
    .defaults = &defaults,
    .run = run,
};
