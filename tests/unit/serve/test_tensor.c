/* Tensors of the Open Inference Protocol: what is read, what is refused, and that numbers keep their digits both ways. */
#include "nb_test.h"
#include "serve/contract/signature.h"
#include "serve/contract/tensor.h"

#define INPUTS(list) "{\"inputs\": [" list "]}"
#define INPUT(name, shape, type, data)                                            \
    "{\"name\": \"" name "\", \"shape\": " shape ", \"datatype\": \"" type "\", " \
    "\"data\": " data "}"

static const struct {
    const char *request, *rows;
} fine[] = {
    {INPUTS(INPUT("x",                  "[2, 2]",          "FP64", "[5.10, 3.5, -0.25e-3, 4]")),
     "{\"instances\": [[5.10, 3.5], [-0.25e-3, 4]]}"},
    {INPUTS(INPUT("x",     "[2, 2]",      "FP32", "[[1, 2], [3, null]]")),
     "{\"instances\": [[1, 2], [3, null]]}"},
    {INPUTS(INPUT("x",                  "[1, 2, 2]",                       "INT64", "[ [ [ 1 ,2] ,[3,4]]]")),
     "{\"instances\": [[[1, 2], [3, 4]]]}"},
    {INPUTS(INPUT("x",          "[3]",               "UINT64", "[0, 18446744073709551615, 7]")),
     "{\"instances\": [0, 18446744073709551615, 7]}"},
    {INPUTS(INPUT("x",                  "[2]",       "INT8", "[-128, 127]")), "{\"instances\": [-128, 127]}"},
    {INPUTS(INPUT("x",         "[2]",                "BOOL", "[true, false]")), "{\"instances\": [true, false]}"},
    {INPUTS(INPUT("x",                  "[2]",                     "FP16", "[NaN, -Infinity]")), "{\"instances\": [NaN, -Infinity]}"},
    {INPUTS(INPUT("x", "[2, 1]",      "BYTES", "[\"a, \\\"b\\\" ]\", \"\\u00e9\"]")),
     "{\"instances\": [[\"a, \\\"b\\\" ]\"], [\"\\u00e9\"]]}"},
    {INPUTS(INPUT("x",                  "[0, 3]",             "FP64", "[]")), "{\"instances\": []}"},
    {INPUTS(INPUT("size",                  "[2, 1]",     "FP64", "[1.50, 2]") ", " INPUT("kind", "[2]", "BYTES",
     "[\"a\", null]")),
     "{\"dataframe_split\": {\"columns\": [\"size\", \"kind\"], \"data\": [[1.50, \"a\"], [2, null]]}}"},
    {INPUTS(INPUT("a",                  "[2, 2]",                      "INT32", "[1, 2, 3, 4]") ", " INPUT("b", "[2, 1, 1]", "BOOL",
     "[[[true]], [[false]]]")),
     "{\"dataframe_split\": {\"columns\": [\"a\", \"b\"], \"data\": [[[1, 2], true], [[3, 4], false]]}}"},
    {"{\"id\": \"7\", \"parameters\": {\"content_type\": \"pd\"}, \"inputs\": [{\"data\": [1], \"parameters\": {\"a\": [{}]}, "
     "\"datatype\": \"INT16\", \"shape\": [1], \"name\": \"x\", \"more\": {}}], \"outputs\": [{\"name\": \"predict\"}]}",
     "{\"instances\": [1]}"},
};

static void writes_rows_with_the_digits_of_the_request(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_LEN(fine); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
        nb_str body = nb_str_from(fine[i].request);
        nb_tensor_request request;
        print_message("case %zu\n", i);
        nb_code code = nb_tensor_read(&arena, body, body.len, &request, &err);
        if (code != NB_OK)
            print_message("%s\n", nb_error_message(&err, 0));
        assert_int_equal(code, NB_OK);
        nb_tensor_write_rows(&request, false, &out);
        assert_string_equal(out.at, fine[i].rows);
    }
}

