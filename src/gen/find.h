/* find.h - what training produces: the model variable, the metrics, an input example, and the call that starts it all.
 *
 * conversion.md 6 (entry point) and 8 (model variable, metrics). Each choice is reported, so that a wrong one is seen at conversion and not
 * after an hour of training.
 */
#ifndef NB_GEN_FIND_H
#define NB_GEN_FIND_H

#include "config/config.h"
#include "gen/params.h"
#include "gen/sites.h"
#include "graph/graph.h"

typedef struct nb_found_metric {
    nb_str name;
    nb_str expression;
} nb_found_metric;

typedef enum nb_framework {
    NB_FRAMEWORK_SKLEARN,
    NB_FRAMEWORK_XGBOOST,
    NB_FRAMEWORK_LIGHTGBM,
    NB_FRAMEWORK_CATBOOST,
    NB_FRAMEWORK_TORCH,
    NB_FRAMEWORK_KERAS,
    NB_FRAMEWORK_TENSORFLOW, /* beside keras: the notebook imports tensorflow itself */
    NB_FRAMEWORK_STATSMODELS,
    NB_FRAMEWORK_COUNT
} nb_framework;

const char *nb_framework_name(nb_framework framework); /* "sklearn", … */

typedef struct nb_findings {
    nb_str model;         /* Python expression, valid in the module after training */
    nb_str model_name;    /* the name when the expression is one; empty otherwise */
    nb_str input_example; /* "X_train", or empty */
    NB_VEC(nb_found_metric) metrics;
    nb_str
        entry_call; /* statement to append to the training function; empty when the cells train themselves */
    nb_map entry_binds; /* set of names that the entry call binds */
    bool frameworks[NB_FRAMEWORK_COUNT];
    bool own_mlflow; /* the notebook starts its own runs */
} nb_findings;

/* Reports NB501-NB504 and NB510 where something cannot be found. */
nb_findings nb_find(const nb_graph *graph, const nb_sites *sites, const nb_params *params,
                    const nb_experiment *experiment);

#endif
