#include "endpoint/folder.h"

#include "base/fs.h"
#include "endpoint/endpoint.h"

#include <signal.h>

static nb_endpoint sample(nb_arena *arena, const char *root)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_endpoint e;
    assert_ok(nb_endpoint_new(arena, nb_str_from(root), NB_STR("iris"), &e, &err), &err);
    e.settings.port = 8081;
    e.settings.python = nb_arena_printf(arena, "%s/.venv/bin/python", root);
    e.settings.token_file = NB_STR("/etc/token");
    e.settings.capture = 0.1;
    e.wanted = true;
    nb_vec_push(arena, &e.deployments,
                (nb_deployment){.version = 3,
                                .experiment = NB_STR("iris"),
                                .model = NB_STR("models/iris/3"),
                                .sha256 = NB_STR("00ff"),
                                .created_ms = 1700000000000,
                                .weight = 90,
                                .up = true});
    nb_vec_push(arena, &e.deployments,
                (nb_deployment){.version = 5,
                                .experiment = NB_STR("iris"),
                                .model = NB_STR("models/iris/4"),
                                .sha256 = NB_STR("11ff"),
                                .created_ms = 1700000000001,
                                .weight = 10,
                                .up = true,
                                .shadow = true,
                                .shadow_percent = 50});
    nb_vec_push(arena, &e.history,
                (nb_endpoint_event){.at_ms = 1700000000002,
                                    .what = NB_STR("deployed v5 \"x\""),
                                    .weights = NB_STR("v3=90,v5=10"),
                                    .by = NB_STR("anna"),
                                    .back = true});
    return e;
}

static void what_is_written_is_read_again(void **state)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    NB_AUTO(nb_buf) first = NB_BUF_INIT(NB_BUF_TEXT);
    NB_AUTO(nb_buf) second = NB_BUF_INIT(NB_BUF_TEXT);
    nb_endpoint e = sample(&arena, *state), back;
    assert_ok(nb_endpoint_write(&e, &err), &err);
    assert_ok(nb_endpoint_read(&arena, e.root, e.name, &back, &err), &err);
    nb_endpoint_print(&arena, &e, &first);
    nb_endpoint_print(&arena, &back, &second);
    assert_string_equal(first.at, second.at);
    assert_non_null(strstr(first.at, "\"python\": \".venv/bin/python\""));
    assert_non_null(strstr(first.at, "\"capture\": 0.1,"));
    assert_str(back.settings.python, e.settings.python.at);
    assert_str(back.settings.token_file, "/etc/token");
    assert_int_equal(back.deployments.count, 2);
    assert_true(back.deployments.at[1].shadow);
    assert_int_equal(back.deployments.at[1].shadow_percent, 50);
    assert_str(back.history.at[0].by, "anna");
    assert_true(back.history.at[0].back);
    assert_true(back.wanted);
    char ignore[128];
    (void)snprintf(ignore, sizeof ignore, "%s/.notebooked/endpoints/.gitignore", (char *)*state);
    assert_true(nb_is_file(ignore));
}

static void a_moved_project_reads_the_same(void **state)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_endpoint e = sample(&arena, *state), back;
    char moved[128];
    assert_ok(nb_endpoint_write(&e, &err), &err);
    (void)snprintf(moved, sizeof moved, "%s-moved", (char *)*state);
    assert_int_equal(rename(*state, moved), 0);
    nb_code code = nb_endpoint_read(&arena, nb_str_from(moved), e.name, &back, &err);
    assert_int_equal(rename(moved, *state), 0);
    assert_ok(code, &err);
    assert_str(back.settings.python, nb_arena_printf(&arena, "%s/.venv/bin/python", moved).at);
    assert_true(nb_str_starts(back.folder, nb_str_from(moved)));
}

