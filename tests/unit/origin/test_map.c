#include "nb_test.h"

#include "base/fs.h"
#include "base/path.h"
#include "origin/map.h"
#include "text/hash.h"

#include <unistd.h>

#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define FILE_(lines)                                                                             \
    "{\"version\": 1, \"notebook\": \"a.ipynb\", \"files\": {\"train.py\": {\"sha256\": \"" HASH \
    "\", \"lines\": " lines "}}}"

/* --- reading --------------------------------------------------------------------------------------------------------- */

static const struct {
    const char *text, *why; /* why: of the message; NULL: it is a map */
} texts[] = {
    {FILE_("[]"),                                                                                NULL                       },
    {FILE_("[[1, 2, 3, 4], [3, 1, 1, 1]]"),                                                      NULL                       },
    {"{\"version\": 1, \"notebook\": \"a.ipynb\", \"files\": {}, \"more\": 1}",                  NULL                       },
    {"{\"version\": ",                                                                           "cannot use the source map"},
    {"",                                                                                         "cannot use the source map"},
    {"[]",                                                                                       "no 'version'"             },
    {"{\"version\": \"1\"}",                                                                     "no 'version'"             },
    {"{\"version\": 0}",                                                                         "no 'version'"             },
    {"{\"version\": 2, \"anything\": []}",                                                       "newer notebooked"         },
    {"{\"version\": 1, \"files\": {}}",                                                          "names no notebook"        },
    {"{\"version\": 1, \"notebook\": \"a\", \"files\": []}",                                     "names no notebook"        },
    {"{\"version\": 1, \"notebook\": \"a\", \"files\": {\"a.py\": {}}}",                         "has no 'sha256'"          },
    {"{\"version\": 1, \"notebook\": \"a\", \"files\": {\"../a.py\": {}}}",                      "leads out"                },
    {"{\"version\": 1, \"notebook\": \"a\", \"files\": {\"/a.py\": {}}}",                        "leads out"                },
    {"{\"version\": 1, \"notebook\": \"a\", \"files\": {\"\": {}}}",                             "leads out"                },
    {"{\"version\": 1, \"notebook\": \"a\", \"files\": {\"a.py\": {\"sha256\": \"" HASH "\"}}}",
     "no list 'lines'"                                                                                                      },
    {FILE_("[1]"),                                                                               "four numbers"             },
    {FILE_("[[1, 2, 3]]"),                                                                       "four numbers"             },
    {FILE_("[[1, 2, 3, 4, 5]]"),                                                                 "four numbers"             },
    {FILE_("[[1, 2, 3, \"4\"]]"),                                                                "four numbers"             },
    {FILE_("[[0, 1, 1, 1]]"),                                                                    "four numbers"             },
    {FILE_("[[1, 0, 1, 1]]"),                                                                    "four numbers"             },
    {FILE_("[[1, 1.5, 1, 1]]"),                                                                  "four numbers"             },
    {FILE_("[[1, 99999999999999999999, 1, 1]]"),                                                 "four numbers"             },
    {FILE_("[[1, 2, 3, 4], [2, 1, 1, 1]]"),                                                      "do not ascend"            },
    {FILE_("[[1, 2, 0, 4]]"),                                                                    "names no cell"            },
};

static void maps_are_read_or_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_LEN(texts); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        nb_origin_map map;
        print_message("case %zu: %s\n", i, texts[i].text);
        nb_code code =
            nb_origin_map_read(&arena, nb_str_from(texts[i].text), NB_STR("m.json"), &map, &err);
        if (!texts[i].why) {
            assert_ok(code, &err);
            assert_str(map.notebook, "a.ipynb");
            continue;
        }
        assert_int_not_equal(code, NB_OK);
        assert_non_null(strstr(nb_error_message(&err, 0), texts[i].why));
        assert_non_null(err.hint);
    }
}

/* --- asking ------------------------------------------------------------------------------------------------------------ */

