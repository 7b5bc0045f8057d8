#include "endpoint/start.h"

#include "base/fs.h"
#include "base/path.h"
#include "endpoint/admin.h"
#include "endpoint/tree.h"
#include "proc/process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    REPORT_FD = 3,
    LARGEST_REPORT = 64 * 1024,
    PATIENCE_MS = 60000,
    PAUSE_MS = 50,
    GRACE_MS = 10000,       /* for what comes after draining, and between signals */
    HANGING_GRACE_MS = 2000 /* for one that never accepted requests */
};

/* --- the report ----------------------------------------------------------------------------------- */

int nb_front_report_to(const nb_env *env)
{
    int64_t fd;
    nb_str text = nb_env_str(env, "NOTEBOOKED_STARTED_FD");
    if (!nb_str_to_int(text, &fd) || fd != REPORT_FD || fcntl(REPORT_FD, F_GETFD) < 0)
        return -1;
    (void)fcntl(REPORT_FD, F_SETFD, FD_CLOEXEC); /* workers must not hold it open */
    return REPORT_FD;
}

static void report(int fd, nb_str text)
{
    if (fd < 0)
        return;
    ssize_t ignored = write(fd, text.at, text.len); /* whoever waited may have gone */
    (void)ignored;
    close(fd);
}

void nb_front_report_started(int fd)
{
    report(fd, NB_STR("s\n"));
}

void nb_front_report_failure(int fd, const nb_error *err)
{
    NB_AUTO(nb_buf) text = NB_BUF_INIT(LARGEST_REPORT);
    nb_buf_printf(&text, "e%d\n", (int)err->code);
    for (size_t i = 0; nb_error_message(err, i); i++)
        nb_buf_printf(&text, "m%s\n", nb_error_message(err, i));
    if (err->hint)
        nb_buf_printf(&text, "h%s\n", err->hint);
    report(fd, nb_buf_view(&text));
}

/* The front's failure as ours: code, messages from the outermost inwards, hint. */
static nb_code rebuild_failure(nb_str text, nb_error *err)
{
    nb_str messages[16], hint = {0}, line;
    int64_t code = 0;
    size_t count = 0;
    while (nb_str_line(&text, &line)) {
        nb_str rest = nb_str_from_at(line, 1);
        if (nb_str_starts(line, NB_STR("e")))
            (void)nb_str_to_int(rest, &code);
        else if (nb_str_starts(line, NB_STR("m")) && count < NB_LEN(messages))
            messages[count++] = rest;
        else if (nb_str_starts(line, NB_STR("h")))
            hint = rest;
    }
    if (count == 0 || code <= NB_OK || code >= NB_CODE_COUNT)
        return nb_fail(err, NB_ERR_REMOTE, "its process ended before it accepted requests");
    (void)nb_fail(err, (nb_code)code, NB_STR_FMT, NB_STR_ARG(messages[count - 1]));
    for (size_t i = count - 1; i-- > 0;)
        (void)nb_wrap(err, NB_STR_FMT, NB_STR_ARG(messages[i]));
    if (hint.len > 0)
        nb_error_hint(err, NB_STR_FMT, NB_STR_ARG(hint));
    return err->code;
}

static int64_t now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The number of the process, which it tells first, is taken off the text. */
static int64_t take_pid(nb_str *text)
{
    nb_str rest = *text, line;
    int64_t pid = 0;
    if (!nb_str_starts(rest, NB_STR("p")) || !nb_str_line(&rest, &line) ||
        !nb_str_to_int(nb_str_from_at(line, 1), &pid))
        return 0;
    *text = rest;
    return pid;
}

static bool says_started(const nb_buf *report)
{
    nb_str text = nb_buf_view(report);
    (void)take_pid(&text);
    return nb_str_starts(text, NB_STR("s\n"));
}

/* What comes up to the end of the report; false when the time is up. That it started is enough, whoever else holds the pipe open. */
static bool read_report(int fd, nb_buf *out, int64_t patience_ms)
{
    const int64_t until = now_ms() + patience_ms;
    while (!says_started(out)) {
        char bytes[4096];
        struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
        int64_t left = until - now_ms();
        if (left <= 0)
            return false;
        int ready = poll(&poll_fd, 1, left > INT_MAX ? INT_MAX : (int)left);
        if (ready <= 0)
            continue;
        ssize_t got = read(fd, bytes, sizeof bytes);
        if (got > 0)
            nb_buf_put(out, (nb_str){bytes, (size_t)got});
        else if (got == 0 || errno != EINTR)
            return true;
    }
    return true;
}

