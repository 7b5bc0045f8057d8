/* batch.h - how many waiting calls go to a worker now, and whether to wait a moment for more. Arithmetic only: no clock, no queue of its own.
 *
 * Coalescing: several requests in one frame, predicted one by one; always allowed. Batching: predicted with one call; only where that was found
 * equal when the model was deployed. The rule (reference: a wait of a quarter of the service time, counted from the moment a
 * worker became free, and only if somebody is expected to come in that time) never slows a single client.
 */
#ifndef NB_SERVE_BATCH_H
#define NB_SERVE_BATCH_H

#include "base/base.h"

enum { NB_BATCH_MOST = 64 }; /* requests of a frame, whatever the options say */

typedef struct nb_batch_options {
    unsigned max_rows; /* of a batch; 1: no batching */
    size_t max_bytes;
    int64_t max_delay_us;  /* 0: never wait; the automatic rule waits at most this long */
    int64_t frame_us;      /* of coalesced requests together: a slow model gets them one by one */
    unsigned max_requests; /* of a frame */
} nb_batch_options;

#define NB_BATCH_OPTIONS                      \
    ((nb_batch_options){.max_rows = 64,       \
                        .max_bytes = 4 << 20, \
                        .max_delay_us = 5000, \
                        .frame_us = 2000,     \
                        .max_requests = 64})

/* What was learnt of the traffic. */
typedef struct nb_batch_state {
    double service_us; /* of a frame: moving average, weight 0.1; 0: nothing known */
    double request_us; /* of one request in the model */
    double arrival_us; /* between two arrivals: moving average, weight 0.05 */
    int64_t last_arrival_us, worker_free_us;
    unsigned failures; /* batches that did not predict together; 3 switch batching off */
} nb_batch_state;

/* A waiting call as the rule sees it. */
typedef struct nb_batch_item {
    unsigned rows; /* 0: unknown, goes alone */
    size_t bytes;
    int64_t queued_us;
    unsigned kind; /* calls of different kinds (content type, accept) are not predicted together */
} nb_batch_item;

typedef struct nb_batch_choice {
    size_t count; /* requests to send now; 0: wait */
    bool together;
    int64_t wait_until_us; /* with count 0 */
} nb_batch_choice;

void nb_batch_arrived(nb_batch_state *state, int64_t now_us);
void nb_batch_served(nb_batch_state *state, int64_t frame_us, unsigned requests, int64_t model_us,
                     int64_t now_us);
/* `items`: the head of the queue, at most `count` of them; `equal`: predicting together was proven equal. */
nb_batch_choice nb_batch_choose(const nb_batch_options *options, const nb_batch_state *state,
                                const nb_batch_item *items, size_t count, bool equal,
                                int64_t now_us);

#endif
