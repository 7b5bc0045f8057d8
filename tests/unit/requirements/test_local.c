#include "folder.h"

#include "requirements/local.h"

/* A project of its own for each case; what travels of it, what it imports, what is missing. */

static const struct {
    const char *name, *text;
} project[] = {
    {"nb/helpers.py",                             "import json\nimport pandas as pd\nfrom chain import link\n"},
    {"nb/chain.py",                               "import helpers\nfrom lib import tools\n"                   },
    {"nb/train.py",                               "x = 1\n"                                                   },
    {"nb/crlf.py",                                "\xEF\xBB\xBFimport yaml\r\ndef f():\r\n    import cv2\r\n" },
    {"nb/latin.py",                               "# -*- coding: latin-1 -*-\nname = '\xE9'\n"                },
    {"nb/lone.py",                                "from . import x\n"                                         },
    {"nb/both.py",                                "raise ImportError\n"                                       },
    {"nb/both/__init__.py",                       ""                                                          },
    {"nb/native.cpython-311-x86_64-linux-gnu.so", "\x7F"                                                      },
    {"lib/tools.py",                              "import requests\n"                                         },
    {"src/lib/tools.py",                          "import never\n"                                            },
    {"src/pkg/__init__.py",                       "from .core import run\nfrom . import words\n"              },
    {"src/pkg/core.py",                           "from . import words\nimport sklearn\nfrom .gone import x\n"},
    {"src/pkg/words.py",                          "import nltk\n"                                             },
    {"src/pkg/unused.py",                         "import plotly\n"                                           },
    {"src/pkg/list.txt",                          "a\n"                                                       },
    {"src/pkg/.hidden",                           "a\n"                                                       },
    {"src/pkg/n.ipynb",                           "{}\n"                                                      },
    {"src/pkg/__pycache__/core.cpython-311.pyc",  "x"                                                         },
    {"src/pkg/tests/test_a.py",                   "import pytest\n"                                           },
    {"src/pkg/deep/__init__.py",
     "try:\n    from .fast import f\nexcept ImportError:\n    f = None\n"                                     },
    {"src/pkg/deep/up.py",                        "from ...outside import x\n"                                },
    {"src/plug/__init__.py",                      "import importlib\nm = importlib.import_module(name)\n"     },
    {"src/plug/one.py",                           "import plotly\n"                                           },
    {"src/plug/tests/test_a.py",                  "import pytest\n"                                           },
    {"src/tested/__init__.py",                    "from .tests import helper\n"                               },
    {"src/tested/tests/__init__.py",              ""                                                          },
    {"src/tested/tests/helper.py",                "import pytest\n"                                           },
    {"src/grows/__init__.py",                     "__path__.append('x')\n"                                    },
    {"data/x.csv",                                "1\n"                                                       },
    {"random.py",                                 ""                                                          },
};

static const struct {
    const char *uses, *files, *imports, *missing;
} cases[] = {
    {"helpers",             "chain.py helpers.py lib/tools.py",
     "json pandas chain.link helpers lib.tools requests",                                                                           ""           },
    {"crlf",                "crlf.py",                                                                          "yaml ?cv2",        ""           },
    {"latin",               "latin.py",                                                                         "",                 ""           },
    {"both",                "both/__init__.py",                                                                 "",                 ""           },
    {"native",              "native.cpython-311-x86_64-linux-gnu.so",                                           "",                 "NB603"      },
    {"lone",                "lone.py",                                                                          "",                 "NB610"      },
    {"pkg",
     "pkg/__init__.py pkg/core.py pkg/deep/__init__.py pkg/deep/up.py pkg/list.txt pkg/unused.py pkg/words.py",
     "sklearn nltk",                                                                                                                "NB610"      },
    {"pkg.deep.up",
     "pkg/__init__.py pkg/core.py pkg/deep/__init__.py pkg/deep/up.py pkg/list.txt pkg/unused.py pkg/words.py",
     "sklearn nltk",                                                                                                                "NB610 NB610"},
    {"plug",                "plug/__init__.py plug/one.py",                                                     "importlib plotly", ""           },
    {"tested",              "tested/__init__.py tested/tests/__init__.py tested/tests/helper.py",               "pytest",           ""           },
    {"grows.any",           "grows/__init__.py",                                                                "",                 ""           },
    {"lib.tools lib:gone",  "lib/tools.py",                                                                     "requests",         "NB610"      },
    {"helpers.sub",         "chain.py helpers.py lib/tools.py",
     "json pandas chain.link helpers lib.tools requests",                                                                           "NB610"      },
    {"both:name ?both.sub", "both/__init__.py",                                                                 "",                 "NB610"      },
    {"train:x",             "train.py",                                                                         "",                 ""           },
};

