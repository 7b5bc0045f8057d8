#include "text/yaml.h"

#include "nb_test.h"

static nb_code parse(nb_arena *arena, const char *text, const nb_yaml **out, nb_error *err)
{
    return nb_yaml_parse(arena, nb_str_from(text), NB_STR("config.yaml"), out, err);
}

static nb_str as_json(nb_arena *arena, const nb_yaml *node)
{
    NB_AUTO(nb_buf) buf = NB_BUF_INIT(NB_BUF_TEXT);
    nb_json_writer w = NB_JSON_WRITER(&buf, 0);
    nb_yaml_write_json(arena, &w, node);
    return nb_arena_str(arena, nb_buf_view(&buf));
}

/* --- values --- */

static const struct {
    const char *yaml, *json;
} documents[] = {
    {"",                                                                      "null"                                                },
    {"# only a comment\n",                                                    "null"                                                },
    {"---\n",                                                                 "null"                                                },
    {"a",                                                                     "\"a\""                                               },
    {"a: 1\nb: [x, 'y', \"z\"]\nc: {d: e}\n",
     "{\"a\": 1, \"b\": [\"x\", \"y\", \"z\"], \"c\": {\"d\": \"e\"}}"                                                              },
    {"a:\nb: ~\nc: null\nd: ''\n",                                            "{\"a\": null, \"b\": null, \"c\": null, \"d\": \"\"}"},
    {"on: yes\noff: no\ny: n\n",                                              "{\"on\": \"yes\", \"off\": \"no\", \"y\": \"n\"}"    },
    {"[010, 0o17, 0x1F, +5, -0, 1_000, 12:30:45, 0b1]",
     "[10, 15, 31, 5, -0, \"1_000\", \"12:30:45\", \"0b1\"]"                                                                        },
    {"[1., .5, 1e3, 1E-3, +.5, -1.50, 0.10, 00.5, 1.e2]",
     "[1.0, 0.5, 1e3, 1E-3, 0.5, -1.50, 0.10, 0.5, 1.0e2]"                                                                          },
    {"[.inf, -.INF, +.Inf, .nan, .NaN, inf, nan]",
     "[Infinity, -Infinity, Infinity, NaN, NaN, \"inf\", \"nan\"]"                                                                  },
    {"[0xFFFFFFFFFFFFFFFFFFFFFFFF, 123456789012345678901234567890]",
     "[79228162514264337593543950335, 123456789012345678901234567890]"                                                              },
    {"[true, True, FALSE, tRUE]",                                             "[true, true, false, \"tRUE\"]"                       },
    {"['1', \"true\", !!str 3, ! 4]",                                         "[\"1\", \"true\", \"3\", \"4\"]"                     },
    {"[!!int '3', !!float 1, !!null '', !!bool \"true\"]",                    "[3, 1, null, true]"                                  },
    {"a: |\n  x\n   y\nb: >-\n  p\n  q\n\n  r\nc: |+\n  z\n\n",
     "{\"a\": \"x\\n y\\n\", \"b\": \"p q\\nr\", \"c\": \"z\\n\\n\"}"                                                               },
    {"a: http://x:80/#y # c\nb: a#b\n",                                       "{\"a\": \"http://x:80/#y\", \"b\": \"a#b\"}"         },
    {"a: plain\n  goes on\n",                                                 "{\"a\": \"plain goes on\"}"                          },
    {"a: &x [1]\nb: *x\n",                                                    "{\"a\": [1], \"b\": [1]}"                            },
    {"a: &x 1\nb: &x 2\nc: *x\n",                                             "{\"a\": 1, \"b\": 2, \"c\": 2}"                      },
    {"a: &x {p: 1, q: 2}\nb: {<<: *x, q: 3}\n",
     "{\"a\": {\"p\": 1, \"q\": 2}, \"b\": {\"q\": 3, \"p\": 1}}"                                                                   },
    {"a: &x {p: 1}\nb: &y {p: 2, q: 2}\nc:\n  <<: [*x, *y]\n",
     "{\"a\": {\"p\": 1}, \"b\": {\"p\": 2, \"q\": 2}, \"c\": {\"p\": 1, \"q\": 2}}"                                                },
    {"'<<': 1\n",                                                             "{\"<<\": 1}"                                         },
    {"include: [\n  a,\n]\n",                                                 "{\"include\": [\"a\"]}"                              },
    {"\xEF\xBB\xBF"
     "a: 1\r\nb: 2\r\n",                                                 "{\"a\": 1, \"b\": 2}"                                },
    {"{\"a\": \"\\ud83d\\ude00 \\u00e9 \\\\ud83d\", \"b\": [1, true, null]}",
     "{\"a\": \"\xF0\x9F\x98\x80 \xC3\xA9 \\\\ud83d\", \"b\": [1, true, null]}"                                                     },
    {"{\n\t\"a\": [\n\t\t1\n\t]\n}\n",                                        "{\"a\": [1]}"                                        },
    {"1: one\ntrue: two\n",                                                   "{\"1\": \"one\", \"true\": \"two\"}"                 },
    {"? a\n: b\n",                                                            "{\"a\": \"b\"}"                                      },
    {"- - a\n  -\n-\n",                                                       "[[\"a\", null], null]"                               },
    {"%FOO\n---\na: 1\n",                                                     "{\"a\": 1}"                                          },
    {"%YAML 1.2\n---\na: 1\n...\n",                                           "{\"a\": 1}"                                          },
};

