#include "nb_test.h"

#include "base/buf.h"
#include "py/lines.h"

/* --- tokens ----------------------------------------------------------------------------------- */

/* The tokens of a text's first line, separated by blanks, a letter for the kind before each: "N:x O:= S:'a'". */
static nb_str dump(nb_arena *arena, nb_str text)
{
    static const char letters[] = {'N', '#', 'S', 'O', 'C', 'E'};
    nb_py_lines lines;
    nb_py_line line;
    nb_buf out = NB_BUF_INIT(1 << 20);
    nb_py_lines_open(&lines, arena, text);
    if (nb_py_lines_next(&lines, &line))
        for (size_t i = 0; i < line.count; i++)
            nb_buf_printf(&out, "%s%c:" NB_STR_FMT, i ? " " : "", letters[line.tokens[i].kind],
                          NB_STR_ARG(nb_py_token_text(text, &line.tokens[i])));
    nb_str dumped = nb_arena_str(arena, nb_buf_view(&out));
    nb_buf_release(&out);
    return dumped;
}

static const struct {
    const char *text, *tokens;
} token_cases[] = {
    {"x = 1",                                          "N:x O:= #:1"                                     },
    {"  a.b [0]",                                      "N:a O:. N:b O:[ #:0 O:]"                         },
    {"größe+π",                                     "N:größe O:+ N:π"                              },
    {"a!=b%=c//d/=e:=f->g**=h",
     "N:a O:!= N:b O:%= N:c O:// N:d O:/= N:e O::= N:f O:-> N:g O:**= N:h"                               },
    {"a<<=b>>=c//=d...",                               "N:a O:<<= N:b O:>>= N:c O://= N:d O:..."         },
    {"a<>b==c<=d>=e@=f",                               "N:a O:<> N:b O:== N:c O:<= N:d O:>= N:e O:@= N:f"},
    {"x?? !y $z",                                      "N:x O:? O:? O:! N:y O:$ N:z"                     },
    {"1e-3+0xE-1.5j*.5_0",                             "#:1e-3 O:+ #:0xE O:- #:1.5j O:* #:.5_0"          },
    {"1.real",                                         "#:1.real"                                        }, /* as loose as numbers may be: nobody asks */
    {"a # b 'c",                                       "N:a C:# b 'c"                                    },
    {"'it''s' \"a\\\"b\"",                             "S:'it' S:'s' S:\"a\\\"b\""                       },
    {"rb'a\\'b' Br'' u\"\" fR'{x}' T'{y}' rt'' bu'z'",
     "S:rb'a\\'b' S:Br'' S:u\"\" S:fR'{x}' S:T'{y}' S:rt'' N:bu S:'z'"                                   },
    {"x'y'",                                           "N:x S:'y'"                                       },
    {"'''a\n'b'\n''' + 1",                             "S:'''a\n'b'\n''' O:+ #:1"                        },
    {"\"\"\"a\\\"\"\" b\"\"\"",                        "S:\"\"\"a\\\"\"\" b\"\"\""                       },
    {"'''''' ''",                                      "S:'''''' S:''"                                   },
    {"'abc",                                           "E:' N:abc"                                       },
    {"b'abc + \"d\"",                                  "N:b E:' N:abc O:+ S:\"d\""                       },
    {"'a\\\nb' c",                                     "S:'a\\\nb' N:c"                                  },
    {"f'{d['a']}'",                                    "S:f'{d['a']}'"                                   },
    {"f'{{' + x",                                      "S:f'{{' O:+ N:x"                                 },
    {"f'{' + x",                                       "S:f'{' O:+ N:x"                                  },
    {"f'{)}' + x",                                     "S:f'{)}' O:+ N:x"                                },
    {"f'{x!r:>{w}.{p}}' y",                            "S:f'{x!r:>{w}.{p}}' N:y"                         },
    {"f'{x:%H:%M}' y",                                 "S:f'{x:%H:%M}' N:y"                              },
    {"f'{x:'} y'",                                     "S:f'{x:' O:} N:y E:'"                            },
    {"f'{f'{f'{x}'}'}' y",                             "S:f'{f'{f'{x}'}'}' N:y"                          },
    {"f'{(lambda a: {'k': a})(1)}' y",                 "S:f'{(lambda a: {'k': a})(1)}' N:y"              },
    {"f'{x # }' y",                                    "S:f'{x # }' N:y"                                 },
    {"f'''{x # '''\n}''' y",                           "S:f'''{x # '''\n}''' N:y"                        },
    {"f'''{\nx['a']\n}''' y",                          "S:f'''{\nx['a']\n}''' N:y"                       },
    {"f'''{x '''",                                     "S:f'''{x '''"                                    },
    {"'{x' y",                                         "S:'{x' N:y"                                      },
    {"a \\\n b \\ c",                                  "N:a N:b E:\\ N:c"                                },
    {"a\001b",                                         "N:a E:\001 N:b"                                  },
};

static void cuts_tokens(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_LEN(token_cases); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        assert_str(dump(&arena, nb_str_from(token_cases[i].text)), token_cases[i].tokens);
    }
}

/* --- lines ------------------------------------------------------------------------------------ */

/* Kinds and texts of all lines: "code[x = (\n1)] blank[] note[# c]"; '!' marks one that is not terminated. */
static nb_str dump_lines(nb_arena *arena, nb_str text)
{
    static const char *const names[] = {"blank", "note", "code"};
    nb_py_lines lines;
    nb_py_line line;
    nb_buf out = NB_BUF_INIT(1 << 20);
    nb_py_lines_open(&lines, arena, text);
    while (nb_py_lines_next(&lines, &line)) {
        nb_buf_printf(&out, "%s%s%s[" NB_STR_FMT "]", out.len ? " " : "", names[line.kind],
                      line.unterminated ? "!" : "",
                      NB_STR_ARG(nb_str_slice(text, line.start, line.end)));
        if (line.escape) {
            nb_buf_printf(&out, "@%u", line.escape);
            lines.at = (uint32_t)text.len;
        }
    }
    nb_str dumped = nb_arena_str(arena, nb_buf_view(&out));
    nb_buf_release(&out);
    return dumped;
}

