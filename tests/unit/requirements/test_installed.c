#include "folder.h"

#include "requirements/installed.h"
#include "requirements/metadata.h"
#include "requirements/requirements.h"

/* --- metadata as text -------------------------------------------------------------------------- */

static void reads_headers_of_metadata(void **state)
{
    (void)state;
    nb_str text = NB_STR("Metadata-Version: 2.1\r\nName: Foo.Bar\r\nversion:  1.2 \r\n"
                         "Summary: Name: not this\r\n\r\nName: body\nKeywords: body\n");
    assert_str(nb_metadata_header(text, "Name"), "Foo.Bar");
    assert_str(nb_metadata_header(text, "Version"), "1.2");
    assert_str(nb_metadata_header(text, "Keywords"), "");
    assert_str(nb_metadata_header(text, "Summar"), "");
    assert_str(nb_metadata_header(NB_STR(""), "Name"), "");
}

static void finds_files_in_a_record(void **state)
{
    (void)state;
    nb_str record = NB_STR("google/cloud/__init__.py,sha256=x,1\r\n"
                           "x/google/cloud/storage/__init__.py,,\n"
                           "\"google/cloud/storage/client.py\",sha256=y,2\n"
                           "google/cloud/storage/blob.pyc,,\n"
                           "six.py");
    static const struct {
        const char *file;
        bool listed;
    } cases[] = {
        {"google/cloud/__init__.py",         true },
        {"google/cloud/storage/__init__.py", false},
        {"google/cloud/storage/client.py",   true },
        {"google/cloud/storage/blob.py",     false},
        {"six.py",                           true },
        {"ix.py",                            false},
        {"",                                 false}
    };
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        print_message("case %zu: %s\n", i, cases[i].file);
        assert_int_equal(nb_record_lists(record, nb_str_from(cases[i].file)), cases[i].listed);
    }
    assert_false(nb_record_lists(NB_STR(""), NB_STR("a")));
}

static void versions_are_those_of_an_index(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"1.2.3",               "1.2.3"   },
        {"2.1.0+cu118",         "2.1.0"   },
        {"0.13.5+dfsg",         "0.13.5"  },
        {"2.0.0rc1",            "2.0.0rc1"},
        {"1!2.0",               "1!2.0"   },
        {"2024.1",              "2024.1"  },
        {"0.1",                 "0.1"     },
        {"0.0.0",               ""        },
        {"0",                   ""        },
        {"0+unknown",           ""        },
        {"1.13.0a0+gitunknown", ""        },
        {"1.2.dev3",            ""        },
        {"1.2.dev3+g1a2b3c",    ""        },
        {"",                    ""        },
        {"1.0; x",              ""        },
        {"1.0\n",               ""        },
        {"1.0 beta",            ""        },
    };
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        print_message("case %zu: %s\n", i, cases[i][0]);
        assert_str(nb_version_published(nb_str_from(cases[i][0])), cases[i][1]);
    }
}

static void reads_where_a_project_came_from(void **state)
{
    (void)state;
    static const struct {
        const char *json, *want;
        bool local;
    } cases[] = {
        {"{\"url\":\"https://h/x.git\",\"vcs_info\":{\"vcs\":\"git\",\"commit_id\":\"1a2b\"}}",
         "git+https://h/x.git@1a2b",                                                                                      false},
        {"{\"url\":\"https://me:word@h/x.git\",\"vcs_info\":{\"vcs\":\"git\",\"commit_id\":\"1\"}}",
         "git+https://h/x.git@1",                                                                                         false},
        {"{\"url\":\"ssh://git@h/x.git\",\"vcs_info\":{\"vcs\":\"git\",\"commit_id\":\"1\"}}",
         "git+ssh://git@h/x.git@1",                                                                                       false},
        {"{\"url\":\"https://h/x.whl\",\"archive_info\":{}}",                                        "https://h/x.whl",   false},
        {"{\"url\":\"https://h/x.zip\",\"archive_info\":{},\"subdirectory\":\"a/b\"}",
         "https://h/x.zip#subdirectory=a/b",                                                                              false},
        {"{\"url\":\"file:///home/me/x\",\"dir_info\":{\"editable\":true}}",                         "file:///home/me/x",
         true                                                                                                                  },
        {"{\"url\":\"https://h/x\\nnumpy\"}",                                                        "",                  false},
        {"{\"url\":\"https://h/x.git\",\"vcs_info\":{\"vcs\":\"git\"}}",                             "",                  false},
        {"{\"url\":3}",                                                                              "",                  false},
        {"[]",                                                                                       "",                  false},
        {"{",                                                                                        "",                  false},
        {"",                                                                                         "",                  false},
    };
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        bool local = true;
        print_message("case %zu: %s\n", i, cases[i].json);
        assert_str(nb_direct_address(&arena, nb_str_from(cases[i].json), &local), cases[i].want);
        assert_int_equal(local, cases[i].local);
    }
}

