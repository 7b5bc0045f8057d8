/* contract.h - a protocol of prediction as a row: its paths, how its request becomes a worker's, how the answer looks.
 *
 * One file a protocol, contract_NAME.c; contracts.def lists them in the order paths are tried. All of them serve one port; with `--as NAME` only
 * that one, with the platform's own limits.
 */
#ifndef NB_SERVE_CONTRACT_H
#define NB_SERVE_CONTRACT_H

#include "serve/call.h"

/* What the contract limits on its platform; 0: as the endpoint has it. Enforced with --as. Its health check has seconds everywhere; the loop
 * answers that at once or not at all, so there is nothing to enforce. */
typedef struct nb_contract_limits {
    size_t body, answer;
    int64_t answer_ms;
    int64_t start_ms; /* from the start of a worker until it is ready */
} nb_contract_limits;

typedef enum nb_route {
    NB_ROUTE_NONE,    /* not a path of this contract */
    NB_ROUTE_PREDICT, /* read() makes a call of it */
    NB_ROUTE_READY,   /* is the endpoint ready? answered with ready() */
    NB_ROUTE_TELL     /* about the model or the server: answered with tell() */
} nb_route;

struct nb_contract {
    const char *name;     /* "sagemaker", as metrics, log and --as have it */
    const char *platform; /* "Amazon SageMaker": whose limits these are, in messages */
    nb_contract_limits limits;
    /* Which of its paths this is. The version asked for in the path, if any, goes to *version (0: none). */
    nb_route (*route)(const nb_front *front, const nb_http_request *request, unsigned *version);
    /* The methods of that path, for 405's Allow: "POST". */
    const char *(*allow)(nb_route route);
    /* Fills content_type, accept, body and rows of the call from its request; false: nb_call_refuse() was called. */
    bool (*read)(nb_call *call);
    /* The answer to the client, from the worker's. A worker's plain text of an error goes to error() instead. */
    void (*write)(nb_call *call, const nb_frame_result *result, nb_http_answer *answer);
    /* The body of an error in the form its clients understand; sets content type and body. */
    void (*error)(nb_call *call, unsigned status, nb_str message, nb_http_answer *answer);
    void (*ready)(const nb_front *front, nb_http_request *request, bool ready, nb_str reason);
    void (*tell)(const nb_front *front, nb_http_request *request);
};

#define NB_CONTRACT(name, owner, paths) extern const nb_contract nb_contract_##name;
#include "serve/contract/contracts.def"
#undef NB_CONTRACT
extern const nb_contract *const nb_contracts[]; /* NULL at the end */

#endif
