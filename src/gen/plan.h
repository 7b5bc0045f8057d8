/* plan.h - the files that a conversion writes, what changed, and writing them: all of them or none.
 *
 * A manifest beside the scripts (`notebooked.json`) keeps the hash of what was written and of what it was made from. A file whose hash is another
 * was edited by hand: it is not overwritten without force. Same input, same bytes: no timestamps, no machine paths.
 */
#ifndef NB_GEN_PLAN_H
#define NB_GEN_PLAN_H

#include "base/buf.h"
#include "base/diag.h"
#include "base/error.h"
#include "base/map.h"
#include "base/vec.h"

#define NB_PLAN_MANIFEST "notebooked.json"

typedef enum nb_file_state {
    NB_FILE_NEW,     /* does not exist */
    NB_FILE_SAME,    /* exists with this very text */
    NB_FILE_CHANGED, /* exists as we wrote it last time, and would change */
    NB_FILE_EDITED,  /* exists, and is not what we wrote */
    NB_FILE_GONE     /* we wrote it, and it is no longer made: it is removed */
} nb_file_state;

typedef struct nb_plan_file {
    nb_str name;   /* below the folder: train.py, pkg/words.txt */
    nb_str path;   /* as messages show it: generated/iris/train.py */
    nb_str disk;   /* absolute */
    nb_str text;   /* new text; empty for NB_FILE_GONE */
    nb_str sha256; /* of the new text */
    nb_str old;    /* text on disk; empty for NB_FILE_NEW */
    nb_str
        from; /* the project's file that this is a copy of, seen from the project; empty: generated */
    nb_file_state state;
} nb_plan_file;

struct nb_json;

typedef struct nb_plan {
    nb_arena *arena;
    nb_str folder;              /* as shown: generated/iris */
    nb_str disk;                /* absolute */
    const struct nb_json *last; /* the manifest of the last time; NULL: none that can be read */
    nb_map written;             /* its hashes (nb_str) by name */
    nb_map names;               /* of the planned files */
    NB_VEC(nb_plan_file) files;
    bool up_to_date; /* made from the same input before, and untouched since */
} nb_plan;

const char *nb_file_state_name(nb_file_state state);

/* A plan for the folder `disk`, shown as `folder`; reads the manifest that is there. */
nb_plan *nb_plan_new(nb_arena *arena, nb_str folder, nb_str disk);
/* Whether the folder holds what the same input gave before (its manifest names `inputs`, all its files are there and untouched). */
bool nb_plan_is_fresh(nb_plan *plan, nb_str inputs);
/* Adds a file and compares it with what is there. The name may have folders; it cannot leave the plan's. */
nb_code nb_plan_add(nb_plan *plan, const char *name, nb_str text, nb_error *err);
/* The same for the copy of a file of the project. */
nb_code nb_plan_add_copy(nb_plan *plan, nb_str name, nb_str text, nb_str from, nb_error *err);
bool nb_plan_has(const nb_plan *plan, nb_str name);
/* Looks for files of the last manifest that are no longer made. */
void nb_plan_find_gone(nb_plan *plan);
/* How many files are in one of the states that `--check` calls stale: new, changed, gone, or edited. */
size_t nb_plan_stale(const nb_plan *plan);
/* Whether people are told of the file: the line map follows the scripts, and counts only where it alone is stale. */
bool nb_plan_tells(const nb_plan *plan, const nb_plan_file *file);
/* Adds NB701 for each file that was edited by hand. */
void nb_plan_report_edited(const nb_plan *plan, nb_diags *diags);
/* Unified diffs of what would change. */
void nb_plan_diff(const nb_plan *plan, nb_buf *out);
/* Writes the files and the folders they need, removes those gone and the folders they leave empty, writes the manifest last (plan_write.c). On a
 * failure every file is as it was before. */
nb_code nb_plan_apply(nb_plan *plan, nb_str manifest, nb_error *err);

#endif
