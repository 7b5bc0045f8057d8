#include "serve/version/version_parts.h"

#include "base/heap.h"
#include "text/json.h"

static const int64_t back_off_ms[] = {500, 1000, 2000, 4000, 8000, 16000, 30000};

enum { LONGEST_TAIL = 32 << 10 };

static void start(nb_member *member);

/* --- members ------------------------------------------------------------------------------------------------------- */

bool nb_member_is_up(const nb_member *member)
{
    return member->worker && member->ready_us > 0 && member->ending == NB_ENDING_NOT;
}

size_t nb_members_up(const nb_version *version)
{
    size_t count = 0;
    for (const nb_member *m = version->members; m; m = m->next)
        count += nb_member_is_up(m);
    return count;
}

int64_t nb_members_next_start_us(const nb_version *version)
{
    int64_t first = 0;
    for (const nb_member *m = version->members; m; m = m->next) {
        if (m->worker || m->restart.slot == 0)
            return 0;
        if (first == 0 || m->restart.at_us < first)
            first = m->restart.at_us;
    }
    return first;
}

static void fire_restart(void *ctx)
{
    start(ctx);
}

static nb_member *add(nb_version *version)
{
    nb_member *member = NB_HEAP_NEW(nb_member);
    *member = (nb_member){.version = version, .number = ++version->last_number};
    member->held = nb_heap_alloc(NB_BATCH_MOST * sizeof *member->held);
    member->restart = (nb_timer){.fire = fire_restart, .ctx = member};
    member->grace = (nb_timer){.fire = nb_member_grace_passed, .ctx = member};
    nb_member **at = &version->members;
    while (*at)
        at = &(*at)->next;
    *at = member;
    return member;
}

static void remove_member(nb_member *member)
{
    nb_version *version = member->version;
    nb_member **at = &version->members;
    while (*at != member)
        at = &(*at)->next;
    *at = member->next;
    nb_timer_stop(version->loop, &member->restart);
    nb_timer_stop(version->loop, &member->grace);
    free(member->held);
    free(member);
}

/* One that has other threads than it would get now makes room for another, as long as it is not the only one. */
static void adapt_threads(nb_version *version)
{
    if (version->options.workers > 0 || nb_members_up(version) < 2)
        return;
    for (nb_member *m = version->members; m; m = m->next) {
        if (!nb_member_is_up(m) || m->retiring || m->threads == nb_version_threads(version))
            continue;
        nb_version_log(version, m->number, "started again with %u threads instead of %u",
                       nb_version_threads(version), m->threads);
        m->ending = NB_ENDING_RECYCLED;
        nb_worker_stop(m->worker);
        return;
    }
}

/* The next worker is started once the one before is ready: the first proves that the model loads. */
void nb_members_grow(nb_version *version)
{
    size_t staying = 0;
    if (version->draining || version->state == NB_VERSION_FAILED)
        return;
    for (const nb_member *m = version->members; m; m = m->next) {
        if (m->ready_us == 0)
            return;
        staying += !m->retiring && m->ending != NB_ENDING_RECYCLED;
    }
    if (staying < version->wanted)
        start(add(version));
    else
        adapt_threads(version);
}

void nb_members_let_go(nb_version *version)
{
    bool needed = version->head != NULL; /* somebody waits: keep what there is */
    nb_member *next;
    for (nb_member *m = version->members; m; m = next) {
        next = m->next;
        if (version->aborted && m->worker) {
            m->ending = NB_ENDING_DRAINED;
            nb_worker_kill(m->worker);
        } else if (!needed && !m->worker) {
            remove_member(m);
        } else if (!needed && m->held_count == 0 && m->ending == NB_ENDING_NOT) {
            m->ending = NB_ENDING_DRAINED;
            nb_worker_stop(m->worker);
        }
    }
    nb_version_settle(version);
}

/* --- ready --------------------------------------------------------------------------------------------------------- */

static void read_about(nb_member *member, nb_str about)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* our own worker's JSON; without it all is zero */
    nb_version *version = member->version;
    const nb_json *json = NULL, *value;
    int64_t rss = 0;
    if (nb_json_parse(&arena, about, NB_STR("READY"), NB_JSON_STRICT, &json, &ignored) != NB_OK)
        return;
    value = nb_json_get(json, "rss");
    if (value && value->kind == NB_JSON_NUMBER && nb_str_to_int(value->text, &rss) && rss > 0)
        member->rss = (size_t)rss;
    if (version->was_ready)
        return;
    value = nb_json_get(json, "batch");
    version->together = value && value->kind == NB_JSON_TRUE && !version->options.no_batch;
    value = nb_json_get(json, "handlers");
    version->pyfunc = value && value->kind == NB_JSON_ARRAY && value->child &&
                      nb_str_eqz(value->child->text, "pyfunc");
    nb_buf_put(&version->about, about);
}

static void retire_one(nb_version *version)
{
    for (nb_member *m = version->members; m; m = m->next)
        if (m->retiring && m->worker && m->ending == NB_ENDING_NOT) {
            m->ending = NB_ENDING_RECYCLED;
            nb_worker_stop(m->worker);
            return;
        }
}

