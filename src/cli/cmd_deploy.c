#include "base/path.h"
#include "cli/deployment.h"
#include "cli/report.h"
#include "cli/screen.h"
#include "cli/service_view.h"
#include "cli/shares.h"
#include "provider/provider.h"

struct deploy_args {
    nb_deployment_args deployment;
    const char *provider, *endpoint, *traffic;
    int64_t shadow;
    bool replace, wait;
};

static const struct deploy_args defaults = {.deployment = NB_DEPLOYMENT_DEFAULTS};

/* --- what is to be done ---------------------------------------------------------------------------- */

static nb_code share(nb_app *app, const struct deploy_args *args, nb_deploy_request *request,
                     nb_error *err)
{
    nb_share *shares = NULL;
    if (args->traffic && args->shadow > 0)
        return nb_fail(err, NB_ERR_USAGE, "--traffic and --shadow exclude each other");
    if (args->traffic && nb_shares_parse(app->arena, nb_str_from(args->traffic), &shares,
                                         &request->share_count, err) != NB_OK)
        return err->code;
    if (args->shadow > 0) {
        shares = NB_NEW(app->arena, nb_share);
        *shares = (nb_share){.version = NB_STR("new"), .shadow_percent = (unsigned)args->shadow};
        request->share_count = 1;
    }
    request->shares = shares;
    return NB_OK;
}

static nb_code make_request(nb_app *app, const struct deploy_args *args, const nb_target *target,
                            nb_deploy_request *request, nb_error *err)
{
    if (nb_deployment_describe(app, target, &args->deployment, request, err) != NB_OK)
        return err->code;
    if (args->endpoint)
        request->endpoint = nb_str_from(args->endpoint);
    request->replace = args->replace;
    request->wait = args->wait;
    return share(app, args, request, err);
}

static nb_code check_features(const nb_provider_ops *ops, const nb_deploy_request *request,
                              nb_error *err)
{
    if (!(ops->features & NB_CAN_SERVE))
        return nb_fail(err, NB_ERR_USAGE, "provider '%s' has no endpoints", ops->name);
    if (request->share_count > 0 && !(ops->features & NB_CAN_SPLIT))
        return nb_fail(err, NB_ERR_USAGE, "provider '%s' cannot split traffic", ops->name);
    return NB_OK;
}

/* --- doing it -------------------------------------------------------------------------------------- */

static nb_code deploy(nb_app *app, const nb_provider_ops *ops, const nb_config *config,
                      const nb_deploy_request *request, nb_error *err)
{
    nb_screen screen = {.app = app};
    nb_provider *provider = NULL;
    nb_service service = {0};
    const nb_provider_context context = {app->env, &nb_runner_real, config->root,
                                         nb_screen_progress(&screen)};
    if (check_features(ops, request, err) != NB_OK)
        return err->code;
    if (ops->open(&context, &provider, err) != NB_OK)
        return nb_wrap(err, "cannot use provider '%s'", ops->name);
    nb_code code = ops->deploy(provider, request, app->arena, &service, err);
    ops->close(provider);
    if (code == NB_OK)
        nb_service_view_deployed(app, config->root, request, &service);
    return code;
}

static nb_code run(const void *args_, const char *const *operands, size_t count, nb_app *app,
                   nb_error *err)
{
    const struct deploy_args *args = args_;
    nb_diags diags = {.arena = app->arena};
    nb_deploy_request request = {0};
    const nb_provider_ops *ops = NULL;
    nb_target *target = NULL;
    size_t found;
    nb_code code = nb_targets_find(app, operands, count, false, &diags, &target, &found, err);
    if (code == NB_ERR_USAGE && count == 0) /* one at a time */
        nb_error_hint(err, "name one of those under 'experiments:' of the configuration");
    if (code != NB_OK)
        return code;
    nb_str name = args->provider ? nb_str_from(args->provider) : target->config->provider;
    if (nb_provider_find(name.len > 0 ? name : NB_STR("local"), &ops, err) != NB_OK)
        return err->code;
    if (make_request(app, args, target, &request, err) != NB_OK)
        return nb_wrap(err, "cannot deploy '" NB_STR_FMT "'", NB_STR_ARG(target->experiment->name));
    nb_report_diags(app, &diags);
    return deploy(app, ops, target->config, &request, err);
}

/* --- what it says of itself ------------------------------------------------------------------------ */

/* clang-format off */
static const nb_opt options[] = {
    {NB_STRING('p', "provider", "NAME", struct deploy_args, provider,
     "where to serve (default: 'provider:' of the configuration, else local)")},
    {NB_STRING('e', "endpoint-name", "NAME", struct deploy_args, endpoint,
     "the endpoint (default: the experiment's name)"), .names = NB_NAMES_ENDPOINT},
    {NB_STRING(0, "traffic", "SHARES", struct deploy_args, traffic,
     "how requests are shared then, such as v3=90,new=10 (default: all go to the new version)")},
    {NB_INT(0, "shadow", "PERCENT", 1, 100, struct deploy_args, shadow,
     "give the new version copies of this share of requests; it answers none")},
    {NB_FLAG(0, "replace", struct deploy_args, replace,
     "end what is served first: needs less memory, leaves a gap")},
    {NB_FLAG(0, "wait", struct deploy_args, wait,
     "stay while the new traffic is watched (--watch); fail when it went back")},
    NB_DEPLOYMENT_OPTIONS(struct deploy_args, deployment),
    {.kind = NB_OPT_END},
};
/* clang-format on */

static const nb_example examples[] = {
    {"notebooked deploy iris",                        "the newest model, as endpoint 'iris'"},
    {"notebooked deploy iris --model-uri 3",                                               "the model in models/iris/3"},
    {"notebooked deploy iris --traffic v1=90,new=10","one request of ten to the new version"},
    {"notebooked deploy iris --workers auto --port 9000", "with settings of the endpoint"},
    {0                                              },
};

const nb_command nb_cmd_deploy = {
    .name = "deploy",
    .operands = "[EXPERIMENT | NOTEBOOK]",
    .summary = "Serve a model: a new endpoint, or a new version of one.",
    .about =
        "The model's files are copied, its Python is started beside what is served, the model is loaded, warmed up and "
        "asked to predict its input example; only then requests move to it, in one step. When any of that fails, "
        "everything is as it was, and Python's error is shown with its cell of the notebook.\n\n"
        "The same model again changes nothing. Settings that are not given stay as they are; 'serving:' of the experiment "
        "says how it is to be served, options win over it. An endpoint runs until 'notebooked endpoints stop' or "
        "'notebooked delete-endpoint' ends it.\n\n"
        "Ctrl-C ends the waiting, not what has begun.\n\n"
        "The Python is the one that --python or 'python:' of the experiment names; else the endpoint's, then the one that "
        "trained the model, while they are there; else it is found as for training. What it lacks of the model's requirements.txt is told before anything starts.",
    .examples = examples,
    .options = options,
    .max_operands = 1,
    .operand_names = NB_NAMES_EXPERIMENT,
    .args_size = sizeof(struct deploy_args),
    .defaults = &defaults,
    .run = run,
};
