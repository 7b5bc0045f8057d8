/* What is proposed for cells, and why; and how cells with several sections are split. */
#include "notebook.h"

#include "graph/graph.h"
#include "graph/propose.h"
#include "graph/split.h"

#define IMPORTS                                                                                  \
    "%%\nimport pandas as pd\nimport matplotlib.pyplot as plt\n"                                 \
    "from sklearn.linear_model import Ridge\nfrom sklearn.preprocessing import StandardScaler\n" \
    "from sklearn.model_selection import train_test_split\n"
#define DATA "%%\ndf = pd.read_csv('a.csv')\nX, y = df[['a']], df.b\n"
#define FIT  "%%\nclf = Ridge(alpha=1)\nclf.fit(X, y)\n"

typedef struct propose_case {
    const char *cells;
    const char *sections; /* of all cells */
    unsigned cell;        /* the one whose reason is looked at */
    const char *reason;
} propose_case;

static const propose_case cases[] = {
    {IMPORTS DATA FIT,                                                                                                    "imports preprocess train",                        3, "makes 'clf', fits 'clf'"           },
    {IMPORTS DATA FIT "%%\nprint(clf.score(X, y))",                                                                       "imports preprocess train train",                  4,
     "measures the model"                                                                                                                                                                                           },
    {IMPORTS DATA "%%\ndf.head()\n" FIT,                                                                                  "imports preprocess - train",                      3, "only shows values"                 },
    {IMPORTS DATA "%%\nplt.hist(df.a)\nplt.show()\n" FIT,                                                                 "imports preprocess - train",                      3,
     "only draws"                                                                                                                                                                                                   },
 /* what is changed in place before the fit is needed, through other names as well */
    {IMPORTS DATA "%%\nX['c'] = 1\n" FIT,                                                                                 "imports preprocess preprocess train",             3,
     "prepares data"                                                                                                                                                                                                },
    {IMPORTS DATA
     "%%\nboth = [X, y]\n%%\nfor part in both:\n    part.fillna(0, inplace=True)\n" FIT,
     "imports preprocess preprocess preprocess train",                                                                                                                       3, "prepares 'both'"                   },
    {IMPORTS DATA FIT "%%\nX['c'] = 1",                                                                                   "imports preprocess train -",                      4,
     "nothing that trains needs it"                                                                                                                                                                                 },
 /* values and helpers stand where they are read */
    {IMPORTS "%%\nALPHA = 0.5\nSEED = 1\n" DATA
             "%%\nclf = Ridge(alpha=ALPHA, random_state=SEED)\nclf.fit(X, y)",                                       "imports parameters preprocess train",             2, "hyperparameters"                   },
    {IMPORTS "%%\nfolder = 'x'\n%%\nX = pd.read_csv(folder)\ny = X.b\n" FIT,
     "imports preprocess preprocess train",                                                                                                                                  2, "binds 'folder', which cell 3 reads"},
    {IMPORTS "%%\ndef double(v):\n    return 2 * v\n" DATA "%%\nX = double(X)\n" FIT
             "%%\np = double(clf.predict(X))",                                                                       "imports utils preprocess preprocess train train", 2, "defines double"                    },
    {IMPORTS "%%\ndef load_data():\n    return pd.read_csv('a'), 1\n%%\nX, y = load_data()\n" FIT,
     "imports preprocess preprocess train",                                                                                                                                  2, "defines load_data"                 },
    {IMPORTS "%%\nclass Net(Ridge):\n    def predict(self, X):\n        return X\n" DATA
             "%%\nclf = Net()\nclf.fit(X, y)",                                                                       "imports model preprocess train",                  2, "defines class Net"                 },
 /* the same experiment with other settings */
    {IMPORTS DATA FIT "%%\nclf = Ridge(alpha=2)\nclf.fit(X, y)\n%%\nclf.score(X, y)",
     "imports preprocess train - -",                                                                                                                                         4, "fits again with other settings"    },
    {IMPORTS DATA FIT
     "%%\nclf = Ridge(alpha=2)\nclf.fit(X, y)\n%%\nimport joblib\njoblib.dump(clf, 'm')",                            "imports preprocess train train -",                4, "makes 'clf', fits 'clf'"           },
    {IMPORTS DATA FIT "%%\nX = X * 2\n%%\nclf = Ridge(alpha=2)\nclf.fit(X, y)",
     "imports preprocess train preprocess train",                                                                                                                            5, "makes 'clf', fits 'clf'"           },
    {IMPORTS DATA FIT "%%\nother = Ridge(alpha=2)\nother.fit(X, y)",
     "imports preprocess train train",                                                                                                                                       4, "makes 'other', fits 'other'"       },
 /* jobs in one cell */
    {IMPORTS "%%\ndf = pd.read_csv('a')\nX, y = df[['a']], df.b\nclf = Ridge()\nclf.fit(X, y)",
     "imports preprocess+train",                                                                                                                                             2, "loads 'df', fits 'clf'"            },
    {IMPORTS DATA "%%\nZ = X * 2\nclf = Ridge()\nclf.fit(Z, y)",                                                          "imports preprocess train",                        3,
     "makes 'clf', fits 'clf'"                                                                                                                                                                                      },
 /* prediction */
    {IMPORTS DATA FIT "%%\ndef predict(rows):\n    return clf.predict(rows)",
     "imports preprocess train inference",                                                                                                                                   4, "defines predict"                   },
    {IMPORTS DATA FIT
     "%%\ndef predict(rows):\n    return clf.predict(rows)\n%%\np = predict(X)\nprint('accuracy', (p == y).mean())",
     "imports preprocess train train+inference train",                                                                                                                       4, "defines predict"                   },
    {IMPORTS DATA FIT "%%\nprint(clf.predict([[1, 2]]))",                                                                 "imports preprocess train inference",              4,
     "asks the model about new samples"                                                                                                                                                                             },
 /* cells that stay out */
    {IMPORTS DATA FIT "%%\nname = input()",                                                                               "imports preprocess train -",                      4, "waits for a person"                },
    {IMPORTS DATA FIT "%%\ndf.to_csv('out.csv')",                                                                         "imports preprocess train -",                      4,
     "writes a file that nothing reads"                                                                                                                                                                             },
    {IMPORTS DATA FIT "%%\nx = = 1",                                                                                      "imports preprocess train -",                      4,
     "cannot be read: invalid syntax"                                                                                                                                                                               },
    {IMPORTS DATA FIT "%%\nprint(never_bound.score(X, y))",                                                               "imports preprocess train -",                      4,
     "reads names that nothing above binds"                                                                                                                                                                         },
    {IMPORTS "%%\n!wget http://x.y/z\n" DATA FIT,                                                                         "imports - preprocess train",                      2,
     "downloads with a shell command: not convertible"                                                                                                                                                              },
    {"%%\n%pip install pandas\n" IMPORTS DATA FIT,                                                                        "requirements imports preprocess train",           1,
     "installs packages"                                                                                                                                                                                            },
    {IMPORTS "%%\n" DATA FIT,                                                                                             "imports - preprocess train",                      2, "empty"                             },
 /* seeds, settings, imports of their own */
    {IMPORTS "%%\nimport numpy as np\nnp.random.seed(1)\n" DATA FIT,
     "imports imports preprocess train",                                                                                                                                     2, "imports, sets the seed"            },
    {IMPORTS "%%\nimport os\nplt.plot([1])\n" DATA FIT,                                                                   "imports - preprocess train",                      2,
     "only draws"                                                                                                                                                                                                   },
 /* tags of people stay, and what they need is proposed */
    {IMPORTS DATA "%% train\nclf = Ridge()\nclf.fit(X, y)\n%%\nclf.score(X, y)",
     "imports preprocess train -",                                                                                                                                           2, "loads 'df', prepares 'X'"          },
    {IMPORTS DATA "%% skip\nclf = Ridge()\n" FIT,                                                                         "imports preprocess skip train",                   3, "tagged"                            },
 /* nothing trains: definitions and data */
    {"%%\nimport pandas as pd\n%%\ndf = pd.read_csv('a')\n%%\ndf.head()\n%%\ndef f(a):\n    return a",
     "imports preprocess - utils",                                                                                                                                           4, "defines f"                         },
 /* an entry point brings what it would be passed */
    {IMPORTS
     "%%\nX = pd.read_csv('a')\ny = X.b\n%%\ndef train(X, y):\n    m = Ridge()\n    m.fit(X, y)\n    return m",
     "imports preprocess train",                                                                                                                                             3, "defines train"                     },
};

