#include "serve/worker/worker.h"

#include "base/heap.h"
#include "proc/spawn.h"
#include "serve/worker/worker_launch.h"
#include "serve/worker/worker_log.h"
#include "text/json.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    READ_AT_ONCE = 64 * 1024,
    TRACEBACK = 64 * 1024,
    PIPE_ROUNDS = 32,         /* of READ_AT_ONCE, when it has ended: more than a pipe holds */
    KEEP_BUFFER = 1024 * 1024 /* larger ones are given back when they are empty */
};
static const int64_t hang_up_us = 1000000; /* between the end of its socket and its own */

typedef struct asked {
    uint64_t id;
    bool answered;
} asked;

struct nb_worker {
    nb_loop *loop;
    nb_worker_hooks hooks;
    unsigned number;
    int64_t startup_us, grace_us;
    nb_worker_state state;
    nb_child child;
    const nb_guard *guard;
    int socket; /* -1: at its end */
    nb_buf in, out;
    size_t sent;         /* of `out` */
    bool waits_to_write; /* the loop tells when the socket takes more */
    nb_frame_shared requests, answers;
    asked *asked; /* the batch that is with it */
    size_t asked_count, answered, asked_room;
    nb_frame_result *results; /* room for as many */
    nb_timer timer;
    bool stop_asked, killed; /* by its owner; with SIGKILL, by us */
    nb_buf phase, reason, traceback;
    nb_worker_log log;
};

/* --- its end, asked for or deserved -------------------------------------------------------------------------------- */

static void set_timer(nb_worker *w, int64_t wait_us, void (*fire)(void *ctx))
{
    w->timer.fire = fire;
    nb_timer_set(w->loop, &w->timer, nb_loop_now_us(w->loop) + wait_us);
}

/* The group: what the model started goes with it. The process is not waited for yet, so its number is still its own. */
static void signal_group(const nb_worker *w, int number)
{
    (void)kill(-w->child.pid, number);
}

static void kill_late(void *ctx)
{
    nb_worker *w = ctx;
    w->killed = true;
    signal_group(w, SIGKILL);
}

static void terminate(void *ctx)
{
    nb_worker *w = ctx;
    if (w->state == NB_WORKER_GONE || w->killed || w->timer.fire == kill_late)
        return;
    w->state = NB_WORKER_STOPPING;
    signal_group(w, SIGTERM);
    set_timer(w, w->grace_us, kill_late);
}

static void set_reason(nb_worker *w, const char *text)
{
    if (w->reason.len == 0)
        nb_buf_putz(&w->reason, text);
}

static void hang_up(nb_worker *w)
{
    nb_loop_forget(w->loop, w->socket);
    if (w->socket >= 0)
        close(w->socket);
    w->socket = -1;
}

/* Whoever breaks the protocol is not asked for anything more. */
static void protocol_error(nb_worker *w, const char *what)
{
    if (w->reason.len == 0)
        nb_buf_printf(&w->reason, "broke the protocol: %s", what);
    hang_up(w);
    terminate(w);
}

static void is_late(void *ctx)
{
    nb_worker *w = ctx;
    if (w->reason.len == 0)
        nb_buf_printf(&w->reason, "was not ready within %lld s",
                      (long long)(w->startup_us / 1000000));
    terminate(w);
}

static void stays_without_socket(void *ctx)
{
    nb_worker *w = ctx;
    set_reason(w, "closed its connection");
    terminate(w);
}

/* --- frames to it -------------------------------------------------------------------------------------------------- */

static void on_socket(void *ctx, unsigned events);

static void watch_socket(nb_worker *w, unsigned events)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    if (nb_loop_watch(w->loop, w->socket, events, on_socket, w, &err) != NB_OK)
        protocol_error(w, nb_error_message(&err, 0));
}

static void empty(nb_buf *buf)
{
    if (buf->cap > KEEP_BUFFER)
        nb_buf_release(buf);
    else
        nb_buf_clear(buf);
}

