/* Weights, keys and shadows. */
#include "nb_test.h"

#include "serve/front/traffic.h"

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

static void a_key_moves_only_when_it_must(void **unused)
{
    nb_traffic before = {.count = 0}, after = {.count = 0}, same = {.count = 0};
    int moved = 0;
    (void)unused;
    (void)nb_traffic_add(&before, (nb_traffic_share){.version = 4, .weight = 10});
    (void)nb_traffic_add(&before, (nb_traffic_share){.version = 3, .weight = 90});
    (void)nb_traffic_add(&same, (nb_traffic_share){.version = 3, .weight = 9});
    (void)nb_traffic_add(&same, (nb_traffic_share){.version = 4, .weight = 1});
    (void)nb_traffic_add(&after, (nb_traffic_share){.version = 3, .weight = 4});
    (void)nb_traffic_add(&after, (nb_traffic_share){.version = 4, .weight = 1});
    for (int i = 0; i < 10000; i++) {
        char text[32];
        nb_str key = {text, (size_t)snprintf(text, sizeof text, "user-%d", i)};
        unsigned was = nb_traffic_for_key(&before, key), is = nb_traffic_for_key(&after, key);
        assert_int_equal(was, nb_traffic_for_key(&same, key));
        assert_false(was == 4 && is == 3);
        moved += was != is;
    }
    assert_in_range(moved, 850, 1150);
}

static void cookies_are_found(void **unused)
{
    static const char *const rows[][3] = {
        {"user=7",               "user", "7"  },
        {"a=1; user=7; b=2",     "user", "7"  },
        {"a=1;user = x=y ;b=2",  "user", "x=y"},
        {"superuser=1; user2=3", "user", ""   },
        {"user",                 "user", ""   },
        {"User=1",               "user", ""   },
        {"",                     "user", ""   },
        {";;=;user=",            "user", ""   },
    };
    (void)unused;
    for (size_t i = 0; i < NB_LEN(rows); i++)
        assert_str(nb_traffic_cookie(nb_str_from(rows[i][0]), nb_str_from(rows[i][1])), rows[i][2]);
}

static void shadows_get_their_per_cent(void **unused)
{
    static const unsigned shares[] = {0, 1, 33, 50, 100};
    (void)unused;
    for (size_t i = 0; i < NB_LEN(shares); i++) {
        nb_traffic_share shadow = {.version = 4, .weight = shares[i], .shadow = true};
        for (int round = 0; round < 3; round++) {
            unsigned cast = 0;
            for (int call = 0; call < 100; call++)
                cast += nb_traffic_casts(&shadow);
            assert_int_equal(cast, shares[i]);
        }
    }
}

static void shares_stand_by_version(void **unused)
{
    nb_traffic traffic = {.count = 0};
    (void)unused;
    for (unsigned i = 0; i < NB_TRAFFIC_MOST; i++)
        assert_true(nb_traffic_add(&traffic, (nb_traffic_share){.version = 1 + i * 7 % 16}));
    assert_false(nb_traffic_add(&traffic, (nb_traffic_share){.version = 99}));
    for (unsigned i = 0; i < NB_TRAFFIC_MOST; i++)
        assert_int_equal(traffic.shares[i].version, i + 1);
    traffic.count--;
    assert_false(nb_traffic_add(&traffic, (nb_traffic_share){.version = 3}));
}

static void a_share_grows(void **unused)
{
    nb_traffic before = {
        .shares = {{.version = 3, .weight = 9}, {.version = 4, .weight = 1}},
          .count = 2
    };
    nb_traffic after = {
        .shares = {{.version = 3, .weight = 180}, {.version = 4, .weight = 20}},
          .count = 2
    };
    nb_traffic none = {.count = 0};
    (void)unused;
    assert_false(nb_traffic_grew(&before, &after, 3));
    assert_false(nb_traffic_grew(&before, &after, 4));
    after.shares[1].weight = 21;
    assert_false(nb_traffic_grew(&before, &after, 3));
    assert_true(nb_traffic_grew(&before, &after, 4));
    assert_false(nb_traffic_grew(&none, &after, 5));
    assert_true(nb_traffic_grew(&none, &after, 3));
    assert_false(nb_traffic_grew(&after, &none, 3));
}

static void what_is_rolled_back(void **unused)
{
    static const struct {
        nb_failures now;
        double others;
        bool fails;
    } rows[] = {
        {{0, 0},      0,    false},
        {{49, 49},    0,    false}, /* too few to tell */
        {{50, 1},     0,    false}, /* two in a hundred */
        {{50, 2},     0,    true },
        {{1000, 20},  0,    false},
        {{1000, 21},  0,    true },
        {{1000, 300}, 0.1,  false}, /* it was as bad before */
        {{1000, 301}, 0.1,  true },
        {{100, 10},   0.05, false},
    };
    (void)unused;
    for (size_t i = 0; i < NB_LEN(rows); i++) {
        print_message("row %zu\n", i);
        assert_int_equal(nb_traffic_fails(rows[i].now, rows[i].others), rows[i].fails);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_are_exact_over_a_hundred),
        cmocka_unit_test(nobody_has_weight),
        cmocka_unit_test(a_key_stays_with_its_version),
        cmocka_unit_test(versions_are_found),
        cmocka_unit_test(a_key_moves_only_when_it_must),
        cmocka_unit_test(cookies_are_found),
        cmocka_unit_test(shadows_get_their_per_cent),
        cmocka_unit_test(shares_stand_by_version),
        cmocka_unit_test(a_share_grows),
        cmocka_unit_test(what_is_rolled_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