static bool ends_within(const nb_front_process *front, const nb_process *process, int64_t limit_ms);

/* It holds the pipe still, so the number is its own. */
static void end_hanging(const nb_front_process *front, int64_t pid)
{
    nb_process process;
    if (pid <= 0 || !front->runner->identify(front->runner->ctx, pid, &process))
        return;
    (void)nb_process_signal(&process, SIGTERM);
    if (!ends_within(front, &process, HANGING_GRACE_MS))
        (void)nb_process_signal(&process, SIGKILL);
}

static nb_code await_report(const nb_front_process *front, int fd, nb_error *err)
{
    NB_AUTO(nb_buf) text = NB_BUF_INIT(LARGEST_REPORT);
    int64_t patience = front->patience_ms > 0 ? front->patience_ms : PATIENCE_MS;
    bool reported = read_report(fd, &text, patience);
    nb_str report_text = nb_buf_view(&text);
    int64_t pid = take_pid(&report_text);
    if (reported)
        return says_started(&text) ? NB_OK : rebuild_failure(report_text, err);
    end_hanging(front, pid);
    return nb_fail(err, NB_ERR_TIMEOUT, "it does not accept requests after %lld s",
                   (long long)(patience / 1000));
}

/* --- the start ------------------------------------------------------------------------------------ */

typedef struct launch {
    const char *program;
    const char *argv[8];
    const char *log;
    int report; /* its end of the pipe */
} launch;

static nb_code find_program(nb_arena *arena, const nb_front_process *front, const char **out,
                            nb_error *err)
{
    char path[PATH_MAX];
    if (front->program) {
        *out = front->program;
        return NB_OK;
    }
    ssize_t len = readlink("/proc/self/exe", path, sizeof path - 1);
    if (len < 0)
        return nb_fail_errno(err, "cannot tell which program this is");
    *out = nb_arena_z(arena, (nb_str){path, (size_t)len});
    return NB_OK;
}

/* In the grandchild: its own group, the log as its output, the pipe, nothing else. */
_Noreturn static void become_front(const launch *l)
{
    char pid[32];
    int length = snprintf(pid, sizeof pid, "p%lld\n", (long long)getpid());
    ssize_t ignored = write(l->report, pid, (size_t)length);
    (void)ignored;
    int log = open(l->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    (void)setpgid(0, 0);
    (void)dup2(null, STDIN_FILENO);
    (void)dup2(log >= 0 ? log : null, STDOUT_FILENO);
    (void)dup2(log >= 0 ? log : null, STDERR_FILENO);
    if (l->report != REPORT_FD)
        (void)dup2(l->report, REPORT_FD);
    else
        (void)fcntl(REPORT_FD, F_SETFD, 0);
    (void)syscall(SYS_close_range, (unsigned)REPORT_FD + 1, ~0U, 0);
    (void)setenv("NOTEBOOKED_STARTED_FD", "3", 1);
    (void)execv(l->program, (char *const *)(uintptr_t)l->argv);
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    (void)nb_fail_errno(&err, "cannot start '%s'", l->program);
    nb_front_report_failure(REPORT_FD, &err);
    _exit(127);
}

/* The session's leader ends at once, so that the front can never get a terminal. */
static nb_code fork_front(const launch *l, nb_error *err)
{
    (void)fflush(NULL);
    pid_t pid = fork();
    if (pid < 0)
        return nb_fail_errno(err, "cannot make a process");
    if (pid == 0) {
        (void)setsid();
        pid_t front = fork();
        if (front == 0)
            become_front(l);
        _exit(front > 0 ? 0 : 1);
    }
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    return NB_OK;
}

static nb_code launch_front(nb_arena *arena, const nb_front_process *front, nb_error *err)
{
    const nb_endpoint *e = front->endpoint;
    nb_str logs = nb_path_join(arena, e->folder, NB_STR("log"));
    launch l = {.log = nb_path_join(arena, logs, NB_STR("server.log")).at};
    const char *const argv[] = {"notebooked", "-C",       e->root.at,
                                "serve",      e->name.at, front->only ? "--as" : NULL,
                                front->only,  NULL};
    int ends[2];
    memcpy(l.argv, argv, sizeof argv);
    if (find_program(arena, front, &l.program, err) != NB_OK || nb_dir_make(logs.at, err) != NB_OK)
        return err->code;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return nb_fail_errno(err, "cannot make a pipe");
    l.report = ends[1];
    nb_code code = fork_front(&l, err);
    close(ends[1]);
    if (code == NB_OK)
        code = await_report(front, ends[0], err);
    close(ends[0]);
    return code;
}

/* *got: with LOCK_NB, whether nobody else has it. */
static nb_code lock_file(const char *path, int how, int *fd, bool *got, nb_error *err)
{
    *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    *got = true;
    if (*fd < 0)
        return nb_fail_errno(err, "cannot open '%s'", path);
    while (flock(*fd, how) != 0) {
        *got = errno != EWOULDBLOCK;
        if (errno == EINTR)
            continue;
        if (*got)
            (void)nb_fail_errno(err, "cannot lock '%s'", path);
        close(*fd);
        return *got ? err->code : NB_OK;
    }
    return NB_OK;
}

/* Two starts at once: the second waits, and finds the first one's front. */
nb_code nb_endpoint_hold(const nb_endpoint *endpoint, int *fd, nb_error *err)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    bool got;
    nb_str path = nb_path_join(&arena, endpoint->folder, NB_STR("start.lock"));
    return lock_file(path.at, LOCK_EX, fd, &got, err);
}

