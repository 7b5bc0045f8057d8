/* worker.h - one Python process that holds the model: its start, its frames, its death.
 *
 *     starting → loading → ready ⇄ busy → stopping → gone
 *
 * The worker knows nothing of queues and restarts: its owner (version.h) decides, and hears of everything through the hooks. A worker holds at most
 * one batch. It dies with the front, however that goes.
 */
#ifndef NB_SERVE_WORKER_H
#define NB_SERVE_WORKER_H

#include "serve/frame.h"
#include "serve/loop.h"

typedef struct nb_worker nb_worker;

typedef enum nb_worker_state {
    NB_WORKER_STARTING, /* the process runs; HELLO has not come */
    NB_WORKER_LOADING,  /* imports, model_fn, warm-up */
    NB_WORKER_READY,
    NB_WORKER_BUSY, /* a batch is with it */
    NB_WORKER_STOPPING,
    NB_WORKER_GONE
} nb_worker_state;

typedef struct nb_worker_spec {
    unsigned number;        /* from 1, in its version */
    const char *python;     /* absolute */
    const char *model_dir;  /* absolute; holds code/inference.py */
    const char *script;     /* worker.py on disk, or NULL: the embedded one is passed with -c */
    const char *const *env; /* all of it: "NAME=value", NULL at the end */
    int64_t startup_ms;     /* import, load and warm-up together */
    int64_t grace_ms;       /* between SIGTERM and SIGKILL */
    bool batch_check;       /* find out whether predicting together gives the same */
} nb_worker_spec;

/* How it ended: "killed by signal 9 (Killed): out of memory?", and what it said last. */
typedef struct nb_worker_end {
    int status, signal;
    nb_str phase;  /* of a FAIL frame: "import", "load", "warm-up"; empty otherwise */
    nb_str reason; /* one line: the Python error, or how the process ended */
    nb_str tail;   /* the last 20 lines of its stderr (and the traceback of a FAIL frame) */
} nb_worker_end;

typedef struct nb_worker_hooks {
    void (*ready)(void *ctx, nb_worker *worker, nb_str about); /* the JSON of its READY frame */
    void (*results)(void *ctx, nb_worker *worker, const nb_frame_result *results, size_t count);
    void (*idle)(void *ctx, nb_worker *worker); /* all results of its batch have come */
    void (*output)(void *ctx, nb_worker *worker, nb_str line); /* of its stdout or stderr */
    /* It is gone; requests that were with it have no answer. The worker is freed when this returns. */
    void (*gone)(void *ctx, nb_worker *worker, const nb_worker_end *end);
    void *ctx;
} nb_worker_hooks;

/* Starts the process. */
nb_code nb_worker_start(nb_loop *loop, const nb_worker_spec *spec, const nb_worker_hooks *hooks,
                        nb_worker **out, nb_error *err);
nb_worker_state nb_worker_state_of(const nb_worker *worker);
unsigned nb_worker_number(const nb_worker *worker);
int64_t nb_worker_pid(const nb_worker *worker);
/* A batch for a worker that is ready. Bodies are copied (into the frame or the shared file). */
void nb_worker_send(nb_worker *worker, const nb_frame_request *requests, size_t count,
                    bool together);
/* Asks it to end when its batch is done; SIGTERM and SIGKILL follow when it does not. */
void nb_worker_stop(nb_worker *worker);
/* SIGTERM now, SIGKILL after the grace. */
void nb_worker_kill(nb_worker *worker);

#endif
