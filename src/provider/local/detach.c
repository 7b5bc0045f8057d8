/* train --no-wait: a watcher that no terminal ends. It is the grandchild of the command, leads a session of its own, has the log
 * as its standard streams and holds nothing else open, so that whoever reads the command's output sees it end. */
#include "base/trace.h"
#include "provider/local/run.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { REPORT_FD = 3, REPORT_LIMIT = 65536 };

static void report_start(NB_UNUSED void *ctx)
{
    ssize_t ignored = write(REPORT_FD, "s", 1); /* whoever waited may have gone */
    (void)ignored;
    close(REPORT_FD);
}

static void report_error(const nb_error *err)
{
    NB_AUTO(nb_buf) text = NB_BUF_INIT(NB_BUF_TEXT);
    nb_buf_printf(&text, "e%d", (int)err->code);
    for (size_t i = 0; nb_error_message(err, i); i++)
        nb_buf_printf(&text, "\n%s", nb_error_message(err, i));
    ssize_t ignored = write(REPORT_FD, text.at, text.len);
    (void)ignored;
}

static void settle(const nb_run *run, int report)
{
    nb_trace_close(); /* its file goes with the others */
    int log = open(run->log_path.at, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    (void)dup2(null, STDIN_FILENO);
    (void)dup2(log >= 0 ? log : null, STDOUT_FILENO);
    (void)dup2(log >= 0 ? log : null, STDERR_FILENO);
    if (report != REPORT_FD)
        (void)dup2(report, REPORT_FD);
    (void)syscall(SYS_close_range, (unsigned)REPORT_FD + 1, ~0U, 0);
    (void)fcntl(REPORT_FD, F_SETFD, FD_CLOEXEC);
    if (chdir("/") != 0) /* keeps no file system busy; all paths are absolute */
        _exit(1);
}

/* What would be progress on a terminal belongs into the log, which stderr is by now. */
static void say_to_log(NB_UNUSED void *ctx, nb_str line)
{
    (void)fprintf(stderr, NB_STR_FMT "\n", NB_STR_ARG(line));
    (void)fflush(stderr);
}

/* In the watcher. */
_Noreturn static void watch(const nb_run *command, int report)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_run run = *command;
    nb_provider_context context = *command->context;
    context.progress = (nb_progress){.say = say_to_log};
    run.context = &context;
    run.started = report_start;
    settle(&run, report);
    nb_run_take_over(&run);
    nb_code code = nb_run_record(&run, &err);
    if (code == NB_OK)
        code = nb_run_watch(&run, &err);
    if (code != NB_OK) {
        nb_error_print(&err, stderr);
        report_error(&err);
    }
    _exit(code == NB_OK ? 0 : 1);
}

static pid_t fork_watcher(const nb_run *run, const int ends[2])
{
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    close(ends[0]);
    (void)setsid();
    pid_t watcher =
        fork(); /* the session's leader ends, so that the watcher can never get a terminal */
    if (watcher == 0)
        watch(run, ends[1]);
    _exit(watcher > 0 ? 0 : 1);
}

/* The watcher's failure as ours: its code and its chain of messages, outermost first. */
static nb_code rebuild_error(nb_str text, nb_error *err)
{
    nb_str messages[16], line;
    int64_t code = NB_ERR_INTERNAL;
    size_t count = 0;
    nb_str rest = text;
    if (nb_str_line(&rest, &line) && line.len > 1)
        (void)nb_str_to_int(nb_str_from_at(line, 1), &code);
    while (count < NB_LEN(messages) && nb_str_line(&rest, &line))
        messages[count++] = line;
    if (count == 0 || code <= NB_OK || code >= NB_CODE_COUNT)
        return nb_fail(err, NB_ERR_IO, "the watching process ended before the training began");
    (void)nb_fail(err, (nb_code)code, NB_STR_FMT, NB_STR_ARG(messages[count - 1]));
    for (size_t i = count - 1; i-- > 0;)
        (void)nb_wrap(err, NB_STR_FMT, NB_STR_ARG(messages[i]));
    return err->code;
}

static nb_code await_report(int report, nb_error *err)
{
    NB_AUTO(nb_buf) text = NB_BUF_INIT(REPORT_LIMIT);
    char bytes[4096];
    ssize_t got;
    do {
        got = read(report, bytes, sizeof bytes);
        if (got > 0)
            nb_buf_put(&text, (nb_str){bytes, (size_t)got});
    } while (got > 0 || (got < 0 && errno == EINTR));
    if (nb_str_eqz(nb_buf_view(&text), "s"))
        return NB_OK;
    return rebuild_error(nb_buf_view(&text), err);
}

nb_code nb_run_detach(const nb_run *run, nb_error *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return nb_fail_errno(err, "cannot make a pipe");
    (void)fflush(NULL);
    pid_t pid = fork_watcher(run, ends);
    close(ends[1]);
    nb_code code = NB_OK;
    if (pid < 0) {
        code = nb_fail_errno(err, "cannot make a watching process");
    } else {
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
            continue;
        code = await_report(ends[0], err);
    }
    close(ends[0]);
    return code;
}