/* --- a site-packages folder -------------------------------------------------------------------- */

static void fill_site(test_folder *f)
{
    /* a wheel with top_level.txt */
    test_write(f, "sklearn/__init__.py", "");
    test_write(f, "scikit_learn-1.3.2.dist-info/METADATA", "Name: scikit-learn\nVersion: 1.3.2\n");
    test_write(f, "scikit_learn-1.3.2.dist-info/top_level.txt", "sklearn\n");
    /* modern wheels: RECORD only */
    test_write(f, "cv2/__init__.py", "");
    test_write(f, "opencv_contrib_python-4.8.dist-info/METADATA",
               "Name: opencv-contrib-python\nVersion: 4.8.0.76\n\nVersion: none\n");
    test_write(f, "opencv_contrib_python-4.8.dist-info/RECORD", "cv2/__init__.py,sha256=x,1\n");
    /* a namespace of three parts */
    test_write(f, "google/cloud/storage/__init__.py", "");
    test_write(f, "google/cloud/bigquery/__init__.py", "");
    test_write(f, "google/protobuf/__init__.py", "");
    test_write(f, "google_cloud_storage-2.1.0.dist-info/METADATA",
               "Name: google-cloud-storage\nVersion: 2.1.0\n");
    test_write(f, "google_cloud_storage-2.1.0.dist-info/top_level.txt", "google\n");
    test_write(f, "google_cloud_storage-2.1.0.dist-info/RECORD",
               "google/cloud/storage/__init__.py,,\n");
    test_write(f, "my_bigquery-3.dist-info/METADATA", "Name: my-bigquery\nVersion: 3\n");
    test_write(f, "my_bigquery-3.dist-info/RECORD", "google/cloud/bigquery/__init__.py,,\n");
    test_write(f, "protobuf-4.25.dist-info/METADATA", "Name: protobuf\nVersion: 4.25\n");
    test_write(f, "protobuf-4.25.dist-info/RECORD", "google/protobuf/__init__.py,,\n");
    /* an old-style namespace: the same __init__.py in each part */
    test_write(f, "old/__init__.py", "__path__ = __import__('pkgutil').extend_path(__path__, 1)\n");
    test_write(f, "old/one/__init__.py", "");
    test_write(f, "old_one-1.0.dist-info/RECORD", "old/__init__.py,,\nold/one/__init__.py,,\n");
    test_write(f, "old_two-2.0.dist-info/RECORD", "old/__init__.py,,\nold/two.py,,\n");
    test_write(f, "old/two.py", "");
    /* single files and extension modules */
    test_write(f, "six.py", "");
    test_write(f, "six-1.16.0.dist-info/METADATA", "Name: six\nVersion: 1.16.0\n");
    test_write(f, "six-1.16.0.dist-info/top_level.txt", "six\n");
    test_write(f, "_fast.cpython-311-x86_64-linux-gnu.so", "");
    test_write(f, "speedups-0.2.dist-info/RECORD", "_fast.cpython-311-x86_64-linux-gnu.so,,\n");
    /* Debian: egg-info folder, egg-info file, nothing that lists files */
    test_write(f, "PIL/__init__.py", "");
    test_write(f, "Pillow-9.4.0.egg-info/PKG-INFO", "Name: Pillow\nVersion: 9.4.0\n");
    test_write(f, "yaml/__init__.py", "");
    test_write(f, "PyYAML-6.0.egg-info", "Metadata-Version: 1.0\nName: PyYAML\nVersion: 6.0\n");
    test_write(f, "statsmodels/__init__.py", "");
    test_write(f, "statsmodels-0.13.5+dfsg.egg-info/top_level.txt", "statsmodels\n");
    /* an old installer's list */
    test_write(f, "legacy/__init__.py", "");
    test_write(f, "old_tool-0.9.egg-info/PKG-INFO", "Name: old-tool\nVersion: 0.9\n");
    test_write(f, "old_tool-0.9.egg-info/installed-files.txt", "../legacy/__init__.py\nPKG-INFO\n");
    /* from a repository, from a folder, by conda */
    test_write(f, "clip/__init__.py", "");
    test_write(f, "clip-1.0.dist-info/METADATA", "Name: clip\nVersion: 1.0\n");
    test_write(f, "clip-1.0.dist-info/top_level.txt", "clip\n");
    test_write(f, "clip-1.0.dist-info/direct_url.json",
               "{\"url\": \"https://github.com/openai/CLIP.git\", \"vcs_info\": {\"vcs\": "
               "\"git\", \"commit_id\": \"a1d0\"}}");
    test_write(f, "ours/__init__.py", "");
    test_write(f, "ours-0.1.dist-info/METADATA", "Name: ours\nVersion: 0.1\n");
    test_write(f, "ours-0.1.dist-info/direct_url.json",
               "{\"url\": \"file:///home/me/ours\", \"dir_info\": {}}");
    test_write(f, "numpy/__init__.py", "");
    test_write(f, "numpy-1.26.0.dist-info/METADATA", "Name: numpy\nVersion: 1.26.0\n");
    test_write(f, "numpy-1.26.0.dist-info/INSTALLER", "conda\n");
    test_write(f, "numpy-1.26.0.dist-info/direct_url.json",
               "{\"url\": \"file:///home/conda/work\", \"dir_info\": {}}");
    /* a name that belongs to another project: top_level.txt says so */
    test_write(f, "tree/__init__.py", "");
    test_write(f, "dm_tree-0.1.8.dist-info/top_level.txt", "dm_tree_elsewhere\n");
    test_write(f, "tree-1.0.dist-info/RECORD", "tree/__init__.py,,\n");
    /* broken metadata: the folder's name has to do */
    test_write(f, "broken/__init__.py", "");
    test_write(f, "broken-2.5.dist-info/METADATA", "\377\376 no headers");
    test_write(f, "lonely/__init__.py", "");
}

