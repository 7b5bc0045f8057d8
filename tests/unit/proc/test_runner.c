#include "nb_test.h"

#include "proc/runner.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/* What a child did, and what to do to it. */
typedef struct seen {
    nb_buf text[2];
    size_t lines[2], pieces;
    int64_t pid;
    const char *when; /* on a line of this text ... */
    int raise;        /* ... this signal comes to us */
    int signals[4], kills;
    size_t signal_count;
} seen;

static void on_start(void *ctx, int64_t pid)
{
    ((seen *)ctx)->pid = pid;
}

static void on_output(void *ctx, const nb_output *output)
{
    seen *s = ctx;
    nb_buf_put(&s->text[output->stream], output->text);
    if (output->ended)
        nb_buf_putc(&s->text[output->stream], '\n');
    s->lines[output->stream] += output->ended;
    s->pieces++;
    if (s->when && nb_str_eqz(output->text, s->when))
        (void)raise(s->raise);
}

static void on_signal(void *ctx, int signal, bool kills)
{
    seen *s = ctx;
    s->signals[s->signal_count++ % 4] = signal;
    s->kills += kills;
}

static seen seen_new(void)
{
    return (seen){
        .text = {NB_BUF_INIT(NB_BUF_TEXT), NB_BUF_INIT(NB_BUF_TEXT)}
    };
}

static void seen_auto(seen *s)
{
    nb_buf_release(&s->text[0]);
    nb_buf_release(&s->text[1]);
}

