#include "nb_test.h"

#include "base/buf.h"
#include "py/syntax.h"

static const nb_py_options newest = {.minor = 14};

static const char *const roles[] = {
    [NB_PY_FIELD_NONE] = "",
    [NB_PY_FIELD_TARGET] = "target",
    [NB_PY_FIELD_VALUE] = "value",
    [NB_PY_FIELD_ANNOTATION] = "annotation",
    [NB_PY_FIELD_NAME] = "name",
    [NB_PY_FIELD_BODY] = "body",
    [NB_PY_FIELD_TEST] = "test",
    [NB_PY_FIELD_ORELSE] = "orelse",
    [NB_PY_FIELD_ITER] = "iter",
    [NB_PY_FIELD_FINALBODY] = "finalbody",
    [NB_PY_FIELD_RETURNS] = "returns",
    [NB_PY_FIELD_DECORATOR] = "decorator",
    [NB_PY_FIELD_ARGUMENT] = "argument",
    [NB_PY_FIELD_PARAMETERS] = "parameters",
    [NB_PY_FIELD_FUNC] = "func",
    [NB_PY_FIELD_TYPE_PARAMS] = "type_params",
    [NB_PY_FIELD_LEFT] = "left",
    [NB_PY_FIELD_RIGHT] = "right",
    [NB_PY_FIELD_KEY] = "key",
    [NB_PY_FIELD_ELEMENT] = "element",
    [NB_PY_FIELD_DEFAULT] = "default",
    [NB_PY_FIELD_MODULE] = "module",
    [NB_PY_FIELD_ASNAME] = "asname",
    [NB_PY_FIELD_CAUSE] = "cause",
    [NB_PY_FIELD_MESSAGE] = "message",
    [NB_PY_FIELD_SUBJECT] = "subject",
    [NB_PY_FIELD_PATTERN] = "pattern",
    [NB_PY_FIELD_GUARD] = "guard",
    [NB_PY_FIELD_LOWER] = "lower",
    [NB_PY_FIELD_UPPER] = "upper",
    [NB_PY_FIELD_STEP] = "step",
    [NB_PY_FIELD_INDEX] = "index",
};

/* "role=kind{leaf text}" or "role=kind(children)", with "~" for async, "*" for star and "^" for parentheses after the kind. */
static void dump(nb_buf *out, const nb_py_tree *tree, const nb_py_node *node)
{
    if (node->field != NB_PY_FIELD_NONE)
        nb_buf_printf(out, "%s=", roles[node->field]);
    nb_buf_printf(out, "%s%s%s%s", nb_py_kind_name(node->kind), node->is_async ? "~" : "",
                  node->star ? "*" : "", node->parens ? "^" : "");
    if (node->kind == NB_PY_PARAMETER || node->kind == NB_PY_PATTERN)
        nb_buf_printf(out, "%u", node->param);
    if (!node->child) {
        nb_str text = nb_py_text(tree, node);
        nb_buf_printf(out, "{" NB_STR_FMT "}", NB_STR_ARG(text));
        return;
    }
    nb_buf_putc(out, '(');
    for (const nb_py_node *child = node->child; child; child = child->next) {
        if (child != node->child)
            nb_buf_putc(out, ' ');
        dump(out, tree, child);
    }
    nb_buf_putc(out, ')');
}

static const struct {
    const char *text, *tree;
} shapes[] = {
#include "shapes.inc"
};

static void makes_trees_of_every_kind(void **state)
{
    (void)state;
    bool seen[NB_PY_KIND_COUNT] = {0};
    for (size_t i = 0; i < NB_LEN(shapes); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
        const nb_py_tree *tree = nb_py_parse(&arena, nb_str_from(shapes[i].text), &newest);
        assert_int_equal(tree->errors.count, 0);
        for (const nb_py_node *node = tree->module->child; node; node = node->next) {
            if (node != tree->module->child)
                nb_buf_putc(&out, '\n');
            dump(&out, tree, node);
        }
        assert_str(nb_buf_view(&out), shapes[i].tree);
        for (nb_py_node *node = tree->module; node; node = nb_py_walk(tree->module, node, false))
            seen[node->kind] = true;
    }
    for (size_t kind = 0; kind < NB_PY_KIND_COUNT; kind++) {
        if (!seen[kind])
            print_error("never seen: %s\n", nb_py_kind_name((nb_py_kind)kind));
        assert_true(seen[kind]);
    }
}