static void documents_have_the_values_of_the_core_schema(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_LEN(documents); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        const nb_yaml *root = NULL;
        print_message("case %zu: %s\n", i, documents[i].yaml);
        assert_ok(parse(&arena, documents[i].yaml, &root, &err), &err);
        assert_str(as_json(&arena, root), documents[i].json);
    }
}

static void scalars_keep_their_text(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    const nb_yaml *root = NULL;
    assert_ok(parse(&arena, "a: 1.50\nb: 0x1F\nc: True\nd: 'x'\n", &root, &err), &err);
    assert_str(nb_yaml_get(root, "a")->text, "1.50");
    assert_str(nb_yaml_get(root, "b")->text, "0x1F");
    assert_str(nb_yaml_get(root, "c")->text, "true");
    assert_true(nb_yaml_get(root, "a")->plain);
    assert_false(nb_yaml_get(root, "d")->plain);
    assert_null(nb_yaml_get(root, "e"));
}

/* --- places --- */

static const struct {
    const char *yaml, *key; /* of the member of the root to look at; NULL: its last element */
    unsigned line, column, key_line, key_column;
} places[] = {
    {"a: 1\n",                                "a",        1, 4,  1, 1 },
    {"a: 1\n\n# c\n  \nb:   \"x\"\n",         "b",        5, 6,  5, 1 },
    {"a: 'x'\n",                              "a",        1, 4,  1, 1 },
    {"\"a\": x\n",                            "a",        1, 6,  1, 1 },
    {"\xC3\xA9: 1\n\xC3\xA4: \xC3\xB6\n",     "\xC3\xA4", 2, 4,  2, 1 },
    {"a:\n  b: 1\n",                          "a",        2, 3,  1, 1 },
    {"a: [1,\n  2]\n",                        "a",        1, 4,  1, 1 },
    {"a:\nb: 1\n",                            "a",        1, 1,  1, 1 },
    {"a: 1\r\nb: 2\r\n",                      "b",        2, 4,  2, 1 },
    {"a: 1\rb: 2\r",                          "b",        2, 4,  2, 1 },
    {"a: &x 1\nb: *x\n",                      "b",        2, 4,  2, 1 },
    {"{\"a\": 1, \"b\": 2}",                  "b",        1, 15, 1, 10},
    {"{\"a\": \"\\ud83d\\ude00\", \"b\": 2}", "b",        1, 28, 1, 23},
    {"- 1\n-\n# c -\n- \n",                   NULL,       4, 1,  0, 0 },
    {"-\n-\n",                                NULL,       2, 1,  0, 0 },
};