/* Writes what the socket takes. When the other side has gone, reading finds out. */
static void flush(nb_worker *w)
{
    while (w->sent < w->out.len) {
        ssize_t done = send(w->socket, w->out.at + w->sent, w->out.len - w->sent, MSG_NOSIGNAL);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0 && errno == EAGAIN) {
            w->waits_to_write = true;
            watch_socket(w, EPOLLIN | EPOLLOUT);
            return;
        }
        if (done < 0)
            break;
        w->sent += (size_t)done;
    }
    w->sent = 0;
    empty(&w->out);
    if (w->waits_to_write)
        watch_socket(w, EPOLLIN);
    w->waits_to_write = false;
}

bool nb_worker_send(nb_worker *worker, const nb_frame_request *requests, size_t count,
                    bool together)
{
    if (worker->state != NB_WORKER_READY || count == 0 || count > NB_FRAME_MOST_ITEMS)
        return false;
    nb_frame_write_batch(&worker->out, 0, together ? NB_FRAME_TOGETHER : 0, requests, count,
                         &worker->requests);
    if (worker->out.full) {
        nb_buf_release(&worker->out);
        return false;
    }
    if (count > worker->asked_room) {
        worker->asked = nb_heap_grow(worker->asked, count, sizeof *worker->asked);
        worker->results = nb_heap_grow(worker->results, count, sizeof *worker->results);
        worker->asked_room = count;
    }
    for (size_t i = 0; i < count; i++)
        worker->asked[i] = (asked){.id = requests[i].id};
    worker->asked_count = count;
    worker->answered = 0;
    worker->state = NB_WORKER_BUSY;
    flush(worker);
    return true;
}

static bool is_busy(const nb_worker *w)
{
    return w->answered < w->asked_count;
}

void nb_worker_stop(nb_worker *worker)
{
    worker->stop_asked = true;
    switch (worker->state) {
    case NB_WORKER_STARTING:
    case NB_WORKER_LOADING: terminate(worker); return;
    case NB_WORKER_READY: set_timer(worker, worker->grace_us, terminate); break;
    case NB_WORKER_BUSY: break; /* the owner watches deadlines; the grace begins when it is idle */
    case NB_WORKER_STOPPING:
    case NB_WORKER_GONE: return;
    }
    worker->state = NB_WORKER_STOPPING;
    nb_frame_write(&worker->out, NB_FRAME_STOP, 0, 0, NB_STR(""));
    if (worker->socket >= 0)
        flush(worker);
}

void nb_worker_kill(nb_worker *worker)
{
    worker->stop_asked = true;
    terminate(worker);
}

/* --- frames from it ------------------------------------------------------------------------------------------------ */

static void take_hello(nb_worker *w, nb_str payload)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT;
    const nb_json *hello = NULL;
    if (nb_json_parse(&arena, payload, NB_STR("HELLO"), NB_JSON_STRICT, &hello, &ignored) !=
        NB_OK) {
        protocol_error(w, "its greeting is no JSON");
        return;
    }
    const nb_json *protocol = nb_json_get(hello, "protocol");
    if (!protocol || !nb_str_eqz(protocol->text, "1")) {
        protocol_error(w, "it speaks another version of it");
        return;
    }
    w->state = NB_WORKER_LOADING;
}

static void take_ready(nb_worker *w, nb_str payload)
{
    w->state = NB_WORKER_READY;
    nb_timer_stop(w->loop, &w->timer);
    w->hooks.ready(w->hooks.ctx, w, payload);
}