static size_t open_files(void)
{
    size_t count = 0;
    for (int fd = 0; fd < 256; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

/* Runs `sh -c script` and checks what must hold after every run: no child left, no descriptor left, signals as before. */
static nb_exit sh(seen *s, const char *script, nb_spawn more)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_exit end = {.status = -2};
    const char *argv[] = {"/bin/sh", "-c", script, NULL};
    size_t files = open_files();
    sigset_t before, after;
    pthread_sigmask(SIG_SETMASK, NULL, &before);
    more.argv = argv;
    more.on_start = on_start;
    more.on_output = on_output;
    more.on_signal = on_signal;
    more.ctx = s;
    assert_ok(nb_runner_real.run(nb_runner_real.ctx, &more, &end, &err), &err);
    pthread_sigmask(SIG_SETMASK, NULL, &after);
    assert_memory_equal(&before, &after, 8);
    assert_int_equal(open_files(), files);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_true(s->pid > 0);
    return end;
}

static void output_and_status_come_back(void **state)
{
    (void)state;
    NB_AUTO(seen) s = seen_new();
    nb_exit end = sh(&s, "echo out; echo err >&2; printf last; exit 7", (nb_spawn){0});
    assert_int_equal(end.status, 7);
    assert_int_equal(end.signal, 0);
    assert_str(nb_buf_view(&s.text[NB_STDOUT]), "out\nlast\n");
    assert_str(nb_buf_view(&s.text[NB_STDERR]), "err\n");
}

static void a_signal_is_told_from_a_status(void **state)
{
    (void)state;
    NB_AUTO(seen) s = seen_new();
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_exit end = sh(&s, "kill -9 $$", (nb_spawn){0});
    assert_int_equal(end.status, -1);
    assert_int_equal(end.signal, 9);
    assert_str(nb_exit_text(&arena, &end), "was killed by signal 9 (Killed)");
    assert_str(nb_exit_text(&arena, &(nb_exit){.status = 3}), "ended with exit status 3");
}

static void descriptors_are_passed_on(void **state)
{
    (void)state;
    NB_AUTO(seen) s = seen_new();
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    int low = fcntl(ends[0], F_DUPFD_CLOEXEC, 4); /* where the other one goes, most likely */
    int high = fcntl(ends[1], F_DUPFD_CLOEXEC, 20);
    assert_int_equal(write(high, "said\n", 5), 5);
    const int files[] = {high, low};
    const char *const env[] = {"PATH=/usr/bin:/bin", "ONLY=this", NULL};
    nb_exit end = sh(&s, "head -c 5 <&4; echo more >&3; ls /proc/self/fd | tr '\\n' ' '; env",
                     (nb_spawn){.files = files, .file_count = 2, .env = env, .env_is_all = true});
    assert_int_equal(end.status, 0);
    nb_str text = nb_buf_view(&s.text[NB_STDOUT]);
    assert_true(nb_str_starts(text, NB_STR("said\n0 1 2 3 4 5 "))); /* 5 is ls's own */
    assert_true(nb_str_contains(text, NB_STR("ONLY=this\n")));
    assert_false(nb_str_contains(text, NB_STR("HOME=")));
    char got[8] = {0};
    assert_int_equal(read(low, got, sizeof got - 1), 5);
    assert_string_equal(got, "more\n");
    const int all[] = {ends[0], ends[1], low, high};
    for (size_t i = 0; i < NB_LEN(all); i++)
        close(all[i]);
}

static void flooding_both_pipes_blocks_nobody(void **state)
{
    (void)state;
    NB_AUTO(seen) s = seen_new();
    nb_exit end = sh(&s,
                     "yes 'abcdefghijklmnopqrstuvwxyz01234' | head -c 5242880 & "
                     "yes '0123456789' | head -c 5500000 >&2 & wait; wait",
                     (nb_spawn){0});
    assert_int_equal(end.status, 0);
    assert_int_equal(s.text[NB_STDOUT].len, 5242880);
    assert_int_equal(s.lines[NB_STDOUT], 5242880 / 32);
    assert_int_equal(s.text[NB_STDERR].len, 5500000);
    for (size_t i = 0; i < s.text[NB_STDERR].len; i += 11)
        assert_memory_equal(s.text[NB_STDERR].at + i, "0123456789\n", 11);
}

static void one_endless_line_comes_in_pieces(void **state)
{
    (void)state;
    NB_AUTO(seen) s = seen_new();
    sh(&s, "head -c 1000000 /dev/zero | tr '\\0' x", (nb_spawn){.line_limit = 1000});
    assert_int_equal(s.lines[NB_STDOUT], 1);
    assert_int_equal(s.text[NB_STDOUT].len, 1000001);
    assert_true(s.pieces >= 1000);
}

static void bytes_pass_untouched(void **state)
{
    (void)state;
    NB_AUTO(seen) s = seen_new();
    sh(&s, "printf '\\377\\376\\000a\\r\\n'", (nb_spawn){0});
    assert_int_equal(s.text[NB_STDOUT].len, 6);
    assert_memory_equal(s.text[NB_STDOUT].at, "\377\376\0a\r\n", 6);
}

static void directory_and_environment_are_set(void **state)
{
    (void)state;
    NB_AUTO(seen) s = seen_new();
    setenv("NB_TEST_KEPT", "kept", 1);
    setenv("NB_TEST_GONE", "gone", 1);
    setenv("NB_TEST_OLD", "old", 1);
    const char *env[] = {"NB_TEST_NEW=a b=c", "NB_TEST_GONE", "NB_TEST_OLD=new", NULL};
    sh(&s, "pwd; echo \"$NB_TEST_KEPT,$NB_TEST_NEW,${NB_TEST_GONE-unset},$NB_TEST_OLD\"",
       (nb_spawn){.cwd = "/usr", .env = env});
    assert_str(nb_buf_view(&s.text[NB_STDOUT]), "/usr\nkept,a b=c,unset,new\n");
}

static void nothing_else_is_inherited(void **state)
{
    (void)state;
    NB_AUTO(seen) s = seen_new();
    int leak = open("/dev/null", O_RDONLY); /* without O_CLOEXEC */
    nb_exit end = sh(&s, "cat; ls /proc/self/fd | wc -l", (nb_spawn){0});
    close(leak);
    assert_int_equal(end.status, 0);
    assert_str(nb_buf_view(&s.text[NB_STDOUT]), "4\n"); /* 0, 1, 2 and ls's own */
}

static void a_start_that_fails_says_why(void **state)
{
    (void)state;
    static const struct {
        const char *program, *cwd, *message;
        nb_code code;
    } cases[] = {
        {"/no/such/program",   NULL,              "cannot run '/no/such/program': No such file or directory",
         NB_ERR_NOT_FOUND                                                                                                     },
        {"nb-no-such-program", NULL,              "no program 'nb-no-such-program' on PATH",                  NB_ERR_NOT_FOUND},
        {"/etc/passwd",        NULL,              "cannot run '/etc/passwd': Permission denied",              NB_ERR_IO       },
        {"/bin/sh",            "/no/such/folder",
         "cannot enter the folder '/no/such/folder': No such file or directory",                              NB_ERR_NOT_FOUND},
        {"/usr",               NULL,              "cannot run '/usr': Permission denied",                     NB_ERR_IO       },
    };
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        const char *argv[] = {cases[i].program, NULL};
        nb_spawn spawn = {.argv = argv, .cwd = cases[i].cwd};
        nb_exit end = {.status = -2};
        size_t files = open_files();
        assert_int_equal(nb_runner_real.run(NULL, &spawn, &end, &err), cases[i].code);
        assert_string_equal(nb_error_message(&err, 1), cases[i].message);
        assert_int_equal(end.status, -2);
        assert_int_equal(open_files(), files);
        assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    }
}

