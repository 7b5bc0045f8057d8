#include "nb_test.h"

#include "text/toml.h"

static const nb_toml *read(nb_arena *arena, const char *text)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    const nb_toml *root = NULL;
    assert_int_equal(nb_toml_parse(arena, nb_str_from(text), NB_STR("x.toml"), &root, &err), NB_OK);
    return root;
}

static void finds_members_and_lines(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    const nb_toml *root = read(&arena, "version = 1\n"
                                       "[[package]]\n"
                                       "name = \"numpy\"\n"
                                       "source = { registry = \"https://x\" }\n"
                                       "\n"
                                       "[[package]]\n"
                                       "name = \"scipy\"\n"
                                       "[package.extra]\n"
                                       "all = [\n"
                                       "  \"a\",\n"
                                       "  \"b\",\n"
                                       "]\n");
    const nb_toml *packages = nb_toml_get(root, "package");
    assert_int_equal(packages->kind, NB_TOML_ARRAY);
    assert_int_equal(packages->count, 2);
    const nb_toml *first = packages->child, *second = first->next;
    assert_true(nb_str_eqz(nb_toml_get_str(first, "name"), "numpy"));
    assert_true(nb_str_eqz(nb_toml_get_str(nb_toml_get(first, "source"), "registry"), "https://x"));
    assert_int_equal(nb_toml_get(second, "name")->line, 7);
    const nb_toml *all = nb_toml_get(nb_toml_get(second, "extra"), "all");
    assert_int_equal(all->child->next->line, 11);
    assert_null(nb_toml_get(first, "extra"));
    assert_null(nb_toml_get(NULL, "x"));
    assert_null(nb_toml_get(all, "x"));
    assert_null(nb_toml_get_str(root, "version").at); /* a number */
}

static void keeps_numbers_as_text(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    const nb_toml *root = read(&arena, "a = +1_000\nb = 0xFF\nc = 1e5\nd = true\ne = 07:32:00\n");
    static const struct {
        const char *key, *text;
        nb_toml_kind kind;
    } cases[] = {
        {"a", "1000",     NB_TOML_INTEGER   },
        {"b", "0xFF",     NB_TOML_INTEGER   },
        {"c", "1e5",      NB_TOML_FLOAT     },
        {"d", "true",     NB_TOML_BOOL      },
        {"e", "07:32:00", NB_TOML_LOCAL_TIME},
    };
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        const nb_toml *value = nb_toml_get(root, cases[i].key);
        assert_int_equal(value->kind, cases[i].kind);
        assert_true(nb_str_eqz(value->text, cases[i].text));
    }
}

static void says_where_it_fails(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    const nb_toml *root = NULL;
    assert_int_equal(nb_toml_parse(&arena, NB_STR("[project]\nname = iris\n"),
                                   NB_STR("pyproject.toml"), &root, &err),
                     NB_ERR_CONFIG);
    assert_null(root);
    assert_string_equal(nb_error_message(&err, 0), "this is no value");
    assert_string_equal(err.path, "pyproject.toml");
    assert_string_equal(err.source, "name = iris");
    assert_int_equal(err.line, 2);
    assert_int_equal(err.column, 8);
    assert_string_equal(err.hint, "put the text in quotes");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_members_and_lines),
        cmocka_unit_test(keeps_numbers_as_text),
        cmocka_unit_test(says_where_it_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
