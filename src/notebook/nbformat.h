/* nbformat.h - the file format: which keys of an .ipynb mean what. Used by notebook.c only. */
#ifndef NB_NBFORMAT_H
#define NB_NBFORMAT_H

#include "notebook/notebook.h"
#include "text/json.h"

enum { NB_NOTEBOOK_MAX_CELLS = 100000 };

/* Walks the whole document with `json`, which is at its start, and fills `notebook` in. Findings go to `diags`. */
nb_code nb_nbformat_read(nb_arena *arena, nb_json_reader *json, nb_diags *diags,
                         nb_notebook *notebook, nb_error *err);

#endif
