/* words.h - what calls of well-known libraries are for: loading data, fitting, measuring, showing.
 *
 * A call is known by the module it comes from ("sklearn.metrics") or by the name that is called ("read_csv", "fit"); what the tables do not have is
 * unknown, and the statement around it tells more.
 */
#ifndef NB_GRAPH_WORDS_H
#define NB_GRAPH_WORDS_H

#include "base/str.h"

typedef enum nb_job {
    NB_JOB_UNKNOWN,
    NB_JOB_LOAD,      /* reads data */
    NB_JOB_SPLIT,     /* divides it for training and test */
    NB_JOB_TRANSFORM, /* prepares it: also makes a scaler, encoder, data set */
    NB_JOB_MODEL,     /* makes a model, a layer, an optimizer, a loss */
    NB_JOB_FIT,       /* trains */
    NB_JOB_STEP,      /* a step of a training loop: backward(), step() */
    NB_JOB_PREDICT,   /* asks a model */
    NB_JOB_MEASURE,   /* a metric */
    NB_JOB_SAVE,      /* writes a file */
    NB_JOB_PRINT,     /* prints or looks at values */
    NB_JOB_PLOT,      /* draws */
    NB_JOB_ASK,       /* waits for a person */
    NB_JOB_DOWNLOAD,  /* fetches something from a network */
    NB_JOB_SEED,      /* makes random numbers repeatable */
    NB_JOB_SETTING,   /* options of a library */
    NB_JOB_CHANGE,    /* changes its object: append(), update() */
    NB_JOB_COUNT
} nb_job;

#define NB_JOB_BIT(job) (1u << (job))

/* By the last part of what is called: "read_csv". `is_method`: called on an object, not on a module or by its plain name. */
nb_job nb_job_of_name(nb_str name, bool is_method);
/* By the module it is imported from, the longest known one: "sklearn.metrics" for "sklearn.metrics.pairwise". */
nb_job nb_job_of_module(nb_str dotted);
/* Whether a class of that name prepares data where other classes of its module are models: "StandardScaler". */
bool nb_is_transformer_name(nb_str name);

#endif
