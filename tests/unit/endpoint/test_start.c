/* Fronts that start and end as they should, and those that do not: tests/endpoint/fake_front.py plays them. */
#include "endpoint/folder.h"

#include "base/fs.h"
#include "endpoint/admin.h"
#include "endpoint/start.h"

#include <signal.h>
#include <sys/wait.h>

typedef struct world {
    nb_arena arena;
    nb_endpoint endpoint;
    nb_front_process front;
    nb_env env;
    int64_t slept;
} world;

/* Waits are real, so that the other process gets on, but count tenfold. */
static void hasty_sleep(void *ctx, int64_t ms)
{
    world *w = ctx;
    w->slept += ms;
    nb_env_real.sleep_ms(nb_env_real.ctx, ms / 10 + 1);
}

static world set_up(void **state, const char *mode)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    world w = {.env = nb_env_real};
    const char *source = getenv("NB_SOURCE_DIR");
    assert_ok(nb_endpoint_new(&w.arena, nb_str_from(*state), NB_STR("iris"), &w.endpoint, &err),
              &err);
    w.endpoint.settings.drain_timeout_ms = 1000;
    assert_ok(nb_endpoint_write(&w.endpoint, &err), &err);
    w.front.program =
        nb_arena_printf(&w.arena, "%s/tests/endpoint/fake_front.py", source ? source : ".").at;
    w.front.runner = &nb_runner_real;
    (void)setenv("FAKE_FRONT", mode, 1);
    return w;
}

static nb_code start(world *w, nb_process *process, nb_error *err)
{
    w->front.endpoint = &w->endpoint;
    w->env.sleep_ms = hasty_sleep;
    w->env.ctx = w;
    w->front.env = &w->env;
    return nb_front_start(&w->front, process, err);
}

static bool is_wanted(world *w)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_endpoint now;
    assert_ok(nb_endpoint_read(&w->arena, w->endpoint.root, w->endpoint.name, &now, &err), &err);
    return now.wanted;
}

static void a_front_starts_once_and_stops(void **state)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    world w = set_up(state, "");
    nb_process process, again;
    bool was_running = false;
    assert_ok(start(&w, &process, &err), &err);
    assert_true(is_wanted(&w));
    assert_int_equal(getpgid((pid_t)process.pid), process.pid);
    assert_int_not_equal(getsid((pid_t)process.pid), getsid(0));
    assert_int_equal(start(&w, &again, &err), NB_ERR_EXISTS);
    assert_ok(nb_front_stop(&w.front, &was_running, &err), &err);
    assert_true(was_running);
    assert_false(is_wanted(&w));
    assert_int_equal(nb_runner_real.look(NULL, &process), NB_GONE);
    assert_ok(nb_front_stop(&w.front, &was_running, &err), &err);
    assert_false(was_running);
    nb_str log;
    assert_ok(nb_file_read(&w.arena,
                           nb_arena_printf(&w.arena, "%s/log/server.log", w.endpoint.folder.at).at,
                           100000, &log, &err),
              &err);
    assert_true(nb_str_contains(log, NB_STR("fake: serving serve iris\n")));
    nb_arena_release(&w.arena);
}

static void a_failure_is_passed_on(void **state)
{
    static const struct {
        const char *mode;
        nb_code code;
        const char *message, *hint;
    } cases[] = {
        {"fail", NB_ERR_NOT_FOUND, "cannot serve",                                  "pass another port"},
        {"die",  NB_ERR_REMOTE,    "its process ended before it accepted requests",
         "see 'notebooked endpoints logs iris'"                                                        },
        {"hang", NB_ERR_TIMEOUT,   "it does not accept requests after 1 s",
         "see 'notebooked endpoints logs iris'"                                                        },
    };
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        world w = set_up(state, cases[i].mode);
        nb_process process;
        w.front.patience_ms = strcmp(cases[i].mode, "hang") == 0 ? 1000 : 0;
        assert_int_equal(start(&w, &process, &err), cases[i].code);
        assert_string_equal(nb_error_message(&err, 0), "cannot start the endpoint 'iris'");
        assert_string_equal(nb_error_message(&err, 1), cases[i].message);
        assert_string_equal(err.hint, cases[i].hint);
        nb_arena_release(&w.arena);
    }
}

/* Nobody would ever find it: it has not written server.pid. */
static void one_that_hangs_is_ended(void **state)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    world w = set_up(state, "hang");
    nb_process process;
    nb_str text;
    int64_t pid = 0;
    w.front.patience_ms = 3000;
    assert_int_equal(start(&w, &process, &err), NB_ERR_TIMEOUT);
    assert_ok(nb_file_read(&w.arena,
                           nb_arena_printf(&w.arena, "%s/hanging", w.endpoint.folder.at).at, 100,
                           &text, &err),
              &err);
    assert_true(nb_str_to_int(text, &pid) && pid > 0);
    for (int i = 0; i < 100 && kill((pid_t)pid, 0) == 0; i++)
        nb_env_real.sleep_ms(nb_env_real.ctx, 20);
    assert_int_not_equal(kill((pid_t)pid, 0), 0);
    nb_arena_release(&w.arena);
}

