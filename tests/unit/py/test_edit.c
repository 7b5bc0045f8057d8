#include "nb_test.h"

#include "py/edit.h"

static void applies_edits_in_order_of_place(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_edits edits = {0};
    nb_str text = NB_STR("epochs = 5\nrate = 0.1\n");
    assert_true(nb_edit_add(&arena, &edits, 18, 21, NB_STR("RATE")));
    assert_true(nb_edit_add(&arena, &edits, 9, 10, NB_STR("EPOCHS")));
    assert_true(nb_edit_add(&arena, &edits, 0, 0, NB_STR("# top\n")));
    assert_true(nb_edit_add(&arena, &edits, 22, 22, NB_STR("end\n")));
    assert_str(nb_edit_apply(&arena, &edits, text, 0, (uint32_t)text.len),
               "# top\nepochs = EPOCHS\nrate = RATE\nend\n");
    assert_str(nb_edit_apply(&arena, &edits, text, 11, 21), "rate = RATE");
    assert_str(nb_edit_apply(&arena, &edits, text, 11, 20), "rate = 0.");
    assert_str(nb_edit_apply(&arena, &edits, text, 3, 3), "");
}

static const struct {
    uint32_t start, end;
    bool taken;
} overlaps[] = {
    {4, 6, false},
    {5, 6, false},
    {3, 9, false},
    {2, 5, false},
    {5, 5, false},
    {6, 8, false},
    {4, 8, false},
    {8, 9, true },
    {2, 4, true },
    {8, 8, true },
    {4, 4, true },
    {9, 8, false},
    {0, 1, true },
};

static void refuses_overlaps(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_LEN(overlaps); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        nb_edits edits = {0};
        print_message("case %zu\n", i);
        assert_true(nb_edit_add(&arena, &edits, 4, 8, NB_STR("x")));
        assert_int_equal(
            nb_edit_add(&arena, &edits, overlaps[i].start, overlaps[i].end, NB_STR("y")),
            overlaps[i].taken);
    }
}

static void keeps_the_order_of_insertions_at_one_place(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_edits edits = {0};
    assert_true(nb_edit_add(&arena, &edits, 1, 1, NB_STR("1")));
    assert_true(nb_edit_add(&arena, &edits, 1, 1, NB_STR("2")));
    assert_true(nb_edit_add(&arena, &edits, 1, 2, NB_STR("B")));
    assert_true(nb_edit_add(&arena, &edits, 1, 1, NB_STR("3")));
    assert_str(nb_edit_apply(&arena, &edits, NB_STR("abc"), 0, 3), "a123Bc");
}

static const struct {
    const char *text, *literal;
} quotes[] = {
    {"",                   "\"\""                  },
    {"plain",              "\"plain\""             },
    {"it's",               "\"it's\""              },
    {"say \"hi\"",         "'say \"hi\"'"          },
    {"'\"",                "\"'\\\"\""             },
    {"a\\b",               "\"a\\\\b\""            },
    {"a\nb\tc\rd",         "\"a\\nb\\tc\\rd\""     },
    {"\x01\x7f",           "\"\\x01\\x7f\""        },
    {"gr\xc3\xbc\xc3\x9f", "\"gr\xc3\xbc\xc3\x9f\""},
};

static void quotes_as_python_does(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    for (size_t i = 0; i < NB_LEN(quotes); i++)
        assert_str(nb_py_quote(&arena, nb_str_from(quotes[i].text)), quotes[i].literal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(applies_edits_in_order_of_place),
        cmocka_unit_test(refuses_overlaps),
        cmocka_unit_test(keeps_the_order_of_insertions_at_one_place),
        cmocka_unit_test(quotes_as_python_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
