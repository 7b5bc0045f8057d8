/* predict_output.h - what a batch prediction writes, row by row: CSV, JSON lines, or one JSON array; to a file that is there whole or not at all, or to stdout.
 *
 *     CSV          the columns of the prediction (prediction; prediction_0, prediction_1, ...; the names of an object's members), below a header unless the input is
 *                  CSV without one
 *     JSON lines   a prediction a line
 *     JSON         {"predictions": [...]}
 *
 * With `keep` the row that was asked about stands beside it: CSV has its columns first, JSON has {"instance": row, "prediction": ...}. With `mark_errors` a row may
 * have no prediction: CSV has a last column `error`, JSON {"error": {"status", "message"}} in its place.
 */
#ifndef NB_CLI_PREDICT_OUTPUT_H
#define NB_CLI_PREDICT_OUTPUT_H

#include "cli/app.h"
#include "cli/predict_print.h"
#include "text/rows.h"

typedef struct nb_output_options {
    const char *path;         /* "-": stdout */
    nb_predict_format format; /* JSON, CSV or JSON lines */
    bool keep, mark_errors;
    nb_rows_form form; /* of the input */
    nb_str header;     /* of CSV input; empty: it has none */
} nb_output_options;

/* One row of the input, and what came of it. */
typedef struct nb_output_row {
    nb_str instance;
    nb_str prediction; /* JSON; empty: there is none, */
    const char *error; /* for this reason, */
    unsigned status;   /* with this status; 0: it was not sent */
} nb_output_row;

typedef struct nb_predict_output nb_predict_output;

nb_code nb_predict_output_open(nb_app *app, const nb_output_options *options,
                               nb_predict_output **out, nb_error *err);
/* NB_ERR_REMOTE when a prediction does not fit into the columns of the first. */
nb_code nb_predict_output_put(nb_predict_output *output, const nb_output_row *row, nb_error *err);
/* Writes what was put, when it is much. NB_ERR_IO. */
nb_code nb_predict_output_flush(nb_predict_output *output, nb_error *err);
/* The file is there; either way `output` is gone. */
nb_code nb_predict_output_finish(nb_predict_output *output, nb_error *err);
/* It is as it was before. NULL is fine. */
void nb_predict_output_drop(nb_predict_output *output);

#endif
