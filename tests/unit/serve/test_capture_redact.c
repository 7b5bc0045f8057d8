/* Columns that are named are out, in every form a request may have; what cannot be told apart is not kept. */
#include "nb_test.h"

#include "serve/capture/capture_redact.h"

#define J  "application/json"
#define C  "text/csv"
#define NO NULL

static const nb_str secret_names[] = {NB_STR_ROW("name"), NB_STR_ROW("home address")};
static const nb_str schema_names[] = {NB_STR_ROW("age"), NB_STR_ROW("name"), NB_STR_ROW("height")};

typedef struct redact_case {
    bool schema; /* is it known? */
    const char *type, *body, *want;
} redact_case;

static const redact_case inputs[] = {
  /* objects: by name */
    {false, J,                                  "{\"instances\": [{\"age\": 3, \"name\": \"Bob\"}]}",
     "{\"instances\": [{\"age\": 3, \"name\": null}]}"                                                                                                                                                                     },
    {false, J,
     "{\"dataframe_records\": [{\"Home_Address\": \"x\", \"age\": 1.50}], \"params\": {\"t\": 1}}",                            "{\"dataframe_records\": [{\"Home_Address\": null, \"age\": 1.50}], \"params\": {\"t\": 1}}"},
    {false, J,                                  "[{\"n\\u0061me\": \"Bob\"}]",                                                 "[{\"name\": null}]"                                                                        },
    {false, J,                                  "[{\" NAME \": {\"first\": \"Bob\"}}]",                                        "[{\" NAME \": null}]"                                                                      },
    {false, J,                                  "{\"name\": \"Bob\", \"age\": NaN}",                                           "{\"name\": null, \"age\": NaN}"                                                            },
    {false, J,                                  "{\"inputs\": {\"name\": [\"Bob\"], \"age\": [3]}}",
     "{\"inputs\": {\"name\": null, \"age\": [3]}}"                                                                                                                                                                        },
    {false, J,                                  "[{\"name\": \"Bob\", \"name\": \"Eve\"}]",                                    "[{\"name\": null, \"name\": null}]"                                                        },
    {true,  J,                                  "{\"inputs\": {\"age\": [3], \"height\": [4]}}",
     "{\"inputs\": {\"age\": [3], \"height\": [4]}}"                                                                                                                                                                       },
    {false, J,                                  "{\"instances\": []}",                                                         "{\"instances\": []}"                                                                       },
 /* names in the request */
    {false, J,
     "{\"dataframe_split\": {\"data\": [[\"Bob\", 3]], \"columns\": [\"name\", \"age\"], \"index\": [\"Bob\"]}}",
     "{\"dataframe_split\": {\"columns\": [\"name\", \"age\"], \"data\": [[null, 3]]}}"                                                                                                                                    },
    {false, C,                                  "name,age\nBob,3\n\"Eve, \"\"E\"\"\",4\n",                                     "name,age\n,3\n,4\n"                                                                        },
    {false, C,                                  "age,\"name\"\r\n3,Bob\r\n\r\n",                                               "age,\"name\"\r\n3,\r\n\r\n"                                                                },
    {false, C,                                  "\xef\xbb\xbfname\nBob",                                                       "name\n"                                                                                    },
 /* positions: the schema's */
    {true,  J,                                  "[[3, \"Bob\", 180]]",                                                         "[[3, null, 180]]"                                                                          },
    {true,  J,                                  "[3, \"Bob\", 180]",                                                           "[3, null, 180]"                                                                            },
    {true,  J,                                  "{\"instances\": [[3, [\"Bob\"], 180], [4, {\"a\": 1}, 1]]}",
     "{\"instances\": [[3, null, 180], [4, null, 1]]}"                                                                                                                                                                     },
    {true,  C,                                  "3,Bob,180\n",                                                                 "3,,180\n"                                                                                  },
    {true,  C,                                  "age,name,height\n3,Bob,180\n",                                                "age,name,height\n3,,180\n"                                                                 },
    {true,  C,                                  "age,height\n3,180\n",                                                         "age,height\n3,180\n"                                                                       },
 /* not sure */
    {false, J,                                  "[[3, \"Bob\", 180]]",                                                         NO                                                                                          },
    {true,  J,                                  "[[3, \"Bob\"]]",                                                              NO                                                                                          },
    {true,  J,                                  "[[3, \"Bob\", [\"Bob\"]]]",                                                   NO                                                                                          },
    {true,  J,                                  "[{\"age\": 3}, [\"Bob\"]]",                                                   NO                                                                                          },
    {true,  J,                                  "[[[3, \"Bob\", 180]]]",                                                       NO                                                                                          },
    {false, J,                                  "{\"instances\": [{\"features\": [3, \"Bob\"]}]}",                             NO                                                                                          },
    {false, J,                                  "{\"inputs\": [{\"name\": \"name\", \"data\": [\"Bob\"]}], \"x\": [\"Bob\"]}", NO                                                                                          },
    {false, J,                                  "{\"instances\": [{\"key\": \"name\", \"value\": \"Bob\"}]}",                  NO                                                                                          },
    {false, J,
     "{\"dataframe_split\": {\"columns\": [\"name\"], \"columns\": [\"age\"], \"data\": [[\"Bob\"]]}}",
     NO                                                                                                                                                                                                                    },
    {false, J,                                  "{\"dataframe_split\": {\"columns\": [\"age\"], \"data\": [[\"Bob\", 1]]}}",   NO                                                                                          },
    {false, J,                                  "\"Bob\"",                                                                     NO                                                                                          },
    {false, J,                                  "{\"name\": \"Bob\"",                                                          NO                                                                                          },
    {false, J,                                  "",                                                                            NO                                                                                          },
    {false, "text/plain",                       "name: Bob",                                                                   NO                                                                                          },
    {false, "application/json; charset=utf-16", "{}",                                                                          NO                                                                                          },
    {false, "application/x-npy",                "{}",                                                                          NO                                                                                          },
    {false, C,                                  "3,Bob\n",                                                                     NO                                                                                          },
    {false, C,                                  "age;name\n3;Bob\n",                                                           NO                                                                                          },
    {false, C,                                  "name,age\nBob\n",                                                             NO                                                                                          },
    {false, C,                                  "name,age\n\"Bob,3\n",                                                         NO                                                                                          },
    {false, C,                                  "name,age\nB\"ob,3\n",                                                         NO                                                                                          },
    {false, C,                                  "name,age\nx,3\rBob,4\n",                                                      NO                                                                                          },
    {true,  C,                                  "3,name,180\n4,Bob,170\n",                                                     NO                                                                                          },
    {true,  C,                                  "3,Bob\n",                                                                     NO                                                                                          },
    {false, C,                                  "",                                                                            NO                                                                                          },
    {false, J,                                  "[{\"name\": \"\xff\"}]",                                                      NO                                                                                          },
};