/* Beside the endpoint's folder: one that comes to nothing leaves none. */
nb_code nb_endpoint_hold_deploy(nb_str root, nb_str name, int *fd, nb_error *err)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_endpoint endpoint = {0};
    bool got;
    if (nb_endpoint_new(&arena, root, name, &endpoint, err) != NB_OK)
        return err->code;
    nb_str folder = nb_path_dir(endpoint.folder);
    nb_str path = nb_arena_printf(&arena, NB_STR_FMT "/." NB_STR_FMT ".lock", NB_STR_ARG(folder),
                                  NB_STR_ARG(name));
    if (nb_tree_make_ignored(nb_arena_z(&arena, folder), err) != NB_OK ||
        lock_file(path.at, LOCK_EX | LOCK_NB, fd, &got, err) != NB_OK)
        return err->code;
    if (got)
        return NB_OK;
    (void)nb_fail(err, NB_ERR_EXISTS, "somebody else deploys to it now");
    nb_error_hint(err, "try again when that is done");
    return err->code;
}

nb_code nb_endpoint_fail_elsewhere(const nb_endpoint *endpoint, const nb_process *process,
                                   nb_error *err)
{
    (void)nb_fail(err, NB_ERR_REMOTE, "endpoint '" NB_STR_FMT "' runs on the machine '%s'",
                  NB_STR_ARG(endpoint->name), process->host);
    nb_error_hint(err, "run this command there");
    return err->code;
}

/* Writes down whether the user wants it to run. A front that runs writes the file itself. */
static nb_code want(nb_arena *arena, const nb_endpoint *endpoint, bool wanted, nb_error *err)
{
    nb_endpoint now = {0};
    if (nb_endpoint_read(arena, endpoint->root, endpoint->name, &now, err) != NB_OK)
        return err->code;
    if (now.wanted == wanted)
        return NB_OK;
    now.wanted = wanted;
    return nb_endpoint_write(&now, err);
}

static nb_code start_locked(nb_arena *arena, const nb_front_process *front, nb_process *out,
                            nb_error *err)
{
    const nb_endpoint *e = front->endpoint;
    switch (nb_endpoint_look(e, front->runner, out)) {
    case NB_ENDPOINT_RUNNING:
        return nb_fail(err, NB_ERR_EXISTS, "endpoint '" NB_STR_FMT "' runs already (process %lld)",
                       NB_STR_ARG(e->name), (long long)out->pid);
    case NB_ENDPOINT_ELSEWHERE: return nb_endpoint_fail_elsewhere(e, out, err);
    case NB_ENDPOINT_STOPPED: break;
    }
    if (want(arena, e, true, err) != NB_OK)
        return err->code;
    if (launch_front(arena, front, err) != NB_OK) {
        if (!err->hint)
            nb_error_hint(err, "see 'notebooked endpoints logs " NB_STR_FMT "'",
                          NB_STR_ARG(e->name));
        return nb_wrap(err, "cannot start the endpoint '" NB_STR_FMT "'", NB_STR_ARG(e->name));
    }
    if (nb_endpoint_look(e, front->runner, out) != NB_ENDPOINT_RUNNING)
        return nb_fail(err, NB_ERR_REMOTE,
                       "endpoint '" NB_STR_FMT "' ended as soon as it had started",
                       NB_STR_ARG(e->name));
    return NB_OK;
}

