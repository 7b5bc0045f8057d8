/* local.h - the project's own modules: which files an import loads, what those files import in turn, and what of it travels with the scripts.
 *
 * Modules are looked for as Python does: in one folder of the search path after the other a package with __init__.py, then an extension module, then
 * NAME.py; when no folder has any of these, the folders of that name without __init__.py are a package together. Files that %%writefile cells
 * make count as if they lay where the cell writes them.
 *
 * What travels: a module's file; the whole folder of a package (so that what it loads by name or reads beside itself is there), without caches, hidden
 * files, and tests that nothing imports; of folders without __init__.py the modules that are imported. What is required: imports of the files
 * that are really loaded, followed transitively.
 */
#ifndef NB_REQUIREMENTS_LOCAL_H
#define NB_REQUIREMENTS_LOCAL_H

#include "base/map.h"
#include "requirements/requirements.h"

enum {
    NB_LOCAL_LARGEST = 4 * 1024 * 1024,   /* bytes of one file that travels */
    NB_LOCAL_TOGETHER = 32 * 1024 * 1024, /* of all of them */
    NB_LOCAL_MOST = 4000                  /* files */
};

typedef struct nb_local_folder {
    nb_str path;  /* absolute and clean */
    nb_str shown; /* as the code or the configuration names it */
    bool early;   /* comes before the standard library */
    bool stated;  /* the notebook's code puts it on sys.path */
} nb_local_folder;

typedef struct nb_local_file {
    nb_str name; /* seen from the scripts: "helpers.py", "pkg/words.txt" */
    nb_str disk; /* where it lies, absolute */
    nb_str text; /* its bytes */
} nb_local_file;

typedef struct nb_local_options {
    nb_str root; /* messages name files as seen from here */
    const nb_local_folder *folders;
    size_t folder_count;
    const nb_local_file *written; /* by cells; their `disk` is where */
    size_t written_count;
    const nb_str *lost; /* names of files that only the running notebook makes */
    size_t lost_count;
    unsigned minor;
} nb_local_options;

/* What travels as one: a module's file, or the folder of a package. */
typedef struct nb_local_unit {
    nb_str name; /* seen from the scripts: "helpers.py", "pkg", "src/utils.py" */
    nb_str disk;
    bool folder;
} nb_local_unit;

typedef struct nb_local {
    nb_arena *arena;
    nb_local_options options;
    nb_diags *diags;
    nb_map written;   /* nb_local_file by `disk` */
    nb_map *binaries; /* names of extension modules, by the folder that has them */
    nb_map loaded;    /* files that imports load, by path */
    nb_map units;     /* nb_local_unit by name */
    nb_map whole;     /* packages all modules of which were loaded */
    NB_VEC(struct nb_local_module *) queue; /* loaded, and not all read yet */
    size_t read;
    NB_VEC(nb_module_use)
    imports; /* of the files loaded so far, relative ones left out: they were followed already */
    NB_VEC(nb_needed) needed; /* what their code needs and does not import */
} nb_local;

/* Everything lives in the arena; `options` are copied, what they point to is not. */
nb_local *nb_local_open(nb_arena *arena, const nb_local_options *options, nb_diags *diags);

typedef enum nb_local_where {
    NB_LOCAL_NOWHERE,
    NB_LOCAL_LAST,  /* a folder without __init__.py: what is installed comes before it */
    NB_LOCAL_LATE,  /* on the search path behind the standard library */
    NB_LOCAL_EARLY, /* before it */
} nb_local_where;
nb_local_where nb_local_find(nb_local *local, nb_str dotted);
/* Loads the module of an import that nb_local_find() found, and `from` names that are modules; local->imports grows. What is not there is NB610, unless the
 * import is optional. */
void nb_local_take(nb_local *local, const nb_module_use *use);

/* The files of all units, sorted by name; what is too large is NB603 and left out. */
typedef struct nb_local_files {
    NB_VEC(nb_local_file) list;
} nb_local_files;
nb_local_files nb_local_collect(nb_local *local);
/* Paths of everything below a package's folder that may travel, sorted; relative to it. */
typedef struct nb_local_names {
    NB_VEC(nb_str) list;
} nb_local_names;
nb_local_names nb_local_walk(nb_arena *arena, nb_str folder);
/* A digest of what a unit's files are now (names and contents), without loading anything: two equal ones mean that the same files travel. Empty when
 * there is nothing any more. `disk` is a file or a package's folder. */
nb_str nb_local_digest(nb_arena *arena, nb_str disk);
/* A digest of the names in a folder of the search path that an import can mean: a new file there may be what one means now. A folder counts when it has modules;
 * one that notebooked made does not. */
nb_str nb_local_listing(nb_arena *arena, nb_str folder);

#endif
