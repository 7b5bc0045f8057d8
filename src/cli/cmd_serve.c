#include "base/path.h"
#include "cli/deployment.h"
#include "cli/endpoint_start.h"
#include "cli/project.h"
#include "cli/report.h"
#include "cli/screen.h"
#include "endpoint/library.h"
#include "endpoint/settings.h"
#include "endpoint/start.h"
#include "provider/local/python.h"
#include "provider/local/serve_parts.h"

#include <unistd.h>

struct serve_args {
    nb_deployment_args deployment;
    int only; /* of `platforms`; -1: all are served */
    bool foreground, debug;
};

static const struct serve_args defaults = {.deployment = NB_DEPLOYMENT_DEFAULTS, .only = -1};

static const char *const platforms[] = {
#define NB_CONTRACT(name, whose, paths) #name,
#include "serve/contract/contracts.def"
#undef NB_CONTRACT
    NULL,
};

static const char *only_of(const struct serve_args *args)
{
    return args->only < 0 ? NULL : platforms[args->only];
}

/* --- the front in this process --------------------------------------------------------------------- */

typedef struct serving {
    nb_app *app;
    const struct serve_args *args;
    int report; /* whoever started us waits for a word there; -1: nobody does */
} serving;

static void on_started(void *ctx)
{
    serving *s = ctx;
    nb_front_report_started(s->report);
    s->report = -1;
}

static nb_code run_front(serving *s, const nb_endpoint *endpoint, unsigned first, nb_error *err)
{
    const nb_serve_library *library = NULL;
    const nb_front_options how = {
        .endpoint = endpoint,
        .only = only_of(s->args),
        .foreground = s->args->foreground,
        .debug = s->args->debug,
        .started = on_started,
        .ctx = s,
        .first = first,
    };
    if (nb_serve_library_open(&library, err) != NB_OK)
        return err->code;
    return library->run(&how, err);
}

/* The process that nb_front_start() has made, in the project's folder: it needs no configuration. */
static nb_code run_started(serving *s, const char *name, nb_error *err)
{
    nb_str root = {0};
    nb_endpoint endpoint = {0};
    if (nb_path_absolute(s->app->arena, NB_STR("."), &root, err) != NB_OK ||
        nb_endpoint_read(s->app->arena, root, nb_str_from(name), &endpoint, err) != NB_OK)
        return err->code;
    return run_front(s, &endpoint, 0, err);
}

/* --- an endpoint that is there --------------------------------------------------------------------- */

static nb_code fail_running(const nb_endpoint *endpoint, const nb_process *process, nb_error *err)
{
    (void)nb_fail(err, NB_ERR_EXISTS, "endpoint '" NB_STR_FMT "' runs already (process %lld)",
                  NB_STR_ARG(endpoint->name), (long long)process->pid);
    nb_error_hint(err, "end it with 'notebooked endpoints stop " NB_STR_FMT "'",
                  NB_STR_ARG(endpoint->name));
    return err->code;
}

static nb_code change_python(nb_app *app, const char *given, nb_endpoint *endpoint, nb_error *err)
{
    const nb_provider_context context = {
        .env = app->env, .runner = &nb_runner_real, .root = endpoint->root};
    const nb_train_request as_for_training = {.python = nb_str_from(given)};
    nb_python python = {0};
    if (nb_python_find(app->arena, &context, &as_for_training, &python, err) != NB_OK)
        return err->code;
    endpoint->settings.python = python.program;
    return NB_OK;
}

/* Options change the endpoint: its front reads them, and writes them down again. */
static nb_code change(nb_app *app, const struct serve_args *args, nb_endpoint *endpoint,
                      nb_error *err)
{
    nb_serving_given given = {0};
    const char *python = args->deployment.python;
    if (python && change_python(app, python, endpoint, err) != NB_OK)
        return err->code;
    if (nb_serving_collect(app, NULL, NULL, &args->deployment.serving, &given, err) != NB_OK)
        return err->code;
    for (size_t i = 0; i < given.count; i++)
        if (nb_setting_set(app->arena, &given.values[i], &endpoint->settings, err) != NB_OK)
            return err->code;
    return given.count > 0 || python ? nb_endpoint_write(endpoint, err) : NB_OK;
}

