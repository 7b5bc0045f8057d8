/* ipython.h - one cell's text becomes plain Python: magics, shell lines, help and prompts are translated, made comments or removed.
 *
 * Decides as IPython's own tokenizer decides (a `%` inside a string or an open bracket is Python), in one pass, without running anything.
 * Linear in the cell's length, whatever is in it. Rules and evidence: docs/design/ipython.md; vectors: tests/data/magics-own.json.
 */
#ifndef NB_IPYTHON_H
#define NB_IPYTHON_H

#include "base/diag.h"
#include "base/map.h"
#include "notebook/policies.h"

/* A file whose code is being put in the place of a %run line. */
typedef struct nb_ipython_file {
    nb_str name;
    const struct nb_ipython_file *outer;
} nb_ipython_file;

typedef struct nb_ipython_options {
    nb_policies policies;
    const nb_map *bound; /* set of names that the whole notebook binds; NULL: none */
    bool exported;       /* the cell carries an export tag: unknown cell magics are errors */
    /* With the policy NB_RUN_INLINE: reads a file that %run names; false when it is not there. NULL: %run lines become comments. */
    bool (*read)(void *reader, nb_str name, nb_str *bytes);
    void *reader;
    const nb_ipython_file *inside; /* files whose code this is part of; NULL: a cell's own */
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
    /* ASSIGNED_NAME_REMOVED: the name, so that the caller can make it an error when it is read later (empty for an
     * attribute or item); CAPTURE_VARIABLE: the variable. */
    nb_str name;
} nb_ipython_finding;

/* What a %%writefile cell writes. */
typedef struct nb_written_file {
    nb_str path; /* clean, relative to the notebook, and below its folder */
    nb_str text;
    uint32_t line; /* of the cell that its first line is */
    bool append;
    bool kept; /* by the policy: the file is to stand beside the scripts */
} nb_written_file;

typedef struct nb_python_cell {
    nb_str text; /* LF, no leading or trailing blank lines, no final newline; may be empty */
    /* line[i]: the line of the cell (from 1) that output line i (from 0) came from. Never decreases. */
    const uint32_t *line;
    size_t line_count; /* of `text`; 0 when it is empty */
    /* dedent[i]: characters removed at the start of output line i, so that columns can be told in the cell's terms. */
    const uint32_t *dedent;
    NB_VEC(nb_requirement_line) requirements; /* in order, each once */
    NB_VEC(nb_str) imports;                   /* statements the text now needs: "import os" */
    NB_VEC(nb_ipython_finding) findings;
    NB_VEC(nb_written_file) written;
} nb_python_cell;

/* `source` is valid UTF-8, and so is the text that comes out. It is plain Python if IPython can run the cell; what IPython
 * refuses, too, passes unchanged and has a finding when it is special syntax (the parser finds the rest). Text and findings never
 * hold a secret of the cell's magics and shell lines. A finding about something that a string of get_ipython().magic('...') holds is
 * placed at the call, with length 0. At most 1000 findings. Everything lives in the arena. */
nb_python_cell nb_ipython_to_python(nb_arena *arena, nb_str source,
                                    const nb_ipython_options *options);

/* Adds to `set` the names that a cell binds as far as a token scan tells, for `bound` above: assignments (of `x = !cmd`, too), imports,
 * defs and their parameters, for and with targets, whatever the scope; "*" when there is a star import. */
void nb_ipython_bound_names(nb_arena *arena, nb_str source, nb_map *set);

#endif
