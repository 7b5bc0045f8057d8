/* targets.h - which experiments a command line means: names of the configuration, or notebooks. */
#ifndef NB_CLI_TARGETS_H
#define NB_CLI_TARGETS_H

#include "base/map.h"
#include "cli/app.h"
#include "config/config.h"

typedef struct nb_target {
    const nb_config *config;
    const nb_experiment *experiment;
} nb_target;

/* Operands that end in .ipynb are notebooks (an experiment of the configuration that names the same file is meant where there is one); all others are experiments.
 * With `all`, or without operands when the configuration has one experiment, those of the configuration. Findings of the configuration go to `diags`.
 * A notebook needs no configuration: it becomes an experiment of its own, its project is the current folder. */
nb_code nb_targets_find(nb_app *app, const char *const *operands, size_t count, bool all,
                        nb_diags *diags, nb_target **out, size_t *out_count, nb_error *err);

/* --- one notebook after the other --- */

typedef struct nb_project {
    const nb_config *config; /* NULL: there is none */
    const nb_config *own;    /* of notebooks that no experiment names */
    nb_map notebooks; /* nb_target of experiments, by the absolute paths of their notebooks */
    nb_str here;      /* the current folder */
} nb_project;

/* Reads the configuration; that there is none is an error when it is `needed`, or was named with --config. */
nb_code nb_project_open(nb_app *app, bool needed, nb_diags *diags, nb_project *out, nb_error *err);
/* What the notebook at `path` is: an experiment of the configuration, or one of its own, which lives in `arena`. */
nb_target nb_project_notebook(const nb_project *project, nb_arena *arena, nb_str path);

#endif
