/* config.h - config.yaml: the project, its experiments and where they run.
 *
 * One schema table (config/keys.c) drives parsing, defaults, checks, `config show`, `config schema` and the documentation. Every value knows
 * where it came from: default, file:line:column, environment variable or command line.
 */
#ifndef NB_CONFIG_H
#define NB_CONFIG_H

#include "base/diag_set.h"
#include "base/env.h"
#include "base/error.h"
#include "notebook/policies.h"
#include "notebook/tags.h"

/* A hyperparameter or any free value of the file. */
typedef enum nb_scalar_kind {
    NB_SCALAR_NULL,
    NB_SCALAR_BOOL,
    NB_SCALAR_INT,
    NB_SCALAR_FLOAT,
    NB_SCALAR_STR,
    NB_SCALAR_JSON
} nb_scalar_kind;
typedef struct nb_scalar {
    nb_scalar_kind kind;
    nb_str
        text; /* BOOL: "true"/"false"; INT, FLOAT: as written (YAML 1.2 core); STR: the string; JSON (list or mapping): compact JSON */
} nb_scalar;

typedef struct nb_hyperparameter {
    nb_str name;
    nb_scalar value;
    nb_place place;
} nb_hyperparameter;

typedef struct nb_metric {
    nb_str name; /* as logged */
    nb_str
        expression; /* Python, evaluated after training; the name itself when only a name was given */
    nb_place place;
} nb_metric;

/* One key of `serving:`; lists are blank-separated. endpoint/settings.h gives them their meaning. */
typedef struct nb_serving_value {
    nb_str name, text;
    nb_place place;
} nb_serving_value;

typedef struct nb_experiment {
    nb_str name;
    nb_str notebook;  /* relative to the config file's folder */
    nb_str data_path; /* empty: none. A path relative to the config file's folder, or a URI */
    nb_str description, mlflow_experiment, instance_type, entrypoint, model_variable, framework,
        python, workdir;
    int64_t instance_count;
    const nb_hyperparameter *hyperparameters;
    size_t hyperparameter_count;
    const nb_metric *metrics;
    size_t metric_count;
    const nb_str *include, *requirements, *provided;
    size_t include_count, requirement_count, provided_count;
    nb_place place, notebook_place, data_path_place, model_variable_place, entrypoint_place;
    const nb_place *include_places, *requirement_places,
        *provided_places;            /* one for each of them */
    const nb_policies *policies;     /* NULL: the project's; see nb_config_policies() */
    const nb_serving_value *serving; /* in the order of the file */
    size_t serving_count;
} nb_experiment;

typedef struct nb_setting { /* one leaf value with its origin, for `config show --origin` */
    nb_str key;             /* "mlflow.tracking_uri", "experiments[0].notebook" */
    nb_scalar value;
    nb_str
        origin; /* "default", "config.yaml:3:17", "environment NOTEBOOKED_AWS_REGION", "--provider" */
    bool secret; /* never printed */
} nb_setting;

typedef struct nb_config {
    nb_str
        path; /* of the file, as given, or as found seen from `start`; empty when there is none */
    nb_str root; /* absolute folder of the file: the project */
    nb_str provider;
    nb_str tracking_uri; /* empty: off */
    nb_str
        experiment_name; /* MLflow's for the whole project; empty: see nb_config_mlflow_experiment() */
    nb_tags tags;
    const nb_experiment *experiments;
    size_t experiment_count;
    const nb_setting *
        settings; /* every leaf, in schema order; the cloud sections are read through nb_config_get */
    size_t setting_count;
    nb_policies policies;     /* of experiments that have none of their own */
    bool tracking_uri_secret; /* it holds a password: never write it into a generated file */
    nb_selection selection;   /* check.select and check.ignore */
    nb_str fail_on;           /* check.fail_on: "error", "warning" or "never" */
} nb_config;

/* Reads `path`, or, when it is NULL, looks for config.yaml in `start` and its parents (up to a .git folder, the home or the root folder). NB_ERR_NOT_FOUND suggests
 * `notebooked init`. All problems of the file are reported, the first as the error, the others as findings. */
nb_code nb_config_load(nb_arena *arena, const char *path, const char *start, const nb_env *env,
                       nb_diags *diags, const nb_config **out, nb_error *err);
/* The same for text in memory; `path` is for messages, `folder` is the project. */
nb_code nb_config_read(nb_arena *arena, nb_str text, const char *path, const char *folder,
                       const nb_env *env, nb_diags *diags, const nb_config **out, nb_error *err);
/* The configuration of a project that has no file: defaults, root = `folder`. */
nb_code nb_config_default(nb_arena *arena, const char *folder, const nb_env *env,
                          const nb_config **out, nb_error *err);
/* An experiment for a notebook that no config names: its name is the notebook's file name, made a valid name. */
const nb_experiment *nb_config_adhoc(nb_arena *arena, nb_str notebook);
/* By name; NULL and an error with the nearest name otherwise. */
const nb_experiment *nb_config_experiment(const nb_config *config, nb_str name, nb_error *err);
/* The value of a dotted key ("aws.region"); an empty view when unset. */
nb_str nb_config_get(const nb_config *config, const char *key);
/* The MLflow experiment of its runs: its own, else the project's, else its name. */
nb_str nb_config_mlflow_experiment(const nb_config *config, const nb_experiment *experiment);
/* What becomes of its notebook commands: the project's policies with its own on top. Never NULL. */
const nb_policies *nb_config_policies(const nb_config *config, const nb_experiment *experiment);
/* Names of experiments: letters, digits, `-`, `_`, `.` (ASCII), not starting with a dot or dash, at most 63 characters. */
bool nb_config_valid_name(nb_str name);

#endif
