/* endpoint.h - a local endpoint on disk: .notebooked/endpoints/NAME/, as everybody reads it and its front writes it.
 *
 *     endpoint.json   what is here, below; replaced atomically
 *     versions/N/     the model directory of version N, a copy of models/EXPERIMENT/M with a manifest of hashes: what happens to
 *                     the original later does not change what is served
 *     server.sock     Unix socket, 0600: the front's admin and the same HTTP as its port
 *     server.pid      JSON {pid, start, boot, host}: see nb_process
 *     front.lock      held by the front while it lives; start.lock by who starts it. Who deploys holds .NAME.lock beside the folder
 *     log/            server.log (front and workers), access.log
 *     capture/        captured requests and answers
 *
 * The endpoint is `running` only if the process of server.pid is alive and is the one that wrote it: a stale file means `stopped`, never a signal
 * to a stranger.
 */
#ifndef NB_ENDPOINT_H
#define NB_ENDPOINT_H

#include "base/buf.h"
#include "base/error.h"
#include "base/vec.h"
#include "proc/runner.h"

enum { NB_ENDPOINT_FORMAT = 1, NB_ENDPOINT_KEEP = 5 }; /* versions kept for going back */

typedef struct nb_deployment {
    unsigned version;         /* from 1; never used again once it was up */
    nb_str experiment, model; /* "iris", "models/iris/3" as the user knows it */
    nb_str sha256;            /* of the manifest */
    int64_t created_ms;
    unsigned weight; /* 0: up but not asked, or stopped */
    bool up;         /* its workers are (to be) running */
    bool shadow;
    unsigned shadow_percent;
} nb_deployment;

typedef struct nb_endpoint_event { /* history: newest last, at most 100 */
    int64_t at_ms;
    nb_str what;    /* "deployed v4", "traffic v3=90,v4=10", "rolled back to v3: error rate 12 %" */
    nb_str weights; /* after it: "v3=90,v4=10" */
    nb_str by;      /* who did it: a user's name, "watch" for an automatic rollback; may be empty */
    bool back;      /* it went back to earlier weights: see nb_endpoint_previous() */
} nb_endpoint_event;

/* Settings of an endpoint; each is an option of `deploy` and `serve` and a key below `serving:` of the experiment. Times in ms, sizes in bytes. */
typedef struct nb_endpoint_settings {
    nb_str host;          /* "127.0.0.1" */
    unsigned port;        /* 0: not chosen yet */
    nb_str python;        /* absolute */
    nb_str token_file;    /* empty: no token */
    bool no_auth;         /* another address than loopback without a token: the user said so */
    nb_str allowed_hosts; /* blank-separated, besides localhost and the address */
    unsigned workers;     /* 0: auto */
    size_t max_body;
    unsigned max_connections, queue;
    int64_t timeout_ms, startup_timeout_ms, drain_timeout_ms;
    bool batching, retry_on_crash;
    unsigned max_batch;
    int64_t max_delay_us;
    unsigned max_requests;
    size_t max_rss;
    nb_str pass_env;       /* blank-separated names */
    double capture;        /* share of requests: 0 … 1 */
    nb_str capture_redact; /* columns, separated by commas or blanks */
    double log_sample;     /* share of 2xx lines in the access log */
    int64_t watch_ms;      /* automatic rollback looks this long after a switch; 0: never */
    size_t capture_keep;   /* bytes of captured files; the oldest go; 0: no limit */
    int64_t rate_per_hour; /* requests of one client; 0: no limit */
    nb_str log_format;     /* of the access log: "json" or "text" */
    nb_str
        session; /* where a client's sticky key stands besides X-Notebooked-Session: a header's name, "cookie:NAME" */
    size_t log_max; /* a log of this size is moved aside; 0: never */
} nb_endpoint_settings;

/* One of them as a person wrote it; a relative path is seen from `folder`. settings.h takes it. */
typedef struct nb_setting_value {
    nb_str name, text, folder;
} nb_setting_value;

typedef struct nb_endpoint {
    nb_str name;
    nb_str root;   /* absolute: the project */
    nb_str folder; /* absolute: .notebooked/endpoints/NAME */
    nb_endpoint_settings settings;
    NB_VEC(nb_deployment) deployments; /* by version */
    NB_VEC(nb_endpoint_event) history;
    bool
        wanted; /* it was started and not stopped by a user: `endpoints start` after a reboot resumes it */
} nb_endpoint;

typedef enum nb_endpoint_liveness {
    NB_ENDPOINT_STOPPED,
    NB_ENDPOINT_RUNNING, /* its process is alive; whether it is ready the front knows (admin "status") */
    NB_ENDPOINT_ELSEWHERE /* on another host (a shared folder) */
} nb_endpoint_liveness;

/* Names are those of experiments (config.h). Paths in endpoint.json are relative to the project: it may be moved. A file of a newer format
 * is refused, and so is every member that is unknown or does not fit, with its place. */
bool nb_endpoint_valid_name(nb_str name);
/* One that is not on disk yet, with the settings' defaults. `root` is absolute. */
nb_code nb_endpoint_new(nb_arena *arena, nb_str root, nb_str name, nb_endpoint *out, nb_error *err);
nb_code nb_endpoint_read(nb_arena *arena, nb_str root, nb_str name, nb_endpoint *out,
                         nb_error *err);
nb_code nb_endpoint_write(const nb_endpoint *endpoint, nb_error *err);
nb_code nb_endpoint_list(nb_arena *arena, nb_str root, nb_str **names, size_t *count,
                         nb_error *err);
void nb_endpoint_defaults(nb_endpoint_settings *settings);
/* The text of endpoint.json, both ways. *out is of nb_endpoint_new(). */
nb_code nb_endpoint_parse(nb_arena *arena, nb_str text, nb_str path, nb_endpoint *out,
                          nb_error *err);
void nb_endpoint_print(nb_arena *arena, const nb_endpoint *endpoint, nb_buf *out);

/* *process is set unless it is stopped. */
nb_endpoint_liveness nb_endpoint_look(const nb_endpoint *endpoint, const nb_runner *runner,
                                      nb_process *process);
/* For the front: writes server.pid for this process; removes it when it is this process's. */
nb_code nb_endpoint_claim(const nb_endpoint *endpoint, const nb_runner *runner, nb_error *err);
void nb_endpoint_leave(const nb_endpoint *endpoint, const nb_runner *runner);
/* The weights as people write them: "v3=90,v4=10"; and back (NB_ERR_USAGE with what is wrong). */
nb_str nb_endpoint_weights(nb_arena *arena, const nb_endpoint *endpoint);
typedef struct nb_weight {
    unsigned version, weight;
} nb_weight;
nb_code nb_weights_parse(nb_arena *arena, nb_str text, nb_weight **out, size_t *count,
                         nb_error *err);
/* What `rollback` goes back to: the weights that were in force before those of now, as undoing goes: going back twice leads two changes back, not
 * back and forth. Weights whose versions are not all there any more are passed over. False when there are none. */
bool nb_endpoint_previous(nb_arena *arena, const nb_endpoint *endpoint, nb_weight **out,
                          size_t *count);

#endif
