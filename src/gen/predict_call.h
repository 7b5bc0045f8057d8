/* predict_call.h - the function of the notebook that answers requests, and what it is called with. */
#ifndef NB_GEN_PREDICT_CALL_H
#define NB_GEN_PREDICT_CALL_H

#include "gen/find.h"

typedef struct nb_predict_call {
    const nb_statement *function; /* NULL: the notebook has none */
    nb_str text; /* "predict(data, model, vectorizer)"; empty: nobody knows what to pass */
    nb_str
        unknown; /* then, the parameter nobody can bind; empty when there are none, or two that may be the model */
    NB_VEC(nb_str) state; /* names of the notebook that are passed, beside data and model */
} nb_predict_call;

/* `predict`, `infer` and the like of an inference cell, else `predict_rating`, `predictRating`; none when there is a `predict_fn`. Parameters are bound by name: to the model, to what is sent, and to
 * names that the notebook binds (a vectorizer); the one that is left over is what is sent. */
nb_predict_call nb_predict_call_find(const nb_graph *graph, const nb_findings *found);

#endif