static void cells_get_sections_and_reasons(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        test_notebook t = {0};
        nb_str sections = NB_STR(""), reason = NB_STR("");
        test_notebook_open(&t, cases[i].cells);
        nb_proposals got = nb_propose(t.source);
        for (size_t k = 0; k < got.list.count; k++) {
            nb_str one = test_sections(&t.arena, got.list.at[k].sections);
            sections = nb_arena_printf(&t.arena, NB_STR_FMT "%s" NB_STR_FMT, NB_STR_ARG(sections),
                                       k ? " " : "", NB_STR_ARG(one));
            if (got.list.at[k].cell->cell->number == cases[i].cell)
                reason = got.list.at[k].reason;
        }
        print_message("%s\n", cases[i].cells);
        assert_str(sections, cases[i].sections);
        assert_str(reason, cases[i].reason);
        nb_arena_release(&t.arena);
    }
}

static void proposals_change_nothing(void **state)
{
    (void)state;
    test_notebook t = {0};
    test_notebook_open(&t, IMPORTS DATA FIT);
    size_t before = t.diags.list.count;
    (void)nb_propose(t.source);
    nb_proposals again = nb_propose(t.source);
    assert_int_equal(again.list.count, 3);
    assert_int_equal(t.diags.list.count, before);
    for (size_t i = 0; i < t.source->cell_count; i++)
        assert_int_equal(t.source->cells[i].sections, 0);
    nb_arena_release(&t.arena);
}

