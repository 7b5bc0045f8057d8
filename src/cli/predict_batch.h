/* predict_batch.h - `predict --input`: a file of any size, a piece at a time.
 *
 * Pieces of the file go to the endpoint over several connections; what comes back is written in the order of the rows. Memory is that of the pieces under way.
 *
 * A piece that is refused is halved until the row is found that the endpoint does not take: its line is named, with the server's words. Without `skip_errors` that ends
 * the run and leaves no output; with it the row is marked, and the run goes on. Refusals that concern no row (401, 404, 415, an endpoint that stays away) always end it.
 * How many rows a request carries is found on the way, unless said: more while answers come quickly, fewer when they are slow, too large (413) or too late (504).
 *
 * Whether a CSV file has a header is the server's to know: the first rows are sent once, and the number of predictions tells.
 */
#ifndef NB_CLI_PREDICT_BATCH_H
#define NB_CLI_PREDICT_BATCH_H

#include "cli/predict_ask.h"
#include "cli/predict_print.h"
#include "text/rows.h"

typedef struct nb_batch_options {
    const char *input, *output; /* "-": standard input and output */
    nb_rows_form form;
    nb_predict_format format;
    int64_t rows;        /* of a request; 0: found on the way */
    int64_t connections; /* at least 1 */
    bool keep_columns, skip_errors;
    nb_switch header; /* of CSV; unset: the server tells */
} nb_batch_options;

enum { NB_BATCH_CONNECTIONS = 4, NB_BATCH_MOST_CONNECTIONS = 64, NB_BATCH_MOST_ROWS = 100000 };

/* Says what was done, also when it ends early. Rows without a prediction are NB_ERR_USAGE in the end, after the output was written. `stop`: see nb_asking_open(). */
nb_code nb_predict_batch(nb_app *app, nb_asking *asking, const nb_batch_options *options,
                         const _Atomic bool *stop, nb_error *err);

#endif
