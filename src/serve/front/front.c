#include "serve/front/front.h"

#include "base/fs.h"
#include "base/heap.h"
#include "base/path.h"
#include "serve/front/front_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- what contracts and the admin ask ------------------------------------------------------------------------------ */

const nb_endpoint *nb_front_endpoint(const nb_front *front)
{
    return &front->endpoint;
}

nb_version *nb_front_version(const nb_front *front, unsigned number)
{
    for (size_t i = 0; i < front->up_count; i++)
        if (front->up[i].number == number && !front->up[i].leaving)
            return front->up[i].version;
    return NULL;
}

nb_traffic *nb_front_traffic(nb_front *front)
{
    return &front->traffic;
}

const nb_contract *nb_front_only(const nb_front *front)
{
    return front->only;
}

bool nb_front_is_ready(const nb_front *front, nb_str *reason)
{
    bool any = false;
    *reason = NB_STR("draining");
    if (front->draining)
        return false;
    for (size_t i = 0; i < front->traffic.count; i++) {
        const nb_traffic_share *share = &front->traffic.shares[i];
        if (share->shadow || share->weight == 0)
            continue;
        const nb_version *version = nb_front_version(front, share->version);
        nb_version_state state = version ? nb_version_state_of(version) : NB_VERSION_STOPPED;
        any = true;
        if (state == NB_VERSION_READY)
            continue;
        *reason = nb_str_from(nb_version_state_name(state));
        return false;
    }
    *reason = any                     ? NB_STR("")
              : front->change.pending ? NB_STR("loading")
                                      : NB_STR("no version has weight");
    return any;
}

const nb_version *nb_front_main_version(const nb_front *front)
{
    const nb_traffic_share *best = NULL;
    for (size_t i = 0; i < front->traffic.count; i++) {
        const nb_traffic_share *share = &front->traffic.shares[i];
        if (!share->shadow && nb_front_version(front, share->version) &&
            (!best || share->weight > best->weight))
            best = share;
    }
    return best ? nb_front_version(front, best->version) : NULL;
}

/* --- the end ------------------------------------------------------------------------------------------------------- */

static void lose_patience(void *ctx)
{
    nb_front *front = ctx;
    nb_log(front, "the drain timeout is over: what is left is refused");
    for (size_t i = 0; i < front->up_count; i++)
        nb_version_abort(front->up[i].version);
    front->stirred = true;
}

static void end_now(void *ctx)
{
    nb_front *front = ctx;
    nb_loop_end(front->loop);
}

void nb_front_drain(nb_front *front)
{
    int64_t patience = front->endpoint.settings.drain_timeout_ms;
    if (front->draining)
        return;
    front->draining = true;
    nb_log(front, "draining");
    nb_change_fail(front, NB_STR("the endpoint stops"), NB_STR(""));
    nb_front_unwatch(front, NB_WATCH_OVERTAKEN);
    nb_front_save(front); /* before versions leave: the next front resumes with these */
    nb_http_drain(front->tcp);
    for (size_t i = 0; i < front->up_count; i++)
        nb_version_drain(front->up[i].version);
    front->stirred = true;
    nb_timer_set(front->loop, &front->drain, nb_loop_now_us(front->loop) + patience * 1000);
}

/* Once no version is left, the last bytes of answers get a moment. */
static void end_when_drained(nb_front *front)
{
    if (!front->draining || front->linger.slot > 0)
        return;
    for (size_t i = 0; i < front->up_count; i++)
        if (nb_version_state_of(front->up[i].version) != NB_VERSION_FAILED)
            return;
    nb_timer_set(front->loop, &front->linger, nb_loop_now_us(front->loop) + 200000);
}

static void on_signal(void *ctx, unsigned events)
{
    nb_front *front = ctx;
    struct signalfd_siginfo info;
    (void)events;
    while (read(front->signals, &info, sizeof info) == (ssize_t)sizeof info) {
        if (front->draining)
            end_now(front); /* a second one: workers die with us */
        else
            nb_front_drain(front);
    }
}