static void refuses_with_the_place(void **state)
{
    static const struct {
        const char *text, *message;
        unsigned line, column;
    } cases[] = {
        {"{}",                                                                                "no 'version'",             0, 0 },
        {"[1]",                                                                               "no 'version'",             0, 0 },
        {"{\"version\": 2, \"news\": 1}",                                                     "newer version",            0, 0 },
        {"{\"version\": 1,\n \"wanted\": 1}",                                                 "true or false",            2, 12},
        {"{\"version\": 1,\n \"wnted\": 1}",                                                  "unknown member",           2, 11},
        {"{\"version\": 1,\n \"wanted\": true, \"wanted\": true}",                            "twice",                    2, 28},
        {"{\"version\": 1, \"settings\":\n {\"port\": 70000}}",                               "'port' cannot be",         2, 11},
        {"{\"version\": 1, \"settings\":\n {\"port\": -1}}",                                  "'port' cannot be",         2, 11},
        {"{\"version\": 1, \"settings\":\n {\"ports\": 1}}",                                  "unknown member 'ports'",   2, 12},
        {"{\"version\": 1, \"settings\":\n {\"port\": 1, \"port\": 2}}",                      "'port' stands here twice",
         2,                                                                                                                  22},
        {"{\"version\": 1, \"settings\":\n {\"capture\": 1.5}}",                              "from 0 to 1",              2, 14},
        {"{\"version\": 1, \"settings\":\n {\"host\": \"a\\u0000b\"}}",                       "NUL",                      2, 11},
        {"{\"version\": 1, \"deployments\": [\n {\"version\": 1}]}",                          "'experiment' is missing",  2,
         2                                                                                                                     },
        {"{\"version\": 1, \"deployments\": {}}",                                             "expected",                 1, 31},
        {"{\"version\": 1, \"history\": [\n{\"at_ms\": 1, \"what\": \"\", \"weights\": 3}]}",
         "expected",                                                                                                      2, 37},
        {"{\"version\": 1} x",                                                                "",                         1, 16},
    };
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        nb_endpoint e = sample(&arena, *state);
        nb_code code = nb_endpoint_parse(&arena, nb_str_from(cases[i].text),
                                         NB_STR("endpoint.json"), &e, &err);
        print_message("case %zu: %s:%u:%u\n", i, nb_error_message(&err, 0), err.line, err.column);
        assert_int_equal(code, NB_ERR_CONFIG);
        assert_non_null(strstr(nb_error_message(&err, 0), cases[i].message));
        assert_int_equal(err.line, cases[i].line);
        assert_int_equal(err.column, cases[i].column);
        assert_int_equal(e.settings.port, 8081); /* untouched */
    }
}

static void versions_ascend(void **state)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    NB_AUTO(nb_buf) text = NB_BUF_INIT(NB_BUF_TEXT);
    nb_endpoint e = sample(&arena, *state), back = e;
    e.deployments.at[1].version = 3;
    nb_endpoint_print(&arena, &e, &text);
    assert_int_equal(
        nb_endpoint_parse(&arena, nb_buf_view(&text), NB_STR("endpoint.json"), &back, &err),
        NB_ERR_CONFIG);
    assert_non_null(strstr(nb_error_message(&err, 0), "versions must ascend"));
}

static void only_the_newest_hundred_events_are_kept(void **state)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_endpoint e = sample(&arena, *state), back;
    for (int i = 0; i < 150; i++)
        nb_vec_push(&arena, &e.history,
                    (nb_endpoint_event){.at_ms = i,
                                        .what = nb_arena_printf(&arena, "event %d", i),
                                        .weights = NB_STR("")});
    assert_ok(nb_endpoint_write(&e, &err), &err);
    assert_ok(nb_endpoint_read(&arena, e.root, e.name, &back, &err), &err);
    assert_int_equal(back.history.count, 100);
    assert_str(back.history.at[99].what, "event 149");
}

