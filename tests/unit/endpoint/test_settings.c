#include "nb_test.h"

#include "endpoint/settings.h"

static nb_code set(nb_arena *arena, nb_endpoint_settings *s, const char *name, const char *text,
                   nb_error *err)
{
    const nb_setting_value value = {nb_str_from(name), nb_str_from(text), NB_STR("/p")};
    return nb_setting_set(arena, &value, s, err);
}

static void the_table_has_the_defaults(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    NB_AUTO(nb_buf) by_code = NB_BUF_INIT(NB_BUF_TEXT);
    NB_AUTO(nb_buf) by_table = NB_BUF_INIT(NB_BUF_TEXT);
    nb_json_writer a = NB_JSON_WRITER(&by_code, 2), b = NB_JSON_WRITER(&by_table, 2);
    nb_endpoint_settings defaults, table = {0};
    size_t count;
    const nb_setting_row *rows = nb_setting_rows(&count);
    nb_endpoint_defaults(&defaults);
    for (size_t i = 0; i < count; i++)
        assert_ok(set(&arena, &table, rows[i].name, rows[i].fallback, &err), &err);
    nb_json_begin_object(&a);
    nb_fields_write(&a, &arena, nb_setting_fields(), NB_STR("/p"), &defaults);
    nb_json_begin_object(&b);
    nb_fields_write(&b, &arena, nb_setting_fields(), NB_STR("/p"), &table);
    assert_string_equal(by_code.at, by_table.at);
}

static void texts_become_values(void **state)
{
    static const struct {
        const char *name, *text, *json;
    } cases[] = {
        {"port",       "8080",             "\"port\": 8080,"                  },
        {"max-body",   "1M",               "\"max_body\": 1048576,"           },
        {"max_body",   "2 KiB",            "\"max_body\": 2048,"              },
        {"timeout",    "90",               "\"timeout_ms\": 90000,"           },
        {"timeout",    "500ms",            "\"timeout_ms\": 500,"             },
        {"timeout",    "2min",             "\"timeout_ms\": 120000,"          },
        {"max-delay",  "250us",            "\"max_delay_us\": 250,"           },
        {"max-delay",  "0",                "\"max_delay_us\": 0,"             },
        {"workers",    "auto",             "\"workers\": 0,"                  },
        {"capture",    "10%",              "\"capture\": 0.1,"                },
        {"capture",    "0.25",             "\"capture\": 0.25,"               },
        {"rate",       "10",               "\"rate_per_hour\": 36000,"        },
        {"rate",       "30/min",           "\"rate_per_hour\": 1800,"         },
        {"log-format", "text",             "\"log_format\": \"text\","        },
        {"session",    "cookie:user",      "\"session\": \"cookie:user\","    },
        {"no-auth",    "yes",              "\"no_auth\": true,"               },
        {"python",     "bin/python",       "\"python\": \"bin/python\","      },
        {"python",     "/usr/bin/python3", "\"python\": \"/usr/bin/python3\","},
    };
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
        nb_json_writer w = NB_JSON_WRITER(&out, 2);
        nb_endpoint_settings s;
        nb_endpoint_defaults(&s);
        print_message("%s=%s\n", cases[i].name, cases[i].text);
        assert_ok(set(&arena, &s, cases[i].name, cases[i].text, &err), &err);
        nb_json_begin_object(&w);
        nb_fields_write(&w, &arena, nb_setting_fields(), NB_STR("/p"), &s);
        assert_non_null(strstr(out.at, cases[i].json));
    }
}

static void texts_that_are_no_values(void **state)
{
    static const struct {
        const char *name, *text, *hint;
    } cases[] = {
        {"port",       "x",                  "write a whole number from 0 to 65535"                    },
        {"port",       "65536",              "write a whole number from 0 to 65535"                    },
        {"timeout",    "0",                  "write a time such as '60s' or '500ms'"                   },
        {"timeout",    "1d",                 "write a time such as '60s' or '500ms'"                   },
        {"timeout",    "-1s",                "write a time such as '60s' or '500ms'"                   },
        {"max-delay",  "5",                  "write a time such as '250us' or '5ms'"                   },
        {"max-body",   "0",                  "write a size such as '16M'"                              },
        {"max-body",   "99999999999999999G", "write a size such as '16M'"                              },
        {"capture",    "1.5",                "write a share from 0 to 1, or a percentage such as '10%'"},
        {"capture",    "101%",               "write a share from 0 to 1, or a percentage such as '10%'"},
        {"capture",    "nan",                "write a share from 0 to 1, or a percentage such as '10%'"},
        {"rate",       "10/d",               "write a rate such as '10/s' or '30/min'"                 },
        {"log-format", "xml",                "write one of json|text"                                  },
        {"batching",   "maybe",              "write true or false"                                     },
        {"max-bdy",    "1",                  "did you mean 'max_body'?"                                },
    };
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        nb_endpoint_settings s;
        nb_endpoint_defaults(&s);
        print_message("%s=%s\n", cases[i].name, cases[i].text);
        assert_int_equal(set(&arena, &s, cases[i].name, cases[i].text, &err), NB_ERR_USAGE);
        assert_string_equal(err.hint, cases[i].hint);
    }
}

/* A running endpoint keeps what belongs to its sockets, and takes over all else. */
static void running_endpoints_adopt_what_they_can(void **state)
{
    static const struct {
        const char *name, *text;
        bool fixed;
    } cases[] = {
        {"host",     "::1",              true },
        {"port",     "81",               true },
        {"no-auth",  "true",             true },
        {"max-body", "1M",               true },
        {"python",   "/usr/bin/python3", false},
        {"workers",  "3",                false},
        {"timeout",  "1s",               false},
        {"batching", "false",            false},
        {"max-rss",  "1G",               false},
        {"pass-env", "A B",              false},
        {"capture",  "0.5",              true },
    };
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        nb_endpoint_settings now, next;
        nb_endpoint_defaults(&now);
        nb_endpoint_defaults(&next);
        assert_null(nb_settings_differ(&now, &next, false));
        assert_ok(set(&arena, &next, cases[i].name, cases[i].text, &err), &err);
        assert_non_null(nb_settings_differ(&now, &next, false));
        assert_true((nb_settings_differ(&now, &next, true) != NULL) == cases[i].fixed);
        nb_settings_adopt(&now, &next);
        assert_true((nb_settings_differ(&now, &next, false) != NULL) == cases[i].fixed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_has_the_defaults),
        cmocka_unit_test(texts_become_values),
        cmocka_unit_test(texts_that_are_no_values),
        cmocka_unit_test(running_endpoints_adopt_what_they_can),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
