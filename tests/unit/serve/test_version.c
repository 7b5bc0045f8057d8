/* A version against workers, http and a clock that are ours: tables of scenarios, and a long random one. Whatever happens, every call is answered
 * exactly once. The functions below take the place of worker.c, http.c, loop.c and metrics.c when this program is linked. */
#include "nb_test.h"

#include "serve/contract/contract.h"
#include "serve/version/version.h"

#include <unistd.h>

/* --- the world ----------------------------------------------------------------------------------------------------- */

enum { MOST_CALLS = 6000, MOST_WORKERS = 4000, MOST_TIMERS = 2000 };

struct nb_loop {
    int64_t now_us;
    nb_timer *timers[MOST_TIMERS];
    size_t count;
};

struct nb_http_request {
    int answers;
    unsigned status;
    bool retry_after, gone;
};

struct nb_worker {
    unsigned number;
    nb_worker_hooks hooks;
    nb_worker_state state;
    uint64_t ids[NB_BATCH_MOST];
    size_t count, answered;
    bool stopped, killed, together;
};

typedef struct world {
    struct nb_loop loop;
    nb_version *version;
    nb_version_options options;
    int64_t timeout_ms;
    struct nb_worker workers[MOST_WORKERS];
    size_t worker_count;
    struct nb_http_request requests[MOST_CALLS];
    nb_call *calls[MOST_CALLS];
    int left[MOST_CALLS];
    size_t call_count;
    int restarts[4]; /* crash, deadline, recycled, other */
    bool cannot_start;
    char log[256];
} world;

static world *w; /* the fakes have no other way to it */

int64_t nb_loop_now_us(const nb_loop *loop)
{
    return loop->now_us;
}

void nb_timer_stop(nb_loop *loop, nb_timer *timer)
{
    for (size_t i = 0; timer->slot && i < loop->count; i++)
        if (loop->timers[i] == timer)
            loop->timers[i] = loop->timers[--loop->count];
    timer->slot = 0;
}

void nb_timer_set(nb_loop *loop, nb_timer *timer, int64_t at_us)
{
    nb_timer_stop(loop, timer);
    assert_true(loop->count < MOST_TIMERS);
    timer->at_us = at_us;
    timer->slot = 1;
    loop->timers[loop->count++] = timer;
}

nb_code nb_worker_start(nb_loop *loop, const nb_worker_spec *spec, const nb_worker_hooks *hooks,
                        nb_worker **out, nb_error *err)
{
    assert_ptr_equal(loop, &w->loop);
    if (w->cannot_start)
        return nb_fail(err, NB_ERR_IO, "cannot start '%s'", spec->python);
    assert_true(w->worker_count < MOST_WORKERS);
    nb_worker *worker = &w->workers[w->worker_count++];
    *worker = (nb_worker){.number = spec->number, .hooks = *hooks, .state = NB_WORKER_LOADING};
    *out = worker;
    return NB_OK;
}

nb_worker_state nb_worker_state_of(const nb_worker *worker)
{
    return worker->state;
}

int64_t nb_worker_pid(const nb_worker *worker)
{
    (void)worker;
    return getpid();
}

bool nb_worker_send(nb_worker *worker, const nb_frame_request *requests, size_t count,
                    bool together)
{
    assert_int_equal(worker->state, NB_WORKER_READY);
    assert_true(count > 0 && count <= NB_BATCH_MOST);
    if (nb_str_eqz(requests[0].body, "giant"))
        return false;
    for (size_t i = 0; i < count; i++)
        worker->ids[i] = requests[i].id;
    worker->count = count;
    worker->answered = 0;
    worker->together = together;
    worker->state = NB_WORKER_BUSY;
    return true;
}

void nb_worker_stop(nb_worker *worker)
{
    worker->stopped = true;
    if (worker->state != NB_WORKER_BUSY)
        worker->state = NB_WORKER_STOPPING;
}

