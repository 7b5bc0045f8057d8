#include "nb_test.h"

#include "base/path.h"

#include <sys/stat.h>
#include <unistd.h>

static void paths_are_joined_with_one_slash(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        {"a",   "b",   "a/b"  },
        {"a/",  "b",   "a/b"  },
        {"a//", "b/c", "a/b/c"},
        {"/",   "b",   "/b"   },
        {"",    "b",   "b"    },
        {"a",   "/b",  "/b"   },
        {"",    "",    ""     },
    };
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    for (size_t i = 0; i < NB_LEN(cases); i++)
        assert_str(nb_path_join(&arena, nb_str_from(cases[i][0]), nb_str_from(cases[i][1])),
                   cases[i][2]);
}

static void parts_of_a_path(void **state)
{
    (void)state;
    static const struct {
        const char *path, *dir, *base, *stem;
    } cases[] = {
        {"a/b.py",     "a",   "b.py",     "b"      },
        {"b.py",       ".",   "b.py",     "b"      },
        {"/x",         "/",   "x",        "x"      },
        {"a//b",       "a",   "b",        "b"      },
        {"a/b.tar.gz", "a",   "b.tar.gz", "b.tar"  },
        {".bashrc",    ".",   ".bashrc",  ".bashrc"},
        {"a/..",       "a",   "..",       ".."     },
        {"a/b/",       "a/b", "",         ""       },
        {"/",          "/",   "",         ""       },
        {"",           ".",   "",         ""       },
    };
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        assert_str(nb_path_dir(nb_str_from(cases[i].path)), cases[i].dir);
        assert_str(nb_path_base(nb_str_from(cases[i].path)), cases[i].base);
        assert_str(nb_path_stem(nb_str_from(cases[i].path)), cases[i].stem);
    }
}

static void paths_are_cleaned(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"",              "."      },
        {".",             "."      },
        {"./",            "."      },
        {"a//b/./c/",     "a/b/c"  },
        {"a/../b",        "b"      },
        {"a/..",          "."      },
        {"../a",          "../a"   },
        {"a/../../b",     "../b"   },
        {"../../a/../b",  "../../b"},
        {"/",             "/"      },
        {"/..",           "/"      },
        {"/../a//b/../c", "/a/c"   },
        {"..a/...",       "..a/..."},
    };
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    for (size_t i = 0; i < NB_LEN(cases); i++)
        assert_str(nb_path_clean(&arena, nb_str_from(cases[i][0])), cases[i][1]);
}

static void paths_are_seen_from_a_folder(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        {"/a/d", "/a/b/c", "../b/c"},
        {"/a",   "/a/b",   "b"     },
        {"/a/b", "/a",     ".."    },
        {"/a",   "/a",     "."     },
        {"/",    "/x/y",   "x/y"   },
        {"/x/y", "/",      "../.." },
        {"/ab",  "/a",     "../a"  },
    };
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    for (size_t i = 0; i < NB_LEN(cases); i++)
        assert_str(nb_path_relative(&arena, nb_str_from(cases[i][0]), nb_str_from(cases[i][1])),
                   cases[i][2]);
}

static void absolute_paths_start_at_the_current_folder(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    char *here = getcwd(NULL, 0);
    nb_str out;
    assert_ok(nb_path_absolute(&arena, NB_STR("x/../y"), &out, &err), &err);
    assert_str(out, nb_path_join(&arena, nb_str_from(here), NB_STR("y")).at);
    assert_ok(nb_path_absolute(&arena, NB_STR("/x/./y"), &out, &err), &err);
    assert_str(out, "/x/y");
    free(here);
}

/* root/          a folder          root/in -> folder           root/abs -> (the absolute path of root/folder)
 * root/file      a file            root/out -> ..              root/rooted -> /
 * root/folder/up -> ../..          root/chain -> folder/up     root/dangling -> folder/none
 * root/sibling -> ../root2         root/loop -> loop           root2/ */
static void make_links(const char *top)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    assert_int_equal(chdir(top), 0);
    assert_int_equal(mkdir("root", 0777) | mkdir("root/folder", 0777) | mkdir("root2", 0777), 0);
    assert_int_equal(symlink("folder", "root/in") | symlink("..", "root/out"), 0);
    assert_int_equal(symlink("../..", "root/folder/up") | symlink("folder/up", "root/chain"), 0);
    assert_int_equal(symlink("folder/none", "root/dangling") | symlink("loop", "root/loop"), 0);
    assert_int_equal(symlink("../root2", "root/sibling") | symlink("/", "root/rooted"), 0);
    assert_int_equal(symlink(nb_arena_printf(&arena, "%s/root/folder", top).at, "root/abs"), 0);
    FILE *file = fopen("root/file", "w");
    assert_non_null(file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(symlink("root", "root_link"), 0);
}

