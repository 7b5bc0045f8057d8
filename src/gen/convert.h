/* convert.h - an experiment's notebook becomes its scripts: the whole way, config to plan. Nothing is written before nb_plan_apply().
 *
 *     config → notebook → source → params → graph → find → infer → scripts + requirements → plan
 */
#ifndef NB_GEN_CONVERT_H
#define NB_GEN_CONVERT_H

#include "config/config.h"
#include "gen/plan.h"
#include "gen/scripts.h"

struct nb_analysis; /* gen/analysis.h */

typedef struct nb_convert_options {
    nb_str out; /* folder for all experiments; empty: "generated" */
    nb_str
        python; /* interpreter or environment that versions are read from; empty: the experiment's, $VIRTUAL_ENV, $CONDA_PREFIX, .venv */
    bool auto_tag; /* cells without a tag are read as part of the proposed sections */
    nb_str
        bytes; /* the notebook's text, read by the caller (standard input); `at` NULL: its file is read */
    const nb_str
        *provided; /* files that list what the target has; beside those of the experiment */
    size_t provided_count;
    bool include_needed; /* pull needed statements of untagged cells in */
    bool anew;           /* do not take the shortcut for input that did not change */
    void (*ask)(
        const struct nb_analysis
            *a); /* adds findings about the understood notebook (nb_rules_ask); NULL: nobody asks */
} nb_convert_options;

typedef struct nb_conversion {
    nb_plan *plan;
    nb_str manifest;
    nb_requirements requirements;
    nb_str notebook_sha256;
} nb_conversion;

/* Plans the files of one experiment. Findings go to `diags`; when there are errors among them, NB_ERR_NOTEBOOK is returned and nothing must be written. */
nb_code nb_convert(nb_arena *arena, const nb_config *config, const nb_experiment *experiment,
                   const nb_convert_options *options, const nb_env *env, nb_diags *diags,
                   nb_conversion *out, nb_error *err);
/* Where the scripts of an experiment go, absolute. */
nb_code nb_convert_folder(nb_arena *arena, const nb_config *config, const nb_experiment *experiment,
                          const nb_convert_options *options, nb_str *out, nb_error *err);

/* Renders every template with the data of a built-in sample notebook and checks that the result is Python; writes nothing. */
nb_code nb_convert_sample(nb_arena *arena, const nb_templates *templates, const nb_env *env,
                          nb_error *err);

#endif
