#include "base/diag_set.h"

#include "nb_test.h"

static size_t count(const nb_diag_set *set)
{
    size_t n = 0;
    for (nb_diag_code c = 0; c < NB_DIAG_CODE_COUNT; c++)
        n += set->has[c];
    return n;
}

/* How many codes there are that begin so. */
static size_t codes(const char *beginning)
{
    size_t n = 0;
    for (nb_diag_code c = 0; c < NB_DIAG_CODE_COUNT; c++)
        n += strncmp(nb_diag_row_of(c)->code, beginning, strlen(beginning)) == 0;
    return n;
}

static void words_name_codes(void **state)
{
    static const struct {
        const char *word;
        const char *beginning; /* of the codes that are meant */
    } cases[] = {
        {"NB203",         "NB203"},
        {"nb203",         "NB203"},
        {"magic-removed", "NB203"},
        {"NB2",           "NB2"  },
        {"NB20",          "NB20" },
        {"nB",            "NB"   },
    };
    (void)state;
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        nb_diag_set set = {0};
        print_message("%s\n", cases[i].word);
        assert_true(nb_diag_set_add(&set, nb_str_from(cases[i].word)));
        assert_int_equal(count(&set), codes(cases[i].beginning));
    }
}

static void other_words_name_nothing(void **state)
{
    static const struct {
        const char *list, *word, *hint;
    } cases[] = {
        {"NB999",                "NB999",                "write a code such as NB203"   },
        {"NB3, NB2O3",           "NB2O3",                "did you mean 'NB203'?"        },
        {"nb2o3",                "nb2o3",                "did you mean 'NB203'?"        },
        {"N",                    "N",                    "write a code such as NB203"   },
        {"",                     "",                     "write a code such as NB203"   },
        {"NB203,",               "",                     "write a code such as NB203"   },
        {"NB2031",               "NB2031",               "did you mean 'NB20"           },
        {"Magic-Removed",        "Magic-Removed",        "did you mean 'magic-removed'?"},
        {"magic-remove",         "magic-remove",         "did you mean 'magic-removed'?"},
        {"something else quite", "something else quite", "write a code such as NB203"   },
    };
    (void)state;
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        nb_diag_set set = {0};
        print_message("'%s'\n", cases[i].list);
        assert_int_equal(nb_diag_set_add_list(&set, nb_str_from(cases[i].list), &err),
                         NB_ERR_USAGE);
        nb_str want = nb_arena_printf(&arena, "there is no finding '%s'", cases[i].word);
        assert_string_equal(nb_error_message(&err, 0), want.at);
        assert_non_null(strstr(err.hint, cases[i].hint));
    }
}

static void selection_keeps_what_is_chosen(void **state)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_diags diags = {.arena = &arena};
    nb_selection selection = {0};
    const nb_diag_code given[] = {NB_D_MAGIC_REMOVED, NB_D_MISSING_NAME, NB_D_SHELL_REMOVED,
                                  NB_D_NO_MODEL};
    (void)state;
    for (size_t i = 0; i < NB_LEN(given); i++)
        (void)nb_diag_add(&diags, given[i], (nb_spot){0}, "number %zu", i);
    nb_selection_apply(&selection, &diags);
    assert_int_equal(diags.list.count, 4);
    selection.selects = true;
    assert_ok(nb_diag_set_add_list(&selection.select, NB_STR("NB2 , missing-name"), &err), &err);
    assert_ok(nb_diag_set_add_list(&selection.ignore, NB_STR("NB201"), &err), &err);
    nb_selection_sweep(&selection, &diags); /* there would be nothing to save without a model */
    assert_int_equal(diags.list.count, 3);
    assert_str(diags.list.at[2].message, "number 3");
    nb_selection_apply(&selection, &diags);
    assert_int_equal(diags.list.count, 2);
    assert_str(diags.list.at[0].message, "number 0");
    assert_str(diags.list.at[1].message, "number 1");
}

static void unwanted_findings_are_not_listed(void **state)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_selection selection = {
        .ignore.has = {[NB_D_MISSING_NAME] = true, [NB_D_NO_MODEL] = true}
    };
    nb_diags diags = {.arena = &arena, .selection = &selection};
    (void)state;
    (void)nb_diag_add(&diags, NB_D_MISSING_NAME, (nb_spot){0}, "a name");
    (void)nb_diag_add(&diags, NB_D_MAGIC_REMOVED, (nb_spot){0}, "a magic");
    (void)nb_diag_add(&diags, NB_D_NO_MODEL, (nb_spot){0}, "no model");
    assert_int_equal(diags.list.count, 2);
    assert_str(diags.list.at[0].message, "a magic");
    assert_str(diags.list.at[1].message, "no model");
    assert_int_equal(diags.silenced, 0); /* that is told of comments only */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_name_codes),
        cmocka_unit_test(other_words_name_nothing),
        cmocka_unit_test(selection_keeps_what_is_chosen),
        cmocka_unit_test(unwanted_findings_are_not_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
