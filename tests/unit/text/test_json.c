#include "nb_test.h"

#include "text/json.h"

static nb_json_reader reader(const char *text, unsigned dialect)
{
    nb_json_reader r;
    nb_json_open(&r, nb_str_from(text), NB_STR("t.json"), dialect);
    return r;
}

static void a_document_is_walked(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_json_reader r = reader(
        " {\"n\" : -12, \"s\":\"a\\nb\", \"list\": [true, false, null, 1.50, [], {}], \"rest\": {\"x\":[1,{\"y\":2}]} } ",
        NB_JSON_STRICT);
    nb_str key, raw;
    assert_int_equal(nb_json_peek(&r), NB_JSON_OBJECT);
    assert_true(nb_json_enter(&r, NB_JSON_OBJECT));
    assert_true(nb_json_next_key(&r, &arena, &key));
    assert_str(key, "n");
    assert_int_equal(nb_json_int(&r), -12);
    assert_true(nb_json_next_key(&r, &arena, &key));
    assert_str(nb_json_string(&r, &arena), "a\nb");
    assert_true(nb_json_next_key(&r, &arena, &key));
    assert_true(nb_json_enter(&r, NB_JSON_ARRAY));
    assert_true(nb_json_next(&r));
    assert_true(nb_json_bool(&r));
    assert_true(nb_json_next(&r));
    assert_false(nb_json_bool(&r));
    assert_true(nb_json_next(&r));
    assert_int_equal(nb_json_peek(&r), NB_JSON_NULL);
    nb_json_skip(&r, NULL);
    assert_true(nb_json_next(&r));
    assert_str(nb_json_number(&r), "1.50");
    assert_true(nb_json_next(&r));
    assert_true(nb_json_enter(&r, NB_JSON_ARRAY));
    assert_false(nb_json_next(&r));
    assert_true(nb_json_next(&r));
    assert_true(nb_json_enter(&r, NB_JSON_OBJECT));
    assert_false(nb_json_next_key(&r, &arena, &key));
    assert_int_equal(nb_json_peek(&r), NB_JSON_END);
    assert_false(nb_json_next(&r));
    assert_true(nb_json_next_key(&r, &arena, &key));
    assert_str(key, "rest");
    nb_json_skip(&r, &raw);
    assert_str(raw, "{\"x\":[1,{\"y\":2}]}");
    assert_false(nb_json_next_key(&r, &arena, &key));
    assert_ok(nb_json_close(&r, &err), &err);
}

static void text_without_escapes_is_a_view(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_buf) buf = NB_BUF_INIT(100);
    static const char text[] = "[\"plain\", \"p\\u0041\", \"q\", \"\\t\"]";
    nb_json_reader r = reader(text, NB_JSON_STRICT);
    nb_json_enter(&r, NB_JSON_ARRAY);
    nb_json_next(&r);
    assert_ptr_equal(nb_json_string(&r, &arena).at, text + 2);
    nb_json_next(&r);
    assert_str(nb_json_string(&r, &arena), "pA");
    nb_json_next(&r);
    nb_json_string_to(&r, &buf);
    nb_json_next(&r);
    nb_json_string_to(&r, &buf);
    assert_str(nb_buf_view(&buf), "q\t");
    assert_false(nb_json_next(&r) || r.bad);
}

static void a_lone_surrogate_is_replaced_and_told(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_json_reader r = reader("\"a\\ud83dz\\ud83d\\ude42\\udc00\"", NB_JSON_NOTEBOOK);
    assert_str(nb_json_string(&r, &arena), "a\xEF\xBF\xBDz\xF0\x9F\x99\x82\xEF\xBF\xBD");
    assert_true(r.lone_surrogate);
    r = reader("\"\\ud83d\\ude42\"", NB_JSON_NOTEBOOK);
    assert_str(nb_json_string(&r, &arena), "\xF0\x9F\x99\x82");
    assert_false(r.lone_surrogate);
}

static void skipped_text_is_not_looked_at(void **state)
{
    (void)state;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_json_reader r = reader("[\"\\q\x01\xFF\", {\"\xFF\": \"\\\\\"}]", NB_JSON_NOTEBOOK);
    nb_json_skip(&r, NULL);
    assert_ok(nb_json_close(&r, &err), &err);
    r = reader("[\"\\q\"]", NB_JSON_NOTEBOOK | NB_JSON_STRICT_SKIP);
    nb_json_skip(&r, NULL);
    assert_int_equal(nb_json_close(&r, &err), NB_ERR_NOTEBOOK);
    r = reader("[NaN]", NB_JSON_NOTEBOOK);
    nb_json_skip(&r, NULL);
    assert_true(r.not_finite);
}

