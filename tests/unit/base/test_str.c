#include "nb_test.h"

#include "base/buf.h"
#include "base/map.h"
#include "base/vec.h"

static void characters_and_pieces_are_found(void **state)
{
    (void)state;
    nb_str text = NB_STR("a=b=c");
    assert_int_equal(nb_str_find_char(text, '='), 1);
    assert_int_equal(nb_str_rfind_char(text, '='), 3);
    assert_int_equal(nb_str_find_char(text, 'x'), NB_NPOS);
    assert_int_equal(nb_str_find_char((nb_str){0}, 'x'), NB_NPOS);
    assert_int_equal(nb_str_find(text, NB_STR("=c")), 3);
    assert_int_equal(nb_str_find(text, NB_STR("")), 0);
    assert_int_equal(nb_str_find((nb_str){0}, NB_STR("a")), NB_NPOS);
    assert_true(nb_str_contains(text, NB_STR("b=")));
    assert_true(nb_str_starts(text, NB_STR("a=")) && nb_str_starts(text, NB_STR("")));
    assert_true(nb_str_ends(text, NB_STR("=c")) && !nb_str_ends(text, NB_STR("xa=b=c")));
}

static void slices_are_clipped(void **state)
{
    (void)state;
    nb_str text = NB_STR("abc");
    assert_str(nb_str_slice(text, 1, 2), "b");
    assert_str(nb_str_slice(text, 1, 99), "bc");
    assert_str(nb_str_slice(text, 99, 100), "");
    assert_str(nb_str_slice(text, 2, 1), "");
    assert_str(nb_str_from_at(text, 2), "c");
}

static void views_compare_by_bytes(void **state)
{
    (void)state;
    assert_true(nb_str_cmp(NB_STR("a"), NB_STR("b")) < 0);
    assert_true(nb_str_cmp(NB_STR("a"), NB_STR("a")) == 0);
    assert_true(nb_str_cmp(NB_STR("ab"), NB_STR("a")) > 0);
    assert_true(nb_str_cmp((nb_str){0}, NB_STR("")) == 0);
    assert_true(nb_str_cmp(NB_STR("\xff"), NB_STR("a")) > 0);
    assert_true(nb_str_eq((nb_str){0}, NB_STR("")));
    assert_true(nb_str_eqz(NB_STR("ab"), "ab") && !nb_str_eqz(NB_STR("ab"), "abc"));
    assert_true(nb_str_eq_nocase(NB_STR("TrAin"), NB_STR("train")));
    assert_false(nb_str_eq_nocase(NB_STR("train"), NB_STR("trains")));
}

static void blanks_are_trimmed(void **state)
{
    (void)state;
    assert_str(nb_str_trim(NB_STR(" \t\r\n x y \f\n")), "x y");
    assert_str(nb_str_rtrim(NB_STR("  x \n")), "  x");
    assert_str(nb_str_trim(NB_STR(" \n ")), "");
    assert_str(nb_str_trim((nb_str){0}), "");
}

static void text_is_split(void **state)
{
    (void)state;
    static const struct {
        const char *text, *joined; /* pieces, each in <> */
    } cases[] = {
        {"a,,b", "<a><><b>"},
        {"",     "<>"      },
        {",",    "<><>"    },
        {"a",    "<a>"     },
        {"a,",   "<a><>"   },
    };
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        NB_AUTO(nb_buf) out = NB_BUF_INIT(100);
        nb_str rest = nb_str_from(cases[i].text), piece;
        while (nb_str_split(&rest, ',', &piece))
            nb_buf_printf(&out, "<" NB_STR_FMT ">", NB_STR_ARG(piece));
        assert_str(nb_buf_view(&out), cases[i].joined);
    }
}

static void lines_end_with_a_line_feed(void **state)
{
    (void)state;
    nb_str rest = NB_STR("a\n\nb\n"), line;
    assert_true(nb_str_line(&rest, &line));
    assert_str(line, "a");
    assert_true(nb_str_line(&rest, &line));
    assert_str(line, "");
    assert_true(nb_str_line(&rest, &line));
    assert_str(line, "b");
    assert_false(nb_str_line(&rest, &line));
    assert_str(nb_str_line_at(NB_STR("a\nb"), 2), "b");
    assert_str(nb_str_line_at(NB_STR("a\nb"), 3), "");
    assert_str(nb_str_line_at(NB_STR("a\nb"), 0), "");
}

