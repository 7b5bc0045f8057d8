/* NB412: files that are read and not there. The cases run in the folder of the sources, where LICENSE is. */
#include "rule_cases.h"

#define PANDAS "import pandas as pd\n"

static void test_missing(void **state)
{
    (void)state;
    static const rule_case cases[] = {
        {"%% train\n" PANDAS "pd.read_csv('no.csv')",                                            "warning 1:2"},
        {"%% train\n" PANDAS "name = 'no.csv'\npd.read_csv(name)",                               "warning 1:2"},
        {"%% train\n" PANDAS "pd.read_csv('in/no.csv')\npd.read_csv('in/none.csv')",             "warning 1:2"},
        {"%% train\nwith open('no.txt') as f:\n    pass",                                        "warning 1:1"},
        {"%% train\nopen('no.bin', 'rb')",                                                       "warning 1:1"},
        {"%%\n" PANDAS "df = 1\ndf.to_csv('no.csv')\n%% train\n" PANDAS "pd.read_csv('no.csv')",
         "warning 2:2"                                                                                        },
        {"%% train\nopen('LICENSE')",                                                            ""           },
        {"%% train\nopen('./src/main.c')",                                                       ""           },
        {"%% train\nopen('no.txt', 'w')",                                                        ""           },
        {"%% train\nopen('no.txt', 'a+')",                                                       ""           },
        {"%% train\n" PANDAS "df = 1\ndf.to_csv('no.csv')\npd.read_csv('no.csv')",               ""           },
        {"%% train\nimport torch\nP = 'no.pt'\ntorch.save(1, P)\ntorch.load(P)",                 ""           },
        {"%% train\nmake('data')\n" PANDAS "pd.read_csv('data/no.csv')",                         ""           },
        {"%% train\n" PANDAS "pd.read_csv('https://h/no.csv')",                                  ""           },
        {"%% train\n" PANDAS "pd.read_csv('/data/no.csv')",                                      ""           },
        {"%%\n!wget https://h/no.csv\n%% train\n" PANDAS "pd.read_csv('no.csv')",                ""           },
        {"%%\n!echo abc > no.txt\n%% train\nopen('no.txt')",                                     ""           },
        {"%% train\n!unzip all.zip\nopen('no.txt')",                                             ""           },
        {"%% train\nimport os\nos.chdir('x')\nopen('no.txt')",                                   ""           },
        {"%% train\nimport os\nif os.path.exists('no.txt'):\n    open('no.txt')",                ""           },
        {"%% train\ntry:\n    open('no.txt')\nexcept OSError:\n    pass",                        ""           },
        {"%% train\ndef f():\n    open('no.txt')",                                               ""           },
        {"%%\nopen('no.txt')\n%% train\nprint(1)",                                               ""           },
        {"%% train\nn = 1\nopen(f'no{n}.txt')",                                                  ""           },
        {"%% train\nimport sys\nopen(sys.argv[1])",                                              ""           },
    };
    test_rule(NB_D_MISSING_FILE, cases, NB_LEN(cases));
}

static void test_words(void **state)
{
    (void)state;
    test_rules t = {0};
    test_rules_ask(&t, "%% train\n" PANDAS
                       "pd.read_csv('../input/t/a.csv')\npd.read_csv('../input/t/b.csv')");
    const nb_diag *diag = test_rules_first(&t, NB_D_MISSING_FILE);
    assert_str(diag->message,
               "'../input/t/a.csv' is read, but it is not there (and 1 more in its folder)");
    assert_str(diag->help, "download the Kaggle data set and name its folder with 'data_path'");
    nb_arena_release(&t.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_missing),
        cmocka_unit_test(test_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