static const nb_origin_range iris_ranges[] = {
    {10, 3, 2, 1},
    {20, 5, 6, 3},
    {30, 1, 6, 3},
};
static const nb_origin_range copy_ranges[] = {
    {4, 9, 0, 2},
};
static const nb_origin_range one[] = {
    {1, 2, 1, 1},
};
static const nb_origin_file iris_files[] = {
    {.name = NB_STR_ROW("train.py"),     .ranges = iris_ranges, .count = 3               },
    { .name = NB_STR_ROW("helpers/plot.py"),
     .source = NB_STR_ROW("nb/plot.py"),
     .ranges = copy_ranges,
     .count = 1},
    {                                                                           .name = NB_STR_ROW("edited.py"),                     .ranges = one,            .count = 1, .state = NB_ORIGIN_EDITED},
};
static const nb_origin_file wine_files[] = {
    {.name = NB_STR_ROW("train.py"),
     .ranges = one,
     .count = 1,
     .text = NB_STR_ROW("a = 1\n  b = 2\n")},
    {.name = NB_STR_ROW("wine.py"),
     .ranges = one,
     .count = 1,
     .text = NB_STR_ROW("a = 1\nb = 2\n")  },
};
static const nb_origin_map maps[] = {
    {NB_STR_ROW("/p/generated/iris"), NB_STR_ROW("nb/iris.ipynb"), iris_files, 3},
    {NB_STR_ROW("/p/generated/wine"), NB_STR_ROW("nb/wine.ipynb"), wine_files, 2},
};

static const struct {
    const char *path;
    int64_t line;
    const char *source;
    bool anywhere;
    nb_origin_answer answer;
    const char *where; /* "cell 6, line 3" */
} questions[] = {
    {"/p/generated/iris/train.py",        10, NULL,      false, NB_ORIGIN_FOUND,     "cell 2, line 1"},
    {"/p/generated/iris/train.py",        12, NULL,      false, NB_ORIGIN_FOUND,     "cell 2, line 3"},
    {"/p/generated/iris/train.py",        13, NULL,      false, NB_ORIGIN_GENERATED, NULL            },
    {"/p/generated/iris/train.py",        9,  NULL,      false, NB_ORIGIN_GENERATED, NULL            },
    {"/p/generated/iris/train.py",        30, NULL,      false, NB_ORIGIN_FOUND,     "cell 6, line 3"},
    {"/p/generated/iris/train.py",        31, NULL,      false, NB_ORIGIN_GENERATED, NULL            },
    {"/p/generated/iris/train.py",        0,  NULL,      false, NB_ORIGIN_UNKNOWN,   NULL            },
    {"/p/generated/iris/train.py",        -3, NULL,      true,  NB_ORIGIN_UNKNOWN,   NULL            },
    {"/p/generated/iris/helpers/plot.py", 5,  NULL,      false, NB_ORIGIN_FOUND,     "plot.py:3"     },
    {"/p/generated/iris/edited.py",       1,  NULL,      false, NB_ORIGIN_CHANGED,   NULL            },
    {"/p/generated/iris/sub/train.py",    10, NULL,      false, NB_ORIGIN_UNKNOWN,   NULL            },
    {"/opt/train.py",                     10, NULL,      false, NB_ORIGIN_UNKNOWN,   NULL            },
    {"train.py",                          10, NULL,      false, NB_ORIGIN_UNKNOWN,   NULL            },
 /* from another machine */
    {"/opt/ml/code/wine.py",              2,  NULL,      true,  NB_ORIGIN_FOUND,     "cell 1, line 2"},
    {"wine.py",                           2,  NULL,      true,  NB_ORIGIN_FOUND,     "cell 1, line 2"},
    {"/opt/xwine.py",                     2,  NULL,      true,  NB_ORIGIN_UNKNOWN,   NULL            },
    {"/opt/helpers/plot.py",              4,  NULL,      true,  NB_ORIGIN_FOUND,     "plot.py:2"     },
    {"/opt/plot.py",                      4,  NULL,      true,  NB_ORIGIN_UNKNOWN,   NULL            },
    {"/opt/ml/code/train.py",             1,  NULL,      true,  NB_ORIGIN_AMBIGUOUS, NULL            },
    {"/mnt/wine/train.py",                1,  NULL,      true,  NB_ORIGIN_FOUND,     "cell 1, line 1"},
    {"/mnt/iris/train.py",                10, NULL,      true,  NB_ORIGIN_FOUND,     "cell 2, line 1"},
    {"/p/generated/wine/train.py",        1,  NULL,      true,  NB_ORIGIN_FOUND,     "cell 1, line 1"},
 /* with what stands there */
    {"wine.py",                           2,  " b = 2 ", true,  NB_ORIGIN_FOUND,     "cell 1, line 2"},
    {"wine.py",                           2,  "b = 3",   true,  NB_ORIGIN_OTHER,     NULL            },
    {"wine.py",                           9,  "b = 3",   true,  NB_ORIGIN_OTHER,     NULL            },
    {"/p/generated/wine/train.py",        2,  "b = 2",   false, NB_ORIGIN_FOUND,     "cell 1, line 2"},
};

