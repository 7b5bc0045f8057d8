/* call.h - one prediction on its way through the front: from a protocol's request to a worker and back.
 *
 *     http request ─ contract reads ─► call ─ queue of a version ─ frame ─► worker ─ result ─► contract writes ─ http answer
 *
 * A call is answered exactly once, whatever happens to workers and clients: nb_call_answer() or nb_call_refuse(). Whoever made it frees it, after
 * its version said that it left (version.h, `answered`) and its http request is done.
 */
#ifndef NB_SERVE_CALL_H
#define NB_SERVE_CALL_H

#include "serve/http/http.h"
#include "serve/worker/frame.h"

typedef struct nb_version nb_version;   /* serve/version/version.h */
typedef struct nb_contract nb_contract; /* serve/contract/contract.h */
typedef struct nb_front nb_front;       /* serve/front/front.h */
typedef struct nb_call nb_call;

/* Why a call was not answered by the model; the word in metrics and logs. */
typedef enum nb_refusal {
    NB_REFUSED_NOT,   /* it was answered */
    NB_REFUSED_INPUT, /* 400, 415: the contract or the model's input_fn does not understand it */
    NB_REFUSED_QUEUE_FULL,  /* 503 */
    NB_REFUSED_NOT_READY,   /* 503: no worker is ready: loading, crash-looping, draining */
    NB_REFUSED_HOPELESS,    /* 503: it would miss its deadline in the queue */
    NB_REFUSED_DEADLINE,    /* 504 */
    NB_REFUSED_WORKER_DIED, /* 502 */
    NB_REFUSED_POISON,      /* 422: this very input ended two workers */
    NB_REFUSED_BATCH,       /* 503: another request of its batch passed its deadline; try again */
    NB_REFUSED_GONE,        /* the client left */
    NB_REFUSAL_COUNT
} nb_refusal;

const char *nb_refusal_name(nb_refusal refusal); /* "queue_full", … */

struct nb_call {
    uint64_t id;              /* unique in this front; what frames carry */
    char request_id[101];     /* X-Request-Id as given, or made */
    nb_http_request *request; /* NULL: the client is gone, or this is a shadow's copy */
    const nb_contract *contract;
    void *contract_state; /* the contract's own, in `arena` */
    nb_arena arena;

    /* what the worker gets */
    nb_str content_type, accept, body; /* `body` may be a view into the http request */
    nb_buf translated;                 /* the body when the contract made another of it */
    nb_buf made;                       /* the answer's body when the contract made another of it */
    unsigned rows;                     /* 0: not counted */

    /* its way, monotonic µs; 0: not yet */
    nb_version *version;
    int64_t received_us, queued_us, sent_us, answered_us, deadline_us;
    unsigned worker; /* number of the worker it was sent to, from 1 */
    unsigned batch;  /* how many requests were in its frame */
    unsigned deaths; /* workers that died holding it */
    uint32_t model_us;
    nb_refusal refusal;
    unsigned status;
    size_t bytes_out;
    nb_str error;         /* the message of a refusal, for the log */
    unsigned answered_by; /* number of its version; 0: it came to none */
    nb_call *next;        /* in a queue */
    nb_call *shadowed_by; /* the copy that a shadow version predicts, for comparison */
    bool is_shadow;
    bool wants_timing;                       /* the client asked for Server-Timing */
    nb_str trace;                            /* the client's traceparent, which goes back */
    const struct nb_contract_limits *limits; /* with --as: the platform's */
    const nb_front *front; /* for its contract, which may want to know the model's signature */

    /* the version's own */
    nb_timer timer; /* its deadline */
    uint64_t input; /* hash of what the worker gets; 0: not taken yet */
    unsigned kind;  /* calls of one kind may be predicted together: content type and accept */
    nb_str
        result; /* a copy of the answer's body in `arena`; kept only when a shadow is compared, or it is captured */
    bool is_captured;   /* it belongs to the share whose answers are kept */
    nb_str result_type; /* content type of `result` */
};

/* May a client's X-Request-Id be ours? It is short and printable. */
bool nb_call_id_fits(nb_str id);
/* The worker's result goes back through the contract. Once a call was answered both do nothing. */
void nb_call_answer(nb_call *call, const nb_frame_result *result);
/* A refusal goes back in the contract's form: `message` names the limit that was met and its value; `retry_after_s` 0: no Retry-After. */
void nb_call_refuse(nb_call *call, nb_refusal why, unsigned status, unsigned retry_after_s,
                    const char *message, ...) NB_PRINTF(5, 6);

#endif