static const struct {
    const char *request, *message;
} wrong[] = {
    {"",                            "expected"               },
    {"[]",                          "expected"               },
    {"{}",                          "no 'inputs'"            },
    {"{\"inputs\": []}",            "no 'inputs'"            },
    {"{\"inputs\": [[]]}",          "expected"               },
    {"{\"inputs\": 3}",             "expected"               },
    {INPUTS(INPUT("x",              "[2, 2]",                  "FP64", "[1, 2, 3]")), "has 3 elements; its shape says 4"},
    {INPUTS(INPUT("x",                "[2, 2]",       "FP64", "[1, 2, 3, 4, 5]")), "has 5 elements; its shape says 4"},
    {INPUTS(INPUT("x",              "[2, 3]",                "FP64", "[[1, 2], [3, 4], [5, 6]]")), "nested otherwise"},
    {INPUTS(INPUT("x",          "[2, 2]", "FP64", "[[1, 2], 3]")), "nested otherwise"},
    {INPUTS(INPUT("x",              "[2]",                  "FP64", "[[1], [2]]")), "holds [1], which is no FP64"},
    {INPUTS(INPUT("x", "[1]",        "INT64", "[1.5]")), "holds 1.5, which is no INT64"},
    {INPUTS(INPUT("x",              "[1]",                      "INT64", "[9223372036854775808]")), "which is no INT64"},
    {INPUTS(INPUT("x",              "[1]",                     "UINT8", "[-1]")), "holds -1, which is no UINT8"},
    {INPUTS(INPUT("x",              "[1]",                     "UINT8", "[256]")), "holds 256"},
    {INPUTS(INPUT("x",               "[1]",           "INT8", "[-129]")), "holds -129"},
    {INPUTS(INPUT("x",              "[1]",                                  "INT8", "[null]")), "holds null"},
    {INPUTS(INPUT("x",                    "[1]",               "BOOL", "[1]")), "holds 1, which is no BOOL"},
    {INPUTS(INPUT("x",              "[1]",                     "BYTES", "[1]")), "holds 1, which is no BYTES"},
    {INPUTS(INPUT("x",    "[1]",          "FP64", "[\"1\"]")), "holds \"1\", which is no FP64"},
    {INPUTS(INPUT("x",              "[1]",                     "FP65", "[1]")), "unknown datatype 'FP65'"},
    {INPUTS(INPUT("x",                     "[-1]",                 "FP64", "[1]")), "wants a 'shape'"},
    {INPUTS(INPUT("x",              "[]",                     "FP64", "[1]")), "wants a 'shape'"},
    {INPUTS(INPUT("x",                    "[1.0]",                                  "FP64", "[1]")), "wants a 'shape'"},
    {INPUTS(INPUT("x",              "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]",                    "FP64", "[1]")), "wants a 'shape'"},
    {INPUTS(INPUT("x",                   "[4294967295, 4294967295, 4294967295]",                                "FP64", "[1]")), "nothing fits"},
    {INPUTS(INPUT("x",              "[4294967295, 0]",                     "FP64", "[]")), "rows of nothing"},
    {INPUTS(INPUT("x",                   "[1]",                                "FP64", "1")), "wants its 'data'"},
    {INPUTS("{\"name\": \"x\", \"shape\": [1], \"datatype\": \"FP64\"}"),              "wants its 'data'"              },
    {INPUTS("{\"name\": \"x\", \"shape\": [1], \"data\": [1]}"),                      "no 'datatype'"                   },
    {INPUTS("{\"name\": \"x\", \"datatype\": \"FP64\", \"data\": [1]}"),              "wants a 'shape'"                    },
    {INPUTS("{\"shape\": [1], \"datatype\": \"FP64\", \"data\": [1]}"),                      "no 'name'"                  },
    {INPUTS(INPUT("a",              "[1]",                               "FP64", "[1]") ", " INPUT("b", "[2]", "FP64", "[1, 2]")),
     "another first dimension"},
    {INPUTS(INPUT("a",                  "[1]",            "FP64", "[1]") ", " INPUT("a", "[1]", "FP64", "[1]")),
     "is there twice"},
    {INPUTS(INPUT("x",              "[1]",                     "FP64", "[1]")) "x", "expected"},
    {INPUTS(
         "{\"name\": \"x\", \"shape\": [1], \"datatype\": \"FP64\", \"parameters\": {\"binary_data_size\": 8}}"),
     "'binary_data_size' that the body does not have"                     },
};