/* ---- errors -------------------------------------------------------------------------------------------------------- */

static const struct {
    const char *text;
    unsigned minor, line, start, end;
    const char *message;
    unsigned min_minor;
} errors[] = {
    {"x = 1\nreturn x\n",                         11, 2, 6,  14, "'return' outside function",                                        0 },
    {"if x\n    y\n",                             11, 1, 4,  5,  "expected ':'",                                                     0 },
    {"x = 'abc\ny\n",                             11, 1, 4,  8,  "unterminated string literal (detected at line 1)",                 0 },
    {"x = '''abc\ny\n",                           11, 1, 4,  13,
     "unterminated triple-quoted string literal (detected at line 2)",                                                               0 },
    {"x\n  y\n",                                  11, 2, 2,  4,  "unexpected indent",                                                0 },
    {"if x:\n    y\n  z\n",                       11, 3, 12, 14, "unindent does not match any outer indentation level",
     0                                                                                                                                 },
    {"if x:\n\ty\n        z\n",                   11, 3, 9,  17, "inconsistent use of tabs and spaces in indentation",
     0                                                                                                                                 },
    {"if x:\ny\n",                                11, 2, 6,  7,  "expected an indented block after 'if' statement on line 1",        0 },
    {"def f():\n",                                11, 1, 7,  8,  "expected an indented block after function definition on line 1",
     0                                                                                                                                 },
    {"x = foo(1,\n  2\ny = 3\n",                  11, 1, 7,  8,  "'(' was never closed",                                             0 },
    {"x = [1)\n",                                 11, 1, 6,  7,  "closing parenthesis ')' does not match opening parenthesis '['",   0 },
    {"x = 1)\n",                                  11, 1, 5,  6,  "unmatched ')'",                                                    0 },
    {"print 'x'\n",                               11, 1, 0,  5,  "missing parentheses in call to 'print'; did you mean print(...)?",
     0                                                                                                                                 },
    {"x = a b\n",                                 11, 1, 6,  7,  "invalid syntax",                                                   0 },
    {"f(a b)\n",                                  11, 1, 4,  5,  "invalid syntax; perhaps you forgot a comma?",                      0 },
    {"if x = 1: pass\n",                          11, 1, 5,  6,
     "invalid syntax; maybe you meant '==' or ':=' instead of '='?",                                                                 0 },
    {"f() = 1\n",                                 11, 1, 0,  3,
     "cannot assign to function call here; maybe you meant '==' instead of '='?",                                                    0 },
    {"class = 1\n",                               11, 1, 6,  7,  "invalid syntax",                                                   0 },
    {"def class(): pass\n",                       11, 1, 4,  9,  "'class' is a keyword and cannot be a name here",                   0 },
    {"x = “a”\n",                             11, 1, 4,  7,  "invalid character '“' (U+201C)",                                 0 },
    {"x =\xc2\xa0"
     "1\n",                                  11, 1, 3,  5,  "invalid non-printable character U+00A0",                           0 },
    {"x = 012\n",                                 11, 1, 4,  7,
     "leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal "
     "integers",                                                                                                                     0 },
    {"x = b'\xc3\xa9'\n",                         11, 1, 4,  9,  "bytes can only contain ASCII literal characters",                  0 },
    {"f(a=1, b)\n",                               11, 1, 7,  8,  "positional argument follows keyword argument",                     0 },
    {"def f(a, a): pass\n",                       11, 1, 9,  10, "duplicate argument 'a' in function definition",                    0 },
    {"try: pass\nx = 1\n",                        11, 2, 10, 11, "expected 'except' or 'finally' block",                             0 },
    {"try: pass\nexcept: pass\nexcept A: pass\n", 11, 2, 10, 22, "default 'except:' must be last",
     0                                                                                                                                 },
    {"if x: pass\nelse if y: pass\n",             11, 2, 11, 15,
     "expected ':' after 'else'; did you mean 'elif'?",                                                                              0 },
    {"f'{a'\n",                                   11, 1, 4,  5,  "f-string: expecting '}'",                                          0 },
    {"x = 1 +\n",                                 11, 1, 7,  8,  "invalid syntax",                                                   0 },
    {"a := 1\n",                                  11, 1, 2,  4,  "invalid syntax; put the assignment expression in parentheses",     0 },
    {"await x\n",                                 11, 1, 0,  7,  "'await' outside function",                                         0 },
    {"x = 1 \\ \n",                               11, 1, 6,  7,  "unexpected character after line continuation character",           0 },
    {"x\0y",                                      11, 1, 1,  1,  "source code cannot contain null bytes",                            0 },
 /* newer than the target: told with the version that has it, and the tree is whole */
    {"match x:\n    case 1: pass\n",              9,  1, 0,  25, "the match statement needs Python 3.10",                            10},
    {"match x:\n    case 1: pass\n",              10, 0, 0,  0,  NULL,                                                               0 },
    {"try: pass\nexcept* A: pass\n",              10, 2, 10, 25, "except* needs Python 3.11",                                        11},
    {"type X = int\n",                            11, 1, 0,  12, "the type statement needs Python 3.12",                             12},
    {"class A[T]: pass\n",                        11, 1, 7,  10, "a list of type parameters needs Python 3.12",                      12},
    {"f'{x[\"a\"]}'\n",                           11, 0, 0,  0,  NULL,                                                               0 },
    {"f'{x['a']}'\n",                             11, 1, 3,  9,
     "f-string: the same quotes within an expression need Python 3.12",                                                              12},
    {"f'{x['a']}'\n",                             12, 0, 0,  0,  NULL,                                                               0 },
    {"class A[T = int]: pass\n",                  12, 1, 12, 15, "the default of a type parameter needs Python 3.13",
     13                                                                                                                                },
    {"t'{x}'\n",                                  13, 1, 0,  2,  "template strings need Python 3.14",                                14},
    {"try: pass\nexcept A, B: pass\n",            13, 2, 17, 21,
     "multiple exception types must be parenthesized",                                                                               0 },
    {"try: pass\nexcept A, B: pass\n",            14, 0, 0,  0,  NULL,                                                               0 },
};