static void on_ready(void *ctx, nb_worker *worker, nb_str about)
{
    nb_member *member = ctx;
    nb_version *version = member->version;
    (void)worker;
    member->ready_us = nb_version_now(version);
    member->served = 0;
    member->quota = nb_member_quota(member);
    read_about(member, about);
    if (!version->was_ready && version->options.workers == 0)
        version->wanted = nb_version_automatic_count(version, member->rss);
    version->was_ready = true;
    version->failed_starts = 0;
    nb_buf_clear(&version->reason);
    nb_version_log(version, member->number, "ready after %lld ms",
                   (long long)((member->ready_us - member->started_us) / 1000));
    retire_one(version);
    if (version->draining)
        nb_members_let_go(version);
    nb_version_settle(version);
    nb_members_grow(version);
}

/* --- replacement --------------------------------------------------------------------------------------------------- */

void nb_member_consider_recycling(nb_member *member)
{
    nb_version *version = member->version;
    bool enough = member->quota > 0 && member->served >= member->quota;
    if (version->draining || member->retiring || !nb_member_is_up(member) ||
        (!enough && !nb_member_grew_too_large(member)))
        return;
    member->retiring = true;
    if (enough)
        nb_version_log(version, member->number, "served %u requests (--max-requests %u): replaced",
                       member->served, version->options.max_requests);
    else
        nb_version_log(version, member->number, "holds %zu bytes (--max-rss %zu): replaced",
                       member->rss, version->options.max_rss);
    nb_members_grow(version);
}

/* --- the end of a worker ------------------------------------------------------------------------------------------- */

static int64_t next_delay_ms(nb_member *member)
{
    int64_t lived = nb_version_now(member->version) - member->ready_us;
    if (member->ending != NB_ENDING_NOT)
        return 0; /* our own wish, no crash */
    if (member->ready_us > 0 && lived >= NB_HEALTHY_US)
        member->ends = 0;
    size_t step = member->ends < NB_LEN(back_off_ms) ? member->ends : NB_LEN(back_off_ms) - 1;
    member->ends++;
    return back_off_ms[step];
}

/* What was with a worker that crashed: refused, or tried once more where that is wanted. */
static void give_back(nb_member *member, nb_call *call, nb_str reason)
{
    nb_version *version = member->version;
    unsigned known =
        member->ending == NB_ENDING_NOT
            ? nb_suspect_add(&version->suspects, nb_input_hash(call), nb_version_now(version))
            : 0;
    bool again = version->options.retry_on_crash && call->deaths == 0 && known < 2 &&
                 (call->request || call->is_shadow) && !version->aborted;
    call->deaths = known;
    if (again) {
        nb_queue_push_first(version, call);
        return;
    }
    if (known >= 2 && call->batch == 1)
        nb_call_refuse(call, NB_REFUSED_POISON, 422, 0,
                       "this very input ended %u workers of v%u: the last one " NB_STR_FMT, known,
                       version->options.number, NB_STR_ARG(reason));
    else
        nb_call_refuse(call, NB_REFUSED_WORKER_DIED, 502, 0,
                       "the worker of v%u that held this request " NB_STR_FMT,
                       version->options.number, NB_STR_ARG(reason));
    nb_version_left(version, call);
}

static void empty_hands(nb_member *member, nb_str reason)
{
    nb_version *version = member->version;
    size_t count = member->held_count;
    version->suspects.ends++;
    version->busy -= member->unanswered;
    member->unanswered = member->held_count = 0;
    for (size_t i = count; i-- > 0;) { /* backwards: what is put first again keeps its order */
        nb_call *call = member->held[i].call;
        if (call)
            give_back(member, call, reason);
    }
}

/* No start succeeded for a long time: this place is given up, and the version when it was the last. */
static bool gives_up(nb_member *member)
{
    nb_version *version = member->version;
    bool never = version->options.fails_fast && !version->was_ready;
    if (member->ready_us > 0 || (++version->failed_starts < NB_FAILED_STARTS && !never))
        return false;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_str reason = nb_arena_str(&arena, nb_buf_view(&version->reason));
    nb_str why = version->failed_starts == 1
                     ? reason
                     : nb_arena_printf(&arena, "%u starts failed: " NB_STR_FMT,
                                       version->failed_starts, NB_STR_ARG(reason));
    version->failed_starts = 0;
    remove_member(member);
    for (nb_member *m = version->members; m; m = m->next)
        m->retiring = false; /* nobody replaces them */
    if (version->members) {
        version->wanted = version->wanted > 1 ? version->wanted - 1 : 1;
        nb_version_log(version, 0, "one worker less: " NB_STR_FMT, NB_STR_ARG(why));
        return true;
    }
    nb_buf_clear(&version->reason);
    nb_buf_put(&version->reason, why);
    nb_version_fail(version, why.at);
    return true;
}

static bool stays_away(const nb_member *member)
{
    const nb_version *version = member->version;
    return member->ending == NB_ENDING_RECYCLED || member->retiring || version->aborted ||
           (version->draining && !version->head);
}

