#include "folder.h"

#include "requirements/lock.h"

enum { MOST_FOLDERS = 4 };

static nb_locks *open_locks(test_folder *f, const char *folder, nb_diags *diags)
{
    static nb_str folders[MOST_FOLDERS];
    nb_locks_input input = {.folders = folders, .root = test_path(f, "project"), .minor = 11};
    input.folder_count = nb_lock_folders(test_path(f, folder), input.root, folders, MOST_FOLDERS);
    diags->arena = &f->arena;
    return nb_locks_open(&f->arena, &input, diags);
}

/* "name[extras]specifier", then what else is known about the row; "-" when the files do not name the project. */
static nb_str look_up(test_folder *f, nb_locks *locks, const char *name)
{
    nb_locked row;
    if (!nb_locks_project(locks, nb_str_from(name), &row))
        return NB_STR("-");
    return nb_arena_printf(&f->arena, "%s%s" NB_STR_FMT "%s" NB_STR_FMT "%s%s" NB_STR_FMT ":%u",
                           row.extras.len > 0 ? "[" : "", "", NB_STR_ARG(row.extras),
                           row.extras.len > 0 ? "]" : "", NB_STR_ARG(row.specifier),
                           row.local ? " local" : "", row.index.len > 0 ? " from " : " ",
                           NB_STR_ARG(row.index), row.spot.line);
}