/* A terminal that closes ends us as well as SIGTERM does, unless nohup says otherwise. Nobody who stopped reading our stderr does. */
static nb_code watch_signals(nb_front *front, nb_error *err)
{
    sigset_t set;
    struct sigaction hangup;
    (void)signal(SIGXFSZ, SIG_IGN); /* a limit of file sizes is an error of writing, not our end */
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    if (sigaction(SIGHUP, NULL, &hangup) == 0 && hangup.sa_handler != SIG_IGN)
        sigaddset(&set, SIGHUP);
    (void)signal(SIGPIPE, SIG_IGN);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
        return nb_fail_errno(err, "cannot block signals");
    front->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (front->signals < 0)
        return nb_fail_errno(err, "cannot wait for signals");
    return nb_loop_watch(front->loop, front->signals, EPOLLIN, on_signal, front, err);
}

/* --- its life ------------------------------------------------------------------------------------------------------ */

static void turn(void *ctx)
{
    nb_front *front = ctx;
    for (size_t i = 0; i < front->up_count; i++)
        nb_version_dispatch(front->up[i].version);
    nb_front_step(front);
    nb_access_flush(front);
    end_when_drained(front);
}

/* The versions that were up, with their weights. One that cannot come up any more must not keep the others down. */
static void resume(nb_front *front)
{
    size_t count = front->endpoint.deployments.count;
    for (size_t i = 0; i < count; i++) {
        const nb_deployment d = front->endpoint.deployments.at[i];
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        unsigned weight = d.shadow ? d.shadow_percent : d.weight;
        if ((!d.up && d.weight == 0) || front->traffic.count == NB_TRAFFIC_MOST)
            continue;
        (void)nb_traffic_add(
            &front->traffic,
            (nb_traffic_share){.version = d.version, .weight = weight, .shadow = d.shadow});
        if (nb_front_bring_up(front, d.version, false, &err) != NB_OK)
            nb_log(front, "v%u cannot come up: %s", d.version, nb_error_message(&err, 0));
    }
}

/* Before anything is touched that a front which runs already has: its socket, its log, its server.pid. The kernel lets go of it when we end, however that is. */
static nb_code be_the_only_one(nb_front *front, nb_error *err)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_str path = nb_path_join(&arena, front->endpoint.folder, NB_STR("front.lock"));
    front->lock = open(path.at, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (front->lock < 0)
        return nb_fail_errno(err, "cannot open '%s'", path.at);
    if (flock(front->lock, LOCK_EX | LOCK_NB) == 0)
        return NB_OK;
    if (errno != EWOULDBLOCK)
        return nb_fail_errno(err, "cannot lock '%s'", path.at);
    (void)nb_fail(err, NB_ERR_EXISTS, "endpoint '" NB_STR_FMT "' runs already",
                  NB_STR_ARG(front->endpoint.name));
    nb_error_hint(err, "stop it with 'notebooked endpoints stop " NB_STR_FMT "'",
                  NB_STR_ARG(front->endpoint.name));
    return err->code;
}

/* With --as the platform's own limits hold where they are tighter. */
static nb_code choose_contract(nb_front *front, nb_error *err)
{
    const char *name = front->options->only;
    size_t i = 0;
    front->max_body = front->endpoint.settings.max_body;
    if (!name)
        return NB_OK;
    while (nb_contracts[i] && strcmp(nb_contracts[i]->name, name) != 0)
        i++;
    if (!nb_contracts[i])
        return nb_fail(err, NB_ERR_USAGE, "there is no contract '%s'", name);
    front->only = nb_contracts[i];
    const nb_contract_limits *limits = &front->only->limits;
    if (limits->body > 0 && (front->max_body == 0 || front->max_body > limits->body))
        front->max_body = limits->body;
    return NB_OK;
}

static void begin_with_first(nb_front *front)
{
    nb_change change = {.deployed = front->options->first};
    (void)nb_traffic_add(&change.to, (nb_traffic_share){.version = change.deployed, .weight = 100});
    if (change.deployed > 0)
        nb_change_begin(front, &change);
}

