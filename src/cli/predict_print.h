/* predict_print.h - one answer as the user wants to see it. */
#ifndef NB_CLI_PREDICT_PRINT_H
#define NB_CLI_PREDICT_PRINT_H

#include "cli/app.h"
#include "provider/service.h"

typedef enum nb_predict_format {
    NB_PREDICT_JSON, /* the server's body as it is; on a terminal, with line ends */
    NB_PREDICT_CSV,
    NB_PREDICT_TABLE,
    NB_PREDICT_JSON_LINES,
    NB_PREDICT_UNSAID /* the suffix of the file; else a table on a terminal, and JSON */
} nb_predict_format;

extern const char *const nb_predict_formats[]; /* the words of the first four, NULL at the end */

/* .csv, .json, .jsonl, .ndjson; false: another. */
bool nb_predict_format_of(nb_str path, nb_predict_format *out);
/* Appends it. `terminal`: a person reads it, `columns` wide (0: any). NB_ERR_REMOTE when the answer holds no list of predictions and the format needs one. */
typedef struct nb_predict_view {
    nb_predict_format format;
    bool terminal;
    size_t columns;
} nb_predict_view;
nb_code nb_predict_print(const nb_predict_view *view, const nb_prediction *answer, nb_buf *out,
                         nb_error *err);

#endif