static void tells_errors_with_their_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_LEN(errors); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        nb_str text = {errors[i].text, strlen(errors[i].text)};
        if (text.len == 1)
            text.len = 3; /* the one with a NUL */
        print_message("case %s\n", errors[i].text);
        const nb_py_tree *tree =
            nb_py_parse(&arena, text, &(nb_py_options){.minor = errors[i].minor});
        assert_int_equal(tree->errors.count > 0, errors[i].message != NULL);
        if (!errors[i].message)
            continue;
        const nb_py_error *error = &tree->errors.at[0];
        assert_str(error->message, errors[i].message);
        assert_int_equal(error->line, errors[i].line);
        assert_int_equal(error->start, errors[i].start);
        assert_int_equal(error->end, errors[i].end);
        assert_int_equal(error->min_minor, errors[i].min_minor);
    }
}

/* The rest of the text is there, and what is wrong further down is told too. */
static const struct {
    const char *text;
    unsigned errors;
    const char *kinds;
} recoveries[] = {
    {"a = 1\nb = = 2\nc = 3\n",                                          1, "assign assign "      },
    {"a b\nc d\ne\n",                                                    2, "expr "               },
    {"x = (1,\ny = 2\nz = 3\n",                                          1, "assign assign "      },
    {"x = foo(a,\n        b\nz = 3\n",                                   1, "assign "             },
    {"f(\ng(\nh = 1\n",                                                  2, "assign "             },
    {"def f(:\n    x\n    y\nz\n",                                       1, "expr "               },
    {"def f():\n    a b\n    c\nd\n",                                    1, "function expr "      },
    {"class A:\n    def f(self)\n        x\n    def g(self): pass\nz\n", 1, "class expr "         },
    {"x = 'abc\ny = 1\n",                                                1, "assign "             },
    {"foo('abc\ny = 1\n",                                                1, "assign "             },
    {"x\n    y\nz\n",                                                    1, "expr expr expr "     },
    {"if x:\ny\nz\n",                                                    1, "expr expr "          },
    {"try:\n    a\nb\n",                                                 1, "expr "               },
    {"$\n?\nx\n",                                                        2, "expr "               },
    {"a\n  b\n    c\nd\n",                                               2, "expr expr expr expr "},
    {"if x:\n    y\n  z\nw\n",                                           1, "if expr "            },
    {"",                                                                 0, ""                    },
    {"\n\n# only a comment",                                             0, ""                    },
};

