#include "cli/endpoint_start.h"

#include "base/path.h"
#include "cli/endpoint_status.h"
#include "cli/project.h"
#include "endpoint/admin.h"
#include "endpoint/start.h"

enum { STATUS_MS = 2000, PAUSE_MS = 100, MARGIN_MS = 30000, MOST_IDLE = 10 };

/* A front that does not answer is told by its state. */
void nb_endpoint_see(nb_app *app, nb_endpoint_sight *sight)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT;
    const nb_admin_request status = {"GET", "/admin/status", NB_STR(""), STATUS_MS};
    sight->status = NULL;
    sight->liveness = nb_endpoint_look(&sight->endpoint, &nb_runner_real, &sight->process);
    if (sight->liveness == NB_ENDPOINT_RUNNING)
        (void)nb_admin_ask(app->arena, &sight->endpoint, &status, &sight->status, &ignored);
}

/* --- until it is ready ---------------------------------------------------------------------------- */

static bool is_ready(const nb_endpoint_sight *sight)
{
    const nb_json *ready = nb_json_get(sight->status, "ready");
    return ready && ready->kind == NB_JSON_TRUE;
}

/* A version that is to answer requests and has given up. */
static const nb_json *failed_version(const nb_endpoint_sight *sight)
{
    for (size_t i = 0; i < sight->endpoint.deployments.count; i++) {
        const nb_deployment *each = &sight->endpoint.deployments.at[i];
        const nb_json *row = nb_status_version(sight->status, each->version);
        if (each->weight > 0 && nb_str_eqz(nb_json_get_str(row, "state"), "failed"))
            return row;
    }
    return NULL;
}

/* Something may become ready yet: a version is on its way, or the front says nothing now. */
static bool is_coming_up(const nb_endpoint_sight *sight)
{
    const nb_json *versions = nb_json_get(sight->status, "versions");
    for (const nb_json *each = versions ? versions->child : NULL; each; each = each->next)
        if (!nb_str_eqz(nb_json_get_str(each, "state"), "failed"))
            return true;
    return !sight->status;
}

static void advise_logs(const nb_endpoint *endpoint, nb_error *err)
{
    nb_error_hint(err, "see 'notebooked endpoints logs " NB_STR_FMT "'",
                  NB_STR_ARG(endpoint->name));
}

static nb_code fail_unready(const nb_endpoint_sight *sight, nb_code code, nb_str why, nb_error *err)
{
    (void)nb_fail(err, code, "endpoint '" NB_STR_FMT "' is not ready: " NB_STR_FMT,
                  NB_STR_ARG(sight->endpoint.name), NB_STR_ARG(why));
    advise_logs(&sight->endpoint, err);
    return code;
}

static nb_code await_ready(nb_app *app, nb_endpoint_sight *sight, nb_error *err)
{
    const nb_env *env = app->env;
    int64_t until_ms =
        env->now_ms(env->ctx) + sight->endpoint.settings.startup_timeout_ms + MARGIN_MS;
    nb_str told = NB_STR("");
    for (unsigned idle = 0;; idle++) {
        nb_endpoint_see(app, sight);
        const nb_json *failed = failed_version(sight);
        nb_str reason = nb_json_get_str(sight->status, "reason");
        if (is_ready(sight))
            return NB_OK;
        if (sight->liveness != NB_ENDPOINT_RUNNING)
            return fail_unready(sight, NB_ERR_REMOTE, NB_STR("its process has ended"), err);
        if (failed)
            return fail_unready(sight, NB_ERR_USER_CODE, nb_json_get_str(failed, "reason"), err);
        if (is_coming_up(sight))
            idle = 0;
        else if (idle == MOST_IDLE)
            return fail_unready(sight, NB_ERR_REMOTE, reason, err);
        if (env->now_ms(env->ctx) > until_ms)
            return fail_unready(sight, NB_ERR_TIMEOUT, reason, err);
        if (reason.len > 0 && !nb_str_eq(reason, told))
            nb_app_say(app, NB_STR_FMT, NB_STR_ARG(reason));
        told = reason;
        env->sleep_ms(env->ctx, PAUSE_MS);
    }
}

/* --- starting ------------------------------------------------------------------------------------- */

static void show(nb_app *app, const nb_endpoint_sight *sight)
{
    const nb_endpoint *endpoint = &sight->endpoint;
    nb_pairs pairs = {0};
    nb_str log = nb_path_join(app->arena, endpoint->folder, NB_STR("log/server.log"));
    if (app->json) {
        nb_endpoint_view_page(app, sight);
        return;
    }
    nb_pairs_add(app->arena, &pairs, "endpoint", endpoint->name);
    nb_pairs_add(app->arena, &pairs, "state",
                 is_ready(sight) ? NB_STR("ready") : nb_json_get_str(sight->status, "reason"));
    nb_pairs_add(app->arena, &pairs, "url", nb_endpoint_url(app->arena, sight));
    nb_pairs_add(app->arena, &pairs, "log", nb_project_path(app->arena, endpoint->root, log));
    nb_pairs_print(app, &pairs);
}

nb_code nb_endpoint_bring_up(nb_app *app, const nb_endpoint_starting *starting, nb_error *err)
{
    const nb_front_process front = {.endpoint = starting->endpoint,
                                    .runner = &nb_runner_real,
                                    .env = app->env,
                                    .only = starting->only};
    nb_endpoint_sight sight = {.endpoint = *starting->endpoint};
    nb_process process;
    bool runs = nb_endpoint_look(&sight.endpoint, &nb_runner_real, &process) == NB_ENDPOINT_RUNNING;
    if (!runs && nb_front_start(&front, &process, err) != NB_OK)
        return err->code;
    nb_app_say(app, "endpoint '" NB_STR_FMT "' %s (process %lld)", NB_STR_ARG(sight.endpoint.name),
               runs ? "runs already" : "has started", (long long)process.pid);
    if (starting->wait && await_ready(app, &sight, err) != NB_OK)
        return err->code;
    if (!starting->wait)
        nb_endpoint_see(app, &sight);
    show(app, &sight);
    return NB_OK;
}
