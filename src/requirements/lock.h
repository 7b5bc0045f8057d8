/* requirements_lock.h - what the project's own files say about the versions of its dependencies: locks, and files that ask.
 *
 * Looked for in each folder, nearest to the notebook first, in the order of the table in lock.c: uv.lock, poetry.lock, pdm.lock,
 * pylock.toml, Pipfile.lock, requirements*.txt, environment.yml, pyproject.toml, Pipfile; blocks of inline metadata (PEP 723) in the
 * notebook's cells and the project's modules come before them all. Rows whose marker fails for the target Python do not count.
 *
 * Which version counts: the first file that names the project with a version says what is allowed; when it leaves a choice, the first
 * later file with one exact version that is allowed makes it. Files that disagree are told (NB612), and so are files that cannot be
 * read (NB613). Names and versions only: nothing of these files is run, and no login of an address comes out of here.
 */
#ifndef NB_REQUIREMENTS_LOCK_H
#define NB_REQUIREMENTS_LOCK_H

#include "base/diag.h"

typedef struct nb_locked {
    nb_str name; /* PEP 503 */
    nb_str
        specifier; /* "==1.26.4", ">=1,<2", "@ https://…"; empty: named, and any version will do */
    nb_str extras; /* asked for in the file, "s3,gpu"; may be empty */
    nb_str marker; /* as written */
    nb_str index;  /* host of the index it comes from, unless that is PyPI */
    nb_spot spot;  /* path from the project's root, line; a cell for blocks in cells */
    bool local;    /* a folder or file of this machine */
} nb_locked;

/* Source text that may hold a block of inline metadata. */
typedef struct nb_script_text {
    nb_str text;
    nb_spot spot; /* path, cell */
} nb_script_text;

typedef struct nb_locks_input {
    const nb_str *folders; /* absolute, nearest first */
    size_t folder_count;
    nb_str root; /* paths are shown as seen from here */
    const nb_script_text *scripts;
    size_t script_count;
    unsigned minor; /* target Python 3.x */
} nb_locks_input;

typedef struct nb_locks nb_locks;

nb_locks *nb_locks_open(nb_arena *arena, const nb_locks_input *input, nb_diags *diags);
/* What the files say about a project (PEP 503 name). False when they do not name it for this Python. */
bool nb_locks_project(nb_locks *locks, nb_str name, nb_locked *out);
/* Do they name it, for this Python or another? */
bool nb_locks_names(const nb_locks *locks, nb_str name);
/* The same for the project that provides the dotted module by its name: the usual one, an alternative to it, or, of modules nobody knows, one of
 * the same name. */
bool nb_locks_module(nb_locks *locks, nb_str dotted, nb_locked *out);
/* PEP 503 name number `i` of all that the files name, in their order; an empty view past the last one. */
nb_str nb_locks_name(const nb_locks *locks, size_t i);
/* "uv.lock", "pyproject.toml", "cell 3": how a row's file is called in a comment. */
nb_str nb_locked_source(nb_arena *arena, const nb_locked *row);

/* Paths of the files that nb_locks_open() would read, in order. */
typedef struct nb_lock_paths {
    NB_VEC(nb_str) list;
} nb_lock_paths;
nb_lock_paths nb_locks_paths(nb_arena *arena, const nb_str *folders, size_t count);

/* The notebook's folder and those above it up to `root`; `folder` and `root` when one is not below the other. Absolute paths. */
size_t nb_lock_folders(nb_str folder, nb_str root, nb_str *out, size_t most);

#endif
