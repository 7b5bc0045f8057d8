#include "nb_test.h"

#include "notebook/policies.h"

static const struct {
    const char *name, *value;
    bool takes;
    nb_policies then;
} cases[] = {
    {"shell",     "subprocess", true,  {.shell = NB_SHELL_SUBPROCESS}    },
    {"shell",     "drop",       true,  {.shell = NB_SHELL_DROP}          },
    {"shell",     "comment",    true,  {0}                               },
    {"shell",     "chdir",      false, {0}                               },
    {"shell",     "",           false, {0}                               },
    {"timeit",    "drop",       true,  {.timeit = NB_TIMEIT_DROP}        },
    {"timeit",    "unwrap",     true,  {0}                               },
    {"cd",        "chdir",      true,  {.cd = NB_CD_CHDIR}               },
    {"cd",        "Chdir",      false, {0}                               },
    {"writefile", "export",     true,  {.writefile = NB_WRITEFILE_EXPORT}},
    {"writefile", "drop",       true,  {0}                               },
    {"run",       "inline",     true,  {.run = NB_RUN_INLINE}            },
    {"run",       "comment",    true,  {0}                               },
};

static void words_set_policies(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        nb_policies policies = {0};
        const nb_policy_row *row = nb_policy_find(nb_str_from(cases[i].name));
        print_message("case %zu: %s=%s\n", i, cases[i].name, cases[i].value);
        assert_non_null(row);
        assert_int_equal(nb_policy_set(&policies, row, nb_str_from(cases[i].value)),
                         cases[i].takes);
        assert_memory_equal(&policies, &cases[i].then, sizeof(policies));
    }
}

static void other_words_are_no_policies(void **state)
{
    (void)state;
    assert_null(nb_policy_find(NB_STR("display")));
    assert_null(nb_policy_find(NB_STR("")));
    assert_null(nb_policy_find(NB_STR("shell ")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_set_policies),
        cmocka_unit_test(other_words_are_no_policies),
    };
    return cmocka_run_group_tests_name("notebook/policies", tests, NULL, NULL);
}