void nb_worker_kill(nb_worker *worker)
{
    worker->killed = true;
    worker->state = NB_WORKER_STOPPING;
}

bool nb_http_is_gone(const nb_http_request *request)
{
    return request->gone;
}

void nb_http_answer_with(nb_http_request *request, const nb_http_answer *answer)
{
    request->answers++;
    request->status = answer->status;
    for (size_t i = 0; i < answer->header_count; i++)
        request->retry_after |= strcmp(answer->headers[i].name, "Retry-After") == 0;
}

void nb_metrics_restart(nb_metrics *metrics, unsigned version, const char *reason)
{
    (void)metrics;
    (void)version;
    int which = strcmp(reason, "crash") == 0      ? 0
                : strcmp(reason, "deadline") == 0 ? 1
                : strcmp(reason, "recycled") == 0 ? 2
                                                  : 3;
    w->restarts[which]++;
}

void nb_metrics_batch(nb_metrics *metrics, unsigned version, unsigned requests, unsigned rows)
{
    (void)metrics;
    (void)version;
    assert_true(rows <= requests);
}

static void write_plain(nb_call *call, const nb_frame_result *result, nb_http_answer *answer)
{
    (void)call;
    answer->body = result->body;
}

static void write_error(nb_call *call, unsigned status, nb_str message, nb_http_answer *answer)
{
    (void)call;
    assert_true(status >= 400 && message.len > 0);
    answer->body = message;
}

static const nb_contract plain = {.name = "plain", .write = write_plain, .error = write_error};

/* --- what happens in it -------------------------------------------------------------------------------------------- */

static void answered(void *ctx, nb_version *version, nb_call *call)
{
    (void)version;
    assert_ptr_equal(ctx, w);
    w->left[call->id - 1]++;
    assert_true(call->status > 0);
    assert_int_equal(call->timer.slot, 0);
}

static void copy_text(char *to, size_t room, nb_str text)
{
    size_t count = text.len < room ? text.len : room - 1;
    memcpy(to, text.at, count);
    to[count] = 0;
}

static void keep_log(void *ctx, nb_version *version, unsigned worker, nb_str line)
{
    (void)ctx;
    (void)version;
    (void)worker;
    copy_text(w->log, sizeof w->log, line);
}

static void advance(int64_t ms)
{
    int64_t until = w->loop.now_us + ms * 1000;
    for (;;) {
        nb_timer *first = NULL;
        for (size_t i = 0; i < w->loop.count; i++)
            if (w->loop.timers[i]->at_us <= until &&
                (!first || w->loop.timers[i]->at_us < first->at_us))
                first = w->loop.timers[i];
        if (!first)
            break;
        if (first->at_us > w->loop.now_us)
            w->loop.now_us = first->at_us;
        nb_timer_stop(&w->loop, first);
        first->fire(first->ctx);
        nb_version_dispatch(w->version);
    }
    w->loop.now_us = until;
}

static void call(const char *body)
{
    size_t at = w->call_count++;
    assert_true(at < MOST_CALLS);
    nb_call *made = calloc(1, sizeof *made);
    w->calls[at] = made;
    *made = (nb_call){.id = at + 1, .request = &w->requests[at], .contract = &plain, .rows = 1};
    made->body = body ? nb_arena_str(&made->arena, nb_str_from(body))
                      : nb_arena_printf(&made->arena, "body %zu", at);
    made->content_type = NB_STR("application/json");
    made->received_us = w->loop.now_us;
    made->deadline_us = w->loop.now_us + w->timeout_ms * 1000;
    nb_version_take(w->version, made);
}

static void ready(nb_worker *worker)
{
    worker->state = NB_WORKER_READY;
    worker->hooks.ready(worker->hooks.ctx, worker, NB_STR("{\"rss\": 1000, \"batch\": true}"));
}

