#include "nb_test.h"

#include "proc/lines.h"

/* What came out: "text|" for a piece of a line, "text$" for its end. */
static void note(void *ctx, const nb_output *output)
{
    nb_buf *seen = ctx;
    nb_buf_put(seen, output->text);
    nb_buf_putc(seen, output->ended ? '$' : '|');
}

static const struct {
    const char *name;
    size_t limit;
    const char *feeds[6]; /* "@300" lets 300 ms pass */
    const char *want;
} cases[] = {
    {"whole lines",                                 0, {"a\nb\n"},                        "a$b$"           },
    {"empty lines",                                 0, {"\n\na\n"},                       "$$a$"           },
    {"nothing",                                     0, {""},                              ""               },
    {"a line in two reads",                         0, {"ab", "c\nd\n"},                  "abc$d$"         },
    {"last line without newline",                   0, {"a\nb"},                          "a$b$"           },
    {"carriage returns are bytes",                  0, {"a\r\n1%\r2%\n"},                 "a\r$1%\r2%$"    },
    {"longer than the limit",                       4, {"abcdefghij\nk\n"},               "abcd|efgh|ij$k$"},
    {"exactly the limit",                           4, {"abcd\nefgh\n"},                  "abcd$efgh$"     },
    {"limit reached over reads",                    4, {"abc", "d", "ef\n"},              "abcd|ef$"       },
    {"a multiple of the limit at the end",          4, {"abcdefgh"},                      "abcd|efgh$"     },
    {"unfinished for long",                         0, {"ab", "@300", "cd\n"},            "ab|cd$"         },
    {"unfinished for long, then the end",           0, {"ab", "@300"},                    "ab|$"           },
    {"unfinished for a moment",                     0, {"ab", "@100", "cd\n"},            "abcd$"          },
    {"the age of a line counts, not the last byte", 0, {"a", "@150", "b", "@100", "c\n"}, "ab|c$"          },
    {"invalid UTF-8",                               0, {"\xff\xc3\n\x80"},                "\xff\xc3$\x80$" },
};

static void lines_come_out_as_they_should(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        NB_AUTO(nb_buf) seen = NB_BUF_INIT(NB_BUF_TEXT);
        nb_spawn to = {.on_output = note, .ctx = &seen};
        nb_lines lines;
        int64_t now = 1000, pause;
        nb_lines_init(&lines, NB_STDOUT, cases[i].limit);
        for (size_t j = 0; j < NB_LEN(cases[i].feeds) && cases[i].feeds[j]; j++) {
            nb_str feed = nb_str_from(cases[i].feeds[j]);
            if (nb_str_starts(feed, NB_STR("@")) && nb_str_to_int(nb_str_from_at(feed, 1), &pause))
                nb_lines_tick(&lines, now += pause, &to);
            else
                nb_lines_feed(&lines, feed, now, &to);
        }
        nb_lines_end(&lines, &to);
        nb_lines_release(&lines);
        print_message("case %zu: %s\n", i, cases[i].name);
        assert_str(nb_buf_view(&seen), cases[i].want);
    }
}

/* However the bytes are cut, the pieces put together are the text that went in. */
static void no_byte_is_lost_or_made_up(void **state)
{
    (void)state;
    static const char text[] = "one\n\ntwo three\nfour five six seven\n\r\neight";
    for (size_t limit = 1; limit < 12; limit++)
        for (size_t cut = 1; cut < sizeof text; cut++) {
            NB_AUTO(nb_buf) seen = NB_BUF_INIT(NB_BUF_TEXT);
            nb_spawn to = {.on_output = note, .ctx = &seen};
            nb_lines lines;
            nb_lines_init(&lines, NB_STDERR, limit);
            for (size_t at = 0; at < sizeof text - 1; at += cut)
                nb_lines_feed(&lines, nb_str_slice(nb_str_from(text), at, at + cut), 0, &to);
            nb_lines_end(&lines, &to);
            nb_lines_release(&lines);
            NB_AUTO(nb_buf) joined = NB_BUF_INIT(NB_BUF_TEXT);
            nb_str rest = nb_buf_view(&seen), piece;
            while (nb_str_split(&rest, '|', &piece))
                nb_buf_put(&joined, piece);
            for (size_t i = 0; i < joined.len; i++)
                if (joined.at[i] == '$')
                    joined.at[i] = '\n';
            assert_true(nb_str_starts(nb_buf_view(&joined), nb_str_from(text)));
            assert_int_equal(joined.len, sizeof text);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_come_out_as_they_should),
        cmocka_unit_test(no_byte_is_lost_or_made_up),
    };
    return cmocka_run_group_tests_name("proc/lines", tests, NULL, NULL);
}
