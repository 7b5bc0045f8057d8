/* totals.h - what a check of many notebooks comes to. */
#ifndef NB_CLI_TOTALS_H
#define NB_CLI_TOTALS_H

#include "base/diag.h"
#include "text/json_write.h"

#include <stdio.h>

typedef struct nb_totals {
    size_t notebooks, with_errors, with_warnings; /* the latter without those that have errors */
    size_t unreadable;                            /* files and folders; they have errors */
    size_t other_language;                        /* not checked */
    size_t errors, warnings, notes, silenced;
    size_t codes[NB_DIAG_CODE_COUNT]
                [NB_SEVERITY_ERROR + 1]; /* by severity: one code may come in several */
} nb_totals;

/* Counts the findings of one notebook. */
void nb_totals_add(nb_totals *totals, const nb_diags *diags);
void nb_totals_join(nb_totals *totals, const nb_totals *more);
/* How many findings have at least this severity. */
size_t nb_totals_count(const nb_totals *totals, nb_severity least);

/* A table for people: notebooks, the most frequent codes among what is told, and the time. */
void nb_totals_print(const nb_totals *totals, nb_severity least, int64_t ms, FILE *to);
/* "'notebooked explain NB302' tells more", about the first of the worst codes among what is told; nothing when nothing is. */
void nb_totals_print_hint(const nb_totals *totals, nb_severity least, FILE *to);
/* The same as an object. */
void nb_totals_json(const nb_totals *totals, nb_json_writer *json);

#endif
