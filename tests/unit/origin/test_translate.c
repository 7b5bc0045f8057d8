#include "nb_test.h"

#include "origin/translate.h"

static const nb_origin_range train_ranges[] = {
    {10, 3, 2, 1},
    {20, 5, 6, 3},
};
static const nb_origin_range wine_ranges[] = {
    {1, 2, 9, 1},
};
static const nb_origin_range copy_ranges[] = {
    {1, 9, 0, 1},
};
static const nb_origin_file files[] = {
    {.name = NB_STR_ROW("train.py"),
     .ranges = train_ranges,
     .count = 2,
     .text = NB_STR_ROW(
         "\n\n\n\n\n\n\n\n\n10\n11\n12\n\n\n\n\n\n\n\n    clf.fit(X)\n21\n22\n23\n24\n")},
    {                                     .name = NB_STR_ROW("edited.py"),         .ranges = wine_ranges, .count = 1, .state = NB_ORIGIN_EDITED            },
    { .name = NB_STR_ROW("helpers/plot.py"),
     .source = NB_STR_ROW("nb/plot.py"),
     .ranges = copy_ranges,
     .count = 1,
     .state = NB_ORIGIN_MISSING},
};
static const nb_origin_file wine_files[] = {
    {.name = NB_STR_ROW("train.py"),
     .ranges = wine_ranges,
     .count = 1,
     .text = NB_STR_ROW("wine()\nb\n")},
};
static const nb_origin_map maps[] = {
    {NB_STR_ROW("/p/generated/iris"), NB_STR_ROW("nb/iris.ipynb"), files,      3},
    {NB_STR_ROW("/p/generated/wine"), NB_STR_ROW("nb/wine.ipynb"), wine_files, 1},
};
static const nb_origins here = {maps, 1, false};
static const nb_origins anywhere = {maps, 1, true};
static const nb_origins both = {maps, 2, true};

#define F "/p/generated/iris/train.py"

/* --- lines of this machine's scripts ------------------------------------------------------------------------------- */

static const struct {
    const char *line, *want; /* NULL: as it is */
} lines[] = {
    {"  File \"" F "\", line 20, in main",
     "  File \"nb/iris.ipynb\", cell 6, line 3, in main (train.py:20)"                                                                                 },
    {"  File \"" F "\", line 24, in fit",
     "  File \"nb/iris.ipynb\", cell 6, line 7, in fit (train.py:24)"                                                                                  },
    {"  File \"" F "\", line 12",                                                       "  File \"nb/iris.ipynb\", cell 2, line 3 (train.py:12)"       },
    {"  |     File \"" F "\", line 10, in f",                                           /* exception groups */
     "  |     File \"nb/iris.ipynb\", cell 2, line 1, in f (train.py:10)"                                 },
    {"  File \x1b[35m\"" F "\"\x1b[0m, line \x1b[35m20\x1b[0m, in \x1b[35mmain\x1b[0m",
     "  File \x1b[35m\"nb/iris.ipynb\"\x1b[0m, cell 6, line \x1b[35m3\x1b[0m, in \x1b[35mmain\x1b[0m (train.py:20)"                                    },
    {"  File \"" F "\", line 20, in main\r",
     "  File \"nb/iris.ipynb\", cell 6, line 3, in main (train.py:20)\r"                                                                               },
    {"[rank0]:   File \"" F "\", line 20, in main",
     "[rank0]:   File \"nb/iris.ipynb\", cell 6, line 3, in main (train.py:20)"                                                                        },
    {"2024-05-01T12:00:00.000Z\t  File \"" F "\", line 20, in main",
     "2024-05-01T12:00:00.000Z\t  File \"nb/iris.ipynb\", cell 6, line 3, in main (train.py:20)"                                                       },
    {"  File \"/p/generated/iris/helpers/plot.py\", line 4, in draw",
     "  File \"nb/plot.py\", line 4, in draw (helpers/plot.py:4)"                                                                                      },
    {F ":21: UserWarning: odd",                                                         "nb/iris.ipynb: cell 6, line 4 (train.py:21): UserWarning: odd"},
    {F ":21:",                                                                          "nb/iris.ipynb: cell 6, line 4 (train.py:21):"                 },
    {"at " F ":21: x, " F ":10: y",
     "at nb/iris.ipynb: cell 6, line 4 (train.py:21): x, nb/iris.ipynb: cell 2, line 1 (train.py:10): y"                                               },
    {"\x1b[1m\x1b[31m" F "\x1b[0m:21: ValueError",
     "\x1b[1m\x1b[31mnb/iris.ipynb\x1b[0m: cell 6, line 4 (train.py:21): ValueError"                                                                   },
    {"/p/generated/iris/helpers/plot.py:4: UserWarning: odd",
     "nb/plot.py:4 (helpers/plot.py:4): UserWarning: odd"                                                                                              },
 /* what stays as it is */
    {"  File \"" F "\", line 13, in main",                                              NULL                                                           },
    {"  File \"" F "\", line 25, in main",                                              NULL                                                           },
    {"  File \"" F "\", line 99999999999999999999, in main",                            NULL                                                           },
    {"  File \"" F "\", line , in main",                                                NULL                                                           },
    {"  File \"" F "\", line -1, in main",                                              NULL                                                           },
    {"  File \"" F "\" line 20",                                                        NULL                                                           },
    {"  File \"" F ", line 20",                                                         NULL                                                           },
    {"  File \"/elsewhere/train.py\", line 20, in main",                                NULL                                                           },
    {"  File \"/p/generated/iris/other.py\", line 20, in main",                         NULL                                                           },
    {"  File \"/p/generated/iris/edited.py\", line 1, in main",                         NULL                                                           },
    {"  File \"/p/generated/iris/sub/train.py\", line 20, in main",                     NULL                                                           },
    {"File \"" F "\", line 20, in main",                                                NULL                                                           },
    {"see File \"" F "\", line 20",                                                     NULL                                                           },
    {F ":13: UserWarning: odd",                                                         NULL                                                           },
    {F ":21:7: error",                                                                  NULL                                                           },
    {F ":21 in main",                                                                   NULL                                                           },
    {F ":x",                                                                            NULL                                                           },
    {F,                                                                                 NULL                                                           },
    {"x" F ":21: UserWarning",                                                          NULL                                                           },
    {"",                                                                                NULL                                                           },
    {"  ",                                                                              NULL                                                           },
    {"  File",                                                                          NULL                                                           },
    {"\x1b[31mred\x1b[0m",                                                              NULL                                                           },
    {"\x1b",                                                                            NULL                                                           },
    {"\x1b[",                                                                           NULL                                                           },
};