static void says_what_is_wrong_with_which_input(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_LEN(wrong); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        nb_str body = nb_str_from(wrong[i].request);
        nb_tensor_request request;
        print_message("case %zu: %s\n", i, wrong[i].request);
        assert_int_not_equal(nb_tensor_read(&arena, body, body.len, &request, &err), NB_OK);
        print_message("  %s\n", nb_error_message(&err, 0));
        assert_non_null(strstr(nb_error_message(&err, 0), wrong[i].message));
    }
}

#define BINARY(shape, type, size)                                                 \
    "{\"inputs\": [{\"name\": \"x\", \"shape\": " shape ", \"datatype\": \"" type \
    "\", \"parameters\": {\"binary_data_size\": " size "}}]}"

static const struct {
    const char *head;
    nb_str bytes;
    const char *rows; /* NULL: refused */
} bytes[] = {
    {BINARY("[2]", "FP64",   "16"),
     NB_STR_ROW("\x66\x66\x66\x66\x66\x66\x14\x40\0\0\0\0\0\0\x14\x40"),              "[5.1, 5.0]"            },
    {BINARY("[1]", "FP32",   "4"),  NB_STR_ROW("\x33\x33\xa3\x40"),                   "[5.0999999046325684]"  },
    {BINARY("[3]", "FP32",   "12"), NB_STR_ROW("\0\0\xc0\x7f\0\0\x80\xff\0\0\0\x80"),
     "[NaN, -Infinity, -0.0]"                                                                                 },
    {BINARY("[4]", "FP16",   "8"),  NB_STR_ROW("\x00\x3e\x00\xc0\x01\x00\x00\x7c"),
     "[1.5, -2.0, 5.9604644775390625e-08, Infinity]"                                                          },
    {BINARY("[2]", "INT8",   "2"),  NB_STR_ROW("\xff\x7f"),                           "[-1, 127]"             },
    {BINARY("[2]", "UINT16", "4"),  NB_STR_ROW("\xff\xff\x01\x00"),                   "[65535, 1]"            },
    {BINARY("[1]", "INT64",  "8"),  NB_STR_ROW("\0\0\0\0\0\0\0\x80"),                 "[-9223372036854775808]"},
    {BINARY("[1]", "UINT64", "8"),  NB_STR_ROW("\xff\xff\xff\xff\xff\xff\xff\xff"),
     "[18446744073709551615]"                                                                                 },
    {BINARY("[2]", "BOOL",   "2"),  NB_STR_ROW("\x01\0"),                             "[true, false]"         },
    {BINARY("[2]", "BYTES",  "11"), NB_STR_ROW("\x03\0\0\0a\"b\0\0\0\0"),             "[\"a\\\"b\", \"\"]"    },
    {BINARY("[2]", "BYTES",  "7"),  NB_STR_ROW("\x03\0\0\0a\"b"),                     NULL                    },
    {BINARY("[1]", "BYTES",  "7"),  NB_STR_ROW("\x04\0\0\0a\"b"),                     NULL                    },
    {BINARY("[1]", "BYTES",  "6"),  NB_STR_ROW("\x02\0\0\0\xff\xfe"),                 NULL                    },
    {BINARY("[1]", "FP64",   "4"),  NB_STR_ROW("\0\0\0\0"),                           NULL                    },
    {BINARY("[1]", "FP32",   "4"),  NB_STR_ROW("\0\0\0\0\0"),                         NULL                    },
    {BINARY("[1]", "FP32",   "-4"), NB_STR_ROW("\0\0\0\0"),                           NULL                    },
};

