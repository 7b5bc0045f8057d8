/* purpose.h - what each top-level statement is for, and what it changes beside the names that it binds.
 *
 * Read off the statement itself and what is known of its names so far: `clf` holds a model when an estimator was assigned to it, so `clf.fit(X, y)` trains and
 * `sc.fit(X)` of a scaler prepares data. Calls are known by the tables of words.h and by what the notebook's own functions do.
 */
#ifndef NB_GRAPH_PURPOSE_H
#define NB_GRAPH_PURPOSE_H

#include "base/map.h"
#include "graph/source.h"
#include "graph/words.h"

typedef enum nb_purpose {
    NB_PURPOSE_NOTHING, /* pass, a text on its own */
    NB_PURPOSE_IMPORT,
    NB_PURPOSE_SEED,     /* makes random numbers repeatable */
    NB_PURPOSE_SETTING,  /* options, warnings, the device */
    NB_PURPOSE_LITERAL,  /* NAME = literal */
    NB_PURPOSE_COMPUTE,  /* a value from other values, none of them known to be data */
    NB_PURPOSE_LOAD,     /* data from a file or a library */
    NB_PURPOSE_SPLIT,    /* into training and test data */
    NB_PURPOSE_PREPARE,  /* data from data */
    NB_PURPOSE_MODEL,    /* makes a model, an optimizer, a loss */
    NB_PURPOSE_FIT,      /* trains: a fit, a search, a loop of steps */
    NB_PURPOSE_PREDICT,  /* asks the model */
    NB_PURPOSE_EVALUATE, /* a metric, or what is made of one */
    NB_PURPOSE_RESULT,   /* other work on what training left */
    NB_PURPOSE_SAVE,     /* writes a file */
    NB_PURPOSE_SHOW,     /* prints, displays */
    NB_PURPOSE_PLOT,
    NB_PURPOSE_ASK, /* waits for a person */
    NB_PURPOSE_DOWNLOAD,
    NB_PURPOSE_DEFINES_HELPER, /* from here on functions and classes, by what they do */
    NB_PURPOSE_DEFINES_DATA,
    NB_PURPOSE_DEFINES_MODEL,
    NB_PURPOSE_DEFINES_TRAINING,
    NB_PURPOSE_DEFINES_EVALUATION,
    NB_PURPOSE_DEFINES_PREDICTION,
    NB_PURPOSE_DEFINES_PLOT,
    NB_PURPOSE_COUNT
} nb_purpose;

typedef struct nb_intent {
    nb_purpose purpose;
    nb_str what; /* what it is about: the model that is fitted, the name that is bound or defined */
    nb_str
        how; /* of a fit: what made the model and what it is fitted to, as text; the same for the same experiment */
    unsigned jobs; /* bits of nb_job: what the calls in it do */
    bool trained;  /* it builds on what training made */
    bool new_data; /* a prediction for values that are written out in the code */
    NB_VEC(nb_str)
    changes; /* names whose values it changes in place, also through other names for them */
} nb_intent;

/* One for each statement of the source, in its arena. */
const nb_intent *nb_purposes_find(const nb_source *source);
const char *nb_purpose_name(nb_purpose purpose); /* "imports", "fits", …: for tests and dumps */
static inline bool nb_purpose_defines(nb_purpose purpose)
{
    return purpose >= NB_PURPOSE_DEFINES_HELPER;
}

#endif