static nb_local *open_project(test_folder *f, nb_diags *diags)
{
    nb_local_folder *folders = NB_NEW_ARRAY(&f->arena, nb_local_folder, 3);
    folders[0] = (nb_local_folder){test_path(f, "nb"), NB_STR("nb"), true, false};
    folders[1] = (nb_local_folder){f->path, NB_STR("."), false, false};
    folders[2] = (nb_local_folder){test_path(f, "src"), NB_STR("src"), false, true};
    nb_local_options options = {
        .root = f->path, .folders = folders, .folder_count = 3, .minor = 11};
    return nb_local_open(&f->arena, &options, diags);
}

static void write_project(test_folder *f)
{
    for (size_t i = 0; i < NB_LEN(project); i++)
        test_write(f, project[i].name, project[i].text);
}

static nb_str word(nb_arena *arena, nb_str list, nb_str text)
{
    return nb_arena_printf(arena, NB_STR_FMT "%s" NB_STR_FMT, NB_STR_ARG(list), list.len ? " " : "",
                           NB_STR_ARG(text));
}

static void take(nb_local *local, const char *uses)
{
    nb_str rest = nb_str_from(uses), text;
    while (rest.len > 0 && nb_str_split(&rest, ' ', &text)) {
        nb_module_use use = {.optional = nb_str_starts(text, NB_STR("?"))};
        use.name = nb_str_from_at(text, use.optional);
        nb_str_split(&use.name, ':', &use.module);
        nb_local_take(local, &use);
    }
    for (size_t i = 0; i < local->imports.count; i++) {
        const nb_module_use use = local->imports.at[i];
        if (nb_local_find(local, use.module) != NB_LOCAL_NOWHERE)
            nb_local_take(local, &use);
    }
}

static void follows_imports(void **state)
{
    (void)state;
    test_folder f;
    test_folder_open(&f);
    write_project(&f);
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        print_message("case %zu: %s\n", i, cases[i].uses);
        nb_diags diags = {.arena = &f.arena};
        nb_local *local = open_project(&f, &diags);
        take(local, cases[i].uses);
        nb_local_files files = nb_local_collect(local);
        nb_str names = NB_STR(""), imports = NB_STR(""), codes = NB_STR("");
        for (size_t n = 0; n < files.list.count; n++)
            names = word(&f.arena, names, files.list.at[n].name);
        for (size_t n = 0; n < local->imports.count; n++) {
            const nb_module_use *use = &local->imports.at[n];
            nb_str dotted = nb_arena_printf(&f.arena, "%s" NB_STR_FMT "%s" NB_STR_FMT,
                                            use->optional ? "?" : "", NB_STR_ARG(use->module),
                                            use->name.len ? "." : "", NB_STR_ARG(use->name));
            imports = word(&f.arena, imports, dotted);
        }
        for (size_t n = 0; n < diags.list.count; n++)
            codes = word(&f.arena, codes, nb_str_from(nb_diag_row_of(diags.list.at[n].code)->code));
        assert_str(names, cases[i].files);
        assert_str(imports, cases[i].imports);
        assert_str(codes, cases[i].missing);
    }
    test_folder_auto(&f);
}

static void finds_where_python_would(void **state)
{
    (void)state;
    static const struct {
        const char *dotted;
        nb_local_where where;
    } places[] = {
        {"helpers",      NB_LOCAL_EARLY  },
        {"helpers.x",    NB_LOCAL_EARLY  },
        {"random",       NB_LOCAL_LATE   },
        {"pkg.core",     NB_LOCAL_LATE   },
        {"lib",          NB_LOCAL_LAST   },
        {"lib.tools",    NB_LOCAL_LAST   },
        {"lib.tools.x",  NB_LOCAL_LAST   },
        {"lib.gone",     NB_LOCAL_LAST   },
        {"src.pkg.core", NB_LOCAL_LAST   },
        {"src",          NB_LOCAL_NOWHERE},
        {"data",         NB_LOCAL_NOWHERE},
        {"pandas",       NB_LOCAL_NOWHERE},
        {"",             NB_LOCAL_NOWHERE},
    };
    test_folder f;
    test_folder_open(&f);
    write_project(&f);
    nb_diags diags = {.arena = &f.arena};
    nb_local *local = open_project(&f, &diags);
    for (size_t i = 0; i < NB_LEN(places); i++) {
        print_message("case %zu: %s\n", i, places[i].dotted);
        assert_int_equal(nb_local_find(local, nb_str_from(places[i].dotted)), places[i].where);
    }
    test_folder_auto(&f);
}

