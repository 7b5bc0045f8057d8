/* loop.h - the one loop of an endpoint's front: descriptors, timers, and work to do before it sleeps. Linux epoll; one thread. */
#ifndef NB_SERVE_LOOP_H
#define NB_SERVE_LOOP_H

#include "base/error.h"

typedef struct nb_loop nb_loop;

/* `events` are epoll's (EPOLLIN, …). A call may come once too often: handlers read and write until EAGAIN. */
typedef void nb_loop_ready(void *ctx, unsigned events);

/* Lives in its owner; not set after zeroing and after it fired. */
typedef struct nb_timer {
    void (*fire)(void *ctx);
    void *ctx;
    int64_t at_us;
    size_t slot; /* the loop's; 0: not set */
} nb_timer;

nb_code nb_loop_open(nb_loop **out, nb_error *err);
void nb_loop_close(nb_loop *loop); /* NULL is fine; descriptors stay open */

/* Watches a descriptor, or changes what it is watched for. */
nb_code nb_loop_watch(nb_loop *loop, int fd, unsigned events, nb_loop_ready *ready, void *ctx,
                      nb_error *err);
/* A watched descriptor that is looked at between the events of others, too, until it is forgotten: in a long turn one that keeps a processor idle, such as
 * a worker's, does not wait for hundreds of clients. Its handler reads until EAGAIN. */
void nb_loop_prefer(nb_loop *loop, int fd);
/* Call it before the descriptor is closed. */
void nb_loop_forget(nb_loop *loop, int fd);

/* Monotonic µs, taken when the loop woke up: the same for everything that happens in one turn. */
int64_t nb_loop_now_us(const nb_loop *loop);
void nb_timer_set(nb_loop *loop, nb_timer *timer, int64_t at_us); /* a timer that is set moves */
void nb_timer_stop(nb_loop *loop, nb_timer *timer);

/* Called at the end of each turn, before the loop sleeps: the place to hand out work that came together. One for a loop. */
void nb_loop_before_sleep(nb_loop *loop, void (*work)(void *ctx), void *ctx);
/* Turns until nb_loop_end() was called. */
nb_code nb_loop_run(nb_loop *loop, nb_error *err);
void nb_loop_end(nb_loop *loop);

#endif
