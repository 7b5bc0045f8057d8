/* targets.h - which experiments a command line means: names of the configuration, or notebooks. */
#ifndef NB_CLI_TARGETS_H
#define NB_CLI_TARGETS_H

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

#endif
