/* Which URLs mean which place. What a predictor asks and is answered: test_serve.c and tests/endpoints/. */
#include "nb_test.h"

#include "provider/predictor.h"

static const struct {
    const char *url, *host, *path, *wrong;
    unsigned port;
} cases[] = {
    {"http://127.0.0.1:8080",            "127.0.0.1", "/predict",               NULL,                             8080},
    {"http://localhost/",                "localhost", "/predict",               NULL,                             80  },
    {"http://[::1]:9/invocations",       "::1",       "/invocations",           NULL,                             9   },
    {"http://h:1/v1/models/m:predict?x", "h",         "/v1/models/m:predict?x", NULL,                             1   },
    {"https://h/",                       NULL,        NULL,                     "https is not spoken here",       0   },
    {"h:80",                             NULL,        NULL,                     "it does not begin with http://", 0   },
    {"http://",                          NULL,        NULL,                     "the host is missing",            0   },
    {"http://:80/",                      NULL,        NULL,                     "the host is missing",            0   },
    {"http://[::1/",                     NULL,        NULL,                     "']' is missing",                 0   },
    {"http://h:0/",                      NULL,        NULL,                     "the port is no number",          0   },
    {"http://h:70000/",                  NULL,        NULL,                     "the port is no number",          0   },
    {"http://[::1]9/",                   NULL,        NULL,                     "the port is no number",          0   },
    {"http://me:secret@h/",              NULL,        NULL,                     "a name or password in it",       0   },
    {"http://h/a b",                     NULL,        NULL,                     "it holds a '#' or a blank",      0   },
};

static void urls_are_places(void **state)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    (void)state;
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        nb_http_place place = {0};
        nb_code code = nb_http_place_parse(&arena, nb_str_from(cases[i].url), &place, &err);
        print_message("%s\n", cases[i].url);
        if (cases[i].wrong) {
            assert_int_equal(code, NB_ERR_USAGE);
            assert_non_null(strstr(nb_error_message(&err, 0), cases[i].wrong));
            continue;
        }
        assert_ok(code, &err);
        assert_str(place.host, cases[i].host);
        assert_str(place.path, cases[i].path);
        assert_int_equal(place.port, cases[i].port);
    }
}

static void a_url_with_a_password_is_not_shown(void **state)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_http_place place = {0};
    (void)state;
    assert_int_equal(nb_http_place_parse(&arena, NB_STR("http://me:hunter2@h/"), &place, &err),
                     NB_ERR_USAGE);
    assert_null(strstr(nb_error_message(&err, 0), "hunter2"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(urls_are_places),
        cmocka_unit_test(a_url_with_a_password_is_not_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