/* A %%writefile cell wins over the file that it writes anew. */
static void cells_write_modules(void **state)
{
    (void)state;
    test_folder f;
    test_folder_open(&f);
    write_project(&f);
    const nb_local_file written[] = {
        {NB_STR("helpers.py"),      test_path(&f, "nb/helpers.py"),      NB_STR("import made.part\n")},
        {NB_STR("made/part.py"),    test_path(&f, "nb/made/part.py"),    NB_STR("import tqdm\n")     },
        {NB_STR("kit/__init__.py"), test_path(&f, "nb/kit/__init__.py"),
         NB_STR("from . import a\n")                                                                 },
        {NB_STR("kit/a.py"),        test_path(&f, "nb/kit/a.py"),        NB_STR("")                  },
    };
    nb_diags diags = {.arena = &f.arena};
    nb_local *local = open_project(&f, &diags);
    nb_local_options options = local->options;
    options.written = written;
    options.written_count = NB_LEN(written);
    local = nb_local_open(&f.arena, &options, &diags);
    take(local, "helpers kit");
    nb_local_files files = nb_local_collect(local);
    nb_str names = NB_STR("");
    for (size_t n = 0; n < files.list.count; n++)
        names = word(&f.arena, names, files.list.at[n].name);
    assert_str(names, "helpers.py kit/__init__.py kit/a.py made/part.py");
    assert_str(files.list.at[0].text, "import made.part\n");
    assert_int_equal(diags.list.count, 0);
    test_folder_auto(&f);
}

static void digests_know_changes(void **state)
{
    (void)state;
    test_folder f;
    test_folder_open(&f);
    write_project(&f);
    nb_str pkg = test_path(&f, "src/pkg"), file = test_path(&f, "nb/helpers.py");
    nb_str nb = test_path(&f, "nb");
    nb_str before = nb_local_digest(&f.arena, pkg), alone = nb_local_digest(&f.arena, file);
    nb_str listing = nb_local_listing(&f.arena, nb);
    assert_true(nb_str_eq(before, nb_local_digest(&f.arena, pkg)));
    test_write(&f, "src/pkg/__pycache__/more.pyc", "x");
    assert_true(nb_str_eq(before, nb_local_digest(&f.arena, pkg)));
    test_write(&f, "src/pkg/list.txt", "b\n");
    assert_false(nb_str_eq(before, nb_local_digest(&f.arena, pkg)));
    test_write(&f, "nb/helpers.py", "");
    assert_false(nb_str_eq(alone, nb_local_digest(&f.arena, file)));
    assert_true(nb_str_eq(listing, nb_local_listing(&f.arena, nb)));
    test_write(&f, "nb/generated/a/notebooked.json", "{}");
    test_write(&f, "nb/generated/a/train.py", "");
    test_write(&f, "nb/models/a/1/code/inference.py", "");
    test_write(&f, "nb/data/train.csv", "");
    assert_true(nb_str_eq(listing, nb_local_listing(&f.arena, nb)));
    test_write(&f, "nb/space/inner/one.py", "");
    assert_false(nb_str_eq(listing, nb_local_listing(&f.arena, nb)));
    listing = nb_local_listing(&f.arena, nb);
    test_write(&f, "nb/new.py", "");
    assert_false(nb_str_eq(listing, nb_local_listing(&f.arena, nb)));
    assert_int_equal(nb_local_digest(&f.arena, test_path(&f, "gone")).len, 0);
    assert_int_equal(nb_local_listing(&f.arena, test_path(&f, "gone")).len, 0);
    test_folder_auto(&f);
}

static void large_files_stay(void **state)
{
    (void)state;
    test_folder f;
    test_folder_open(&f);
    write_project(&f);
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    char *large = nb_arena_alloc(&f.arena, NB_LOCAL_LARGEST + 1);
    assert_ok(nb_file_replace(test_path(&f, "src/pkg/weights.bin").at,
                              (nb_str){large, NB_LOCAL_LARGEST + 1}, 0666, &err),
              &err);
    nb_diags diags = {.arena = &f.arena};
    nb_local *local = open_project(&f, &diags);
    take(local, "pkg.words");
    nb_local_files files = nb_local_collect(local);
    for (size_t i = 0; i < files.list.count; i++)
        assert_false(nb_str_eqz(files.list.at[i].name, "pkg/weights.bin"));
    const nb_diag *last = &diags.list.at[diags.list.count - 1];
    assert_int_equal(last->code, NB_D_LOCAL_MODULE);
    assert_str(last->spot.path, "src/pkg/weights.bin");
    test_folder_auto(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(follows_imports),     cmocka_unit_test(finds_where_python_would),
        cmocka_unit_test(cells_write_modules), cmocka_unit_test(digests_know_changes),
        cmocka_unit_test(large_files_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
