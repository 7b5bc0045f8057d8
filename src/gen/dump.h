/* dump.h - what the converter knows of a notebook, as JSON: for tests, editors and anybody who wonders why. docs/dump.md tells the members. */
#ifndef NB_GEN_DUMP_H
#define NB_GEN_DUMP_H

#include "gen/analysis.h"
#include "text/json_write.h"

typedef enum nb_dump_kind {
    NB_DUMP_CELLS,      /* as read: tags, sections, plain Python */
    NB_DUMP_EXTRACTION, /* statements with what becomes of them; parameters, model, metrics, state */
    NB_DUMP_GRAPH,      /* who binds and reads which name */
    NB_DUMP_PLAN,       /* the files that would be written */
    NB_DUMP_COUNT
} nb_dump_kind;

enum { NB_DUMP_VERSION = 1 };

const char *nb_dump_name(nb_dump_kind kind); /* "cells", ... */

/* What nb_convert() takes. */
typedef struct nb_dump_input {
    const nb_config *config;
    const nb_experiment *experiment;
    const nb_convert_options *options;
    const nb_env *env;
    nb_diags *diags;
} nb_dump_input;

/* Adds the members of the dump to an open object, also when the notebook has errors: then what is known. Nothing is written to disk. Returns what nb_convert()
 * would return, with the same findings. */
nb_code nb_dump(nb_arena *arena, const nb_dump_input *input, nb_dump_kind kind,
                nb_json_writer *json, nb_error *err);

#endif
