#include "nb_test.h"

#include "gen/emit.h"
#include "gen/linemap.h"

/* In `marked` a mark is written <cell:line>. */
static const struct {
    const char *marked, *text;
    nb_line_range ranges[4];
} cases[] = {
    {"",                                "",                                {{0}}                                     },
    {"a\nb\n",                          "a\nb\n",                          {{0}}                                     },
    {"a<3:1>\n",                        "a\n",                             {{1, 1, 3, 1}}                            },
    {"x\na<3:1>\nb<3:2>\nc<3:3>\ny\n",  "x\na\nb\nc\ny\n",                 {{2, 3, 3, 1}}                            },
    {"a<3:1>\nb<3:3>\nc<4:4>\n",        "a\nb\nc\n",                       {{1, 1, 3, 1}, {2, 1, 3, 3}, {3, 1, 4, 4}}},
    {"a<3:1>\n\nb<3:2>\n",              "a\n\nb\n",                        {{1, 1, 3, 1}, {3, 1, 3, 2}}              },
    {"a<3:2>\nb<3:1>\n",                "a\nb\n",                          {{1, 1, 3, 2}, {2, 1, 3, 1}}              },
    {"<7:1>\n",                         "\n",                              {{1, 1, 7, 1}}                            },
    {"a<3:1>",                          "a\n",                             {{1, 1, 3, 1}}                            }, /* the last line gets its end */
    {"a<3:1> b\n",                      "a<3:1> b\n",                      {{0}}                                     }, /* no mark: not at the end */
    {"a<3>\nb<x:1>\nc<3:>\nd<3:1:2>\n", "a<3>\nb<x:1>\nc<3:>\nd<3:1:2>\n", {{0}}                                     },
    {"a<1:1><3:1>\n",                   "a<1:1>\n",                        {{1, 1, 3, 1}}                            }, /* the last one counts */
};

static nb_str with_marks(nb_arena *arena, const char *text)
{
    char *z = nb_arena_z(arena, nb_str_from(text));
    for (char *at = z; *at; at++)
        *at = *at == '<' ? NB_MARK_OPEN : *at == '>' ? NB_MARK_CLOSE : *at;
    return nb_str_from(z);
}

static void marks_become_ranges(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        nb_linemap map = {0};
        size_t count = 0;
        print_message("case %zu: %s\n", i, cases[i].marked);
        nb_str text = nb_linemap_extract(&arena, with_marks(&arena, cases[i].marked), &map);
        assert_true(nb_str_eq(text, with_marks(&arena, cases[i].text)));
        while (count < NB_LEN(cases[i].ranges) && cases[i].ranges[count].line > 0)
            count++;
        assert_int_equal(map.ranges.count, count);
        for (size_t r = 0; r < count; r++) {
            const nb_line_range *got = &map.ranges.at[r], *want = &cases[i].ranges[r];
            assert_int_equal(got->line, want->line);
            assert_int_equal(got->count, want->count);
            assert_int_equal(got->cell, want->cell);
            assert_int_equal(got->cell_line, want->cell_line);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(marks_become_ranges),
    };
    return cmocka_run_group_tests_name("gen/linemap", tests, NULL, NULL);
}
