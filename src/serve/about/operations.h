/* operations.h - what this endpoint offers over HTTP, as a table: a row is a path with its method, what it takes and what it answers. /openapi.json and the
 * pages are made of it. Routing itself is each contract's own. */
#ifndef NB_SERVE_OPERATIONS_H
#define NB_SERVE_OPERATIONS_H

#include "serve/contract/signature.h"
#include "serve/front/front.h"

typedef enum nb_takes {
    NB_TAKES_NOTHING,
    NB_TAKES_ROWS,      /* JSON or CSV in any form that the script's input_fn reads */
    NB_TAKES_INSTANCES, /* a JSON object with `instances` */
    NB_TAKES_TENSORS    /* a request of the Open Inference Protocol */
} nb_takes;

typedef enum nb_gives {
    NB_GIVES_PREDICTIONS, /* JSON with `predictions` */
    NB_GIVES_SCRIPT,      /* what the script's output_fn makes */
    NB_GIVES_TENSORS,
    NB_GIVES_TEXT,
    NB_GIVES_HTML,
    NB_GIVES_HEALTH, /* JSON; 503 when it is not ready */
    NB_GIVES_HEALTH_TEXT,
    NB_GIVES_HEALTH_EMPTY, /* 200 without a body */
    NB_GIVES_JSON
} nb_gives;

typedef struct nb_operation {
    const nb_contract *contract;
    const char *method;
    const char *path; /* NAME stands for the endpoint's name; {version} is the client's to say */
    const char *id, *summary;
    nb_takes takes;
    nb_gives gives;
} nb_operation;

const nb_operation *nb_operations(size_t *count);
/* With --as only one contract is served. */
bool nb_operation_is_served(const nb_front *front, const nb_operation *operation);
nb_str nb_operation_path(nb_arena *arena, const nb_front *front, const nb_operation *operation);

/* Of the version with most weight; empty while none is ready. */
void nb_front_signature(nb_arena *arena, const nb_front *front, nb_signature *out);
/* Requests that work, as JSON: {"instances": …} with at most two rows that the model was tried with, and the same as {"inputs": …}. Empty: there are no
 * such rows. */
nb_str nb_example_rows(nb_arena *arena, const nb_signature *signature);
nb_str nb_example_tensors(nb_arena *arena, const nb_signature *signature);

#endif
