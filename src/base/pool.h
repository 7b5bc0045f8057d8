/* pool.h - work on all cores whose results are taken in the order in which the work was given, with a bounded number under way.
 *
 *     give() is called by one thread at a time, in order; work() by many at once; take() by one at a time, in the order of give().
 *
 * Each piece of work has a slot, memory that is reused when its result was taken: how many pieces there are in all does not matter.
 */
#ifndef NB_POOL_H
#define NB_POOL_H

#include "base/base.h"

typedef struct nb_pool {
    void *ctx;
    size_t slot_size; /* of the caller's struct; zeroed before its first use, then left as it is */
    bool (*give)(
        void *ctx,
        void *
            slot); /* puts the next piece of work in; false: there is no more, and it is not asked again */
    void (*work)(void *ctx, void *slot);
    void (*take)(void *ctx, void *slot);
    void (*release)(void *slot); /* in the end, for each slot that was used; may be NULL */
    unsigned threads;            /* 0: one for each core */
} nb_pool;

enum { NB_POOL_MOST_THREADS = 64, NB_POOL_SLOTS_A_THREAD = 4 };

/* Returns when everything that was given was taken. A thread that cannot be had leaves its work to the others. */
void nb_pool_run(const nb_pool *pool);

#endif
