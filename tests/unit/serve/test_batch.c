/* What goes to a worker now, and when to wait: tables of queues. */
#include "nb_test.h"

#include "serve/version/batch.h"

static const nb_batch_options options = {
    .max_rows = 8, .max_bytes = 1000, .max_delay_us = 5000, .frame_us = 1000, .max_requests = 16};

static nb_batch_choice choose(const nb_batch_state *state, const nb_batch_item *items, size_t count,
                              bool equal, int64_t now)
{
    return nb_batch_choose(&options, state, items, count, equal, now);
}

static void one_request_never_waits(void **unused)
{
    nb_batch_state quiet = {.service_us = 8000, .arrival_us = 9000, .worker_free_us = 100};
    nb_batch_item item = {.rows = 1, .bytes = 10, .queued_us = 50};
    (void)unused;
    assert_int_equal(choose(&quiet, &item, 1, true, 100).count, 1);
    assert_false(choose(&quiet, &item, 1, true, 100).together);
    nb_batch_state unknown = {0};
    assert_int_equal(choose(&unknown, &item, 1, true, 100).count, 1);
}

static void a_wait_is_a_quarter_of_the_service_time_since_the_worker_was_free(void **unused)
{
    nb_batch_state busy = {.service_us = 8000, .arrival_us = 100, .worker_free_us = 1000};
    nb_batch_item item = {.rows = 1, .bytes = 10, .queued_us = 500};
    (void)unused;
    nb_batch_choice choice = choose(&busy, &item, 1, true, 1500);
    assert_int_equal(choice.count, 0);
    assert_int_equal(choice.wait_until_us, 3000);
    assert_int_equal(choose(&busy, &item, 1, true, 3000).count, 1);
    item.queued_us = 2000; /* it came later than the worker was free */
    assert_int_equal(choose(&busy, &item, 1, true, 2000).wait_until_us, 4000);
    busy.service_us = 80000; /* the longest wait */
    assert_int_equal(choose(&busy, &item, 1, true, 2000).wait_until_us, 7000);
}

static void rows_count_not_requests(void **unused)
{
    nb_batch_state state = {0};
    nb_batch_item items[] = {
        {3, 10, 0, 0},
        {4, 10, 0, 0},
        {2, 10, 0, 0}
    };
    (void)unused;
    nb_batch_choice choice = choose(&state, items, 3, true, 10);
    assert_int_equal(choice.count, 2);
    assert_true(choice.together);
    nb_batch_item large[] = {
        {100, 10, 0, 0},
        {1,   10, 0, 0}
    };
    choice = choose(&state, large, 2, true, 10);
    assert_int_equal(choice.count, 1);
    assert_false(choice.together);
}

static void bytes_and_kinds_bound_a_batch(void **unused)
{
    nb_batch_state state = {0};
    nb_batch_item heavy[] = {
        {1, 600, 0, 0},
        {1, 600, 0, 0}
    };
    nb_batch_item kinds[] = {
        {1, 10, 0, 1},
        {1, 10, 0, 1},
        {1, 10, 0, 2}
    };
    (void)unused;
    assert_int_equal(choose(&state, heavy, 2, true, 10).count, 1);
    assert_int_equal(choose(&state, kinds, 3, true, 10).count, 2);
}

static void what_is_not_equal_is_coalesced(void **unused)
{
    nb_batch_state fast = {.request_us = 100}, slow = {.request_us = 20000}, unknown = {0};
    nb_batch_item items[20];
    (void)unused;
    for (size_t i = 0; i < NB_LEN(items); i++)
        items[i] = (nb_batch_item){.rows = 1, .bytes = 10, .kind = (unsigned)i};
    assert_int_equal(choose(&fast, items, 20, false, 10).count, 10);
    assert_false(choose(&fast, items, 20, false, 10).together);
    assert_int_equal(choose(&slow, items, 20, false, 10).count, 1);
    assert_int_equal(choose(&unknown, items, 20, false, 10).count, 1);
    items[0].rows = 0; /* not counted: it cannot be predicted with others */
    assert_int_equal(choose(&fast, items, 20, true, 10).count, 10);
}

static void averages_follow_the_traffic(void **unused)
{
    nb_batch_state state = {0};
    (void)unused;
    for (int64_t i = 1; i <= 200; i++)
        nb_batch_arrived(&state, i * 1000);
    assert_true(state.arrival_us > 990 && state.arrival_us < 1010);
    for (int i = 0; i < 100; i++)
        nb_batch_served(&state, 4000, 4, 2000, 7);
    assert_true(state.service_us > 3990 && state.service_us < 4010);
    assert_true(state.request_us > 490 && state.request_us < 510);
    assert_int_equal(state.worker_free_us, 7);
}

/* A number that is small mostly and large sometimes, as times on a busy machine are. */
static int64_t jitter(uint64_t *state, int64_t usual_us, int64_t rare_us)
{
    *state = *state * 6364136223846793005U + 1442695040888963407U;
    uint64_t dice = *state >> 33;
    return dice % 50 == 0 ? (int64_t)(dice % (uint64_t)rare_us)
                          : (int64_t)(dice % (uint64_t)usual_us);
}

/* Its next request comes after its answer, so what is learnt of arrivals is never much below what is learnt of frames: the averages' weights
 * differ by a factor of 2 at most, and a wait is a quarter. */
static void a_client_that_waits_for_its_answers_never_waits_for_others(void **unused)
{
    const struct {
        int64_t frame_us, frame_rare_us, pause_us, pause_rare_us;
    } cases[] = {
        {.frame_us = 100,   .frame_rare_us = 50000,   .pause_us = 30, .pause_rare_us = 200    },
        {.frame_us = 20000, .frame_rare_us = 200000,  .pause_us = 1,  .pause_rare_us = 2      },
        {.frame_us = 10,    .frame_rare_us = 20,      .pause_us = 10, .pause_rare_us = 1000000},
        {.frame_us = 1,     .frame_rare_us = 1000000, .pause_us = 1,  .pause_rare_us = 2      },
    };
    (void)unused;
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        nb_batch_state state = {0};
        uint64_t dice = i + 1;
        int64_t now = 1000;
        for (int n = 0; n < 20000; n++) {
            nb_batch_item item = {.rows = 1, .bytes = 10, .queued_us = now};
            nb_batch_arrived(&state, now);
            nb_batch_choice choice = choose(&state, &item, 1, true, now);
            assert_int_equal(choice.count, 1);
            int64_t frame = 1 + jitter(&dice, cases[i].frame_us, cases[i].frame_rare_us);
            now += frame;
            nb_batch_served(&state, frame, 1, frame, now);
            now += jitter(&dice, cases[i].pause_us, cases[i].pause_rare_us);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_request_never_waits),
        cmocka_unit_test(a_wait_is_a_quarter_of_the_service_time_since_the_worker_was_free),
        cmocka_unit_test(rows_count_not_requests),
        cmocka_unit_test(bytes_and_kinds_bound_a_batch),
        cmocka_unit_test(what_is_not_equal_is_coalesced),
        cmocka_unit_test(averages_follow_the_traffic),
        cmocka_unit_test(a_client_that_waits_for_its_answers_never_waits_for_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