static void answer(nb_worker *worker, size_t count, unsigned flags)
{
    nb_frame_result results[NB_BATCH_MOST];
    size_t n = 0;
    for (; n < count && worker->answered + n < worker->count; n++)
        results[n] = (nb_frame_result){.id = worker->ids[worker->answered + n],
                                       .status = 200,
                                       .flags = flags,
                                       .model_us = 2000,
                                       .body = NB_STR("[1]")};
    worker->answered += n;
    if (n > 0)
        worker->hooks.results(worker->hooks.ctx, worker, results, n);
    if (worker->answered < worker->count || worker->state != NB_WORKER_BUSY)
        return;
    worker->state = worker->stopped ? NB_WORKER_STOPPING : NB_WORKER_READY;
    worker->hooks.idle(worker->hooks.ctx, worker);
}

static void gone(nb_worker *worker, const char *phase)
{
    nb_worker_end end = {.signal = 9,
                         .phase = nb_str_from(phase),
                         .reason = NB_STR("was killed by signal 9 (Killed)"),
                         .tail = NB_STR("Traceback\nImportError")};
    worker->state = NB_WORKER_GONE;
    worker->hooks.gone(worker->hooks.ctx, worker, &end);
}

static void drop(size_t at)
{
    if (w->left[at] == 0)
        nb_version_drop(w->version, w->calls[at]);
    w->requests[at].gone = true;
}

/* One step of a scenario; processes are numbered in the order in which they were started:
 *   R1 is ready · A1 answers all · a1 answers one · T1 answers all, but not together · X1 dies · F1 fails to load
 *   C a call · P a call with the body of all P · B one with a body that no frame holds · G2 the client of call 2 leaves · +500 so many ms pass
 *   Q drain · K abort · !1 no process can be started (!0: it can) */
static void step(const char *text)
{
    long number = strtol(text + 1, NULL, 10);
    nb_worker *worker = &w->workers[number > 0 && number < MOST_WORKERS ? number - 1 : 0];
    switch (text[0]) {
    case 'R': ready(worker); break;
    case 'A': answer(worker, NB_BATCH_MOST, 0); break;
    case 'a': answer(worker, 1, 0); break;
    case 'T': answer(worker, NB_BATCH_MOST, NB_RESULT_ALONE); break;
    case 'X': gone(worker, ""); break;
    case 'F': gone(worker, "import"); break;
    case 'C': call(NULL); break;
    case 'P': call("poison"); break;
    case 'B': call("giant"); break;
    case 'G': drop((size_t)number - 1); break;
    case '+': advance(number); break;
    case 'Q': nb_version_drain(w->version); break;
    case 'K': nb_version_abort(w->version); break;
    case '!': w->cannot_start = number != 0; break;
    default: fail_msg("unknown step '%s'", text);
    }
    nb_version_dispatch(w->version);
}

static void begin(const nb_version_options *options, int64_t timeout_ms)
{
    w = calloc(1, sizeof *w);
    w->loop.now_us = 1000000;
    w->timeout_ms = timeout_ms;
    w->options = *options;
    nb_version_options *o = &w->options;
    o->number = 3;
    o->worker.python = "/usr/bin/python3";
    o->workers = o->workers > 0 ? o->workers : 1;
    o->queue_requests = o->queue_requests > 0 ? o->queue_requests : 256;
    o->queue_bytes = o->queue_bytes > 0 ? o->queue_bytes : 64 << 20;
    o->grace_ms = 5000;
    nb_version_hooks hooks = {.log = keep_log, .answered = answered, .ctx = w};
    w->version = nb_version_start(&w->loop, o, &hooks, NULL);
}

static void begin_steps(const nb_version_options *options, int64_t timeout_ms, const char *steps)
{
    nb_str rest = nb_str_from(steps), one;
    begin(options, timeout_ms);
    while (nb_str_split(&rest, ' ', &one)) {
        char text[32];
        copy_text(text, sizeof text, one);
        if (text[0])
            step(text);
    }
}

