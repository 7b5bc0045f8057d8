/* NB007 and NB008: what the numbers beside the cells tell. */
#include "rule_cases.h"

static void test_order(void **state)
{
    (void)state;
    static const rule_case cases[] = {
        {"%% [1] train\nx = 1\n%% [2] train\nprint(x)",                         ""           },
        {"%% [2] train\nx = 1\n%% [1] train\nprint(x)",                         "warning 2:1"},
        {"%% [2] train\nx = 1\n%% [1] train\nx = 2\nprint(x)",                  "info 2:1"   },
        {"%% [2] train\nx = 1\n%% [1] train\ny = 2",                            "info 2:1"   },
        {"%% [9] train\nimport os\n%% [1] train\nprint(os)",                    "info 2:1"   },
        {"%% [2] train\nx = 1\n%% [1]\nprint(x)",                               ""           },
        {"%% [2]\nx = 1\n%% [1] train\nprint(3)",                               ""           },
        {"%% [2] train\nx = 1\n%% train\nprint(x)",                             ""           },
        {"%% [1] train\nx = 1\n%% [3] train\nprint(x)\n%% [2] train\nx = 2",    "warning 2:1"},
        {"%% [2] train\nx = 1\n%% [1] train\nx = 2\n%% [3] train\nprint(x)",    "warning 3:1"},
        {"%% [5] train\ndef f():\n    pass\n%% [3] train\nf()",                 "warning 2:1"},
        {"%% [5] train\nx = 1\n%% [3] train\nfor x in 'ab':\n    print(x)",     "info 2:1"   },
        {"%% [4] train\nx = 1\n%% [3] train\nprint(x)\n%% [2] train\nprint(x)", "warning 2:1"},
        {"%% [2] train\nx = 1\n%% [1] skip\nprint(x)",                          ""           },
    };
    test_rule(NB_D_OUT_OF_ORDER, cases, NB_LEN(cases));
}

static void test_counts(void **state)
{
    (void)state;
    static const rule_case cases[] = {
        {"%% [1] train\nx = 1\n%% [1] train\ny = 1",    "info 2:1"   },
        {"%% [1] train\nx = 1\n%% [1] train\nprint(x)", "warning 2:1"},
        {"%% [1] train\nx = 1\n%% [1]\nprint(x)",       ""           },
        {"%% train\nx = 1\n%% train\nprint(x)",         ""           },
        {"%% [1] train\n%env A=1\nx = 1",               ""           },
    };
    test_rule(NB_D_DUPLICATE_COUNT, cases, NB_LEN(cases));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
