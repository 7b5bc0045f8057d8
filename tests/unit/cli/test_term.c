#include "nb_test.h"

#include "cli/term.h"

/* An environment of three variables; NULL is unset. */
struct world {
    const char *no_color, *force, *term;
};

static const char *get(void *ctx, const char *name)
{
    const struct world *world = ctx;
    if (strcmp(name, "NO_COLOR") == 0)
        return world->no_color;
    return strcmp(name, "TERM") == 0 ? world->term : world->force;
}

static void colour_is_asked_for_then_forbidden_then_forced_then_for_terminals(void **state)
{
    (void)state;
    static const struct {
        nb_switch asked;
        bool terminal;
        struct world world;
        bool want;
    } cases[] = {
        {NB_UNSET, false, {NULL, NULL, NULL},    false},
        {NB_UNSET, true,  {NULL, NULL, "xterm"}, true },
        {NB_UNSET, true,  {NULL, NULL, NULL},    true },
        {NB_UNSET, true,  {NULL, NULL, "dumb"},  false},
        {NB_UNSET, true,  {"1", NULL, "xterm"},  false},
        {NB_UNSET, true,  {"", NULL, "xterm"},   true },
        {NB_UNSET, false, {NULL, "1", "dumb"},   true },
        {NB_UNSET, false, {NULL, "0", NULL},     false},
        {NB_UNSET, false, {NULL, "", NULL},      false},
        {NB_UNSET, false, {"1", "1", NULL},      false},
        {NB_ON,    false, {"1", NULL, "dumb"},   true },
        {NB_OFF,   true,  {NULL, "1", "xterm"},  false},
    };
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        struct world world = cases[i].world;
        nb_env env = {.get = get, .ctx = &world};
        print_message("case %zu\n", i);
        assert_int_equal(nb_term_colour(cases[i].asked, cases[i].terminal, &env), cases[i].want);
    }
}

static void widths_are_those_of_terminals(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t width;
    } cases[] = {
        {"",                         0},
        {"abc",                      3},
        {"\t",                       4},
        {"\xC3\xA9",                 1}, /* e with acute */
        {"e\xCC\x81",                1}, /* the same of two */
        {"\xE6\xBC\xA2\xE5\xAD\x97", 4}, /* two Han */
        {"\xF0\x9F\x98\x80",         2}, /* a face */
        {"\xE2\x80\x8B",             0}, /* zero-width space */
        {"\xFF",                     1}, /* invalid */
    };
    for (size_t i = 0; i < NB_LEN(cases); i++)
        assert_int_equal(nb_term_width(nb_str_from(cases[i].text)), cases[i].width);
    assert_int_equal(nb_term_bytes(NB_STR("\xC3\xA9"
                                          "bc"),
                                   2),
                     3);
    assert_int_equal(nb_term_bytes(NB_STR("ab"), 9), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(colour_is_asked_for_then_forbidden_then_forced_then_for_terminals),
        cmocka_unit_test(widths_are_those_of_terminals),
    };
    return cmocka_run_group_tests_name("cli/term", tests, NULL, NULL);
}
