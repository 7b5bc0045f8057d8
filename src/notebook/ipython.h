/* ipython.h - one cell's text becomes plain Python: magics, shell lines, help and prompts are translated, made comments or removed.
 *
 * Decides as IPython's own tokenizer decides (a `%` inside a string or an open bracket is Python), in one pass, without running anything.
 * Rules and evidence: docs/design/ipython.md; vectors: tests/data/magics.json.
 */
#ifndef NB_IPYTHON_H
#define NB_IPYTHON_H

#include "base/diag.h"
#include "base/map.h"

typedef enum nb_shell_policy {
    NB_SHELL_COMMENT,
    NB_SHELL_SUBPROCESS,
    NB_SHELL_DROP
} nb_shell_policy;
typedef enum nb_timeit_policy { NB_TIMEIT_UNWRAP, NB_TIMEIT_DROP } nb_timeit_policy;
typedef enum nb_cd_policy { NB_CD_COMMENT, NB_CD_CHDIR } nb_cd_policy;

typedef struct nb_ipython_options {
    nb_shell_policy shell;
    nb_timeit_policy timeit;
    nb_cd_policy cd;
    const nb_map *bound; /* set of names that the whole notebook binds; NULL: none */
    bool exported;       /* the cell carries an export tag: unknown cell magics are errors */
} nb_ipython_options;

typedef struct nb_requirement_line {
    nb_str text;   /* "pandas==2.1", "-r requirements-dev.txt", "--pre" */
    unsigned line; /* in the cell */
} nb_requirement_line;

typedef struct nb_ipython_finding {
    nb_diag_code code;
    nb_severity severity;
    unsigned line, column, length; /* in the cell's source, characters, from 1 */
    nb_str message, help;
    nb_str
        name; /* ASSIGNED_NAME_REMOVED: the name, so that the caller can raise it to an error when it is read later */
} nb_ipython_finding;

typedef struct nb_python_cell {
    nb_str
        text; /* plain Python, LF, no leading or trailing blank lines, no final newline; may be empty */
    const uint32_t
        *line; /* line[i]: line of the cell (from 1) that output line i (from 0) came from */
    size_t line_count; /* number of lines of `text` (0 when it is empty) */
    const uint32_t *
        dedent; /* characters removed at the start of output line i, so columns can be told in the cell's terms */
    NB_VEC(nb_requirement_line) requirements;
    NB_VEC(nb_str) imports; /* statements the text now needs: "import os" */
    NB_VEC(nb_ipython_finding) findings;
} nb_python_cell;

/* `source` is valid UTF-8. Everything lives in the arena. */
nb_python_cell nb_ipython_to_python(nb_arena *arena, nb_str source,
                                    const nb_ipython_options *options);

/* Adds to `set` the names that a cell binds as far as a token scan tells (assignments, imports, defs, for and with targets), for `bound` above. */
void nb_ipython_bound_names(nb_arena *arena, nb_str source, nb_map *set);

#endif