/* "200 502/worker_died -": a call without an answer is a dash. */
static nb_str statuses(nb_arena *arena)
{
    nb_str all = NB_STR("");
    for (size_t i = 0; i < w->call_count; i++) {
        const nb_call *c = w->calls[i];
        const char *space = i > 0 ? " " : "";
        nb_str one = c->status == 0 ? nb_arena_printf(arena, "%s-", space)
                     : c->refusal   ? nb_arena_printf(arena, "%s%u/%s", space, c->status,
                                                      nb_refusal_name(c->refusal))
                                    : nb_arena_printf(arena, "%s%u", space, c->status);
        all = nb_str_concat(arena, all, one);
    }
    return all;
}

/* Ends the version whatever its state, and counts. */
static void finish(void)
{
    nb_version_abort(w->version);
    for (size_t i = 0; i < w->worker_count; i++)
        if (w->workers[i].state != NB_WORKER_GONE)
            gone(&w->workers[i], "");
    nb_version_state state = nb_version_state_of(w->version);
    assert_true(state == NB_VERSION_STOPPED || state == NB_VERSION_FAILED);
    assert_int_equal(nb_version_waiting(w->version), 0);
    assert_int_equal(nb_version_busy(w->version), 0);
    assert_int_equal(nb_version_workers(w->version, NULL, 0), 0);
    for (size_t i = 0; i < w->call_count; i++) {
        if (w->left[i] != 1 || w->requests[i].answers > 1)
            fail_msg("call %zu left %d times and was answered %d times", i + 1, w->left[i],
                     w->requests[i].answers);
        assert_true(w->requests[i].answers == 1 || w->requests[i].gone);
        nb_arena_release(&w->calls[i]->arena);
        free(w->calls[i]);
    }
    nb_version_free(w->version);
    assert_int_equal(w->loop.count, 0);
    free(w);
    w = NULL;
}

/* --- scenarios ----------------------------------------------------------------------------------------------------- */

typedef struct scenario {
    const char *name;
    nb_version_options options;
    int64_t timeout_ms;
    const char *steps, *statuses;
    nb_version_state state;
    size_t started; /* processes */
} scenario;

/* Name, steps, how its calls ended, state of the version, processes started; then options. */
#define SCENE(name_, steps_, statuses_, state_, ...)                                         \
    {                                                                                        \
        .name = name_, .steps = steps_, .statuses = statuses_, .state = NB_VERSION_##state_, \
        .started = __VA_ARGS__                                                               \
    }

