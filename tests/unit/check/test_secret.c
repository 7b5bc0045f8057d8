/* NB413: secrets in code; the value must not be printed anywhere. Shapes are put together, so that no scanner takes this file for a leak. */
#include "rule_cases.h"

#define RANDOM20 \
    "a8Kd93mXq0" \
    "Zr7Lp2Vw5T"
#define RANDOM36        \
    RANDOM20 "b1N6c4Y8" \
             "s3J5h7G9"
#define HEX40          \
    "0123a4b5c6d7e8f9" \
    "8f7e6d5c4b3a2190" \
    "12ab34cd"

static void test_found(void **state)
{
    (void)state;
    static const rule_case cases[] = {
        {"%% train\nx = 'AKIA"
         "ABCDEFGH23456JKL'",                                     "error 1:1"  },
        {"%% train\nx = 'ghp_" RANDOM36 "'",                               "error 1:1"  },
        {"%% train\nlogin('hf_" RANDOM36 "')",                             "error 1:1"  },
        {"%% train\nopenai.api_key = 'sk-" RANDOM36 "'",                   "error 1:1"  },
        {"%% train\nx = 'xoxb-"
         "123456789012-" RANDOM20 "'",
         "error 1:1"                                                                    },
        {"%% train\nx = 'AIza" RANDOM36 "'",                               "error 1:1"  },
        {"%% train\nx = 'postgresql://me:hunter22@db.example.org/x'",      "error 1:1"  },
        {"%% train\nx = 'Server=db;Uid=me;Pwd=hunter22;'",                 "error 1:1"  },
        {"%% train\nx = 'eyJhbGciOiJIUzI1NiJ9." RANDOM36 "." RANDOM20 "'", "error 1:1"  },
        {"%% train\napi_key = '" HEX40 "'",                                "error 1:1"  },
        {"%% train\nrun(token='" HEX40 "')",                               "error 1:1"  },
        {"%% train\nd = {'access_key': '" HEX40 "'}",                      "error 1:1"  },
        {"%% train\nimport os\nos.environ['X_API_KEY'] = '" HEX40 "'",     "error 1:2"  },
        {"%% train\nimport wandb\nwandb.login(key='" HEX40 "')",           "error 1:2"  },
        {"%% train\nh = {'Authorization': 'Bearer " HEX40 "'}",            "error 1:1"  },
        {"%% train\nconnect(password='hunter22')",                         "error 1:1"  },
        {"%% train\nconnect(password='admin')",                            "warning 1:1"},
        {"%%\napi_key = '" HEX40 "'\n%% train\nprint(1)",                  "warning 1:1"},
        {"%% train\ndef f(password='hunter22'):\n    pass\nf()",           "error 1:1"  },
    };
    test_rule(NB_D_SECRET_IN_CODE, cases, NB_LEN(cases));
}

static void test_not_found(void **state)
{
    (void)state;
    static const rule_case cases[] = {
        {"%% train\napi_key = 'YOUR_API_KEY'",                                         ""},
        {"%% train\napi_key = 'your-api-key-0123456789abc'",                           ""},
        {"%% train\napi_key = 'xxxxxxxxxxxxxxxxxxxxxxxxxxxx'",                         ""},
        {"%% train\napi_key = 'sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxx'",                      ""},
        {"%% train\napi_key = '<token>'",                                              ""},
        {"%% train\napi_key = ''",                                                     ""},
        {"%% train\nimport os\napi_key = os.environ['API_KEY']",                       ""},
        {"%% train\nimport os\napi_key = os.getenv('OPENAI_API_KEY', '')",             ""},
        {"%% train\npassword = getpass('Enter password')",                             ""},
        {"%% train\npassword = 'Enter your password'",                                 ""},
        {"%% train\npassword = 'password'",                                            ""},
        {"%% train\npassword = '********'",                                            ""},
        {"%% train\nx = 'AKIA"
         "IOSFODNN7EXAMPLE'",                                                 ""},
        {"%% train\npad_token = '[PAD]'\neos_token = '</s>'",                          ""},
        {"%% train\ntokenizer = 'bert-base-uncased-2018-12345678'",                    ""},
        {"%% train\nf(key='customer_id_1')",                                           ""},
        {"%% train\nx = 'postgresql://{user}:{password}@host/db'",                     ""},
        {"%% train\nu = 1\nx = f'postgresql://{u}:{u}@host/db'",                       ""},
        {"%% train\nx = 'https://user@host/'",                                         ""},
        {"%% train\nsha256 = '" HEX40 "'",                                             ""},
        {"%% train\nx = 'eyJhIjoxLCJiIjoyLCJjIjozLCJkIjo0LCJlIjo1LCJmIjo2LCJnIjo3fQ'", ""},
        {"%% train\ndf['password'] = 'x y'",                                           ""},
        {"%% train\npwd = '/data/x'",                                                  ""},
        {"%% train\nprint('sk-learn-0.24 is an old version of it')",                   ""},
        {"%% train\nx = '-----BEGIN CERTIFICATE-----'",                                ""},
    };
    test_rule(NB_D_SECRET_IN_CODE, cases, NB_LEN(cases));
}

/* The value is in no message, help or source line, also not of another finding on its line. */
static void test_not_shown(void **state)
{
    (void)state;
    static const char *const cells[] = {
        "%% train\nconnect(nobody, password='hunter22', folder='/home/me/x')",
        "%% train\nx = open('/home/me/x.csv', nobody, 'https://me:hunter22@host/')",
        "%% train\nimport requests\nrequests.get('https://me:hunter22@host/')",
        "%% train\nprint(nobody, 'hunter22', password='hunter22')",
    };
    for (size_t i = 0; i < NB_LEN(cells); i++) {
        test_rules t = {0};
        test_rules_ask(&t, cells[i]);
        (void)test_rules_first(&t, NB_D_SECRET_IN_CODE);
        for (size_t k = 0; k < t.diags.list.count; k++) {
            const nb_diag *diag = &t.diags.list.at[k];
            assert_false(nb_str_contains(diag->message, NB_STR("hunter22")));
            assert_false(nb_str_contains(diag->help, NB_STR("hunter22")));
            assert_false(nb_str_contains(diag->spot.source, NB_STR("hunter22")));
        }
        nb_arena_release(&t.arena);
    }
}

static void test_words(void **state)
{
    (void)state;
    test_rules t = {0};
    test_rules_ask(&t, "%% train\nconnect(db_password='hunter22')");
    const nb_diag *diag = test_rules_first(&t, NB_D_SECRET_IN_CODE);
    assert_str(diag->message, "a password is written in the code: the scripts would hold it");
    assert_str(diag->help, "read it from the environment, os.environ[\"DB_PASSWORD\"], and revoke "
                           "it where the notebook was shared");
    assert_str(diag->spot.source, "connect(db_password='********')");
    nb_arena_release(&t.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_found),
        cmocka_unit_test(test_not_found),
        cmocka_unit_test(test_not_shown),
        cmocka_unit_test(test_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
