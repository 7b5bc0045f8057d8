/* requirements_build.h - the construction of one requirements.txt: what its parts share. requirements.c decides, evidence.c says why, told.c says what is
 * wrong. */
#ifndef NB_REQUIREMENTS_BUILD_H
#define NB_REQUIREMENTS_BUILD_H

#include "base/map.h"
#include "requirements/installed.h"
#include "requirements/list.h"
#include "requirements/local.h"
#include "requirements/lock.h"

typedef struct nb_build {
    nb_arena *arena;
    const nb_requirements_input *input;
    nb_diags *diags;
    nb_wanted_list wanted;
    nb_installed *installed;
    nb_locks *locks;
    nb_map seen; /* dotted names that were looked at */
    nb_map told; /* modules with a finding */
    nb_local *local;
    nb_map tops; /* modules of the project, by their first name */
    NB_VEC(nb_str) unpinned;
} nb_build;

/* "sklearn" of "sklearn.ensemble". */
nb_str nb_module_top(nb_str dotted);

/* --- evidence: the comment behind a line --------------------------------------------------------------------------------- */

/* "import sklearn.ensemble (cell 2)"; of a module in a file "(helpers.py)". */
nb_str nb_evidence_import(nb_build *b, const nb_module_use *use, nb_str dotted);
/* "pandas.read_parquet (cell 2) needs it" */
nb_str nb_evidence_needed(nb_build *b, const nb_needed *needed);
/* "…; version from uv.lock", or "…; from uv.lock" for an address. */
nb_str nb_evidence_locked(nb_build *b, nb_str why, const nb_locked *row);
/* "…; version from .venv" */
nb_str nb_evidence_installed(nb_build *b, nb_str why, const nb_distribution *found);

/* --- findings; each is told once ----------------------------------------------------------------------------------------- */

void nb_tell_relative(nb_build *b, const nb_module_use *use);
void nb_tell_travels(nb_build *b, const nb_module_use *use, nb_str top);
void nb_tell_platform(nb_build *b, const nb_module_use *use, nb_str dotted, nb_str platform,
                      nb_str advice);
void nb_tell_stdlib_changed(nb_build *b, const nb_module_use *use, nb_str top);
void nb_tell_unresolved(nb_build *b, const nb_module_use *use, nb_str dotted);
void nb_tell_optional(nb_build *b, const nb_module_use *use, nb_str name);
/* `from` is what knows it as a path on this machine: a lock file; empty for the environment. */
void nb_tell_local_project(nb_build *b, const nb_module_use *use, nb_str name, nb_str from);
/* It is added, or only suggested. */
void nb_tell_needed(nb_build *b, const nb_needed *needed, nb_str name);
void nb_tell_unpinned(nb_build *b);
/* `pip install sklearn` with `import sklearn`: the project of that name is another one, or none. */
void nb_tell_wrong_projects(nb_build *b);

#endif