static nb_redaction redaction_of(const redact_case *c)
{
    nb_redaction what = {
        .secret = {secret_names, NB_LEN(secret_names)}
    };
    if (c->schema)
        what.schema = (nb_names){schema_names, NB_LEN(schema_names)};
    return what;
}

static void inputs_lose_their_secret_columns(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < NB_LEN(inputs); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
        nb_removed removed = {0};
        nb_redaction what = redaction_of(&inputs[i]);
        const nb_redact_body in = {nb_str_from(inputs[i].type), nb_str_from(inputs[i].body)};
        print_message("case %zu: %s\n", i, inputs[i].body);
        bool kept = nb_redact_input(&arena, &what, &in, &removed, &out);
        assert_int_equal(kept, inputs[i].want != NULL);
        if (kept)
            assert_str(nb_buf_view(&out), inputs[i].want);
    }
}

static const struct {
    const char *type, *body, *want;
} outputs[] = {
    {J,            "{\"predictions\": [0.5, 1]}",                              "{\"predictions\": [0.5, 1]}"},
    {J,            "[[0.1, 0.9]]",                                             "[[0.1, 0.9]]"               },
    {J,            "{\"predictions\": [{\"name\": \"Bob Smith\", \"p\": 1}]}",
     "{\"predictions\": [{\"name\": null, \"p\": 1}]}"                                                      },
    {J,            "{\"columns\": [\"p\", \"name\"], \"data\": [[1, \"x\"]]}",
     "{\"columns\": [\"p\", \"name\"], \"data\": [[1, null]]}"                                              },
    {J,            "{\"predictions\": [\"hello bob smith!\"]}",                NO                           },
    {J,            "{\"Bob Smith\": 0.5}",                                     NO                           },
    {J,            "{\"outputs\": [{\"name\": \"name\", \"data\": [\"x\"]}]}", NO                           },
    {J,            "[5551234567.0]",                                           NO                           },
    {J,            "[\"05551234567\"]",                                        NO                           },
    {J,            "[3]",                                                      "[3]"                        },
    {J,            "[\"Al\"]",                                                 NO                           },
    {J,            "[\"Also\"]",                                               "[\"Also\"]"                 },
    {C,            "0.5\n0.1\n",                                               "0.5\n0.1\n"                 },
    {C,            "p,name\n1,x\n",                                            "p,name\n1,\n"               },
    {C,            "1,Bob Smith\n",                                            NO                           },
    {C,            "\"1\",\"B\"ob\n",                                          NO                           },
    {"text/plain", "0.5",                                                      NO                           },
};

