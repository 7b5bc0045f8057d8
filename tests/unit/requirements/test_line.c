#include "nb_test.h"

#include "requirements/line.h"

static const struct {
    const char *line;
    nb_asked_kind kind;
    const char *normal, *extras, *specifier, *marker;
} cases[] = {
    {"",                                              NB_ASKED_NOTHING, "",         "",                   "",                             ""                      },
    {"   # only words",                               NB_ASKED_NOTHING, "",         "",                   "",                             ""                      },
    {"numpy",                                         NB_ASKED_PROJECT, "numpy",    "",                   "",                             ""                      },
    {"  Py_YAML == 6.0  # why",                       NB_ASKED_PROJECT, "py-yaml",  "",                   "== 6.0",                       ""                      },
    {"torch==2.1.0+cu118",                            NB_ASKED_PROJECT, "torch",    "",                   "==2.1.0+cu118",                ""                      },
    {"a>=1,<2,!=1.5.*",                               NB_ASKED_PROJECT, "a",        "",                   ">=1,<2,!=1.5.*",               ""                      },
    {"a (>=1, <2)",                                   NB_ASKED_PROJECT, "a",        "",                   "(>=1, <2)",                    ""                      },
    {"a~=1.4.2",                                      NB_ASKED_PROJECT, "a",        "",                   "~=1.4.2",                      ""                      },
    {"a===legacy",                                    NB_ASKED_PROJECT, "a",        "",                   "===legacy",                    ""                      },
    {"uvicorn[standard]",                             NB_ASKED_PROJECT, "uvicorn",  "standard",           "",                             ""                      },
    {"dask [array, diagnostics] >= 2",                NB_ASKED_PROJECT, "dask",     "array, diagnostics", ">= 2",                         ""                      },
    {"x[]",                                           NB_ASKED_PROJECT, "x",        "",                   "",                             ""                      },
    {"tf; python_version < '3.9'",                    NB_ASKED_PROJECT, "tf",       "",                   "",                             "python_version < '3.9'"},
    {"a==1;sys_platform=='linux'",                    NB_ASKED_PROJECT, "a",        "",                   "==1",                          "sys_platform=='linux'" },
    {"pip@https://host/pip.whl",                      NB_ASKED_PROJECT, "pip",      "",                   "@https://host/pip.whl",        ""                      },
    {"a @ git+https://host/a.git@v1 ; os_name=='nt'", NB_ASKED_PROJECT, "a",        "",
     "@ git+https://host/a.git@v1",                                                                                                       "os_name=='nt'"         },
    {"a[x] @ https://host/a.whl",                     NB_ASKED_PROJECT, "a",        "x",                  "@ https://host/a.whl",         ""                      },
    {"a==1 --hash=sha256:00",                         NB_ASKED_PROJECT, "a",        "",                   "==1",                          ""                      },
    {"git+https://github.com/openai/CLIP.git",        NB_ASKED_ADDRESS, "clip",     "",
     "git+https://github.com/openai/CLIP.git",                                                                                            ""                      },
    {"git+https://host/x.git@main#egg=My_Pkg[z]",     NB_ASKED_ADDRESS, "my-pkg",   "",
     "git+https://host/x.git@main#egg=My_Pkg[z]",                                                                                         ""                      },
    {"https://host/torch-2.1-cp311-none-any.whl",     NB_ASKED_ADDRESS, "torch",    "",
     "https://host/torch-2.1-cp311-none-any.whl",                                                                                         ""                      },
    {"https://host/x/some-pkg-1.0.tar.gz?a=b",        NB_ASKED_ADDRESS, "some-pkg", "",
     "https://host/x/some-pkg-1.0.tar.gz?a=b",                                                                                            ""                      },
    {"./pkg",                                         NB_ASKED_ADDRESS, "pkg",      "",                   "./pkg",                        ""                      },
    {".",                                             NB_ASKED_ADDRESS, "",         "",                   ".",                            ""                      },
    {"/",                                             NB_ASKED_ADDRESS, "",         "",                   "/",                            ""                      },
    {"../lib/",                                       NB_ASKED_ADDRESS, "lib",      "",                   "../lib/",                      ""                      },
    {"dir/pkg",                                       NB_ASKED_ADDRESS, "pkg",      "",                   "dir/pkg",                      ""                      },
    {"x-1.0-py3-none-any.whl",                        NB_ASKED_ADDRESS, "x",        "",                   "x-1.0-py3-none-any.whl",       ""                      },
    {"file:///tmp/x.whl",                             NB_ASKED_ADDRESS, "x-whl",    "",                   "file:///tmp/x.whl",            ""                      },
    {"--pre",                                         NB_ASKED_OPTION,  "",         "",                   "",                             ""                      },
    {"--index-url https://host/simple",               NB_ASKED_OPTION,  "",         "",                   "",                             ""                      },
    {"-e git+https://host/x.git#egg=x",               NB_ASKED_OPTION,  "x",        "",                   "git+https://host/x.git#egg=x",
     ""                                                                                                                                                           },
    {"--editable=.",                                  NB_ASKED_OPTION,  "",         "",                   ".",                            ""                      },
    {"-r requirements.txt",                           NB_ASKED_FILE,    "",         "",                   "",                             ""                      },
    {"-rrequirements.txt",                            NB_ASKED_FILE,    "",         "",                   "",                             ""                      },
    {"--requirement=a b.txt",                         NB_ASKED_FILE,    "",         "",                   "",                             ""                      },
    {"--require-hashes",                              NB_ASKED_OPTION,  "",         "",                   "",                             ""                      },
    {"-c c.txt",                                      NB_ASKED_FILE,    "",         "",                   "",                             ""                      },
    {"-",                                             NB_ASKED_OPTION,  "",         "",                   "",                             ""                      },
};