static nb_code start_detached(nb_app *app, const struct serve_args *args,
                              const nb_endpoint *endpoint, nb_error *err)
{
    const nb_endpoint_starting starting = {endpoint, only_of(args), true};
    if (!args->debug)
        return nb_endpoint_bring_up(app, &starting, err);
    (void)nb_fail(err, NB_ERR_USAGE, "--debug needs a terminal");
    nb_error_hint(err, "add --foreground");
    return err->code;
}

static nb_code resume(serving *s, nb_endpoint *endpoint, nb_error *err)
{
    const struct serve_args *args = s->args;
    nb_process process = {0};
    if (nb_endpoint_look(endpoint, &nb_runner_real, &process) == NB_ENDPOINT_RUNNING)
        return fail_running(endpoint, &process, err);
    if (args->deployment.model) {
        (void)nb_fail(err, NB_ERR_USAGE, "endpoint '" NB_STR_FMT "' has its models already",
                      NB_STR_ARG(endpoint->name));
        nb_error_hint(err, "add one with 'notebooked deploy'");
        return err->code;
    }
    if (change(s->app, args, endpoint, err) != NB_OK)
        return err->code;
    return args->foreground ? run_front(s, endpoint, 0, err)
                            : start_detached(s->app, args, endpoint, err);
}

/* --- an experiment that has no endpoint yet -------------------------------------------------------- */

/* A version that never came up is taken away again, and so is its endpoint. */
static void forget_unproven(const nb_local_deploying *d)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* the front's failure is the one to tell */
    nb_endpoint now = {0};
    if (nb_local_read_again(d->arena, &d->endpoint, &now, &ignored) == NB_OK)
        for (size_t i = 0; i < now.deployments.count; i++)
            if (now.deployments.at[i].weight > 0)
                return;
    nb_local_take_back(d);
}

static nb_code place_new(nb_local_deploying *d, nb_error *err)
{
    if (nb_local_prepare(d, err) != NB_OK)
        return err->code;
    if (d->before.folder.len > 0) /* it came a moment ago */
        return nb_fail(err, NB_ERR_EXISTS, "endpoint '" NB_STR_FMT "' is there already",
                       NB_STR_ARG(d->endpoint.name));
    if (nb_local_place(d, err) != NB_OK)
        return err->code;
    nb_vec_push(d->arena, &d->endpoint.deployments, d->added);
    d->endpoint.wanted = true;
    nb_code code = nb_endpoint_write(&d->endpoint, err);
    if (code != NB_OK)
        nb_local_take_back(d);
    return code;
}

static nb_code serve_new(serving *s, const nb_deploy_request *request, nb_str root, nb_error *err)
{
    nb_app *app = s->app;
    nb_screen screen = {.app = app};
    const nb_provider_context context = {app->env, &nb_runner_real, root,
                                         nb_screen_progress(&screen)};
    nb_local_deploying d = {.context = &context, .request = request, .arena = app->arena};
    int held = -1;
    if (nb_endpoint_hold_deploy(root, request->endpoint, &held, err) != NB_OK)
        return err->code;
    nb_code code = place_new(&d, err);
    close(held);
    if (code != NB_OK)
        return code;
    code = run_front(s, &d.endpoint, d.added.version, err);
    forget_unproven(&d);
    return code;
}

static nb_code deploy_here(serving *s, const char *name, nb_error *err)
{
    nb_app *app = s->app;
    nb_diags diags = {.arena = app->arena};
    nb_deploy_request request = {0};
    nb_target *target = NULL;
    size_t found;
    if (nb_targets_find(app, &name, 1, false, &diags, &target, &found, err) != NB_OK ||
        nb_deployment_describe(app, target, &s->args->deployment, &request, err) != NB_OK)
        return err->code;
    nb_report_diags(app, &diags);
    return serve_new(s, &request, target->config->root, err);
}

