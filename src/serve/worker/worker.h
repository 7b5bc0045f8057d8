/* worker.h - one Python process that holds the model: its start, its frames, its death.
 *
 *     starting → loading → ready ⇄ busy → stopping → gone
 *
 * The worker knows nothing of queues and restarts: its owner (version.h) decides, and hears of everything through the hooks. A worker holds at most
 * one batch. It dies with the front, however that goes.
 */
#ifndef NB_SERVE_WORKER_H
#define NB_SERVE_WORKER_H

#include "serve/loop.h"
#include "serve/worker/frame.h"
#include "serve/worker/guard.h"

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
    const char *const *env; /* all of it: "NAME=value", NULL at the end; NULL: ours */
    int64_t startup_ms;     /* import, load and warm-up together */
    int64_t grace_ms;       /* between SIGTERM and SIGKILL */
    bool batch_check;       /* find out whether predicting together gives the same */
    bool
        debug; /* tracebacks in the answers to requests that failed; the terminal is its own, so breakpoint() works */
    unsigned threads;      /* of its numeric libraries, unless `env` says so; 0: as they like */
    const nb_guard *guard; /* NULL: none */
} nb_worker_spec;

/* How it ended, and what it said last. `reason`: "ModuleNotFoundError: No module named 'xgboost'", "was killed by signal 11 (Segmentation fault)",
 * "was killed by the kernel (out of memory?)", "was not ready within 300 s", "broke the protocol: ..."; "was stopped" when it was asked to. */
typedef struct nb_worker_end {
    int status, signal;
    nb_str phase;  /* of a FAIL frame: "import", "load", "warm-up"; empty otherwise */
    nb_str reason; /* one line: the Python error, or how the process ended */
    bool asked;    /* nb_worker_stop() or nb_worker_kill() came before */
    nb_str tail;   /* the last 20 lines of its stderr (and the traceback of a FAIL frame) */
} nb_worker_end;

typedef struct nb_worker_hooks {
    void (*ready)(void *ctx, nb_worker *worker, nb_str about); /* the JSON of its READY frame */
    void (*results)(void *ctx, nb_worker *worker, const nb_frame_result *results, size_t count);
    void (*idle)(void *ctx, nb_worker *worker); /* all results of its batch have come */
    void (*output)(void *ctx, nb_worker *worker, nb_str line); /* of its stdout or stderr */
    /* It is gone; requests that were with it and had no result have no answer. The worker is freed when this returns. */
    void (*gone)(void *ctx, nb_worker *worker, const nb_worker_end *end);
    void *ctx;
} nb_worker_hooks;

/* Starts the process. */
nb_code nb_worker_start(nb_loop *loop, const nb_worker_spec *spec, const nb_worker_hooks *hooks,
                        nb_worker **out, nb_error *err);
nb_worker_state nb_worker_state_of(const nb_worker *worker);
unsigned nb_worker_number(const nb_worker *worker);
int64_t nb_worker_pid(const nb_worker *worker);
/* A batch of at most NB_FRAME_MOST_ITEMS for a worker that is ready. Bodies are copied (into the frame or the shared file). False: they do not fit
 * there, which takes more than NB_FRAME_SHARED_SIZE bytes of them; nothing was sent. */
bool nb_worker_send(nb_worker *worker, const nb_frame_request *requests, size_t count,
                    bool together);
/* Asks it to end when its batch is done; SIGTERM follows when it does not within the grace, then SIGKILL. One that loads still gets SIGTERM at once.
 * Neither this nor nb_worker_kill() calls a hook before it returns; both may be called from within hooks (not from `gone`). */
void nb_worker_stop(nb_worker *worker);
/* SIGTERM now, SIGKILL after the grace. */
void nb_worker_kill(nb_worker *worker);

#endif
