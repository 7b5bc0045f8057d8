#include "nb_test.h"

#include "base/diag.h"

static nb_spot spot_of(unsigned cell, unsigned line)
{
    return (nb_spot){.path = NB_STR("a.ipynb"), .cell = cell, .line = line};
}

static nb_ignore ignore_of(nb_diag_code code, unsigned cell, unsigned first, unsigned last)
{
    return (nb_ignore){.code = code, .first = first, .last = last, .spot = spot_of(cell, 1)};
}

static void a_silenced_finding_is_counted_and_not_listed(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_diags diags = {.arena = &arena};
    nb_diags_ignore(&diags, ignore_of(NB_D_MISSING_NAME, 2, 0, 0));
    nb_diag *silent = nb_diag_add(&diags, NB_D_MISSING_NAME, spot_of(2, 3), "x");
    silent->severity = NB_SEVERITY_ERROR; /* whoever adds a finding may change it as ever */
    nb_diag_help(&diags, silent, "help");
    assert_int_equal(diags.list.count, 0);
    assert_int_equal(diags.silenced, 1);
    assert_int_equal(nb_diags_count(&diags, NB_SEVERITY_INFO), 0);
    nb_diag_add(&diags, NB_D_MISSING_NAME, spot_of(3, 3), "another cell");
    nb_diag_add(&diags, NB_D_SHELL_REMOVED, spot_of(2, 3), "another code");
    nb_spot other = spot_of(2, 3);
    other.path = NB_STR("b.ipynb");
    nb_diag_add(&diags, NB_D_MISSING_NAME, other, "another notebook");
    other.cell = 0;
    nb_diag_add(&diags, NB_D_MISSING_NAME, other, "no cell");
    assert_int_equal(diags.list.count, 4);
    assert_int_equal(diags.silenced, 1);
}

static void lines_bound_an_ignore(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_diags diags = {.arena = &arena};
    nb_diags_ignore(&diags, ignore_of(NB_D_SHELL_REMOVED, 2, 3, 4));
    for (unsigned line = 0; line < 7; line++)
        nb_diag_add(&diags, NB_D_SHELL_REMOVED, spot_of(2, line), "x");
    assert_int_equal(diags.silenced, 2);
    assert_int_equal(diags.list.count, 5);
}

/* Whatever the order they come in, and however many there are. */
static void ignores_are_found_among_many(void **state)
{
    (void)state;
    enum { CELLS = 50 };
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_diags diags = {.arena = &arena};
    for (unsigned i = 0; i < CELLS; i++) {
        unsigned cell = (i * 7) % CELLS + 1;
        nb_diags_ignore(&diags, ignore_of(NB_D_SHELL_REMOVED, cell, 0, 0));
        nb_diags_ignore(&diags, ignore_of(NB_D_MAGIC_REMOVED, cell, cell, cell));
    }
    for (unsigned cell = 1; cell <= CELLS; cell++) {
        nb_diag_add(&diags, NB_D_SHELL_REMOVED, spot_of(cell, 1), "x");
        nb_diag_add(&diags, NB_D_MAGIC_REMOVED, spot_of(cell, cell), "x");
        nb_diag_add(&diags, NB_D_MAGIC_REMOVED, spot_of(cell, cell + 1), "listed");
    }
    assert_int_equal(diags.silenced, 2 * CELLS);
    assert_int_equal(diags.list.count, CELLS);
}

static void what_was_listed_before_is_swept(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_diags diags = {.arena = &arena};
    nb_diag_add(&diags, NB_D_LONE_SURROGATE, spot_of(1, 1), "stays");
    nb_diag_add(&diags, NB_D_LONE_SURROGATE, spot_of(2, 1), "goes");
    nb_diag_add(&diags, NB_D_UNKNOWN_TAG, spot_of(2, 1), "stays, too");
    nb_diags_ignore(&diags, ignore_of(NB_D_LONE_SURROGATE, 2, 0, 0));
    nb_diags_sweep(&diags);
    assert_int_equal(diags.list.count, 2);
    assert_str(diags.list.at[0].message, "stays");
    assert_str(diags.list.at[1].message, "stays, too");
    assert_int_equal(diags.silenced, 1);
}

static void an_ignore_in_vain_is_told(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_diags diags = {.arena = &arena};
    nb_diags_ignore(&diags, ignore_of(NB_D_SHELL_REMOVED, 2, 0, 0));
    nb_diags_ignore(&diags, ignore_of(NB_D_MAGIC_REMOVED, 2, 0, 0));
    nb_diags_ignore(&diags, ignore_of(NB_D_MAGIC_REMOVED, 3, 2, 2));
    nb_diag_add(&diags, NB_D_SHELL_REMOVED, spot_of(2, 5), "x");
    nb_diags_report_unused(&diags, NB_STR("b.ipynb"));
    assert_int_equal(diags.list.count, 0);
    nb_diags_report_unused(&diags, NB_STR("a.ipynb"));
    assert_int_equal(diags.list.count, 2);
    assert_int_equal(diags.list.at[0].code, NB_D_UNUSED_IGNORE);
    assert_str(diags.list.at[0].message,
               "there is no NB203 (magic-removed) in this cell, so nothing was ignored");
    assert_str(diags.list.at[1].message,
               "there is no NB203 (magic-removed) on this line, so nothing was ignored");
    assert_int_equal(diags.list.at[1].spot.cell, 3);
}

static void errors_keep_unused_ignores_quiet(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_diags diags = {.arena = &arena};
    nb_diags_ignore(&diags, ignore_of(NB_D_SHELL_REMOVED, 2, 0, 0));
    nb_diag_add(&diags, NB_D_SYNTAX_ERROR, spot_of(4, 1), "x");
    nb_diags_report_unused(&diags, NB_STR("a.ipynb"));
    assert_int_equal(diags.list.count, 1);
}

static void some_codes_cannot_be_silenced(void **state)
{
    (void)state;
    static const nb_diag_code can[] = {NB_D_MISSING_NAME, NB_D_READ_BEFORE_BOUND,
                                       NB_D_SECRET_IN_CODE, NB_D_PLATFORM_MODULE,
                                       NB_D_UNKNOWN_CELL_MAGIC},
                              cannot[] = {NB_D_SYNTAX_ERROR, NB_D_NO_MODEL,    NB_D_NO_TRAIN_CELL,
                                          NB_D_EDITED,       NB_D_UNKNOWN_KEY, NB_D_UNUSED_IGNORE};
    for (size_t i = 0; i < NB_LEN(can); i++)
        assert_true(nb_diag_can_be_silenced(can[i]));
    for (size_t i = 0; i < NB_LEN(cannot); i++)
        assert_false(nb_diag_can_be_silenced(cannot[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_silenced_finding_is_counted_and_not_listed),
        cmocka_unit_test(lines_bound_an_ignore),
        cmocka_unit_test(ignores_are_found_among_many),
        cmocka_unit_test(what_was_listed_before_is_swept),
        cmocka_unit_test(an_ignore_in_vain_is_told),
        cmocka_unit_test(errors_keep_unused_ignores_quiet),
        cmocka_unit_test(some_codes_cannot_be_silenced),
    };
    return cmocka_run_group_tests_name("base/silence", tests, NULL, NULL);
}
