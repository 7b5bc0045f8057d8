#include "nb_test.h"

#include "text/json.h"
#include "text/json_write.h"

static void put_document(nb_json_writer *w)
{
    nb_json_begin_object(w);
    nb_json_member_str(w, "name", NB_STR("a\"b"));
    nb_json_member_int(w, "n", -5);
    nb_json_member_bool(w, "ok", true);
    nb_json_member_str(w, "none", (nb_str){0});
    nb_json_key(w, NB_STR("list"));
    nb_json_begin_array(w);
    nb_json_put_raw(w, NB_STR("1e99"));
    nb_json_begin_object(w);
    nb_json_end_object(w);
    nb_json_begin_array(w);
    nb_json_end_array(w);
    nb_json_put_null(w);
    nb_json_put_bool(w, false);
    nb_json_put_str(w, NB_STR(""));
    nb_json_end_array(w);
    nb_json_end_object(w);
}

static void the_layout_is_pythons(void **state)
{
    (void)state;
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    nb_json_writer w = NB_JSON_WRITER(&out, 2);
    put_document(&w);
    assert_string_equal(out.at, "{\n"
                                "  \"name\": \"a\\\"b\",\n"
                                "  \"n\": -5,\n"
                                "  \"ok\": true,\n"
                                "  \"none\": null,\n"
                                "  \"list\": [\n"
                                "    1e99,\n"
                                "    {},\n"
                                "    [],\n"
                                "    null,\n"
                                "    false,\n"
                                "    \"\"\n"
                                "  ]\n"
                                "}");
    nb_buf_clear(&out);
    w = NB_JSON_WRITER(&out, 0);
    put_document(&w);
    assert_string_equal(out.at, "{\"name\": \"a\\\"b\", \"n\": -5, \"ok\": true, \"none\": null, "
                                "\"list\": [1e99, {}, [], null, false, \"\"]}");
}

static void text_is_quoted(void **state)
{
    (void)state;
    static const struct {
        nb_str text;
        const char *quoted;
    } cases[] = {
        {NB_STR_ROW(""),                     "\"\""                                      },
        {NB_STR_ROW("/'"),                   "\"/'\""                                    },
        {NB_STR_ROW("\"\\"),                 "\"\\\"\\\\\""                              },
        {NB_STR_ROW("\b\f\n\r\t"),           "\"\\b\\f\\n\\r\\t\""                       },
        {NB_STR_ROW("\0\x1F\x7F"),           "\"\\u0000\\u001f\x7F\""                    },
        {NB_STR_ROW("\xC3\xA9\xE2\x80\xA8"), "\"\xC3\xA9\xE2\x80\xA8\""                  },
        {NB_STR_ROW("a\xFF\xE2\x82z"),       "\"a\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBDz\""},
    };
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
        nb_json_quote(&out, cases[i].text);
        assert_string_equal(out.at, cases[i].quoted);
    }
}

/* Every byte, also the invalid ones, gives text that parses. */
static void whatever_is_written_parses(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    char all[256];
    for (int i = 0; i < 256; i++)
        all[i] = (char)i;
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    nb_json_quote(&out, (nb_str){all, sizeof(all)});
    const nb_json *root = NULL;
    assert_ok(nb_json_parse(&arena, nb_buf_view(&out), NB_STR("x"), NB_JSON_STRICT, &root, &err),
              &err);
    assert_true(nb_str_eq(nb_str_slice(root->text, 0, 128), (nb_str){all, 128}));
}

static void a_top_level_scalar_is_a_document(void **state)
{
    (void)state;
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    nb_json_writer w = NB_JSON_WRITER(&out, 4);
    nb_json_put_int(&w, INT64_MIN);
    assert_string_equal(out.at, "-9223372036854775808");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_layout_is_pythons),
        cmocka_unit_test(text_is_quoted),
        cmocka_unit_test(whatever_is_written_parses),
        cmocka_unit_test(a_top_level_scalar_is_a_document),
    };
    return cmocka_run_group_tests_name("text/json_write", tests, NULL, NULL);
}