static nb_str translated(nb_arena *arena, const nb_origins *origins, nb_str line, size_t cut)
{
    NB_AUTO(nb_buf) seen = NB_BUF_INIT(NB_BUF_TEXT);
    nb_translator t;
    nb_translator_init(&t, origins);
    nb_buf_put(&seen, nb_translate(&t, nb_str_slice(line, 0, cut), false));
    nb_buf_put(&seen, nb_translate(&t, nb_str_from_at(line, cut), true));
    nb_buf_put(&seen, nb_translate(&t, NB_STR("after"), true));
    nb_translator_release(&t);
    return nb_arena_str(arena, nb_buf_view(&seen));
}

/* However a line is cut. */
static void frames_name_cells(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_LEN(lines); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        nb_str line = nb_str_from(lines[i].line);
        const char *want =
            nb_arena_printf(&arena, "%s\nafter\n", lines[i].want ? lines[i].want : line.at).at;
        print_message("case %zu: %s\n", i, line.at);
        for (size_t cut = 0; cut <= line.len; cut++)
            assert_str(translated(&arena, &here, line, cut), want);
    }
}

static void folders_may_have_blanks(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    const nb_origin_map map = {NB_STR("/my projects/generated/iris"), NB_STR("a b.ipynb"), files,
                               1};
    const nb_origins origins = {&map, 1, false};
    nb_str line = NB_STR("/my projects/generated/iris/train.py:20: UserWarning");
    for (size_t cut = 0; cut <= line.len; cut++)
        assert_str(translated(&arena, &origins, line, cut),
                   "a b.ipynb: cell 6, line 3 (train.py:20): UserWarning\nafter\n");
}

/* Progress bars and prompts are not kept waiting. */
static void what_cannot_matter_passes_at_once(void **state)
{
    (void)state;
    static const char *const pieces[] = {"\r10%|###   | 1/10 [00:01<", "Epoch 3/10: loss=0.3",
                                         "name? ", "/usr/lib/x", "x  Fil"};
    static const char *const now[] = {"\r10%|###   | 1/10 [00:01<", "Epoch 3/10: loss=0.3", "name?",
                                      "/usr/lib/x", "x"};
    for (size_t i = 0; i < NB_LEN(pieces); i++) {
        nb_translator t;
        nb_translator_init(&t, &here);
        assert_str(nb_translate(&t, nb_str_from(pieces[i]), false), now[i]);
        nb_translator_release(&t);
    }
}

