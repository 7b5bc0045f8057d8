#include "nb_test.h"

#include "base/buf.h"
#include "notebook/ipython.h"

/* Rules and their cases: tests/data/magics-own.json. Here: what a caller in C relies on. */

static const nb_ipython_options plain = {0};

static void every_line_knows_where_it_came_from(void **state)
{
    (void)state;
    static const uint32_t lines[] = {1, 3, 4, 4, 5, 6}, dedents[] = {2, 2, 2, 2, 8, 2};
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_python_cell cell = nb_ipython_to_python(&arena,
                                               NB_STR("  import os\n"
                                                      "  %matplotlib inline\n"
                                                      "  if os:\n"
                                                      "      !ls\n"
                                                      "  %time x = f(\n"
                                                      "      1)\n"),
                                               &plain);
    assert_str(cell.text,
               "import os\nif os:\n    # notebooked: removed !ls\n    pass\nx = f(\n    1)");
    assert_int_equal(cell.line_count, NB_LEN(lines));
    for (size_t i = 0; i < NB_LEN(lines); i++) {
        assert_int_equal(cell.line[i], lines[i]);
        assert_int_equal(cell.dedent[i], dedents[i]);
    }
}

static void findings_count_characters(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_python_cell cell =
        nb_ipython_to_python(&arena, NB_STR("\n\t größe, x = !grün 日本"), &plain);
    assert_int_equal(cell.findings.count, 3);
    const nb_ipython_finding *shell = &cell.findings.at[0], *name = &cell.findings.at[1];
    assert_int_equal(shell->code, NB_D_SHELL_REMOVED);
    assert_int_equal(shell->line, 2);
    assert_int_equal(shell->column, 14);
    assert_int_equal(shell->length, 8);
    assert_int_equal(name->code, NB_D_ASSIGNED_NAME_REMOVED);
    assert_str(name->name, "größe");
    assert_int_equal(name->column, 3);
    assert_int_equal(name->length, 5);
}

static void an_empty_cell_has_no_lines(void **state)
{
    (void)state;
    static const char *const cells[] = {"",          "\n", "  \n\t\n", "%ls", "\xEF\xBB\xBF",
                                        "%%html\nx", "x?"};
    for (size_t i = 0; i < NB_LEN(cells); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        nb_python_cell cell = nb_ipython_to_python(&arena, nb_str_from(cells[i]), &plain);
        assert_str(cell.text, "");
        assert_int_equal(cell.line_count, 0);
    }
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    assert_int_equal(nb_ipython_to_python(&arena, (nb_str){0}, &plain).line_count, 0);
}

/* --- names ------------------------------------------------------------------------------------ */

static const struct {
    const char *cell, *names;
} name_cases[] = {
    {"x = y = 1",                                                                            "x y"          },
    {"a, (b, *c), d.e, f[g], h().i = j",                                                     "a b c"        },
    {"[a, b] = c",                                                                           "a b"          },
    {"x: int = 1\ny: str",                                                                   "x"            },
    {"x += 1; y //= 2\nz <= 3\nw == 4",                                                      "x y"          },
    {"if a: b = 1\nelse: c = 2",                                                             "b c"          },
    {"(n := 3), f(m := 4)",                                                                  "n m"          },
    {"import a.b.c, d as e, f.g as h",                                                       "a e h"        },
    {"from m.n import a, b as c\nfrom . import (d,\n e as f)",                               "a c d f"      },
    {"from m import *",                                                                      "*"            },
    {"from IPython.display import *",                                                        "* display"    },
    {"def f(a, b: int = 1, *c, d=e, **g): h = 1",                                            "f a b c d g h"},
    {"class K(B):\n    x = 1",                                                               "K x"          },
    {"f = lambda a, b=1, *c: a",                                                             "f a b c"      },
    {"for i, (j, k) in z: pass\n[l for l in m if n]",                                        "i j k l"      },
    {"with a as b, c as (d, e), f() as g.h: pass",                                           "b d e"        },
    {"try: pass\nexcept E as e: pass",                                                       "e"            },
    {"f(x=1, y=2)\nd = {z: 1}",                                                              "d"            },
    {"x == 1\ny != 2\nz >= 3",                                                               ""             },
    {"a.b = 1\nc[d] = 2",                                                                    ""             },
    {"x = !ls\na, b = %foo",                                                                 "x a b"        },
    {"%%time\nx = 1",                                                                        "x"            },
    {"%%capture out\ny = 1",                                                                 "y out"        },
    {"%%bash\nz=1",                                                                          ""             },
    {"%time x = 1\n%timeit y = 2",                                                           "x"            },
    {"%env A=1\n!b=2",                                                                       ""             },
    {"get_ipython().run_cell_magic('time', '', 'x = 1')\ny = get_ipython().getoutput('ls')", "x y"          },
    {"s = '''\nx = 1\n'''",                                                                  "s"            },
};

