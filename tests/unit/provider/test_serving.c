/* What config.yaml takes below `serving:` is what an endpoint understands. */
#include "nb_test.h"

#include "config/keys.h"
#include "endpoint/settings.h"

static const char prefix[] = "experiments[].serving.";

static const nb_schema_row *row_of(const char *name)
{
    for (size_t i = 0; i < nb_config_schema.count; i++) {
        const nb_schema_row *row = &nb_config_schema.rows[i];
        if (strncmp(row->key, prefix, strlen(prefix)) == 0 &&
            strcmp(row->key + strlen(prefix), name) == 0)
            return row;
    }
    return NULL;
}

static void every_setting_is_a_key(void **state)
{
    size_t count, keys = 0;
    (void)state;
    const nb_setting_row *rows = nb_setting_rows(&count);
    for (size_t i = 0; i < count; i++) {
        print_message("%s\n", rows[i].name);
        assert_non_null(row_of(rows[i].name));
    }
    for (size_t i = 0; i < nb_config_schema.count; i++)
        keys += strncmp(nb_config_schema.rows[i].key, prefix, strlen(prefix)) == 0;
    assert_int_equal(keys, count);
}

static void what_the_schema_takes_the_endpoint_understands(void **state)
{
    static const struct {
        const char *name, *text;
    } cases[] = {
        {"max_body",  "1"     },
        {"max_body",  "64 MiB"},
        {"timeout",   "90"    },
        {"timeout",   "500ms" },
        {"timeout",   "10 min"},
        {"timeout",   "1H"    },
        {"max_delay", "500us" },
        {"max_delay", "0"     },
        {"capture",   "0.25"  },
        {"capture",   "10%"   },
        {"capture",   "1"     },
        {"workers",   "auto"  },
        {"workers",   "256"   },
        {"watch",     "0"     },
        {"max_rss",   "0"     },
    };
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_endpoint_settings settings;
    nb_endpoint_defaults(&settings);
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        const nb_setting_value value = {nb_str_from(cases[i].name), nb_str_from(cases[i].text),
                                        NB_STR("/p")};
        assert_true(row_of(cases[i].name)->form->fits(value.text));
        assert_ok(nb_setting_set(&arena, &value, &settings, &err), &err);
    }
}

static void what_the_endpoint_refuses_the_schema_refuses(void **state)
{
    static const struct {
        const char *name, *text;
    } cases[] = {
        {"max_body",  "16X" },
        {"max_body",  ""    },
        {"timeout",   "1d"  },
        {"timeout",   "-1s" },
        {"max_delay", "5"   },
        {"capture",   "1.5" },
        {"capture",   "nan" },
        {"capture",   "101%"},
        {"workers",   "-1"  },
        {"workers",   "257" },
    };
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_endpoint_settings settings;
    nb_endpoint_defaults(&settings);
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        const nb_setting_value value = {nb_str_from(cases[i].name), nb_str_from(cases[i].text),
                                        NB_STR("/p")};
        assert_false(row_of(cases[i].name)->form->fits(value.text));
        assert_int_equal(nb_setting_set(&arena, &value, &settings, &err), NB_ERR_USAGE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_setting_is_a_key),
        cmocka_unit_test(what_the_schema_takes_the_endpoint_understands),
        cmocka_unit_test(what_the_endpoint_refuses_the_schema_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
