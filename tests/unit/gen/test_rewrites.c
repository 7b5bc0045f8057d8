/* What becomes of the notebook's own text: hyperparameters, paths, and what a function body needs. */
#include "cells.h"

typedef struct rewrite_case {
    const char *cells, *text;
} rewrite_case;

static void check(nb_experiment experiment, const rewrite_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        test_cells t = {.experiment = experiment};
        test_cells_open(&t, cases[i].cells);
        assert_str(test_emitted(&t), cases[i].text);
        nb_arena_release(&t.arena);
    }
}

static void test_hyperparameters(void **state)
{
    (void)state;
    static const nb_hyperparameter configured[] = {
        {.name = NB_STR_ROW("learning-rate"), .value = {NB_SCALAR_FLOAT, NB_STR_ROW("0.1")}},
        {.name = NB_STR_ROW("epochs"),        .value = {NB_SCALAR_INT, NB_STR_ROW("3")}    },
    };
    nb_experiment experiment = {.hyperparameters = configured,
                                .hyperparameter_count = NB_LEN(configured)};
    static const rewrite_case cases[] = {
        {"%% train\nlearning_rate = 0.5",                       "learning_rate = LEARNING_RATE\n" },
        {"%% train\nepochs = 5  # how many",                    "epochs = EPOCHS  # how many\n"   },
        {"%% train\nEPOCHS = 5",                                ""                                },
        {"%% train\nepochs, b = -5, 2",                         "epochs, b = EPOCHS, 2\n"         },
        {"%% train\nepochs: int = 5",                           "epochs = EPOCHS\n"               },
        {"%% train\nepochs = len('abc')",                       "epochs = len('abc')\n"           },
        {"%% train\nepochs = [\n    1,  # a\n    2,\n]\nb = 1", "epochs = EPOCHS\nb = 1\n"        },
        {"%% train\nd = {'epochs': 5}\nf(epochs=5)",            "d = {'epochs': 5}\nf(epochs=5)\n"},
        {"%% parameters\na = \"\"\"x\ny\"\"\"; b = 3",          "a = A\nb = B\n"                  },
        {"%% inference\nepochs = 5\n%% train\npass",            "epochs = 5\npass\n"              },
    };
    check(experiment, cases, NB_LEN(cases));
}

static void test_data_paths(void **state)
{
    (void)state;
    nb_experiment experiment = {.data_path = NB_STR("data/set")};
    static const rewrite_case cases[] = {
        {"%% train\nf('data/set/a.csv')",                      "f(os.path.join(DATA_PATH, \"a.csv\"))\n"   },
        {"%% train\nf('./data/set')",                          "f(DATA_PATH)\n"                            },
        {"%% train\nf(f'data/set/{n}.csv')",                   "f(f'{DATA_PATH}/{n}.csv')\n"               },
        {"%% train\nf('data/settings')",                       "f('data/settings')\n"                      },
        {"%% train\nd = {'data/set': 1}",                      "d = {'data/set': 1}\n"                     },
        {"%% train\nframe['data/set'] = 1",                    "frame['data/set'] = 1\n"                   },
        {"%% train\nframe[['data/set', 'b']]",                 "frame[['data/set', 'b']]\n"                },
        {"%% train\n'data/set/a'\nf(b'data/set')",             "'data/set/a'\nf(b'data/set')\n"            },
        {"%% train\nf(os.path.join('data', 'set', 'a.csv'))",
         "f(os.path.join(DATA_PATH, 'a.csv'))\n"                                                           },
        {"%% train\nf(os.path.join('data', 'set'))",           "f(os.path.join(DATA_PATH))\n"              },
        {"%% train\nf(os.path.join('.', 'data', 'set/b', c))",
         "f(os.path.join(DATA_PATH, \"b\", c))\n"                                                          },
        {"%% train\nf(os.path.join('data', 'other', 'set'))",
         "f(os.path.join('data', 'other', 'set'))\n"                                                       },
        {"%% train\nf(os.path.join('data', name, 'set'))",
         "f(os.path.join('data', name, 'set'))\n"                                                          },
        {"%% train\nf(os.path.join(*parts, 'data', 'set'))",
         "f(os.path.join(*parts, 'data', 'set'))\n"                                                        },
        {"%% train\nf(Path('data') / 'set' / name)",           "f(Path(DATA_PATH) / name)\n"               },
        {"%% train\nf(Path('data') / 'set/a.csv')",            "f(Path(DATA_PATH) / \"a.csv\")\n"          },
        {"%% train\nf(pathlib.Path('data', 'set', 'a') / b)",
         "f(pathlib.Path(DATA_PATH, 'a') / b)\n"                                                           },
        {"%% train\nf(Path('data') / name / 'set')",           "f(Path('data') / name / 'set')\n"          },
        {"%% train\nf(g('data') / 'set', 'data' * 2)",         "f(g('data') / 'set', 'data' * 2)\n"        },
        {"%% train\nf(Path('data/set') / 'a')",                "f(Path(DATA_PATH) / 'a')\n"                },
        {"%% train\ndata_dir = 'data/set/'",                   "data_dir = os.path.join(DATA_PATH, \"\")\n"},
    };
    check(experiment, cases, NB_LEN(cases));
}