static void cells_bind_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_LEN(name_cases); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        NB_AUTO(nb_buf) names = NB_BUF_INIT(4096);
        nb_map set = NB_MAP_INIT;
        nb_ipython_bound_names(&arena, nb_str_from(name_cases[i].cell), &set);
        for (size_t k = 0; k < set.count; k++)
            nb_buf_printf(&names, "%s" NB_STR_FMT, k ? " " : "", NB_STR_ARG(set.rows[k].key));
        assert_str(nb_buf_view(&names), name_cases[i].names);
    }
}

/* --- size ------------------------------------------------------------------------------------- */

/* A quarter of a megabyte of each takes a fraction of a second; anything quadratic would take many minutes. */
static const char *const patterns[] = {
    "%time ",
    "%timeit -n ",
    "%%time\n",
    "%%capture\n#\n",
    "%ls\n",
    "!ls\n",
    "!a \\\n",
    "x = !ls\n",
    "x,",
    "x = %time ",
    "if x:\n !ls\n",
    "if x:\n",
    "!pip install a>=1,<2 {x} $y 'b'\n",
    "!pip install \\\n",
    " a>",
    "!pip install {",
    "!pip install $(",
    "!pip install `",
    "--key ",
    "!--key=a ",
    "!://a:",
    "%env A={",
    "%env A={x}$y\n",
    "%env A=$$",
    "'",
    "\\'",
    "f'{",
    "f'''{'",
    "(",
    "[\n",
    "x?\n",
    "?",
    "get_ipython().magic('time x')\n",
    "get_ipython().run_cell_magic('time','','%%time')\n",
    "get_ipython().magic(\"get_ipython().magic('",
    "display(",
    "display(x);",
    "lambda ",
    "for ",
    "as ",
    "import a.",
    "await ",
    "a;",
    "a:",
    ">>> ",
    "In [1]: ",
    "\r",
    "\t",
    "\f",
    "/f ",
    "\xC3\xA9",
    "%",
    "{}",
    "=",
    "x=\\\n!",
};

static void repeat(nb_buf *cell, size_t size, const char *front, const char *pattern)
{
    nb_buf_clear(cell);
    nb_buf_putz(cell, front);
    while (cell->len < size)
        nb_buf_putz(cell, pattern);
}

static void quarter_megabytes_of_one_pattern_are_converted(void **state)
{
    (void)state;
    enum { SIZE = 1 << 18 };
    static const char *const fronts[] = {"", "!pip install ", "x = 1\n", "%env A=x"};
    static const nb_ipython_options subprocess = {.policies = {.shell = NB_SHELL_SUBPROCESS}};
    NB_AUTO(nb_buf) cell = NB_BUF_INIT(NB_BUF_TEXT);
    for (size_t i = 0; i < NB_LEN(patterns); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        nb_map names = NB_MAP_INIT;
        repeat(&cell, SIZE, fronts[i % NB_LEN(fronts)], patterns[i]);
        nb_python_cell out =
            nb_ipython_to_python(&arena, nb_buf_view(&cell), i % 2 ? &plain : &subprocess);
        size_t lines = out.text.len > 0;
        for (size_t k = 0; k < out.text.len; k++)
            lines += out.text.at[k] == '\n';
        assert_int_equal(lines, out.line_count);
        repeat(&cell, SIZE, "", patterns[i]);
        nb_ipython_bound_names(&arena, nb_buf_view(&cell), &names);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_line_knows_where_it_came_from),
        cmocka_unit_test(findings_count_characters),
        cmocka_unit_test(an_empty_cell_has_no_lines),
        cmocka_unit_test(cells_bind_names),
        cmocka_unit_test(quarter_megabytes_of_one_pattern_are_converted),
    };
    return cmocka_run_group_tests_name("notebook/ipython", tests, NULL, NULL);
}
