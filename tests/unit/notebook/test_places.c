#include "notebook/places.h"

#include "nb_test.h"

#define HEAD "{\n \"cells\": [\n"
#define TAIL "\n ], \"metadata\": {}, \"nbformat\": 4, \"nbformat_minor\": 5}\n"

/* A place in a cell, and where it stands in the file. */
static void places_are_those_in_the_file(void **state)
{
    static const struct {
        const char *file;
        unsigned cell, line, column, length;
        bool found;
        nb_file_place want;
    } cases[] = {
        {HEAD "{\"source\": [\"a\\n\",\n \"bcd\"]}" TAIL,                                           1, 1, 1,  1, true,  {3, 14, 15}},
        {HEAD "{\"source\": [\"a\\n\",\n \"bcd\"]}" TAIL,                                           1, 2, 2,  2, true,  {4, 4, 6}  },
        {HEAD "{\"source\": [\"a\\n\",\n \"bcd\"]}" TAIL,
         1,                                                                                            2,
         2,                                                                                                   9,
         true,                                                                                                          {4, 4, 6}  }, /* ends with the line */
        {HEAD "{\"source\": [\"a\\n\",\n \"bcd\"]}" TAIL,
         1,                                                                                            1,
         2,                                                                                                   1,
         true,                                                                                                          {3, 15, 16}}, /* behind it */
        {HEAD "{\"source\": [\"a\\n\",\n \"bcd\"]}" TAIL,                                           1, 5, 1,  1, false, {3, 14, 15}},
        {HEAD "{\"source\": [\"a\\n\",\n \"bcd\"]}" TAIL,                                           2, 1, 1,  1, false, {1, 1, 2}  },
        {HEAD "{\"source\": [\"a\\n\",\n \"bcd\"]}" TAIL,                                           0, 1, 1,  1, false, {1, 1, 2}  },
        {HEAD "{\"source\": \"a\\nbc\\nd\"}" TAIL,                                                  1, 2, 2,  1, true,  {3, 17, 18}}, /* one string */
        {HEAD "{\"source\": \"x = \\\"\\u00fc\\\" + y\"}" TAIL,
         1,                                                                                            1,
         6,                                                                                                   1,
         true,                                                                                                          {3, 19, 25}}, /* an escape is marked whole */
        {HEAD "{\"source\": \"x = \\\"\\u00fc\\\" + y\"}" TAIL,                                     1, 1, 11, 1, true,  {3, 30, 31}},
        {HEAD "{\"source\": \"\xC3\xBC\xC3\xBC z\"}" TAIL,
         1,                                                                                            1,
         4,                                                                                                   1,
         true,                                                                                                          {3, 16, 17}}, /* columns count characters */
        {HEAD "{\"source\": \"\\ud83d\\ude00 z\"}" TAIL,
         1,                                                                                            1,
         3,                                                                                                   1,
         true,                                                                                                          {3, 26, 27}}, /* a pair is one */
        {HEAD "{\"source\": \"\\ud83d z\"}" TAIL,
         1,                                                                                            1,
         3,                                                                                                   1,
         true,                                                                                                          {3, 20, 21}}, /* a half is one, too */
        {HEAD "{\"source\": \"a\\r\\nb\"}" TAIL,                                                    1, 2, 1,  1, true,  {3, 18, 19}},
        {HEAD "{\"source\": \"a\\rb\"}" TAIL,                                                       1, 2, 1,  1, true,  {3, 16, 17}},
        {HEAD "{\"source\": \"a\\u000ab\"}" TAIL,                                                   1, 2, 1,  1, true,  {3, 20, 21}},
        {HEAD "{\"source\": [\"a\\r\", \"\\nb\"]}" TAIL,                                            1, 2, 1,  1, true,  {3, 23, 24}},
        {HEAD "{\"outputs\": [\"x\",\n\"y\"], \"source\": \"a\"}" TAIL,
         1,                                                                                            1,
         1,                                                                                                   1,
         true,                                                                                                          {4, 18, 19}},
        {HEAD "{\"source\": \"b\", \"source\": \"a\"}" TAIL,
         1,                                                                                            1,
         1,                                                                                                   1,
         true,                                                                                                          {3, 28, 29}}, /* the last one counts */
        {HEAD "7, {\"source\": [7, \"a\"]}, {\"source\": \"x\"}" TAIL,
         2,                                                                                            1,
         1,                                                                                                   1,
         true,                                                                                                          {3, 20, 21}},
        {"{\"worksheets\": [{\"cells\": [{\"input\": \"a\\nb\"}]}]}",
         1,                                                                                            2,
         1,                                                                                                   1,
         true,                                                                                                          {1, 42, 43}},
        {"{\"worksheets\": [{\"cells\": [{\"input\": \"a\"}]}], \"cells\": [{\"source\": \"b\"}]}",
         1,                                                                                            1,
         1,                                                                                                   1,
         true,                                                                                                          {1, 69, 70}},
        {HEAD "{\"source\": \"a\"}",                                                                1, 1, 1,  1, true,  {3, 13, 14}}, /* cut off */
        {HEAD "{\"source\": \"a",                                                                   1, 1, 1,  1, false, {1, 1, 2}  },
        {"",                                                                                        1, 1, 1,  1, false, {1, 1, 2}  },
        {"[]",                                                                                      1, 1, 1,  1, false, {1, 1, 2}  },
        {"{\"cells\": 7, \"worksheets\": {}}",                                                      1, 1, 1,  1, false, {1, 1, 2}  },
    };
    (void)state;
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        nb_spot spot = {.cell = cases[i].cell,
                        .line = cases[i].line,
                        .column = cases[i].column,
                        .length = cases[i].length};
        nb_file_place place;
        print_message("case %zu: %s\n", i, cases[i].file);
        const nb_places *places = nb_places_read(&arena, nb_str_from(cases[i].file));
        assert_int_equal(nb_places_find(places, &spot, &place), cases[i].found);
        assert_int_equal(place.line, cases[i].want.line);
        assert_int_equal(place.column, cases[i].want.column);
        assert_int_equal(place.end_column, cases[i].want.end_column);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(places_are_those_in_the_file)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
