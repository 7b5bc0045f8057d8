/* predict_progress.h - one line on a terminal that tells how far a batch has come; nothing elsewhere. */
#ifndef NB_CLI_PREDICT_PROGRESS_H
#define NB_CLI_PREDICT_PROGRESS_H

#include "cli/app.h"

typedef struct nb_predict_progress {
    const nb_app *app;
    uint64_t size; /* of the input; 0: not known */
    int64_t begun_ms, shown_ms;
    bool shown; /* a line stands there */
} nb_predict_progress;

void nb_predict_progress_begin(nb_predict_progress *progress, const nb_app *app, uint64_t size);
/* At most five times a second. */
void nb_predict_progress_show(nb_predict_progress *progress, uint64_t rows, uint64_t position);
void nb_predict_progress_end(nb_predict_progress *progress);
/* Appends "12345 rows in 3.2 s (3858 a second)". */
void nb_predict_progress_sum(const nb_predict_progress *progress, uint64_t rows, nb_buf *out);

#endif