static void finds_who_brought_a_module(void **state)
{
    (void)state;
    static const struct {
        const char *module, *name, *version;
    } cases[] = {
        {"sklearn.ensemble",            "scikit-learn",          "1.3.2"   },
        {"cv2",                         "opencv-contrib-python", "4.8.0.76"},
        {"google.cloud.storage",        "google-cloud-storage",  "2.1.0"   },
        {"google.cloud.storage.Client", "google-cloud-storage",  "2.1.0"   },
        {"google.cloud.bigquery",       "my-bigquery",           "3"       },
        {"google.protobuf.message",     "protobuf",              "4.25"    },
        {"google",                      NULL,                    ""        },
        {"google.cloud",                NULL,                    ""        },
        {"google.cloud.nothing",        NULL,                    ""        },
        {"old.one",                     "old-one",               "1.0"     },
        {"old.two",                     "old-two",               "2.0"     },
        {"six",                         "six",                   "1.16.0"  },
        {"six.moves",                   "six",                   "1.16.0"  },
        {"_fast",                       "speedups",              "0.2"     },
        {"PIL.Image",                   "pillow",                "9.4.0"   },
        {"yaml",                        "pyyaml",                "6.0"     },
        {"statsmodels.api",             "statsmodels",           "0.13.5"  },
        {"legacy",                      "old-tool",              "0.9"     },
        {"tree",                        "tree",                  "1.0"     },
        {"broken",                      "broken",                "2.5"     },
        {"numpy.linalg",                "numpy",                 "1.26.0"  },
        {"lonely",                      NULL,                    ""        },
        {"absent",                      NULL,                    ""        },
        {"",                            NULL,                    ""        },
        {"..",                          NULL,                    ""        },
        {"sklearn/../six",              NULL,                    ""        },
        {"six.py",                      "six",                   "1.16.0"  },
    };
    test_folder f;
    test_folder_open(&f);
    fill_site(&f);
    nb_installed *installed = nb_installed_open(&f.arena, &f.path, 1);
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        nb_distribution found = {0};
        print_message("case %zu: %s\n", i, cases[i].module);
        bool is = nb_installed_module(installed, nb_str_from(cases[i].module), &found);
        assert_int_equal(is, cases[i].name != NULL);
        assert_str(found.name, cases[i].name ? cases[i].name : "");
        assert_str(found.version, cases[i].version);
    }
    test_folder_auto(&f);
}

