#include "nb_test.h"

#include "base/fs.h"
#include "provider/manifest.h"
#include "text/json_write.h"

#include <unistd.h>

static int set_up(void **state)
{
    char *folder = strdup("/tmp/nb-manifest-XXXXXX");
    assert_non_null(folder);
    *state = folder;
    return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    (void)unlink(nb_arena_printf(&arena, "%s/notebooked.json", (char *)*state).at);
    (void)rmdir(*state);
    free(*state);
    return 0;
}

static nb_code load(const char *folder, nb_arena *arena, const char *text, nb_manifest *out,
                    nb_error *err)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT;
    const char *path = nb_arena_printf(arena, "%s/notebooked.json", folder).at;
    if (text)
        assert_ok(nb_file_replace(path, nb_str_from(text), 0666, &ignored), &ignored);
    return nb_manifest_load(arena, nb_str_from(folder), out, err);
}

static const char manifest_text[] =
    "{\"version\": 1, \"data_path\": true, \"hyperparameters\": ["
    "{\"name\": \"learning_rate\", \"flag\": \"learning-rate\", \"type\": \"float\", \"default\": 1e-3},"
    "{\"name\": \"epochs\", \"flag\": \"--epochs\", \"type\": \"int\", \"default\": 5},"
    "{\"name\": \"shuffle\", \"flag\": \"shuffle\", \"type\": \"bool\", \"default\": false},"
    "{\"name\": \"kernel\", \"flag\": \"kernel\", \"type\": \"str\", \"default\": \"rbf\"},"
    "{\"name\": \"layers\", \"flag\": \"layers\", \"type\": \"json\", \"default\": [ 1,  2 ]}]}";

static const struct {
    const char *set;
    const char *flag; /* as it is passed, NULL: refused */
    const char *json; /* of that hyperparameter; or the hint of the refusal, NULL: none */
} cases[] = {
    {"epochs=20",                 "--epochs=20",                 "\"epochs\": 20"                                                  },
    {"EPOCHS=-3",                 "--epochs=-3",                 "\"epochs\": -3"                                                  },
    {"learning_rate=0.5",         "--learning-rate=0.5",         "\"learning_rate\": 0.5"                                          },
    {"learning-rate=1e-5",        "--learning-rate=1e-5",        "\"learning_rate\": 1e-5"                                         },
    {"Learning-Rate=inf",         "--learning-rate=inf",         "\"learning_rate\": \"inf\""                                      },
    {"learning_rate=.5",          "--learning-rate=.5",          "\"learning_rate\": \".5\""                                       },
    {"shuffle=yes",               "--shuffle=yes",               "\"shuffle\": true"                                               },
    {"shuffle=0",                 "--shuffle=0",                 "\"shuffle\": false"                                              },
    {"kernel=poly",               "--kernel=poly",               "\"kernel\": \"poly\""                                            },
    {"kernel=",                   "--kernel=",                   "\"kernel\": \"\""                                                },
    {"kernel=a=b",                "--kernel=a=b",                "\"kernel\": \"a=b\""                                             },
    {"kernel=\"q\"",              "--kernel=\"q\"",              "\"kernel\": \"\\\"q\\\"\""                                       },
    {"layers=[3, {\"a\": null}]", "--layers=[3, {\"a\": null}]", "\"layers\": [3, {\"a\": null}]"                                  },
    {"epoch=1",                   NULL,                          "did you mean 'epochs'?"                                          },
    {"zzz=1",                     NULL,                          "use one of these: learning_rate, epochs, shuffle, kernel, layers"},
    {"epochs",                    NULL,                          "write --set NAME=VALUE"                                          },
    {"=1",                        NULL,                          "write --set NAME=VALUE"                                          },
    {"epochs=1.5",                NULL,                          NULL                                                              },
    {"epochs=",                   NULL,                          NULL                                                              },
    {"epochs=0x10",               NULL,                          NULL                                                              },
    {"learning_rate=fast",        NULL,                          NULL                                                              },
    {"learning_rate=0x1p3",       NULL,                          NULL                                                              },
    {"learning_rate=",            NULL,                          NULL                                                              },
    {"shuffle=maybe",             NULL,                          NULL                                                              },
    {"epochs=3.0",                "--epochs=3.0",                "\"epochs\": 3.0"                                                 },
    {"epochs=\"7\"",              "--epochs=\"7\"",              "\"epochs\": 7"                                                   },
    {"shuffle=ON",                "--shuffle=ON",                "\"shuffle\": true"                                               },
    {"layers=(1, 2)",             "--layers=(1, 2)",             "\"layers\": \"(1, 2)\""                                          },
    {"layers=a=1,b=2",            "--layers=a=1,b=2",            "\"layers\": \"a=1,b=2\""                                         },
    {"epochs=nan",                NULL,                          NULL                                                              },
};

