/* What statements are for: tables of cells and the purposes of their statements. */
#include "notebook.h"

#include "graph/purpose.h"

typedef struct purpose_case {
    const char *cells;
    const char *last; /* the purpose of the last statement */
} purpose_case;

#define SK                                                                                       \
    "%%\nimport numpy as np\nimport pandas as pd\nimport matplotlib.pyplot as plt\n"             \
    "from sklearn.linear_model import Ridge\nfrom sklearn.preprocessing import StandardScaler\n" \
    "from sklearn.model_selection import train_test_split, GridSearchCV\n"                       \
    "from sklearn.metrics import accuracy_score\nfrom sklearn.datasets import load_iris\n"
#define FITTED \
    SK "df = pd.read_csv('a.csv')\nX, y = df[['a']], df.b\nclf = Ridge()\nclf.fit(X, y)\n"
#define TORCH                                                                                 \
    "%%\nimport torch\nfrom torch import nn, optim\nclass Net(nn.Module):\n"                  \
    "    def forward(self, x):\n        return x\nx = torch.ones(3)\nnet = Net().to('cpu')\n" \
    "opt = optim.SGD(net.parameters(), lr=0.1)\nlossf = nn.MSELoss()\n"

static const purpose_case statements[] = {
    {SK,                                                                                                   "import"  },
    {SK "pass",                                                                                            "nothing" },
    {SK "'a text'",                                                                                        "nothing" },
    {SK "np.random.seed(0)",                                                                               "seed"    },
    {SK "pd.set_option('a', 1)",                                                                           "setting" },
    {SK "epochs = 3",                                                                                      "literal" },
    {SK "k = len('abc')",                                                                                  "compute" },
    {SK "df = pd.read_csv('a.csv')",                                                                       "load"    },
    {SK "iris = load_iris()",                                                                              "load"    },
    {SK "with open('a.txt') as f:\n    text = f.read()",                                                   "load"    },
    {SK "with open('a.txt', 'w') as f:\n    f.write('x')",                                                 "save"    },
    {FITTED "a, b, c, d = train_test_split(X, y)",                                                         "split"   },
    {FITTED "df['c'] = df.a + 1",                                                                          "prepare" },
    {FITTED "df.dropna(inplace=True)",                                                                     "prepare" },
    {SK "sc = StandardScaler()",                                                                           "prepare" },
    {FITTED "sc = StandardScaler()\nsc.fit(X)",                                                            "prepare" },
    {FITTED "Xs = StandardScaler().fit_transform(X)",                                                      "prepare" },
    {SK "clf = Ridge()",                                                                                   "model"   },
    {SK "grid = GridSearchCV(Ridge(), {'alpha': [1, 2]})",                                                 "model"   },
    {FITTED,                                                                                               "fit"     },
    {FITTED "m = Ridge().fit(X, y)",                                                                       "fit"     },
    {FITTED "for a in (1, 2):\n    m = Ridge(alpha=a)\n    m.fit(X, y)",                                   "fit"     },
    {"%%\nimport xgboost as xgb\nb = xgb.train({}, xgb.DMatrix('d'))",                                     "fit"     },
    {FITTED "p = clf.predict(X)",                                                                          "predict" },
    {FITTED "print(clf.predict([[1.0]]))",                                                                 "predict" },
    {FITTED "s = clf.score(X, y)",                                                                         "evaluate"},
    {FITTED "clf.score(X, y)",                                                                             "evaluate"},
    {FITTED "p = clf.predict(X)\nprint(accuracy_score(y, p))",                                             "evaluate"},
    {FITTED "p = clf.predict(X)\nprint('accuracy', np.mean(p == y))",                                      "evaluate"},
    {FITTED "s = round(clf.score(X, y), 2)\nt = pd.DataFrame({'s': [s]})",                                 "evaluate"},
    {FITTED "w = clf.coef_",                                                                               "result"  },
    {FITTED "import joblib\njoblib.dump(clf, 'm')",                                                        "save"    },
    {FITTED "df.to_csv('b.csv')",                                                                          "save"    },
    {FITTED "df.head()",                                                                                   "show"    },
    {FITTED "df",                                                                                          "show"    },
    {FITTED "print(df.shape)",                                                                             "show"    },
    {FITTED "for c in df.columns:\n    print(c)",                                                          "show"    },
    {FITTED "plt.plot(df.a)",                                                                              "plot"    },
    {FITTED "fig, ax = plt.subplots()",                                                                    "plot"    },
    {FITTED "fig, ax = plt.subplots()\nax.scatter(df.a, clf.predict(X))",                                  "plot"    },
    {SK "name = input('who? ')",                                                                           "ask"     },
    {"%%\nfrom google.colab import files\nfiles.upload()",                                                 "ask"     },
    {"%%\nimport urllib.request\nurllib.request.urlretrieve('u', 'f')",                                    "download"},
    {TORCH,                                                                                                "model"   },
    {TORCH "for i in range(3):\n    loss = lossf(net(x), x)\n    loss.backward()\n    opt.step()",
     "fit"                                                                                                           },
    {TORCH "net(x).sum().backward()",                                                                      "result"  },
    {TORCH "net.eval()",                                                                                   "model"   },
    {TORCH "device = torch.device('cpu')",                                                                 "setting" },
    {TORCH "y = torch.cat((x, x))",                                                                        "prepare" },
    {TORCH
     "def train():\n    lossf(net(x), x).backward()\n    opt.step()\ntrain()\nprint('loss', net(x))",
     "evaluate"                                                                                                      },
};

