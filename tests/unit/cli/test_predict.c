/* What predict makes of answers: rows, cells, tables; percentiles and Server-Timing. */
#include "nb_test.h"

#include "cli/answer_rows.h"
#include "cli/predict_ask.h"
#include "cli/predict_print.h"
#include "cli/predict_time.h"

static const struct {
    const char *type, *body, *want; /* rows, each followed by '|'; NULL: there are none */
} answers[] = {
    {"application/json",        "{\"predictions\": [1, [2, \"]\"], {\"a\": null}]}",
     "1|[2, \"]\"]|{\"a\": null}|"                                                                                      },
    {"application/json",        " [ 12345678901234567890 , 0.10 ] ",                 "12345678901234567890|0.10|"       },
    {"application/json",        "{\"model\": \"m\", \"outputs\": [1]}",              "1|"                               },
    {"application/json",        "{\"outputs\": [1], \"predictions\": [2]}",          "2|"                               },
    {"application/json",        "{\"scores\": [1, 2]}",                              "1|2|"                             },
    {"application/json",        "{\"predictions\": 5}",                              "5|"                               },
    {"application/json",        "{\"predictions\": []}",                             ""                                 },
    {"application/json",        "[NaN, Infinity]",                                   "NaN|Infinity|"                    },
    {"application/json",        "\"text\"",                                          "\"text\"|"                        },
    {"application/json",        "{\"a\": [1], \"b\": [2]}",                          NULL                               },
    {"application/json",        "{\"predictions\": [1,]}",                           NULL                               },
    {"application/json",        "{\"predictions\": [1]",                             NULL                               },
    {"application/json",        "[1] 2",                                             NULL                               },
    {"application/json",        "",                                                  NULL                               },
    {"text/html",               "<html>",                                            NULL                               },
    {"text/csv; charset=utf-8", "1,\"x, y\"\n2,z\n",                                 "[\"1\", \"x, y\"]|[\"2\", \"z\"]|"},
    {"text/csv",                "1\n2\n",                                            "\"1\"|\"2\"|"                     },
    {"text/csv",                "1,2\n3\n",                                          NULL                               },
};

static void rows_are_found_in_answers(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_LEN(answers); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        NB_AUTO(nb_buf) got = NB_BUF_INIT(10000);
        nb_answer_rows rows = {0};
        print_message("%s\n", answers[i].body);
        bool found = nb_answer_rows_read(&arena, nb_str_from(answers[i].type),
                                         nb_str_from(answers[i].body), &rows);
        assert_int_equal(found, answers[i].want != NULL);
        for (size_t r = 0; found && r < rows.count; r++)
            nb_buf_printf(&got, NB_STR_FMT "|", NB_STR_ARG(rows.rows[r]));
        if (found)
            assert_str(nb_buf_view(&got), answers[i].want);
    }
}

static const struct {
    nb_predict_format format;
    bool terminal;
    size_t columns;
    const char *body, *want; /* NULL: refused */
} prints[] = {
    {NB_PREDICT_JSON,       false, 0,  "{\"predictions\":[1]}",                                    "{\"predictions\":[1]}\n"                               },
    {NB_PREDICT_JSON,       true,  80, "{\"predictions\":[[1,2],[3,4]],\"m\":{}}",
     "{\n  \"predictions\": [\n    [1, 2],\n    [3, 4]\n  ],\n  \"m\": {}\n}\n"                                                                            },
    {NB_PREDICT_JSON,       true,  80, "no JSON\n",                                                "no JSON\n"                                             },
    {NB_PREDICT_UNSAID,     false, 0,  "[1]",                                                      "[1]\n"                                                 },
    {NB_PREDICT_UNSAID,     true,  80, "<html>",                                                   "<html>\n"                                              },
    {NB_PREDICT_CSV,        false, 0,  "<html>",                                                   NULL                                                    },
    {NB_PREDICT_CSV,        false, 0,  "[1, 2.50]",                                                "prediction\n1\n2.50\n"                                 },
    {NB_PREDICT_CSV,        false, 0,  "[]",                                                       "prediction\n"                                          },
    {NB_PREDICT_CSV,        false, 0,  "[[1, \"a,b\"], [null, true]]",
     "prediction_0,prediction_1\n1,\"a,b\"\n,true\n"                                                                                                       },
    {NB_PREDICT_CSV,        false, 0,  "[{\"a\": 1, \"b\": [1,\n2]}, {\"b\": \"x\"}]",
     "a,b\n1,\"[1, 2]\"\n,x\n"                                                                                                                             },
    {NB_PREDICT_CSV,        false, 0,  "[[1], [1, 2]]",                                            NULL                                                    },
    {NB_PREDICT_CSV,        false, 0,  "[{\"a\": 1}, {\"c\": 1}]",                                 NULL                                                    },
    {NB_PREDICT_JSON_LINES, false, 0,  "[[1,\n 2], \"x\"]",                                        "[1,  2]\n\"x\"\n"                                      },
    {NB_PREDICT_TABLE,      true,  80, "[\"setosa\", \"virginica\"]",
     "row  prediction\n  1  setosa\n  2  virginica\n"                                                                                                      },
    {NB_PREDICT_TABLE,      true,  80, "[[0.987654321, 1], [12.5, -3], [1e-7, 9007199254740993]]",
     "row  prediction_0      prediction_1\n  1      0.987654                 1\n  2     12.5                     -3\n  3      1e-7      9007199254740993\n"},
    {NB_PREDICT_TABLE,      true,  12, "[\"setosa\"]",                                             "row  predic\xE2\x80\xA6\n  1  setosa\n"                },
    {NB_PREDICT_TABLE,      true,  80, "[]",                                                       "row  prediction\n"                                     },
};

