#include "config_test.h"

#include <sys/stat.h>

static void a_full_file_becomes_structs(void **state)
{
    (void)state;
    NB_AUTO(loaded) l = {0};
    load_config(
        &l,
        "mlflow: {tracking_uri: \"http://localhost:5000\", experiment_name: demo}\n"
        "provider: sagemaker\n"
        "tags: {features: preprocess, eval: train}\n"
        "experiments:\n"
        "  - name: iris\n"
        "    notebook: ../notebooks/iris.ipynb\n"
        "    description: 2024\n"
        "    data_path: data/iris\n"
        "    hyperparameters:\n"
        "      lr: 1.0e-3\n"
        "      epochs: 010\n"
        "      big: 12345678901234567890123\n"
        "      flag: True\n"
        "      none: ~\n"
        "      text: \"10\"\n"
        "      layers: [64, 0x20, {a: .5}]\n"
        "      empty: {}\n"
        "    metrics: [acc, {name: f1, value: \"f1(y, p)\"}, {auc: \"auc(y, p)\"}]\n"
        "    entrypoint: fit(load(data_path))\n"
        "    model_variable: clf\n"
        "    framework: sklearn\n"
        "    python: 3.10\n"
        "    include: [features.py, vocab]\n"
        "    requirements: [\"pandas>=2\"]\n"
        "    instance_count: 2\n"
        "  - {name: b, notebook: b.ipynb, metrics: {loss: \"l.mean()\"}, mlflow_experiment: x}\n",
        "");
    assert_non_null(l.config);
    const nb_config *c = l.config;
    assert_str(c->path, "config.yaml");
    assert_str(c->provider, "sagemaker");
    assert_str(c->tracking_uri, "http://localhost:5000");
    assert_str(c->experiment_name, "demo");
    assert_int_equal(c->tags.count, 2);
    assert_str(c->tags.rows[0].name, "features");
    assert_int_equal(c->tags.rows[0].section, NB_SECTION_PREPROCESS);
    assert_int_equal(c->experiment_count, 2);

    const nb_experiment *e = &c->experiments[0];
    assert_str(e->name, "iris");
    assert_str(e->notebook, "../notebooks/iris.ipynb");
    assert_int_equal(e->notebook_place.line, 6);
    assert_int_equal(e->notebook_place.column, 15);
    assert_str(e->notebook_place.source, "    notebook: ../notebooks/iris.ipynb");
    assert_str(e->description, "2024");
    assert_str(e->data_path, "data/iris");
    assert_int_equal(e->data_path_place.line, 8);
    assert_str(e->entrypoint, "fit(load(data_path))");
    assert_int_equal(e->entrypoint_place.line, 19);
    assert_str(e->model_variable, "clf");
    assert_int_equal(e->model_variable_place.column, 21);
    assert_str(e->framework, "sklearn");
    assert_str(e->python, "3.10");
    assert_int_equal(e->instance_count, 2);
    assert_int_equal(e->include_count, 2);
    assert_str(e->include[1], "vocab");
    assert_int_equal(e->requirement_count, 1);
    assert_str(e->requirements[0], "pandas>=2");
    assert_int_equal(e->place.line, 5);

    static const struct {
        const char *name;
        nb_scalar_kind kind;
        const char *text;
    } want[] = {
        {"lr",     NB_SCALAR_FLOAT, "1.0e-3"                 },
        {"epochs", NB_SCALAR_INT,   "010"                    },
        {"big",    NB_SCALAR_INT,   "12345678901234567890123"},
        {"flag",   NB_SCALAR_BOOL,  "true"                   },
        {"none",   NB_SCALAR_NULL,  "~"                      },
        {"text",   NB_SCALAR_STR,   "10"                     },
        {"layers", NB_SCALAR_JSON,  "[64, 32, {\"a\": 0.5}]" },
        {"empty",  NB_SCALAR_JSON,  "{}"                     },
    };
    assert_int_equal(e->hyperparameter_count, NB_LEN(want));
    for (size_t i = 0; i < NB_LEN(want); i++) {
        assert_str(e->hyperparameters[i].name, want[i].name);
        assert_int_equal(e->hyperparameters[i].value.kind, want[i].kind);
        assert_str(e->hyperparameters[i].value.text, want[i].text);
        assert_int_equal(e->hyperparameters[i].place.line, 10 + i);
    }

    assert_int_equal(e->metric_count, 3);
    assert_str(e->metrics[0].name, "acc");
    assert_str(e->metrics[0].expression, "acc");
    assert_str(e->metrics[1].name, "f1");
    assert_str(e->metrics[1].expression, "f1(y, p)");
    assert_str(e->metrics[2].name, "auc");
    assert_str(e->metrics[2].expression, "auc(y, p)");
    assert_int_equal(e->metrics[2].place.line, 18);
    assert_str(c->experiments[1].metrics[0].expression, "l.mean()");
    assert_int_equal(c->experiments[1].instance_count, 1);
    assert_str(nb_config_mlflow_experiment(c, e), "demo");
    assert_str(nb_config_mlflow_experiment(c, &c->experiments[1]), "x");
}