static void reads_binary_inputs(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_LEN(bytes); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
        nb_str head = nb_str_from(bytes[i].head);
        nb_str body = nb_str_concat(&arena, head, bytes[i].bytes);
        nb_tensor_request request;
        print_message("case %zu\n", i);
        nb_code code = nb_tensor_read(&arena, body, head.len, &request, &err);
        assert_int_equal(code == NB_OK, bytes[i].rows != NULL);
        if (code != NB_OK)
            continue;
        nb_tensor_write_rows(&request, false, &out);
        nb_str wanted = nb_arena_printf(&arena, "{\"instances\": %s}", bytes[i].rows);
        assert_string_equal(out.at, wanted.at);
    }
}

static void one_text_a_row_can_be_flat(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    nb_str body = NB_STR(INPUTS(INPUT("x", "[2, 1]", "BYTES", "[[\"a\"], [\"b\"]]")));
    nb_tensor_request request;
    assert_int_equal(nb_tensor_read(&arena, body, body.len, &request, &err), NB_OK);
    nb_tensor_write_rows(&request, true, &out);
    assert_string_equal(out.at, "{\"instances\": [\"a\", \"b\"]}");
}

#define OUTPUT(name, type, shape, data)                                           \
    "{\"name\": \"" name "\", \"datatype\": \"" type "\", \"shape\": " shape ", " \
    "\"data\": " data "}"

static const struct {
    const char *answer, *outputs;
} answers[] = {
    {"{\"predictions\": [0, 1]}",                                                                     OUTPUT("predict", "INT64",  "[2]",                                                               "[0, 1]")},
    {"{\"predictions\": [0.10, 1]}",                                                                  OUTPUT("predict", "FP64",   "[2]",                                                               "[0.10, 1]")},
    {"[[1, 2], [3, 4.5]]",                                                                            OUTPUT("predict", "FP64",   "[2, 2]",                                                            "[1, 2, 3, 4.5]")},
    {"{\"predictions\": [true, false]}",                                                              OUTPUT("predict", "BOOL",   "[2]",                                                               "[true, false]")},
    {"{\"predictions\": [\"a\", null]}",                                                              OUTPUT("predict", "BYTES",  "[2]",                                                               "[\"a\", null]")},
    {"{\"predictions\": [null, 1]}",                                                                  OUTPUT("predict", "FP64",   "[2]",                                                               "[null, 1]")},
    {"{\"predictions\": [NaN, -Infinity, 2]}",                                                        OUTPUT("predict", "FP64",   "[3]",                                                               "[null, null, 2]")},
    {"{\"predictions\": [18446744073709551615, 0]}",
     OUTPUT("predict",                                                                                                  "UINT64", "[2]",                                                               "[18446744073709551615, 0]")},
    {"{\"predictions\": [9223372036854775808, -1]}",
     OUTPUT("predict",                                                                                                  "FP64",   "[2]",                                                               "[9223372036854775808, -1]")},
    {"{\"predictions\": []}",                                                                         OUTPUT("predict", "FP64",   "[0]",                                                               "[]")},
    {"{\"predictions\": [[], []]}",                                                                   OUTPUT("predict", "FP64",   "[2, 0]",                                                            "[]")},
    {"3",                                                                                             OUTPUT("predict", "INT64",  "[1]",                                                               "[3]")},
    {"{\"predictions\": 0.5, \"model\": 3}",                                                          OUTPUT("predict", "FP64",   "[1]",                                                               "[0.5]")},
    {"{\"predictions\": [[1, 2], [3]]}",
     OUTPUT("predict",                                                                                                  "BYTES",  "[2]",                                                               "[\"[1, 2]\", \"[3]\"]")},
    {"{\"predictions\": [1, [2]]}",                                                                   OUTPUT("predict", "BYTES",  "[2]",                                                               "[\"1\", \"[2]\"]")},
    {"{\"predictions\": [[], 1]}",                                                                    OUTPUT("predict", "BYTES",  "[2]",                                                               "[\"[]\", \"1\"]")},
    {"{\"predictions\": [1, \"a\", true]}",
     OUTPUT("predict",                                                                                                  "BYTES",  "[3]",                                                               "[\"1\", \"a\", \"true\"]")},
    {"{\"predictions\": [{\"label\": \"a\", \"p\": [0.5, 0.5]}, {\"label\": \"b\", \"p\": [1, 0]}]}",
     OUTPUT("label",                                                                                                    "BYTES",  "[2]",                                                               "[\"a\", \"b\"]") ", " OUTPUT("p","FP64", "[2, 2]",
     "[0.5, 0.5, 1, 0]")},
    {"{\"predictions\": [{\"a\": 1}, {\"b\": 2}]}",
     OUTPUT("predict",                                                                                               "BYTES",                                                                                                       "[2]",                                                                                                                              "[\"{\\\"a\\\": 1}\", \"{\\\"b\\\": 2}\"]")},
    {"{\"predictions\": [{\"a\": 1}, 2]}",
     OUTPUT("predict",                                                               "BYTES","[2]","[\"{\\\"a\\\": 1}\", \"2\"]")},
    {"{\"predictions\": {\"label\": [1, 2], \"mean\": 0.5}}",
     OUTPUT("label",                                                                            "INT64",                                                                                                                    "[2]",                                                                                                                                                                                                                                                              "[1, 2]") ", " OUTPUT("mean","FP64", "[1]", "[0.5]")},
    {"{\"label\": [1], \"score\": [0.5]}",
     OUTPUT("label",                                                                              "INT64","[1]","[1]") ", " OUTPUT("score","FP64", "[1]", "[0.5]")},
    {"{}",                                                            OUTPUT("predict",                                                                                                    "BYTES",                        "[1]",                                                                                                                          "[\"{}\"]")},
    {"a \"b\"",                                                                                          OUTPUT("predict",                                                                                                  "BYTES",                                                                                                          "[1]",                                                                                                                                                                          "[\"a \\\"b\\\"\"]")},
    {"",                                                                                          OUTPUT("predict",                                                                                               "BYTES",                                                                                "[1]",                  "[\"\"]")},
};

