#include "nb_test.h"

#include "base/diag.h"
#include "base/map.h"

static void findings_have_their_codes_severity(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_diags diags = {.arena = &arena};
    nb_spot spot = {.path = NB_STR("a.ipynb"), .cell = 7, .line = 2, .column = 3};
    nb_diag *diag = nb_diag_add(&diags, NB_D_MISSING_NAME, spot, "name '%s' is not defined", "x");
    nb_diag_help(&diags, diag, "tag cell %d '%s'", 5, "preprocess");
    nb_diag_add(&diags, NB_D_SHELL_REMOVED, spot, "removed")->severity = NB_SEVERITY_INFO;
    nb_diag_add(&diags, NB_D_UNKNOWN_TAG, spot, "unknown");
    assert_int_equal(diags.list.at[0].severity, NB_SEVERITY_ERROR);
    assert_str(diags.list.at[0].message, "name 'x' is not defined");
    assert_str(diags.list.at[0].help, "tag cell 5 'preprocess'");
    assert_int_equal(diags.list.at[0].spot.cell, 7);
    assert_int_equal(nb_diags_count(&diags, NB_SEVERITY_ERROR), 1);
    assert_int_equal(nb_diags_count(&diags, NB_SEVERITY_WARNING), 2);
    assert_int_equal(nb_diags_count(&diags, NB_SEVERITY_INFO), 3);
}

static void codes_and_slugs_are_complete_and_unique(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_map codes = NB_MAP_INIT, slugs = NB_MAP_INIT;
    for (nb_diag_code code = 0; code < NB_DIAG_CODE_COUNT; code++) {
        const nb_diag_row *row = nb_diag_row_of(code);
        print_message("%s %s\n", row->code, row->slug);
        assert_int_equal(strlen(row->code), 5);
        assert_true(nb_set_add(&arena, &codes, nb_str_from(row->code)));
        assert_true(nb_set_add(&arena, &slugs, nb_str_from(row->slug)));
        assert_true(strlen(row->summary) > 0);
    }
}

static void severities_have_names(void **state)
{
    (void)state;
    assert_string_equal(nb_severity_name(NB_SEVERITY_INFO), "info");
    assert_string_equal(nb_severity_name(NB_SEVERITY_WARNING), "warning");
    assert_string_equal(nb_severity_name(NB_SEVERITY_ERROR), "error");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(findings_have_their_codes_severity),
        cmocka_unit_test(codes_and_slugs_are_complete_and_unique),
        cmocka_unit_test(severities_have_names),
    };
    return cmocka_run_group_tests_name("base/diag", tests, NULL, NULL);
}
