/* What two models said: the same but for noise, or not. */
#include "nb_test.h"

#include "serve/front/agree.h"

static const struct {
    const char *a, *b;
    bool agrees;
} cases[] = {
    {"",                          "",                        true },
    {"{\"predictions\": [0, 1]}", "{\"predictions\":[0,1]}", true },
    {"[1]",                       "[1.0]",                   true },
    {"[1e2, -0.0]",               "[100, 0]",                true },
    {"[0.30000000000000004]",     "[0.3]",                   true },
    {"[0.333333]",                "[0.33333301]",            true },
    {"[0.3333]",                  "[0.3334]",                false},
    {"[1e-12]",                   "[-1e-12]",                true },
    {"[1000000, 1]",              "[1000000.5, 1]",          true },
    {"[1000000, 1]",              "[1000002, 1]",            false},
    {"[0, 1]",                    "[1, 0]",                  false},
    {"[0, 1]",                    "[0, 1, 2]",               false},
    {"[[0, 1]]",                  "[0, 1]",                  false},
    {"[NaN, Infinity]",           "[NaN,Infinity]",          true },
    {"[NaN]",                     "[0]",                     false},
    {"[null]",                    "[0]",                     false},
    {"[true]",                    "[1]",                     false},
    {"[\"1\"]",                   "[1]",                     false},
    {"[\"1.0\"]",                 "[\"1.00\"]",              false},
    {"[\"a b\"]",                 "[\"ab\"]",                false},
    {"[\"a\\\"1, 2\"]",           "[\"a\\\"1,2\"]",          false},
    {"{\"a\": 1, \"b\": 2}",      "{\"b\": 2, \"a\": 1}",    false},
    {"{\"a\": 1}",                "{\"b\": 1}",              false},
    {"1.0,2\n3,4\n",              "1,2.0\r\n3,4",            true },
    {"1\n2\n",                    "12\n",                    false},
    {"1,2\n",                     "1,3\n",                   false},
    {"setosa",                    "setosa\n",                true },
    {"setosa",                    "virginica",               false},
    {"2024-01-01",                "2024-01-02",              false},
    {"1.2.3",                     "1.2.3.0",                 false},
    {"\"open",                    "\"open",                  true },
    {"\"open\\",                  "\"open",                  false},
    {"-",                         "+",                       false},
};

static void the_same_but_for_noise(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        nb_str a = nb_str_from(cases[i].a), b = nb_str_from(cases[i].b);
        print_message("%s | %s\n", cases[i].a, cases[i].b);
        assert_int_equal(nb_agrees(a, b), cases[i].agrees);
        assert_int_equal(nb_agrees(b, a), cases[i].agrees);
    }
}

static void endless_numbers_are_no_numbers(void **unused)
{
    char a[1000], b[1000];
    (void)unused;
    memset(a, '1', sizeof a);
    memset(b, '1', sizeof b);
    assert_true(nb_agrees((nb_str){a, sizeof a}, (nb_str){b, sizeof b}));
    b[sizeof b - 1] = '2';
    assert_false(nb_agrees((nb_str){a, sizeof a}, (nb_str){b, sizeof b}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_but_for_noise),
        cmocka_unit_test(endless_numbers_are_no_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
