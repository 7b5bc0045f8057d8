/* diag.h - findings: what the converter changed, left out, doubts or refuses, each with its place.
 *
 * A finding does not stop the work; whoever collected them asks nb_diags_count(NB_SEVERITY_ERROR) before it
 * writes anything. Every finding has a code from base/codes.def ("NB301") that never changes its meaning.
 * Printers (text, JSON) are faces' work: cli/report.h.
 */
#ifndef NB_DIAG_H
#define NB_DIAG_H

#include "base/vec.h"

#include "base/str.h"

typedef enum nb_severity { NB_SEVERITY_INFO, NB_SEVERITY_WARNING, NB_SEVERITY_ERROR } nb_severity;

/* One enumerator a row of codes.def: NB_D_SHELL_REMOVED, ... */
typedef enum nb_diag_code {
#define NB_DIAG_ROW(id, code, slug, severity, summary) NB_D_##id,
#include "base/codes.def"
#undef NB_DIAG_ROW
    NB_DIAG_CODE_COUNT
} nb_diag_code;

typedef struct nb_diag_row {
    const char *code;     /* "NB201" */
    const char *slug;     /* "shell-removed" */
    nb_severity severity; /* unless the finding says otherwise */
    const char *summary;
} nb_diag_row;

/* The row of a code; never NULL. */
const nb_diag_row *nb_diag_row_of(nb_diag_code code);

/* Where a finding is. People count cells from 1 over all cells; line and column count from 1 within the cell
 * (or within the file when cell is 0); columns and lengths count characters. 0 means unknown. */
typedef struct nb_spot {
    nb_str path;       /* notebook or other file, as the user named it */
    unsigned cell;     /* 1-based; 0: the place is in the file itself */
    int64_t execution; /* the cell's In [N]; 0 when the notebook has none */
    unsigned line, column;
    unsigned length; /* of the marked text on that line; 0 marks one character */
    nb_str source;   /* that line; empty when there is nothing to show */
    nb_str cell_id;  /* nbformat 4.5; empty when the notebook has none */
} nb_spot;

typedef struct nb_diag {
    nb_diag_code code;
    nb_severity severity;
    nb_spot spot;
    nb_str message; /* lower case, no final stop */
    nb_str
        help; /* what to write or do, starts with a verb; empty when there is nothing to advise */
} nb_diag;

/* One code that the author of a cell does not want to hear of, in the whole cell or on some of its lines. */
typedef struct nb_ignore {
    nb_diag_code code;
    unsigned first, last; /* lines of the cell; 0: all of it */
    nb_spot spot;         /* of the code's word; its path and cell say where it holds */
    bool used;
} nb_ignore;

typedef struct nb_diags {
    nb_arena *arena; /* holds rows and texts */
    NB_VEC(nb_diag) list;
    NB_VEC(nb_ignore) ignores; /* by cell; see nb_diags_ignore() */
    size_t silenced;           /* findings that are not listed because of one */
    nb_diag spare;             /* what those are written to */
    const struct nb_selection
        *selection; /* may be NULL: what can be silenced and is not wanted is not listed */
} nb_diags;

/* Adds a finding with its code's own severity and returns it, so that the caller may set help or severity. The
 * pointer is valid until the next call. A silenced finding is counted and returned, but not listed. */
nb_diag *nb_diag_add(nb_diags *diags, nb_diag_code code, nb_spot spot, const char *fmt, ...)
    NB_PRINTF(4, 5);
/* Sets the help text of a finding. */
void nb_diag_help(nb_diags *diags, nb_diag *diag, const char *fmt, ...) NB_PRINTF(3, 4);
/* How many have at least this severity. */
size_t nb_diags_count(const nb_diags *diags, nb_severity least);
const char *nb_severity_name(nb_severity severity); /* "info", "warning", "error" */
/* By code or slug, as people write it: "NB203", "nb203", "magic-removed". */
bool nb_diag_find(nb_str name, nb_diag_code *out);

/* --- silencing (silence.c) -------------------------------------------------------------------- */

/* No: what is not about a cell, what makes a script impossible or wrong whoever looks away, and findings about directives. */
bool nb_diag_can_be_silenced(nb_diag_code code);
/* Silences a finding from here on; nb_diags_sweep() takes out those that are listed already, in one go for many ignores. */
void nb_diags_ignore(nb_diags *diags, nb_ignore ignore);
void nb_diags_sweep(nb_diags *diags);
/* Counts the finding and says true when it is silenced. */
bool nb_diags_silences(nb_diags *diags, nb_diag_code code, const nb_spot *spot);
/* A finding for each ignore in the file `path` that silenced nothing; to be asked when all others are in. None when the file has errors:
 * what was not looked at because of them may have needed it. */
void nb_diags_report_unused(nb_diags *diags, nb_str path);

#endif
