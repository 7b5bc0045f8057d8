#include "nb_test.h"

#include "base/fs.h"
#include "provider/local/transcript.h"
#include "text/hash.h"

#include <unistd.h>

static const nb_map_range train_ranges[] = {
    {10, 3, 2, 1},
    {20, 5, 6, 3},
};
static const nb_map_file files[] = {
    {NB_STR_ROW("train.py"), train_ranges, NB_LEN(train_ranges)},
};
static const nb_line_map map = {NB_STR_ROW("/p/generated/iris"), NB_STR_ROW("nb/iris.ipynb"), files,
                                1};

#define F "/p/generated/iris/train.py"

static const struct {
    const char *line, *want;
} lines[] = {
    {"  File \"" F "\", line 20, in main",
     "  File \"nb/iris.ipynb\", cell 6, line 3, in main (train.py:20)"                                                                                 },
    {"  File \"" F "\", line 24, in fit",
     "  File \"nb/iris.ipynb\", cell 6, line 7, in fit (train.py:24)"                                                                                  },
    {"  File \"" F "\", line 12",                                                       "  File \"nb/iris.ipynb\", cell 2, line 3 (train.py:12)"       },
    {"  |     File \"" F "\", line 10, in f",                                           /* exception groups */
     "  |     File \"nb/iris.ipynb\", cell 2, line 1, in f (train.py:10)"                                 },
    {"  File \x1b[35m\"" F "\"\x1b[0m, line \x1b[35m20\x1b[0m, in \x1b[35mmain\x1b[0m",
     "  File \"nb/iris.ipynb\", cell 6, line 3, in main (train.py:20)"                                                                                 },
    {F ":21: UserWarning: odd",                                                         "nb/iris.ipynb: cell 6, line 4 (train.py:21): UserWarning: odd"},
 /* what stays as it is */
    {"  File \"" F "\", line 13, in main",                                              NULL                                                           },
    {"  File \"" F "\", line 9, in main",                                               NULL                                                           },
    {"  File \"" F "\", line 25, in main",                                              NULL                                                           },
    {"  File \"" F "\", line 99999999999999999999, in main",                            NULL                                                           },
    {"  File \"" F "\", line , in main",                                                NULL                                                           },
    {"  File \"/elsewhere/train.py\", line 20, in main",                                NULL                                                           },
    {"  File \"/p/generated/iris/other.py\", line 20, in main",                         NULL                                                           },
    {"  File \"/p/generated/iris/sub/train.py\", line 20, in main",                     NULL                                                           },
    {"File \"" F "\", line 20, in main",                                                NULL                                                           },
    {"see File \"" F "\", line 20",                                                     NULL                                                           },
    {F ":13: UserWarning: odd",                                                         NULL                                                           },
    {F ":x",                                                                            NULL                                                           },
    {F,                                                                                 NULL                                                           },
    {"",                                                                                NULL                                                           },
    {"\x1b[31mred\x1b[0m",                                                              NULL                                                           },
};

static void frames_name_cells(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_LEN(lines); i++) {
        nb_translator t;
        nb_output out;
        nb_translator_init(&t, &map);
        print_message("case %zu: %s\n", i, lines[i].line);
        assert_true(
            nb_translate(&t, &(nb_output){NB_STDERR, nb_str_from(lines[i].line), true}, &out));
        assert_true(out.ended);
        assert_str(out.text, lines[i].want ? lines[i].want : lines[i].line);
        nb_translator_release(&t);
    }
}

