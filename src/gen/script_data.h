/* script_data.h - the data that templates get (docs/templates.md describes it); private to scripts.c. */
#ifndef NB_GEN_SCRIPT_DATA_H
#define NB_GEN_SCRIPT_DATA_H

#include "gen/imports.h"
#include "gen/scripts.h"

struct nb_script_data {
    const nb_scripts_input *input;
    const nb_graph *graph;
    nb_arena *arena;
    nb_map names; /* generated identifier by its usual name: "main" to "main" or "main_" */
    NB_VEC(nb_str) modules; /* that templates import */
    bool marks;
    nb_value *data[NB_SCRIPT_COUNT];
    bool includes; /* files and folders besides modules stand beside the scripts */
};

/* Chooses the generated identifiers: each gives way to a name of the notebook. */
void nb_data_open(nb_script_data *d);
nb_str nb_data_name(const nb_script_data *d, const char *usual);

/* A text and the flag has_NAME that says whether there is any. */
void nb_data_text(nb_script_data *d, nb_value *data, const char *name, nb_str text);
void nb_data_flag(nb_script_data *d, nb_value *data, const char *name, bool value);
/* A list of {name, last} and has_NAME. */
void nb_data_names(nb_script_data *d, nb_value *data, const char *key, const nb_map *names);

nb_value *nb_data_common(nb_script_data *d);
/* The script's own imports, and with them which modules the templates import beside them, under what name. */
void nb_data_imports(nb_script_data *d, nb_value *data, const nb_import_lists *lists);
void nb_data_parameters(nb_script_data *d, nb_value *data); /* hyperparameters, data path */
void nb_data_results(nb_script_data *d, nb_value *data);    /* model, metrics, state: train.py */
void nb_data_handlers(nb_script_data *d, nb_value *data);   /* state and handlers: inference.py */
void nb_data_requirements(nb_script_data *d, nb_value *data, const nb_requirements *requirements);

#endif