static nb_str reply_to(nb_arena *arena, const char *answer, const nb_tensor_request *request,
                       size_t *head)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    nb_tensor_reply reply = {NB_STR("m"), NB_STR("1"), NB_STR("i"), {0}, request};
    nb_tensor_take_answer(arena, nb_str_from(answer), &reply.outputs);
    if (nb_tensor_write_reply(arena, &reply, &out, head, &err) != NB_OK)
        return nb_arena_str(arena, nb_str_from(nb_error_message(&err, 0)));
    return nb_arena_str(arena, nb_buf_view(&out));
}

static void predictions_become_outputs(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_LEN(answers); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        nb_tensor_request request = {0};
        size_t head = 0;
        print_message("case %zu: %s\n", i, answers[i].answer);
        nb_str reply = reply_to(&arena, answers[i].answer, &request, &head);
        nb_str wanted =
            nb_arena_printf(&arena,
                            "{\"model_name\": \"m\", \"model_version\": \"1\", \"id\": \"i\", "
                            "\"outputs\": [%s]}",
                            answers[i].outputs);
        assert_string_equal(reply.at, wanted.at);
        assert_int_equal(head, reply.len);
    }
}

static void outputs_are_chosen_by_name(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_tensor_wish wishes[] = {
        {NB_STR("b"), false}
    };
    nb_tensor_request request = {.wishes = wishes, .wish_count = 1};
    size_t head = 0;
    nb_str reply = reply_to(&arena, "{\"a\": [1], \"b\": [2]}", &request, &head);
    assert_non_null(strstr(reply.at, OUTPUT("b", "INT64", "[1]", "[2]")));
    assert_null(strstr(reply.at, "\"a\""));
    wishes[0].name = NB_STR("c");
    reply = reply_to(&arena, "{\"a\": [1], \"b\": [2]}", &request, &head);
    assert_string_equal(reply.at, "there is no output 'c'; this model has: a, b");
}

