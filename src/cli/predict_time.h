/* predict_time.h - `predict --time`: how long the endpoint takes, asked again and again over one connection. */
#ifndef NB_CLI_PREDICT_TIME_H
#define NB_CLI_PREDICT_TIME_H

#include "cli/predict_ask.h"

enum { NB_TIME_WARM_UP = 10, NB_TIME_MOST = 1000000 };

/* Prints, or puts into the app's JSON, the percentiles of `count` requests, and what the server says of its own share. A refusal ends it. */
nb_code nb_predict_time(nb_app *app, nb_asking *asking, const nb_question *question, size_t count,
                        nb_error *err);

/* Value number ceil(percent / 100 * count) of the sorted ones. */
int64_t nb_percentile(const int64_t *sorted, size_t count, unsigned percent);
/* µs of "queue;dur=0.12, predict;dur=1.5" for a name; -1: it is not there. */
int64_t nb_server_timing(nb_str header, const char *name);

#endif
