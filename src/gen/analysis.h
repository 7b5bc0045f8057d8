/* analysis.h - an experiment's notebook, understood: what scripts, checks and dumps are made from. Nothing is rendered or written.
 *
 *     notebook → source → params → graph → find → infer → script data, requirements
 */
#ifndef NB_GEN_ANALYSIS_H
#define NB_GEN_ANALYSIS_H

#include "gen/convert.h"
#include "gen/sites.h"
#include "gen/travel.h"

typedef struct nb_analysis {
    /* given */
    nb_arena *arena; /* everything below lives in it */
    const nb_config *config;
    const nb_experiment *experiment;
    const nb_convert_options *options;
    const nb_env *env;
    nb_diags *diags;
    nb_templates templates; /* of the project */
    bool
        go_on; /* take the steps after an error as well, so that one run tells everything; no scripts can be made then */

    const nb_notebook
        *notebook; /* under the name that the user gave it; set by nb_analysis_load(), or given */

    const nb_provided_list *provided; /* what the target has; set by nb_analysis_load() */
    size_t provided_count;

    /* found by nb_analysis_run(), in this order */
    unsigned minor; /* the target Python: 3.`minor` */
    nb_str site_packages[4];
    nb_source *source;
    nb_search_path search_path;
    nb_params *params;
    nb_graph *graph;
    nb_sites *sites;
    nb_findings *found;
    nb_inference *
        inference; /* from here on NULL or empty when there were errors before, unless `go_on` is set */
    nb_scripts_input input;
    nb_script_data *script_data;
    nb_scripts scripts; /* not rendered yet */
    nb_requirements requirements;
    nb_travel *travel; /* the files that go with the scripts */
} nb_analysis;

/* The folder of the notebook, absolute and clean. */
nb_str nb_analysis_folder(const nb_analysis *a);
/* Reads the experiment's notebook, or the text that the options have for it. From here on, findings that the configuration does not select are not listed, as if a
 * cell had silenced them. */
nb_code nb_analysis_load(nb_analysis *a, nb_error *err);
/* Takes the notebook through all steps; false when there are errors among the findings: scripts cannot be made then. */
bool nb_analysis_run(nb_analysis *a);
/* The same, and then whoever options->ask names is asked for findings; false when there are errors among all of them. */
bool nb_analysis_understand(nb_analysis *a);
/* The error that says so. */
nb_code nb_analysis_refuse(const nb_analysis *a, nb_error *err);
/* The interpreter or folder of the chosen Python: that of --python, the experiment, the shell, or .venv; it may be missing. */
nb_str nb_analysis_environment(const nb_analysis *a);

#endif
