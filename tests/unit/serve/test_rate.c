/* Buckets of tokens: what may go at once, how long the next has to wait, and that keys do not disturb each other. */
#include "nb_test.h"

#include "serve/front/rate.h"

static const int64_t second = 1000000;

static void a_second_goes_at_once_and_then_as_the_rate_says(void **unused)
{
    static const struct {
        int64_t per_hour;
        int64_t at_us;
        unsigned wait; /* 0: it may go */
    } cases[] = {
  /* 2 a second */
        {7200, 0,          0  },
        {7200, 0,          0  },
        {7200, 0,          1  },
        {7200, 499999,     1  },
        {7200, 500000,     0  },
        {7200, 500000,     1  },
        {7200, 5000000,    0  }, /* the bucket is full, and no fuller */
        {7200, 5000000,    0  },
        {7200, 5000000,    1  },
 /* 6 an hour: one each ten minutes */
        {6,    0,          0  },
        {6,    0,          600},
        {6,    1,          600},
        {6,    1000000,    599},
        {6,    599000000,  1  },
        {6,    600000000,  0  },
        {6,    600000000,  600},
        {6,    7200000000, 0  },
        {6,    7200000000, 600},
    };
    nb_rate *rate = NULL;
    (void)unused;
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        if (i == 0 || cases[i].per_hour != cases[i - 1].per_hour) {
            nb_rate_free(rate);
            rate = nb_rate_new(cases[i].per_hour);
        }
        print_message("case %zu\n", i);
        assert_int_equal(nb_rate_take(rate, NB_STR("a"), 77 * second + cases[i].at_us),
                         cases[i].wait);
    }
    nb_rate_free(rate);
}

static void a_long_run_gets_exactly_its_rate(void **unused)
{
    nb_rate *rate = nb_rate_new(INT64_C(3600) * 1000);
    unsigned taken = 0;
    (void)unused;
    for (int64_t us = 0; us < 10 * second; us += 100) /* ten times as many as may */
        taken += nb_rate_take(rate, NB_STR("a"), second + us) == 0;
    assert_in_range(taken, 10999, 11000); /* and the thousand of the start */
    nb_rate_free(rate);
}

static void keys_have_their_own_buckets_in_bounded_memory(void **unused)
{
    nb_rate *rate = nb_rate_new(3600);
    char key[32];
    unsigned refused = 0;
    (void)unused;
    for (int i = 0; i < 500; i++) {
        snprintf(key, sizeof key, "10.0.0.%d", i);
        assert_int_equal(nb_rate_take(rate, nb_str_from(key), second), 0);
    }
    for (int i = 0; i < 500; i++) {
        snprintf(key, sizeof key, "10.0.0.%d", i);
        refused += nb_rate_take(rate, nb_str_from(key), second) == 1;
    }
    assert_in_range(refused, 490, 500); /* a set of more than four of them forgets one */
    for (int i = 0; i < 200000; i++) {
        snprintf(key, sizeof key, "k%d", i);
        assert_int_equal(nb_rate_take(rate, nb_str_from(key), 2 * second), 0);
    }
    nb_rate_free(rate);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_second_goes_at_once_and_then_as_the_rate_says),
        cmocka_unit_test(a_long_run_gets_exactly_its_rate),
        cmocka_unit_test(keys_have_their_own_buckets_in_bounded_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
