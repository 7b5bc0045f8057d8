#include "nb_test.h"

#include "base/buf.h"
#include "py/names.h"

/* The rules in full, against symtable: tests/py/test_symtable.py. */
static const struct {
    const char *text,
        *uses; /* =bind, read, >read later, >=bind later, -delete; "?" conditional, "~" guarded */
} cases[] = {
    {"x = y",                                                        "y =x"        },
    {"import a.b, c as d",                                           "=a =d"       },
    {"x += 1\ndel x",                                                "x? =x x? -x" },
    {"if a: b = c",                                                  "a c =b?"     },
    {"@d\ndef f(a=b): return c + a",                                 "d b =f >c"   },
    {"def f():\n    global x\n    x = y",                            "=f >y >=x"   },
    {"class A(b):\n    c = d\n    e = c\n    def f(self): return c", "b d >c =A"   },
    {"[x for x in y if z]",                                          "y z"         },
    {"[w := x for x in y]",                                          "y =w?"       },
    {"try: x\nexcept NameError: pass",                               "x~ NameError"},
    {"f'{x:{y}}'",                                                   "x y"         },
    {"df.query('a > @limit')",                                       "limit~ df"   },
    {"x: y = z",                                                     "z =x y"      },
    {"def f():\n    x: y = z",                                       "=f >z"       },
};

static void tells_uses_in_order(void **state)
{
    (void)state;
    static const char *const signs[] = {"=", "", ">", ">=", "-"};
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
        const nb_py_tree *tree = nb_py_parse(&arena, nb_str_from(cases[i].text), NULL);
        nb_uses uses = nb_py_uses(&arena, tree, tree->module, false);
        for (size_t j = 0; j < uses.list.count; j++) {
            const nb_use *use = &uses.list.at[j];
            nb_buf_printf(&out, "%s%s" NB_STR_FMT "%s%s", j ? " " : "", signs[use->kind],
                          NB_STR_ARG(use->name), use->conditional ? "?" : "",
                          use->guarded ? "~" : "");
        }
        assert_str(nb_buf_view(&out), cases[i].uses);
    }
}

static void knows_what_cannot_be_seen(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    static const struct {
        const char *text;
        bool star, dynamic;
    } texts[] = {
        {"from a import *",     true,  false},
        {"eval('x')",           false, true },
        {"globals()['x']",      false, true },
        {"locals()",            false, true },
        {"def f(): locals()",   false, false},
        {"model.eval()",        false, false},
        {"def eval(): eval()",  false, true },
        {"def f(eval): eval()", false, false},
    };
    for (size_t i = 0; i < NB_LEN(texts); i++) {
        print_message("case %s\n", texts[i].text);
        const nb_py_tree *tree = nb_py_parse(&arena, nb_str_from(texts[i].text), NULL);
        nb_uses uses = nb_py_uses(&arena, tree, tree->module, false);
        assert_int_equal(uses.star_import, texts[i].star);
        assert_int_equal(uses.dynamic, texts[i].dynamic);
    }
}

static void knows_builtins_and_keywords(void **state)
{
    (void)state;
    static const char *const builtins[] = {"print",
                                           "ArithmeticError",
                                           "zip",
                                           "__name__",
                                           "__file__",
                                           "aiter",
                                           "BaseExceptionGroup",
                                           "PythonFinalizationError",
                                           "EncodingWarning",
                                           "super",
                                           "_IncompleteInputError"};
    static const char *const others[] = {"display", "numpy", "", "a", "zzz", "Print", "unicode"};
    static const char *const keywords[] = {"False", "None", "True",    "and",      "async",
                                           "await", "def",  "finally", "nonlocal", "or",
                                           "yield", "with", "while"};
    static const char *const names[] = {"match", "case", "type", "_",    "print",    "exec",
                                        "",      "i",    "ifs",  "true", "nonlocale"};
    for (size_t i = 0; i < NB_LEN(builtins); i++)
        assert_true(nb_py_is_builtin(nb_str_from(builtins[i])));
    for (size_t i = 0; i < NB_LEN(others); i++)
        assert_false(nb_py_is_builtin(nb_str_from(others[i])));
    for (size_t i = 0; i < NB_LEN(keywords); i++)
        assert_true(nb_py_is_keyword(nb_str_from(keywords[i])));
    for (size_t i = 0; i < NB_LEN(names); i++)
        assert_false(nb_py_is_keyword(nb_str_from(names[i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_uses_in_order),
        cmocka_unit_test(knows_what_cannot_be_seen),
        cmocka_unit_test(knows_builtins_and_keywords),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