static const purpose_case definitions[] = {
    {"%%\ndef f(a):\n    return a + 1",                                                          "defines a helper"  },
    {SK "def load_data():\n    return pd.read_csv('a')",                                         "defines data work" },
    {SK "def g(X, y):\n    return train_test_split(X, y)",                                       "defines data work" },
    {SK "def fit_it(X, y):\n    m = Ridge()\n    m.fit(X, y)\n    return m",                     "defines training"  },
    {SK "def inner(X, y):\n    m = Ridge()\n    m.fit(X, y)\ndef outer(X, y):\n    inner(X, y)",
     "defines training"                                                                                              },
    {SK "def scale(X):\n    s = StandardScaler()\n    return s.fit_transform(X)",
     "defines a helper"                                                                                              },
    {SK "def build():\n    return Ridge()",                                                      "defines a model"   },
    {SK "def acc(y, p):\n    return accuracy_score(y, p)",                                       "defines evaluation"},
    {SK "def predict(rows):\n    return clf.predict(rows)",                                      "defines prediction"},
    {SK "def model_fn(model_dir):\n    return 1",                                                "defines prediction"},
    {SK "def generate_batches(data):\n    return data",                                          "defines data work" },
    {SK "def plot_it(x):\n    plt.plot(x)",                                                      "defines a plot"    },
    {"%%\nfrom torch import nn\nclass Net(nn.Module):\n    pass",                                "defines a model"   },
    {"%%\nclass Base:\n    def fit(self):\n        pass\nclass B(Base):\n    pass",
     "defines a helper"                                                                                              },
    {"%%\nclass D:\n    def __getitem__(self, i):\n        return i",                            "defines data work" },
    {"%%\nclass Point:\n    x = 1",                                                              "defines a helper"  },
};

static void check(const purpose_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        test_notebook t = {0};
        test_notebook_open(&t, cases[i].cells);
        const nb_intent *intents = nb_purposes_find(t.source);
        print_message("%s\n", cases[i].cells);
        assert_string_equal(nb_purpose_name(intents[t.source->statement_count - 1].purpose),
                            cases[i].last);
        nb_arena_release(&t.arena);
    }
}

static void statements_have_purposes(void **state)
{
    (void)state;
    check(statements, NB_LEN(statements));
}

static void definitions_are_what_they_do(void **state)
{
    (void)state;
    check(definitions, NB_LEN(definitions));
}

/* --- changes in place ------------------------------------------------------------------------- */

typedef struct change_case {
    const char *cells;
    const char *changes; /* of the last statement */
} change_case;

