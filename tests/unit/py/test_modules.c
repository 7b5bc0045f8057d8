#include "nb_test.h"

#include "py/modules.h"
#include "py/modules_tables.h"

static void knows_the_standard_library_of_each_version(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        unsigned minor;
        bool standard, left;
    } cases[] = {
        {"os",              8,  true,  false},
        {"__future__",      11, true,  false},
        {"asyncio",         13, true,  false},
        {"imp",             11, true,  false},
        {"imp",             12, false, true },
        {"tomllib",         10, false, true },
        {"tomllib",         11, true,  false},
        {"distutils",       11, true,  false},
        {"distutils",       12, false, true },
        {"zoneinfo",        8,  false, true },
        {"binhex",          10, true,  false},
        {"binhex",          11, false, true },
        {"cgi",             99, false, true }, /* newer than the tables: as the newest */
        {"cgi",             0,  true,  false},
        {"numpy",           11, false, false},
        {"",                11, false, false},
        {"o",               11, false, false},
        {"zzz",             11, false, false},
        {"asyncio zipfile", 11, false, false},
    };
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        print_message("case %zu: %s in 3.%u\n", i, cases[i].name, cases[i].minor);
        assert_int_equal(nb_module_is_stdlib(nb_str_from(cases[i].name), cases[i].minor),
                         cases[i].standard);
        assert_int_equal(nb_module_left_stdlib(nb_str_from(cases[i].name), cases[i].minor),
                         cases[i].left);
    }
}

static void finds_the_distribution_of_a_module(void **state)
{
    (void)state;
    static const struct {
        const char *module, *want;
    } cases[] = {
        {"sklearn",                             "scikit-learn"                       },
        {"sklearn.ensemble",                    "scikit-learn"                       },
        {"PIL.Image",                           "pillow"                             },
        {"yaml",                                "pyyaml"                             },
        {"cv2",                                 "opencv-python-headless"             },
        {"numpy",                               "numpy"                              },
        {"IPython.display",                     "ipython"                            },
        {"more_itertools",                      "more-itertools"                     },
        {"google.cloud.storage",                "google-cloud-storage"               },
        {"google.cloud.storage.Client",         "google-cloud-storage"               },
        {"google.cloud.bigquery_storage_v1",    "google-cloud-bigquery-storage"      },
        {"google.cloud.secretmanager",          "google-cloud-secret-manager"        },
        {"google.protobuf",                     "protobuf"                           },
        {"google",                              ""                                   },
        {"google.cloud",                        ""                                   },
        {"google.nothing",                      ""                                   },
        {"azure.ai.ml",                         "azure-ai-ml"                        },
        {"azure.ai.ml.MLClient",                "azure-ai-ml"                        },
        {"azure.storage.blob.aio",              "azure-storage-blob"                 },
        {"azure.storage",                       "azure-storage-blob"                 },
        {"azure.unknown.part",                  ""                                   },
        {"azureml",                             "azureml-core"                       },
        {"azureml.train.automl",                "azureml-train-automl-client"        },
        {"llama_index",                         "llama-index"                        },
        {"llama_index.llms.openai",             "llama-index-llms-openai"            },
        {"mpl_toolkits.mplot3d",                "matplotlib"                         },
        {"mpl_toolkits.basemap",                "basemap"                            },
        {"opentelemetry.trace",                 "opentelemetry-api"                  },
        {"opentelemetry.instrumentation.flask", "opentelemetry-instrumentation-flask"},
        {"ruamel.yaml",                         "ruamel-yaml"                        },
        {"utils",                               ""                                   },
        {"helper",                              ""                                   },
        {"train",                               ""                                   },
        {"src.models",                          ""                                   },
        {"preprocess",                          ""                                   },
        {"config",                              ""                                   },
        {"dataset",                             ""                                   },
        {"setup",                               ""                                   },
        {"",                                    ""                                   },
        {".",                                   ""                                   },
        {"..x",                                 ""                                   },
        {"a.",                                  ""                                   },
    };
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        print_message("case %zu: %s\n", i, cases[i].module);
        assert_str(nb_module_distribution(&arena, nb_str_from(cases[i].module)), cases[i].want);
    }
}

