#include "nb_test.h"

#include "cli/pages.h"

/* What each page says is tests/docs' and tests/findings' business; here, that they come apart. */
static void every_code_has_a_page_in_five_parts(void **state)
{
    (void)state;
    static const char *const titles[] = {"", "Why it matters", "Before", "After", "Silencing"};
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    for (nb_diag_code code = 0; code < NB_DIAG_CODE_COUNT; code++) {
        nb_page page = nb_page_of(code, &arena);
        nb_str begin = nb_arena_printf(&arena, "# %s %s\n", nb_diag_row_of(code)->code,
                                       nb_diag_row_of(code)->slug);
        assert_true(nb_str_starts(page.text, begin));
        assert_true(page.remedy.len > 0);
        assert_int_equal(page.sections.count, NB_LEN(titles));
        for (size_t i = 0; i < NB_LEN(titles); i++) {
            assert_str(page.sections.at[i].title, titles[i]);
            assert_true(page.sections.at[i].text.len > 0);
            assert_str(nb_str_trim(page.sections.at[i].text),
                       nb_arena_z(&arena, page.sections.at[i].text));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_code_has_a_page_in_five_parts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