static const scenario scenarios[] = {
    SCENE("a call is answered", "R1 C A1", "200", READY, 1),
    SCENE("nothing is taken before the model is loaded", "C R1 C A1", "503/not_ready 200", READY,
          1),
    SCENE("what waits goes in one frame once the model's speed is known", "R1 C A1 C C C A1 A1",
          "200 200 200 200", READY, 1),
    SCENE("a worker dies with a batch; what waits survives", "R1 C C C X1 +499 +1 R2 A2 A2 A2",
          "502/worker_died 200 200", READY, 2),
    SCENE("a call is tried once more", "R1 C C X1 +500 R2 A2 A2", "200 200", READY, 2,
          .options = {.retry_on_crash = true}),
    SCENE("but not twice, and then it is poison", "R1 P X1 +500 R2 X2 +1000 R3 P C A3",
          "422/poison 422/poison 200", READY, 3, .options = {.retry_on_crash = true}),
    SCENE("an input that ended two workers is not tried again",
          "R1 P X1 +500 R2 P X2 +1000 R3 P C A3", "502/worker_died 422/poison 422/poison 200",
          READY, 3),
    SCENE("one that was predicted since is innocent", "R1 P X1 +500 R2 P A2 P X2 +1000 R3 P A3",
          "502/worker_died 200 502/worker_died 200", READY, 3),
    SCENE("a body that a batch holds twice was there once", "R1 C A1 C P P A1 X1 +500 R2 P A2",
          "200 200 502/worker_died 502/worker_died 200", READY, 2),
    SCENE("poison is forgotten after ten minutes", "R1 P X1 +500 R2 P X2 +1000 R3 +600001 P A3",
          "502/worker_died 422/poison 200", READY, 3),
    SCENE("a deadline passes in the queue", "R1 C C +1000 A1", "504/deadline 504/deadline", READY,
          1, .timeout_ms = 1000),
    SCENE("a late worker comes back within its grace", "R1 C +1500 A1 C A1", "504/deadline 200",
          READY, 1, .timeout_ms = 1000),
    SCENE("one that does not is ended and started again at once", "R1 C +6000 X1 +0 R2 C A2",
          "504/deadline 200", READY, 2, .timeout_ms = 1000),
    SCENE("the rest of its batch may try again",
          "R1 C A1 C +500 C C +499 A1 a1 +501 +5000 X1 +0 R2 C A2", "200 200 200 504/deadline 200",
          READY, 2, .timeout_ms = 1000),
    SCENE("the queue is full", "R1 C C C C A1 A1", "200 200 200 503/queue_full", READY, 1,
          .options = {.queue_requests = 2}),
    SCENE("bytes fill it, too", "R1 C C C A1 A1", "200 200 503/queue_full", READY, 1,
          .options = {.queue_bytes = 10}),
    SCENE("all workers are dead: calls wait for the restart", "R1 R2 X1 X2 C +500 R3 A3", "200",
          READY, 4, .options = {.workers = 2}),
    SCENE("but not when workers end again and again", "R1 X1 +500 R2 X2 +1000 R3 X3 C",
          "503/not_ready", DEGRADED, 3),
    SCENE("a minute of health starts the back-off anew",
          "R1 X1 +500 R2 X2 +1000 R3 +60000 X3 +500 R4 C A4", "200", READY, 4),
    SCENE("it gives up after five starts without a success",
          "F1 +500 F2 +1000 F3 +2000 F4 +4000 F5 C +100000", "503/not_ready", FAILED, 5),
    SCENE("a new deployment gives up at once", "F1 C +100000", "503/not_ready", FAILED, 1,
          .options = {.fails_fast = true}),
    SCENE("what waits is refused when it gives up",
          "R1 C C X1 +500 F2 +1000 F3 +2000 F4 +4000 F5 +8000 F6 C",
          "502/worker_died 503/not_ready 503/not_ready", FAILED, 6, .timeout_ms = 100000),
    SCENE("one place that never starts does not end the others",
          "R1 F2 +500 F3 +1000 F4 +2000 F5 +4000 F6 +100000 C A1", "200", READY, 6,
          .options = {.workers = 2}),
    SCENE("processes that cannot be started count as failed starts",
          "R1 !1 X1 +500 +1000 +2000 +4000 +8000 +16000 C", "503/not_ready", FAILED, 1),
    SCENE("workers start one after the other", "+1000 R1 R2 R3", "", READY, 3,
          .options = {.workers = 3}),
    SCENE("free workers share what waits", "R1 R2 C C A1 A2", "200 200", READY, 2,
          .options = {.workers = 2}),
    SCENE("draining answers what waits, and takes nothing", "R1 C C Q C A1 A1 X1",
          "200 200 503/not_ready", STOPPED, 1),
    SCENE("a worker that dies while draining is replaced for those who wait",
          "R1 C C Q X1 +500 R2 A2 X2", "502/worker_died 200", STOPPED, 2),
    SCENE("and is not when nobody waits", "R1 C Q X1 +1000", "502/worker_died", STOPPED, 1),
    SCENE("a version that still loads drains, too", "Q X1", "", STOPPED, 1),
    SCENE("an abort answers at once", "R1 C C K X1", "503/not_ready 503/not_ready", STOPPED, 1),
    SCENE("a worker is replaced after its requests, and none waits for that",
          "R1 C A1 C A1 C A1 C R2 A1 C X1 A2", "200 200 200 200 200", READY, 2,
          .options = {.max_requests = 2}),
    SCENE("a worker that dies before its replacement is there leaves its place to it",
          "R1 C A1 X1 +1000 R2 C A2", "200 200", READY, 3, .options = {.max_requests = 1}),
    SCENE("a worker that grew is replaced", "R1 +1000 C A1 R2 X1 C A2", "200 200", READY, 3,
          .options = {.max_rss = 1}),
    SCENE("a body that no frame holds", "R1 B C A1", "413/input 200", READY, 1),
    SCENE("a client that left while waiting", "R1 C C G2 A1", "200 499/gone", READY, 1),
    SCENE("a client that left while its call is predicted", "R1 C G1 A1", "200", READY, 1),
    SCENE("a client that left, then its worker died", "R1 C G1 X1 +500 R2", "502/worker_died",
          READY, 2, .options = {.retry_on_crash = true}),
};