static void choose_session(nb_front *front)
{
    nb_str session = front->endpoint.settings.session;
    bool cookie = nb_str_starts(session, NB_STR("cookie:"));
    if (session.len > 0)
        front->session = cookie ? "Cookie" : nb_arena_z(&front->arena, session);
    front->session_cookie = cookie ? nb_str_from_at(session, strlen("cookie:")) : NB_STR("");
}

static nb_code serve(nb_front *front, nb_error *err)
{
    (void)umask(077); /* whatever we write is its owner's alone */
    if (nb_guard_start(&front->guard, err) != NB_OK || be_the_only_one(front, err) != NB_OK ||
        nb_auth_open(&front->endpoint.settings, &front->auth, err) != NB_OK ||
        nb_loop_open(&front->loop, err) != NB_OK || nb_log_open(front, err) != NB_OK ||
        nb_access_open(front, err) != NB_OK || nb_front_capture_open(front, err) != NB_OK ||
        choose_contract(front, err) != NB_OK || watch_signals(front, err) != NB_OK ||
        nb_front_listen(front, err) != NB_OK ||
        nb_endpoint_claim(&front->endpoint, &nb_runner_real, err) != NB_OK)
        return err->code;
    front->started_us = nb_loop_now_us(front->loop);
    if (front->endpoint.settings.rate_per_hour > 0)
        front->rate = nb_rate_new(front->endpoint.settings.rate_per_hour);
    choose_session(front);
    front->drain = (nb_timer){.fire = lose_patience, .ctx = front};
    front->linger = (nb_timer){.fire = end_now, .ctx = front};
    nb_loop_before_sleep(front->loop, turn, front);
    nb_front_reap(front);
    nb_front_prune_rest(front);
    resume(front);
    nb_front_prune(front);
    nb_log(front, "serving '" NB_STR_FMT "' on http://" NB_STR_FMT ":%u, process %lld",
           NB_STR_ARG(front->endpoint.name), NB_STR_ARG(front->endpoint.settings.host),
           front->endpoint.settings.port, (long long)getpid());
    if (front->options->started)
        front->options->started(front->options->ctx);
    begin_with_first(front);
    nb_code code = nb_loop_run(front->loop, err);
    nb_log(front, "ended");
    nb_endpoint_leave(&front->endpoint, &nb_runner_real);
    if (code == NB_OK && front->failure.len > 0)
        code = nb_fail(err, NB_ERR_USER_CODE, NB_STR_FMT, NB_STR_ARG(front->failure));
    return code;
}

/* Versions go before http: calls that still wait are answered. A version that is not over (after a second signal) leaves its memory to the end of the
 * process. */
static void close_all(nb_front *front)
{
    for (size_t i = 0; i < front->up_count; i++) {
        nb_version_state state = nb_version_state_of(front->up[i].version);
        if (state == NB_VERSION_STOPPED || state == NB_VERSION_FAILED)
            nb_version_free(front->up[i].version);
        nb_arena_release(&front->up[i].arena);
    }
    nb_guard_end(front->guard);
    if (front->tcp)
        nb_http_close(front->tcp);
    if (front->local)
        nb_http_close(front->local);
    if (front->signals >= 0)
        close(front->signals);
    nb_capture_close(front->capture);
    nb_access_close(front);
    nb_log_file_close(&front->log);
    nb_rate_free(front->rate);
    if (front->lock >= 0)
        close(front->lock);
    nb_loop_close(front->loop);
    nb_metrics_free(front->metrics);
    nb_auth_free(front->auth);
    nb_arena_release(&front->arena);
    free(front);
}

nb_code nb_front_run(const nb_front_options *options, nb_error *err)
{
    nb_front *front = NB_HEAP_NEW(nb_front);
    *front = (nb_front){.endpoint = *options->endpoint,
                        .options = options,
                        .signals = -1,
                        .lock = -1,
                        .log = NB_LOG_FILE_NONE,
                        .access = NB_LOG_FILE_NONE,
                        .metrics = nb_metrics_new(options->endpoint->name)};
    nb_code code = serve(front, err);
    close_all(front);
    return code;
}