static void take_failure(nb_worker *w, nb_str payload)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT;
    const nb_json *told = NULL;
    (void)nb_json_parse(&arena, payload, NB_STR("FAIL"), NB_JSON_NOTEBOOK, &told, &ignored);
    nb_str error = nb_json_get_str(told, "error");
    nb_buf_put(&w->phase, nb_json_get_str(told, "phase"));
    nb_buf_put(&w->reason, error.len > 0 ? error : NB_STR("failed and does not say why"));
    nb_buf_put(&w->traceback, nb_json_get_str(told, "traceback"));
    w->state = NB_WORKER_STOPPING;
    set_timer(w, w->grace_us, terminate); /* it ends by itself */
    nb_str text = nb_buf_view(&w->traceback), line;
    while (w->hooks.output && nb_str_line(&text, &line))
        w->hooks.output(w->hooks.ctx, w, line);
}

/* Marks a request as answered; false when it is not with the worker, or was answered before. Answers come in the order of the
 * requests, so the search begins there. */
static bool mark_answered(nb_worker *w, uint64_t id)
{
    for (size_t i = 0; i < w->asked_count; i++) {
        asked *a = &w->asked[(w->answered + i) % w->asked_count];
        if (a->id != id)
            continue;
        if (a->answered)
            return false;
        a->answered = true;
        w->answered++;
        return true;
    }
    return false;
}

static void became_idle(nb_worker *w)
{
    if (w->state == NB_WORKER_BUSY)
        w->state = NB_WORKER_READY;
    else if (w->timer.slot == 0)
        set_timer(w, w->grace_us, terminate);
    w->hooks.idle(w->hooks.ctx, w);
}

static bool read_pipe(nb_worker *w, nb_stream stream);

static void take_results(nb_worker *w, nb_str payload)
{
    size_t at = 0, count = 0;
    bool wrong = false, had = is_busy(w);
    nb_frame_result result;
    while (nb_frame_next_result(payload, &w->answers, &at, &result, &wrong)) {
        if (!mark_answered(w, result.id)) {
            protocol_error(w, "it answered what it was not asked");
            return;
        }
        w->results[count++] = result;
    }
    if (wrong || count != nb_frame_result_count(payload)) {
        protocol_error(w, "its answers cannot be read");
        return;
    }
    (void)read_pipe(w,
                    NB_STDOUT); /* what it said while it predicted these, as long as they are its */
    (void)read_pipe(w, NB_STDERR);
    if (count > 0)
        w->hooks.results(w->hooks.ctx, w, w->results, count);
    if (had && !is_busy(w))
        became_idle(w);
}

/* Frames come in this order: HELLO, READY or FAIL, RESULTs. */
static void take_frame(nb_worker *w, const nb_frame *frame)
{
    bool stopping = w->state == NB_WORKER_STOPPING;
    if (frame->type == NB_FRAME_HELLO && w->state == NB_WORKER_STARTING)
        take_hello(w, frame->payload);
    else if (frame->type == NB_FRAME_READY && w->state == NB_WORKER_LOADING)
        take_ready(w, frame->payload);
    else if (frame->type == NB_FRAME_FAIL && w->state == NB_WORKER_LOADING)
        take_failure(w, frame->payload);
    else if (frame->type == NB_FRAME_RESULT && is_busy(w))
        take_results(w, frame->payload);
    else if (!stopping) /* what a worker still said while it was told to end is of no interest */
        protocol_error(w, "a frame at the wrong time");
}

static void take_frames(nb_worker *w)
{
    size_t at = 0, taken = 0;
    nb_frame frame;
    nb_frame_state state = NB_FRAME_PARTIAL;
    while (w->socket >= 0) {
        state = nb_frame_read(nb_str_from_at(nb_buf_view(&w->in), at), &frame, &taken);
        if (state != NB_FRAME_WHOLE)
            break;
        at += taken;
        take_frame(w, &frame);
    }
    if (w->socket >= 0 && state == NB_FRAME_WRONG)
        protocol_error(w, "what it says is no frame");
    if (at == w->in.len) {
        empty(&w->in);
        return;
    }
    memmove(w->in.at, w->in.at + at, w->in.len - at);
    w->in.len -= at;
}

static void end_of_socket(nb_worker *w)
{
    hang_up(w);
    if (w->timer.fire != kill_late && w->state != NB_WORKER_GONE) {
        w->state = NB_WORKER_STOPPING;
        set_timer(w, hang_up_us, stays_without_socket); /* its end tells more, if it comes */
    }
}