static void json_and_an_empty_tracking_uri_work(void **state)
{
    (void)state;
    NB_AUTO(loaded) l = {0};
    load_config(
        &l,
        "{\"mlflow\": {\"tracking_uri\": \"\", \"experiment_name\": \"cases\"}, \"experiments\": "
        "[{\"name\": \"case\", \"notebook\": \"a \\u00e9 \\ud83d\\ude00.ipynb\"}]}",
        "");
    assert_non_null(l.config);
    assert_str(l.config->tracking_uri, "");
    assert_str(l.config->experiments[0].notebook, "a \xC3\xA9 \xF0\x9F\x98\x80.ipynb");
}

static void defaults_fill_an_empty_file(void **state)
{
    (void)state;
    static const char *const files[] = {"", "# nothing\n", "{}",
                                        "provider:\nexperiments:\naws:\ntags:\n", "mlflow: {}\n"};
    for (size_t i = 0; i < NB_LEN(files); i++) {
        NB_AUTO(loaded) l = {0};
        load_config(&l, files[i], "");
        assert_non_null(l.config);
        assert_str(l.config->provider, "local");
        assert_str(l.config->tracking_uri, "sqlite:///mlflow.db");
        assert_int_equal(l.config->experiment_count, 0);
        assert_int_equal(l.diags.list.count, 0);
    }
}

/* --- references --- */

static const struct {
    const char *value, *env; /* of a hyperparameter */
    nb_scalar_kind kind;
    const char *text;
} references[] = {
    {"${A}",          "A=x",           NB_SCALAR_STR,   "x"          },
    {"${A}",          "A=10",          NB_SCALAR_INT,   "10"         },
    {"${A}",          "A=1e-3",        NB_SCALAR_FLOAT, "1e-3"       },
    {"${A}",          "A=True",        NB_SCALAR_BOOL,  "true"       },
    {"${A}",          "A=null",        NB_SCALAR_NULL,  "null"       },
    {"${A}",          "A=",            NB_SCALAR_NULL,  ""           },
    {"\"${A}\"",      "A=10",          NB_SCALAR_STR,   "10"         },
    {"'${A}'",        "A=",            NB_SCALAR_STR,   ""           },
    {"!!str ${A}",    "A=10",          NB_SCALAR_STR,   "10"         },
    {"${A}${B}",      "A=1\nB=2",      NB_SCALAR_INT,   "12"         },
    {"x-${A}-y",      "A=1",           NB_SCALAR_STR,   "x-1-y"      },
    {"${A:-7}",       "",              NB_SCALAR_INT,   "7"          },
    {"${A:-7}",       "A=",            NB_SCALAR_INT,   "7"          },
    {"${A:-7}",       "A=8",           NB_SCALAR_INT,   "8"          },
    {"${A:-}",        "",              NB_SCALAR_NULL,  ""           },
    {"${A:-${B:-c}}", "",              NB_SCALAR_STR,   "c"          },
    {"${A:-${B:-c}}", "B=d",           NB_SCALAR_STR,   "d"          },
    {"${A:-a:-b}",    "",              NB_SCALAR_STR,   "a:-b"       },
    {"\"${A}\"",      "A=[1, {x: y}]", NB_SCALAR_STR,   "[1, {x: y}]"},
    {"\"${A}\"",      "A=${B}",        NB_SCALAR_STR,   "${B}"       },
    {"$${A}",         "",              NB_SCALAR_STR,   "${A}"       },
    {"$A $ $$ {A}",   "",              NB_SCALAR_STR,   "$A $ $$ {A}"},
    {"[\"${A}\", 1]", "A=z",           NB_SCALAR_JSON,  "[\"z\", 1]" },
};

