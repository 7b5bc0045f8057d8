/* notebook.h - reading .ipynb files: cells, tags and sources; outputs are passed over, never stored.
 *
 * nbformat 4.0-4.5, and 2 and 3 (worksheets, `input` instead of `source`, tags in metadata). The file is mapped and walked once; only
 * sources, tags and a few scalars are copied, so a 100 MB notebook costs what its code costs.
 * Format: https://nbformat.readthedocs.io (nbformat.v4.5.schema.json); vectors: tests/data/notebook-bytes.json.
 */
#ifndef NB_NOTEBOOK_H
#define NB_NOTEBOOK_H

#include "base/diag.h"
#include "base/error.h"

typedef enum nb_cell_kind { NB_CELL_CODE, NB_CELL_MARKDOWN, NB_CELL_RAW } nb_cell_kind;

typedef struct nb_cell {
    nb_cell_kind kind;
    unsigned number;   /* from 1 over all cells, as people count */
    nb_str id;         /* nbformat 4.5; empty otherwise */
    int64_t execution; /* In [N]; 0 when never run */
    const nb_str *tags;
    size_t tag_count;
    nb_str source; /* as in the file, pieces joined, escapes decoded; line ends untouched */
    bool
        foreign_language; /* a code cell that says it is not Python (VS Code, .NET Interactive); not exported */
    bool frozen; /* run_control.frozen: the Freeze extension does not run it */
    const struct nb_directives
        *directives; /* of a Python cell; NULL: none. See notebook/directives.h */
} nb_cell;

typedef struct nb_notebook {
    nb_str path; /* as given */
    int major, minor;
    nb_str kernel,
        language; /* kernelspec.name; language_info.name or kernelspec.language; may be empty */
    const nb_cell *cells;
    size_t cell_count;
    nb_str
        sha256; /* of the cells' kinds, tags and sources: outputs and execution counts do not change it. Hexadecimal */
} nb_notebook;

/* Reads a notebook file into the arena. Errors (NB_ERR_NOTEBOOK, NB_ERR_LANGUAGE, NB_ERR_NOT_FOUND, NB_ERR_IO) name file and line:column and the cause: not JSON, an HTML
 * page, git conflict markers, an LFS pointer, UTF-16, truncated, empty, a directory, not a notebook, an unsupported format, a kernel that is not Python,
 * invalid UTF-8, nesting too deep. Findings go to `diags`. */
nb_code nb_notebook_load(nb_arena *arena, const char *path, nb_diags *diags,
                         const nb_notebook **out, nb_error *err);
/* The same from bytes; `path` is for messages. */
nb_code nb_notebook_parse(nb_arena *arena, nb_str bytes, nb_str path, nb_diags *diags,
                          const nb_notebook **out, nb_error *err);

/* A spot in a cell, for findings: `line` and `column` from 1 in the cell's source as the user sees it, `source_line` is filled in from it. */
nb_spot nb_cell_spot(const nb_notebook *notebook, const nb_cell *cell, unsigned line,
                     unsigned column, unsigned length);
/* The same for a byte offset in the cell's source. */
nb_spot nb_cell_spot_at(const nb_notebook *notebook, const nb_cell *cell, size_t offset,
                        unsigned length);

#endif
