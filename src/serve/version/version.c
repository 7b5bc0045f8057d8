#include "serve/version/version_parts.h"

#include "base/heap.h"
#include "text/json.h"

static const char *const state_names[] = {
    [NB_VERSION_LOADING] = "loading",   [NB_VERSION_READY] = "ready",
    [NB_VERSION_DEGRADED] = "degraded", [NB_VERSION_DRAINING] = "draining",
    [NB_VERSION_STOPPED] = "stopped",   [NB_VERSION_FAILED] = "failed",
};

const char *nb_version_state_name(nb_version_state state)
{
    return (unsigned)state < NB_LEN(state_names) ? state_names[state] : "unknown";
}

void nb_version_log(nb_version *version, unsigned worker, const char *fmt, ...)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    va_list args;
    if (!version->hooks.log)
        return;
    va_start(args, fmt);
    nb_str line = nb_arena_vprintf(&arena, fmt, args);
    va_end(args);
    version->hooks.log(version->hooks.ctx, version, worker, line);
}

/* --- state --------------------------------------------------------------------------------------------------------- */

static bool is_over(const nb_version *version)
{
    return version->state == NB_VERSION_STOPPED || version->state == NB_VERSION_FAILED;
}

static nb_version_state state_now(const nb_version *version)
{
    if (version->draining)
        return version->members ? NB_VERSION_DRAINING : NB_VERSION_STOPPED;
    if (nb_members_up(version) > 0)
        return NB_VERSION_READY;
    return version->was_ready ? NB_VERSION_DEGRADED : NB_VERSION_LOADING;
}

static void become(nb_version *version, nb_version_state state)
{
    if (version->state == state)
        return;
    version->state = state;
    if (version->hooks.changed)
        version->hooks.changed(version->hooks.ctx, version);
}

void nb_version_settle(nb_version *version)
{
    if (!is_over(version))
        become(version, state_now(version));
}

void nb_version_fail(nb_version *version, const char *why)
{
    nb_version_log(version, 0, "gave up: %s", why);
    nb_queue_refuse_all(version, why);
    become(version, NB_VERSION_FAILED);
}

static void dispatch(void *ctx)
{
    nb_version_dispatch(ctx);
}

nb_version *nb_version_start(nb_loop *loop, const nb_version_options *options,
                             const nb_version_hooks *hooks, nb_metrics *metrics)
{
    nb_version *version = NB_HEAP_NEW(nb_version);
    *version = (nb_version){.loop = loop,
                            .options = *options,
                            .hooks = *hooks,
                            .metrics = metrics,
                            .reason = NB_BUF_INIT(8 << 10),
                            .tail = NB_BUF_INIT(64 << 10),
                            .about = NB_BUF_INIT(1 << 20),
                            .wanted = options->workers > 0 ? options->workers : 1};
    nb_batch_options *batch = &version->options.batch;
    if (batch->max_requests == 0)
        *batch = NB_BATCH_OPTIONS;
    if (batch->max_requests > NB_BATCH_MOST)
        batch->max_requests = NB_BATCH_MOST;
    version->wait = (nb_timer){.fire = dispatch, .ctx = version};
    version->end = &version->head;
    nb_members_grow(version);
    return version;
}

void nb_version_drain(nb_version *version)
{
    if (version->draining || is_over(version))
        return;
    version->draining = true;
    nb_members_let_go(version);
    nb_version_settle(version);
}

void nb_version_abort(nb_version *version)
{
    if (is_over(version))
        return;
    version->draining = version->aborted = true;
    nb_queue_refuse_all(version, "the endpoint stops");
    for (nb_member *m = version->members; m; m = m->next)
        nb_member_refuse_held(m, NB_REFUSED_NOT_READY, "the endpoint stops");
    nb_members_let_go(version);
    nb_version_settle(version);
}

void nb_version_free(nb_version *version)
{
    if (!version)
        return;
    nb_timer_stop(version->loop, &version->wait);
    nb_buf_release(&version->reason);
    nb_buf_release(&version->tail);
    nb_buf_release(&version->about);
    free(version);
}

/* --- the front door ------------------------------------------------------------------------------------------------ */

void nb_version_left(nb_version *version, nb_call *call)
{
    nb_timer_stop(version->loop, &call->timer);
    call->answered_us = nb_version_now(version);
    if (version->hooks.answered)
        version->hooks.answered(version->hooks.ctx, version, call);
}

/* Its workers end again and again: what waits may be lucky, nobody else should wait for that. */
static bool is_looping(const nb_version *version)
{
    if (version->state != NB_VERSION_DEGRADED)
        return false;
    for (const nb_member *m = version->members; m; m = m->next)
        if (m->ends < NB_LOOP_ENDS)
            return false;
    return true;
}

static bool refuse_unready(nb_version *version, nb_call *call)
{
    bool late = call->deadline_us > 0 && nb_members_next_start_us(version) >= call->deadline_us;
    bool takes = version->state == NB_VERSION_READY ||
                 (version->state == NB_VERSION_DEGRADED && !is_looping(version) && !late);
    if (takes)
        return false;
    nb_str reason = nb_version_reason(version);
    nb_call_refuse(call, NB_REFUSED_NOT_READY, 503,
                   version->state == NB_VERSION_FAILED ? 30 : nb_queue_retry_after(version),
                   "version v%u is %s: " NB_STR_FMT, version->options.number,
                   is_looping(version) ? "restarting" : nb_version_state_name(version->state),
                   NB_STR_ARG(reason));
    return true;
}