/* Nothing is decided by how much of a long line is there. */
static void long_lines_pass(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    for (size_t extra = 0; extra < 3; extra++) {
        NB_AUTO(nb_buf) line = NB_BUF_INIT(NB_BUF_TEXT);
        nb_buf_putz(&line, "  File \"" F "\", line 20, in ");
        nb_buf_repeat(&line, 'x', NB_HELD_LIMIT - 1 - line.len + extra);
        nb_str whole = translated(&arena, &here, nb_buf_view(&line), 0);
        assert_int_equal(nb_str_starts(whole, NB_STR("  File \"nb/")), extra < 2);
        for (size_t cut = line.len - 4; cut <= line.len; cut++)
            assert_true(nb_str_eq(whole, translated(&arena, &here, nb_buf_view(&line), cut)));
    }
}

/* --- texts of which nobody knows where they come from -------------------------------------------------------------- */

static const struct {
    const char *name;
    const nb_origins *origins;
    const char *text, *want; /* NULL: as it is */
} texts[] = {
    {"another machine",                                &anywhere,
     "Traceback (most recent call last):\n  File \"/opt/ml/code/train.py\", line 20, in <module>\n    clf.fit(X)\nValueError\n",
     "Traceback (most recent call last):\n  File \"nb/iris.ipynb\", cell 6, line 3, in <module> (train.py:20)\n    clf.fit(X)\nValueError\n"                                                                                                                               },
    {"no source lines",                                &anywhere,
     "  File \"/mnt/x/train.py\", line 20, in f\n  File \"/mnt/x/train.py\", line 10, in g\nValueError: x\n",
     "  File \"nb/iris.ipynb\", cell 6, line 3, in f (train.py:20)\n  File \"nb/iris.ipynb\", cell 2, line 1, in g (train.py:10)\nValueError: x\n"                                                                                                                         },
    {"another version of the script",                  &anywhere,
     "  File \"/opt/ml/code/train.py\", line 20, in f\n    clf.fit(Y)\nValueError\n",                                                     NULL                                                                                                                             },
    {"carets",                                         &anywhere,
     "  File \"train.py\", line 20, in f\r\n    clf.fit(X)\r\n    ~~~~~~~^^^\r\nValueError\r\n",                                          "  File \"nb/iris.ipynb\", cell 6, line 3, in f (train.py:20)\r\n    clf.fit(X)\r\n    ~~~~~~~^^^\r\nValueError\r\n"             },
    {"prefixes",                                       &anywhere,
     "[rank1]:   File \"train.py\", line 20, in f\n[rank1]:     clf.fit(X)\n[rank1]:   File \"train.py\", line 20\n[rank1]:     other\n",
     "[rank1]:   File \"nb/iris.ipynb\", cell 6, line 3, in f (train.py:20)\n[rank1]:     clf.fit(X)\n[rank1]:   File \"train.py\", line 20\n[rank1]:     other\n"                                                                                                         },
    {"colours",                                        &anywhere,
     "\x1b[1mp\x1b[0m   File \x1b[35m\"train.py\"\x1b[0m, line \x1b[35m20\x1b[0m\n\x1b[1mp\x1b[0m     clf.\x1b[1;31mfit\x1b[0m(X)\n",
     "\x1b[1mp\x1b[0m   File \x1b[35m\"nb/iris.ipynb\"\x1b[0m, cell 6, line \x1b[35m3\x1b[0m (train.py:20)\n\x1b[1mp\x1b[0m     clf.\x1b[1;31mfit\x1b[0m(X)\n"                                                                                                             },
    {"the last line has no end",                       &anywhere, "  File \"train.py\", line 20",
     "  File \"nb/iris.ipynb\", cell 6, line 3 (train.py:20)"                                                                                                                                                                                                              },
    {"nor has the source line",                        &anywhere, "  File \"train.py\", line 20\n    clf.fit(X)",
     "  File \"nb/iris.ipynb\", cell 6, line 3 (train.py:20)\n    clf.fit(X)"                                                                                                                                                                                              },
    {"nor the wrong one",                              &anywhere, "  File \"train.py\", line 20\n    clf.fit(",                           NULL                                                                                                                             },
    {"pytest",                                         &anywhere,
     "generated/iris/train.py:20: in main\n    clf.fit(X)\ntrain.py:21: ValueError\n",                                                    "nb/iris.ipynb: cell 6, line 3 (train.py:20): in main\n    clf.fit(X)\nnb/iris.ipynb: cell 6, line 4 (train.py:21): ValueError\n"},
    {"two experiments",                                &both,     "  File \"/opt/train.py\", line 1, in f\nValueError\n",                 NULL                                                                                                                             },
    {"two experiments, told apart by the source line", &both,
     "  File \"/opt/train.py\", line 1, in f\n    wine()\n",                                                                              "  File \"nb/wine.ipynb\", cell 9, line 1, in f (train.py:1)\n    wine()\n"                                                      },
    {"two experiments, told apart by the folder",      &both,
     "  File \"/mnt/wine/train.py\", line 2, in f\n",                                                                                     "  File \"nb/wine.ipynb\", cell 9, line 2, in f (train.py:2)\n"                                                                  },
    {"our words",                                      &anywhere, "12:30:01 INFO: loss: 3\nhttp://x:80: y\n\ttab\n\x01\x02\xff\n",        NULL                                                                                                                             },
};

