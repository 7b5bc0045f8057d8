/* front_parts.h - what the files of the front share; nobody else includes it.
 *
 *     front.c            its start, its turns, its end
 *     front_listen.c     its port and its Unix socket
 *     front_request.c    http requests: who takes them, and what becomes of them in the end
 *     front_predict.c    from a request to a call of a version, and its shadow's copy
 *     front_versions.c   versions: up, down, endpoint.json
 *     front_change.c     new weights, once the versions they need are ready
 *     front_watch.c      automatic rollback after the weights moved
 *     front_prune.c      old versions go from the disk
 *     front_reap.c       what process 1 has to wait for
 *     front_env.c        what a worker may know of our environment
 *     front_log.c        log/server.log
 *     front_access.c     log/access.log, one JSON object a call
 *     front_metrics.c    gauges of /metrics
 *     front_capture.c    capture/: a share of requests with their answers
 *     admin.c            /admin/ on the Unix socket: what it is told to do
 *     admin_status.c     and what it says of itself
 *
 * What a version tells through its hooks is only noted (`stirred`); steps follow at the end of the turn, when nobody stands inside a version.
 */
#ifndef NB_SERVE_FRONT_PARTS_H
#define NB_SERVE_FRONT_PARTS_H

#include "serve/capture/capture.h"
#include "serve/front/auth.h"
#include "serve/front/front.h"
#include "serve/front/log_file.h"
#include "serve/front/rate.h"

enum {
    NB_SHADOW_QUEUE = 8,
    NB_DEBUG_MS = 24 * 3600 * 1000 /* every time limit while somebody may stand at a breakpoint */
};

/* A version whose workers run, or are to end. */
typedef struct nb_up {
    unsigned number;
    nb_version *version;
    bool leaving; /* freed when it is over */
    bool brought; /* for the change that waits for it */
    nb_arena arena;
} nb_up;

/* Lines of refusals in the access log: a flood of them must not push away what else it tells. */
typedef struct nb_access_limit {
    int64_t until_us; /* the second that is counted */
    unsigned written;
    struct nb_left_out {
        const char *reason;
        uint64_t count;
    } left_out[24]; /* there are fewer reasons */
    size_t reasons;
    nb_timer timer; /* tells at its end what was left out */
} nb_access_limit;

/* New weights that somebody asked for. They are in force when all versions they need are ready, in one step. One at a time. */
typedef struct nb_change {
    bool pending;
    nb_traffic to;
    unsigned awaits[NB_TRAFFIC_MOST]; /* versions that must be ready first */
    size_t awaits_count;
    unsigned deployed;           /* the version that is new; 0: none is */
    bool learned;                /* its row came with this change, and goes when it fails, */
    nb_endpoint_settings before; /* and these settings come back */
    bool back;                   /* a rollback: not watched */
    nb_str by;                   /* in the front's arena */
    nb_timer patience; /* a version that never becomes ready must not block what comes after it */
    nb_http_request *request; /* NULL: the client left, the change goes on */
} nb_change;

typedef enum nb_watch_verdict {
    NB_WATCH_NONE,    /* no weights have moved yet */
    NB_WATCH_LOOKING, /* until the watch window is over */
    NB_WATCH_KEPT,    /* nothing spoke against it */
    NB_WATCH_ROLLED_BACK,
    NB_WATCH_UNWATCHED, /* there was nothing to go back to, or the watch window is 0, or it was a rollback itself */
    NB_WATCH_OVERTAKEN /* weights were moved again, or the endpoint stopped, before it was over */
} nb_watch_verdict;

/* Versions whose part of the requests became larger a moment ago. */
typedef struct nb_switch_watch {
    nb_timer timer;
    nb_watch_verdict verdict; /* of the last move */
    unsigned version;         /* the one it is about: that failed, or got most */
    int64_t until_us;
    nb_traffic before;
    struct nb_watched {
        unsigned version;
        bool grew;        /* else it served before, and is what the others are compared with */
        nb_failures from; /* of it, when the weights moved */
    } each[NB_TRAFFIC_MOST];
    size_t count;
    double old_rate; /* of those that served before, until then */
    nb_str reason;   /* of a rollback; in the front's arena */
} nb_switch_watch;

struct nb_front {
    nb_loop *loop;
    nb_arena arena;
    nb_endpoint endpoint;
    const nb_front_options *options;
    nb_auth *auth;
    nb_guard *guard;
    nb_metrics *metrics;
    nb_http *tcp, *local;
    nb_capture *capture; /* NULL: nothing is captured */
    int signals;
    int lock; /* front.lock, held while we live: one front at a time */
    nb_log_file log, access;
    nb_buf access_lines; /* written at the end of a turn */
    bool access_is_text;
    nb_access_limit access_limit;
    nb_rate *rate; /* NULL: clients may ask as often as they like */

    nb_traffic traffic;
    const char *
        session; /* the field that holds the sticky key besides ours, such as "Cookie"; NULL: none */
    nb_str session_cookie; /* its name in that field; empty: the whole field is the key */
    nb_up up[NB_TRAFFIC_MOST];
    size_t up_count;
    nb_change change;
    nb_switch_watch watch;