static bool refuse_poison(nb_version *version, nb_call *call)
{
    if (version->suspects.count == 0)
        return false;
    call->deaths =
        nb_suspect_deaths(&version->suspects, nb_input_hash(call), nb_version_now(version));
    if (call->deaths < 2)
        return false;
    nb_call_refuse(
        call, NB_REFUSED_POISON, 422, 0,
        "this very input ended %u workers of v%u within 10 minutes; it is not tried again",
        call->deaths, version->options.number);
    return true;
}

static bool refuse_full(nb_version *version, nb_call *call)
{
    const nb_version_options *o = &version->options;
    unsigned after = nb_queue_retry_after(version);
    if (version->waiting >= o->queue_requests)
        nb_call_refuse(call, NB_REFUSED_QUEUE_FULL, 503, after,
                       "the queue of v%u is full: %zu requests wait, its limit (--queue) is %u",
                       o->number, version->waiting, o->queue_requests);
    else if (version->waiting > 0 && version->waiting_bytes + call->body.len > o->queue_bytes)
        nb_call_refuse(call, NB_REFUSED_QUEUE_FULL, 503, after,
                       "the queue of v%u is full: %zu bytes wait, its limit is %zu bytes",
                       o->number, version->waiting_bytes, o->queue_bytes);
    else
        return false;
    return true;
}

static bool refuse_hopeless(nb_version *version, nb_call *call)
{
    int64_t left_us = call->deadline_us - nb_version_now(version);
    int64_t wait_us = nb_queue_expected_us(version);
    if (call->deadline_us == 0 || wait_us <= left_us || version->frames < NB_HOPE_SAMPLES)
        return false;
    nb_call_refuse(call, NB_REFUSED_HOPELESS, 503, nb_queue_retry_after(version),
                   "%zu requests wait for v%u: this one would come to a worker in about %lld ms, "
                   "its timeout (--timeout) leaves %lld ms",
                   version->waiting, version->options.number, (long long)(wait_us / 1000),
                   (long long)(left_us > 0 ? left_us / 1000 : 0));
    return true;
}

static unsigned kind_of(const nb_call *call)
{
    unsigned h = 2166136261U;
    for (size_t i = 0; i < call->content_type.len; i++)
        h = (h ^ (unsigned char)call->content_type.at[i]) * 16777619U;
    h *= 31;
    for (size_t i = 0; i < call->accept.len; i++)
        h = (h ^ (unsigned char)call->accept.at[i]) * 16777619U;
    return h;
}

void nb_version_take(nb_version *version, nb_call *call)
{
    int64_t now = nb_version_now(version);
    call->version = version;
    call->answered_by = version->options.number;
    call->queued_us = now;
    nb_batch_arrived(&version->batch, now);
    if (refuse_unready(version, call) || refuse_poison(version, call) ||
        refuse_full(version, call) || refuse_hopeless(version, call)) {
        nb_version_left(version, call);
        return;
    }
    call->kind = kind_of(call);
    nb_queue_push(version, call);
    call->timer = (nb_timer){.fire = nb_queue_deadline, .ctx = call};
    if (call->deadline_us > 0)
        nb_timer_set(version->loop, &call->timer, call->deadline_us);
}

void nb_version_drop(nb_version *version, nb_call *call)
{
    bool waits = nb_queue_remove(version, call);
    if (!waits) /* views of its request end here; a death of its worker may still ask what it was */
        (void)nb_input_hash(call);
    call->request = NULL;
    call->body = NB_STR("");
    if (!waits)
        return;
    nb_call_refuse(call, NB_REFUSED_GONE, 499, 0, "the client left");
    nb_version_left(version, call);
}

/* --- views --------------------------------------------------------------------------------------------------------- */

unsigned nb_version_number(const nb_version *version)
{
    return version->options.number;
}

nb_version_state nb_version_state_of(const nb_version *version)
{
    return version->state;
}

nb_str nb_version_reason(const nb_version *version)
{
    switch (version->state) {
    case NB_VERSION_READY: return NB_STR("");
    case NB_VERSION_DRAINING: return NB_STR("it finishes what it has");
    case NB_VERSION_STOPPED: return NB_STR("it was stopped");
    case NB_VERSION_LOADING:
    case NB_VERSION_DEGRADED:
    case NB_VERSION_FAILED: break;
    }
    if (version->reason.len == 0)
        return NB_STR("the model is being loaded");
    return nb_buf_view(&version->reason);
}

nb_str nb_version_tail(const nb_version *version)
{
    return nb_buf_view(&version->tail);
}

bool nb_version_is_pyfunc(const nb_version *version)
{
    return version->pyfunc;
}

nb_str nb_version_about(const nb_version *version)
{
    return nb_buf_view(&version->about);
}

nb_str nb_version_example(nb_arena *arena, const nb_version *version)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* our own worker's JSON */
    const nb_json *about = NULL;
    if (version->about.len > 0)
        (void)nb_json_parse(arena, nb_version_about(version), NB_STR("READY"), NB_JSON_STRICT,
                            &about, &ignored);
    return nb_json_get_str(about, "example");
}

size_t nb_version_waiting(const nb_version *version)
{
    return version->waiting;
}

size_t nb_version_busy(const nb_version *version)
{
    return version->busy;
}

size_t nb_version_workers(const nb_version *version, nb_worker_view *out, size_t room)
{
    size_t count = 0;
    for (const nb_member *m = version->members; m && count < room; m = m->next)
        out[count++] = (nb_worker_view){
            .number = m->number,
            .state = m->worker ? nb_worker_state_of(m->worker) : NB_WORKER_GONE,
            .pid = m->worker ? nb_worker_pid(m->worker) : 0,
            .rss = (int64_t)m->rss,
            .started_us = m->started_us,
            .restarts = m->restarts,
            .served = m->served,
        };
    return count;
}
