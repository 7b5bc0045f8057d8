/* Weights, keys and shadows. */
#include "nb_test.h"

#include "serve/traffic.h"

static void weights_are_exact_over_a_hundred(void **unused)
{
    nb_traffic traffic = {
        .shares = {{3, 90, false, 0}, {4, 10, false, 0}, {5, 50, true, 0}},
          .count = 3
    };
    (void)unused;
    for (int round = 0; round < 3; round++) {
        int counts[6] = {0}, run = 0, longest = 0;
        for (int i = 0; i < 100; i++) {
            unsigned version = nb_traffic_next(&traffic);
            counts[version]++;
            run = version == 3 ? run + 1 : 0;
            longest = run > longest ? run : longest;
        }
        assert_int_equal(counts[3], 90);
        assert_int_equal(counts[4], 10);
        assert_int_equal(counts[5], 0);
        assert_true(longest <= 10); /* spread evenly, not 90 and then 10 */
    }
}

static void nobody_has_weight(void **unused)
{
    nb_traffic traffic =
                   {
                       .shares = {{3, 0, false, 0}, {4, 7, true, 0}},
                         .count = 2
    },
               none = {0};
    (void)unused;
    assert_int_equal(nb_traffic_next(&traffic), 0);
    assert_int_equal(nb_traffic_for_key(&traffic, NB_STR("x")), 0);
    assert_int_equal(nb_traffic_next(&none), 0);
}

static void a_key_stays_with_its_version(void **unused)
{
    nb_traffic traffic = {
        .shares = {{3, 90, false, 0}, {4, 10, false, 0}},
          .count = 2
    };
    int fours = 0;
    (void)unused;
    for (int i = 0; i < 10000; i++) {
        char text[32];
        nb_str key = {text, (size_t)snprintf(text, sizeof text, "user-%d", i)};
        unsigned version = nb_traffic_for_key(&traffic, key);
        assert_int_equal(version, nb_traffic_for_key(&traffic, key));
        fours += version == 4;
    }
    assert_in_range(fours, 850, 1150);
}

static void versions_are_found(void **unused)
{
    nb_traffic traffic = {.shares = {{3, 90, false, 0}}, .count = 1};
    (void)unused;
    assert_int_equal(nb_traffic_find(&traffic, 3)->weight, 90);
    assert_null(nb_traffic_find(&traffic, 4));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_are_exact_over_a_hundred),
        cmocka_unit_test(nobody_has_weight),
        cmocka_unit_test(a_key_stays_with_its_version),
        cmocka_unit_test(versions_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
