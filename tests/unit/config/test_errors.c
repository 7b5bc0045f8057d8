/* Bad configuration files: what is said, and where. */
#include "base/buf.h"
#include "config_test.h"

#define EXP "experiments:\n  - name: iris\n    notebook: a.ipynb\n" /* three lines */
#define KEY16  \
    "ABCDEFGH" \
    "IJKLMNOP"

static const struct {
    const char *yaml, *env, *said;
} cases[] = {
  /* syntax */
    {"a: [1\n",                                                            "",                                  "error 1:4 this bracket is never closed | write the closing bracket\n"},
    {"provider: local\n\tx: 1\n",                                          "",                                  "error 2:1 a tab in the indentation | indent with blanks\n"           },
    {"provider: local\nprovider: gcp\n",                                   "",
     "error 2:1 duplicate key 'provider', given before in line 1 | remove one of the two\n"                                                                                           },
    {EXP "    name: b\n",                                                  "",
     "error 4:5 duplicate key 'name', given before in line 2 | remove one of the two\n"                                                                                               },
    {"- a\n",                                                              "",
     "error 1:1 the file must hold a mapping, this is a list | write 'KEY: VALUE' lines\n"                                                                                            },
    {"just text\n",                                                        "",
     "error 1:1 the file must hold a mapping, this is text | write 'KEY: VALUE' lines\n"                                                                                              },
 /* unknown keys */
    {EXP "    notebok: b.ipynb\n",                                         "",
     "error 4:5 unknown key 'notebok', did you mean 'notebook'? | write 'notebook'\n"                                                                                                 },
    {"experiments:\n  - name: iris\n    Notebok: b.ipynb\n",               "",
     "error 3:5 unknown key 'Notebok', did you mean 'notebook'? | write 'notebook'\n"                                                                                                 },
    {"Provider: local\n",                                                  "",
     "error 1:1 unknown key 'Provider', did you mean 'provider'? | write 'provider'\n"                                                                                                },
    {"experiment:\n  - name: a\n",                                         "",
     "error 1:1 unknown key 'experiment', did you mean 'experiments'? | write 'experiments'\n"                                                                                        },
    {"tracking_uri: x\n",                                                  "",                                  "error 1:1 unknown key 'tracking_uri' | move it below 'mlflow'\n"     },
    {"zzz: 1\n",                                                           "",
     "error 1:1 unknown key 'zzz' | remove it, or use one of mlflow, check, provider, aws, azure, gcp, tags, ipython, "
     "experiments\n"                                                                                                                                                                  },
    {"mlflow: {uri: x}\n",                                                 "",
     "error 1:10 unknown key 'uri' | remove it, or use one of tracking_uri, experiment_name\n"                                                                                        },
    {"{\"provider\":\"local\",aws: {region:x}}\n",                         "",
     "error 1:27 unknown key 'region:x' | write a blank after ':'\n"                                                                                                                  },
    {"mlflow:\n  tracking_url: a\n",                                       "",
     "error 2:3 unknown key 'tracking_url', did you mean 'tracking_uri'? | write 'tracking_uri'\n"                                                                                    },
    {"aws:\n  instance-type: a\n",                                         "",
     "error 2:3 unknown key 'instance-type', did you mean 'instance_type'? | write "
     "'instance_type'\n"                                                                                                                                                              },
 /* missing keys */
    {"experiments:\n  - notebook: a.ipynb\n",                              "",
     "error 2:5 'experiments[0].name' is missing | write 'name: iris'\n"                                                                                                              },
    {"experiments:\n  - name: a\n",                                        "",
     "error 2:5 'experiments[0].notebook' is missing | write 'notebook: notebooks/iris.ipynb'\n"                                                                                      },
    {"experiments:\n  - name: a\n    notebook:\n",                         "",
     "error 3:5 'experiments[0].notebook' must be text, this is empty | write a value, or remove the "
     "key\n"                                                                                                                                                                          },
    {"mlflow:\n  tracking_uri:\n",                                         "",
     "error 2:3 'mlflow.tracking_uri' must be text, this is empty | write a value, or remove the "
     "key\n"                                                                                                                                                                          },
 /* types */
    {"mlflow: sqlite\n",                                                   "",
     "error 1:9 'mlflow' must be a mapping, this is text | write it as in {tracking_uri: "
     "\"http://localhost:5000\"}\n"                                                                                                                                                   },
    {"provider: [local]\n",                                                "",
     "error 1:11 'provider' must be text, this is a list | write it as in sagemaker\n"                                                                                                },
    {"provider: true\n",                                                   "",
     "error 1:11 'provider' must be text, this is true or false | put it in quotes: \"true\"\n"                                                                                       },
    {"experiments: {iris: {notebook: a}}\n",                               "",
     "error 1:14 'experiments' must be a list of mappings, this is a mapping | begin each entry with "
     "'- '\n"                                                                                                                                                                         },
    {"experiments:\n  - iris\n",                                           "",
     "error 2:5 'experiments[0]' must be a mapping, this is text | write it as in - {name: iris, "
     "notebook: iris.ipynb}\n"                                                                                                                                                        },
    {"experiments:\n  -\n",                                                "",
     "error 2:3 'experiments[0]' must be a mapping, this is empty | write a value, or remove the "
     "key\n"                                                                                                                                                                          },
    {EXP "    description: 12\n    data_path: 12\n",                       "",
     "error 5:16 'experiments[0].data_path' must be text, this is a whole number | put it in quotes: "
     "\"12\"\n"                                                                                                                                                                       },
    {EXP "    instance_count: two\n",                                      "",
     "error 4:21 'experiments[0].instance_count' must be a whole number, this is text | write it as in "
     "2\n"                                                                                                                                                                            },
    {EXP "    instance_count: 1.5\n",                                      "",
     "error 4:21 'experiments[0].instance_count' must be a whole number, this is a number | write it as "
     "in 2\n"                                                                                                                                                                         },
    {"aws: {spot: yes}\n",                                                 "",
     "error 1:13 'aws.spot' must be true or false, this is text | write true or false\n"                                                                                              },
    {EXP "    include: a.py\n",                                            "",
     "error 4:14 'experiments[0].include' must be a list of texts, this is text | write it as in "
     "[features.py, vocab]\n"                                                                                                                                                         },
    {EXP "    requirements: [pandas, 3]\n",                                "",
     "error 4:28 'experiments[0].requirements[1]' must be text, this is a whole number | put it in "
     "quotes: \"3\"\n"                                                                                                                                                                },
    {EXP "    hyperparameters: [a, b]\n",                                  "",
     "error 4:22 'experiments[0].hyperparameters' must be a mapping, this is a list | write it as in "
     "{learning_rate: 0.001, epochs: 20}\n"                                                                                                                                           },
    {EXP "    metrics: accuracy\n",                                        "",
     "error 4:14 'experiments[0].metrics' must be a list of names or a mapping, this is text | write it "
     "as in {accuracy: \"model.score(X_test, y_test)\"}\n"                                                                                                                            },
    {EXP "    metrics: [1]\n",                                             "",
     "error 4:15 'experiments[0].metrics[0]' must be a name, this is a whole number | write it as in "
     "{accuracy: \"model.score(X_test, y_test)\"}\n"                                                                                                                                  },
    {EXP "    metrics: [{name: a, expr: b}]\n",                            "",
     "error 4:15 'experiments[0].metrics[0]' must have a name and a value, both text | write it as in "
     "{name: NAME, value: \"EXPRESSION\"}\n"                                                                                                                                          },
    {EXP "    metrics: {a: 1}\n",                                          "",
     "error 4:18 'experiments[0].metrics.a' must be text, this is a whole number | write it as in "
     "{accuracy: \"model.score(X_test, y_test)\"}\n"                                                                                                                                  },
    {"tags: [features]\n",                                                 "",
     "error 1:7 'tags' must be a mapping, this is a list | write it as in {features: preprocess}\n"                                                                                   },
 /* values */
    {"provider: sagemakr\n",                                               "",
     "error 1:11 'provider' cannot be 'sagemakr' | write 'sagemaker'; the choices are local, sagemaker, "
     "azure, gcp\n"                                                                                                                                                                   },
    {"provider: moon\n",                                                   "",
     "error 1:11 'provider' cannot be 'moon' | write one of local, sagemaker, azure, gcp\n"                                                                                           },
    {"tags: {features: preproces}\n",                                      "",
     "error 1:18 'tags.features' cannot be 'preproces' | write 'preprocess'; the choices are imports, "
     "parameters, utils, preprocess, model, train, inference, requirements, skip\n"                                                                                                   },
    {"tags: {\"a,b\": train}\n",                                           "",
     "error 1:8 'tags' cannot be 'a,b'; it must be a tag without commas | write it as in {features: "
     "preprocess}\n"                                                                                                                                                                  },
    {EXP "    framework: pytorch\n",                                       "",
     "error 4:16 'experiments[0].framework' cannot be 'pytorch' | write 'torch'; the choices are "
     "sklearn, xgboost, lightgbm, catboost, torch, keras, statsmodels\n"                                                                                                              },
    {EXP "    instance_count: 0\n",                                        "",
     "error 4:21 'experiments[0].instance_count' cannot be 0 | write a number from 1 to 1000\n"                                                                                       },
    {EXP "    instance_count: 99999999999999999999\n",                     "",
     "error 4:21 'experiments[0].instance_count' cannot be 99999999999999999999 | write a number from 1 "
     "to 1000\n"                                                                                                                                                                      },
    {"experiments:\n  - name: ../../x\n    notebook: a\n",                 "",
     "error 2:11 'experiments[0].name' cannot be '../../x'; it must be 1 to 63 letters, digits, '-', "
     "'_' and '.', and begin with a letter, digit or '_' | write it as in iris\n"                                                                                                     },
    {"experiments:\n  - name: my model\n    notebook: a\n",                "",
     "error 2:11 'experiments[0].name' cannot be 'my model'; it must be 1 to 63 letters, digits, '-', "
     "'_' and '.', and begin with a letter, digit or '_' | write it as in iris\n"                                                                                                     },
    {"experiments:\n  - name: \"\"\n    notebook: a\n",                    "",
     "error 2:11 'experiments[0].name' cannot be ''; it must be 1 to 63 letters, digits, '-', '_' and "
     "'.', and begin with a letter, digit or '_' | write it as in iris\n"                                                                                                             },
    {EXP "    model_variable: self.model\n",                               "",
     "error 4:21 'experiments[0].model_variable' cannot be 'self.model'; it must be a Python name | "
     "write it as in model\n"                                                                                                                                                         },
    {EXP "    hyperparameters: {\"2fast\": 1}\n",                          "",
     "error 4:23 'experiments[0].hyperparameters' cannot be '2fast'; it must be a name of letters, "
     "digits, '_' and '-' that begins with a letter | write it as in {learning_rate: 0.001, epochs: "
     "20}\n"                                                                                                                                                                          },
    {EXP "    hyperparameters:\n      max-depth: 1\n      Max_depth: 2\n", "",
     "error 6:7 hyperparameters 'max-depth' (line 5) and 'Max_depth' are one in Python | remove one of "
     "the two\n"                                                                                                                                                                      },
    {EXP "    metrics: [acc, {acc: x}]\n",                                 "",
     "error 4:21 'experiments[0].metrics' has 'acc' twice | remove one of the two\n"                                                                                                  },
    {EXP "  - name: b\n    notebook: b\n  - {name: iris, notebook: c}\n",  "",
     "error 6:12 two experiments are named 'iris', the first at config.yaml:2:11 | give one of them "
     "another name\n"                                                                                                                                                                 },
    {"aws: {region: EU West}\n",                                           "",
     "error 1:15 'aws.region' cannot be 'EU West'; it must be lower-case letters, digits and '-' | write "
     "it as in eu-west-1\n"                                                                                                                                                           },
    {"aws: {bucket: My_Bucket}\n",                                         "",
     "error 1:15 'aws.bucket' cannot be 'My_Bucket'; it must be a bucket's name: 3 or more lower-case "
     "letters, digits, '-', '_' and '.' | write it as in my-team-ml\n"                                                                                                                },
    {"azure: {subscription_id: 123}\n",                                    "",
     "error 1:26 'azure.subscription_id' must be text, this is a whole number | put it in quotes: "
     "\"123\"\n"                                                                                                                                                                      },
    {"aws: {volume_size_gb: 0x7fffffffffffffffffff}\n",                    "",
     "error 1:23 'aws.volume_size_gb' cannot be 0x7fffffffffffffffffff | write a number from 1 to "
     "16384\n"                                                                                                                                                                        },
 /* references */
    {"mlflow:\n  tracking_uri: http://${HOST}:5000\n",                     "",
     "error 2:24 environment variable 'HOST' is not set | set it, or write a default: ${HOST:-VALUE}\n"                                                                               },
    {"provider: ${P\n",                                                    "",
     "error 1:11 this '${' is never closed | write '}', or $${ for a literal ${\n"                                                                                                    },
    {"provider: ${1P}\n",                                                  "",
     "error 1:11 this is no reference to a variable | write ${NAME} or ${NAME:-DEFAULT}, and $${ for a "
     "literal ${\n"                                                                                                                                                                   },
    {"provider: ${P-x}\n",                                                 "P=local",
     "error 1:11 this is no reference to a variable | write ${NAME} or ${NAME:-DEFAULT}, and $${ for a "
     "literal ${\n"                                                                                                                                                                   },
    {"provider: ${P}\n",                                                   "P=moon",
     "error 1:11 'provider' cannot be 'moon' | write one of local, sagemaker, azure, gcp\n"                                                                                           },
    {"provider: ${P}\n",                                                   "P=\xFF\xFE",                        "error 1:11 environment variable 'P' is not UTF-8 | \n"               },
    {EXP "    instance_count: ${N}\n",                                     "N=many",
     "error 4:21 'experiments[0].instance_count' must be a whole number, this is text | write it as in "
     "2\n"                                                                                                                                                                            },
 /* variables that override */
    {"provider: local\n",                                                  "NOTEBOOKED_PROVIDER=mars",
     "error 0:0 environment NOTEBOOKED_PROVIDER: 'provider' cannot be 'mars' | write one of local, "
     "sagemaker, azure, gcp\n"                                                                                                                                                        },
    {"",                                                                   "NOTEBOOKED_AWS_VOLUME_SIZE_GB=big",
     "error 0:0 environment NOTEBOOKED_AWS_VOLUME_SIZE_GB: 'aws.volume_size_gb' must be a whole number, "
     "this is text | write it as in 30\n"                                                                                                                                             },
    {"",                                                                   "NOTEBOOKED_AWS_SPOT=maybe",
     "error 0:0 environment NOTEBOOKED_AWS_SPOT: 'aws.spot' must be true or false, this is text | write "
     "true or false\n"                                                                                                                                                                },
 /* several at once, in the order of the file */
    {"provider: moon\nmlflow: {uri: x}\nexperiments:\n  - {name: a b}\n",  "",
     "error 1:11 'provider' cannot be 'moon' | write one of local, sagemaker, azure, gcp\n"
     "NB802 2:10 unknown key 'uri' | remove it, or use one of tracking_uri, experiment_name\n"
     "NB805 4:5 'experiments[0].notebook' is missing | write 'notebook: notebooks/iris.ipynb'\n"
     "NB804 4:12 'experiments[0].name' cannot be 'a b'; it must be 1 to 63 letters, digits, '-', '_' "
     "and '.', and begin with a letter, digit or '_' | write it as in iris\n"                                                                                                         },
 /* secrets */
    {"mlflow: {tracking_uri: \"http://me:pa55@host/\"}\n",                 "",
     "NB801 1:24 'mlflow.tracking_uri' holds a password, which would end up in generated scripts | leave user and password out, and "
     "set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD\n"                                                                                                                    },
    {"mlflow: {tracking_uri: \"http://me:${PW}@host/\"}\n",                "PW=pa55",
     "NB801 1:24 'mlflow.tracking_uri' holds a password, which would end up in generated scripts | leave user and password out, and "
     "set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD\n"                                                                                                                    },
    {EXP "    hyperparameters: {api_key: abcdefgh12345678}\n",             "",
     "NB801 4:32 'experiments[0].hyperparameters.api_key' looks like a secret, and is written into "
     "generated scripts | read it in the notebook: os.environ[\"API_KEY\"]\n"                                                                                                         },
    {"aws: {secret_access_key: abcdefgh12345678}\n",                       "",
     "error 1:7 unknown key 'secret_access_key' | remove it: credentials come from the environment, "
     "never from this file\n"
     "NB801 1:26 'aws.secret_access_key' holds a secret in clear text | set a variable, and write "
     "${SECRET_ACCESS_KEY}\n"                                                                                                                                                         },
    {"aws: {profile: AKIA" KEY16 "}\n",                                    "",
     "NB801 1:16 'aws.profile' holds a secret in clear text | set a variable, and write ${PROFILE}\n"                                                                                 },
    {"provider: AKIA" KEY16 "\n",                                          "",
     "error 1:11 'provider' cannot be '***' | write one of local, sagemaker, azure, gcp\n"
     "NB801 1:11 'provider' holds a secret in clear text | set a variable, and write ${PROVIDER}\n"                                                                                   },
};

