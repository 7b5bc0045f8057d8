/* A new version: its files placed, its workers started beside the others, and the weights moved when it has proven itself. */
#include "endpoint/admin.h"
#include "endpoint/settings.h"
#include "origin/translate.h"
#include "provider/local/serve_parts.h"
#include "provider/local/worker_words.h"

#include <unistd.h>

enum { MARGIN_MS = 30000, PAUSE_MS = 250 };

static void say(const nb_local_deploying *d, const char *fmt, ...) NB_PRINTF(2, 3);

static void say(const nb_local_deploying *d, const char *fmt, ...)
{
    const nb_progress *progress = &d->context->progress;
    va_list args;
    if (!progress->say)
        return;
    va_start(args, fmt);
    progress->say(progress->ctx, nb_arena_vprintf(d->arena, fmt, args));
    va_end(args);
}

/* The newest version with weight has this very model, and is served as is asked for now. */
static bool is_served_already(const nb_local_deploying *d, nb_str sha256)
{
    const nb_endpoint *endpoint = &d->before;
    if (endpoint->folder.len == 0 || sha256.len == 0 || d->request->share_count > 0 ||
        nb_settings_differ(&endpoint->settings, &d->endpoint.settings, false) ||
        !nb_local_is_running(d->context, endpoint))
        return false;
    for (size_t i = endpoint->deployments.count; i-- > 0;)
        if (endpoint->deployments.at[i].weight > 0)
            return nb_str_eq(endpoint->deployments.at[i].sha256, sha256);
    return false;
}

/* --- the front ---------------------------------------------------------------------------------------- */

/* The front finds the row in endpoint.json, without weight and not up, and writes the file from then on. */
static nb_code add_row(nb_local_deploying *d, nb_error *err)
{
    nb_endpoint on_disk = {0};
    if (nb_local_read_again(d->arena, &d->endpoint, &on_disk, err) != NB_OK)
        return err->code;
    on_disk.settings = d->endpoint.settings;
    nb_vec_push(d->arena, &on_disk.deployments, d->added);
    return nb_endpoint_write(&on_disk, err);
}

/* One that does not run comes up with what is to serve beside the new version, and with nothing else. */
static nb_code start_front(nb_local_deploying *d, nb_error *err)
{
    nb_endpoint start = d->endpoint;
    const nb_front_process front = nb_local_front(d->context, &d->endpoint);
    nb_process process;
    start.deployments.count = start.deployments.cap = 0;
    start.deployments.at = NULL;
    for (size_t i = 0; i < d->endpoint.deployments.count; i++) {
        const nb_deployment *each = &d->endpoint.deployments.at[i];
        nb_vec_push(d->arena, &start.deployments,
                    each->version == d->added.version ? d->added : *each);
    }
    if (nb_endpoint_write(&start, err) != NB_OK || nb_front_start(&front, &process, err) != NB_OK)
        return err->code;
    say(d, "the endpoint's process has started (%lld)", (long long)process.pid);
    return NB_OK;
}

/* Such as "ModuleNotFoundError: No module named 'x' (cell 2, line 1)": what the model's code has done wrong, and where. */
static nb_code fail_model(const nb_local_deploying *d, const nb_worker_words *words, nb_error *err)
{
    nb_str why = nb_arena_str(d->arena, nb_str_from(nb_error_message(err, 0)));
    nb_str place = nb_worker_words_place(words, d->arena);
    bool lacks = nb_str_contains(why, NB_STR("No module named"));
    (void)nb_fail(err, NB_ERR_USER_CODE, NB_STR_FMT "%s" NB_STR_FMT "%s", NB_STR_ARG(why),
                  place.len > 0 ? " (" : "", NB_STR_ARG(place), place.len > 0 ? ")" : "");
    if (lacks)
        nb_error_hint(err, "install it for " NB_STR_FMT ", or choose another Python with --python",
                      NB_STR_ARG(d->endpoint.settings.python));
    else
        nb_error_hint(err, "see all that it said in '" NB_STR_FMT "/log/server.log'",
                      NB_STR_ARG(d->endpoint.folder));
    return err->code;
}

static nb_code ask_front(nb_local_deploying *d, nb_str body, nb_error *err)
{
    nb_worker_words words;
    const nb_json *answer = NULL;
    say(d, "loading v%u", d->added.version);
    nb_worker_words_open(&words, d);
    const nb_admin_wait wait = {
        .request = {"POST", "/admin/deploy", body,
                    d->endpoint.settings.startup_timeout_ms + MARGIN_MS},
        .idle = nb_worker_words_pass_on,
        .ctx = &words,
    };
    nb_code code = nb_admin_await(d->arena, &d->endpoint, &wait, &answer, err);
    nb_worker_words_pass_on(&words);
    nb_worker_words_end(&words);
    if (code == NB_ERR_USAGE && !err->hint) /* a refusal without advice is about the model */
        code = fail_model(d, &words, err);
    nb_worker_words_close(&words);
    return code;
}