nb_code nb_front_start(const nb_front_process *front, nb_process *out, nb_error *err)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_process started = {0};
    int held = -1;
    if (nb_endpoint_hold(front->endpoint, &held, err) != NB_OK)
        return err->code;
    nb_code code = start_locked(&arena, front, &started, err);
    close(held);
    if (code == NB_OK)
        *out = started;
    return code;
}

/* --- the end -------------------------------------------------------------------------------------- */

static bool has_ended(const nb_front_process *front, const nb_process *process)
{
    return front->runner->look(front->runner->ctx, process) == NB_GONE;
}

static bool ends_within(const nb_front_process *front, const nb_process *process, int64_t limit_ms)
{
    for (int64_t waited = 0; waited < limit_ms; waited += PAUSE_MS) {
        if (has_ended(front, process))
            return true;
        front->env->sleep_ms(front->env->ctx, PAUSE_MS);
    }
    return has_ended(front, process);
}

/* The kernel remembers who listens on a socket, also when that process hangs. One whose queue is full hangs for certain. */
static bool listens(nb_arena *arena, const nb_endpoint *endpoint, const nb_process *process)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct ucred peer = {0};
    socklen_t size = sizeof peer;
    int folder = open(nb_arena_z(arena, endpoint->folder), O_PATH | O_DIRECTORY | O_CLOEXEC);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    (void)snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/server.sock",
                   folder);
    bool there = folder >= 0 && fd >= 0;
    if (there && connect(fd, (const struct sockaddr *)&address, sizeof address) != 0)
        there = errno == EAGAIN;
    else if (there)
        there =
            getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.pid == process->pid;
    if (folder >= 0)
        close(folder);
    if (fd >= 0)
        close(fd);
    return there;
}

static nb_code fail_stranger(const nb_endpoint *endpoint, const nb_process *process, nb_error *err)
{
    (void)nb_fail(err, NB_ERR_REMOTE,
                  "process %lld is not the front of '" NB_STR_FMT
                  "', though its server.pid says so: it does not listen on server.sock",
                  (long long)process->pid, NB_STR_ARG(endpoint->name));
    nb_error_hint(err, "see what that process is, then remove '" NB_STR_FMT "/server.pid'",
                  NB_STR_ARG(endpoint->folder));
    return err->code;
}

static nb_code end_process(nb_arena *arena, const nb_front_process *front,
                           const nb_process *process, nb_error *err)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* one that does not answer gets signals */
    int64_t drain_ms = front->endpoint->settings.drain_timeout_ms + GRACE_MS;
    const nb_json *answer;
    const nb_admin_request stop = {"POST", "/admin/stop", NB_STR("{}"), drain_ms};
    if (nb_admin_ask(arena, front->endpoint, &stop, &answer, &ignored) == NB_OK &&
        ends_within(front, process, drain_ms))
        return NB_OK;
    if (!listens(arena, front->endpoint, process))
        return has_ended(front, process) ? NB_OK : fail_stranger(front->endpoint, process, err);
    (void)nb_process_signal(process, SIGTERM);
    if (ends_within(front, process, GRACE_MS))
        return NB_OK;
    (void)nb_process_signal(process, SIGKILL);
    if (ends_within(front, process, GRACE_MS))
        return NB_OK;
    return nb_fail(err, NB_ERR_TIMEOUT, "process %lld of endpoint '" NB_STR_FMT "' does not end",
                   (long long)process->pid, NB_STR_ARG(front->endpoint->name));
}

nb_code nb_front_end(const nb_front_process *front, bool *was_running, nb_error *err)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_process process = {0};
    nb_endpoint_liveness liveness = nb_endpoint_look(front->endpoint, front->runner, &process);
    if (liveness == NB_ENDPOINT_ELSEWHERE)
        return nb_endpoint_fail_elsewhere(front->endpoint, &process, err);
    if (liveness == NB_ENDPOINT_RUNNING && end_process(&arena, front, &process, err) != NB_OK)
        return err->code;
    if (was_running)
        *was_running = liveness == NB_ENDPOINT_RUNNING;
    return NB_OK;
}

nb_code nb_front_stop(const nb_front_process *front, bool *was_running, nb_error *err)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    if (nb_front_end(front, was_running, err) != NB_OK)
        return err->code;
    return want(&arena, front->endpoint, false, err);
}