static void every_value_and_key_has_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_LEN(places); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        const nb_yaml *root = NULL;
        print_message("case %zu: %s\n", i, places[i].yaml);
        assert_ok(parse(&arena, places[i].yaml, &root, &err), &err);
        const nb_yaml *node = root->child;
        while (places[i].key ? !nb_str_eqz(node->key, places[i].key) : node->next != NULL)
            node = node->next;
        assert_int_equal(node->line, places[i].line);
        assert_int_equal(node->column, places[i].column);
        assert_int_equal(node->key_line, places[i].key_line);
        assert_int_equal(node->key_column, places[i].key_column);
    }
}

static void the_line_is_shown_without_its_secrets(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    const nb_yaml *root = NULL;
    assert_ok(parse(&arena, "a: 1\npassword: hunter2\n", &root, &err), &err);
    assert_str(nb_yaml_place(nb_yaml_get(root, "password"), NB_STR("f")).source,
               "password: *******");
    assert_int_equal(parse(&arena, "password: \"hunter2\nb: 1\n", &root, &err), NB_ERR_CONFIG);
    assert_string_equal(err.source, "password: \"*******");
}

/* --- errors --- */

static const struct {
    const char *yaml;
    unsigned line, column;
    const char *message;
} errors[] = {
    {"a: 1\na: 2\n",                     2, 1,  "duplicate key 'a', given before in line 1"                         },
    {"{\"a\": 1,\n \"a\": 2}",           2, 2,  "duplicate key 'a', given before in line 1"                         },
    {"x:\n  b: 1\n  \"b\": 2\n",         3, 3,  "duplicate key 'b', given before in line 2"                         },
    {"a: 1\n\tb: 2\n",                   2, 1,  "a tab in the indentation"                                          },
    {"a:\n  - b\n c: 1\n",               3, 2,  "this line fits no mapping above by its indentation"                },
    {"a: [1, 2\n",                       1, 4,  "this bracket is never closed"                                      },
    {"a: {b: c\n\n\n",                   1, 4,  "this bracket is never closed"                                      },
    {"a: [1, 2\nb: 3\n",                 1, 4,  "this bracket is never closed"                                      },
    {"a: {b: c\nd: 1}\n",                2, 2,  "a ',' is missing between two entries"                              },
    {"a: \"x\nb: 2\n",                   1, 4,  "this \" is never closed"                                           },
    {"a: \"x",                           1, 4,  "this \" is never closed"                                           },
    {"a:\n  x: \"y\n  b: \"z\"\n",       3, 7,  "text after the closing quote"                                      },
    {"a: {b: ${C}}\n",                   1, 8,  "a '${' between brackets needs quotes"                              },
    {"a: [${C}]\n",                      1, 5,  "a '${' between brackets needs quotes"                              },
    {"a: b: c\n",                        1, 5,  "a second ':' makes this value a mapping"                           },
    {"a: @x\n",                          1, 4,  "a value without quotes cannot start with this character"           },
    {"a: 'it's'\n",                      1, 8,  "text after the closing quote"                                      },
    {"foo\nbar: 1\n",                    1, 1,  "this text goes on in the next line, which holds another key"       },
    {"- a\nb: c\n",                      2, 1,  "text after a list, where another '-' is due"                       },
    {"a: \"\\q\"\n",                     1, 5,  "unknown escape in double quotes"                                   },
    {"]\n",                              1, 1,  "a bracket closes nothing"                                          },
    {"a: *x\n",                          1, 4,  "unknown alias '*x'"                                                },
    {"a: &x\n  b: *x\n",                 2, 6,  "alias '*x' stands inside of what it names"                         },
    {"a: !local 1\n",                    1, 11, "unknown tag '!local'"                                              },
    {"a: !!int x\n",                     1, 10, "tagged as a whole number, this is text"                            },
    {"a: !!python/object:os.system x\n", 1, 30,
     "unknown tag 'tag:yaml.org,2002:python/object:os.system'"                                                      },
    {"a: !!set {b}\n",                   1, 10, "unknown tag 'tag:yaml.org,2002:set'"                               },
    {"a: 1\n---\nb: 2\n",                2, 1,  "a second document begins here"                                     },
    {"a: 1\n---\n",                      2, 1,  "a second document begins here"                                     },
    {"<<: 1\n",                          1, 5,  "'<<' takes a mapping or a list of mappings, this is a whole number"},
    {"<<: [{a: 1}, x]\n",                1, 5,  "'<<' takes a mapping or a list of mappings, this is text"          },
    {"? [a]\n: b\n",                     1, 3,  "a key must be text"                                                },
    {"a: \x01\n",                        1, 4,  "a control character, which YAML does not allow"                    },
    {"a: 1\nb: \xC2\x9B\n",              2, 4,  "a control character, which YAML does not allow"                    },
    {"a: 1\nb: \xC3\xA4\xFF\n",          2, 5,  "this is not UTF-8"                                                 },
    {"\"a\":1\n",                        1, 4,  "text that belongs to no key or list above"                         },
};

