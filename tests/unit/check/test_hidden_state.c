/* NB303 beyond the graph: deleted names, and functions called too early. NB602 for names that a platform provides. */
#include "rule_cases.h"

static void test_order(void **state)
{
    (void)state;
    static const rule_case cases[] = {
        {"%% train\nx = 1\ndel x\nprint(x)",                                                          "error 1:3"},
        {"%% train\nx = 1\n%% train\ndel x\n%% train\ny = x + 1\nz = x",                              "error 3:1"},
        {"%% train\nx = 1\ndel x\nfor i in range(3):\n    print(x)",                                  "error 1:4"},
        {"%% train\ndef f():\n    return x\nf()\nx = print(1)",                                       "error 1:3"},
        {"%% train\ndef f():\n    for i in range(3):\n        print(x)\nf()\n%% train\nx = print(1)",
         "error 1:4"                                                                                             },
        {"%% train\ny = 1\n%%\nx = 1\n%% train\nprint(x)",                                            ""         },
        {"%% train\nx = 1\ndel x\nx = 2\nprint(x)",                                                   ""         },
        {"%% train\nx = 1\nif x:\n    del x\nprint(x)",                                               ""         },
        {"%% train\nx = 1\ndel x\nif 0:\n    print(x)",                                               ""         },
        {"%% train\nx = 1\ndel x\ntry:\n    print(x)\nexcept NameError:\n    pass",                   ""         },
        {"%% train\nx = 1\n%%\ndel x\n%% train\nprint(x)",                                            ""         },
        {"%% train\nx = [1]\ndel x[0]\nprint(x)",                                                     ""         },
        {"%% train\ndef f():\n    return x\nx = print(1)\nf()",                                       ""         },
        {"%% train\ndef f(a):\n    if a:\n        return x\nf(0)\nx = print(1)",                      ""         },
        {"%% train\ndef f(a):\n    if not a:\n        return\n    print(x)\nf(0)\nx = print(1)",
         ""                                                                                                      },
        {"%% train\ndef f():\n    return X\nf()\nX = 3",                                              ""         },
        {"%% train\ndef f():\n    return os\nf()\nimport os",                                         ""         },
        {"%% train\ndef f():\n    return lambda: x\nf()\nx = print(1)",                               ""         },
        {"%% train\ndef f():\n    x = 1\n    return x\nf()\nx = print(1)",                            ""         },
    };
    test_rule(NB_D_READ_BEFORE_BOUND, cases, NB_LEN(cases));
}

static void test_platform_names(void **state)
{
    (void)state;
    static const rule_case cases[] = {
        {"%% train\ndf = spark.read.csv('x')",            "error 1:1"},
        {"%% train\ndbutils.fs.ls('/')",                  "error 1:1"},
        {"%% train\nprint(Out[3])",                       "error 1:1"},
        {"%% train\nprint(_12)",                          "error 1:1"},
        {"%% train\nspark = make()\nspark.read.csv('x')", ""         },
        {"%%\nspark = make()\n%% train\nspark.read('x')", ""         },
        {"%% train\nfor _ in range(3):\n    print(_)",    ""         },
        {"%%\ndbutils.fs.ls('/')\n%% train\nprint(1)",    ""         },
    };
    test_rule(NB_D_PLATFORM_MODULE, cases, NB_LEN(cases));
}

/* What is said about cells that are no Python. */
static void test_syntax_help(void **state)
{
    (void)state;
    static const struct {
        const char *cells, *help;
    } cases[] = {
        {"%% train\nKEY = <YOUR-KEY>",        "replace the placeholder '<YOUR-KEY>' by a value"  },
        {"%% train\nf(a, <your project id>)",
         "replace the placeholder '<your project id>' by a value"                                },
        {"%% train\nx = [PROJECT ID]",        "replace the placeholder '[PROJECT ID]' by a value"},
        {"%% train\nx = # YOUR CODE HERE",
         "write the value that is left open here, or leave the cell untagged"                    },
        {"%% train\nprint 'a'",
         "write print(…): this is Python 2, and 2to3 translates whole notebooks"               },
        {"%% train\nx = 1 +",                 ""                                                 },
        {"%% train\nif a < b > :\n    pass",  ""                                                 },
    };
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        test_rules t = {0};
        test_rules_ask(&t, cases[i].cells);
        assert_str(test_rules_first(&t, NB_D_SYNTAX_ERROR)->help, cases[i].help);
        nb_arena_release(&t.arena);
    }
}

static void test_bound_below_in_an_untagged_cell(void **state)
{
    (void)state;
    test_rules t = {0};
    test_rules_ask(&t, "%% train\nprint(x)\n%%\nx = 1");
    assert_str(
        test_rules_first(&t, NB_D_MISSING_NAME)->help,
        "cell 2, untagged, binds it, but below: move that cell above cell 1 and tag it 'preprocess'");
    nb_arena_release(&t.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_platform_names),
        cmocka_unit_test(test_syntax_help),
        cmocka_unit_test(test_bound_below_in_an_untagged_cell),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