static void programs_are_found_on_path(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    assert_string_equal(nb_program_find(&arena, "sh", "/no/such:/bin:/usr/bin"), "/bin/sh");
    assert_string_equal(nb_program_find(&arena, "./x", "/bin"), "./x");
    assert_null(nb_program_find(&arena, "sh", "/no/such"));
    assert_null(nb_program_find(&arena, "bin", "/usr"));    /* a folder */
    assert_null(nb_program_find(&arena, "passwd", "/etc")); /* not executable */
}

static void the_first_sigint_goes_to_the_child(void **state)
{
    (void)state;
    NB_AUTO(seen) s = seen_new();
    s.when = "ready";
    s.raise = SIGINT;
    nb_exit end = sh(&s, "trap 'echo caught; exit 3' INT; echo ready; while :; do sleep 0.05; done",
                     (nb_spawn){.forward_signals = true});
    assert_int_equal(end.status, 3);
    assert_int_equal(end.forwarded, SIGINT);
    assert_str(nb_buf_view(&s.text[NB_STDOUT]), "ready\ncaught\n");
    assert_int_equal(s.signal_count, 1);
    assert_int_equal(s.kills, 0);
}

static void the_second_sigint_kills_the_group(void **state)
{
    (void)state;
    NB_AUTO(seen) s = seen_new();
    s.when = "again"; /* twice */
    s.raise = SIGINT;
    nb_exit end = sh(&s,
                     "trap 'echo again' INT; echo again;"
                     "while :; do sleep 0.05; done",
                     (nb_spawn){.forward_signals = true});
    assert_int_equal(end.signal, SIGKILL);
    assert_int_equal(end.forwarded, SIGINT);
    assert_int_equal(s.signal_count, 2);
    assert_int_equal(s.kills, 1);
}

static void a_signal_that_we_ignore_is_not_forwarded(void **state)
{
    (void)state;
    NB_AUTO(seen) s = seen_new();
    s.when = "ready";
    s.raise = SIGHUP;
    signal(SIGHUP, SIG_IGN); /* as nohup does */
    nb_exit end = sh(&s, "echo ready; sleep 0.2", (nb_spawn){.forward_signals = true});
    signal(SIGHUP, SIG_DFL);
    assert_int_equal(end.status, 0);
    assert_int_equal(end.forwarded, 0);
}

static void a_child_hears_signals_that_we_ignore(void **state)
{
    (void)state;
    NB_AUTO(seen) s = seen_new();
    signal(SIGINT, SIG_IGN); /* as a shell does for "command &" */
    nb_exit end = sh(&s, "kill -INT $$; sleep 5; echo deaf", (nb_spawn){0});
    signal(SIGINT, SIG_DFL);
    assert_int_equal(end.signal, SIGINT);
}

static void a_time_out_ends_the_whole_group(void **state)
{
    (void)state;
    NB_AUTO(seen) s = seen_new();
    nb_exit end = sh(&s, "sleep 1000 & echo $!; wait", (nb_spawn){.timeout_ms = 300});
    assert_true(end.timed_out);
    assert_int_equal(end.signal, SIGTERM);
    int64_t grandchild = 0;
    nb_process process;
    assert_true(nb_str_to_int(nb_str_trim(nb_buf_view(&s.text[NB_STDOUT])), &grandchild));
    for (int i = 0; i < 200 && nb_runner_real.identify(NULL, grandchild, &process); i++)
        usleep(10000);
    assert_false(nb_runner_real.identify(NULL, grandchild, &process));
}

static void grandchildren_that_hold_the_pipes_are_not_waited_for(void **state)
{
    (void)state;
    NB_AUTO(seen) s = seen_new();
    nb_exit end = sh(&s, "sleep 1000 & echo $!", (nb_spawn){0});
    assert_int_equal(end.status, 0);
    int64_t grandchild = 0;
    nb_process process;
    assert_true(nb_str_to_int(nb_str_trim(nb_buf_view(&s.text[NB_STDOUT])), &grandchild));
    assert_true(
        nb_runner_real.identify(NULL, grandchild, &process)); /* left alone: all went well */
    kill((pid_t)grandchild, SIGKILL);
}

static void a_grandchild_that_floods_is_not_waited_for(void **state)
{
    (void)state;
    NB_AUTO(seen) s = seen_new();
    nb_exit end = sh(&s, "yes & exit 4", (nb_spawn){0});
    assert_int_equal(end.status, 4); /* `yes` dies of the closed pipe */
}

