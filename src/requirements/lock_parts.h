/* requirements_lock_parts.h - what the readers of lock_*.c share: each gets a text and adds rows. */
#ifndef NB_REQUIREMENTS_LOCK_PARTS_H
#define NB_REQUIREMENTS_LOCK_PARTS_H

#include "base/error.h"
#include "requirements/address.h"
#include "requirements/lock.h"
#include "text/toml.h"

enum {
    NB_LOCK_MAX_BYTES = 32 * 1024 * 1024,
    NB_LOCK_MAX_ROWS = 200 * 1000 /* of all files */
};

typedef struct nb_lock_reader {
    nb_arena *arena;
    nb_locks *locks;
    nb_str folder; /* of the file; absolute */
    nb_spot spot;  /* of the file; cell and first line of a block */
    nb_str text;
    unsigned depth; /* of files that include each other */
} nb_lock_reader;

/* Adds a row of this file: `row.spot.line` is seen from the text's first line; names are brought to PEP 503. Rows without a name,
 * and those beyond the limit, are dropped. */
void nb_lock_add(nb_lock_reader *r, nb_locked row);
/* A requirement as PEP 508 has it, from a list in a TOML file. */
void nb_lock_add_line(nb_lock_reader *r, nb_str line, unsigned number);
/* "==1.26.4"; empty for versions that no index has. */
nb_str nb_lock_exact(nb_arena *arena, nb_str version);
/* "@ git+https://…": empty when it cannot be written. */
nb_str nb_lock_address(nb_arena *arena, const nb_source *source);
/* The host, unless it is PyPI's. */
nb_str nb_lock_index(nb_str url);
/* The members of [tool.poetry.dependencies] or Pipfile's [packages]: name = constraint, or a table with `version`, `git`, `path`, … */
void nb_lock_add_constraints(nb_lock_reader *r, const nb_toml *table);

/* The readers. Each fails as a whole when the text is not what its name says. */
typedef nb_code nb_lock_read(nb_lock_reader *r, nb_error *err);
nb_lock_read nb_lock_read_uv, nb_lock_read_poetry, nb_lock_read_pdm, nb_lock_read_pylock,
    nb_lock_read_pipfile, nb_lock_read_lines, nb_lock_read_conda, nb_lock_read_pyproject,
    nb_lock_read_pipfile_toml, nb_lock_read_script;

#endif