static const char *ending_name(nb_ending ending)
{
    switch (ending) {
    case NB_ENDING_NOT: return "crash";
    case NB_ENDING_DEADLINE: return "deadline";
    case NB_ENDING_RECYCLED: return "recycled";
    case NB_ENDING_DRAINED: return "drained";
    }
    return "crash";
}

/* Restarted, given up or forgotten. */
static void after_end(nb_member *member)
{
    nb_version *version = member->version;
    if (stays_away(member)) {
        remove_member(member);
    } else if (!gives_up(member)) {
        int64_t delay = next_delay_ms(member);
        nb_metrics_restart(version->metrics, version->options.number, ending_name(member->ending));
        nb_version_log(version, member->number, "a new one starts in %.1f s", (double)delay / 1e3);
        nb_timer_set(version->loop, &member->restart, nb_version_now(version) + delay * 1000);
        nb_queue_refuse_hopeless(version);
    }
    nb_version_settle(version);
    nb_members_grow(version);
}

/* Lines may be long: the end says more than the start. */
static nb_str last_of(nb_str tail)
{
    return tail.len > LONGEST_TAIL ? nb_str_from_at(tail, tail.len - LONGEST_TAIL) : tail;
}

static void keep_reason(nb_version *version, nb_str phase, nb_str reason, nb_str tail)
{
    nb_buf_clear(&version->reason);
    if (phase.len > 0)
        nb_buf_printf(&version->reason, "the " NB_STR_FMT " failed: ", NB_STR_ARG(phase));
    nb_buf_put(&version->reason, reason);
    nb_buf_clear(&version->tail);
    nb_buf_put(&version->tail, last_of(tail));
}

static void on_gone(void *ctx, nb_worker *worker, const nb_worker_end *end)
{
    nb_member *member = ctx;
    nb_version *version = member->version;
    (void)worker;
    bool ours = member->ending == NB_ENDING_RECYCLED || member->ending == NB_ENDING_DRAINED;
    member->worker = NULL;
    nb_timer_stop(version->loop, &member->grace);
    if (!ours) {
        nb_version_log(version, member->number, "worker ended: " NB_STR_FMT,
                       NB_STR_ARG(end->reason));
        keep_reason(version, end->phase,
                    member->ending == NB_ENDING_DEADLINE
                        ? NB_STR("a request passed its deadline and its worker was ended")
                        : end->reason,
                    end->tail);
    }
    if (ours && member->ending == NB_ENDING_RECYCLED)
        nb_metrics_restart(version->metrics, version->options.number, "recycled");
    empty_hands(member, end->reason);
    after_end(member);
}

/* --- the start of a worker ----------------------------------------------------------------------------------------- */

static void on_results(void *ctx, nb_worker *worker, const nb_frame_result *results, size_t count)
{
    (void)worker;
    nb_member_results(ctx, results, count);
}

static void on_idle(void *ctx, nb_worker *worker)
{
    (void)worker;
    nb_member_idle(ctx);
}

/* The request that a line is about: the only one that is with the worker, or the one that worker.py names. */
static const nb_call *topic(const nb_member *member, nb_str line)
{
    static const nb_str named = NB_STR_ROW("request ");
    int64_t id = 0;
    nb_str rest, number;
    if (member->held_count == 1)
        return member->held[0].call;
    if (!nb_str_starts(line, named))
        return NULL;
    rest = nb_str_from_at(line, named.len);
    if (!nb_str_split(&rest, ':', &number) || !nb_str_to_int(number, &id))
        return NULL;
    for (size_t i = 0; i < member->held_count; i++)
        if (member->held[i].id == (uint64_t)id)
            return member->held[i].call;
    return NULL;
}

static void on_output(void *ctx, nb_worker *worker, nb_str line)
{
    nb_member *member = ctx;
    nb_version *version = member->version;
    const nb_call *call = topic(member, line);
    (void)worker;
    if (call && call->request_id[0])
        nb_version_log(version, member->number, "[%s] " NB_STR_FMT, call->request_id,
                       NB_STR_ARG(line));
    else if (version->hooks.log)
        version->hooks.log(version->hooks.ctx, version, member->number, line);
}

static void start(nb_member *member)
{
    nb_version *version = member->version;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_worker_spec spec = version->options.worker;
    nb_worker_hooks hooks = {.ready = on_ready,
                             .results = on_results,
                             .idle = on_idle,
                             .output = on_output,
                             .gone = on_gone,
                             .ctx = member};
    spec.number = member->number;
    spec.threads = member->threads = nb_version_threads(version);
    if (member->started_us > 0)
        member->restarts++;
    member->started_us = nb_version_now(version);
    member->ready_us = 0;
    member->ending = NB_ENDING_NOT;
    if (nb_worker_start(version->loop, &spec, &hooks, &member->worker, &err) == NB_OK)
        return;
    member->worker = NULL;
    NB_AUTO(nb_buf) reason = NB_BUF_INIT(4096);
    for (size_t i = 0; nb_error_message(&err, i); i++)
        nb_buf_printf(&reason, i > 0 ? ": %s" : "%s", nb_error_message(&err, i));
    keep_reason(version, NB_STR(""), nb_buf_view(&reason), NB_STR(""));
    after_end(member);
}