/* Each of these wants another kind of value than there is. */
static void the_wrong_kind_is_an_error_at_the_value(void **state)
{
    (void)state;
    static const char *const messages[] = {
        "expected a string, found '1'",      "expected a number, found '\"'",
        "expected true or false, found '['", "expected an integer of at most 64 bits, found '1'",
        "expected an object, found '['",     "not this",
    };
    for (size_t i = 0; i < NB_LEN(messages); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        nb_json_reader r = reader(i == 1             ? " \"x\""
                                  : i == 2 || i == 4 ? " []"
                                                     : " 1.5",
                                  NB_JSON_STRICT);
        switch (i) {
        case 0: assert_str(nb_json_string(&r, &arena), ""); break;
        case 1: assert_str(nb_json_number(&r), ""); break;
        case 2: assert_false(nb_json_bool(&r)); break;
        case 3: assert_int_equal(nb_json_int(&r), 0); break;
        case 4: assert_false(nb_json_enter(&r, NB_JSON_OBJECT)); break;
        default: nb_json_refuse(&r, "not this");
        }
        assert_int_equal(nb_json_close(&r, &err), NB_ERR_NOTEBOOK);
        assert_true(nb_str_ends(nb_str_from(nb_error_message(&err, 0)), nb_str_from(messages[i])));
        assert_int_equal(err.column, 2);
    }
}

static void after_an_error_everything_is_at_its_end(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_json_reader r = reader("{\"a\": ?, \"b\": 1}", NB_JSON_STRICT);
    nb_str key = NB_STR("untouched"), raw = NB_STR("x");
    nb_json_enter(&r, NB_JSON_OBJECT);
    nb_json_next_key(&r, &arena, &key);
    nb_json_skip(&r, &raw);
    assert_true(r.bad);
    assert_int_equal(raw.len, 0);
    assert_int_equal(nb_json_peek(&r), NB_JSON_END);
    assert_false(nb_json_next_key(&r, &arena, &key) || nb_json_next(&r) ||
                 nb_json_enter(&r, NB_JSON_ARRAY));
    assert_int_equal(nb_json_string(&r, &arena).len, 0);
    assert_int_equal(nb_json_int(&r), 0);
    nb_json_refuse(&r, "later");
    assert_int_equal(nb_json_close(&r, &err), NB_ERR_NOTEBOOK);
    assert_string_equal(nb_error_message(&err, 0),
                        "cannot read 't.json': expected a value, found '?'");
}

static void known_causes_have_hints(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        unsigned line, column;
        const char *message, *hint;
    } cases[] = {
        {"{\n \"a\": 1,\n}",                               2, 8, "a comma follows the last element",                          "remove this comma"                      },
        {"[1,\n<<<<<<< HEAD\n2\n=======\n3\n>>>>>>> b\n]", 2, 1, "it holds git conflict markers",
         "resolve the conflict with git and try again"                                                                                                                 },
        {"[\n1\n=======\n",                                3, 1, "it holds git conflict markers",
         "resolve the conflict with git and try again"                                                                                                                 },
        {"{'a': 1}",                                       1, 2, "expected a key in double quotes, found \"'\"",
         "write strings and keys in double quotes"                                                                                                                     },
        {"['a']",                                          1, 2, "expected a value, found \"'\"",                             "write strings and keys in double quotes"},
        {"[1, 2",                                          1, 6, "expected ',' or ']', found the end of the file",
         "restore the file: it was cut off"                                                                                                                            },
        {"{\"a\": ",                                       1, 7, "expected a value, found the end of the file",
         "restore the file: it was cut off"                                                                                                                            },
        {"[",                                              1, 2, "the text ends inside an array or object",                   "restore the file: it was cut off"       },
        {"[\"abc",                                         1, 2, "a string is never closed",
         "close the string, or restore the file if it was cut off"                                                                                                     },
        {"[1 // one\n]",                                   1, 4, "expected ',' or ']', found '/'",
         "remove the comment: JSON has none"                                                                                                                           },
        {"{ # x\n}",                                       1, 3, "expected a key in double quotes, found '#'",
         "remove the comment: JSON has none"                                                                                                                           },
        {"[True]",                                         1, 2, "expected a value, found 'True'",                            "write true: this is Python, not JSON"   },
        {"[None]",                                         1, 2, "expected a value, found 'None'",                            "write null: this is Python, not JSON"   },
        {"[NaN]",                                          1, 2, "expected a value, found 'NaN'",                             "write null: this document allows no NaN"},
        {"[\"a\" \"b\"]",                                  1, 6, "expected ',' or ']', found '\"'",                           "add a comma before it"                  },
        {"{\"a\": 1\n\"b\": 2}",                           2, 1, "expected ',' or '}', found '\"'",                           "add a comma before it"                  },
        {"[\"a\nb\"]",                                     1, 4, "a control character stands in a string",
         "close the string on its own line, or write the character as an escape such as \\n or \\t"                                                                    },
        {"[\"\xC3\xA9\xE9\"]",                             1, 4, "a byte is not UTF-8 (0xe9 at offset 4)",
         "save the file as UTF-8"                                                                                                                                      },
        {"[\"C:\\data\"]",                                 1, 5, "an escape that JSON does not have",                         "write a backslash as \\\\"              },
        {"[007]",                                          1, 2, "a number starts with 0",                                    "write the number without leading zeros" },
        {"{} x",                                           1, 4, "expected nothing after the end of the document, found 'x'",
         "remove everything from here on"                                                                                                                              },
        {"\xEF\xBB\xBF{}",                                 1, 1, "expected a value, found a byte 0xef",
         "save the file without a byte-order mark"                                                                                                                     },
        {"{\"a\" 1}",                                      1, 6, "expected ':', found '1'",                                   NULL                                     },
        {"[\x01]",                                         1, 2, "expected a value, found a byte 0x01",                       "write text in double quotes"            },
    };
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        const nb_json *root;
        print_message("case %zu: %s\n", i, cases[i].text);
        assert_int_equal(nb_json_parse(&arena, nb_str_from(cases[i].text), NB_STR("t.json"),
                                       NB_JSON_STRICT, &root, &err),
                         NB_ERR_NOTEBOOK);
        nb_str want = nb_arena_printf(&arena, "cannot read 't.json': %s", cases[i].message);
        assert_string_equal(nb_error_message(&err, 0), want.at);
        assert_int_equal(err.line, cases[i].line);
        assert_int_equal(err.column, cases[i].column);
        if (cases[i].hint)
            assert_string_equal(err.hint, cases[i].hint);
        else
            assert_null(err.hint);
    }
}