static void every_call_is_answered_once(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < NB_LEN(scenarios); i++) {
        const scenario *s = &scenarios[i];
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        print_message("scenario: %s\n", s->name);
        begin_steps(&s->options, s->timeout_ms ? s->timeout_ms : 10000, s->steps);
        assert_str(statuses(&arena), s->statuses);
        assert_string_equal(nb_version_state_name(nb_version_state_of(w->version)),
                            nb_version_state_name(s->state));
        assert_int_equal(w->worker_count, s->started);
        finish();
    }
}

/* --- the rest ------------------------------------------------------------------------------------------------------ */

static void refusals_name_the_limit_and_its_value(void **unused)
{
    nb_version_options options = {.queue_requests = 1};
    (void)unused;
    begin_steps(&options, 10000, "R1 C C C");
    assert_str(w->calls[2]->error,
               "the queue of v3 is full: 1 requests wait, its limit (--queue) is 1");
    assert_true(w->requests[2].retry_after);
    step("+10000");
    assert_str(w->calls[0]->error, "v3 did not answer within the request's timeout (--timeout) of "
                                   "10000 ms: the model still predicts");
    assert_false(w->requests[0].retry_after);
    finish();
}

static void reasons_are_for_people(void **unused)
{
    nb_version_options options = {.fails_fast = true};
    (void)unused;
    begin_steps(&options, 10000, "");
    assert_str(nb_version_reason(w->version), "the model is being loaded");
    step("F1");
    assert_str(nb_version_reason(w->version), "the import failed: was killed by signal 9 (Killed)");
    assert_str(nb_version_tail(w->version), "Traceback\nImportError");
    finish();
    begin_steps(&options, 10000, "R1");
    assert_str(nb_version_reason(w->version), "");
    assert_str(nb_version_about(w->version), "{\"rss\": 1000, \"batch\": true}");
    finish();
}

static void a_hopeless_call_is_refused_once_there_is_experience(void **unused)
{
    nb_version_options options = {.no_batch = true};
    (void)unused;
    begin_steps(&options, 1000, "R1");
    for (int i = 0; i < 19; i++) {
        step("C");
        step("+300");
        step("A1");
    }
    for (int i = 0; i < 6; i++)
        step("C");
    assert_int_equal(w->calls[24]->status, 0); /* 19 samples: nobody is refused */
    step("+300");
    step("A1");
    step("C"); /* four wait, each for about 300 ms */
    assert_int_equal(w->calls[25]->status, 503);
    assert_int_equal(w->calls[25]->refusal, NB_REFUSED_HOPELESS);
    assert_true(w->requests[25].retry_after);
    finish();
}

static void batches_that_fall_apart_end_batching(void **unused)
{
    nb_version_options options = {0};
    (void)unused;
    begin_steps(&options, 10000, "R1 C A1");
    for (int i = 0; i < 4; i++) {
        step("C");
        step("C");
        step("C");
        step("A1"); /* the first one was alone */
        assert_int_equal(w->workers[0].together, i < 3);
        step("T1");
    }
    assert_string_equal(w->log,
                        "batching is switched off: 3 batches could not be predicted together");
    finish();
}