/* However a line is cut, the same text comes out in the end. */
static void cuts_change_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_LEN(lines); i++) {
        nb_str line = nb_str_from(lines[i].line);
        const char *want = lines[i].want ? lines[i].want : lines[i].line;
        for (size_t cut = 0; cut <= line.len; cut++) {
            NB_AUTO(nb_buf) seen = NB_BUF_INIT(NB_BUF_TEXT);
            nb_translator t;
            nb_output out;
            nb_translator_init(&t, &map);
            nb_output pieces[] = {
                {NB_STDERR, nb_str_slice(line, 0,   cut), false},
                {NB_STDERR,    nb_str_from_at(line,                     cut),                true},
                {NB_STDERR,     NB_STR("after"),true},
            };
            for (size_t p = 0; p < 3; p++) {
                if (nb_translate(&t, &pieces[p], &out)) {
                    nb_buf_put(&seen, out.text);
                    if (out.ended)
                        nb_buf_putc(&seen, '\n');
                }
            }
            nb_translator_release(&t);
            bool coloured =
                strchr(lines[i].line, '\x1b') != NULL; /* held back by its plain beginning only */
            NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
            if (!coloured)
                assert_str(nb_buf_view(&seen), nb_arena_printf(&arena, "%s\nafter\n", want).at);
        }
    }
}

static void the_last_exception_is_remembered(void **state)
{
    (void)state;
    static const char *const text[] = {
        /* NOLINTBEGIN(bugprone-suspicious-missing-comma): F is a macro */
        "Traceback (most recent call last):",
        "  File \"" F "\", line 10, in f",
        "    g()",
        "KeyError: 'first'",
        "",
        "During handling of the above exception, another exception occurred:",
        "",
        "Traceback (most recent call last):",
        "  File \"" F "\", line 5, in <module>",
        "  File \"" F "\", line 22, in main",
        "    clf.fit(X)",
        "    ^^^^^^^^^^",
        "  File \"/usr/lib/python3/sklearn/base.py\", line 3, in fit",
        "    raise ValueError('bad\\nworse')",
        "ValueError: bad",
        "worse",
        /* NOLINTEND(bugprone-suspicious-missing-comma) */
    };
    nb_translator t;
    nb_output out;
    nb_translator_init(&t, &map);
    for (size_t i = 0; i < NB_LEN(text); i++)
        (void)nb_translate(&t, &(nb_output){NB_STDERR, nb_str_from(text[i]), true}, &out);
    assert_str(nb_buf_view(&t.exception), "ValueError: bad");
    assert_int_equal(t.last_place.cell, 6);
    assert_int_equal(t.last_place.line, 5);
    nb_translator_release(&t);
}

static const struct {
    const char *name;
    struct {
        char stream; /* 'o', 'e' */
        const char *text;
        bool ended;
    } in[6];
    const char *want;
} mixes[] = {
    {"lines in turn",                                     {{'o', "a", true}, {'e', "b", true}, {'o', "c", true}}, "a\nb\nc\n"},
    {"a line in pieces",                                  {{'o', "a", false}, {'o', "b", true}},                  "ab\n"     },
    {"an unfinished line is ended for the other stream",
     {{'e', "\r10%", false}, {'o', "epoch", true}, {'e', "\r20%", false}, {'e', "", true}},
     "\r10%\nepoch\n\r20%\n"                                                                                                 },
    {"its own end is not written twice",
     {{'e', "10%", false}, {'o', "epoch", true}, {'e', "", true}, {'o', "x", true}},
     "10%\nepoch\nx\n"                                                                                                       },
    {"an empty line stays",                               {{'o', "", true}, {'e', "", true}, {'o', "x", true}},   "\n\nx\n"  },
    {"both unfinished",
     {{'o', "a", false}, {'e', "b", false}, {'o', "c", true}, {'e', "d", true}},
     "a\nb\nc\nd\n"                                                                                                          },
    {"a frame held back does not split the other stream",
     {{'e', "  File \"", false}, {'o', "out", true}, {'e', F "\", line 20", true}},
     "out\n  File \"nb/iris.ipynb\", cell 6, line 3 (train.py:20)\n"                                                         },
};

