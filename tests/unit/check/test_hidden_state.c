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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
