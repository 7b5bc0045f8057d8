/* sources.h - the notebooks that the operands of `check` mean, one after the other.
 *
 * An operand is the name of an experiment, or a notebook, or a folder with everything below it (check/walk.h). Without operands it is the
 * experiments of the configuration, or the current folder. Nothing is given twice.
 */
#ifndef NB_CLI_SOURCES_H
#define NB_CLI_SOURCES_H

#include "check/walk.h"
#include "cli/targets.h"

typedef struct nb_sources {
    nb_arena *arena;
    nb_project project;
    NB_VEC(nb_target) named; /* experiments and notebooks of the operands come first */
    NB_VEC(nb_str) folders;  /* then what is below these */
    nb_map told;             /* absolute paths of those that are named */
    size_t next_named, next_folder;
    nb_walk *walk; /* of the folder before next_folder; NULL before and after it */
} nb_sources;

/* Findings of the configuration go to `diags`. */
nb_code nb_sources_open(nb_app *app, const char *const *operands, size_t count, nb_diags *diags,
                        nb_sources *out, nb_error *err);
/* More than one notebook may come. */
bool nb_sources_are_many(const nb_sources *sources);

typedef struct nb_source_item {
    nb_target target;
    bool found;  /* on the way through a folder */
    nb_str path; /* of a folder that cannot be read, with the failure below; target is empty then */
    nb_error err;
} nb_source_item;

/* The next one, which lives in `arena`; false at the end. The caller releases item->err. */
bool nb_sources_next(nb_sources *sources, nb_arena *arena, nb_source_item *item);
void nb_sources_close(nb_sources *sources);

#endif
