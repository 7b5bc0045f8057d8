#include "text/secret.h"

#include "nb_test.h"

/* Shapes are put together here, so that no scanner takes this file for a leak. */
#define KEY16  \
    "ABCDEFGH" \
    "IJKLMNOP"
#define KEY32          \
    "abcdefgh12345678" \
    "abcdefgh12345678"

static const struct {
    const char *name, *value;
    bool secret;
} values[] = {
    {"password",              "hunter2",                                                             true },
    {"DB_PASSWORD",           "x",                                                                   true },
    {"dbPassword",            "x",                                                                   true },
    {"client_secret",         "abc",                                                                 true },
    {"apiKey",                KEY32,                                                                 true },
    {"api_key",               KEY32,                                                                 true },
    {"api-key",               KEY32,                                                                 true },
    {"aws.secret_access_key", KEY32,                                                                 true },
    {"token",                 KEY32,                                                                 true },
    {"storage_account_key",   KEY32,                                                                 true },
    {"x",                     "AKIA" KEY16,                                                          true },
    {"x",                     "sk-" KEY32,                                                           true },
    {"x",                     "key is sk-" KEY32 " ok",                                              true },
    {"x",                     "ghp_" KEY32,                                                          true },
    {"x",                     "https://user:pw@host/path",                                           true },
    {"x",                     "postgresql://user:pw@host:5432/db",                                   true },
    {"x",                     "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=" KEY32 "==", true },
    {"x",                     "-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END",                      true },
    {"x",                     "Server=db;Uid=me;Pwd=hunter2;",                                       true },
    {"x",                     "postgresql://h/db?user=me&password=hunter2",                          true },
    {"x",                     "Server=db;Pwd=${PW};",                                                false},
    {"x",                     "f(the_password=1)",                                                   false},
    {"password",              "",                                                                    false},
    {"password",              "${DB_PASSWORD}",                                                      false},
    {"token",                 "short",                                                               false},
    {"eos_token",             "</s>",                                                                false},
    {"pad_token",             "[PAD]",                                                               false},
    {"mask_token",            "endoftext",                                                           false},
    {"max_tokens",            "4096",                                                                false},
    {"tokenizer",             "bert-base-uncased-2018-12345678",                                     false},
    {"key",                   "value12345",                                                          false},
    {"primary_key",           "customer_id_1",                                                       false},
    {"num_keys",              "12345678",                                                            false},
    {"x",                     "https://host:5000/path@v1",                                           false},
    {"x",                     "https://user@host/",                                                  false},
    {"x",                     "https://user:${PW}@host/",                                            false},
    {"x",                     "sqlite:///mlflow.db",                                                 false},
    {"x",                     "task-sk-learn-something-very-long-name",                              false},
    {"x",                     "risk-assessment-model-of-the-year-2024",                              false},
    {"x",                     "-----BEGIN CERTIFICATE-----",                                         false},
    {"x",                     "s3://bucket/prefix",                                                  false},
};

static void names_and_shapes_tell_a_secret(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_LEN(values); i++) {
        print_message("case %zu: %s: %s\n", i, values[i].name, values[i].value);
        assert_int_equal(nb_secret_value(nb_str_from(values[i].name), nb_str_from(values[i].value)),
                         values[i].secret);
    }
}

static const struct {
    const char *line, *shown;
} code_lines[] = {
    {"!pip install git+https://me:hunter22@host/x.git",
     "!pip install git+https://***********@host/x.git"                                                  },
    {"token = 'sk-"
     "a1b2c3d4e5f6g7h8"
     "i9j0k1l2"
     "' oops",                                     "token = '***************************' oops"    },
    {"f(password='hunter22', x='p\xC3\xA4')",           "f(password='********', x='p\xC3\xA4')"         },
    {"{\"api_key\": \"a1b2c3d4e5f6g7h8\"}",             "{\"api_key\": \"****************\"}"           },
    {"login('hf_"
     "mKfJqZtWbVxLsRdHyN"
     "cPgTuAeMoIkYjDqB"
     "')",                                         "login('*************************************')"},
    {"password = getpass()",                            "password = getpass()"                          },
    {"connect(password=secrets['db'])",                 "connect(password=secrets['db'])"               },
    {"token = 'YOUR_TOKEN_HERE'",                       "token = 'YOUR_TOKEN_HERE'"                     },
    {"x = y if z else 'sk-learn'",                      "x = y if z else 'sk-learn'"                    },
    {"eos_token = '</s>'",                              "eos_token = '</s>'"                            },
};

static void lines_of_code_are_shown_without_secrets(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    for (size_t i = 0; i < NB_LEN(code_lines); i++)
        assert_str(nb_secret_mask_code(&arena, nb_str_from(code_lines[i].line)),
                   code_lines[i].shown);
}

static const struct {
    const char *line, *shown;
} lines[] = {
    {"region: eu-west-1",                       "region: eu-west-1"                      },
    {"password: hunter2",                       "password: *******"                      },
    {"  password: \"a \\\" b\", x: 1",          "  password: \"******\", x: 1"           },
    {"{\"password\": \"abc\", \"notebok\": 1}", "{\"password\": \"***\", \"notebok\": 1}"},
    {"password: ${PW}",                         "password: ${PW}"                        },
    {"password:",                               "password:"                              },
    {"password: p\xC3\xA4ss # c",               "password: ********"                     },
    {"uri: http://me:pw@host/ # c",             "uri: http://*****@host/ # c"            },
    {"k: AKIA" KEY16 " x",                      "k: ******************** x"              },
    {"a: AKIA" KEY16 ", token: 'x'",            "a: ********************, token: '*'"    },
};

static void a_shown_line_has_stars_for_secrets(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_LEN(lines); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        print_message("case %zu: %s\n", i, lines[i].line);
        assert_str(nb_secret_mask_line(&arena, nb_str_from(lines[i].line)), lines[i].shown);
    }
}

static void hiding_keeps_the_rest(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    assert_str(nb_secret_hide(&arena, NB_STR("http://a:b@h/ AKIA" KEY16 "!")),
               "http://***@h/ ***!");
    assert_str(nb_secret_hide(&arena, NB_STR("plain")), "plain");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_of_code_are_shown_without_secrets),
        cmocka_unit_test(names_and_shapes_tell_a_secret),
        cmocka_unit_test(a_shown_line_has_stars_for_secrets),
        cmocka_unit_test(hiding_keeps_the_rest),
    };
    return cmocka_run_group_tests_name("text/secret", tests, NULL, NULL);
}