static void integers_are_read_or_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool good;
        int64_t value;
    } cases[] = {
        {"0",                       true,  0        },
        {"-17",                     true,  -17      },
        {"+5",                      true,  5        },
        {"007",                     true,  7        },
        {"9223372036854775807",     true,  INT64_MAX},
        {"-9223372036854775808",    true,  INT64_MIN},
        {"9223372036854775808",     false, 0        },
        {"-9223372036854775809",    false, 0        },
        {"99999999999999999999999", false, 0        },
        {"",                        false, 0        },
        {"-",                       false, 0        },
        {"1 ",                      false, 0        },
        {"0x1",                     false, 0        },
        {"1.0",                     false, 0        },
    };
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        int64_t value = 0;
        assert_int_equal(nb_str_to_int(nb_str_from(cases[i].text), &value), cases[i].good);
        assert_true(value == cases[i].value);
    }
}

static void copies_are_made_in_an_arena(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    assert_str(nb_str_lower(&arena, NB_STR("AbZ-\xc3\x84")), "abz-\xc3\x84");
    assert_str(nb_str_upper(&arena, NB_STR("aBz_1")), "ABZ_1");
    assert_str(nb_str_concat(&arena, NB_STR("a"), NB_STR("bc")), "abc");
    assert_str(nb_str_concat(&arena, (nb_str){0}, (nb_str){0}), "");
    assert_str(nb_arena_printf(&arena, "%d-%s", 7, "x"), "7-x");
    assert_string_equal(nb_arena_z(&arena, nb_str_slice(NB_STR("abc"), 0, 2)), "ab");
}

static void edits_are_counted(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        size_t edits;
    } cases[] = {
        {"train",  "train",   0},
        {"trian",  "train",   1},
        {"trai",   "train",   1},
        {"",       "abc",     3},
        {"kitten", "sitting", 3},
        {"ca",     "abc",     3},
    };
    for (size_t i = 0; i < NB_LEN(cases); i++)
        assert_int_equal(nb_str_distance(nb_str_from(cases[i].a), nb_str_from(cases[i].b)),
                         cases[i].edits);
    char long_word[100];
    memset(long_word, 'x', sizeof(long_word));
    nb_str word = {long_word, sizeof(long_word)};
    assert_int_equal(nb_str_distance(word, word), 0);
    assert_true(nb_str_distance(word, NB_STR("x")) == SIZE_MAX);
}

static void the_nearest_word_is_proposed(void **state)
{
    (void)state;
    static const nb_str words[] = {NB_STR_ROW("train"), NB_STR_ROW("inference"),
                                   NB_STR_ROW("imports")};
    static const char *const cases[][2] = {
        {"trian",    "train"    },
        {"Train",    "train"    },
        {"infrence", "inference"},
        {"import",   "imports"  },
        {"x",        ""         },
        {"",         ""         },
        {"banana",   ""         },
    };
    for (size_t i = 0; i < NB_LEN(cases); i++)
        assert_str(nb_str_nearest(nb_str_from(cases[i][0]), words, NB_LEN(words)), cases[i][1]);
}

static void names_are_told_from_other_text(void **state)
{
    (void)state;
    static const char *const good[] = {"x", "_x1", "\xc3\xa9t\xc3\xa9"};
    static const char *const bad[] = {"", "1x", "a-b", "a b", "a."};
    for (size_t i = 0; i < NB_LEN(good); i++)
        assert_true(nb_str_is_name(nb_str_from(good[i])));
    for (size_t i = 0; i < NB_LEN(bad); i++)
        assert_false(nb_str_is_name(nb_str_from(bad[i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(characters_and_pieces_are_found),
        cmocka_unit_test(slices_are_clipped),
        cmocka_unit_test(views_compare_by_bytes),
        cmocka_unit_test(blanks_are_trimmed),
        cmocka_unit_test(text_is_split),
        cmocka_unit_test(lines_end_with_a_line_feed),
        cmocka_unit_test(integers_are_read_or_refused),
        cmocka_unit_test(copies_are_made_in_an_arena),
        cmocka_unit_test(edits_are_counted),
        cmocka_unit_test(the_nearest_word_is_proposed),
        cmocka_unit_test(names_are_told_from_other_text),
    };
    return cmocka_run_group_tests_name("base/str", tests, NULL, NULL);
}