static void the_line_is_shown_when_it_is_short(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    const nb_json *root;
    (void)nb_json_parse(&arena, NB_STR("{\n  \"a\": x,\r\n  \"b\": 1}"), NB_STR("t"), 0, &root,
                        &err);
    assert_string_equal(err.source, "  \"a\": x,");
    assert_string_equal(err.path, "t");
    NB_AUTO(nb_buf) long_text = NB_BUF_INIT(NB_BUF_TEXT);
    nb_buf_repeat(&long_text, '[', 200);
    (void)nb_json_parse(&arena, nb_buf_view(&long_text), NB_STR("t"), 0, &root, &err);
    assert_null(err.source);
    assert_int_equal(err.column, 201);
}

static void the_last_of_equal_keys_counts(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    const nb_json *root = NULL;
    nb_str text = NB_STR("{\"a\": 1, \"b\": \"x\", \"a\": [1, {\"c\": null}], \"\\u0061b\": true}");
    assert_ok(nb_json_parse(&arena, text, NB_STR("t"), 0, &root, &err), &err);
    assert_int_equal(root->count, 4);
    const nb_json *a = nb_json_get(root, "a");
    assert_int_equal(a->kind, NB_JSON_ARRAY);
    assert_int_equal(a->count, 2);
    assert_str(a->child->text, "1");
    assert_int_equal(nb_json_get(a->child->next, "c")->kind, NB_JSON_NULL);
    assert_int_equal(nb_json_get(root, "ab")->kind, NB_JSON_TRUE);
    assert_str(nb_json_get_str(root, "b"), "x");
    assert_null(nb_json_get_str(root, "a").at);
    assert_null(nb_json_get(root, "none"));
    assert_null(nb_json_get(a, "a"));
    assert_null(nb_json_get(NULL, "a"));
}

static void count_windows(void *ctx, size_t upto)
{
    size_t *last = ctx;
    assert_true(upto > *last);
    *last = upto;
}

static void whoever_maps_the_text_hears_what_was_passed(void **state)
{
    (void)state;
    const size_t size = (size_t)8 * NB_JSON_WINDOW;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    NB_AUTO(nb_buf) text = NB_BUF_INIT(NB_BUF_TEXT);
    size_t last = 0;
    nb_buf_putz(&text, "[\"");
    nb_buf_repeat(&text, 'A', size); /* one long string */
    nb_buf_putz(&text, "\"");
    for (size_t i = 0; i < size / 4; i++)
        nb_buf_putz(&text, ", 12"); /* many short values */
    nb_buf_putz(&text, "]");
    nb_json_reader r;
    nb_json_open(&r, nb_buf_view(&text), NB_STR("t"), 0);
    r.passed = count_windows;
    r.ctx = &last;
    nb_json_skip(&r, NULL);
    assert_ok(nb_json_close(&r, &err), &err);
    assert_true(last > 2 * size - (size_t)2 * NB_JSON_WINDOW);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_document_is_walked),
        cmocka_unit_test(text_without_escapes_is_a_view),
        cmocka_unit_test(a_lone_surrogate_is_replaced_and_told),
        cmocka_unit_test(skipped_text_is_not_looked_at),
        cmocka_unit_test(the_wrong_kind_is_an_error_at_the_value),
        cmocka_unit_test(after_an_error_everything_is_at_its_end),
        cmocka_unit_test(known_causes_have_hints),
        cmocka_unit_test(the_line_is_shown_when_it_is_short),
        cmocka_unit_test(the_last_of_equal_keys_counts),
        cmocka_unit_test(whoever_maps_the_text_hears_what_was_passed),
    };
    return cmocka_run_group_tests_name("text/json", tests, NULL, NULL);
}
