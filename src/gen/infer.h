/* infer.h - what inference.py consists of, and what training must save for it (conversion.md 9).
 *
 * inference.py holds definitions only: those of the inference cells, those of utils, preprocess and model cells, and every class or function
 * that the pickled model may refer to. Names they read, directly or through one another, that training *actions* bind (a fitted scaler, a vocabulary, a class
 * list) are training state: train.py saves them, inference.py restores them.
 */
#ifndef NB_GEN_INFER_H
#define NB_GEN_INFER_H

#include "gen/find.h"
#include "gen/params.h"
#include "graph/graph.h"

typedef struct nb_inference {
    const bool *included;       /* by statement index: stands in inference.py at module level */
    const bool *late;           /* by statement index: runs when the state was restored, in order */
    NB_VEC(nb_str) state;       /* names to save and restore, sorted */
    NB_VEC(nb_str) main_names;  /* classes and functions that pickles call __main__.NAME */
    NB_VEC(nb_str) model_names; /* names under which the included code reads the model */
    bool handler[4];            /* model_fn, input_fn, predict_fn, output_fn: the notebook's own */
    nb_str predict_call; /* "predict(model, data)"; empty: the default handler asks the model */
} nb_inference;

enum { NB_HANDLER_MODEL, NB_HANDLER_INPUT, NB_HANDLER_PREDICT, NB_HANDLER_OUTPUT };

/* Reports what was left out (NB309, NB506), the state (NB505), reserved names and unusable handlers (NB507, NB508). */
nb_inference nb_infer(const nb_graph *graph, const nb_params *params, const nb_findings *found);

#endif