static void read_socket(nb_worker *w)
{
    while (w->socket >= 0) {
        if (!nb_buf_reserve(&w->in, READ_AT_ONCE)) {
            protocol_error(w, "its frame is too large");
            return;
        }
        ssize_t got = recv(w->socket, w->in.at + w->in.len, w->in.cap - w->in.len - 1, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && errno == EAGAIN)
            return;
        if (got <= 0) {
            end_of_socket(w);
            return;
        }
        w->in.len += (size_t)got;
        take_frames(w);
    }
}

static void on_socket(void *ctx, unsigned events)
{
    nb_worker *w = ctx;
    if (w->socket >= 0 && (events & EPOLLOUT) && w->sent < w->out.len)
        flush(w);
    read_socket(w);
}

/* --- its output ---------------------------------------------------------------------------------------------------- */

static void pass_line(void *ctx, nb_str line)
{
    nb_worker *w = ctx;
    w->hooks.output(w->hooks.ctx, w, line);
}

/* Once, so that a worker that floods us leaves the others their turn. False: nothing was there. */
static bool read_pipe(nb_worker *w, nb_stream stream)
{
    char bytes[READ_AT_ONCE];
    int *fd = stream == NB_STDOUT ? &w->child.out : &w->child.err;
    if (*fd < 0)
        return false;
    ssize_t got = read(*fd, bytes, sizeof bytes);
    if (got > 0) {
        nb_worker_log_feed(&w->log, stream, (nb_str){bytes, (size_t)got}, nb_loop_now_us(w->loop));
        return true;
    }
    if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
        nb_loop_forget(w->loop, *fd);
        close(*fd);
        *fd = -1;
    }
    return false;
}

static void on_stdout(void *ctx, unsigned events)
{
    (void)events;
    (void)read_pipe(ctx, NB_STDOUT);
}

static void on_stderr(void *ctx, unsigned events)
{
    (void)events;
    (void)read_pipe(ctx, NB_STDERR);
}

static void read_rest(nb_worker *w)
{
    for (int i = 0; i < PIPE_ROUNDS && read_pipe(w, NB_STDOUT); i++)
        continue;
    for (int i = 0; i < PIPE_ROUNDS && read_pipe(w, NB_STDERR); i++)
        continue;
    nb_worker_log_end(&w->log);
}

/* --- its death ----------------------------------------------------------------------------------------------------- */

static void release(nb_worker *w)
{
    nb_timer_stop(w->loop, &w->timer);
    hang_up(w);
    nb_loop_forget(w->loop, w->child.out);
    nb_loop_forget(w->loop, w->child.err);
    nb_loop_forget(w->loop, w->child.handle);
    nb_child_close(&w->child);
    if (w->requests.at)
        munmap(w->requests.at, w->requests.size);
    if (w->answers.at)
        munmap(w->answers.at, w->answers.size);
    nb_buf *const bufs[] = {&w->in, &w->out, &w->phase, &w->reason, &w->traceback};
    for (size_t i = 0; i < NB_LEN(bufs); i++)
        nb_buf_release(bufs[i]);
    nb_worker_log_release(&w->log);
    free(w->asked);
    free(w->results);
    free(w);
}

static void explain_end(nb_worker *w, const nb_exit *end)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    if (w->stop_asked)
        set_reason(w, "was stopped");
    else if (end->signal == SIGKILL && !w->killed)
        set_reason(w, "was killed by the kernel (out of memory?)");
    else
        set_reason(w, nb_arena_z(&arena, nb_exit_text(&arena, end)));
}

