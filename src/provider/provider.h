/* provider.h - what a place that trains and serves must do; `local` implements it, the clouds will.
 *
 * Commands drive a provider only through nb_provider_ops and never name one. Waiting, following logs and progress are
 * job.h's work, so that every provider gets them the same way: an operation here does one thing and returns. The
 * exception is a provider with NB_CAN_ATTACH: asked to, it stays with the job to its end and streams its output.
 */
#ifndef NB_PROVIDER_H
#define NB_PROVIDER_H

#include "base/env.h"
#include "base/error.h"
#include "proc/runner.h"
#include "provider/service.h"
#include "store/store.h"

enum { NB_PROVIDER_ABI = 1 };

typedef struct nb_provider nb_provider; /* each provider defines its own */

typedef enum nb_feature {
    NB_CAN_TRAIN = 1 << 0,
    NB_CAN_ATTACH = 1 << 1, /* train() can stay with the job */
    NB_CAN_STREAM_LOGS = 1 << 2,
    NB_CAN_STOP = 1 << 3,
    NB_LOGS_RAW =
        1
        << 4, /* logs() gives what the script wrote; else it is told in terms of the notebook already */
    NB_CAN_SERVE = 1 << 5,  /* deploy(), endpoint(), predictor() and remove() */
    NB_CAN_SPLIT = 1 << 6,  /* traffic() and rollback(): several versions share the requests */
    NB_CAN_SHADOW = 1 << 7, /* shares may be shadows */
    NB_NEEDS_WHOLE_HUNDRED = 1 << 8 /* weights must sum to 100 */
} nb_feature;

/* Where an operation tells what happens: the command's progress. Any member may be NULL. */
typedef struct nb_progress {
    void (*say)(void *ctx, nb_str line); /* in our words */
    void (*output)(
        void *ctx,
        nb_str bytes); /* the training's own words, as they come; not always whole lines */
    void *ctx;
} nb_progress;

/* The doors and the project that a provider works with; all outlives it. */
typedef struct nb_provider_context {
    const nb_env *env;
    const nb_runner *runner;
    nb_str root; /* absolute folder of the project */
    nb_progress progress;
} nb_provider_context;

typedef struct nb_train_flag {
    nb_str flag; /* of train.py: "--learning-rate" */
    nb_str value;
} nb_train_flag;

/* Folders and files are absolute; what may be missing is empty. */
typedef struct nb_train_request {
    nb_str experiment; /* a valid name (config.h) */
    nb_str code_dir;   /* holds train.py, requirements.txt, .notebooked-map.json */
    nb_str notebook;
    nb_str workdir;         /* where train.py starts */
    nb_str data_path;       /* a path or a URI */
    nb_str model_dir;       /* a new or empty folder; empty: the next models/EXPERIMENT/N */
    nb_str hyperparameters; /* JSON object: the values that this run uses */
    const nb_train_flag *flags;
    size_t flag_count;
    nb_str python;            /* as the user wrote it on the command line */
    nb_str experiment_python; /* as the configuration has it */
    nb_str tracking_uri;      /* as the configuration has it; empty: no tracking */
    nb_str tracking_experiment;
    bool track;             /* off: neither a server nor a tracking file is used */
    bool attached;          /* stay with the job */
    bool create_env;        /* run in an environment made from requirements.txt */
    bool skip_requirements; /* do not look whether they are there */
} nb_train_request;

typedef struct nb_provider_ops {
    uint32_t abi;        /* NB_PROVIDER_ABI this was compiled against */
    const char *name;    /* as --provider takes it */
    const char *summary; /* one line */
    unsigned features;   /* nb_feature bits; an operation whose bit is off may be NULL */

    /* *out is owned by the caller, who calls close() once. `context` outlives it. */
    nb_code (*open)(const nb_provider_context *context, nb_provider **out, nb_error *err);
    void (*close)(nb_provider *self);
    /* Starts a job. It is at least queued then; with `attached` it has ended. A training that fails is no failure of this
     * call: *out says how it ended. Texts of *out live in `arena`. */
    nb_code (*train)(nb_provider *self, const nb_train_request *request, nb_arena *arena,
                     nb_job *out, nb_error *err);
    /* Brings *job up to date with the world (and the store with both). */
    nb_code (*refresh)(nb_provider *self, nb_arena *arena, nb_job *job, nb_error *err);
    /* What the job has written from byte *offset on, at most some hundred KB at once; *offset moves on. Empty: nothing new. */
    nb_code (*logs)(nb_provider *self, const nb_job *job, int64_t *offset, nb_buf *out,
                    nb_error *err);
    /* Ends a job; it has ended when this returns NB_OK. */
    nb_code (*stop)(nb_provider *self, nb_arena *arena, nb_job *job, nb_error *err);

    /* A new version, beside those that serve; requests move to it only when it can answer them. When this returns NB_OK it serves as asked; after a failure
     * everything is as it was. A new endpoint is made. */
    nb_code (*deploy)(nb_provider *self, const nb_deploy_request *request, nb_arena *arena,
                      nb_service *out, nb_error *err);
    /* An endpoint as it is now. */
    nb_code (*endpoint)(nb_provider *self, nb_str name, nb_arena *arena, nb_service *out,
                        nb_error *err);
    /* Shares the requests anew; a version without a share gets none and may be stopped. In one step: no request fails for it. */
    nb_code (*traffic)(nb_provider *self, const nb_traffic_request *request, nb_arena *arena,
                       nb_service *out, nb_error *err);
    nb_code (*rollback)(nb_provider *self, const nb_rollback_request *request, nb_arena *arena,
                        nb_service *out, nb_error *err);
    /* What asks the endpoint for predictions; `stop`, unless NULL, becomes true when it should give up waiting for an answer (NB_ERR_TIMEOUT). The provider
     * outlives it. Nothing is sent yet. */
    nb_code (*predictor)(nb_provider *self, nb_str endpoint, const _Atomic bool *stop,
                         nb_predictor **out, nb_error *err);
    /* Ends the endpoint and removes all that belongs to it; with `keep_data` logs and captured requests stay. */
    nb_code (*remove)(nb_provider *self, nb_str name, bool keep_data, nb_error *err);
} nb_provider_ops;

/* NB_ERR_USAGE, with the nearest name, when there is none. */
nb_code nb_provider_find(nb_str name, const nb_provider_ops **out, nb_error *err);
/* The built-in table, in the order of the help text. */
const nb_provider_ops *const *nb_provider_all(size_t *count);

#endif
