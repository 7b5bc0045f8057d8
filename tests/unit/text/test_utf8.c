#include "nb_test.h"

#include "text/utf8.h"

static void the_longest_valid_prefix_is_found(void **state)
{
    (void)state;
    static const struct {
        nb_str text;
        size_t valid;
    } cases[] = {
        {NB_STR_ROW(""),                                0 },
        {NB_STR_ROW("plain ASCII, longer than a word"), 31},
        {NB_STR_ROW("\xC3\xA9"),                        2 },
        {NB_STR_ROW("1234567\xC3\xA9"),                 9 },
        {NB_STR_ROW("\xE2\x82\xAC\xF0\x9F\x99\x82"),    7 },
        {NB_STR_ROW("\xF4\x8F\xBF\xBF"),                4 },
        {NB_STR_ROW("\xF4\x90\x80\x80"),                0 },
        {NB_STR_ROW("a\x80"),                           1 },
        {NB_STR_ROW("ab\xC0\xAF"),                      2 },
        {NB_STR_ROW("\xC1\xBF"),                        0 },
        {NB_STR_ROW("\xE0\x9F\xBF"),                    0 },
        {NB_STR_ROW("\xE0\xA0\x80"),                    3 },
        {NB_STR_ROW("\xED\xA0\x80"),                    0 },
        {NB_STR_ROW("\xED\x9F\xBF"),                    3 },
        {NB_STR_ROW("\xF0\x8F\xBF\xBF"),                0 },
        {NB_STR_ROW("\xF0\x90\x80\x80"),                4 },
        {NB_STR_ROW("x\xE2\x82"),                       1 },
        {NB_STR_ROW("x\xE2\x82y"),                      1 },
        {NB_STR_ROW("\xFF"),                            0 },
        {NB_STR_ROW("\0\0"),                            2 },
    };
    for (size_t i = 0; i < NB_LEN(cases); i++)
        assert_int_equal(nb_utf8_valid(cases[i].text), cases[i].valid);
}

/* Every code point there is survives writing, checking and reading. */
static void every_code_point_goes_round(void **state)
{
    (void)state;
    NB_AUTO(nb_buf) buf = NB_BUF_INIT(16);
    for (uint32_t code = 0; code <= 0x110001; code++) {
        bool surrogate = code >= 0xD800 && code <= 0xDFFF;
        uint32_t want = surrogate || code > 0x10FFFF ? 0xFFFD : code;
        size_t at = 0;
        nb_buf_clear(&buf);
        nb_utf8_put(&buf, code);
        if (nb_utf8_valid(nb_buf_view(&buf)) != buf.len ||
            nb_utf8_next(nb_buf_view(&buf), &at) != want || at != buf.len ||
            nb_utf8_count(nb_buf_view(&buf)) != 1)
            fail_msg("U+%04X", code);
    }
}

static void invalid_bytes_are_stepped_over_one_by_one(void **state)
{
    (void)state;
    nb_str text = NB_STR("a\xE2\x82z");
    size_t at = 0;
    assert_int_equal(nb_utf8_next(text, &at), 'a');
    assert_int_equal(nb_utf8_next(text, &at), 0xFFFD);
    assert_int_equal(nb_utf8_next(text, &at), 0xFFFD);
    assert_int_equal(nb_utf8_next(text, &at), 'z');
    assert_int_equal(at, 4);
}

static void characters_are_counted(void **state)
{
    (void)state;
    assert_int_equal(nb_utf8_count(NB_STR("")), 0);
    assert_int_equal(nb_utf8_count(NB_STR("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x99\x82")), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_longest_valid_prefix_is_found),
        cmocka_unit_test(every_code_point_goes_round),
        cmocka_unit_test(invalid_bytes_are_stepped_over_one_by_one),
        cmocka_unit_test(characters_are_counted),
    };
    return cmocka_run_group_tests_name("text/utf8", tests, NULL, NULL);
}