static void tells_where_it_came_from(void **state)
{
    (void)state;
    test_folder f;
    test_folder_open(&f);
    fill_site(&f);
    nb_installed *installed = nb_installed_open(&f.arena, &f.path, 1);
    nb_distribution found = {0};
    assert_true(nb_installed_module(installed, NB_STR("clip"), &found));
    assert_str(found.address, "git+https://github.com/openai/CLIP.git@a1d0");
    assert_str(found.version, "");
    assert_true(nb_installed_module(installed, NB_STR("ours"), &found));
    assert_true(found.local);
    assert_str(found.address, "");
    assert_str(found.version, "");
    assert_true(nb_installed_project(installed, NB_STR("scikit-learn"), &found));
    assert_str(found.version, "1.3.2");
    assert_false(nb_installed_project(installed, NB_STR("absent"), &found));
    test_folder_auto(&f);
}

static void finds_projects_installed_in_place(void **state)
{
    static const struct {
        const char *module, *name;
    } cases[] = {
        {"mine.sub", "my-project"},
        {"single",   "my-project"},
        {"mapped",   "mapped-one"},
        {"sub",      ""          }, /* not the first name */
        {"os_path",  ""          }, /* the line is code */
    };
    (void)state;
    test_folder f;
    test_folder_open(&f);
    test_write(&f, "work/src/mine/sub.py", "");
    test_write(&f, "work/src/single.py", "");
    test_write(&f, "site/x.pth",
               nb_arena_printf(&f.arena, "# here\nimport os_path\n" NB_STR_FMT "\n",
                               NB_STR_ARG(test_path(&f, "work/src")))
                   .at);
    test_write(&f, "site/my_project-1.dist-info/METADATA", "Name: my-project\nVersion: 1\n");
    test_write(&f, "site/my_project-1.dist-info/RECORD", "x.pth,,\n");
    test_write(&f, "site/my_project-1.dist-info/top_level.txt", "mine\n");
    test_write(&f, "site/my_project-1.dist-info/direct_url.json",
               "{\"dir_info\": {\"editable\": true}, \"url\": \"file:///work\"}");
    test_write(&f, "site/__editable___mapped_one_2_finder.py",
               "MAPPING: dict[str, str] = {'mapped': '/work/mapped'}\nX = {'other': 'y'}\n");
    test_write(&f, "site/mapped_one-2.dist-info/METADATA", "Name: mapped-one\nVersion: 2\n");
    test_write(&f, "site/mapped_one-2.dist-info/RECORD", "__editable___mapped_one_2_finder.py,,\n");
    nb_str folders[] = {test_path(&f, "site")};
    nb_installed *installed = nb_installed_open(&f.arena, folders, 1);
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        nb_distribution found = {.name = NB_STR("")};
        print_message("%s\n", cases[i].module);
        (void)nb_installed_module(installed, nb_str_from(cases[i].module), &found);
        assert_str(found.name, cases[i].name);
    }
    nb_distribution found;
    assert_true(nb_installed_module(installed, NB_STR("mine"), &found));
    assert_true(found.local);
    test_folder_auto(&f);
}

static void the_nearest_folder_wins(void **state)
{
    (void)state;
    test_folder f;
    test_folder_open(&f);
    test_write(&f, "near/six.py", "");
    test_write(&f, "near/six-2.0.dist-info/METADATA", "Name: six\nVersion: 2.0\n");
    test_write(&f, "far/six.py", "");
    test_write(&f, "far/six-1.0.dist-info/METADATA", "Name: six\nVersion: 1.0\n");
    test_write(&f, "far/seven.py", "");
    test_write(&f, "far/seven-7.0.dist-info/RECORD", "seven.py,,\n");
    const nb_str folders[] = {test_path(&f, "near"), NB_STR(""), test_path(&f, "none"),
                              test_path(&f, "far")};
    nb_installed *installed = nb_installed_open(&f.arena, folders, NB_LEN(folders));
    nb_distribution found = {0};
    assert_true(nb_installed_module(installed, NB_STR("six"), &found));
    assert_str(found.version, "2.0");
    assert_true(nb_installed_module(installed, NB_STR("seven"), &found));
    assert_str(found.version, "7.0");
    test_folder_auto(&f);
}

/* --- the folders of a Python ------------------------------------------------------------------- */

