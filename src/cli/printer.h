/* printer.h - one model of findings, many forms: for people, for CI systems, for other programs.
 *
 *     begin(); notebook(), `between`, notebook(), ...; end()
 *
 * What notebook() writes depends on that notebook alone, so that many threads can write at once. One form a file: cli/print_NAME.c.
 */
#ifndef NB_CLI_PRINTER_H
#define NB_CLI_PRINTER_H

#include "base/diag.h"
#include "base/error.h"
#include "notebook/places.h"
#include "text/json_write.h"

#include <stdio.h>

/* The order of nb_printer_names. */
typedef enum nb_form {
    NB_FORM_FULL,
    NB_FORM_CONCISE,
    NB_FORM_JSON,
    NB_FORM_JSON_LINES,
    NB_FORM_SARIF,
    NB_FORM_GITHUB,
    NB_FORM_GITLAB,
    NB_FORM_JUNIT,
    NB_FORM_COUNT
} nb_form;

/* A finding, and what other programs want to know about it. */
typedef struct nb_told {
    const nb_diag *diag;
    nb_str path;         /* of the file, seen from the current folder */
    nb_file_place place; /* in the file; only for forms that ask for it */
    bool placed;         /* it is that of the finding, not of its cell or file */
    const char *
        fingerprint; /* stays the same when the notebook changes elsewhere; only for forms that ask for it */
} nb_told;

typedef struct nb_told_notebook {
    nb_str path;
    const nb_told *findings; /* sorted */
    size_t count;
} nb_told_notebook;

typedef struct nb_print_options {
    nb_severity least; /* what is less is not told; forms for programs tell everything */
    nb_severity fails; /* what is at least this is a failure */
    bool never_fails;  /* nothing is */
    bool colour;
    nb_str bytes; /* the notebook's text, which did not come from its file; `at` NULL: it did */
} nb_print_options;

typedef struct nb_printer {
    const char *name;
    bool tells_all;   /* notes, whatever the user wants to see */
    bool wants_place; /* in the file, and a fingerprint */
    bool tells_clean; /* notebooks without findings as well */
    const char *between;
    void (*begin)(FILE *to); /* may be NULL, as end() */
    void (*notebook)(const nb_told_notebook *notebook, const nb_print_options *options, FILE *to);
    void (*end)(FILE *to);
} nb_printer;

extern const nb_printer nb_print_full, nb_print_concise, nb_print_json, nb_print_json_lines,
    nb_print_sarif, nb_print_github, nb_print_gitlab, nb_print_junit;

const nb_printer *nb_printer_of(nb_form form);
/* For NB_CHOICE; NULL at the end. */
extern const char *const nb_printer_names[];

/* Prints the findings of one notebook. `folder` is the absolute folder that their paths are seen from; findings of other files, such as the
 * configuration, may be among them. */
void nb_printer_put(const nb_printer *printer, const nb_diags *diags, nb_str path, nb_str folder,
                    const nb_print_options *options, FILE *to);

/* --- for printers --- */

/* "cell 7 (In [12]), line 3"; empty for a place in a file. */
nb_str nb_told_cell(nb_arena *arena, const nb_spot *spot);
bool nb_told_fails(const nb_told *told, const nb_print_options *options);
/* "note", "warning", "error". */
const char *nb_told_severity(nb_severity severity);

#endif
