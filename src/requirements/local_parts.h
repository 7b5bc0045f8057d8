/* local_parts.h - what local.c, local_read.c and local_files.c share; nothing outside of them includes it. */
#ifndef NB_REQUIREMENTS_LOCAL_PARTS_H
#define NB_REQUIREMENTS_LOCAL_PARTS_H

#include "requirements/local.h"

/* What a dotted name leads to. */
typedef enum nb_local_kind {
    NB_LOCAL_IS_NOTHING,
    NB_LOCAL_IS_FILE,    /* NAME.py */
    NB_LOCAL_IS_BINARY,  /* an extension module */
    NB_LOCAL_IS_PACKAGE, /* a folder with __init__.py; `path` is that file */
    NB_LOCAL_IS_SPACE    /* folders without it */
} nb_local_kind;

typedef struct nb_local_module {
    nb_local_kind kind;
    nb_str dotted;
    nb_str path;           /* of the file; empty for IS_SPACE */
    nb_local_unit unit;    /* what has to travel for it */
    const nb_str *folders; /* where its submodules lie */
    size_t folder_count;
} nb_local_module;

/* As nb_local_take(), but what is loaded is only queued. */
void nb_local_follow(nb_local *local, const nb_module_use *use);
/* Adds the imports of a loaded file, and follows the relative ones. */
void nb_local_read(nb_local *local, const nb_local_module *module);
/* Loads every step of the dotted name; false when a step is not there (*missing gets the name up to it). */
bool nb_local_load(nb_local *local, nb_str dotted, nb_str *missing);

/* The bytes of a file on disk or of a cell; false when it cannot be read or is larger than what travels. */
bool nb_local_text(const nb_local *local, nb_str path, nb_str *text);
/* nb_local_walk() with what cells write there. */
nb_local_names nb_local_walk_all(const nb_local *local, nb_str folder);
/* A path as messages show it. */
nb_str nb_local_shown(const nb_local *local, nb_str path);

#endif
