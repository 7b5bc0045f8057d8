/* The loop around a child: one poll() over its two pipes, its end and our signals. */
#include "proc/runner.h"

#include "base/trace.h"
#include "proc/lines.h"
#include "proc/process.h"
#include "proc/spawn.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    KILL_GRACE_MS = 5000, /* between SIGTERM and SIGKILL */
    DRAIN_MS =
        1000, /* how long the pipes are read on when the child has gone and others hold them open */
    NO_HANDLE_POLL_MS = 20 /* without pidfd: how often to look whether the child has ended */
};

typedef struct watch {
    const nb_spawn *spawn;
    nb_child child;
    nb_lines lines[2];
    int signals;                              /* signalfd, or -1 */
    sigset_t old_mask;                        /* to be restored */
    int64_t timeout_at, kill_at, drain_until; /* INT64_MAX: never */
    bool ended, killed;
    nb_exit *result;
} watch;

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void signal_group(watch *w, int signal)
{
    (void)kill(-w->child.pid,
               signal); /* it is not waited for yet, so its number is still its own */
    if (signal == SIGKILL)
        w->killed = true;
}

/* --- our own signals ------------------------------------------------------------------------- */

static bool is_ignored(int signal)
{
    struct sigaction action;
    return sigaction(signal, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

/* Blocked and read from a descriptor: no handler, no global. Signals that somebody ignores for us (nohup) stay ignored:
 * blocked ones would be queued all the same. */
static void catch_signals(watch *w)
{
    sigset_t set;
    sigemptyset(&set);
    w->signals = -1;
    if (w->spawn->forward_signals) {
        const int wanted[] = {SIGINT, SIGTERM, SIGHUP, SIGTSTP};
        for (size_t i = 0; i < NB_LEN(wanted); i++)
            if (!is_ignored(wanted[i]))
                sigaddset(&set, wanted[i]);
        w->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    }
    if (w->signals < 0)
        sigemptyset(&set);
    pthread_sigmask(SIG_BLOCK, &set, &w->old_mask);
}

static bool next_signal(const watch *w, int *signal)
{
    struct signalfd_siginfo info;
    if (w->signals < 0 || read(w->signals, &info, sizeof info) != (ssize_t)sizeof info)
        return false;
    *signal = (int)info.ssi_signo;
    return true;
}

static void release_signals(watch *w)
{
    int late;
    while (next_signal(w, &late)) /* meant for the child, which has gone: must not end us now */
        continue;
    if (w->signals >= 0)
        close(w->signals);
    pthread_sigmask(SIG_SETMASK, &w->old_mask, NULL);
}

static void forward(watch *w, int signal)
{
    if (signal == SIGTSTP) {
        signal_group(w, SIGSTOP);
        (void)raise(SIGSTOP);
        signal_group(w, SIGCONT);
        return;
    }
    bool kills = w->result->forwarded != 0;
    if (!kills)
        w->result->forwarded = signal;
    signal_group(w, kills ? SIGKILL : signal);
    if (!kills && signal != SIGINT) /* whoever sends these will not wait for ever */
        w->kill_at = now_ms() + KILL_GRACE_MS;
    if (w->spawn->on_signal)
        w->spawn->on_signal(w->spawn->ctx, signal, kills);
}

/* --- the child's output and end -------------------------------------------------------------- */

static int *pipe_of(watch *w, nb_stream stream)
{
    return stream == NB_STDOUT ? &w->child.out : &w->child.err;
}

/* Reads once, so that neither pipe starves the other. */
static void read_pipe(watch *w, nb_stream stream)
{
    char bytes[64 * 1024];
    int *fd = pipe_of(w, stream);
    ssize_t got = read(*fd, bytes, sizeof bytes);
    if (got > 0) {
        nb_lines_feed(&w->lines[stream], (nb_str){bytes, (size_t)got}, now_ms(), w->spawn);
    } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
        nb_lines_end(&w->lines[stream], w->spawn);
        close(*fd);
        *fd = -1;
    }
}

static void look_for_end(watch *w)
{
    siginfo_t info = {0};
    if (w->ended || waitid(P_PID, (id_t)w->child.pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
        info.si_pid == 0)
        return;
    w->ended = true;
    w->drain_until = now_ms() + DRAIN_MS;
    w->timeout_at = w->kill_at = INT64_MAX;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int poll_time(const watch *w)
{
    int64_t at = earlier(earlier(w->timeout_at, w->kill_at), w->drain_until);
    at = earlier(at, earlier(nb_lines_due(&w->lines[0]), nb_lines_due(&w->lines[1])));
    if (w->child.handle < 0 && !w->ended)
        at = earlier(at, now_ms() + NO_HANDLE_POLL_MS);
    if (at == INT64_MAX)
        return -1;
    int64_t wait = at - now_ms();
    return wait < 0 ? 0 : wait > 60000 ? 60000 : (int)wait;
}

static void check_time(watch *w)
{
    int64_t now = now_ms();
    nb_lines_tick(&w->lines[NB_STDOUT], now, w->spawn);
    nb_lines_tick(&w->lines[NB_STDERR], now, w->spawn);
    if (now >= w->timeout_at) {
        w->result->timed_out = true;
        w->timeout_at = INT64_MAX;
        w->kill_at = now + KILL_GRACE_MS;
        signal_group(w, SIGTERM);
    }
    if (now >= w->kill_at) {
        w->kill_at = INT64_MAX;
        signal_group(w, SIGKILL);
    }
}

static bool finished(const watch *w)
{
    return w->ended &&
           ((w->child.out < 0 && w->child.err < 0) || w->killed || now_ms() >= w->drain_until);
}

static void step(watch *w)
{
    struct pollfd fds[] = {
        {.fd = w->child.out,                    .events = POLLIN},
        {.fd = w->child.err,                    .events = POLLIN},
        {.fd = w->signals,                      .events = POLLIN},
        {.fd = w->ended ? -1 : w->child.handle, .events = POLLIN},
    };
    (void)poll(fds, NB_LEN(fds),
               poll_time(w)); /* EINTR: nothing is marked, the next round looks again */
    if (fds[0].revents)
        read_pipe(w, NB_STDOUT);
    if (fds[1].revents)
        read_pipe(w, NB_STDERR);
    int signal;
    while (!w->ended && next_signal(w, &signal))
        forward(w, signal);
    check_time(w);
    look_for_end(w);
}

/* What is in the pipes already when nobody will wait for more. */
static void read_rest(watch *w, nb_stream stream)
{
    enum { ROUNDS = 64 }; /* more than a pipe holds; a grandchild may write for ever */
    for (int i = 0; i < ROUNDS && *pipe_of(w, stream) >= 0; i++) {
        struct pollfd fd = {.fd = *pipe_of(w, stream), .events = POLLIN};
        if (poll(&fd, 1, 0) <= 0)
            break;
        read_pipe(w, stream);
    }
    if (*pipe_of(w, stream) >= 0)
        nb_lines_end(&w->lines[stream], w->spawn);
}

static void wait_for(watch *w)
{
    int status = 0;
    while (waitpid(w->child.pid, &status, 0) < 0 && errno == EINTR)
        continue;
    w->result->status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    w->result->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static bool went_wrong(const watch *w)
{
    siginfo_t info = {0};
    (void)waitid(P_PID, (id_t)w->child.pid, &info, WEXITED | WNOHANG | WNOWAIT);
    return w->killed || w->result->timed_out || w->result->forwarded || info.si_code != CLD_EXITED;
}

static void follow(watch *w)
{
    while (!finished(w))
        step(w);
    if (went_wrong(w)) /* helpers of a child that was ended are of no use to anybody */
        signal_group(w, SIGKILL);
    read_rest(w, NB_STDOUT);
    read_rest(w, NB_STDERR);
    wait_for(w);
}

static nb_code run(void *ctx, const nb_spawn *spawn, nb_exit *out, nb_error *err)
{
    (void)ctx;
    nb_exit result = {0};
    watch w = {
        .spawn = spawn,
        .child = {.pid = 0, .out = -1, .err = -1, .handle = -1},
        .kill_at = INT64_MAX,
        .drain_until = INT64_MAX,
        .timeout_at = spawn->timeout_ms > 0 ? now_ms() + spawn->timeout_ms : INT64_MAX,
        .result = &result
    };
    catch_signals(&w); /* before the start: a Ctrl-C in between is not lost */
    nb_code code = nb_child_start(spawn, &w.child, err);
    if (code == NB_OK) {
        nb_lines_init(&w.lines[NB_STDOUT], NB_STDOUT, spawn->line_limit);
        nb_lines_init(&w.lines[NB_STDERR], NB_STDERR, spawn->line_limit);
        nb_trace(NB_TRACE_PROC, "started %s as %d", spawn->argv[0], (int)w.child.pid);
        if (spawn->on_start)
            spawn->on_start(spawn->ctx, w.child.pid);
        follow(&w);
        nb_lines_release(&w.lines[NB_STDOUT]);
        nb_lines_release(&w.lines[NB_STDERR]);
        nb_child_close(&w.child);
        nb_trace(NB_TRACE_PROC, "%d ended: status %d, signal %d%s", (int)w.child.pid, result.status,
                 result.signal, result.timed_out ? ", timed out" : "");
        *out = result;
    }
    release_signals(&w);
    return code;
}

const nb_runner nb_runner_real = {
    .run = run,
    .identify = nb_process_identify,
    .look = nb_process_look,
    .signal_group = nb_process_signal_group,
};

/* --- conveniences ---------------------------------------------------------------------------- */

typedef struct captured {
    nb_buf *bufs[2];
} captured;

static void capture(void *ctx, const nb_output *output)
{
    const captured *c = ctx;
    nb_buf *to = c->bufs[output->stream];
    if (!to)
        return;
    nb_buf_put(to, output->text);
    if (output->ended)
        nb_buf_putc(to, '\n');
}

nb_code nb_run_capture(const nb_runner *runner, const nb_spawn *spawn, nb_buf *out, nb_buf *err_out,
                       nb_exit *end, nb_error *err)
{
    captured c = {
        .bufs = {out, err_out}
    };
    nb_spawn copy = *spawn;
    copy.on_output = capture;
    copy.on_start = NULL;
    copy.on_signal = NULL;
    copy.ctx = &c;
    return runner->run(runner->ctx, &copy, end, err);
}

nb_str nb_exit_text(nb_arena *arena, const nb_exit *end)
{
    if (end->timed_out)
        return NB_STR("took too long and was ended");
    if (end->signal)
        return nb_arena_printf(arena, "was killed by signal %d (%s)", end->signal,
                               strsignal(end->signal));
    return nb_arena_printf(arena, "ended with exit status %d", end->status);
}