static void other_projects_may_provide_the_same_module(void **state)
{
    (void)state;
    static const struct {
        const char *module, *distribution;
        bool want;
    } cases[] = {
        {"cv2",              "opencv-python",          true },
        {"cv2",              "opencv-python-headless", true },
        {"cv2",              "opencv",                 false},
        {"cv2",              "",                       false},
        {"tensorflow.keras", "tf-nightly",             true },
        {"tensorflow",       "torch",                  false},
        {"psycopg2",         "psycopg2",               true },
        {"numpy",            "numpy",                  true },
        {"my_helper",        "my-helper",              true },
        {"utils",            "numpy",                  false},
        {"sklearn",          "sklearn",                false},
    };
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        print_message("case %zu: %s by %s\n", i, cases[i].module, cases[i].distribution);
        assert_int_equal(nb_module_provided_by(&arena, nb_str_from(cases[i].module),
                                               nb_str_from(cases[i].distribution)),
                         cases[i].want);
    }
}

static void platforms_have_modules_of_their_own(void **state)
{
    (void)state;
    nb_str platform = {0};
    assert_true(nb_module_platform_advice(NB_STR("google.colab"), &platform).len > 0);
    assert_str(platform, "Google Colab");
    assert_true(nb_module_platform_advice(NB_STR("google.colab.drive"), &platform).len > 0);
    assert_true(nb_module_platform_advice(NB_STR("kaggle_secrets"), &platform).len > 0);
    assert_str(platform, "Kaggle");
    assert_int_equal(nb_module_platform_advice(NB_STR("google.colaboratory"), &platform).len, 0);
    assert_int_equal(nb_module_platform_advice(NB_STR("google"), &platform).len, 0);
    assert_true(nb_name_platform_advice(NB_STR("dbutils"), &platform).len > 0);
    assert_str(platform, "Databricks");
    assert_int_equal(nb_name_platform_advice(NB_STR("print"), &platform).len, 0);
}

static void hints_say_what_to_do(void **state)
{
    (void)state;
    assert_true(nb_str_contains(nb_module_hint(NB_STR("urllib2")), NB_STR("urllib.request")));
    assert_true(nb_str_contains(nb_module_hint(NB_STR("clip")), NB_STR("git+https")));
    assert_true(nb_str_contains(nb_module_hint(NB_STR("distutils.version")), NB_STR("packaging")));
    assert_int_equal(nb_module_hint(NB_STR("numpy")).len, 0);
    assert_int_equal(nb_module_hint(NB_STR("imports")).len, 0);
}

static void names_are_compared_in_their_normal_form(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"PyYAML",           "pyyaml"          },
        {"Py_YAML",          "py-yaml"         },
        {"zope.interface",   "zope-interface"  },
        {"a-_.b",            "a-b"             },
        {"A",                "a"               },
        {"",                 ""                },
        {"ruamel.yaml.clib", "ruamel-yaml-clib"},
        {"--",               "-"               },
    };
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        assert_str(nb_distribution_normal(&arena, nb_str_from(cases[i][0])), cases[i][1]);
    }
}

/* --- the tables themselves --------------------------------------------------------------------- */

static nb_str key(nb_str word)
{
    ptrdiff_t colon = nb_str_find_char(word, ':');
    return colon < 0 ? word : nb_str_slice(word, 0, (size_t)colon);
}

static void words_are_sorted_and_found(void **state)
{
    (void)state;
    const nb_str tables[] = {nb_modules_stdlib, nb_modules_distributions, nb_modules_families,
                             nb_modules_popular};
    for (size_t t = 0; t < NB_LEN(tables); t++) {
        nb_str rest = tables[t], word, before = NB_STR(""), value;
        while (nb_str_split(&rest, ' ', &word)) {
            if (nb_str_cmp(key(before), key(word)) >= 0)
                fail_msg("'" NB_STR_FMT "' comes before '" NB_STR_FMT "'", NB_STR_ARG(before),
                         NB_STR_ARG(word));
            assert_true(nb_words_find(tables[t], key(word), &value));
            assert_int_equal(value.len, word.len - key(word).len - (key(word).len < word.len));
            before = word;
        }
        assert_false(nb_words_find(tables[t], NB_STR(""), &value));
        assert_false(nb_words_find(tables[t], NB_STR(" "), &value));
        assert_false(nb_words_find(tables[t], NB_STR("~"), &value));
    }
}

