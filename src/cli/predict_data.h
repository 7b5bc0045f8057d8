/* predict_data.h - what `predict --data` sends: read, told what it is, and looked over where that is cheap. */
#ifndef NB_CLI_PREDICT_DATA_H
#define NB_CLI_PREDICT_DATA_H

#include "cli/app.h"

typedef struct nb_predict_data {
    nb_str body, content_type;
} nb_predict_data;

/* `data` is "@FILE", "-" for standard input, or the data itself: JSON, or lines of CSV. `content_type`, unless NULL, says what it is, and then it is sent
 * as it is; else the suffix of the file tells, or how it begins. JSON lines become one JSON document. Mistakes in JSON and CSV are errors with their place. */
nb_code nb_predict_data_read(nb_app *app, const char *data, const char *content_type,
                             nb_predict_data *out, nb_error *err);

#endif