static void streams_do_not_mix_lines(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_LEN(mixes); i++) {
        NB_AUTO(nb_buf) seen = NB_BUF_INIT(NB_BUF_TEXT);
        nb_transcript t;
        nb_transcript_init(&t, &map);
        for (size_t j = 0; j < NB_LEN(mixes[i].in) && mixes[i].in[j].stream; j++) {
            nb_output piece = {mixes[i].in[j].stream == 'o' ? NB_STDOUT : NB_STDERR,
                               nb_str_from(mixes[i].in[j].text), mixes[i].in[j].ended};
            nb_buf_put(&seen, nb_transcript_add(&t, &piece));
        }
        nb_transcript_release(&t);
        print_message("case %zu: %s\n", i, mixes[i].name);
        assert_str(nb_buf_view(&seen), mixes[i].want);
    }
}

/* --- the file ------------------------------------------------------------------------------------ */

static int set_up(void **state)
{
    char *folder = strdup("/tmp/nb-map-XXXXXX");
    assert_non_null(folder);
    *state = folder;
    return mkdtemp(folder) ? 0 : -1;
}

static void put(const char *folder, const char *name, const char *text)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    const char *path = nb_arena_printf(&arena, "%s/%s", folder, name).at;
    assert_ok(nb_file_replace(path, nb_str_from(text), 0666, &err), &err);
}

static int tear_down(void **state)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    (void)unlink(nb_arena_printf(&arena, "%s/.notebooked-map.json", (char *)*state).at);
    (void)unlink(nb_arena_printf(&arena, "%s/train.py", (char *)*state).at);
    (void)rmdir(*state);
    free(*state);
    return 0;
}

static void a_map_is_read(void **state)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_line_map got;
    nb_cell_place place = {0};
    nb_str folder = nb_str_from(*state), script = NB_STR("print(1)\n");
    assert_ok(nb_line_map_load(&arena, folder, &got, &err), &err); /* none there */
    assert_int_equal(got.count, 0);
    put(*state, "train.py", script.at);
    put(*state, ".notebooked-map.json",
        nb_arena_printf(
            &arena,
            "{\"version\": 1, \"notebook\": \"a.ipynb\", \"files\": {\"train.py\": {\"sha256\": "
            "\"" NB_STR_FMT
            "\", \"lines\": [[1, 1, 4, 2], [5, 2, 7, 1], \"x\", [9]]}, \"gone.py\": {}}}",
            NB_STR_ARG(nb_sha256_hex(&arena, script)))
            .at);
    assert_ok(nb_line_map_load(&arena, folder, &got, &err), &err);
    assert_str(got.notebook, "a.ipynb");
    assert_int_equal(got.count, 1);
    nb_str path = nb_arena_printf(&arena, "%s/train.py", (char *)*state);
    assert_true(nb_line_map_find(&got, path, 6, &place));
    assert_int_equal(place.cell, 7);
    assert_int_equal(place.line, 2);
    assert_false(nb_line_map_find(&got, path, 2, &place));
    assert_false(nb_line_map_find(&got, NB_STR("train.py"), 6, &place));
    put(*state, "train.py", "print(2)\n"); /* edited: its lines are elsewhere now */
    assert_ok(nb_line_map_load(&arena, folder, &got, &err), &err);
    assert_int_equal(got.count, 0);
}

static void a_damaged_map_is_an_error(void **state)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_line_map got;
    put(*state, ".notebooked-map.json", "{\"version\": ");
    assert_int_not_equal(nb_line_map_load(&arena, nb_str_from(*state), &got, &err), NB_OK);
    put(*state, ".notebooked-map.json", "[]");
    assert_ok(nb_line_map_load(&arena, nb_str_from(*state), &got, &err), &err);
    assert_int_equal(got.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_name_cells),
        cmocka_unit_test(cuts_change_nothing),
        cmocka_unit_test(the_last_exception_is_remembered),
        cmocka_unit_test(streams_do_not_mix_lines),
        cmocka_unit_test_setup_teardown(a_map_is_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_damaged_map_is_an_error, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("provider/traceback", tests, NULL, NULL);
}
