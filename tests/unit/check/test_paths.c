/* NB409: paths that one machine has, and all that only looks like one. */
#include "rule_cases.h"

static void test_found(void **state)
{
    (void)state;
    static const rule_case cases[] = {
        {"%% train\nopen('/home/me/x.csv')",                                         "warning 1:1"},
        {"%% train\nimport pandas as pd\npd.read_csv('C:\\\\Users\\\\me\\\\x.csv')", "warning 1:2"},
        {"%% train\nimport pandas as pd\npd.read_csv('D:/data/x.csv')",              "warning 1:2"},
        {"%% train\nimport pandas as pd\npd.read_csv('/data/x.csv')",                "warning 1:2"},
        {"%% train\nfrom pandas import read_csv as r\nr('/data/x.csv')",             "warning 1:2"},
        {"%% train\nimport os\nos.path.expanduser('~/data')",                        "warning 1:2"},
        {"%% train\nfrom pathlib import Path\nPath('/content/drive/MyDrive') / 'x'", "warning 1:2"},
        {"%% train\nx = '/kaggle/input/titanic/train.csv'",                          "warning 1:1"},
        {"%% train\nfiles = ['/dbfs/a.csv', '/dbfs/b.csv']",                         "warning 1:1"},
        {"%% train\nname = '/data/x'\nopen(name)",                                   "warning 1:1"},
        {"%% train\nname = '/data/'\nopen(name + 'a.csv')",                          "warning 1:1"},
        {"%% train\nn = 1\nopen(f'/data/{n}.csv')",                                  "warning 1:2"},
        {"%% train\nout_dir = '/results/run'",                                       "warning 1:1"},
        {"%% train\ndef load(path='/data/x'):\n    pass\nload()",                    "warning 1:1"},
        {"%% train\ndf = 1\ndf.to_csv('/home/me/a.csv')\nopen('/home/you/b.csv')",
         "warning 1:2 warning 1:3"                                                                },
        {"%% train\nopen('/home/me/a.csv')\nopen('/home/me/b.csv')",                 "warning 1:1"},
    };
    test_rule(NB_D_ABSOLUTE_PATH, cases, NB_LEN(cases));
}

static void test_not_found(void **state)
{
    (void)state;
    static const rule_case cases[] = {
        {"%% train\nopen('x.csv')",                                                       ""},
        {"%% train\nopen('../data/x.csv')",                                               ""},
        {"%% train\nopen('/dev/null')",                                                   ""},
        {"%% train\nopen('/tmp/x', 'w')",                                                 ""},
        {"%%\nopen('/home/me/x.csv')",                                                    ""},
        {"%% train\nimport pandas as pd\npd.read_csv('https://h/home/me/x.csv')",         ""},
        {"%% train\nimport pandas as pd\npd.read_csv('s3://b/x.csv')",                    ""},
        {"%% train\n@app.route('/predict')\ndef f():\n    pass",                          ""},
        {"%% train\nx = '/'\n'a/b'.split('/')",                                           ""},
        {"%% train\nx = '/predict'",                                                      ""},
        {"%% train\nprint('/home/me/x.csv')",                                             ""},
        {"%% train\n'''/home/me/x'''",                                                    ""},
        {"%% train\nimport os\nif os.path.exists('/kaggle'):\n    p = '/kaggle/input/x'", ""},
        {"%% train\nIN_COLAB = 1\np = '/content/drive/x' if IN_COLAB else 'x'",           ""},
        {"%% train\nimport os\nos.path.join('a', 'b')",                                   ""},
        {"%% train\nif x == '/home/me/x':\n    pass",                                     ""},
        {"%% train\nopen('/tmp/x/home/me')",                                              ""},
        {"%% train\nInput(destination='/opt/ml/processing/input')",                       ""},
        {"%% train\ndata_dir = '/data/x'\nopen(data_dir)",                                ""},
        {"%% train\nDATA = 'ab'\nopen(DATA)",                                             ""},
    };
    test_rule(NB_D_ABSOLUTE_PATH, cases, NB_LEN(cases));
}

static void test_words(void **state)
{
    (void)state;
    test_rules t = {0};
    test_rules_ask(&t, "%% train\nopen('/kaggle/input/a.csv')\nopen('/kaggle/input/b.csv')");
    const nb_diag *diag = test_rules_first(&t, NB_D_ABSOLUTE_PATH);
    assert_str(diag->message,
               "'/kaggle/input/a.csv' exists only on Kaggle (1 more below '/kaggle/input')");
    assert_str(diag->help, "download the data set once and name its folder with 'data_path'");
    nb_arena_release(&t.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_found),
        cmocka_unit_test(test_not_found),
        cmocka_unit_test(test_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