static nb_exit wait_for(const nb_worker *w)
{
    int status = 0;
    signal_group(w, SIGKILL); /* what the model started */
    nb_guard_remove(w->guard, w->child.pid);
    while (waitpid(w->child.pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return (nb_exit){.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1,
                     .signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0};
}

static void on_end(void *ctx, unsigned events)
{
    nb_worker *w = ctx;
    (void)events;
    read_socket(w); /* results it sent before */
    read_rest(w);
    nb_exit end = wait_for(w);
    explain_end(w, &end);
    w->state = NB_WORKER_GONE;
    NB_AUTO(nb_buf) tail = NB_BUF_INIT(NB_BUF_TEXT);
    nb_worker_log_tail(&w->log, &tail);
    nb_buf_put(&tail, nb_buf_view(&w->traceback));
    nb_worker_end told = {.status = end.status,
                          .signal = end.signal,
                          .phase = nb_buf_view(&w->phase),
                          .reason = nb_buf_view(&w->reason),
                          .asked = w->stop_asked,
                          .tail = nb_buf_view(&tail)};
    w->hooks.gone(w->hooks.ctx, w, &told);
    release(w);
}

/* --- its start ----------------------------------------------------------------------------------------------------- */

static nb_code watch_child(nb_worker *w, nb_error *err)
{
    const struct {
        int fd;
        nb_loop_ready *ready;
    } watches[] = {
        {w->child.handle, on_end   },
        {w->child.out,    on_stdout},
        {w->child.err,    on_stderr},
        {w->socket,       on_socket},
    };
    if (w->child.handle < 0)
        return nb_fail(err, NB_ERR_IO, "this kernel tells nobody when a process ends (pidfd_open)");
    for (size_t i = 0; i < NB_LEN(watches); i++) {
        nb_code code = nb_loop_watch(w->loop, watches[i].fd, EPOLLIN, watches[i].ready, w, err);
        if (code != NB_OK)
            return code;
    }
    nb_loop_prefer(w->loop, w->socket);
    return NB_OK;
}

static nb_code start(nb_worker *w, const nb_worker_spec *spec, nb_error *err)
{
    nb_worker_process process;
    nb_code code = nb_worker_launch(spec, &process, err);
    w->child = process.child;
    w->socket = process.socket;
    w->requests = process.requests;
    w->answers = process.answers;
    if (code != NB_OK)
        return code;
    nb_guard_add(w->guard, w->child.pid);
    code = watch_child(w, err);
    if (code != NB_OK)
        (void)wait_for(w);
    return code;
}

nb_code nb_worker_start(nb_loop *loop, const nb_worker_spec *spec, const nb_worker_hooks *hooks,
                        nb_worker **out, nb_error *err)
{
    enum { FRAME_ROOM = NB_FRAME_HEADER + NB_FRAME_LARGEST + 2 * READ_AT_ONCE };
    nb_worker *w = NB_HEAP_NEW(nb_worker);
    *w = (nb_worker){.loop = loop,
                     .hooks = *hooks,
                     .number = spec->number,
                     .startup_us = spec->startup_ms * 1000,
                     .grace_us = spec->grace_ms * 1000,
                     .guard = spec->guard,
                     .in = NB_BUF_INIT(FRAME_ROOM),
                     .out = NB_BUF_INIT(NB_FRAME_HEADER + NB_FRAME_LARGEST),
                     .phase = NB_BUF_INIT(64),
                     .reason = NB_BUF_INIT(4096),
                     .traceback = NB_BUF_INIT(TRACEBACK),
                     .timer = {.ctx = w}};
    nb_worker_log_init(&w->log, pass_line, w, nb_loop_now_us(loop));
    nb_code code = start(w, spec, err);
    if (code != NB_OK) {
        release(w);
        return nb_wrap(err, "cannot start worker %u", spec->number);
    }
    set_timer(w, w->startup_us, is_late);
    *out = w;
    return NB_OK;
}

nb_worker_state nb_worker_state_of(const nb_worker *worker)
{
    return worker->state;
}

unsigned nb_worker_number(const nb_worker *worker)
{
    return worker->number;
}

int64_t nb_worker_pid(const nb_worker *worker)
{
    return worker->child.pid;
}