static const struct {
    const char *text, *lines;
} line_cases[] = {
    {"a\nb",                   "code[a] code[b]"                            },
    {"a\n\n  \n\f\nb\n",       "code[a] blank[] blank[  ] blank[\f] code[b]"},
    {"# x\n  # y\na # z",      "note[# x] note[  # y] code[a # z]"          },
    {"x = (1,\n  # c\n 2)\ny", "code[x = (1,\n  # c\n 2)] code[y]"          },
    {"x = 1 + \\\n 2\ny",      "code[x = 1 + \\\n 2] code[y]"               },
    {"x = '''\n(\n'''\ny",     "code[x = '''\n(\n'''] code[y]"              },
    {"x = '(\ny",              "code![x = '(\ny]"                           }, /* the quote is an error, so the bracket counts */
    {"x)\n(y\n]\nz",           "code[x)] code[(y\n]] code[z]"               }, /* any closing bracket closes */
    {"x = [\ny",               "code![x = [\ny]"                            },
    {"x = '''\ny",             "code![x = '''\ny]"                          },
    {"x = !ls",                "code[x = ]@4"                               },
    {"x =   %time f()",        "code[x =   ]@6"                             },
    {"x = \\\n  !ls",          "code[x = \\\n  ]@8"                         },
    {"x, y[a=1] = !ls",        "code[x, y[a=1] = ]@12"                      },
    {"x: int = %pwd",          "code[x: int = ]@9"                          },
    {"x = y = !ls",            "code[x = y = !ls]"                          },
    {"f(x=!ls)",               "code[f(x=!ls)]"                             },
    {"x += !ls",               "code[x += !ls]"                             },
    {"x = != y",               "code[x = != y]"                             },
    {"x = % y",                "code[x = % y]"                              },
    {"x == !y",                "code[x == !y]"                              },
};

static void cuts_logical_lines(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_LEN(line_cases); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        assert_str(dump_lines(&arena, nb_str_from(line_cases[i].text)), line_cases[i].lines);
    }
}

static void depths_are_those_outside_a_bracket(void **state)
{
    (void)state;
    static const uint32_t depths[] = {0, 0, 1, 1, 2, 1, 0, 0};
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_py_lines lines;
    nb_py_line line;
    nb_py_lines_open(&lines, &arena, NB_STR("f(x[1]) + y # z"));
    assert_true(nb_py_lines_next(&lines, &line));
    assert_int_equal(line.count, 10);
    assert_int_equal(nb_py_line_code_count(&line), 9);
    for (size_t i = 0; i < NB_LEN(depths); i++)
        assert_int_equal(line.tokens[i].depth, depths[i]);
}

static void says_what_is_never_closed(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_py_lines lines;
    nb_py_line line;
    nb_py_lines_open(&lines, &arena, NB_STR("ok\na = [1, (2"));
    assert_true(nb_py_lines_next(&lines, &line) && !line.unterminated);
    assert_true(nb_py_lines_next(&lines, &line) && line.unterminated);
    assert_int_equal(line.open, 7);
    assert_false(nb_py_lines_next(&lines, &line));
}

static void lexing_starts_where_the_caller_says(void **state)
{
    (void)state;
    nb_str text = NB_STR("!echo don't\nx = 'a'");
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_py_lines lines;
    nb_py_line line;
    nb_py_lines_open(&lines, &arena, text);
    lines.at = 12;
    assert_true(nb_py_lines_next(&lines, &line));
    assert_int_equal(line.count, 3);
    assert_int_equal(line.tokens[2].kind, NB_PY_TOKEN_STRING);
}

/* --- pathological text ------------------------------------------------------------------------ */

/* A quadratic step would take hours here; so would a recursion that follows the text overflow the stack. */
static void megabytes_of_one_pattern_are_cut(void **state)
{
    (void)state;
    static const char *const patterns[] = {
        "(",   ")",      "'",       "\"",    "\\'",  "'\\", "f'{",   "f\"{f'{",    "f'{x",
        "{",   "f'''{'", "'''\\",   "f'{:{", "\\\n", "=",   "#",     "rb'",        "f'{{' ",
        "[\n", "x=\\\n", "f'{(}' ", "0e+",   ".",    "\"'", "f'{'{", "f'''{f'''{",
    };
    enum { SIZE = 1 << 20 };
    char *bytes = malloc(SIZE);
    for (size_t i = 0; i < NB_LEN(patterns); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        size_t len = strlen(patterns[i]);
        for (size_t k = 0; k < SIZE; k++)
            bytes[k] = patterns[i][k % len];
        nb_py_lines lines;
        nb_py_line line;
        nb_py_lines_open(&lines, &arena, (nb_str){bytes, SIZE});
        while (nb_py_lines_next(&lines, &line))
            if (line.escape)
                lines.at++;
        assert_true(lines.at >= SIZE);
    }
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cuts_tokens),
        cmocka_unit_test(cuts_logical_lines),
        cmocka_unit_test(depths_are_those_outside_a_bracket),
        cmocka_unit_test(says_what_is_never_closed),
        cmocka_unit_test(lexing_starts_where_the_caller_says),
        cmocka_unit_test(megabytes_of_one_pattern_are_cut),
    };
    return cmocka_run_group_tests_name("py/lines", tests, NULL, NULL);
}
