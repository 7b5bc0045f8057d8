/* What inference.py needs: state, the model's names, what stands at module level and what waits for the state. */
#include "cells.h"

typedef struct infer_case {
    const char *cells;
    const char *state, *models, *main_names;
} infer_case;

static nb_str joined(nb_arena *arena, const nb_str *names, size_t count)
{
    nb_str all = NB_STR("");
    for (size_t i = 0; i < count; i++)
        all = nb_arena_printf(arena, NB_STR_FMT "%s" NB_STR_FMT, NB_STR_ARG(all), i ? " " : "",
                              NB_STR_ARG(names[i]));
    return all;
}

#define FITTED "%% imports\nimport sk\n%% train\nX = sk.load()\nm = sk.Model()\nm.fit(X)\n"

static void test_closure(void **state)
{
    (void)state;
    static const infer_case cases[] = {
        {FITTED "%% inference\ndef predict(d):\n    return m.predict(d)",                                                                        "",     "m",     ""         },
        {FITTED "s = sk.Scaler()\n%% inference\ndef predict(d):\n    return m.predict(s.go(d))",
         "s",                                                                                                                                            "m",     ""         },
        {FITTED
         "s = sk.Scaler()\n%% utils\ndef go(d):\n    return s.go(d)\n%% inference\ndef predict(d):\n    return m.predict(go(d))",
         "s",                                                                                                                                            "m",     "go"       },
        {FITTED
         "%% inference\nother = joblib.load('m')\ndef predict(d):\n    return other.predict(d)\n%% imports\nimport joblib",
         "",                                                                                                                                             "other", ""         },
        {FITTED
         "%% inference\nnet = sk.Net()\nnet.load_state_dict(sk.load('m'))\nnet.eval()\ndef predict(d):\n    return net(d)",
         "",                                                                                                                                             "net",   ""         },
        {FITTED
         "%% utils\nseen = {}\ndef note(f):\n    seen[f] = 1\n    return f\n@note\ndef used(d):\n    return d\n"
         "%% inference\ndef predict(d):\n    return m.predict(seen, d)",                                                                "seen", "m",     "note used"},
        {FITTED
         "%% utils\ndef tell(v):\n    global last\n    last = v\n%% train\ntell(1)\n%% inference\ndef predict(d):\n    return m, last",
         "last",                                                                                                                                         "m",     "tell"     },
        {FITTED
         "%% model\nclass A:\n    pass\nclass B(A):\n    pass\n%% train\nb = B()\n%% inference\ndef predict(d):\n    return m, b",
         "b",                                                                                                                                            "m",     "A B"      },
    };
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        test_cells t = {0};
        test_cells_open(&t, cases[i].cells);
        nb_findings found = nb_find(t.graph, nb_sites_find(t.graph), t.params, &t.experiment);
        nb_inference got = nb_infer(t.graph, t.params, &found);
        print_message("%s\n", cases[i].cells);
        assert_str(joined(&t.arena, got.state.at, got.state.count), cases[i].state);
        assert_str(joined(&t.arena, got.model_names.at, got.model_names.count), cases[i].models);
        assert_str(joined(&t.arena, got.main_names.at, got.main_names.count), cases[i].main_names);
        nb_arena_release(&t.arena);
    }
}

#define SERVED \
    "%% train\nimport sk\nX = sk.load()\nvec = sk.V()\nclf = sk.Model()\nclf.fit(X)\n%% inference\n"

typedef struct call_case {
    const char *cells, *call, *state, *finding;
} call_case;

static void parameters_are_bound_by_name(void **state)
{
    (void)state;
    static const call_case cases[] = {
        {SERVED "def predict(anything): pass",                                              "predict(data)",               "",    ""     },
        {SERVED "def predict(model, rows): pass",                                           "predict(model, data)",        "",    ""     },
        {SERVED "def predict(rows, clf): pass",                                             "predict(data, model)",        "",    ""     },
        {SERVED "def predict(what, thing): pass",                                           "",                            "",    "NB508"},
        {SERVED "def predict(rows, thing): pass",                                           "predict(data, model)",        "",    ""     },
        {SERVED "def predict(clf, net): pass",                                              "predict(model, data)",        "",    ""     },
        {SERVED "def predict_x(review, classifier, vec): pass",                             "predict_x(data, model, vec)",
         "vec",                                                                                                                   ""     },
        {SERVED "def predict_x(vec, review): pass",                                         "predict_x(vec, data)",        "vec", ""     },
        {SERVED "def predict(review, *, clf, vec, top=3): pass",
         "predict(data, clf=model, vec=vec)",                                                                              "vec", ""     },
 /* who is asked for rows sends them: those of training are no state */
        {SERVED "def predict(model, X): pass",                                              "predict(model, data)",        "",    ""     },
        {SERVED "y = X\n%% train\ny = 1\n%% inference\ndef predict(model, X, y): pass",     "",                            "",
         "NB508"                                                                                                                         },
        {SERVED "def predict(review, clf, unheard): pass",                                  "",                            "",    "NB508"},
 /* imports are there anyway, and a handler of the notebook's own is called by itself */
        {SERVED "def predict(review, clf, sk): pass",                                       "",                            "",    "NB508"},
        {SERVED "def predict_fn(data, model): pass\ndef predict_x(review, clf, vec): pass", "",                            "",
         ""                                                                                                                              },
    };
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        test_cells t = {0};
        test_cells_open(&t, cases[i].cells);
        nb_findings found = nb_find(t.graph, nb_sites_find(t.graph), t.params, &t.experiment);
        nb_inference got = nb_infer(t.graph, t.params, &found);
        print_message("%s\n", cases[i].cells);
        assert_str(got.predict_call, cases[i].call);
        assert_str(joined(&t.arena, got.state.at, got.state.count), cases[i].state);
        assert_int_equal(test_count(&t, NB_D_HANDLER_SIGNATURE), cases[i].finding[0] != '\0');
        nb_arena_release(&t.arena);
    }
}

/* Nobody said of a proposed cell that it serves. */
static void statements_of_proposed_cells_are_a_note(void **state)
{
    (void)state;
    for (int proposed = 0; proposed < 2; proposed++) {
        test_cells t = {0};
        test_cells_open(&t, FITTED "%% inference\nm.predict([1])");
        nb_findings found = nb_find(t.graph, nb_sites_find(t.graph), t.params, &t.experiment);
        for (size_t i = 0; i < t.source->cell_count; i++)
            t.source->cells[i].proposed = proposed;
        (void)nb_infer(t.graph, t.params, &found);
        assert_int_equal(test_count(&t, NB_D_INFERENCE_STATEMENT), 1);
        assert_str(test_findings(&t), proposed ? "" : "NB506");
        nb_arena_release(&t.arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_closure),
                                       cmocka_unit_test(parameters_are_bound_by_name),
                                       cmocka_unit_test(statements_of_proposed_cells_are_a_note)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
