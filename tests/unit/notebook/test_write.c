/* What a %%writefile cell writes, as far as its line tells. */
#include "nb_test.h"

#include "notebook/ipython.h"

static const struct {
    const char *cell, *path, *text;
    bool append;
    unsigned line; /* of the cell, on which the text begins */
} cases[] = {
    {"%%writefile a.py\nx = 1\n\n%y",    "a.py",      "x = 1\n\n%y\n", false, 2},
    {"# a note\n%%file a.py\nx",         "a.py",      "x\n",           false, 3},
    {"%%writefile -a ./sub/../a.py\nx",  "a.py",      "x\n",           true,  2},
    {"%%writefile --append \"a.py\"\nx", "a.py",      "x\n",           true,  2},
    {"%%writefile sub/a.txt",            "sub/a.txt", "",              false, 0},
    {"%%writefile\nx",                   NULL,        "",              false, 0},
    {"%%writefile -a\nx",                NULL,        "",              false, 0},
    {"%%writefile ../a.py\nx",           NULL,        "",              false, 0},
    {"%%writefile /tmp/a.py\nx",         NULL,        "",              false, 0},
    {"%%writefile ~/a.py\nx",            NULL,        "",              false, 0},
    {"%%writefile {name}.py\nx",         NULL,        "",              false, 0},
    {"%%writefile $name\nx",             NULL,        "",              false, 0},
    {"%%writefile a.py b.py\nx",         NULL,        "",              false, 0},
    {"%%writefile .\nx",                 NULL,        "",              false, 0},
    {"x = 1\n%%writefile a.py",          NULL,        "",              false, 0},
};

static void tells_the_file(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        for (int kept = 0; kept < 2; kept++) {
            NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
            nb_ipython_options options = {0};
            options.policies.writefile = kept ? NB_WRITEFILE_EXPORT : NB_WRITEFILE_DROP;
            print_message("case %zu: %s\n", i, cases[i].cell);
            nb_python_cell got = nb_ipython_to_python(&arena, nb_str_from(cases[i].cell), &options);
            assert_int_equal(got.written.count, cases[i].path ? 1 : 0);
            if (!cases[i].path)
                continue;
            assert_str(got.written.at[0].path, cases[i].path);
            assert_str(got.written.at[0].text, cases[i].text);
            assert_int_equal(got.written.at[0].append, cases[i].append);
            assert_int_equal(got.written.at[0].line, cases[i].line);
            assert_int_equal(got.written.at[0].kept, kept);
            assert_int_equal(got.findings.at[got.findings.count - 1].severity,
                             kept ? NB_SEVERITY_INFO : NB_SEVERITY_WARNING);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(tells_the_file)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