/* --- cells with several sections ----------------------------------------------------------------- */

typedef struct split_case {
    const char *cells;
    const char *sections; /* of the statements of the last cell */
    const char *told;     /* NB110; empty when nothing is told */
} split_case;

static void cells_are_split_into_statements(void **state)
{
    (void)state;
    static const split_case splits[] = {
        {IMPORTS
         "%% preprocess train\ndf = pd.read_csv('a')\nk = 2\nX, y = df[['a']] * k, df.b\nclf = Ridge()\nclf.fit(X, y)",
         "preprocess preprocess preprocess train train",                                                                                                                           "this cell is split: lines 1-3 preprocess, 4-5 train"         },
        {IMPORTS
         "%% preprocess train\ndf = pd.read_csv('a')\nprint(df.shape)\nclf = Ridge().fit(df, df.b)",                                            "preprocess train train", "this cell is split: lines 1 preprocess, 2-3 train"           },
        {IMPORTS DATA
         "%% preprocess train\nclf = Ridge().fit(X, y)\nX['p'] = clf.predict(X)\nZ = X.dropna()",                                               "train train train",
         "this cell stays whole in train.py: this line prepares data with what line 2 trains"                                                                                                                                                    },
        {IMPORTS
         "%% model train\nclass Net(Ridge):\n    def fit(self, X):\n        pass\nnet = Net()\nnet.fit(1)",
         "model model train",                                                                                                                                                      ""                                                            },
        {IMPORTS DATA
         "%% train inference\nsc = StandardScaler().fit(X)\nclf = Ridge().fit(X, y)\ndef predict(r):\n    return clf.predict(sc.transform(r))",
         "train train train+inference",                                                                                                                                            "this cell is split: lines 1-2 train, 3-4 train and inference"},
        {IMPORTS "%% train\ndf = pd.read_csv('a')\nclf = Ridge().fit(df, df.b)",                                                                         "train train",            ""                                                            },
    };
    for (size_t i = 0; i < NB_LEN(splits); i++) {
        test_notebook t = {0};
        nb_str sections = NB_STR(""), told = NB_STR("");
        test_notebook_open(&t, splits[i].cells);
        nb_split_cells(t.source);
        const nb_source_cell *last = &t.source->cells[t.source->cell_count - 1];
        for (size_t k = 0; k < t.source->statement_count; k++) {
            const nb_statement *s = &t.source->statements[k];
            nb_str one = test_sections(&t.arena, nb_statement_sections(s));
            if (s->cell == last)
                sections =
                    nb_arena_printf(&t.arena, NB_STR_FMT "%s" NB_STR_FMT, NB_STR_ARG(sections),
                                    sections.len ? " " : "", NB_STR_ARG(one));
        }
        for (size_t k = 0; k < t.diags.list.count; k++)
            if (t.diags.list.at[k].code == NB_D_CELL_SPLIT)
                told = t.diags.list.at[k].message;
        print_message("%s\n", splits[i].cells);
        assert_str(sections, splits[i].sections);
        assert_str(told, splits[i].told);
        nb_arena_release(&t.arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_get_sections_and_reasons),
        cmocka_unit_test(proposals_change_nothing),
        cmocka_unit_test(cells_are_split_into_statements),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
