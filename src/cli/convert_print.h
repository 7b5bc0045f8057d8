/* convert_print.h - `convert` that writes nothing: one generated file, or what is known of the notebook, on stdout; the notebook from a file or from standard
 * input. */
#ifndef NB_CLI_CONVERT_PRINT_H
#define NB_CLI_CONVERT_PRINT_H

#include "cli/app.h"
#include "gen/convert.h"

enum { NB_PRINT_NOTHING = -1 };

/* What --stdout and --dump can be; the options' values are indexes. */
extern const char *const nb_print_files[];
extern const char *const nb_print_dumps[];

typedef struct nb_print {
    int file; /* of nb_print_files, or NB_PRINT_NOTHING */
    int dump; /* of nb_print_dumps, or NB_PRINT_NOTHING */
    const char *
        stdin_filename; /* the notebook's name when it comes from standard input; NULL: "stdin.ipynb" */
} nb_print;

/* Prints of the one notebook that the operands name. Findings go to the log. */
nb_code nb_print_notebook(nb_app *app, const nb_print *what, const char *const *operands,
                          size_t count, nb_convert_options *options, nb_error *err);

#endif