static nb_str in_pieces(nb_arena *arena, const nb_origins *origins, nb_str text, size_t size)
{
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    nb_translator t;
    nb_translator_init(&t, origins);
    t.check_source = true;
    for (size_t at = 0; at < text.len; at += size)
        nb_translate_bytes(&t, nb_str_slice(text, at, at + size), &out);
    nb_buf_put(&out, nb_translate_end(&t));
    nb_translator_release(&t);
    return nb_arena_str(arena, nb_buf_view(&out));
}

static void foreign_texts_are_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_LEN(texts); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        nb_str text = nb_str_from(texts[i].text);
        print_message("case %zu: %s\n", i, texts[i].name);
        for (size_t size = 1; size <= text.len; size++)
            assert_str(in_pieces(&arena, texts[i].origins, text, size),
                       texts[i].want ? texts[i].want : text.at);
    }
}

static void whoever_asks_hears(void **state)
{
    (void)state;
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    nb_translator t;
    nb_translator_init(&t, &both);
    t.check_source = true;
    nb_translate_bytes(&t,
                       NB_STR("  File \"/a/train.py\", line 1\nx\n"
                              "  File \"/a/edited.py\", line 1\n    x\n"
                              "  File \"/a/wine/train.py\", line 1\n    no\n"
                              "  File \"/a/iris/train.py\", line 7\n"),
                       &out);
    (void)nb_translate_end(&t);
    assert_int_equal(t.left[NB_ORIGIN_AMBIGUOUS], 1);
    assert_int_equal(t.left[NB_ORIGIN_CHANGED], 1);
    assert_int_equal(t.left[NB_ORIGIN_OTHER], 1);
    assert_int_equal(t.left[NB_ORIGIN_GENERATED], 1);
    assert_str(t.left_at[NB_ORIGIN_CHANGED].file->name, "edited.py");
    nb_translator_release(&t);
}

/* --- what a traceback is about ------------------------------------------------------------------------------------- */

static const struct {
    const char *text, *exception;
    int64_t cell, line;
} ends[] = {
    {"Traceback (most recent call last):\n  File \"" F
     "\", line 10, in f\n    g()\nKeyError: 'first'\n\n"
     "During handling of the above exception, another exception occurred:\n\n"
     "Traceback (most recent call last):\n  File \"" F "\", line 5, in <module>\n  File \"" F
     "\", line 22, in main\n    clf.fit(X)\n    ^^^^^^^^^^\n"
     "  File \"/usr/lib/python3/sklearn/base.py\", line 3, in fit\n    raise ValueError('bad\\nworse')\nValueError: bad\nworse\n",
     "ValueError: bad",                                                                                                                                6, 5},
    {"[rank0]: Traceback (most recent call last):\n[rank0]:   File \"" F
     "\", line 10, in f\nnoise\n[rank0]:     g()\n[rank0]: KeyError: 1\n",                                                         "KeyError: 1", 2, 1},
    {"Traceback (most recent call last):\n  File \"/x.py\", line 10, in f\nKeyError",                                                   "KeyError",    0,
     0                                                                                                                                                     },
    {"no traceback\n",                                                                                                                  "",            0, 0},
};

static void the_last_exception_is_remembered(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_LEN(ends); i++) {
        NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
        nb_translator t;
        nb_translator_init(&t, &here);
        nb_translate_bytes(&t, nb_str_from(ends[i].text), &out);
        (void)nb_translate_end(&t);
        assert_str(nb_buf_view(&t.exception), ends[i].exception);
        assert_int_equal(t.last_place.cell, ends[i].cell);
        assert_int_equal(t.last_place.line, ends[i].line);
        nb_translator_release(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_name_cells),
        cmocka_unit_test(folders_may_have_blanks),
        cmocka_unit_test(what_cannot_matter_passes_at_once),
        cmocka_unit_test(long_lines_pass),
        cmocka_unit_test(foreign_texts_are_told),
        cmocka_unit_test(whoever_asks_hears),
        cmocka_unit_test(the_last_exception_is_remembered),
    };
    return cmocka_run_group_tests_name("origin/translate", tests, NULL, NULL);
}
