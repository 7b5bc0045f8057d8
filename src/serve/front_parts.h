/* front_parts.h - what the files of the front share; nobody else includes it.
 *
 *     front.c            its start, its turns, its end
 *     front_request.c    from an http request to a call and back
 *     front_versions.c   versions: up, weights, down, endpoint.json
 *     front_watch.c      automatic rollback after the weights moved
 *     front_env.c        what a worker may know of our environment
 *     front_log.c        log/server.log
 *     front_access.c     log/access.log, one JSON object a call
 *     admin.c            /admin/ on the Unix socket
 *
 * What a version tells through its hooks is only noted (`stirred`); steps follow at the end of the turn, when nobody stands inside a version.
 */
#ifndef NB_SERVE_FRONT_PARTS_H
#define NB_SERVE_FRONT_PARTS_H

#include "serve/auth.h"
#include "serve/front.h"

enum { NB_SHADOW_QUEUE = 8 };

/* A version whose workers run, or are to end. */
typedef struct nb_up {
    unsigned number;
    nb_version *version;
    bool leaving; /* freed when it is over */
    nb_arena arena;
} nb_up;

/* A deployment that waits for its version to be ready. One at a time. */
typedef struct nb_deploying {
    unsigned version; /* 0: none */
    nb_weight weights[NB_TRAFFIC_MOST];
    size_t count;             /* 0: all the weight goes to the new version */
    nb_http_request *request; /* NULL: the client left, the deployment goes on */
} nb_deploying;

/* Weights moved a moment ago. */
typedef struct nb_switch_watch {
    nb_timer timer;
    unsigned version; /* the one looked at; 0: none */
    int64_t until_us;
    nb_traffic before;
    nb_version_figures from; /* of it, when the weights moved */
    double old_rate;         /* failures of a request, of those that served before */
} nb_switch_watch;

struct nb_front {
    nb_loop *loop;
    nb_arena arena;
    nb_endpoint endpoint;
    const nb_front_options *options;
    nb_auth *auth;
    nb_metrics *metrics;
    nb_http *tcp, *local;
    int signals, log, access;
    nb_buf access_lines; /* written at the end of a turn */

    nb_traffic traffic;
    nb_up up[NB_TRAFFIC_MOST];
    size_t up_count;
    nb_deploying deploying;
    nb_switch_watch watch;

    const nb_contract *only; /* of --as; NULL: all are served */
    size_t max_body;         /* of the settings, or tighter with --as */
    int64_t timeout_ms;

    uint64_t last_call;
    int64_t started_us;
    bool stirred, draining;
    nb_timer drain, linger; /* patience for calls; for the last bytes of answers */
};

/* An http request with its call. The call comes first: hooks of versions know only that. */
typedef struct nb_exchange {
    nb_call call;
    nb_front *front;
    nb_http_request *request;
    nb_route route;
    unsigned asked;           /* version in the path; 0: none */
    struct nb_exchange *twin; /* original and shadow's copy: whichever leaves last compares */
    bool left, done;
} nb_exchange;

/* front_request.c */
extern const nb_http_hooks nb_front_http_hooks; /* without ctx */
void nb_front_answered(void *ctx, nb_version *version, nb_call *call);
void nb_front_answer(nb_http_request *request, unsigned status, const char *type, nb_str body);
/* {"error": message} and, when not NULL, {"hint"}. */
void nb_front_refuse(nb_http_request *request, unsigned status, const char *hint,
                     const char *message, ...) NB_PRINTF(4, 5);

/* front_versions.c */
nb_up *nb_front_find(nb_front *front, unsigned number);
nb_code nb_front_bring_up(nb_front *front, unsigned number, bool fails_fast, nb_error *err);
/* In one step; versions that are not named get 0. Not up: NB_ERR_NOT_FOUND, and nothing changes. */
nb_code nb_front_move(nb_front *front, const nb_weight *weights, size_t count, nb_error *err);
void nb_front_retire(nb_front *front, unsigned number);
/* Versions without weight that nobody needs any more. */
void nb_front_retire_idle(nb_front *front);
void nb_front_step(nb_front *front); /* after a version stirred */
void nb_front_note(nb_front *front, const char *fmt, ...) NB_PRINTF(2, 3); /* history */
void nb_front_save(nb_front *front);

/* front_watch.c */
void nb_watch_begin(nb_front *front, unsigned version, const nb_traffic *before);
void nb_watch_end(nb_front *front);

/* front_env.c */
typedef struct nb_env_for {
    const char *folder; /* of the model */
    unsigned version, workers, cores;
} nb_env_for;
const char *const *nb_front_env(nb_arena *arena, const nb_front *front, const nb_env_for *of);

/* front_log.c */
nb_code nb_log_open(nb_front *front, nb_error *err);
void nb_log(nb_front *front, const char *fmt, ...) NB_PRINTF(2, 3);

/* front_access.c */
nb_code nb_access_open(nb_front *front,
                       nb_error *err); /* after nb_log_open(), which makes the folder */
void nb_access_write(nb_front *front, const nb_exchange *e);
void nb_access_flush(nb_front *front);

/* front.c */
void nb_front_drain(nb_front *front);

/* admin.c */
void nb_admin(nb_front *front, nb_http_request *request);
void nb_admin_deployed(nb_front *front, bool fine, nb_str reason, nb_str tail);

#endif