static void lines_come_from_somewhere(void **state)
{
    (void)state;
    nb_origin_file fresh[2][3];
    nb_origin_map all[2];
    for (size_t m = 0; m < 2;
         m++) { /* has_source() looks at files that are as they were generated */
        all[m] = maps[m];
        for (size_t f = 0; f < maps[m].count; f++) {
            fresh[m][f] = maps[m].files[f];
            if (fresh[m][f].text.len == 0 && fresh[m][f].state == NB_ORIGIN_FRESH)
                fresh[m][f].state = NB_ORIGIN_MISSING;
        }
        all[m].files = fresh[m];
    }
    for (size_t i = 0; i < NB_LEN(questions); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        nb_origins origins = {all, 2, questions[i].anywhere};
        nb_origin o;
        print_message("case %zu: %s:%d\n", i, questions[i].path, (int)questions[i].line);
        assert_int_equal(nb_origin_find(&origins, nb_str_from(questions[i].path), questions[i].line,
                                        nb_str_from(questions[i].source), &o),
                         questions[i].answer);
        if (questions[i].where)
            assert_str(nb_origin_text(&arena, &o), questions[i].where);
    }
}

static void beginnings_of_paths_are_known(void **state)
{
    (void)state;
    const nb_origins origins = {maps, 2, false}, anywhere = {maps, 2, true};
    static const char *const yes[] = {"",
                                      "/",
                                      "/p/gen",
                                      "/p/generated/iris",
                                      "/p/generated/wine/w",
                                      "/p/generated/iris/helpers/plot.py"};
    static const char *const no[] = {"x", "/q", "/p/generated/irisx", "/p/generated/iris/trainer",
                                     "/p/generated/iris/train.pyc"};
    for (size_t i = 0; i < NB_LEN(yes); i++)
        assert_true(nb_origin_may_name(&origins, nb_str_from(yes[i])));
    for (size_t i = 0; i < NB_LEN(no); i++)
        assert_false(nb_origin_may_name(&origins, nb_str_from(no[i])));
    assert_true(nb_origin_may_name(&anywhere, NB_STR("/opt/t")));
    assert_false(nb_origin_may_name(&anywhere, NB_STR("two words")));
}

