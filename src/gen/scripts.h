/* scripts.h - train.py, inference.py and preprocess.py as text, from a notebook and its experiment.
 *
 * The data that templates get is described in docs/templates.md; code blocks in it are written here (which statement stands where), everything around
 * them is the templates' (src/gen/templates/).
 */
#ifndef NB_GEN_SCRIPTS_H
#define NB_GEN_SCRIPTS_H

#include "config/config.h"
#include "gen/find.h"
#include "gen/infer.h"
#include "gen/linemap.h"
#include "gen/params.h"
#include "gen/templates.h"
#include "graph/graph.h"
#include "requirements/requirements.h"

typedef struct nb_scripts_input {
    const nb_graph *graph;
    const nb_params *params;
    const nb_findings *found;
    const nb_inference *inference;
    const nb_config *config;
    const nb_experiment *experiment;
    const nb_templates *templates;
    nb_str regenerate; /* the command that makes the files again */
} nb_scripts_input;

typedef enum nb_script_kind {
    NB_SCRIPT_TRAIN,
    NB_SCRIPT_INFERENCE,
    NB_SCRIPT_PREPROCESS,
    NB_SCRIPT_COUNT
} nb_script_kind;

typedef struct nb_script {
    const char *file; /* "train.py"; NULL when the notebook gives none */
    nb_str text;
    nb_linemap map;
} nb_script;

typedef struct nb_scripts {
    nb_script list[NB_SCRIPT_COUNT];
    NB_VEC(nb_module_use) modules; /* what all of them import; for requirements.txt */
    bool needs_ipython;
} nb_scripts;

/* Plans the code blocks and says what the scripts import: nb_scripts_render() needs requirements.txt's result, and that needs this. */
typedef struct nb_script_data nb_script_data;
nb_script_data *nb_scripts_plan(const nb_scripts_input *input, nb_scripts *out);
/* Renders the templates. NB_ERR_CONFIG when a template of the project is wrong. */
nb_code nb_scripts_render(nb_script_data *d, const nb_requirements *requirements, nb_scripts *out,
                          nb_error *err);

#endif
