/* manifest.h - what generated/EXPERIMENT/notebooked.json says about train.py: the hyperparameters it takes as flags. */
#ifndef NB_PROVIDER_MANIFEST_H
#define NB_PROVIDER_MANIFEST_H

#include "provider/provider.h"

typedef struct nb_parameter {
    nb_str name;  /* as in the notebook or the configuration: "learning_rate" */
    nb_str flag;  /* "--learning-rate" */
    nb_str type;  /* "int", "float", "bool", "str", "json" */
    nb_str value; /* the default as JSON, as far as that can be told */
} nb_parameter;

typedef struct nb_manifest {
    nb_str path;
    const nb_parameter *parameters;
    size_t count;
    bool data_path; /* train.py takes --data-path */
} nb_manifest;

/* NB_ERR_NOT_FOUND suggests `notebooked convert`. */
nb_code nb_manifest_load(nb_arena *arena, nb_str code_dir, nb_manifest *out, nb_error *err);
/* Reads NAME=VALUE settings of the command line: *flags gets what train.py is to be called with, *values the
 * hyperparameters of the run (defaults and settings) as a JSON object. Unknown names, values that are not of the type: NB_ERR_USAGE. */
nb_code nb_manifest_settings(const nb_manifest *manifest, nb_arena *arena,
                             const char *const *settings, size_t count, nb_train_request *into,
                             nb_error *err);

#endif