static void the_first_report_counts(void **state)
{
    static const char *const modes[] = {"slack", "twice"};
    for (size_t i = 0; i < NB_LEN(modes); i++) {
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        world w = set_up(state, modes[i]);
        nb_process process;
        w.front.patience_ms = 20000;
        assert_ok(start(&w, &process, &err), &err);
        assert_ok(nb_front_stop(&w.front, NULL, &err), &err);
        nb_arena_release(&w.arena);
    }
}

static void what_cannot_be_started(void **state)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    world w = set_up(state, "");
    nb_process process;
    w.front.program = "/no/such/program";
    assert_int_equal(start(&w, &process, &err), NB_ERR_NOT_FOUND);
    assert_non_null(strstr(nb_error_message(&err, 1), "cannot start '/no/such/program'"));
    put(w.endpoint.folder.at, "server.pid",
        "{\"pid\": 77, \"start\": 1, \"boot\": \"x\", \"host\": \"another-machine\"}");
    assert_int_equal(start(&w, &process, &err), NB_ERR_REMOTE);
    assert_int_equal(nb_front_stop(&w.front, NULL, &err), NB_ERR_REMOTE);
    nb_arena_release(&w.arena);
}

static void one_that_does_not_listen_is_ended(void **state)
{
    static const char *const modes[] = {"deaf", "stubborn"};
    for (size_t i = 0; i < NB_LEN(modes); i++) {
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        world w = set_up(state, modes[i]);
        nb_process process;
        bool was_running = false;
        assert_ok(start(&w, &process, &err), &err);
        assert_ok(nb_front_stop(&w.front, &was_running, &err), &err);
        assert_true(was_running);
        assert_int_equal(nb_runner_real.look(NULL, &process), NB_GONE);
        nb_arena_release(&w.arena);
    }
}

/* A file that names this test's process, but one that started at another time: it is a stranger. */
static void a_stranger_is_never_signalled(void **state)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    world w = set_up(state, "");
    nb_process self;
    bool was_running = true;
    assert_true(nb_runner_real.identify(NULL, 0, &self));
    put(w.endpoint.folder.at, "server.pid",
        nb_arena_printf(&w.arena,
                        "{\"pid\": %lld, \"start\": %lld, \"boot\": \"%s\", \"host\": \"%s\"}",
                        (long long)self.pid, (long long)self.start - 1, self.boot, self.host)
            .at);
    w.front.endpoint = &w.endpoint;
    w.front.env = &nb_env_real;
    assert_ok(nb_front_stop(&w.front, &was_running, &err), &err);
    assert_false(was_running);
    nb_arena_release(&w.arena);
}

/* A file that fits a process which lives, and is no front: it is left alone, and the user told. */
static void a_process_that_does_not_listen_is_a_stranger(void **state)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    world w = set_up(state, "");
    nb_process other;
    pid_t pid = fork();
    w.front.endpoint = &w.endpoint;
    w.front.env = &w.env;
    w.env.sleep_ms = hasty_sleep;
    w.env.ctx = &w;
    if (pid == 0) {
        (void)pause();
        _exit(0);
    }
    assert_true(nb_runner_real.identify(NULL, pid, &other));
    put(w.endpoint.folder.at, "server.pid",
        nb_arena_printf(&w.arena,
                        "{\"pid\": %lld, \"start\": %lld, \"boot\": \"%s\", \"host\": \"%s\"}",
                        (long long)other.pid, (long long)other.start, other.boot, other.host)
            .at);
    assert_int_equal(nb_front_stop(&w.front, NULL, &err), NB_ERR_REMOTE);
    assert_non_null(strstr(nb_error_message(&err, 0), "is not the front of 'iris'"));
    assert_int_equal(nb_runner_real.look(NULL, &other), NB_ALIVE);
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    nb_arena_release(&w.arena);
}

static void the_admin_is_asked_in_json(void **state)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    world w = set_up(state, "");
    nb_process process;
    const nb_json *answer = NULL;
    const nb_admin_request status = {"GET", "/admin/status", NB_STR(""), 0};
    const nb_admin_request refused = {"POST", "/admin/refuse", NB_STR("{}"), 0};
    assert_int_equal(nb_admin_ask(&w.arena, &w.endpoint, &status, &answer, &err), NB_ERR_NET);
    assert_ok(start(&w, &process, &err), &err);
    assert_ok(nb_admin_ask(&w.arena, &w.endpoint, &status, &answer, &err), &err);
    assert_str(nb_json_get_str(answer, "url"), "http://127.0.0.1:8099");
    assert_int_equal(nb_admin_ask(&w.arena, &w.endpoint, &refused, &answer, &err), NB_ERR_USAGE);
    assert_string_equal(nb_error_message(&err, 0), "no such version");
    assert_string_equal(err.hint, "see the list");
    assert_ok(nb_front_stop(&w.front, NULL, &err), &err);
    nb_arena_release(&w.arena);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_front_starts_once_and_stops),
        TEST(a_failure_is_passed_on),
        TEST(what_cannot_be_started),
        TEST(one_that_does_not_listen_is_ended),
        TEST(a_stranger_is_never_signalled),
        TEST(the_admin_is_asked_in_json),
        TEST(a_process_that_does_not_listen_is_a_stranger),
        TEST(one_that_hangs_is_ended),
        TEST(the_first_report_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