static void answers_are_printed(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_LEN(prints); i++) {
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        NB_AUTO(nb_buf) out = NB_BUF_INIT(10000);
        const nb_predict_view view = {prints[i].format, prints[i].terminal, prints[i].columns};
        const nb_prediction answer = {.content_type = NB_STR("application/json"),
                                      .body = nb_str_from(prints[i].body)};
        nb_code code = nb_predict_print(&view, &answer, &out, &err);
        print_message("%s\n", prints[i].body);
        if (prints[i].want) {
            assert_ok(code, &err);
            assert_str(nb_buf_view(&out), prints[i].want);
        } else {
            assert_int_equal(code, NB_ERR_REMOTE);
        }
    }
}

static void percentiles_are_values_that_were_measured(void **state)
{
    static const int64_t values[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    (void)state;
    assert_int_equal(nb_percentile(values, 10, 0), 1);
    assert_int_equal(nb_percentile(values, 10, 50), 5);
    assert_int_equal(nb_percentile(values, 10, 90), 9);
    assert_int_equal(nb_percentile(values, 10, 99), 10);
    assert_int_equal(nb_percentile(values, 10, 100), 10);
    assert_int_equal(nb_percentile(values, 1, 99), 1);
    assert_int_equal(nb_percentile(values, 0, 50), 0);
}

static void the_servers_share_is_read(void **state)
{
    (void)state;
    nb_str ours = NB_STR("queue;dur=0.120, predict;dur=12.5");
    assert_int_equal(nb_server_timing(ours, "queue"), 120);
    assert_int_equal(nb_server_timing(ours, "predict"), 12500);
    assert_int_equal(nb_server_timing(ours, "total"), -1);
    assert_int_equal(nb_server_timing(NB_STR("cache;desc=\"x\";dur=2"), "cache"), 2000);
    assert_int_equal(nb_server_timing(NB_STR("cache"), "cache"), -1);
    assert_int_equal(nb_server_timing(NB_STR("cache;dur=-1"), "cache"), -1);
    assert_int_equal(nb_server_timing(NB_STR(""), "cache"), -1);
}

static void formats_are_told_by_the_suffix(void **state)
{
    nb_predict_format format = NB_PREDICT_UNSAID;
    (void)state;
    assert_true(nb_predict_format_of(NB_STR("a.CSV"), &format) && format == NB_PREDICT_CSV);
    assert_true(nb_predict_format_of(NB_STR("a.ndjson"), &format) &&
                format == NB_PREDICT_JSON_LINES);
    assert_false(nb_predict_format_of(NB_STR("a.npy"), &format));
    assert_false(nb_predict_format_of(NB_STR("-"), &format));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_found_in_answers),
        cmocka_unit_test(answers_are_printed),
        cmocka_unit_test(percentiles_are_values_that_were_measured),
        cmocka_unit_test(the_servers_share_is_read),
        cmocka_unit_test(formats_are_told_by_the_suffix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