static void bad_files_are_explained(void **state)
{
    (void)state;
    size_t wrong = 0;
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        NB_AUTO(loaded) l = {0};
        load_config(&l, cases[i].yaml, cases[i].env);
        nb_str got = said(&l);
        if (nb_str_eqz(got, cases[i].said))
            continue;
        wrong++;
        print_error("case %zu:\n%swant: %s got: " NB_STR_FMT "\n", i, cases[i].yaml, cases[i].said,
                    NB_STR_ARG(got));
    }
    assert_int_equal(wrong, 0);
}

/* Whatever is said about a file with secrets, no part of it holds one. */
static void secrets_are_never_said(void **state)
{
    (void)state;
    static const char *const files[] = {
        "password: canary1234567\n",
        "mlflow: {tracking_uri: \"http://u:canary1234567@h/\", password: canary1234567}\n",
        "experiments:\n  - {name: a, notebook: b, api_key: \"canary1234567\"}\n",
        "aws:\n  secret: canary1234567\n  secret: canary1234567\n",
        "aws:\n  secret_access_key: \"canary1234567\n",
    };
    for (size_t i = 0; i < NB_LEN(files); i++) {
        NB_AUTO(loaded) l = {0};
        load_config(&l, files[i], "");
        nb_str got = said(&l);
        print_message("%s" NB_STR_FMT, files[i], NB_STR_ARG(got));
        assert_false(nb_str_contains(got, NB_STR("canary")));
        if (l.err.source)
            assert_null(strstr(l.err.source, "canary"));
        for (size_t k = 0; k < l.diags.list.count; k++)
            assert_false(nb_str_contains(l.diags.list.at[k].spot.source, NB_STR("canary")));
    }
}

static void the_line_and_the_caret_are_shown(void **state)
{
    (void)state;
    NB_AUTO(loaded) l = {0};
    load_config(&l, EXP "    notebok: b.ipynb\n", "");
    assert_string_equal(l.err.path, "config.yaml");
    assert_string_equal(l.err.source, "    notebok: b.ipynb");
    assert_int_equal(l.err.code, NB_ERR_CONFIG);
}

static void a_flood_of_problems_ends(void **state)
{
    (void)state;
    NB_AUTO(loaded) l = {0};
    NB_AUTO(nb_buf) text = NB_BUF_INIT(NB_BUF_TEXT);
    for (unsigned i = 0; i < 5000; i++)
        nb_buf_printf(&text, "unknown%u: ${NOPE}\n", i);
    load_config(&l, text.at, "");
    assert_int_equal(l.err.line, 1);
    assert_int_equal(l.diags.list.count, 99);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_files_are_explained),
        cmocka_unit_test(secrets_are_never_said),
        cmocka_unit_test(the_line_and_the_caret_are_shown),
        cmocka_unit_test(a_flood_of_problems_ends),
    };
    return cmocka_run_group_tests_name("config/errors", tests, enter_folder, leave_folder);
}
