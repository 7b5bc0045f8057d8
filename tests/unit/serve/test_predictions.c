/* A model's answer as predictions: every form, digit by digit, and what is refused. */
#include "nb_test.h"

#include "serve/contract/media.h"
#include "serve/contract/predictions.h"

static const struct {
    const char *type, *body;
    const char *value; /* NULL: refused */
    bool whole, list;
} rows[] = {
    {"application/json",                "{\"predictions\": [8, 9.50]}",                         "[8, 9.50]",                          true,  true },
    {"application/json; charset=utf-8", " [8,9] ",                                              "[8,9]",                              false, true },
    {"Application/JSON",                "9007199254740993",                                     "9007199254740993",                   false, false},
    {"application/json",                "{\"a\": 1e300}",                                       "{\"a\": 1e300}",                     false, false},
    {"application/json",                "{\"predictions\": 1, \"predictions\": {\"a\": 2}}",    "{\"a\": 2}",                         true,
     false                                                                                                                                        },
    {"application/json",                "{\"\\u0070redictions\": [1]}",                         "[1]",                                true,  true },
    {"application/json",                "{\"predictions\": [NaN, -Infinity, \"NaN\\\"I\", 1]}",
     "[null, null, \"NaN\\\"I\", 1]",                                                                                                 true,  true },
    {"application/json",                "[Infinity]",                                           "[null]",                             false, true },
    {"application/json",                "null",                                                 "null",                               false, false},
    {"application/json",                "[1,]",                                                 NULL,                                 false, false},
    {"application/json",                "[01]",                                                 NULL,                                 false, false},
    {"application/json",                "[\"\xff\"]",                                           NULL,                                 false, false},
    {"application/json",                "[1] 2",                                                NULL,                                 false, false},
    {"application/json",                "",                                                     NULL,                                 false, false},
    {"text/csv",                        "",                                                     "[]",                                 false, true },
    {"text/csv",                        "1.10\r\n-2e3\r\n",                                     "[1.10, -2e3]",                       false, true },
    {"text/csv",                        "1,2\n3,4",                                             "[[1, 2], [3, 4]]",                   false, true },
    {"text/csv",                        "setosa\nvirginica\n",                                  "[\"setosa\", \"virginica\"]",        false, true },
    {"text/csv",                        "a,b\n1,x\n",                                           "[{\"a\": 1, \"b\": \"x\"}]",         false, true },
    {"text/csv",                        "a,b\n1,2,3\n4\n",                                      "[{\"a\": 1, \"b\": 2}, {\"a\": 4}]", false, true },
    {"text/csv",                        "\"say \"\"hi\"\", you\",\"2\"\n",                      "[[\"say \\\"hi\\\", you\", \"2\"]]", false,
     true                                                                                                                                         },
    {"text/csv",                        "\"two\nlines\",1\n",                                   "[[\"two\\nlines\", 1]]",             false, true },
    {"text/csv",                        "nan,,True,false,inf,007,+1,.5\n",
     "[[null, null, true, false, null, \"007\", \"+1\", \".5\"]]",                                                                    false, true },
    {"text/csv",                        "\"\"\n1\n",                                            "[null, 1]",                          false, true },
    {"text/csv",                        "\"open",                                               "[\"open\"]",                         false, true },
    {"text/plain",                      "setosa",                                               "\"setosa\"",                         false, false},
    {"text/plain; charset=utf-8",       "[1, 2]",                                               "[1, 2]",                             false, true },
    {"text/plain",                      "\xff",                                                 "\"\xEF\xBF\xBD\"",                   false, false},
    {"image/png",                       "x",                                                    NULL,                                 false, false},
    {"",                                "x",                                                    NULL,                                 false, false},
};

static void answers_are_predictions(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < NB_LEN(rows); i++) {
        NB_AUTO(nb_buf) made = NB_BUF_INIT(NB_BUF_TEXT);
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        nb_predictions out;
        nb_code code = nb_predictions_find(nb_str_from(rows[i].type), nb_str_from(rows[i].body),
                                           &made, &out, &err);
        if (!rows[i].value) {
            assert_int_equal(code, NB_ERR_REMOTE);
            continue;
        }
        assert_ok(code, &err);
        assert_str(out.value, rows[i].value);
        assert_int_equal(out.whole.len > 0, rows[i].whole);
        assert_int_equal(out.is_list, rows[i].list);
    }
}

static void what_is_right_is_not_copied(void **unused)
{
    NB_AUTO(nb_buf) made = NB_BUF_INIT(NB_BUF_TEXT);
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_predictions out;
    nb_str body = NB_STR("{\"predictions\": [1]}");
    (void)unused;
    assert_ok(nb_predictions_find(NB_STR("application/json"), body, &made, &out, &err), &err);
    assert_ptr_equal(out.whole.at, body.at);
    assert_int_equal(made.len, 0);
}

static void a_list_is_counted(void **unused)
{
    (void)unused;
    assert_int_equal(nb_predictions_count(NB_STR("[]")), 0);
    assert_int_equal(nb_predictions_count(NB_STR("[[1, 2], {\"a\": [3, 4]}, 5]")), 3);
    assert_int_equal(nb_predictions_count(NB_STR("{}")), 0);
}

static void parameters_of_types(void **unused)
{
    nb_str rest = NB_STR("text/csv; Charset=\"UTF-8\" ;; header"), name, value;
    (void)unused;
    assert_true(nb_media_is(rest, "TEXT/CSV"));
    assert_false(nb_media_is(rest, "text/cs"));
    assert_true(nb_media_parameter(&rest, &name, &value));
    assert_str(name, "Charset");
    assert_str(value, "UTF-8");
    assert_true(nb_media_parameter(&rest, &name, &value));
    assert_str(name, "header");
    assert_str(value, "");
    assert_false(nb_media_parameter(&rest, &name, &value));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_are_predictions),
        cmocka_unit_test(what_is_right_is_not_copied),
        cmocka_unit_test(a_list_is_counted),
        cmocka_unit_test(parameters_of_types),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