static void test_model_paths(void **state)
{
    (void)state;
    static const rewrite_case cases[] = {
        {"%% train\njoblib.dump(m, 'out/m.pkl')",
         "joblib.dump(m, os.path.join(MODEL_DIR, \"m.pkl\"))\n"                                                         },
        {"%% train\ntorch.save(n, f'out/{e}.pt')",
         "torch.save(n, os.path.join(MODEL_DIR, f'{e}.pt'))\n"                                                          },
        {"%% train\njoblib.dump(m, '/m.pkl')",                                         "joblib.dump(m, '/m.pkl')\n"     },
        {"%% train\nopen('a', 'w').write('m.pkl')",                                    "open('a', 'w').write('m.pkl')\n"},
        {"%% train\njoblib.dump(m, 'a/m')\njoblib.dump(m, 'b/m')\njoblib.load('b/m')",
         "joblib.dump(m, os.path.join(MODEL_DIR, \"m\"))\njoblib.dump(m, os.path.join(MODEL_DIR, \"b-m\"))\n"
         "joblib.load(os.path.join(MODEL_DIR, \"b-m\"))\n"                                                              },
        {"%% train\np = 'm.pkl'\njoblib.dump(m, p)",
         "p = os.path.join(MODEL_DIR, \"m.pkl\")\njoblib.dump(m, p)\n"                                                  },
        {"%% train\njoblib.dump(m, 'metrics.json')",
         "joblib.dump(m, os.path.join(MODEL_DIR, \"notebook-metrics.json\"))\n"                                         },
    };
    check((nb_experiment){0}, cases, NB_LEN(cases));
}

static void test_kept_path_is_told(void **state)
{
    (void)state;
    test_cells t = {0};
    test_cells_open(&t, "%% train\nimport joblib\nname = str(1)\njoblib.dump(1, 'out/' + name)");
    assert_str(test_findings(&t), "NB408");
    nb_arena_release(&t.arena);
}

static void test_function_bodies(void **state)
{
    (void)state;
    static const rewrite_case cases[] = {
        {"%% train\nx: int = 3",                                                             "x = 3\n"                          },
        {"%% train\nx: int",                                                                 "pass\n"                           },
        {"%% train\nif 1:\n    x: int = 3",                                                  "if 1:\n    x = 3\n"               },
        {"%% train\nclass A:\n    x: int = 3",                                               "class A:\n    x: int = 3\n"       },
        {"%% train\nglobal x\nx = 1",                                                        "pass\nx = 1\n"                    },
        {"%% train\nlocals()['x'] = 1",                                                      "globals()['x'] = 1\n"             },
        {"%% train\nexec('x = 1')",                                                          "exec('x = 1', globals())\n"       },
        {"%% train\n# above\nx = 1; y = 2  # beside",                                        "# above\nx = 1\ny = 2  # beside\n"},
        {"%% train\ns = '''a\n  b'''; t = 1",                                                "s = '''a\n  b'''\nt = 1\n"        },
        {"%% train\nif __name__ == '__main__':\n    # in\n    x = 1\n\n    y = '''\n  z'''",
         "# in\nx = 1\ny = '''\n  z'''\n"                                                                                       },
    };
    check((nb_experiment){0}, cases, NB_LEN(cases));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hyperparameters), cmocka_unit_test(test_data_paths),
        cmocka_unit_test(test_model_paths),     cmocka_unit_test(test_kept_path_is_told),
        cmocka_unit_test(test_function_bodies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