static void references_take_the_environment(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_LEN(references); i++) {
        NB_AUTO(loaded) l = {0};
        char yaml[256];
        print_message("case %zu: %s\n", i, references[i].value);
        (void)snprintf(yaml, sizeof yaml,
                       "experiments:\n- name: a\n  notebook: b\n  hyperparameters:\n    p: %s\n",
                       references[i].value);
        load_config(&l, yaml, references[i].env);
        if (!l.config)
            nb_error_print(&l.err, stderr);
        assert_non_null(l.config);
        const nb_scalar *value = &l.config->experiments[0].hyperparameters[0].value;
        assert_int_equal(value->kind, references[i].kind);
        assert_str(value->text, references[i].text);
    }
}

/* --- origins --- */

static const struct {
    const char *yaml, *env, *key, *value, *origin;
} origins[] = {
    {"",                                                                   "",                                                           "provider",                      "local",               "default"                          },
    {"provider: gcp\n",                                                    "",                                                           "provider",                      "gcp",                 "config.yaml:1:11"                 },
    {"provider: gcp\n",                                                    "NOTEBOOKED_PROVIDER=azure",                                  "provider",                      "azure",
     "environment NOTEBOOKED_PROVIDER"                                                                                                                                                                                              },
    {"aws: {region: eu-west-1}\n",                                         "AWS_REGION=us-east-1",                                       "aws.region",                    "eu-west-1",
     "config.yaml:1:15"                                                                                                                                                                                                             },
    {"aws: {region: eu-west-1}\n",                                         "AWS_REGION=a\nNOTEBOOKED_AWS_REGION=us-east-2",              "aws.region",
     "us-east-2",                                                                                                                                                                                "environment NOTEBOOKED_AWS_REGION"},
    {"",                                                                   "AWS_REGION=us-east-1\nAWS_DEFAULT_REGION=us-west-1",         "aws.region",                    "us-east-1",
     "environment AWS_REGION"                                                                                                                                                                                                       },
    {"",                                                                   "AWS_REGION=\nAWS_DEFAULT_REGION=us-west-1",                  "aws.region",                    "us-west-1",
     "environment AWS_DEFAULT_REGION"                                                                                                                                                                                               },
    {"aws: {region: }\n",                                                  "AWS_REGION=us-east-1",                                       "aws.region",                    "us-east-1",
     "environment AWS_REGION"                                                                                                                                                                                                       },
    {"",                                                                   "GOOGLE_CLOUD_PROJECT=p",                                     "gcp.project",                   "p",                   "environment GOOGLE_CLOUD_PROJECT" },
    {"",                                                                   "AZURE_SUBSCRIPTION_ID=12345678-90ab-cdef-1234-567890abcdef", "azure.subscription_id",
     "12345678-90ab-cdef-1234-567890abcdef",                                                                                                                                                     "environment AZURE_SUBSCRIPTION_ID"},
    {"",                                                                   "NOTEBOOKED_AWS_SUBNETS=a, b",                                "aws.subnets",                   "[\"a\", \"b\"]",
     "environment NOTEBOOKED_AWS_SUBNETS"                                                                                                                                                                                           },
    {"",                                                                   "NOTEBOOKED_AWS_SPOT=true",                                   "aws.spot",                      "true",                "environment NOTEBOOKED_AWS_SPOT"  },
    {"tags: {features: preprocess}\n",                                     "",                                                           "tags.features",                 "preprocess",          "config.yaml:1:18"                 },
    {"experiments: [{name: a, notebook: b}]\n",                            "",                                                           "experiments[0].instance_count", "1",
     "default"                                                                                                                                                                                                                      },
    {"experiments: [{name: a, notebook: b, hyperparameters: {x: [1]}}]\n", "",
     "experiments[0].hyperparameters.x",                                                                                                                                  "[1]",                 "config.yaml:1:59"                 },
    {"experiments: [{name: a, notebook: b, metrics: [{f: g}]}]\n",         "",                                                           "experiments[0].metrics.f",
     "g",                                                                                                                                                                                        "config.yaml:1:52"                 },
    {"experiments: [{name: a, notebook: b, include: [x, y]}]\n",           "",                                                           "experiments[0].include",
     "[\"x\", \"y\"]",                                                                                                                                                                           "config.yaml:1:47"                 },
    {"",                                                                   "MLFLOW_TRACKING_URI=x",                                      "mlflow.tracking_uri",           "sqlite:///mlflow.db", "default"                          },
};

