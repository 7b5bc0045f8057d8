#include "base/pool.h"

#include "base/arena.h"

#include <pthread.h>
#include <unistd.h>

/* Slots are used round and round: piece number n has slot n % count. A piece is given when its slot is free, which makes the slots the
 * window within which results may overtake one another. */
typedef struct run {
    const nb_pool *pool;
    char *slots;
    bool *done; /* by slot: worked on, not taken yet */
    size_t slot_count;
    size_t given, taken; /* numbers of pieces */
    bool no_more, taking;
    pthread_mutex_t lock; /* of everything above, and held by give() */
    pthread_cond_t room;  /* a slot became free, or there is no more */
} run;

static void *slot_of(const run *r, size_t number)
{
    return r->slots + number % r->slot_count * r->pool->slot_size;
}

/* The next piece; false when there is none. Called with the lock. */
static bool give(run *r, size_t *number)
{
    while (!r->no_more && r->given - r->taken == r->slot_count)
        (void)pthread_cond_wait(&r->room, &r->lock);
    if (r->no_more)
        return false;
    if (!r->pool->give(r->pool->ctx, slot_of(r, r->given))) {
        r->no_more = true;
        (void)pthread_cond_broadcast(&r->room);
        return false;
    }
    *number = r->given++;
    return true;
}

/* Takes all results whose turn it is. One thread does; what others finish meanwhile it takes, too. Called with the lock, which is free
 * while a result is taken. */
static void take(run *r)
{
    if (r->taking)
        return;
    r->taking = true;
    while (r->taken < r->given && r->done[r->taken % r->slot_count]) {
        size_t number = r->taken;
        (void)pthread_mutex_unlock(&r->lock);
        r->pool->take(r->pool->ctx, slot_of(r, number));
        (void)pthread_mutex_lock(&r->lock);
        r->done[number % r->slot_count] = false;
        r->taken++;
        (void)pthread_cond_broadcast(&r->room);
    }
    r->taking = false;
}

static void *work(void *run_)
{
    run *r = run_;
    size_t number;
    (void)pthread_mutex_lock(&r->lock);
    while (give(r, &number)) {
        (void)pthread_mutex_unlock(&r->lock);
        r->pool->work(r->pool->ctx, slot_of(r, number));
        (void)pthread_mutex_lock(&r->lock);
        r->done[number % r->slot_count] = true;
        take(r);
    }
    (void)pthread_mutex_unlock(&r->lock);
    return NULL;
}

static size_t threads_wanted(const nb_pool *pool)
{
    long cores = pool->threads > 0 ? (long)pool->threads : sysconf(_SC_NPROCESSORS_ONLN);
    if (cores < 1)
        return 1;
    return cores < NB_POOL_MOST_THREADS ? (size_t)cores : NB_POOL_MOST_THREADS;
}

void nb_pool_run(const nb_pool *pool)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    pthread_t threads[NB_POOL_MOST_THREADS];
    size_t wanted = threads_wanted(pool), started = 0;
    run r = {.pool = pool, .slot_count = wanted * NB_POOL_SLOTS_A_THREAD};
    r.slots = nb_arena_alloc_array(&arena, r.slot_count, pool->slot_size);
    r.done = NB_NEW_ARRAY(&arena, bool, r.slot_count);
    (void)pthread_mutex_init(&r.lock, NULL);
    (void)pthread_cond_init(&r.room, NULL);
    while (started + 1 < wanted && pthread_create(&threads[started], NULL, work, &r) == 0)
        started++;
    (void)work(&r);
    for (size_t i = 0; i < started; i++)
        (void)pthread_join(threads[i], NULL);
    (void)pthread_cond_destroy(&r.room);
    (void)pthread_mutex_destroy(&r.lock);
    for (size_t i = 0; pool->release && i < r.slot_count; i++)
        pool->release(slot_of(&r, i));
}