static void goes_on_after_an_error(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_LEN(recoveries); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        NB_AUTO(nb_buf) kinds = NB_BUF_INIT(NB_BUF_TEXT);
        print_message("case %s\n", recoveries[i].text);
        const nb_py_tree *tree = nb_py_parse(&arena, nb_str_from(recoveries[i].text), NULL);
        for (const nb_py_node *node = tree->module->child; node; node = node->next)
            nb_buf_printf(&kinds, "%s ", nb_py_kind_name(node->kind));
        assert_str(nb_buf_view(&kinds), recoveries[i].kinds);
        assert_int_equal(tree->errors.count, recoveries[i].errors);
    }
}

static const struct {
    const char *text;
    bool has_await, good;
} awaits[] = {
    {"await x\n",                     true,  true },
    {"async with x: pass\n",          true,  true },
    {"async for x in y: pass\n",      true,  true },
    {"x = [y async for y in z]\n",    true,  true },
    {"x = [await y for y in z]\n",    true,  true },
    {"x = (y async for y in z)\n",    false, true },
    {"async def f():\n    await x\n", false, true },
    {"x\n",                           false, true },
    {"def f():\n    await x\n",       false, false},
    {"class A:\n    await x\n",       false, false},
    {"lambda: await x\n",             false, false},
};

static void allows_await_in_notebooks(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_LEN(awaits); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        print_message("case %s\n", awaits[i].text);
        const nb_py_tree *tree = nb_py_parse(&arena, nb_str_from(awaits[i].text),
                                             &(nb_py_options){.top_level_await = true});
        assert_int_equal(tree->has_await, awaits[i].has_await);
        assert_int_equal(tree->errors.count == 0, awaits[i].good);
    }
}

static void knows_comments(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    const nb_py_tree *tree = nb_py_parse(
        &arena, NB_STR("# one\nx = '# no' # two\nif x: # three\n    # four\n    y\n# five"), NULL);
    static const char *const texts[] = {"# one", "# two", "# three", "# four", "# five"};
    static const unsigned lines[] = {1, 2, 3, 4, 6};
    assert_int_equal(tree->comments.count, 5);
    for (size_t i = 0; i < 5; i++) {
        const nb_py_comment *comment = &tree->comments.at[i];
        assert_str(nb_str_slice(tree->text, comment->start, comment->end), texts[i]);
        assert_int_equal(comment->line, lines[i]);
    }
}

/* ---- questions about nodes ----------------------------------------------------------------------------------------- */

static const struct {
    const char *literal, *value; /* NULL: it has none */
} strings[] = {
    {"'a'",                            "a"                         },
    {"\"it's\"",                       "it's"                      },
    {"'''a\nb'''",                     "a\nb"                      },
    {"'a' \"b\" '''c'''",              "abc"                       },
    {"('a'  # one\n   'b')",           "ab"                        },
    {"r'\\n'",                         "\\n"                       },
    {"u'x'",                           "x"                         },
    {"'\\n\\t\\\\\\'\\\"'",            "\n\t\\'\""                 },
    {"'\\x41\\101\\u00e9\\U0001F600'", "AA\xc3\xa9\xf0\x9f\x98\x80"},
    {"'\\d\\('",                       "\\d\\("                    },
    {"'a\\\nb'",                       "ab"                        },
    {"'\\ud800'",                      "\xef\xbf\xbd"              },
    {"''",                             ""                          },
    {"''''''",                         ""                          },
    {"'''\"'''",                       "\""                        },
    {"'\\N{SPACE}'",                   NULL                        },
    {"f'a'",                           NULL                        },
    {"b'a'",                           NULL                        },
    {"'a' f'b'",                       NULL                        },
    {"1",                              NULL                        },
};