static void changes_reach_through_other_names(void **state)
{
    (void)state;
    static const change_case cases[] = {
        {"%%\nx = []\nx.append(1)",                                                         "x"         },
        {"%%\nx = {}\nx['a'] = 1",                                                          "x"         },
        {"%%\nx = y\nx.a[0].b = 1",                                                         "x y"       },
        {"%%\nx = [1]\ny = x.copy()",                                                       ""          },
        {"%%\nimport pandas as pd\ndf = pd.read_csv('a')\ndf.dropna()",                     ""          },
        {"%%\nimport pandas as pd\ndf = pd.read_csv('a')\ndf.dropna(inplace=True)",         "df"        },
        {"%%\nimport pandas as pd\ndf = pd.read_csv('a')\ndf.head()",                       ""          },
        {"%%\na = {}\nb = {}\nfor d in [a, b]:\n    d['x'] = 1",                            "d a b"     },
        {"%%\na = {}\nb = {}\nboth = [a, b]\nfor d in both:\n    d['x'] = 1",               "d both a b"},
        {"%%\nx = [1]\nimport random\nrandom.shuffle(x)",                                   "x"         },
        {"%%\nx = [1]\nprint(x)",                                                           ""          },
        {"%%\nx = [1]\ndef f(a, b):\n    b.append(a)\nf(1, x)",                             "x"         },
        {"%%\nx = [1]\ny = [2]\ndef f(a, b):\n    b.append(a)\nf(b=x, a=y)",                "x"         },
        {"%%\nw = [0]\ndef step():\n    w[0] += 1\nstep()",                                 "w"         },
        {"%%\nn = 0\ndef step():\n    global n\n    n += 1\ndef run():\n    step()\nrun()", "n"         },
        {"%%\nx[0], y[1] = 1, 2",                                                           "x y"       },
        {"%%\nx = [1]\ndel x[0]",                                                           "x"         },
    };
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        test_notebook t = {0};
        nb_str got = NB_STR("");
        test_notebook_open(&t, cases[i].cells);
        const nb_intent *last = &nb_purposes_find(t.source)[t.source->statement_count - 1];
        for (size_t k = 0; k < last->changes.count; k++)
            got = nb_arena_printf(&t.arena, NB_STR_FMT "%s" NB_STR_FMT, NB_STR_ARG(got),
                                  k ? " " : "", NB_STR_ARG(last->changes.at[k]));
        print_message("%s\n", cases[i].cells);
        assert_str(got, cases[i].changes);
        nb_arena_release(&t.arena);
    }
}

/* --- words -------------------------------------------------------------------------------------- */

static void words_are_known(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool method;
        nb_job job;
    } names[] = {
        {"read_csv",         false, NB_JOB_LOAD   },
        {"train_test_split", false, NB_JOB_SPLIT  },
        {"fit",              true,  NB_JOB_FIT    },
        {"fit",              false, NB_JOB_UNKNOWN},
        {"append",           true,  NB_JOB_CHANGE },
        {"append",           false, NB_JOB_UNKNOWN},
        {"accuracy_score",   false, NB_JOB_MEASURE},
        {"zero_",            true,  NB_JOB_CHANGE },
        {"BayesSearchCV",    false, NB_JOB_MODEL  },
        {"nothing_known",    true,  NB_JOB_UNKNOWN},
    };
    for (size_t i = 0; i < NB_LEN(names); i++)
        assert_int_equal(nb_job_of_name(nb_str_from(names[i].name), names[i].method), names[i].job);
    assert_int_equal(nb_job_of_module(NB_STR("sklearn.metrics.cluster")), NB_JOB_MEASURE);
    assert_int_equal(nb_job_of_module(NB_STR("sklearn.ensemble")), NB_JOB_MODEL);
    assert_int_equal(nb_job_of_module(NB_STR("matplotlib.pyplot")), NB_JOB_PLOT);
    assert_int_equal(nb_job_of_module(NB_STR("unheard.of")), NB_JOB_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statements_have_purposes),
        cmocka_unit_test(definitions_are_what_they_do),
        cmocka_unit_test(changes_reach_through_other_names),
        cmocka_unit_test(words_are_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