static void the_reason_of_a_restart_is_counted(void **unused)
{
    nb_version_options options = {.max_requests = 1};
    (void)unused;
    begin_steps(&options, 1000, "R1 C +6000 X1 +0 R2 X2 +500 R3 C A3 R4 X3");
    assert_int_equal(w->restarts[0], 1);
    assert_int_equal(w->restarts[1], 1);
    assert_int_equal(w->restarts[2], 1);
    finish();
}

static void workers_are_seen(void **unused)
{
    nb_version_options options = {.workers = 2};
    nb_worker_view views[4];
    (void)unused;
    begin_steps(&options, 10000, "R1 R2 C A1 X1 +500");
    assert_int_equal(nb_version_workers(w->version, views, 4), 2);
    assert_int_equal(views[0].number, 1);
    assert_int_equal(views[0].restarts, 1);
    assert_int_equal(views[0].state, NB_WORKER_LOADING);
    assert_int_equal(views[1].state, NB_WORKER_READY);
    finish();
}

/* Any order of events: what must hold is in finish(). */
static void random_step(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005U + 1442695040888963407U;
    unsigned dice = (unsigned)(*seed >> 33);
    size_t first = w->worker_count > 6 ? w->worker_count - 6 : 0;
    nb_worker *worker = &w->workers[first + dice / 64 % (w->worker_count - first)];
    bool lives = worker->state != NB_WORKER_GONE;
    switch (dice % 16) {
    case 0:
    case 1:
    case 2: call(NULL); break;
    case 3: call("poison"); break;
    case 4:
    case 5:
    case 6:
        if (worker->state == NB_WORKER_LOADING)
            ready(worker);
        break;
    case 7:
    case 8:
    case 9:
        if (worker->state == NB_WORKER_BUSY)
            answer(worker, 1 + dice / 1024 % 3, 0);
        break;
    case 10:
        if (worker->state == NB_WORKER_BUSY)
            answer(worker, NB_BATCH_MOST, dice / 1024 % 4 == 0 ? NB_RESULT_ALONE : 0);
        break;
    case 11:
        if (lives && (worker->state == NB_WORKER_STOPPING || dice / 1024 % 4 == 0))
            gone(worker, worker->state == NB_WORKER_LOADING ? "load" : "");
        break;
    case 12:
        if (w->call_count > 0)
            drop(w->call_count - 1 - dice / 1024 % (w->call_count < 8 ? w->call_count : 8));
        break;
    default: advance(dice / 1024 % 400);
    }
    nb_version_dispatch(w->version);
}

static void whatever_happens(void **unused)
{
    (void)unused;
    for (uint64_t round = 0; round < 60; round++) {
        uint64_t seed = round * 7919 + 1;
        nb_version_options options = {.workers = 1 + (unsigned)round % 3,
                                      .retry_on_crash = round % 2,
                                      .max_requests = round % 5 ? 0 : 4,
                                      .queue_requests = round % 7 ? 256 : 3};
        begin(&options, 200 + (int64_t)round * 30);
        for (int i = 0; i < 1500; i++) {
            random_step(&seed);
            if (i == 1400 && round % 2)
                nb_version_drain(w->version);
        }
        finish();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_call_is_answered_once),
        cmocka_unit_test(refusals_name_the_limit_and_its_value),
        cmocka_unit_test(reasons_are_for_people),
        cmocka_unit_test(a_hopeless_call_is_refused_once_there_is_experience),
        cmocka_unit_test(batches_that_fall_apart_end_batching),
        cmocka_unit_test(the_reason_of_a_restart_is_counted),
        cmocka_unit_test(workers_are_seen),
        cmocka_unit_test(whatever_happens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
