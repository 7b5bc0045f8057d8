/* predict_ask.h - an endpoint as `predict` asks it: one of the project through its provider, or a server at a URL. Requests that the endpoint could not take just
 * now are asked again; refusals become errors with the server's own words.
 */
#ifndef NB_CLI_PREDICT_ASK_H
#define NB_CLI_PREDICT_ASK_H

#include "cli/app.h"
#include "provider/provider.h"

/* What the command line says about whom to ask, and how. NULL: not given. */
typedef struct nb_ask_options {
    const char *endpoint, *provider; /* a name; */
    const char *url, *token_file;    /* or an address */
    const char *version, *content_type, *accept;
    const nb_opt_list *headers; /* "Name: value" */
    int64_t timeout_s;          /* of one request; 0: the endpoint's own */
} nb_ask_options;

typedef struct nb_asking nb_asking;

/* Nothing is sent yet. `stop`, unless NULL, ends waiting. */
nb_code nb_asking_open(nb_app *app, const nb_ask_options *options, const _Atomic bool *stop,
                       nb_asking **out, nb_error *err);
void nb_asking_close(nb_asking *asking);
/* "endpoint 'iris'", "'http://localhost:8080'": for messages. */
nb_str nb_asking_name(const nb_asking *asking);
/* A connection of its own, for one thread. */
nb_code nb_asking_predictor(nb_asking *asking, nb_predictor **out, nb_error *err);

typedef struct nb_question {
    nb_str body, content_type;
    nb_str accept;       /* when the user has not said any; empty: none */
    int64_t patience_ms; /* how long, in all, to wait before asking again */
    bool timing;         /* ask the server for its own share of the time */
} nb_question;

enum { NB_ASK_ONCE_MS = 3000, NB_ASK_BATCH_MS = 60000 }; /* patience */

/* Asks, and asks again after 429, 503 and lost connections, when the server says or after 0.1, 0.2, 0.4 ... 5 s, as long as there is patience. Answers
 * of any status are no failure. *again counts those repetitions. */
nb_code nb_asking_ask(nb_asking *asking, nb_predictor *predictor, const nb_question *question,
                      nb_arena *arena, nb_prediction *out, unsigned *again, nb_error *err);
static inline bool nb_prediction_is_fine(const nb_prediction *prediction)
{
    return prediction->status >= 200 && prediction->status < 300;
}
/* The server's own words in an answer that is a refusal, on one line. */
nb_str nb_prediction_message(nb_arena *arena, const nb_prediction *prediction);
/* The refusal as an error: NB_ERR_USAGE for 4xx, NB_ERR_REMOTE for others; with a hint where one is known. */
nb_code nb_asking_refused(const nb_asking *asking, const nb_prediction *prediction, nb_error *err);

#endif
