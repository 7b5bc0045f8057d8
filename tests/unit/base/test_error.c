#include "nb_test.h"

#include <errno.h>

static nb_code open_missing(nb_error *err)
{
    errno = ENOENT;
    return nb_fail_errno(err, "cannot open '%s'", "nb/a.ipynb");
}

static void the_chain_reads_outermost_first(void **state)
{
    (void)state;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    assert_int_equal(open_missing(&err), NB_ERR_NOT_FOUND);
    nb_error_at(&err,
                (nb_place){NB_STR("config.yaml"), 12, 15, NB_STR("    notebook: nb/a.ipynb")});
    nb_error_at(&err, (nb_place){NB_STR("outer"), 1, 1, {0}});
    nb_error_hint(&err, "check 'notebook:' of experiment '%s'", "exp1");
    assert_int_equal(nb_wrap(&err, "cannot convert '%s'", "exp1"), NB_ERR_NOT_FOUND);

    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    nb_error_print(&err, out);
    fclose(out);
    assert_string_equal(text, "error: cannot convert 'exp1'\n"
                              "  because: cannot open 'nb/a.ipynb': No such file or directory\n"
                              "  at config.yaml:12:15\n"
                              "          notebook: nb/a.ipynb\n"
                              "                    ^\n"
                              "hint: check 'notebook:' of experiment 'exp1'\n");
    free(text);
}

static void the_caret_stands_under_its_character(void **state)
{
    (void)state;
    static const struct {
        const char *source;
        unsigned column;
        const char *caret;
    } cases[] = {
        {"abc",               1, "      ^\n"     },
        {"\t\tabc",           4, "      \t\t ^\n"},
        {"\xC3\xA9\xC3\xA9x", 3, "        ^\n"   },
        {"ab",                5, "          ^\n" },
    };
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        char *text = NULL;
        size_t len = 0;
        FILE *out = open_memstream(&text, &len);
        nb_fail(&err, NB_ERR_CONFIG, "x");
        nb_error_at(&err,
                    (nb_place){NB_STR("f"), 1, cases[i].column, nb_str_from(cases[i].source)});
        nb_error_print(&err, out);
        fclose(out);
        assert_true(nb_str_ends((nb_str){text, len}, nb_str_from(cases[i].caret)));
        free(text);
    }
}

static void every_code_has_a_name_and_an_exit_status(void **state)
{
    (void)state;
    for (nb_code code = NB_OK; code < NB_CODE_COUNT; code++) {
        assert_non_null(nb_code_name(code));
        assert_in_range(nb_code_exit(code), code == NB_OK ? 0 : 1, 3);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_chain_reads_outermost_first),
        cmocka_unit_test(the_caret_stands_under_its_character),
        cmocka_unit_test(every_code_has_a_name_and_an_exit_status),
    };
    return cmocka_run_group_tests_name("base/error", tests, NULL, NULL);
}
