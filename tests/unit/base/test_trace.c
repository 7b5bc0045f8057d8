#include "nb_test.h"

#include "base/fs.h"
#include "base/trace.h"

#include <unistd.h>

/* Two variables, as a test wants them. */
typedef struct variables {
    const char *debug, *trace;
} variables;

static const char *get(void *ctx, const char *name)
{
    const variables *v = ctx;
    if (strcmp(name, "NOTEBOOKED_DEBUG") == 0)
        return v->debug;
    return strcmp(name, "NOTEBOOKED_TRACE") == 0 ? v->trace : NULL;
}

static nb_code open_with(const char *debug, const char *trace, nb_error *err)
{
    variables v = {debug, trace};
    nb_env env = {.get = get, .ctx = &v};
    return nb_trace_open(&env, err);
}

static void variables_select_components(void **state)
{
    (void)state;
    static const struct {
        const char *debug, *trace;
        unsigned bits;
    } cases[] = {
        {NULL, NULL,               0                                                             },
        {"",   "",                 0                                                             },
        {"0",  NULL,               0                                                             },
        {"1",  NULL,               NB_TRACE_PARSE | NB_TRACE_GEN | NB_TRACE_PROC | NB_TRACE_STORE},
        {NULL, "gen",              NB_TRACE_GEN                                                  },
        {NULL, "parse, proc",      NB_TRACE_PARSE | NB_TRACE_PROC                                },
        {NULL, "store,:/dev/null", NB_TRACE_STORE                                                },
    };
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        assert_ok(open_with(cases[i].debug, cases[i].trace, &err), &err);
        assert_int_equal(nb_trace_on, cases[i].bits);
        nb_trace_close();
        assert_int_equal(nb_trace_on, 0);
    }
}

static void an_unknown_component_is_refused(void **state)
{
    (void)state;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    assert_int_equal(open_with(NULL, "gen,prase", &err), NB_ERR_USAGE);
    assert_string_equal(nb_error_message(&err, 0), "cannot trace 'prase'");
    assert_string_equal(err.hint, "set NOTEBOOKED_TRACE to some of parse,gen,proc,store");
    assert_int_equal(open_with(NULL, "gen:/none/x", &err), NB_ERR_IO);
    assert_int_equal(nb_trace_on, 0);
}

static void a_file_gets_json_lines(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    char path[] = "/tmp/nb-trace-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    assert_ok(open_with(NULL, nb_arena_printf(&arena, "gen:%s", path).at, &err), &err);
    nb_trace(NB_TRACE_GEN, "cell %d \"quoted\"\n", 3);
    nb_trace(NB_TRACE_PROC, "not selected");
    nb_trace_end(NB_TRACE_GEN, nb_trace_begin(), "render");
    nb_trace_end(NB_TRACE_PROC, nb_trace_begin(), "not selected");
    nb_trace_close();
    nb_str text, line;
    assert_ok(nb_file_read(&arena, path, 4096, &text, &err), &err);
    assert_true(nb_str_line(&text, &line));
    assert_true(nb_str_starts(line, NB_STR("{\"time_us\": ")));
    assert_true(nb_str_ends(
        line, NB_STR(", \"component\": \"gen\", \"message\": \"cell 3 \\\"quoted\\\"\\u000a\"}")));
    assert_true(nb_str_line(&text, &line));
    assert_true(nb_str_contains(line, NB_STR("\"message\": \"render\", \"duration_us\": ")));
    assert_false(nb_str_line(&text, &line));
    assert_int_equal(unlink(path), 0);
}

static void the_real_doors_work(void **state)
{
    (void)state;
    assert_true(nb_env_real.now_ms(NULL) > 1600000000000);
    nb_env_real.sleep_ms(NULL, 0);
    nb_env_real.sleep_ms(NULL, 1);
    assert_int_equal(setenv("NB_TEST_VARIABLE", "x y", 1), 0);
    assert_str(nb_env_str(&nb_env_real, "NB_TEST_VARIABLE"), "x y");
    assert_int_equal(unsetenv("NB_TEST_VARIABLE"), 0);
    assert_null(nb_env_get(&nb_env_real, "NB_TEST_VARIABLE"));
    assert_int_equal(nb_env_str(&nb_env_real, "NB_TEST_VARIABLE").len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(variables_select_components),
        cmocka_unit_test(an_unknown_component_is_refused),
        cmocka_unit_test(a_file_gets_json_lines),
        cmocka_unit_test(the_real_doors_work),
    };
    return cmocka_run_group_tests_name("base/trace", tests, NULL, NULL);
}