static void expect_folders(test_folder *f, const char *python, const char *const *want,
                           unsigned minor)
{
    nb_str folders[4] = {0};
    unsigned got = 0;
    size_t count = nb_site_packages(&f->arena, test_path(f, python), folders, &got);
    print_message("%s\n", python);
    for (size_t i = 0; i < count; i++) {
        assert_non_null(want[i]);
        assert_str(folders[i], test_path(f, want[i]).at);
    }
    assert_null(want[count]);
    assert_int_equal(got, minor);
}

static void finds_the_folders_of_a_python(void **state)
{
    (void)state;
    test_folder f;
    test_folder_open(&f);
    /* an installation */
    test_write(&f, "opt/lib/python3.10/os.py", "");
    test_write(&f, "opt/lib/python3.10/site-packages/x", "");
    test_write(&f, "opt/lib/python3.9/site-packages/x", "");
    test_write(&f, "opt/bin/python3.10", "");
    test_write(&f, "opt/bin/python3.9", "");
    assert_int_equal(symlink("python3.9", test_path(&f, "opt/bin/python3").at), 0);
    /* a link from elsewhere */
    test_write(&f, "local/lib/python3.10/site-packages/y", "");
    test_write(&f, "local/bin/other", "");
    assert_int_equal(symlink("../../opt/bin/python3.10", test_path(&f, "local/bin/python3").at), 0);
    /* virtual environments */
    nb_str home = test_path(&f, "opt/bin");
    test_write(&f, "venv/pyvenv.cfg",
               nb_arena_printf(&f.arena,
                               "home = " NB_STR_FMT
                               "\ninclude-system-site-packages = false\nversion = 3.10.4\n",
                               NB_STR_ARG(home))
                   .at);
    test_write(&f, "venv/lib/python3.10/site-packages/z", "");
    test_write(&f, "venv/bin/activate", "");
    assert_int_equal(symlink("../../opt/bin/python3.10", test_path(&f, "venv/bin/python").at), 0);
    test_write(&f, "open/pyvenv.cfg",
               nb_arena_printf(&f.arena,
                               "home=" NB_STR_FMT
                               "\ninclude-system-site-packages = True\nversion_info = 3.10\n",
                               NB_STR_ARG(home))
                   .at);
    test_write(&f, "open/lib/python3.10/site-packages/z", "");
    /* Debian */
    test_write(&f, "debian/lib/python3/dist-packages/z", "");
    test_write(&f, "debian/lib/python3.11/os.py", "");
    test_write(&f, "debian/bin/python3.11", "");
    test_write(&f, "empty/bin/python3", "");

    const char *const opt10[] = {"opt/lib/python3.10/site-packages", NULL};
    const char *const opt9[] = {"opt/lib/python3.9/site-packages", NULL};
    const char *const venv[] = {"venv/lib/python3.10/site-packages", NULL};
    const char *const open[] = {"open/lib/python3.10/site-packages",
                                "opt/lib/python3.10/site-packages", NULL};
    const char *const debian[] = {"debian/lib/python3/dist-packages", NULL};
    const char *const none[] = {NULL};
    expect_folders(&f, "opt/bin/python3.10", opt10, 10);
    expect_folders(&f, "opt/bin/python3", opt9, 9);
    expect_folders(&f, "opt", opt10, 10);
    expect_folders(&f, "local/bin/python3", opt10, 10);
    expect_folders(&f, "venv", venv, 10);
    expect_folders(&f, "venv/", venv, 10);
    expect_folders(&f, "venv/bin/python", venv, 10);
    expect_folders(&f, "open", open, 10);
    expect_folders(&f, "debian/bin/python3.11", debian, 11);
    expect_folders(&f, "empty/bin/python3", none, 0);
    expect_folders(&f, "absent", none, 0);

    nb_str folders[4] = {0};
    unsigned minor = 0;
    assert_int_equal(nb_site_packages(&f.arena, NB_STR("python3"), folders, &minor), 0);
    assert_int_equal(nb_site_packages(&f.arena, NB_STR(""), folders, &minor), 0);
    test_folder_auto(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_headers_of_metadata),
        cmocka_unit_test(finds_files_in_a_record),
        cmocka_unit_test(versions_are_those_of_an_index),
        cmocka_unit_test(reads_where_a_project_came_from),
        cmocka_unit_test(finds_who_brought_a_module),
        cmocka_unit_test(tells_where_it_came_from),
        cmocka_unit_test(finds_projects_installed_in_place),
        cmocka_unit_test(the_nearest_folder_wins),
        cmocka_unit_test(finds_the_folders_of_a_python),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