/* A supervisor in a process of its own, so that signals can be sent to it. Its child's number comes through the pipe. */
static pid_t supervise_a_sleeper(int64_t *child)
{
    int told[2];
    assert_int_equal(pipe(told), 0);
    pid_t supervisor = fork();
    if (supervisor == 0) {
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        char script[128];
        (void)snprintf(script, sizeof script, "echo $$ > /proc/%d/fd/%d; exec sleep 1000", getpid(),
                       told[1]);
        const char *argv[] = {"/bin/sh", "-c", script, NULL};
        nb_spawn spawn = {.argv = argv, .dies_with_us = true, .forward_signals = true};
        nb_exit end = {0};
        (void)nb_runner_real.run(NULL, &spawn, &end, &err);
        _exit(end.forwarded);
    }
    char text[32] = "";
    assert_true(read(told[0], text, sizeof text - 1) > 0);
    assert_true(nb_str_to_int(nb_str_trim(nb_str_from(text)), child));
    close(told[0]);
    close(told[1]);
    return supervisor;
}

static void a_child_that_dies_with_us_does(void **state)
{
    (void)state;
    int64_t pid;
    nb_process process;
    pid_t supervisor = supervise_a_sleeper(&pid);
    assert_true(nb_runner_real.identify(NULL, pid, &process));
    kill(supervisor, SIGKILL);
    waitpid(supervisor, NULL, 0);
    for (int i = 0; i < 500 && nb_runner_real.look(NULL, &process) == NB_ALIVE; i++)
        usleep(10000);
    assert_int_equal(nb_runner_real.look(NULL, &process), NB_GONE);
}

static char state_of(int64_t pid)
{
    char path[64], text[512] = "";
    (void)snprintf(path, sizeof path, "/proc/%lld/stat", (long long)pid);
    int fd = open(path, O_RDONLY);
    ssize_t got = read(fd, text, sizeof text - 1);
    close(fd);
    const char *bracket = strrchr(text, ')');
    return got > 0 && bracket ? bracket[2] : '?';
}

static void ctrl_z_stops_both_until_they_continue(void **state)
{
    (void)state;
    int64_t pid;
    int status;
    pid_t supervisor = supervise_a_sleeper(&pid);
    kill(supervisor, SIGTSTP);
    assert_int_equal(waitpid(supervisor, &status, WUNTRACED), supervisor);
    assert_true(WIFSTOPPED(status));
    for (int i = 0; i < 200 && state_of(pid) != 'T'; i++)
        usleep(10000);
    assert_int_equal(state_of(pid), 'T');
    kill(supervisor, SIGCONT);
    for (int i = 0; i < 200 && state_of(pid) != 'S'; i++)
        usleep(10000);
    assert_int_equal(state_of(pid), 'S');
    kill(supervisor, SIGTERM);
    assert_int_equal(waitpid(supervisor, &status, 0), supervisor);
    assert_int_equal(WEXITSTATUS(status), SIGTERM);
}

static void output_can_be_captured(void **state)
{
    (void)state;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    const char *argv[] = {"sh", "-c", "echo a; echo b >&2; echo c", NULL};
    nb_exit end;
    assert_ok(nb_run_capture(&nb_runner_real, &(nb_spawn){.argv = argv}, &out, NULL, &end, &err),
              &err);
    assert_str(nb_buf_view(&out), "a\nc\n");
}

static void a_hundred_children_leave_nothing(void **state)
{
    (void)state;
    for (int i = 0; i < 100; i++) {
        NB_AUTO(seen) s = seen_new();
        assert_int_equal(sh(&s, "echo x", (nb_spawn){.forward_signals = true}).status, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(output_and_status_come_back),
        cmocka_unit_test(a_signal_is_told_from_a_status),
        cmocka_unit_test(descriptors_are_passed_on),
        cmocka_unit_test(flooding_both_pipes_blocks_nobody),
        cmocka_unit_test(one_endless_line_comes_in_pieces),
        cmocka_unit_test(bytes_pass_untouched),
        cmocka_unit_test(directory_and_environment_are_set),
        cmocka_unit_test(nothing_else_is_inherited),
        cmocka_unit_test(a_start_that_fails_says_why),
        cmocka_unit_test(programs_are_found_on_path),
        cmocka_unit_test(the_first_sigint_goes_to_the_child),
        cmocka_unit_test(the_second_sigint_kills_the_group),
        cmocka_unit_test(a_signal_that_we_ignore_is_not_forwarded),
        cmocka_unit_test(a_child_hears_signals_that_we_ignore),
        cmocka_unit_test(a_time_out_ends_the_whole_group),
        cmocka_unit_test(grandchildren_that_hold_the_pipes_are_not_waited_for),
        cmocka_unit_test(a_grandchild_that_floods_is_not_waited_for),
        cmocka_unit_test(a_child_that_dies_with_us_does),
        cmocka_unit_test(ctrl_z_stops_both_until_they_continue),
        cmocka_unit_test(output_can_be_captured),
        cmocka_unit_test(a_hundred_children_leave_nothing),
    };
    return cmocka_run_group_tests_name("proc/runner", tests, NULL, NULL);
}
