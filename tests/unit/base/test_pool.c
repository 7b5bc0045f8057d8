#include "base/pool.h"

#include "nb_test.h"

#include <stdatomic.h>
#include <time.h>

/* Numbers are given, squared, and summed up in order. */
typedef struct numbers {
    size_t next, count, taken, wrong;
    atomic_size_t under_way, most;
} numbers;

typedef struct number {
    size_t n, square, uses;
} number;

static atomic_size_t released;

static bool give(void *ctx, void *slot_)
{
    numbers *all = ctx;
    number *slot = slot_;
    size_t now = atomic_fetch_add(&all->under_way, 1) + 1;
    if (now > all->most)
        all->most = now;
    slot->n = all->next;
    slot->uses++;
    return all->next++ < all->count;
}

static void work(void *ctx, void *slot_)
{
    number *slot = slot_;
    (void)ctx;
    if (slot->n % 7 == 0) /* so that others overtake */
        (void)nanosleep(&(struct timespec){.tv_nsec = 200000}, NULL);
    slot->square = slot->n * slot->n;
}

static void take(void *ctx, void *slot_)
{
    numbers *all = ctx;
    const number *slot = slot_;
    (void)atomic_fetch_sub(&all->under_way, 1);
    all->wrong += slot->n != all->taken++ || slot->square != slot->n * slot->n;
}

static void release(void *slot_)
{
    const number *slot = slot_;
    (void)atomic_fetch_add(&released, slot->uses);
}

static void results_come_in_order_within_a_window(void **state)
{
    static const struct {
        size_t count;
        unsigned threads;
    } cases[] = {
        {0,    1   },
        {0,    8   },
        {1,    8   },
        {3,    1   },
        {1000, 1   },
        {1000, 2   },
        {1000, 8   },
        {500,  0   },
        {100,  1000},
    };
    (void)state;
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        numbers all = {.count = cases[i].count};
        unsigned threads =
            cases[i].threads < NB_POOL_MOST_THREADS ? cases[i].threads : NB_POOL_MOST_THREADS;
        nb_pool pool = {.ctx = &all,
                        .slot_size = sizeof(number),
                        .give = give,
                        .work = work,
                        .take = take,
                        .release = release,
                        .threads = cases[i].threads};
        print_message("case %zu\n", i);
        atomic_store(&released, 0);
        nb_pool_run(&pool);
        assert_int_equal(all.taken, cases[i].count);
        assert_int_equal(all.wrong, 0);
        assert_int_equal(all.next, cases[i].count + 1); /* the end was asked for once */
        assert_int_equal(atomic_load(&released), cases[i].count + 1);
        if (threads > 0)
            assert_true(all.most <= (size_t)threads * NB_POOL_SLOTS_A_THREAD + 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(results_come_in_order_within_a_window)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