static void every_setting_knows_its_origin(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_LEN(origins); i++) {
        NB_AUTO(loaded) l = {0};
        print_message("case %zu: %s\n", i, origins[i].key);
        load_config(&l, origins[i].yaml, origins[i].env);
        assert_non_null(l.config);
        const nb_setting *found = NULL;
        for (size_t k = 0; k < l.config->setting_count; k++)
            if (nb_str_eqz(l.config->settings[k].key, origins[i].key))
                found = &l.config->settings[k];
        assert_non_null(found);
        assert_str(found->value.text, origins[i].value);
        assert_str(found->origin, origins[i].origin);
        assert_str(nb_config_get(l.config, origins[i].key), origins[i].value);
    }
}

static void secret_settings_are_marked(void **state)
{
    (void)state;
    NB_AUTO(loaded) l = {0};
    load_config(&l, "mlflow: {tracking_uri: \"http://u:${PW}@h/\"}\naws: {region: eu-west-1}\n",
                "PW=x");
    assert_non_null(l.config);
    assert_true(l.config->tracking_uri_secret);
    for (size_t i = 0; i < l.config->setting_count; i++)
        assert_int_equal(l.config->settings[i].secret,
                         nb_str_eqz(l.config->settings[i].key, "mlflow.tracking_uri"));
}

/* --- finding the file --- */

static void the_file_is_looked_for_upwards(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    const nb_env env = env_of("");
    nb_diags diags = {.arena = &arena};
    const nb_config *config = NULL;
    write_file("config.yaml", "provider: gcp\n");
    assert_int_equal(mkdir("a", 0700) | mkdir("a/b", 0700) | mkdir("a/b/.git", 0700), 0);

    assert_ok(nb_config_load(&arena, NULL, "a", &env, &diags, &config, &err), &err);
    assert_str(config->path, "../config.yaml");
    assert_str(config->provider, "gcp");
    assert_str(config->root, (const char *)*state);
    assert_ok(nb_config_load(&arena, NULL, NULL, &env, &diags, &config, &err), &err);
    assert_str(config->path, "config.yaml");

    /* not above a repository */
    assert_int_equal(nb_config_load(&arena, NULL, "a/b", &env, &diags, &config, &err),
                     NB_ERR_NOT_FOUND);
    assert_non_null(strstr(nb_error_message(&err, 0), "no config.yaml in"));
    assert_string_equal(err.hint, "run 'notebooked init' to write one, or name one with --config");
    write_file("a/b/config.yml", "");
    assert_int_equal(nb_config_load(&arena, NULL, "a/b", &env, &diags, &config, &err),
                     NB_ERR_NOT_FOUND);
    assert_string_equal(err.hint, "rename config.yml to config.yaml");

    /* not above the home folder */
    char home[256];
    (void)snprintf(home, sizeof home, "HOME=%s/a", (const char *)*state);
    const nb_env at_home = env_of(home);
    assert_int_equal(nb_config_load(&arena, NULL, "a", &at_home, &diags, &config, &err),
                     NB_ERR_NOT_FOUND);
    assert_int_equal(unlink("a/b/config.yml") | rmdir("a/b/.git") | rmdir("a/b") | rmdir("a"), 0);
}

static void a_named_file_must_be_there(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    const nb_env env = env_of("");
    nb_diags diags = {.arena = &arena};
    const nb_config *config = NULL;
    assert_int_equal(nb_config_load(&arena, "none.yaml", NULL, &env, &diags, &config, &err),
                     NB_ERR_NOT_FOUND);
    assert_string_equal(err.hint, "check --config, or run 'notebooked init' to write one");
    assert_int_equal(nb_config_load(&arena, ".", NULL, &env, &diags, &config, &err), NB_ERR_IO);
    assert_null(config);
}

static void a_project_without_a_file_has_defaults(void **state)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    const nb_env env = env_of("NOTEBOOKED_PROVIDER=azure");
    const nb_config *config = NULL;
    assert_ok(nb_config_default(&arena, ".", &env, &config, &err), &err);
    assert_str(config->root, (const char *)*state);
    assert_str(config->path, "");
    assert_str(config->provider, "azure");
    assert_str(config->tracking_uri, "sqlite:///mlflow.db");
}