static void remove_links(const char *top, const char *home)
{
    static const char *const names[] = {
        "root/in",   "root/out",     "root/folder/up", "root/chain", "root/dangling",
        "root/loop", "root/sibling", "root/rooted",    "root/abs",   "root/file",
        "root_link", "root/folder",  "root",           "root2"};
    for (size_t i = 0; i < NB_LEN(names); i++)
        assert_int_equal(remove(names[i]), 0);
    assert_int_equal(chdir(home), 0);
    assert_int_equal(rmdir(top), 0);
}

static void no_path_leads_out_of_its_root(void **state)
{
    (void)state;
    static const struct {
        const char *root, *path;
        const char *out; /* NULL: refused */
    } cases[] = {
        {"root",      "x.py",            "root/x.py"     },
        {"root",      "a/b/c.py",        "root/a/b/c.py" },
        {"root/",     "a//./b.py",       "root/a/b.py"   },
        {"root",      "a/../b.py",       "root/b.py"     },
        {"root",      ".",               "root"          },
        {"root",      "",                "root"          },
        {"root",      "..name",          "root/..name"   },
        {"root",      "in/x",            "root/in/x"     },
        {"root",      "abs/x",           "root/abs/x"    },
        {"root",      "file",            "root/file"     },
        {"root",      "out/../x",        "root/x"        }, /* the link is not on the way any more */
        {"root_link", "in/x",            "root_link/in/x"},
        {"none/yet",  "a/b",             "none/yet/a/b"  },
        {"/",         "tmp/x",           "/tmp/x"        },
        {"root",      "..",              NULL            },
        {"root",      "../root2/x",      NULL            },
        {"root",      "a/../../x",       NULL            },
        {"root",      "../../x",         NULL            },
        {"root",      "/etc/passwd",     NULL            },
        {"root",      "out",             NULL            },
        {"root",      "out/x",           NULL            },
        {"root",      "out/root2/new/x", NULL            },
        {"root",      "folder/up/x",     NULL            },
        {"root",      "in/up/x",         NULL            },
        {"root",      "chain/x",         NULL            },
        {"root",      "rooted/tmp",      NULL            },
        {"root",      "sibling/x",       NULL            }, /* 'root2' starts like 'root' */
        {"root",      "dangling",        NULL            },
        {"root",      "dangling/x",      NULL            },
        {"root",      "loop/x",          NULL            },
        {"root_link", "chain/x",         NULL            },
        {"none/yet",  "../x",            NULL            },
    };
    char top[] = "/tmp/nb-path-XXXXXX";
    char *home = getcwd(NULL, 0);
    assert_non_null(mkdtemp(top));
    make_links(top);
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        nb_str out = NB_STR("untouched");
        nb_code code = nb_path_inside(&arena, nb_str_from(cases[i].root),
                                      nb_str_from(cases[i].path), &out, &err);
        print_message("case %zu: %s\n", i, cases[i].path);
        assert_int_equal(code, cases[i].out ? NB_OK : NB_ERR_CONFIG);
        assert_str(out, cases[i].out ? cases[i].out : "untouched");
    }
    remove_links(top, home);
    free(home);
}

static void a_refused_path_says_why(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_str out;
    assert_int_equal(nb_path_inside(&arena, NB_STR("gen"), NB_STR("../x"), &out, &err),
                     NB_ERR_CONFIG);
    assert_string_equal(nb_error_message(&err, 0),
                        "cannot use the path '../x': it leads out of the folder");
    assert_string_equal(err.hint, "write a path below 'gen'");
    assert_int_equal(nb_path_inside(&arena, NB_STR("gen"), NB_STR("a\0b"), &out, &err),
                     NB_ERR_CONFIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_are_joined_with_one_slash),
        cmocka_unit_test(parts_of_a_path),
        cmocka_unit_test(paths_are_cleaned),
        cmocka_unit_test(paths_are_seen_from_a_folder),
        cmocka_unit_test(absolute_paths_start_at_the_current_folder),
        cmocka_unit_test(no_path_leads_out_of_its_root),
        cmocka_unit_test(a_refused_path_says_why),
    };
    return cmocka_run_group_tests_name("base/path", tests, NULL, NULL);
}
