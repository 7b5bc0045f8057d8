/* version_parts.h - what the files of a version share; nobody else includes it.
 *
 *     version.c          its state, its front door, its end
 *     version_queue.c    waiting calls, dispatch, results, deadlines
 *     version_restart.c  workers: start, growth, death, back-off, replacement
 *     version_size.c     how many workers and threads, and when one has become too large
 *     version_input.c    inputs that end workers
 *
 * A member is a place for a worker; processes come and go in it. A call is in exactly one of three places: in the queue, in `held` of one
 * member, or gone from here.
 */
#ifndef NB_SERVE_VERSION_PARTS_H
#define NB_SERVE_VERSION_PARTS_H

#include "serve/version/version.h"

enum {
    NB_FAILED_STARTS = 5,         /* without a success: it gives up */
    NB_LOOP_ENDS = 3,             /* ends in a row: it loops, new calls are refused */
    NB_HEALTHY_US = 60000000,     /* a worker that lived so long starts its back-off anew */
    NB_HOPE_SAMPLES = 20,         /* frames until an estimate refuses calls */
    NB_BATCH_FAILURES = 3,        /* then predicting together is switched off */
    NB_SUSPECTS = 64,             /* inputs remembered */
    NB_SUSPECT_US = 600 * 1000000 /* so long */
};

/* Why a worker ends when it was we who wanted it; the word in nb_metrics_restart(). */
typedef enum nb_ending {
    NB_ENDING_NOT, /* it ends by itself: a crash */
    NB_ENDING_DEADLINE,
    NB_ENDING_RECYCLED,
    NB_ENDING_DRAINED
} nb_ending;

typedef struct nb_member {
    nb_version *version;
    struct nb_member *next;
    nb_worker *worker; /* NULL: between two */
    unsigned number;

    /* of this worker */
    int64_t started_us, ready_us; /* 0: not ready yet */
    unsigned served, quota;       /* requests after which it is replaced; 0: never */
    size_t rss;
    int64_t weighed_us;
    unsigned threads; /* of its numeric libraries */
    nb_ending ending;
    bool retiring; /* it serves until its replacement is ready */

    unsigned restarts;
    unsigned ends; /* in a row, each without a minute of health */
    nb_timer restart, grace;

    /* its batch */
    struct nb_held {
        uint64_t id;
        nb_call *call; /* NULL: answered */
    } * held;
    size_t held_count, unanswered;
    int64_t sent_us, model_us;
    bool together, fell_apart;
} nb_member;

/* Inputs with which workers died. One that was predicted since is no suspect any more, so that a body which everybody sends is not blamed
 * for workers that died of something else. */
typedef struct nb_suspects {
    struct nb_suspect {
        uint64_t input;
        int64_t at_us;
        unsigned deaths, last_end; /* workers; the number of the last one's end */
    } rows[NB_SUSPECTS];
    size_t count;
    unsigned ends; /* of workers; calls of one batch with the same body count as one */
} nb_suspects;

struct nb_version {
    nb_loop *loop;
    nb_version_options options;
    nb_version_hooks hooks;
    nb_metrics *metrics;

    nb_version_state state;
    nb_buf reason, tail, about;
    bool was_ready, draining, aborted;
    bool pyfunc; /* what its first worker said it is */

    nb_call *head, **end; /* the queue */
    size_t waiting, waiting_bytes, busy;

    nb_member *members;
    unsigned wanted, last_number, failed_starts;

    nb_batch_state batch;
    bool together;     /* predicting together was found equal, and nothing spoke against it since */
    double request_us; /* between two answers of a busy worker: moving average */
    unsigned frames;
    nb_timer wait; /* for more calls of a batch */
    nb_suspects suspects;
};

/* version.c */
static inline int64_t nb_version_now(const nb_version *version)
{
    return nb_loop_now_us(version->loop);
}
/* The state that follows from the members; tells the owner when it is another. */
void nb_version_settle(nb_version *version);
void nb_version_fail(nb_version *version, const char *why);
void nb_version_log(nb_version *version, unsigned worker, const char *fmt, ...) NB_PRINTF(3, 4);
void nb_version_left(nb_version *version, nb_call *call); /* it has its answer */

/* version_queue.c */
void nb_queue_push(nb_version *version, nb_call *call);
void nb_queue_push_first(nb_version *version, nb_call *call);
bool nb_queue_remove(nb_version *version, nb_call *call); /* false: it is not in the queue */
void nb_queue_refuse_all(nb_version *version, const char *why);
/* Those that would not even see the next worker start. */
void nb_queue_refuse_hopeless(nb_version *version);
/* The calls of its batch that have no answer. */
void nb_member_refuse_held(nb_member *member, nb_refusal why, const char *message);
/* Seconds until a client may come again with some hope. */
unsigned nb_queue_retry_after(const nb_version *version);
/* How long a call that comes now would wait, as far as is known; 0: nothing is known. */
int64_t nb_queue_expected_us(const nb_version *version);
void nb_queue_deadline(void *ctx);
void nb_member_results(nb_member *member, const nb_frame_result *results, size_t count);
void nb_member_idle(nb_member *member);
void nb_member_grace_passed(void *ctx);

/* version_restart.c */
void nb_members_grow(nb_version *version);
bool nb_member_is_up(const nb_member *member); /* ready or busy */
size_t nb_members_up(const nb_version *version);
/* When the next worker starts, if all of them are waited for; 0: one runs. */
int64_t nb_members_next_start_us(const nb_version *version);
/* Ends those that have nothing to do any more; all of them once the queue is empty. */
void nb_members_let_go(nb_version *version);
/* It has served enough, or grew too large: starts its replacement. */
void nb_member_consider_recycling(nb_member *member);

/* version_size.c */
unsigned
nb_version_threads(const nb_version *version); /* of a worker that starts now; 0: as they like */
unsigned nb_version_automatic_count(const nb_version *version, size_t rss);
unsigned nb_member_quota(const nb_member *member); /* requests until it is replaced; 0: never */
bool nb_member_grew_too_large(nb_member *member);

/* version_input.c */
uint64_t nb_input_hash(nb_call *call);
unsigned nb_suspect_deaths(const nb_suspects *suspects, uint64_t input, int64_t now_us);
unsigned nb_suspect_add(nb_suspects *suspects, uint64_t input, int64_t now_us);
void nb_suspect_clear(nb_suspects *suspects, uint64_t input);

#endif