/* --- while the new traffic is watched ------------------------------------------------------------------ */

/* Until the front has made up its mind about the weights that it moved last. */
static nb_code await_verdict(const nb_local_deploying *d, nb_error *err)
{
    const nb_env *env = d->context->env;
    for (bool told = false;; told = true) {
        NB_AUTO(nb_arena) scratch = NB_ARENA_INIT;
        const nb_json *status = nb_local_status(&scratch, &d->endpoint);
        const nb_json *watch = nb_json_get(status, "watch");
        nb_str verdict = nb_json_get_str(watch, "verdict");
        if (!status)
            return nb_fail(err, NB_ERR_REMOTE, "its process does not answer");
        if (nb_str_eqz(verdict, "rolled back"))
            return nb_fail(err, NB_ERR_USER_CODE, "it went back to the traffic before: " NB_STR_FMT,
                           NB_STR_ARG(nb_json_get_str(watch, "reason")));
        if (!nb_str_eqz(verdict, "looking"))
            return NB_OK;
        if (!told)
            say(d, "watching the new traffic for %lld s",
                (long long)(d->endpoint.settings.watch_ms / 1000));
        env->sleep_ms(env->ctx, PAUSE_MS);
    }
}

/* --- deploy -------------------------------------------------------------------------------------------- */

/* Beside what is served; `*runs` follows the front. */
static nb_code bring_up(nb_local_deploying *d, bool *runs, nb_error *err)
{
    const nb_deploy_request *request = d->request;
    const nb_front_process front = nb_local_front(d->context, &d->endpoint);
    const nb_traffic_request shares = {request->endpoint, request->shares, request->share_count};
    nb_vec_push(d->arena, &d->endpoint.deployments, d->added);
    if (nb_local_set_shares(d->arena, &d->endpoint, &shares, &d->added, err) != NB_OK)
        return err->code;
    if (*runs && request->replace) {
        say(d, "ending what is served");
        if (nb_front_stop(&front, NULL, err) != NB_OK)
            return err->code;
        *runs = false;
    }
    if ((*runs ? add_row(d, err) : start_front(d, err)) != NB_OK)
        return err->code;
    return ask_front(d, nb_local_shares_json(d->context, d->arena, &d->endpoint, d->added.version),
                     err);
}

/* Everything is as it was: a front that was started for this ends, one that was ended for this starts again. */
static void restore(nb_local_deploying *d, bool ran, bool runs)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* the first failure is the one to tell */
    const nb_front_process front = nb_local_front(d->context, &d->endpoint);
    nb_process process;
    if (!runs)
        (void)nb_front_stop(&front, NULL, &ignored);
    nb_local_take_back(d);
    nb_error_release(&ignored);
    if (ran && !runs)
        (void)nb_front_start(&front, &process, &ignored);
}

/* Of a model that somebody vouches for, its files tell which one it is, and no manifest in it. */
static nb_code deploy_new(nb_local_deploying *d, bool *unchanged, nb_error *err)
{
    bool ran = nb_local_is_running(d->context, &d->endpoint), runs = ran;
    *unchanged = !d->request->trust && is_served_already(d, d->request->model->sha256);
    if (*unchanged)
        return NB_OK;
    if (nb_local_place(d, err) != NB_OK)
        return err->code;
    *unchanged = is_served_already(d, d->added.sha256);
    if (*unchanged) {
        nb_local_remove_files(d);
        return NB_OK;
    }
    nb_code code = bring_up(d, &runs, err);
    if (code != NB_OK)
        restore(d, ran, runs);
    return code;
}

nb_code nb_local_deploy(const nb_provider_context *context, const nb_deploy_request *request,
                        nb_arena *arena, nb_service *out, nb_error *err)
{
    nb_local_deploying d = {.context = context, .request = request, .arena = arena};
    bool unchanged = false;
    int held = -1;
    nb_code code = nb_endpoint_hold_deploy(context->root, request->endpoint, &held, err);
    if (code == NB_OK) {
        code = nb_local_prepare(&d, err);
        if (code == NB_OK)
            code = deploy_new(&d, &unchanged, err);
        close(held);
    }
    if (code == NB_OK && request->wait && !unchanged)
        code = await_verdict(&d, err);
    if (code != NB_OK)
        return nb_wrap(err, "cannot deploy '" NB_STR_FMT "' to the endpoint '" NB_STR_FMT "'",
                       NB_STR_ARG(request->model_name), NB_STR_ARG(request->endpoint));
    if (nb_local_tell(arena, context, &d.endpoint, out, err) != NB_OK)
        return err->code;
    out->unchanged = unchanged;
    out->deployed = unchanged ? NB_STR("") : nb_local_version_name(arena, d.added.version);
    return NB_OK;
}