static void outputs_repeat_nothing_that_was_taken_out(void **unused)
{
    static const char input[] =
        "[{\"name\": \"Bob Smith\"}, {\"name\": 5551234567}, {\"name\": 3}, {\"name\": \"Al\"}]";
    (void)unused;
    for (size_t i = 0; i < NB_LEN(outputs); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
        NB_AUTO(nb_buf) ignored = NB_BUF_INIT(NB_BUF_TEXT);
        nb_removed removed = {0};
        nb_redaction what = redaction_of(&inputs[0]);
        const nb_redact_body in = {NB_STR(J), nb_str_from(input)};
        const nb_redact_body answer = {nb_str_from(outputs[i].type), nb_str_from(outputs[i].body)};
        print_message("case %zu: %s\n", i, outputs[i].body);
        assert_true(nb_redact_input(&arena, &what, &in, &removed, &ignored));
        bool kept = nb_redact_output(&arena, &what, &answer, &removed, &out);
        assert_int_equal(kept, outputs[i].want != NULL);
        if (kept)
            assert_str(nb_buf_view(&out), outputs[i].want);
    }
}

static void what_blanks_separate_is_one_name_and_several(void **unused)
{
    static const struct {
        const char *text, *names;
    } cases[] = {
        {"",                  ""                               },
        {"name",              "name|"                          },
        {" name  email ",     "name  email|name|email|"        },
        {"home address,name", "home address|home|address|name|"},
        {"home address,, ",   "home address|home|address|"     },
        {"a,b c",             "a|b c|b|c|"                     },
    };
    (void)unused;
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
        nb_names names = nb_names_split(&arena, nb_str_from(cases[i].text));
        for (size_t n = 0; n < names.count; n++)
            nb_buf_printf(&out, NB_STR_FMT "|", NB_STR_ARG(names.at[n]));
        assert_str(nb_buf_view(&out), cases[i].names);
    }
}

static void names_of_the_schema_are_those_of_training(void **unused)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    (void)unused;
    nb_names names = nb_names_of_schema(
        &arena, NB_STR("{\"rss\": 1, \"schema\": {\"feature_names\": [\"a\", \"b \"]}}"));
    assert_int_equal(names.count, 2);
    assert_str(names.at[1], "b");
    static const char *const none[] = {"",
                                       "{",
                                       "[]",
                                       "{\"schema\": null}",
                                       "{\"schema\": {\"feature_names\": null}}",
                                       "{\"schema\": {\"feature_names\": [\"a\", 3]}}"};
    for (size_t i = 0; i < NB_LEN(none); i++)
        assert_int_equal(nb_names_of_schema(&arena, nb_str_from(none[i])).count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inputs_lose_their_secret_columns),
        cmocka_unit_test(outputs_repeat_nothing_that_was_taken_out),
        cmocka_unit_test(what_blanks_separate_is_one_name_and_several),
        cmocka_unit_test(names_of_the_schema_are_those_of_training),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
