#include "nb_test.h"

#include "cli/totals.h"

#include <stdlib.h>

static void check_hint(const nb_totals *totals, nb_severity least, const char *want)
{
    char *text = NULL;
    size_t len = 0;
    FILE *to = open_memstream(&text, &len);
    assert_non_null(to);
    nb_totals_print_hint(totals, least, to);
    (void)fclose(to);
    assert_string_equal(text, want);
    free(text);
}

static void the_hint_names_the_first_of_the_worst_that_is_told(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_diags diags = {.arena = &arena};
    nb_totals totals = {0};
    check_hint(&totals, NB_SEVERITY_INFO, "");
    nb_diag_add(&diags, NB_D_MODEL_CHOSEN, (nb_spot){0}, "a note");
    nb_diag_add(&diags, NB_D_MAGIC_REMOVED, (nb_spot){0}, "a warning");
    nb_totals_add(&totals, &diags);
    check_hint(&totals, NB_SEVERITY_ERROR, "");
    check_hint(&totals, NB_SEVERITY_WARNING, "'notebooked explain NB203' tells more\n");
    check_hint(&totals, NB_SEVERITY_INFO, "'notebooked explain NB203' tells more\n");
    nb_diag_add(&diags, NB_D_NO_MODEL, (nb_spot){0}, "an error");
    nb_diag_add(&diags, NB_D_MISSING_NAME, (nb_spot){0}, "another one");
    nb_totals_add(&totals, &diags);
    check_hint(&totals, NB_SEVERITY_WARNING, "'notebooked explain NB302' tells more\n");
}

static void lists_only_what_is_told(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_diags diags = {.arena = &arena};
    nb_totals totals = {0};
    for (size_t i = 0; i < 3;
         i++) /* one code in two severities: a rule or a proposal may say less */
        nb_diag_add(&diags, NB_D_DOWNLOAD, (nb_spot){0}, "a note")->severity = NB_SEVERITY_INFO;
    nb_diag_add(&diags, NB_D_DOWNLOAD, (nb_spot){0}, "a warning");
    nb_diag_add(&diags, NB_D_MAGIC_REMOVED, (nb_spot){0}, "a warning");
    nb_diag_add(&diags, NB_D_MAGIC_REMOVED, (nb_spot){0}, "a warning");
    nb_totals_add(&totals, &diags);
    char *text = NULL;
    size_t len = 0;
    FILE *to = open_memstream(&text, &len);
    assert_non_null(to);
    nb_totals_print(&totals, NB_SEVERITY_WARNING, 0, to);
    (void)fclose(to);
    assert_string_equal(text, "1 notebook in 0.00 s:\n"
                              "      1 with warnings\n"
                              "most frequent findings:\n"
                              "      2 NB203 magic-removed\n"
                              "      1 NB410 download\n");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_hint_names_the_first_of_the_worst_that_is_told),
        cmocka_unit_test(lists_only_what_is_told)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