/* What one file says about some of its projects, for Python 3.11. */
static const struct {
    const char *file, *text;
    const char *names[9], *said[9];
} files[] = {
    {"uv.lock",
     "version = 1\n"
     "[[package]]\nname = \"mine\"\nversion = \"0.1.0\"\nsource = { virtual = \".\" }\n"
     "[[package]]\nname = \"Py_YAML\"\nversion = \"6.0\"\nsource = { registry = \"https://pypi.org/simple\" }\n"
     "[[package]]\nname = \"torch\"\nversion = \"2.1.0+cpu\"\nsource = { registry = \"https://u:p@dl.acme.org:8080/whl\" }\n"
     "[[package]]\nname = \"numpy\"\nversion = \"1.24.4\"\nresolution-markers = [\"python_full_version < '3.9'\"]\n"
     "[[package]]\nname = \"numpy\"\nversion = \"2.2.0\"\nresolution-markers = [\"python_full_version >= '3.12'\", \"python_full_version == '3.11.*'\"]\n"
     "[[package]]\nname = \"clip\"\nversion = \"1.0\"\nsource = { git = \"https://me:pw@host/clip?subdirectory=py&rev=main#1a2b\" }\n"
     "[[package]]\nname = \"wheel-x\"\nversion = \"1\"\nsource = { url = \"https://host/x-1-py3-none-any.whl\" }\n"
     "[[package]]\nname = \"win\"\nversion = \"1\"\nresolution-markers = [\"sys_platform == 'win32'\"]\n"
     "[[package]]\nname = \"dev\"\nversion = \"1.0.dev3\"\n",                                                                                              {"mine", "py-yaml", "torch", "numpy", "clip", "wheel-x", "win", "dev", "missing"},
     {"==0.1.0 local :2", "==6.0 :6", "==2.1.0 from dl.acme.org:10", "==2.2.0 :18",
      "@ git+https://host/clip@1a2b#subdirectory=py :22", "@ https://host/x-1-py3-none-any.whl :26",
      "-", " :34", "-"}                                                                           },
    {"poetry.lock",
     "[[package]]\nname = \"scipy\"\nversion = \"1.11\"\nmarkers = \"python_version < '3.10'\"\n"
     "[[package]]\nname = \"scipy\"\nversion = \"1.13\"\nmarkers = {main = \"python_version >= '3.10'\", dev = \"sys_platform == 'win32'\"}\n"
     "[[package]]\nname = \"inner\"\nversion = \"2\"\n[package.source]\ntype = \"legacy\"\nurl = \"https://acme.org/simple\"\nreference = \"acme\"\n"
     "[[package]]\nname = \"lib\"\nversion = \"0.1\"\n[package.source]\ntype = \"git\"\nurl = \"https://host/lib.git\"\nreference = \"main\"\nresolved_reference = \"abc\"\n"
     "[[package]]\nname = \"near\"\nversion = \"0.1\"\n[package.source]\ntype = \"directory\"\nurl = \"../near\"\n",
     {"scipy", "inner", "lib", "near"},
     {"==1.13 :5", "==2 from acme.org:9", "@ git+https://host/lib.git@abc :16", "==0.1 local :24"}},
    {"pdm.lock",
     "[[package]]\nname = \"requests\"\nversion = \"2.31.0\"\nextras = [\"socks\"]\n"
     "[[package]]\nname = \"requests\"\nversion = \"2.31.0\"\n"
     "[[package]]\nname = \"lib\"\nversion = \"1\"\ngit = \"https://host/lib\"\nrevision = \"abc\"\n"
     "[[package]]\nname = \"near\"\nversion = \"1\"\npath = \"./near\"\n",                                                                                 {"requests", "lib", "near"},
     {"==2.31.0 :1", "@ git+https://host/lib@abc :8", "==1 local :13"}                            },
    {"pylock.toml",
     "lock-version = \"1.0\"\n"
     "[[packages]]\nname = \"attrs\"\nversion = \"25.1.0\"\nindex = \"https://pypi.org/simple\"\n"
     "[[packages]]\nname = \"lib\"\nvcs = {type = \"git\", url = \"https://host/lib\", commit-id = \"abc\", subdirectory = \"x\"}\n"
     "[[packages]]\nname = \"arch\"\narchive = {url = \"https://host/a-1.tar.gz\"}\n"
     "[[packages]]\nname = \"near\"\ndirectory = {path = \".\"}\n"
     "[[packages]]\nname = \"old\"\nversion = \"1\"\nmarker = \"python_version < '3'\"\n",                                                                 {"attrs", "lib", "arch", "near", "old"},
     {"==25.1.0 :2", "@ git+https://host/lib@abc#subdirectory=x :6", "@ https://host/a-1.tar.gz :9",
      " local :12", "-"}                                                                          },
    {"Pipfile.lock",
     "{\"_meta\": {\"sources\": [{\"name\": \"acme\", \"url\": \"https://u:p@acme.org/simple\"}]},\n"
     " \"default\": {\n"
     "  \"flask\": {\"version\": \"==3.0\", \"extras\": [\"async\"], \"markers\": \"python_version >= '3.8'\"},\n"
     "  \"inner\": {\"version\": \"==1\", \"index\": \"acme\"},\n"
     "  \"lib\": {\"git\": \"https://host/lib.git\", \"ref\": \"abc\"},\n"
     "  \"near\": {\"path\": \".\", \"editable\": true}},\n"
     " \"develop\": {\n  \"pytest\": {\"version\": \"==8.0\"}}}\n",                                                                                        {"flask", "inner", "lib", "near", "pytest"},
     {"[async]==3.0 :3", "==1 from acme.org:4", "@ git+https://host/lib.git@abc :5", " local :6",
      "==8.0 :8"}                                                                                 },
    {"requirements.txt",
     "\xEF\xBB\xBF# comment\n-i https://u:p@acme.org/simple\nattrs==25.1.0 \\\n    --hash=sha256:00 \\\n    --hash=sha256:11\n"
     "pandas>=2,<3 ; python_version > '3.8'\nuvicorn[standard]\nold==1 ; python_version < '3.8'\n"
     "lib @ git+https://me:secret@host/lib@abc\n-e git+https://host/ed.git@v1#egg=ed\n./near-1-py3-none-any.whl\n-r more.txt\nthis is wrong\n",
     {"attrs", "pandas", "uvicorn", "old", "lib", "ed", "near", "more"},
     {"==25.1.0 :3", ">=2,<3 :6", "[standard] :7", "-", "@ git+https://host/lib@abc :9",
      "@ git+https://host/ed.git@v1#egg=ed :10", " local :11", "==7 :2"}                          },
    {"environment.yml",
     "name: x\nchannels: [conda-forge]\ndependencies:\n  - python=3.11\n  - numpy=1.26\n  - conda-forge::scipy=1.11.4=py311h\n"
     "  - pandas>=2,<3\n  - pytorch=2.1\n  - redis=7.2.0\n  - pip\n  - pip:\n    - attrs==25.1.0\n    - tqdm\n  - xgboost==2.0.3\n  - lightgbm=4.1|4.2\n",
     {"numpy", "scipy", "pandas", "redis", "attrs", "tqdm", "xgboost", "lightgbm", "pytorch"},
     {"==1.26.* :5", "==1.11.4 :6", ">=2,<3 :7", "-", "==25.1.0 :12", " :13", "==2.0.3 :14", " :15",
      "-"}                                                                                        },
    {"pyproject.toml",
     "[project]\nname = \"mine\"\ndependencies = [\n  \"numpy>=1.26\",\n  \"pandas[parquet]~=2.1\",\n]\n"
     "[project.optional-dependencies]\nplot = [\"seaborn<1\"]\n"
     "[dependency-groups]\ndev = [\"pytest>=8\", {include-group = \"plot\"}]\n"
     "[tool.poetry.dependencies]\npython = \"^3.11\"\nscipy = \"^1.11.2\"\ntorch = {version = \"~2.1\", extras = [\"x\"]}\n"
     "lib = {git = \"https://host/lib.git\", tag = \"v1\"}\nzero = \"^0.2.3\"\n"
     "two = [{version = \"1.0\", python = \"<3.10\"}, {version = \"2.0\", python = \">=3.10\"}]\n",                                                        {"mine", "numpy", "pandas", "seaborn", "pytest", "scipy", "torch", "lib", "two"},
     {" local :2", ">=1.26 :4", "[parquet]~=2.1 :5", "<1 :8", ">=8 :10", ">=1.11.2,<2 :13",
      "[x]>=2.1,<2.2 :14", "@ git+https://host/lib.git@v1 :15", "==2.0 :17"}                      },
    {"Pipfile",
     "[packages]\nflask = \"*\"\nattrs = \"==25.1\"\nrequests = {version = \">=2\", extras = [\"socks\"]}\nnear = {path = \".\"}\n"
     "[dev-packages]\npytest = \"~=8.0\"\n",                                                                                                               {"flask", "attrs", "requests", "near", "pytest"},
     {" :2", "==25.1 :3", "[socks]>=2 :4", " local :5", "~=8.0 :7"}                               },
};