static void outputs_may_be_bytes(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_tensor_request request = {.binary = true};
    size_t head = 0;
    nb_str reply = reply_to(
        &arena, "{\"t\": [\"\\u0041\", null], \"i\": [-2], \"f\": [0.5, null], \"b\": [true]}",
        &request, &head);
    nb_str wanted = NB_STR("\x01\0\0\0A\0\0\0\0"
                           "\xfe\xff\xff\xff\xff\xff\xff\xff"
                           "\0\0\0\0\0\0\xe0\x3f\0\0\0\0\0\0\xf8\x7f"
                           "\x01");
    assert_true(nb_str_eq(nb_str_from_at(reply, head), wanted));
    assert_non_null(strstr(reply.at, "\"parameters\": {\"binary_data_size\": 9}"));
}

static const struct {
    const char *about, *inputs; /* name:datatype:rank.. */
    bool named;
} signatures[] = {
    {"{\"schema\": {\"feature_names\": [\"a\", \"b\"], \"dtypes\": {\"a\": \"int64\", \"b\": \"object\"}}}",
     "a:INT64:-1,1 b:BYTES:-1,1 ",                                                                                                     true },
    {"{\"schema\": {\"feature_names\": [\"a\"]}}",                                                           "a:FP64:-1,1 ",           true },
    {"{\"schema\": {\"dtypes\": {\"a\": \"float32\"}}}",                                                     "a:FP32:-1,1 ",           true },
    {"{\"schema\": {\"n_features\": 4}}",                                                                    "input:FP64:-1,4 ",       false},
    {"{\"schema\": {\"dtype\": \"float32\", \"shape\": [28, 28], \"n_features\": 3}}",
     "input:FP32:-1,28,28 ",                                                                                                           false},
    {"{\"schema\": {\"dtype\": \"object\"}}",                                                                "input:BYTES:-1 ",        false},
    {"{\"schema\": null, \"sample\": {\"instances\": [[1, 2]], \"answer\": {}}}",
     "input:INT64:-1,2 ",                                                                                                              false},
    {"{\"sample\": {\"instances\": [{\"a\": 1, \"b\": \"x\"}]}}",                                            "a:INT64:-1 b:BYTES:-1 ", true },
    {"{\"schema\": 3}",                                                                                      "",                       false},
    {"no JSON",                                                                                              "",                       false},
    {"",                                                                                                     "",                       false},
};

static void signatures_come_from_what_the_worker_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_LEN(signatures); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
        nb_signature signature;
        print_message("case %zu: %s\n", i, signatures[i].about);
        nb_signature_read(&arena, nb_str_from(signatures[i].about), &signature);
        for (size_t k = 0; k < signature.inputs.count; k++) {
            const nb_tensor *t = &signature.inputs.at[k];
            nb_buf_printf(&out, NB_STR_FMT ":%s:-1", NB_STR_ARG(t->name),
                          nb_datatype_name(t->datatype));
            for (unsigned j = 1; j < t->rank; j++)
                nb_buf_printf(&out, ",%zu", t->shape[j]);
            nb_buf_putc(&out, ' ');
        }
        assert_string_equal(out.at ? out.at : "", signatures[i].inputs);
        assert_int_equal(signature.named, signatures[i].named);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_rows_with_the_digits_of_the_request),
        cmocka_unit_test(says_what_is_wrong_with_which_input),
        cmocka_unit_test(reads_binary_inputs),
        cmocka_unit_test(one_text_a_row_can_be_flat),
        cmocka_unit_test(predictions_become_outputs),
        cmocka_unit_test(outputs_are_chosen_by_name),
        cmocka_unit_test(outputs_may_be_bytes),
        cmocka_unit_test(signatures_come_from_what_the_worker_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