static void errors_have_places_and_words_of_ours(void **state)
{
    (void)state;
    size_t wrong = 0;
    for (size_t i = 0; i < NB_LEN(errors); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        const nb_yaml *root = NULL;
        nb_code code = parse(&arena, errors[i].yaml, &root, &err);
        nb_str want = nb_arena_printf(&arena, "config.yaml:%u:%u: %s", errors[i].line,
                                      errors[i].column, errors[i].message);
        nb_str got = nb_arena_printf(&arena, "%s:%u:%u: %s", err.path ? err.path : "", err.line,
                                     err.column, code ? nb_error_message(&err, 0) : "no error");
        if (code == NB_ERR_CONFIG && nb_str_eq(want, got))
            continue;
        wrong++;
        print_error("case %zu: %s\nwant %s\n got %s\n", i, errors[i].yaml, want.at, got.at);
    }
    assert_int_equal(wrong, 0);
}

static nb_code parse_repeated(const char *start, const char *unit, size_t times, const char *end,
                              nb_error *err)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_buf) buf = NB_BUF_INIT(NB_BUF_TEXT);
    const nb_yaml *root = NULL;
    nb_buf_putz(&buf, start);
    for (size_t i = 0; i < times; i++)
        nb_buf_putz(&buf, unit);
    nb_buf_putz(&buf, end);
    return nb_yaml_parse(&arena, nb_buf_view(&buf), NB_STR("f"), &root, err);
}

static void limits_are_errors(void **state)
{
    (void)state;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    assert_ok(parse_repeated("", "- ", NB_YAML_MAX_DEPTH, "x\n", &err), &err);
    assert_int_equal(parse_repeated("", "- ", NB_YAML_MAX_DEPTH + 1, "x\n", &err), NB_ERR_CONFIG);
    assert_string_equal(nb_error_message(&err, 0), "nested deeper than 64 levels");
    assert_int_equal(parse_repeated("", "[", 100000, "", &err), NB_ERR_CONFIG);
    assert_int_equal(parse_repeated("- ", "[x], ", 0, "x: {", &err), NB_ERR_CONFIG);
    assert_int_equal(parse_repeated("", "# 5678901\n", 500000, "", &err), NB_ERR_CONFIG);
    assert_string_equal(nb_error_message(&err, 0),
                        "the file has 5000000 bytes, more than the 4194304 that are allowed");
    assert_int_equal(parse_repeated("", "- 1\n", NB_YAML_MAX_NODES, "", &err), NB_ERR_CONFIG);
    assert_string_equal(nb_error_message(&err, 0), "more than 100000 values, aliases included");
}

static void aliases_cannot_explode(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    const nb_yaml *root = NULL;
    const char *bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
                       "b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"
                       "c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"
                       "d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\n"
                       "e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\n";
    assert_int_equal(parse(&arena, bomb, &root, &err), NB_ERR_CONFIG);
    assert_string_equal(nb_error_message(&err, 0), "more than 100000 values, aliases included");
    assert_int_equal(err.line, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documents_have_the_values_of_the_core_schema),
        cmocka_unit_test(scalars_keep_their_text),
        cmocka_unit_test(every_value_and_key_has_its_place),
        cmocka_unit_test(the_line_is_shown_without_its_secrets),
        cmocka_unit_test(errors_have_places_and_words_of_ours),
        cmocka_unit_test(limits_are_errors),
        cmocka_unit_test(aliases_cannot_explode),
    };
    return cmocka_run_group_tests_name("text/yaml", tests, NULL, NULL);
}