static void resolves_strings(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_LEN(strings); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        nb_str value;
        print_message("case %s\n", strings[i].literal);
        const nb_py_tree *tree = nb_py_parse(&arena, nb_str_from(strings[i].literal), NULL);
        const nb_py_node *node = tree->module->child->child;
        assert_int_equal(nb_py_string_value(&arena, tree, node, &value), strings[i].value != NULL);
        if (strings[i].value)
            assert_str(value, strings[i].value);
    }
}

static const struct {
    const char *text, *dotted;
    bool literal;
} expressions[] = {
    {"a",                             "a",     false},
    {"a.b.c",                         "a.b.c", false},
    {"a . b\\\n.c",                   "a.b.c", false},
    {"(a).b",                         "a.b",   false},
    {"(a  # no\n .b)",                "a.b",   false},
    {"a().b",                         "",      false},
    {"a[0]",                          "",      false},
    {"1",                             "",      true },
    {"-1",                            "",      true },
    {"- 1.5j",                        "",      true },
    {"--1",                           "",      false},
    {"-a",                            "",      false},
    {"1 + 2",                         "",      false},
    {"'a' 'b'",                       "",      true },
    {"b'a'",                          "",      true },
    {"f'a'",                          "",      false},
    {"None",                          "",      true },
    {"...",                           "",      true },
    {"()",                            "",      true },
    {"(1, 'a', [2, {3}, {4: (5,)}])", "",      true },
    {"[1, x]",                        "",      false},
    {"{**a}",                         "",      false},
    {"[*[1]]",                        "",      false},
    {"[1 for _ in ()]",               "",      false},
};

static void knows_names_and_literals(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_LEN(expressions); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        print_message("case %s\n", expressions[i].text);
        const nb_py_tree *tree = nb_py_parse(&arena, nb_str_from(expressions[i].text), NULL);
        assert_int_equal(tree->errors.count, 0);
        const nb_py_node *node = tree->module->child->child;
        assert_str(nb_py_dotted(&arena, tree, node), expressions[i].dotted);
        assert_int_equal(nb_py_is_literal(node), expressions[i].literal);
    }
}

static void spans_leave_out_separators(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    const nb_py_tree *tree =
        nb_py_parse(&arena, NB_STR("a = (1 + 2) ; b\nif c: d;  # e\n\n@f\ndef g(): h\n"), NULL);
    static const char *const texts[] = {"a = (1 + 2)", "b", "if c: d", "@f\ndef g(): h"};
    static const unsigned lines[] = {1, 1, 2, 4};
    const nb_py_node *node = tree->module->child;
    assert_str(nb_py_text(tree, node->last), "1 + 2");
    assert_true(node->last->parens);
    for (size_t i = 0; i < NB_LEN(texts); i++, node = node->next) {
        assert_str(nb_py_text(tree, node), texts[i]);
        assert_int_equal(node->line, lines[i]);
    }
    assert_null(node);
}

static void limits_the_height_of_trees(void **state)
{
    (void)state;
    NB_AUTO(nb_buf) text = NB_BUF_INIT(NB_BUF_TEXT);
    nb_buf_putz(&text, "x = 1");
    for (int i = 0; i < 3900; i++)
        nb_buf_putz(&text, "+1");
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    const nb_py_tree *tree = nb_py_parse(&arena, nb_buf_view(&text), NULL);
    assert_int_equal(tree->errors.count, 0);
    assert_true(tree->module->height > 3900);
    for (int i = 0; i < 200; i++)
        nb_buf_putz(&text, "+1");
    nb_buf_putz(&text, "\ny\n");
    tree = nb_py_parse(&arena, nb_buf_view(&text), NULL);
    assert_int_equal(tree->errors.count, 1);
    assert_str(tree->errors.at[0].message, "too many levels of nesting");
    assert_str(nb_py_text(tree, tree->module->child), "y");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_trees_of_every_kind),
        cmocka_unit_test(tells_errors_with_their_place),
        cmocka_unit_test(goes_on_after_an_error),
        cmocka_unit_test(allows_await_in_notebooks),
        cmocka_unit_test(knows_comments),
        cmocka_unit_test(resolves_strings),
        cmocka_unit_test(knows_names_and_literals),
        cmocka_unit_test(spans_leave_out_separators),
        cmocka_unit_test(limits_the_height_of_trees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
