/* Which statement is an import, a definition or an action, and what is missing or out of order. */
#include "cells.h"

#include "gen/unpicklable.h"

typedef struct role_case {
    const char *cells;
    const char *
        roles; /* a letter a statement of train.py: Import, Setup, Definition, Action, dropped (-) */
    const char *findings;
} role_case;

static nb_str roles_of(test_cells *t)
{
    static const char letters[] = {[NB_ROLE_IMPORT] = 'I',
                                   [NB_ROLE_SETUP] = 'S',
                                   [NB_ROLE_DEFINITION] = 'D',
                                   [NB_ROLE_ACTION] = 'A',
                                   [NB_ROLE_DROPPED] = '-'};
    nb_str roles = NB_STR("");
    for (size_t i = 0; i < t->graph->train.count; i++)
        roles = nb_arena_printf(&t->arena, NB_STR_FMT "%c", NB_STR_ARG(roles),
                                letters[t->graph->train.at[i]->role]);
    return roles;
}

static void check_roles(const role_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        test_cells t = {0};
        test_cells_open(&t, cases[i].cells);
        print_message("%s\n", cases[i].cells);
        assert_str(roles_of(&t), cases[i].roles);
        assert_str(test_findings(&t), cases[i].findings);
        nb_arena_release(&t.arena);
    }
}

static void test_roles(void **state)
{
    (void)state;
    static const role_case cases[] = {
        {"%% train\nimport os\nx = 1\nprint(x)",                                      "IAA",  ""},
        {"%% train\nLIMIT = 3\nprint(LIMIT)",                                         "DA",   ""},
        {"%% train\nLIMIT = 3\nLIMIT = 4",                                            "AA",   ""},
        {"%% train\ndef f(a=1):\n    return a\nf()",                                  "DA",   ""},
        {"%% train\nsize = len('abc')\ndef f(a=size):\n    return a\nf()",            "DDA",  ""},
        {"%% train\nsize = open('x')\ndef f(a=size):\n    return a\nf()",             "AAA",  ""},
        {"%% train\ndef f(): pass\ndef f(): pass",                                    "AA",   ""},
        {"%% train\nclass A: pass\nclass B(A): pass\nB()",                            "DDA",  ""},
        {"%% train\nbase = make = print\nclass B(base): pass",                        "AA",   ""},
        {"%% train\ndouble = lambda x: 2 * x\ndouble(1)",                             "DA",   ""},
        {"%% train\nSEEN = []\nSEEN.append(1)",                                       "AA",   ""},
        {"%% train\nSEEN = {}\nSEEN['a'] = 1",                                        "AA",   ""},
        {"%% train\ntry:\n    import a\nexcept ImportError:\n    a = None\na",        "IA",   ""},
        {"%% train\ngpu = input()\nif gpu:\n    import cupy\ncupy",                   "AAA",  ""},
        {"%% train\nimport os\nos.environ['A'] = '1'\nimport tensorflow\ntensorflow", "ISIA", ""},
        {"%% train\nif __name__ == '__main__':\n    x = 1\n    print(x)",             "AA",   ""},
    };
    check_roles(cases, NB_LEN(cases));
}

static void test_missing(void **state)
{
    (void)state;
    static const role_case cases[] = {
        {"%% train\nprint(x)",                                         "A",   "NB302"},
        {"%%\nx = 1\n%% train\nprint(x)",                              "A",   "NB302"},
        {"%% train\nprint(x)\n%% train\nx = 1",                        "AA",  "NB303"},
        {"%% train\ndef f():\n    return x\n%% train\nx = f\nf()",     "DDA", ""     },
        {"%% train\n[y for y in range(3)]\nprint((lambda z: z)(1))",   "AA",  ""     },
        {"%% train\nif (n := 3) > 2:\n    print(n)",                   "A",   ""     },
        {"%% train\nfirst, *rest = [1, 2]\nprint(first, rest)",        "AA",  ""     },
        {"%% train\nmatch 3:\n    case [a, *b]:\n        print(a, b)", "A",   ""     },
        {"%% train\nfrom math import *\nprint(sin(1))",                "IA",  ""     },
    };
    check_roles(cases, NB_LEN(cases));
}

static void test_guards_are_told(void **state)
{
    (void)state;
    test_cells t = {0};
    test_cells_open(&t, "%% train\nif __name__ == '__main__':\n    x = 1\nelse:\n    x = 2\n%%\n"
                        "if __name__ == '__main__':\n    y = 1");
    assert_int_equal(test_count(&t, NB_D_GUARD_INLINED), 1);
    nb_arena_release(&t.arena);
}

static void test_lambdas_in_estimators(void **state)
{
    (void)state;
    static const struct {
        const char *cells;
        size_t count;
    } cases[] = {
        {"%% train\nt = FunctionTransformer(lambda v: v)",                                  1},
        {"%% train\nt = p.FunctionTransformer(func=lambda v: v, inverse_func=lambda v: v)", 2},
        {"%% train\ng = lambda v: v\nt = Pipeline([('a', TfidfVectorizer(tokenizer=g))])",  1},
        {"%% train\ndef g(v): return v\nt = FunctionTransformer(g)",                        0},
        {"%% train\nx = sorted(y, key=lambda v: v)",                                        0},
        {"%%\nt = FunctionTransformer(lambda v: v)\n%% train\npass",                        0},
    };
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        test_cells t = {0};
        test_cells_open(&t, cases[i].cells);
        nb_unpicklable_report(t.graph);
        assert_int_equal(test_count(&t, NB_D_UNPICKLABLE), cases[i].count);
        nb_arena_release(&t.arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_roles), cmocka_unit_test(test_missing),
                                       cmocka_unit_test(test_guards_are_told),
                                       cmocka_unit_test(test_lambdas_in_estimators)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