static void takes_lines_apart(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        print_message("case %zu: %s\n", i, cases[i].line);
        nb_asked_parts parts = nb_asked_parse(&arena, nb_str_from(cases[i].line));
        assert_int_equal(parts.kind, cases[i].kind);
        assert_str(parts.normal, cases[i].normal);
        assert_str(parts.extras, cases[i].extras);
        assert_str(parts.specifier, cases[i].specifier);
        assert_str(parts.marker, cases[i].marker);
    }
}

static void refuses_what_pip_refuses(void **state)
{
    (void)state;
    static const char *const lines[] = {"pandas=1.0",
                                        "numpy scipy",
                                        "import os",
                                        "a==",
                                        "a>=1,",
                                        "==1",
                                        "a[",
                                        "a[b",
                                        "a[b c]",
                                        "a @ here",
                                        "_x",
                                        "a-",
                                        "print('hi')",
                                        "a==1 \\",
                                        "a\001",
                                        "[x]",
                                        "a >",
                                        "a==1 2",
                                        "<html>",
                                        "%pip install",
                                        "{{ name }}",
                                        "a[b]]",
                                        "numpy>=1.0 or 2"};
    for (size_t i = 0; i < NB_LEN(lines); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        print_message("case %zu: %s\n", i, lines[i]);
        nb_asked_parts parts = nb_asked_parse(&arena, nb_str_from(lines[i]));
        assert_int_equal(parts.kind, NB_ASKED_WRONG);
        assert_non_null(parts.wrong);
    }
}

static void knows_paths_of_this_machine(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        bool local;
    } paths[] = {
        {"./pkg",               true },
        {"/x/y.whl",            true },
        {"-e .",                true },
        {"file:///x.whl",       true },
        {"a @ file:///x",       true },
        {"git+https://h/x.git", false},
        {"https://h/x.whl",     false},
        {"numpy",               false},
        {"-e git+https://h/x",  false},
        {"-r a.txt",            true },
        {"-r https://h/a.txt",  false}
    };
    for (size_t i = 0; i < NB_LEN(paths); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        print_message("case %zu: %s\n", i, paths[i].line);
        nb_asked_parts parts = nb_asked_parse(&arena, nb_str_from(paths[i].line));
        assert_int_equal(parts.local, paths[i].local);
    }
}

static void sees_passwords(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool secret;
    } texts[] = {
        {"git+https://me:word@host/x.git",              true },
        {"--index-url https://me:word@host/simple",     true },
        {"--index-url https://me:${TOKEN}@host/simple", false},
        {"git+https://${USER}:${TOKEN}@host/x.git",     false},
        {"git+ssh://git@host/x.git",                    false},
        {"https://host/x@1:2",                          false},
        {"https://host:8080/x",                         false},
        {"https://user@host",                           false},
        {"numpy",                                       false},
        {"://",                                         false},
        {"",                                            false}
    };
    for (size_t i = 0; i < NB_LEN(texts); i++) {
        print_message("case %zu: %s\n", i, texts[i].text);
        assert_int_equal(nb_has_password(nb_str_from(texts[i].text)), texts[i].secret);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_lines_apart),
        cmocka_unit_test(refuses_what_pip_refuses),
        cmocka_unit_test(knows_paths_of_this_machine),
        cmocka_unit_test(sees_passwords),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