static void cells_lead_back_to_lines(void **state)
{
    (void)state;
    int64_t line = 0, lines[9];
    size_t count = 0;
    while (nb_origin_next(&iris_files[0], 6, 3, &line))
        lines[count++] = line;
    assert_int_equal(count, 2);
    assert_int_equal(lines[0], 20);
    assert_int_equal(lines[1], 30);
    line = 0;
    count = 0;
    while (nb_origin_next(&iris_files[0], 2, 0, &line))
        lines[count++] = line;
    assert_int_equal(count, 3);
    assert_int_equal(lines[2], 12);
    line = 0;
    assert_false(nb_origin_next(&iris_files[0], 2, 9, &line));
    assert_false(nb_origin_next(&iris_files[0], 7, 0, &line));
}

static void functions_are_seen_in_text(void **state)
{
    (void)state;
    const nb_str text = NB_STR("import os\n"               /* 1 */
                               "\n"                        /* 2 */
                               "def parse(\n"              /* 3 */
                               "    a,\n"                  /* 4 */
                               "):\n"                      /* 5 */
                               "    def inner():\n"        /* 6 */
                               "        pass\n"            /* 7 */
                               "\n"                        /* 8 */
                               "    return 1\n"            /* 9 */
                               "X = 1\n"                   /* 10 */
                               "class C(B):\n"             /* 11 */
                               "    async def go(self):\n" /* 12 */
                               "        pass\n" /* 13 */);
    static const char *const want[] = {
        "", "", "parse", "parse", "parse", "parse", "parse", "parse", "parse", "", "C", "C", "C"};
    for (size_t i = 0; i < NB_LEN(want); i++)
        assert_str(nb_origin_function(text, (int64_t)i + 1), want[i]);
    assert_str(nb_origin_function(text, 99), "C");
    assert_str(nb_origin_function(NB_STR(""), 1), "");
}

/* --- on disk ------------------------------------------------------------------------------------------------------------ */

static void files_are_compared_with_the_map(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    char folder[] = "/tmp/nb-map-XXXXXX";
    assert_non_null(mkdtemp(folder));
    nb_str base = nb_str_from(folder), script = NB_STR("print(1)\n");
    nb_str path = nb_path_join(&arena, base, NB_STR(NB_ORIGIN_FILE));
    nb_str train = nb_path_join(&arena, base, NB_STR("train.py"));
    nb_origin_map map;
    assert_int_equal(nb_origin_map_load(&arena, base, &map, &err), NB_ERR_NOT_FOUND);
    nb_str text = nb_arena_printf(
        &arena,
        "{\"version\": 1, \"notebook\": \"a.ipynb\", \"files\": {\"train.py\": {\"sha256\": \"" NB_STR_FMT
        "\", \"lines\": [[1, 1, 4, 2]]}}}",
        NB_STR_ARG(nb_sha256_hex(&arena, script)));
    assert_ok(nb_file_replace(path.at, text, 0666, &err), &err);
    assert_ok(nb_origin_map_load(&arena, base, &map, &err), &err);
    assert_int_equal(map.files[0].state, NB_ORIGIN_MISSING);
    assert_ok(nb_file_replace(train.at, script, 0666, &err), &err);
    assert_ok(nb_origin_map_load(&arena, base, &map, &err), &err);
    assert_int_equal(map.files[0].state, NB_ORIGIN_FRESH);
    assert_str(map.files[0].text, "print(1)\n");
    assert_str(map.folder, folder);
    assert_ok(nb_file_replace(train.at, NB_STR("print(2)\n"), 0666, &err), &err);
    assert_ok(nb_origin_map_load(&arena, base, &map, &err), &err);
    assert_int_equal(map.files[0].state, NB_ORIGIN_EDITED);
    (void)unlink(path.at);
    (void)unlink(train.at);
    (void)rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(maps_are_read_or_refused),
        cmocka_unit_test(lines_come_from_somewhere),
        cmocka_unit_test(beginnings_of_paths_are_known),
        cmocka_unit_test(cells_lead_back_to_lines),
        cmocka_unit_test(functions_are_seen_in_text),
        cmocka_unit_test(files_are_compared_with_the_map),
    };
    return cmocka_run_group_tests_name("origin/map", tests, NULL, NULL);
}