static void reads_each_kind(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_LEN(files); i++) {
        test_folder f;
        nb_diags diags = {0};
        test_folder_open(&f);
        nb_str name = nb_arena_printf(&f.arena, "project/%s", files[i].file);
        test_write(&f, name.at, files[i].text);
        test_write(&f, "project/more.txt", "# requirements\nmore==7\n-r more.txt\n-r ../up.txt\n");
        nb_locks *locks = open_locks(&f, "project", &diags);
        for (size_t k = 0; k < NB_LEN(files[i].names) && files[i].names[k]; k++) {
            print_message("%s: %s\n", files[i].file, files[i].names[k]);
            assert_str(look_up(&f, locks, files[i].names[k]), files[i].said[k]);
        }
        for (size_t k = 0; k < diags.list.count; k++)
            assert_int_equal(diags.list.at[k].code, NB_D_VERSIONS_DISAGREE); /* other Pythons */
        test_folder_auto(&f);
    }
}

/* Files beside each other and above each other: who counts, and what is said about it. `at` names the notebook's folder. */
static const struct {
    const char *at, *files[6]; /* name, text, name, text… */
    const char *said, *finding;
} choices[] = {
    {"project",
     {"requirements.txt", "numpy>=1\n", "uv.lock", "[[package]]\nname='numpy'\nversion='1.26'\n"},
     "==1.26 uv.lock",             ""                                                                                                 },
    {"project/sub",
     {"sub/requirements.txt", "numpy>=1\n", "uv.lock",
      "[[package]]\nname='numpy'\nversion='1.26'\n"},
     "==1.26 uv.lock",             ""                                                                                                 },
    {"project/sub",
     {"sub/requirements.txt", "numpy>=2\n", "uv.lock",
      "[[package]]\nname='numpy'\nversion='1.26'\n"},
     ">=2 sub/requirements.txt",   "'numpy==1.26' disagrees with 'numpy>=2' of sub/requirements.txt, which counts"                    },
    {"project/sub",
     {"sub/requirements.txt", "numpy==2.1\n", "requirements.txt", "numpy==1.26\n"},
     "==2.1 sub/requirements.txt", "'numpy==1.26' disagrees with 'numpy==2.1' of sub/requirements.txt, which counts"                  },
    {"project",
     {"requirements.txt", "numpy\n", "pyproject.toml", "[project]\ndependencies=['numpy<3']\n"},
     "<3 pyproject.toml",          ""                                                                                                 },
    {"project",
     {"poetry.lock", "[[package]]\nname='numpy'\nversion='1.26'\n", "pyproject.toml",
      "[project]\ndependencies=['numpy>=2']\n"},
     "==1.26 poetry.lock",         "'numpy>=2' disagrees with 'numpy==1.26' of poetry.lock, which counts"                             },
    {"project",
     {"uv.lock",
      "[[package]]\nname='numpy'\nversion='1.26'\n[[package]]\nname='numpy'\nversion='2.1'\n"},
     "==2.1 uv.lock",              "'uv.lock' has several versions for Python 3.11: 'numpy==2.1' and 'numpy==1.26'; the newest counts"},
    {"project",
     {"uv.lock",
      "[[package]]\nname='numpy'\nversion='1.26'\nresolution-markers=[\"python_version<'3.9'\"]\n"},
     "-",                          "'uv.lock' has no version of 'numpy' for Python 3.11"                                              },
    {"project",
     {"requirements-dev.txt", "numpy==1\n", "requirements.txt", "numpy==2\n", "requirementsX.txt",
      "numpy==3\n"},
     "==2 requirements.txt",       "'numpy==1' disagrees with 'numpy==2' of requirements.txt, which counts"                           },
    {"project",
     {"uv.lock", "[[package]\nname='numpy'\n", "requirements.txt", "numpy==1.26\n"},
     "==1.26 requirements.txt",    "'uv.lock' tells no versions: ']]' is expected here"                                               },
    {"project",
     {"Pipfile.lock", "{\"default\": ", "requirements.txt", "numpy==1.26\n"},
     "==1.26 requirements.txt",    "'Pipfile.lock' tells no versions: expected a value, found the end of the file"                    },
};