static void distributions_have_normal_names(void **state)
{
    (void)state;
    const nb_str tables[] = {nb_modules_families, nb_modules_popular};
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_str rest, word;
    for (size_t t = 0; t < NB_LEN(tables); t++)
        for (rest = tables[t]; nb_str_split(&rest, ' ', &word);)
            assert_true(nb_str_eq(word, nb_distribution_normal(&arena, word)));
    for (rest = nb_modules_distributions; nb_str_split(&rest, ' ', &word);) {
        nb_str name = nb_str_from_at(word, key(word).len + 1);
        assert_true(name.len > 0);
        assert_true(nb_str_eq(name, nb_distribution_normal(&arena, name)));
    }
    for (size_t i = 0; i < nb_modules_alternatives_count; i++)
        for (rest = nb_modules_alternatives[i]; nb_str_split(&rest, ' ', &word);)
            assert_true(nb_str_eq(word, nb_distribution_normal(&arena, word)));
}

/* Names that projects give to their own files must never bring in a stranger's project. */
static void helper_modules_are_not_popular(void **state)
{
    (void)state;
    static const char *const names[] = {
        "utils",  "util",   "helper", "helpers", "src",        "train",   "model",    "models",
        "data",   "config", "common", "scripts", "preprocess", "dataset", "metrics",  "main",
        "tests",  "core",   "lib",    "plots",   "features",   "schema",  "settings", "layers",
        "google", "docx",   "attr",   "sklearn", "bs4",        "fitz",    "network",  "evaluation",
    };
    for (size_t i = 0; i < NB_LEN(names); i++)
        if (nb_words_find(nb_modules_popular, nb_str_from(names[i]), NULL))
            fail_msg("'%s' is in the list", names[i]);
}

static void tables_are_small(void **state)
{
    (void)state;
    size_t size = nb_modules_stdlib.len + nb_modules_distributions.len + nb_modules_families.len +
                  nb_modules_popular.len + nb_modules_changing_count * sizeof(nb_module_span);
    print_message("%zu bytes\n", size);
    assert_true(size < 60000);
}

static void rows_are_sorted(void **state)
{
    (void)state;
    for (size_t i = 1; i < nb_modules_changing_count; i++)
        assert_true(strcmp(nb_modules_changing[i - 1].name, nb_modules_changing[i].name) < 0);
    for (size_t i = 1; i < nb_modules_platform_count; i++)
        assert_true(nb_str_cmp(nb_modules_platform[i - 1].name, nb_modules_platform[i].name) < 0);
    for (size_t i = 1; i < nb_modules_injected_count; i++)
        assert_true(nb_str_cmp(nb_modules_injected[i - 1].name, nb_modules_injected[i].name) < 0);
    for (size_t i = 1; i < nb_modules_hints_count; i++)
        assert_true(nb_str_cmp(nb_modules_hints[i - 1].name, nb_modules_hints[i].name) < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_the_standard_library_of_each_version),
        cmocka_unit_test(finds_the_distribution_of_a_module),
        cmocka_unit_test(other_projects_may_provide_the_same_module),
        cmocka_unit_test(platforms_have_modules_of_their_own),
        cmocka_unit_test(hints_say_what_to_do),
        cmocka_unit_test(names_are_compared_in_their_normal_form),
        cmocka_unit_test(words_are_sorted_and_found),
        cmocka_unit_test(distributions_have_normal_names),
        cmocka_unit_test(helper_modules_are_not_popular),
        cmocka_unit_test(tables_are_small),
        cmocka_unit_test(rows_are_sorted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