static void settings_become_flags(void **state)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_manifest manifest;
    assert_ok(load(*state, &arena, manifest_text, &manifest, &err), &err);
    assert_int_equal(manifest.count, 5);
    assert_true(manifest.data_path);
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        nb_train_request request = {0};
        print_message("case %zu: %s\n", i, cases[i].set);
        nb_code code = nb_manifest_settings(&manifest, &arena, &cases[i].set, 1, &request, &err);
        assert_int_equal(code, cases[i].flag ? NB_OK : NB_ERR_USAGE);
        if (code != NB_OK) {
            assert_true((err.hint == NULL) == (cases[i].json == NULL));
            if (err.hint)
                assert_string_equal(err.hint, cases[i].json);
            continue;
        }
        assert_int_equal(request.flag_count, 1);
        nb_str flag =
            nb_arena_printf(&arena, NB_STR_FMT "=" NB_STR_FMT, NB_STR_ARG(request.flags[0].flag),
                            NB_STR_ARG(request.flags[0].value));
        assert_str(flag, cases[i].flag);
        assert_non_null(strstr(request.hyperparameters.at, cases[i].json));
    }
}

static void defaults_are_recorded_too(void **state)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_manifest manifest;
    nb_train_request request = {0};
    const char *set[] = {"epochs=1", "kernel=x", "epochs=2"}; /* the last one counts */
    assert_ok(load(*state, &arena, manifest_text, &manifest, &err), &err);
    assert_ok(nb_manifest_settings(&manifest, &arena, set, 3, &request, &err), &err);
    assert_int_equal(request.flag_count, 3);
    assert_str(
        request.hyperparameters,
        "{\"learning_rate\": 1e-3, \"epochs\": 2, \"shuffle\": false, \"kernel\": \"x\", \"layers\": [1, 2]}");
}

static void literals_of_python_are_understood(void **state)
{
    static const struct {
        const char *type, *literal, *json;
    } literals[] = {
        {"int",   "5",           "5"              },
        {"float", "1e-3",        "1e-3"           },
        {"bool",  "True",        "true"           },
        {"str",   "'rbf'",       "\"rbf\""        },
        {"str",   "'a\\n'",      "\"'a\\\\n'\""   },
        {"json",  "[1, 2]",      "[1, 2]"         },
        {"json",  "{'a': None}", "\"{'a': None}\""},
        {"str",   "None",        "null"           },
        {"int",   "int(1e3)",    "\"int(1e3)\""   },
    };
    for (size_t i = 0; i < NB_LEN(literals); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        NB_AUTO(nb_buf) quoted = NB_BUF_INIT(NB_BUF_TEXT);
        nb_manifest manifest;
        nb_json_quote(&quoted, nb_str_from(literals[i].literal));
        nb_str text = nb_arena_printf(&arena,
                                      "{\"hyperparameters\": [{\"name\": \"a\", \"flag\": \"a\", "
                                      "\"type\": \"%s\", \"default\": %s}]}",
                                      literals[i].type, quoted.at);
        assert_ok(load(*state, &arena, text.at, &manifest, &err), &err);
        assert_str(manifest.parameters[0].value, literals[i].json);
    }
}

static void no_hyperparameters_are_fine(void **state)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_manifest manifest;
    nb_train_request request = {0};
    const char *set[] = {"epochs=1"};
    assert_ok(load(*state, &arena, "{}", &manifest, &err), &err);
    assert_ok(nb_manifest_settings(&manifest, &arena, NULL, 0, &request, &err), &err);
    assert_str(request.hyperparameters, "{}");
    assert_false(manifest.data_path);
    assert_int_equal(nb_manifest_settings(&manifest, &arena, set, 1, &request, &err), NB_ERR_USAGE);
}

static void bad_manifests_say_what_to_run(void **state)
{
    static const struct {
        const char *text, *hint;
    } bad[] = {
        {NULL,                                         "run 'notebooked convert' first"                    },
        {"{",                                          "run 'notebooked convert --force' to write it again"},
        {"[]",                                         "run 'notebooked convert --force' to write it again"},
        {"{\"hyperparameters\": [{\"name\": \"a\"}]}",
         "run 'notebooked convert --force' to write it again"                                              },
        {"{\"hyperparameters\": [1]}",                 "run 'notebooked convert --force' to write it again"},
    };
    for (size_t i = 0; i < NB_LEN(bad); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        nb_manifest manifest;
        assert_int_not_equal(load(*state, &arena, bad[i].text, &manifest, &err), NB_OK);
        assert_string_equal(err.hint, bad[i].hint);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(settings_become_flags),
        TEST(defaults_are_recorded_too),
        TEST(literals_of_python_are_understood),
        TEST(no_hyperparameters_are_fine),
        TEST(bad_manifests_say_what_to_run),
    };
    return cmocka_run_group_tests_name("provider/manifest", tests, NULL, NULL);
}