static void chooses_between_files(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_LEN(choices); i++) {
        test_folder f;
        nb_diags diags = {0};
        nb_locked row;
        print_message("choice %zu\n", i);
        test_folder_open(&f);
        for (size_t k = 0; k < NB_LEN(choices[i].files) && choices[i].files[k]; k += 2) {
            nb_str name = nb_arena_printf(&f.arena, "project/%s", choices[i].files[k]);
            test_write(&f, name.at, choices[i].files[k + 1]);
        }
        nb_locks *locks = open_locks(&f, choices[i].at, &diags);
        nb_str said = NB_STR("-");
        if (nb_locks_project(locks, NB_STR("numpy"), &row))
            said = nb_arena_printf(&f.arena, NB_STR_FMT " " NB_STR_FMT, NB_STR_ARG(row.specifier),
                                   NB_STR_ARG(nb_locked_source(&f.arena, &row)));
        (void)nb_locks_project(locks, NB_STR("numpy"), &row); /* told once */
        assert_str(said, choices[i].said);
        assert_int_equal(diags.list.count, choices[i].finding[0] ? 1 : 0);
        if (diags.list.count > 0)
            assert_str(diags.list.at[0].message, choices[i].finding);
        test_folder_auto(&f);
    }
}

static void finds_projects_by_module(void **state)
{
    static const struct {
        const char *module, *name;
    } cases[] = {
        {"sklearn.svm.SVC",      "scikit-learn"        },
        {"cv2",                  "opencv-python"       },
        {"acme",                 "acme"                },
        {"corp.tools.x",         "corp-tools"          },
        {"google.cloud.storage", "google-cloud-storage"},
        {"docx",                 "docx"                }, /* what is locked counts, even the wrong one */
        {"yaml",                 "-"                   },
    };
    (void)state;
    test_folder f;
    nb_diags diags = {0};
    test_folder_open(&f);
    test_write(
        &f, "project/requirements.txt",
        "scikit-learn==1\nopencv-python==4\nacme==1\ncorp_tools==2\ngoogle-cloud-storage==2\ndocx==1\n");
    nb_locks *locks = open_locks(&f, "project", &diags);
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        nb_locked row = {.name = NB_STR("-")};
        print_message("%s\n", cases[i].module);
        (void)nb_locks_module(locks, nb_str_from(cases[i].module), &row);
        assert_str(row.name, cases[i].name);
    }
    test_folder_auto(&f);
}