static void lists_endpoints_and_names_the_nearest(void **state)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_endpoint e, back;
    nb_str *names, root = nb_str_from(*state);
    size_t count;
    assert_ok(nb_endpoint_list(&arena, root, &names, &count, &err), &err);
    assert_int_equal(count, 0);
    assert_int_equal(nb_endpoint_read(&arena, root, NB_STR("iris"), &back, &err), NB_ERR_NOT_FOUND);
    e = sample(&arena, *state);
    assert_ok(nb_endpoint_write(&e, &err), &err);
    char stray[128];
    (void)snprintf(stray, sizeof stray, "%s/.notebooked/endpoints/empty", (char *)*state);
    assert_ok(nb_dir_make(stray, &err), &err);
    assert_ok(nb_endpoint_list(&arena, root, &names, &count, &err), &err);
    assert_int_equal(count, 1);
    assert_str(names[0], "iris");
    assert_int_equal(nb_endpoint_read(&arena, root, NB_STR("irs"), &back, &err), NB_ERR_NOT_FOUND);
    assert_string_equal(err.hint, "did you mean 'iris'?");
}

static void names_stay_in_their_folder(void **state)
{
    static const char *const bad[] = {"", ".", "..", "../x", "a/b", "-x", ".x", "a b", "\xc3\xa4"};
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    for (size_t i = 0; i < NB_LEN(bad); i++) {
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        nb_endpoint e;
        assert_int_equal(
            nb_endpoint_read(&arena, nb_str_from(*state), nb_str_from(bad[i]), &e, &err),
            NB_ERR_USAGE);
    }
    assert_true(nb_endpoint_valid_name(NB_STR("iris-2.b_c")));
}

/* --- weights ---------------------------------------------------------------------------------------- */

static void weights_are_text_and_back(void **state)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_endpoint e = sample(&arena, *state);
    nb_weight *weights;
    size_t count;
    assert_str(nb_endpoint_weights(&arena, &e), "v3=90,v5=10");
    assert_ok(nb_weights_parse(&arena, NB_STR(" v3=90, 5 = 0"), &weights, &count, &err), &err);
    assert_int_equal(count, 2);
    assert_int_equal(weights[0].version, 3);
    assert_int_equal(weights[1].version, 5);
    assert_int_equal(weights[1].weight, 0);
}

static void weights_that_are_none(void **state)
{
    static const char *const bad[] = {"",      "v3",         "v3=",           "v=1",       "v0=1",
                                      "v3=-1", "v3=1,",      "v3=1,v3=2",     "v3=0,v4=0", "v3=1.5",
                                      "x3=1",  "v3=1000001", "v99999999999=1"};
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    for (size_t i = 0; i < NB_LEN(bad); i++) {
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        nb_weight *weights;
        size_t count;
        print_message("%s\n", bad[i]);
        assert_int_equal(nb_weights_parse(&arena, nb_str_from(bad[i]), &weights, &count, &err),
                         NB_ERR_USAGE);
    }
}

/* Events as "v3=100", those that went back as "<v3=100"; the last weights are those of now. */
static nb_endpoint with_history(nb_arena *arena, const char *const *events)
{
    nb_endpoint e = {.deployments = {0}};
    for (unsigned v = 1; v <= 4; v++)
        if (v != 2) /* removed meanwhile */
            nb_vec_push(arena, &e.deployments, (nb_deployment){.version = v});
    for (size_t i = 0; events[i]; i++) {
        bool back = events[i][0] == '<';
        nb_str weights = nb_str_from(events[i] + back);
        nb_vec_push(arena, &e.history, (nb_endpoint_event){.weights = weights, .back = back});
        for (size_t d = 0; d < e.deployments.count; d++) {
            char name[16];
            (void)snprintf(name, sizeof name, "v%u=100", e.deployments.at[d].version);
            e.deployments.at[d].weight = nb_str_eqz(weights, name) ? 100 : 0;
        }
    }
    return e;
}