/* Without an endpoint of that name. */
static void fail_missing(const nb_error *missing, bool is_experiment, const char *name,
                         nb_error *err)
{
    nb_error_copy(err, missing);
    if (missing->code == NB_ERR_NOT_FOUND && is_experiment)
        nb_error_hint(err, "deploy it with 'notebooked deploy %s', or serve it with --foreground",
                      name);
}

static nb_code run_asked(serving *s, const char *name, nb_error *err)
{
    const nb_config *config = NULL;
    nb_endpoint endpoint = {0};
    NB_AUTO(nb_error) missing = NB_ERROR_INIT;
    bool is_experiment = false;
    if (nb_app_project(s->app, &config, err) != NB_OK)
        return err->code;
    nb_code code =
        nb_endpoint_read(s->app->arena, config->root, nb_str_from(name), &endpoint, &missing);
    for (size_t i = 0; i < config->experiment_count; i++)
        is_experiment |= nb_str_eqz(config->experiments[i].name, name);
    if (code == NB_OK)
        return resume(s, &endpoint, err);
    if (code == NB_ERR_NOT_FOUND && s->args->foreground && is_experiment)
        return deploy_here(s, name, err);
    fail_missing(&missing, is_experiment, name, err);
    return code;
}

static nb_code run(const void *args, const char *const *operands, NB_UNUSED size_t count,
                   nb_app *app, nb_error *err)
{
    serving s = {app, args, nb_front_report_to(app->env)};
    nb_code code =
        s.report >= 0 ? run_started(&s, operands[0], err) : run_asked(&s, operands[0], err);
    if (code == NB_OK)
        return NB_OK;
    if (s.report >= 0)
        nb_front_report_failure(s.report, err);
    return nb_wrap(err, "cannot serve '%s'", operands[0]);
}

/* --- what it says of itself ------------------------------------------------------------------------ */

/* clang-format off */
static const nb_opt options[] = {
    {NB_FLAG('f', "foreground", struct serve_args, foreground,
     "stay, and write the log to stderr as well; Ctrl-C ends it")},
    {NB_CHOICE(0, "as", platforms, struct serve_args, only,
     "serve only that platform's protocol, as strictly as the platform")},
    {NB_FLAG(0, "debug", struct serve_args, debug,
     "one worker, which has the terminal, and tracebacks in answers; with --foreground")},
    NB_DEPLOYMENT_OPTIONS(struct serve_args, deployment),
    {.kind = NB_OPT_END},
};
/* clang-format on */

static const nb_example examples[] = {
    {"notebooked serve iris",                        "start the endpoint 'iris' again"},
    {"notebooked serve iris --foreground --as sagemaker",
     "as its container on SageMaker would be asked"},
    {"notebooked serve iris --foreground --debug", "stop at a breakpoint() of inference.py"},
    {0  },
};

const nb_command nb_cmd_serve = {
    .name = "serve",
    .operands = "ENDPOINT | EXPERIMENT",
    .summary = "Run an endpoint of this machine.",
    .about =
        "An endpoint that is there goes on with the versions and traffic it had; without --foreground it does so in the "
        "background, as with 'notebooked endpoints start'. Options change its settings for good.\n\n"
        "With --foreground the name may be an experiment that has no endpoint yet: its newest model is deployed and served "
        "until Ctrl-C or SIGTERM, which end it once what it has is answered. Exit status 0 then; 1 when the model cannot be loaded.\n\n"
        "All protocols are served on one port. --as names one of them: only its paths are there, its platform's limits and variables hold, "
        "and scripts are called as there.\n\n"
#define NB_CONTRACT(name, whose, paths) "  " #name ": " whose "\n      " paths "\n"
#include "serve/contract/contracts.def"
#undef NB_CONTRACT
    ,
    .examples = examples,
    .options = options,
    .min_operands = 1,
    .max_operands = 1,
    .operand_names = NB_NAMES_ENDPOINT,
    .args_size = sizeof(struct serve_args),
    .defaults = &defaults,
    .run = run,
};