static void reads_inline_metadata(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_diags diags = {.arena = &arena};
    const nb_script_text scripts[] = {
        {NB_STR(
             "# a\n# /// script\n# requires-python = \">=3.9\"\n# dependencies = [\n#   \"numpy>=1\",\n#\n# ]\n# ///\nimport numpy\n"),
         {.path = NB_STR("n.ipynb"), .cell = 3}                                                                                                                                },
        {NB_STR("# /// script\n# dependencies = [numpy]\n# ///\n"),                                                                              {.path = NB_STR("helpers.py")}},
        {NB_STR("# /// script\n# never closed\nx = 1\n"),                                                                                        {.path = NB_STR("other.py")}  },
    };
    nb_locks_input input = {.scripts = scripts, .script_count = NB_LEN(scripts), .minor = 11};
    nb_locks *locks = nb_locks_open(&arena, &input, &diags);
    nb_locked row;
    assert_true(nb_locks_project(locks, NB_STR("numpy"), &row));
    assert_str(row.specifier, ">=1");
    assert_str(nb_locked_source(&arena, &row), "cell 3");
    assert_int_equal(row.spot.line, 5);
    assert_int_equal(diags.list.count, 1);
    assert_str(diags.list.at[0].message, "'helpers.py' tells no versions: this is no value");
    assert_int_equal(diags.list.at[0].spot.line, 2);
}

static void lists_folders_and_files(void **state)
{
    static const struct {
        const char *folder, *root;
        size_t count;
    } cases[] = {
        {"/a/b/c", "/a", 3},
        {"/a",     "/a", 1},
        {"/x/y",   "/a", 2},
        {"/ab",    "/a", 2},
        {"/a/b",   "/",  3},
    };
    (void)state;
    nb_str folders[8];
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        size_t count = nb_lock_folders(nb_str_from(cases[i].folder), nb_str_from(cases[i].root),
                                       folders, NB_LEN(folders));
        assert_int_equal(count, cases[i].count);
        assert_str(folders[0], cases[i].folder);
        assert_str(folders[count - 1], cases[i].root);
    }
}

static void never_tells_a_login(void **state)
{
    (void)state;
    test_folder f;
    nb_diags diags = {0};
    test_folder_open(&f);
    test_write(
        &f, "project/uv.lock",
        "[[package]]\nname = 'x'\nsource = {registry = 'https://me:hunter2secret@acme.org/simple'} oops\n");
    (void)open_locks(&f, "project", &diags);
    assert_int_equal(diags.list.count, 1);
    assert_true(diags.list.at[0].spot.source.len > 0);
    assert_false(nb_str_contains(diags.list.at[0].spot.source, NB_STR("hunter2secret")));
    test_folder_auto(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_each_kind),          cmocka_unit_test(chooses_between_files),
        cmocka_unit_test(finds_projects_by_module), cmocka_unit_test(reads_inline_metadata),
        cmocka_unit_test(lists_folders_and_files),  cmocka_unit_test(never_tells_a_login),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