    const nb_contract *only; /* of --as; NULL: all are served */
    size_t max_body;         /* of the settings, or tighter with --as */

    uint64_t last_call;
    int64_t started_us;
    bool stirred, draining;
    nb_str failure; /* why the version that it was to begin with (options->first) did not come up */
    nb_timer drain, linger; /* patience for calls; for the last bytes of answers */
    nb_timer reaping;       /* as process 1 */
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
/* It has its answer: counted, captured, logged; released when http is done with it, too. */
void nb_front_leave(nb_exchange *e);
void nb_front_answer(nb_http_request *request, unsigned status, const char *type, nb_str body);
/* {"error": message} and, when not NULL, {"hint"}. */
void nb_front_refuse(nb_http_request *request, unsigned status, const char *hint,
                     const char *message, ...) NB_PRINTF(4, 5);

/* front_predict.c */
void nb_front_predict(nb_exchange *e); /* the whole request is there */

/* front_versions.c */
nb_up *nb_front_find(nb_front *front, unsigned number);
/* How long a worker may take until it is ready: with --as no longer than the platform waits, with --debug as long as somebody stands at a breakpoint. */
int64_t nb_front_startup_ms(const nb_front *front);
nb_code nb_front_bring_up(nb_front *front, unsigned number, bool fails_fast, nb_error *err);
void nb_front_retire(nb_front *front, unsigned number);
/* Versions without a share that nobody needs any more. */
void nb_front_retire_idle(nb_front *front);
void nb_front_step(nb_front *front); /* after a version stirred */
/* The row of a version: the one we have, or the one that whoever placed it has told or written beside us. True: we did not know it. */
bool nb_front_learn(nb_front *front, const nb_deployment *told);
void nb_front_forget(nb_front *front, unsigned number);
/* The settings that whoever deploys has written beside us, for all that comes up from now on. */
void nb_front_adopt_settings(nb_front *front);
/* A line of history, with the weights as they are now: that they moved, and who did it. */
typedef struct nb_front_event {
    nb_str what, by;
    bool back;
} nb_front_event;
void nb_front_note(nb_front *front, const nb_front_event *event);
void nb_front_save(nb_front *front);

/* front_change.c */
/* `to` is checked and complete. Answered now, or when its versions are ready or have failed. */
void nb_change_begin(nb_front *front, const nb_change *change);
void nb_change_step(nb_front *front);
void nb_change_fail(nb_front *front, nb_str reason, nb_str tail);
bool nb_change_awaits(const nb_front *front, unsigned version);
/* "v3=90,v4=10, shadow v5 50 %" */
nb_str nb_traffic_text(nb_arena *arena, const nb_traffic *traffic);

/* front_watch.c */
void nb_front_watch(nb_front *front, const nb_change *change, const nb_traffic *before);
void nb_front_look(nb_front *front); /* at the versions that are watched */
void nb_front_unwatch(nb_front *front, nb_watch_verdict verdict);
const char *nb_watch_verdict_name(nb_watch_verdict verdict); /* "none", "looking", … */

/* front_prune.c */
/* Removes the oldest versions beyond NB_ENDPOINT_KEEP; never one that is up, has a share, or is what `rollback` would go back to. */
void nb_front_prune(nb_front *front);
/* What a front that ended in the middle of it has left. */
void nb_front_prune_rest(const nb_front *front);

/* front_reap.c */
void nb_front_reap(nb_front *front); /* from now on, as process 1 of a container */

/* front_env.c */
typedef struct nb_env_for {
    const char *folder; /* of the model */
    unsigned version, workers;
} nb_env_for;
const char *const *nb_front_env(nb_arena *arena, const nb_front *front, const nb_env_for *of);

/* front_log.c */
nb_code nb_log_open(nb_front *front, nb_error *err);
void nb_log(nb_front *front, const char *fmt, ...) NB_PRINTF(2, 3);

/* front_access.c */
nb_code nb_access_open(nb_front *front,
                       nb_error *err); /* after nb_log_open(), which makes the folder */
void nb_access_write(nb_front *front, const nb_exchange *e);
/* One that HTTP or the front refused before it was a call. `request` may be NULL. */
void nb_access_refused(nb_front *front, const nb_http_request *request, unsigned status,
                       const char *why);
void nb_access_flush(nb_front *front);
void nb_access_close(nb_front *front);

/* front_metrics.c */
const char *nb_front_worker_state(nb_worker_state state); /* "ready", … */

/* front_capture.c */
nb_code nb_front_capture_open(nb_front *front, nb_error *err);
void nb_front_capture(nb_front *front, const nb_call *call); /* one that leaves */

/* front_listen.c */
nb_code nb_front_listen(nb_front *front, nb_error *err);

/* front.c */
void nb_front_drain(nb_front *front);

/* admin.c */
void nb_admin(nb_front *front, nb_http_request *request);

/* admin_status.c */
void nb_admin_status(nb_front *front, nb_http_request *request);

#endif
