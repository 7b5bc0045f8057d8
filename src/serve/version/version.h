/* version.h - one model version that an endpoint has up: its queue, its workers, its figures.
 *
 * Takes calls, gives them to workers in batches, answers each exactly once. Restarts workers that die (0.5, 1, 2, … 30 s, reset after a minute of health),
 * gives up after five starts without a success, remembers inputs that killed two workers, answers 504 at a call's deadline and ends a worker
 * that does not come back within its grace.
 */
#ifndef NB_SERVE_VERSION_H
#define NB_SERVE_VERSION_H

#include "serve/call.h"
#include "serve/front/metrics.h"
#include "serve/version/batch.h"
#include "serve/worker/worker.h"

typedef enum nb_version_state {
    NB_VERSION_LOADING,  /* its first worker is coming up */
    NB_VERSION_READY,    /* at least one worker is ready or busy */
    NB_VERSION_DEGRADED, /* was ready; no worker is: one is being restarted */
    NB_VERSION_DRAINING, /* takes no calls, finishes those it has */
    NB_VERSION_STOPPED,
    NB_VERSION_FAILED /* gave up */
} nb_version_state;

const char *nb_version_state_name(nb_version_state state); /* "loading", … */

typedef struct nb_version_options {
    unsigned number; /* of the endpoint's version: v3 is 3 */
    nb_worker_spec worker;
    unsigned workers; /* 0: auto: as many as cores and memory allow, from what the first one uses */
    unsigned queue_requests; /* 256 */
    size_t queue_bytes;      /* 64 MiB */
    int64_t grace_ms;        /* after a deadline passed: 5 s until the worker is ended */
    bool retry_on_crash;     /* once, on another worker */
    unsigned max_requests;   /* a worker is replaced after so many, ±10 %; 0: never */
    size_t max_rss;          /* bytes; 0: none */
    nb_batch_options batch;
    bool no_batch;
    bool
        fails_fast; /* a first worker that cannot load the model fails the version at once: a new deployment */
    unsigned cores; /* for the automatic count */
} nb_version_options;

/* None of them may free the version; do that in a later turn of the loop. */
typedef struct nb_version_hooks {
    void (*changed)(void *ctx, nb_version *version); /* its state */
    void (*log)(void *ctx, nb_version *version, unsigned worker, nb_str line);
    /* It left through its contract; the version has forgotten it. */
    void (*answered)(void *ctx, nb_version *version, nb_call *call);
    void *ctx;
} nb_version_hooks;

/* Strings of the options must stay. What goes wrong, also with the first process, is told by state, reason and tail. */
nb_version *nb_version_start(nb_loop *loop, const nb_version_options *options,
                             const nb_version_hooks *hooks, nb_metrics *metrics);
/* A call to be answered; refused at once when there is no room, no worker or no hope. */
void nb_version_take(nb_version *version, nb_call *call);
/* Gives waiting calls to free workers; the front asks before each sleep. */
void nb_version_dispatch(nb_version *version);
/* The client of a call that has no answer yet is gone: one that waits leaves now, one that is being predicted when that is done. */
void nb_version_drop(nb_version *version, nb_call *call);
/* STOPPED when the last call was answered and the workers are gone. */
void nb_version_drain(nb_version *version);
/* The same without patience: what waits or is being predicted is refused, the workers are ended. */
void nb_version_abort(nb_version *version);
void nb_version_free(nb_version *version); /* one that is STOPPED or FAILED */

unsigned nb_version_number(const nb_version *version);
nb_version_state nb_version_state_of(const nb_version *version);
nb_str nb_version_reason(
    const nb_version *version); /* why it is not ready, for people; empty when it is */
nb_str nb_version_tail(
    const nb_version *version); /* what the worker that ended last had said: traceback, stderr */
nb_str nb_version_about(
    const nb_version *version); /* the READY frame's JSON of its first worker; empty before */
/* What its first worker said of the input example: "predicted", "none" (there is none, or its script reads no JSON), or what went wrong. Empty before. */
nb_str nb_version_example(nb_arena *arena, const nb_version *version);
bool nb_version_is_pyfunc(const nb_version *version); /* a model of MLflow, without a script */
size_t nb_version_waiting(const nb_version *version);
size_t nb_version_busy(const nb_version *version);
typedef struct nb_worker_view { /* for status, metrics and the admin */
    unsigned number;
    nb_worker_state state;
    int64_t pid, rss, started_us;
    unsigned restarts, served;
} nb_worker_view;
size_t nb_version_workers(const nb_version *version, nb_worker_view *out, size_t room);

#endif