/* --- experiments by name --- */

static void experiments_are_found_by_name(void **state)
{
    (void)state;
    NB_AUTO(loaded) l = {0};
    load_config(&l, "experiments: [{name: iris, notebook: a}, {name: wine, notebook: b}]\n", "");
    assert_non_null(l.config);
    assert_str(nb_config_experiment(l.config, NB_STR("wine"), &l.err)->notebook, "b");
    assert_null(nb_config_experiment(l.config, NB_STR("irs"), &l.err));
    assert_int_equal(l.err.code, NB_ERR_NOT_FOUND);
    assert_string_equal(nb_error_message(&l.err, 0), "no experiment is named 'irs'");
    assert_string_equal(l.err.hint, "write 'iris'");
    assert_null(nb_config_experiment(l.config, NB_STR("zzzzzz"), &l.err));
    assert_string_equal(l.err.hint, "use one of iris, wine");
}

static const struct {
    const char *notebook, *name;
} adhoc[] = {
    {"nb/06 - Gradient Boosting.ipynb",                                         "06-Gradient-Boosting"},
    {"iris.ipynb",                                                              "iris"                },
    {"a/b/My_model.v2.ipynb",                                                   "My_model.v2"         },
    {"--weird--.ipynb",                                                         "weird"               },
    {"../.hidden.ipynb",                                                        "hidden"              },
    {"\xC3\xA9t\xC3\xA9.ipynb",                                                 "t"                   },
    {"\xE6\xA8\xA1\xE5\x9E\x8B.ipynb",                                          "notebook"            },
    {"noextension",                                                             "noextension"         },
    {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa -b.ipynb",
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"                                 },
};

static void a_notebook_alone_is_an_experiment(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_LEN(adhoc); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        const nb_experiment *e = nb_config_adhoc(&arena, nb_str_from(adhoc[i].notebook));
        assert_str(e->name, adhoc[i].name);
        assert_str(e->notebook, adhoc[i].notebook);
        assert_true(nb_config_valid_name(e->name));
        assert_int_equal(e->instance_count, 1);
    }
}

static void policies_of_an_experiment_stand_on_the_projects(void **state)
{
    (void)state;
    NB_AUTO(loaded) l = {0};
    load_config(&l,
                "ipython: {shell: subprocess, cd: chdir, writefile: export}\n"
                "experiments:\n"
                "  - {name: a, notebook: a.ipynb}\n"
                "  - {name: b, notebook: b.ipynb, ipython: {shell: drop, run: inline, cd: }}\n",
                "");
    assert_non_null(l.config);
    const nb_policies *a = nb_config_policies(l.config, &l.config->experiments[0]);
    const nb_policies *b = nb_config_policies(l.config, &l.config->experiments[1]);
    const nb_policies *other =
        nb_config_policies(l.config, nb_config_adhoc(&l.arena, NB_STR("c.ipynb")));
    const nb_policies project = {
        .shell = NB_SHELL_SUBPROCESS, .cd = NB_CD_CHDIR, .writefile = NB_WRITEFILE_EXPORT};
    nb_policies own = project;
    own.shell = NB_SHELL_DROP;
    own.run = NB_RUN_INLINE;
    assert_memory_equal(a, &project, sizeof(project));
    assert_memory_equal(b, &own, sizeof(own));
    assert_memory_equal(other, &project, sizeof(project));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_file_becomes_structs),
        cmocka_unit_test(json_and_an_empty_tracking_uri_work),
        cmocka_unit_test(defaults_fill_an_empty_file),
        cmocka_unit_test(references_take_the_environment),
        cmocka_unit_test(every_setting_knows_its_origin),
        cmocka_unit_test(secret_settings_are_marked),
        cmocka_unit_test(the_file_is_looked_for_upwards),
        cmocka_unit_test(a_named_file_must_be_there),
        cmocka_unit_test(a_project_without_a_file_has_defaults),
        cmocka_unit_test(experiments_are_found_by_name),
        cmocka_unit_test(a_notebook_alone_is_an_experiment),
        cmocka_unit_test(policies_of_an_experiment_stand_on_the_projects),
    };
    return cmocka_run_group_tests_name("config/config", tests, enter_folder, leave_folder);
}