static void going_back_is_undoing(void **state)
{
    static const struct {
        const char *const events[8];
        unsigned to; /* 0: nothing to go back to */
    } cases[] = {
        {{NULL},                                                     0},
        {{"v1=100", NULL},                                           0},
        {{"v1=100", "v3=100", NULL},                                 1},
        {{"v1=100", "v3=100", "v3=100", NULL},                       1},
        {{"v1=100", "v3=100", "v4=100", "<v3=100", NULL},            1},
        {{"v1=100", "v3=100", "v4=100", "<v3=100", "<v1=100", NULL}, 0},
        {{"v1=100", "v3=100", "v4=100", "<v1=100", NULL},            0},
        {{"v1=100", "v3=100", "<v1=100", "v4=100", NULL},            1},
        {{"v1=100", "v3=100", "v1=100", NULL},                       3},
        {{"v1=100", "v2=100", "v3=100", NULL},                       1},
        {{"v1=100", "<v4=100", NULL},                                1},
        {{"v1=100", "", "nonsense", "v3=100", NULL},                 1},
    };
    (void)state;
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        nb_endpoint e = with_history(&arena, cases[i].events);
        nb_weight *weights = NULL;
        size_t count = 0;
        print_message("case %zu\n", i);
        bool is = nb_endpoint_previous(&arena, &e, &weights, &count);
        assert_int_equal(is ? weights[0].version : 0, cases[i].to);
    }
}

/* --- server.pid ------------------------------------------------------------------------------------- */

static void a_front_is_running_while_its_process_lives(void **state)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_endpoint e = sample(&arena, *state);
    nb_process process;
    assert_ok(nb_endpoint_write(&e, &err), &err);
    assert_int_equal(nb_endpoint_look(&e, &nb_runner_real, &process), NB_ENDPOINT_STOPPED);
    assert_ok(nb_endpoint_claim(&e, &nb_runner_real, &err), &err);
    assert_int_equal(nb_endpoint_look(&e, &nb_runner_real, &process), NB_ENDPOINT_RUNNING);
    assert_int_equal(process.pid, getpid());
    nb_endpoint_leave(&e, &nb_runner_real);
    assert_int_equal(nb_endpoint_look(&e, &nb_runner_real, &process), NB_ENDPOINT_STOPPED);
}

static void a_stale_file_means_stopped(void **state)
{
    static const char *const texts[] = {
        "",
        "null",
        "1234",
        "{\"pid\": 1}",
        "{\"pid\": 1, \"start\": 1, \"boot\": \"x\", \"host\": \"y\"}",
        "{\"pid\": -1, \"start\": 1, \"boot\": \"x\", \"host\": \"y\"}",
    };
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_endpoint e = sample(&arena, *state);
    nb_process process, self;
    assert_ok(nb_endpoint_write(&e, &err), &err);
    for (size_t i = 0; i < NB_LEN(texts); i++) {
        put(e.folder.at, "server.pid", texts[i]);
        assert_int_equal(nb_endpoint_look(&e, &nb_runner_real, &process), NB_ENDPOINT_STOPPED);
    }
    /* our number, but another process: another start, another boot */
    assert_true(nb_runner_real.identify(NULL, 0, &self));
    for (int boot = 0; boot < 2; boot++) {
        nb_str text = nb_arena_printf(
            &arena, "{\"pid\": %lld, \"start\": %lld, \"boot\": \"%s\", \"host\": \"%s\"}",
            (long long)self.pid, (long long)self.start + !boot, boot ? "other" : self.boot,
            self.host);
        put(e.folder.at, "server.pid", text.at);
        assert_int_equal(nb_endpoint_look(&e, &nb_runner_real, &process), NB_ENDPOINT_STOPPED);
        nb_endpoint_leave(&e, &nb_runner_real);
        assert_true(boot ||
                    nb_path_exists(nb_arena_printf(&arena, "%s/server.pid", e.folder.at).at));
    }
    put(e.folder.at, "server.pid",
        "{\"pid\": 77, \"start\": 1, \"boot\": \"x\", \"host\": \"another-machine\"}");
    assert_int_equal(nb_endpoint_look(&e, &nb_runner_real, &process), NB_ENDPOINT_ELSEWHERE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_written_is_read_again),
        TEST(a_moved_project_reads_the_same),
        TEST(refuses_with_the_place),
        TEST(versions_ascend),
        TEST(only_the_newest_hundred_events_are_kept),
        TEST(lists_endpoints_and_names_the_nearest),
        TEST(names_stay_in_their_folder),
        TEST(weights_are_text_and_back),
        TEST(weights_that_are_none),
        TEST(going_back_is_undoing),
        TEST(a_front_is_running_while_its_process_lives),
        TEST(a_stale_file_means_stopped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
