#include "folder.h"

#include "requirements/requirements.h"

enum { MOST = 16 };

/* What goes in, in short: uses are words "module", "module:name", with '?' before an optional one; asked lines are separated by '|'. */
typedef struct question {
    const char *uses, *asked;
    unsigned minor; /* 0: 11 */
    bool tracking;
    size_t skip; /* findings that come before */
} question;

typedef struct answer {
    nb_requirements requirements;
    nb_diags diags;
} answer;

static size_t read_uses(const char *text, nb_module_use *uses)
{
    nb_str rest = nb_str_from(text), word;
    size_t count = 0;
    while (rest.len > 0 && nb_str_split(&rest, ' ', &word)) {
        nb_module_use *use = &uses[count++];
        *use = (nb_module_use){
            .spot = {.path = NB_STR("n.ipynb"), .cell = (unsigned)count}
        };
        use->optional = nb_str_starts(word, NB_STR("?"));
        use->name = nb_str_from_at(word, use->optional);
        nb_str_split(&use->name, ':', &use->module);
    }
    return count;
}

static size_t read_asked(const char *text, nb_asked *asked)
{
    nb_str rest = nb_str_from(text ? text : ""), line;
    size_t count = 0;
    while (rest.len > 0 && nb_str_split(&rest, '|', &line)) {
        asked[count] = (nb_asked){
            .line = line, .spot = {.path = NB_STR("n.ipynb"), .cell = (unsigned)count + 1}
        };
        count++;
    }
    return count;
}

static answer ask(test_folder *f, question q)
{
    nb_module_use uses[MOST];
    nb_asked asked[MOST];
    const nb_str folders[] = {test_path(f, "project")};
    nb_requirements_input input = {.uses = uses,
                                   .asked = asked,
                                   .source_folders = folders,
                                   .source_folder_count = 1,
                                   .site_packages = {test_path(f, "site")},
                                   .minor = q.minor ? q.minor : 11,
                                   .tracking = q.tracking};
    input.use_count = read_uses(q.uses, uses);
    input.asked_count = read_asked(q.asked, asked);
    answer out = {.diags = {.arena = &f->arena}};
    out.requirements = nb_requirements_build(&f->arena, &input, &out.diags);
    return out;
}

/* "NB602 NB605", in the order they came. */
static nb_str codes(nb_arena *arena, const nb_diags *diags)
{
    nb_str all = NB_STR("");
    for (size_t i = 0; i < diags->list.count; i++)
        all = nb_arena_printf(arena, NB_STR_FMT "%s%s", NB_STR_ARG(all), i == 0 ? "" : " ",
                              nb_diag_row_of(diags->list.at[i].code)->code);
    return all;
}

/* The file without its comments. */
static nb_str lines_of(nb_arena *arena, const nb_requirements *requirements)
{
    nb_str all = NB_STR("");
    for (size_t i = 0; i < requirements->count; i++)
        all = nb_arena_printf(arena, NB_STR_FMT NB_STR_FMT "\n", NB_STR_ARG(all),
                              NB_STR_ARG(requirements->list[i].line));
    return all;
}

static void fill(test_folder *f)
{
    test_write(f, "project/utils.py", "");
    test_write(f, "project/pkg/__init__.py", "");
    test_write(f, "project/parts/one.py", "");
    test_write(f, "project/deep/__init__.py", "from .inner import x\n");
    test_write(f, "project/deep/inner.py", "import chain\ndef f():\n    import cv2\n");
    test_write(f, "project/chain.py",
               "import deep\nfrom sklearn.svm import SVC\nimport pandas as pd\n");
    test_write(f, "project/broken.py", "import sklearn\nthis is no Python\n");
    test_write(f, "project/numpy_data/x.csv", "");
    test_write(f, "project/requirements.txt", "pandas==2.1  # from a file\n\n-r more.txt\n");
    test_write(f, "project/more.txt", "tqdm\n-r requirements.txt\nnot a line\n");
    test_write(f, "site/sklearn/__init__.py", "");
    test_write(f, "site/scikit_learn-1.3.2.dist-info/METADATA",
               "Name: scikit-learn\nVersion: 1.3.2\n");
    test_write(f, "site/scikit_learn-1.3.2.dist-info/top_level.txt", "sklearn\n");
    test_write(f, "site/clip/__init__.py", "");
    test_write(f, "site/clip-1.0.dist-info/METADATA", "Name: clip\nVersion: 1.0\n");
    test_write(
        f, "site/clip-1.0.dist-info/direct_url.json",
        "{\"url\":\"https://h/CLIP.git\",\"vcs_info\":{\"vcs\":\"git\",\"commit_id\":\"a1\"}}");
    test_write(f, "site/ours/__init__.py", "");
    test_write(f, "site/ours-0.1.dist-info/direct_url.json", "{\"url\":\"file:///home/me/ours\"}");
    test_write(f, "site/torch/__init__.py", "");
    test_write(f, "site/torch-2.2.0+cpu.dist-info/METADATA", "Name: torch\nVersion: 2.2.0+cpu\n");
    test_write(f, "site/tensorboard/__init__.py", "");
    test_write(f, "site/tensorboard-2.15.dist-info/METADATA", "Name: tensorboard\nVersion: 2.15\n");
    test_write(f, "site/mlflow-2.9.dist-info/METADATA", "Name: mlflow\nVersion: 2.9\n");
    test_write(f, "site/company_tools/__init__.py", "");
    test_write(f, "site/company_tools-3.dist-info/METADATA", "Name: company-tools\nVersion: 3\n");
}

static const struct {
    question q;
    const char *text, *codes, *local;
} cases[] = {
  /* nothing to install */
    {{"os json.decoder", NULL, 0, false, 0},                                           "",                                   "",                        ""                  },
    {{"utils pkg parts.one", NULL, 0, false, 0},                                       "",                                   "NB603 NB603 NB603",       "parts pkg utils.py"},
    {{"pkg.sub pkg:sub parts:two ?pkg.other", NULL, 0, false, 0},
     "",                                                                                                                     "NB603 NB610 NB603 NB610",
     "pkg"                                                                                                                                                                  },
 /* what modules of the project import */
    {{"deep", NULL, 0, false, 0},
     "pandas\nscikit-learn==1.3.2\n",                                                                                        "NB603 NB603 NB601 NB605",
     "chain.py deep"                                                                                                                                                        },
    {{"broken", NULL, 0, false, 0},                                                    "",                                   "NB603 NB301",             "broken.py"         },
 /* evidence, in order */
    {{"sklearn.ensemble os", NULL, 0, false, 0},                                       "scikit-learn==1.3.2\n",              "",                        ""                  },
    {{"sklearn sklearn.svm sklearn.svm:SVC", NULL, 0, false, 0},                       "scikit-learn==1.3.2\n",              "",                        ""                  },
    {{"pandas yaml", NULL, 0, false, 0},                                               "pandas\npyyaml\n",                   "NB605",                   ""                  },
    {{"google.cloud.storage", NULL, 0, false, 0},                                      "google-cloud-storage\n",             "NB605",                   ""                  },
    {{"google.cloud:storage", NULL, 0, false, 0},                                      "google-cloud-storage\n",             "NB605",                   ""                  },
    {{"azure.ai.ml:MLClient", NULL, 0, false, 0},                                      "azure-ai-ml\n",                      "NB605",                   ""                  },
    {{"cv2", NULL, 0, false, 0},                                                       "opencv-python-headless\n",           "NB605",                   ""                  },
    {{"pylab:*", NULL, 0, false, 0},                                                   "matplotlib\n",                       "NB605",                   ""                  },
    {{"company_tools", NULL, 0, false, 0},                                             "company-tools==3\n",                 "",                        ""                  },
    {{"clip", NULL, 0, false, 0},                                                      "clip @ git+https://h/CLIP.git@a1\n", "",                        ""                  },
    {{"torch", NULL, 0, false, 0},                                                     "torch==2.2.0\n",                     "",                        ""                  },
    {{"ours", NULL, 0, false, 0},                                                      "",                                   "NB603",                   ""                  },
 /* never a guess */
    {{"helper", NULL, 0, false, 0},                                                    "",                                   "NB610",                   ""                  },
    {{"helper", "git+https://h/x.git", 0, false, 0},                                   "git+https://h/x.git\n",              "NB601",                   ""                  },
    {{"my_own_things ?utilities stranger", NULL, 0, false, 0},                         "",                                   "NB610 NB601",             ""                  },
    {{"helper helper.sub helper:x", NULL, 0, false, 0},                                "",                                   "NB610",                   ""                  },
    {{"numpy_data", NULL, 0, false, 0},                                                "",                                   "NB601",                   ""                  },
    {{"urllib2", NULL, 0, false, 0},                                                   "",                                   "NB601",                   ""                  },
    {{"google", NULL, 0, false, 0},                                                    "",                                   "NB601",                   ""                  },
    {{"google.colab:drive", NULL, 0, false, 0},                                        "",                                   "NB602",                   ""                  },
    {{"google.colab google:colab google.colab.files", NULL, 0, false, 0},              "",                                   "NB602",                   ""                  },
    {{".sub:x ..:y ?.z:z", NULL, 0, false, 0},                                         "",                                   "NB610",                   ""                  },
 /* optional imports */
    {{"?google.colab ?ujson ?helper ?imp ?sklearn", NULL, 12, false, 0},
     "scikit-learn==1.3.2\n",                                                                                                "NB601",
     ""                                                                                                                                                                     },
    {{"?yaml yaml", NULL, 0, false, 0},                                                "pyyaml\n",                           "NB605",                   ""                  },
    {{"?ujson", "ujson", 0, false, 0},                                                 "ujson\n",                            "",                        ""                  },
 /* the standard library of a version */
    {{"imp", NULL, 11, false, 0},                                                      "",                                   "",                        ""                  },
    {{"imp imp", NULL, 12, false, 0},                                                  "",                                   "NB607",                   ""                  },
    {{"tomllib", NULL, 10, false, 0},                                                  "",                                   "NB607",                   ""                  },
 /* asked lines */
    {{"torch", "torch==2.1.0", 0, false, 0},                                           "torch==2.1.0\n",                     "",                        ""                  },
    {{"torch", "torch", 0, false, 0},                                                  "torch\n",                            "",                        ""                  },
    {{"yaml", "PyYAML>=6 # c", 0, false, 0},                                           "PyYAML>=6\n",                        "",                        ""                  },
    {{"cv2", "opencv-python==4.8.1.78", 0, false, 0},                                  "opencv-python==4.8.1.78\n",          "",                        ""                  },
    {{"", "b|a|C", 0, false, 0},                                                       "a\nb\nC\n",                          "",                        ""                  },
    {{"", "numpy==1.24|numpy==1.26", 0, false, 0},                                     "numpy==1.26\n",                      "NB604",                   ""                  },
    {{"", "numpy==1.24|numpy == 1.24", 0, false, 0},                                   "numpy == 1.24\n",                    "",                        ""                  },
    {{"", "numpy==1.24|numpy", 0, false, 0},                                           "numpy==1.24\n",                      "",                        ""                  },
    {{"", "numpy|numpy==1.24", 0, false, 0},                                           "numpy==1.24\n",                      "",                        ""                  },
    {{"", "Py_YAML==1|py-yaml==1", 0, false, 0},                                       "py-yaml==1\n",                       "",                        ""                  },
    {{"", "dask[array]>=2|dask[bag]", 0, false, 0},                                    "dask[array,bag]>=2\n",               "",                        ""                  },
    {{"", "dask[bag]|dask[array,Bag]==2", 0, false, 0},                                "dask[array,Bag]==2\n",               "",                        ""                  },
    {{"", "a[x] ; os_name=='nt'|a[y]==1;os_name == \"nt\"", 0, false, 0},
     "a[x,y]==1; os_name == \"nt\"\n",                                                                                       "",
     ""                                                                                                                                                                     },
    {{"", "a==1;python_version<'3.9'|a==2;python_version>='3.9'", 0, false, 0},
     "a==1;python_version<'3.9'\na==2;python_version>='3.9'\n",                                                              "",
     ""                                                                                                                                                                     },
    {{"", "numpy|--pre|--index-url https://h/s|--pre", 0, false, 0},
     "--pre\n--index-url https://h/s\nnumpy\n",                                                                              "",
     ""                                                                                                                                                                     },
    {{"clip", "git+https://github.com/openai/CLIP.git", 0, false, 0},
     "git+https://github.com/openai/CLIP.git\n",                                                                             "",
     ""                                                                                                                                                                     },
    {{"", "transformers==4.1|git+https://h/transformers.git", 0, false, 0},
     "git+https://h/transformers.git\n",                                                                                     "NB604",
     ""                                                                                                                                                                     },
    {{"", "a[x]|a @ https://h/a.whl", 0, false, 0},                                    "a[x] @ https://h/a.whl\n",           "",                        ""                  },
    {{"", "a[x]|git+https://h/a.git", 0, false, 0},                                    "a[x] @ git+https://h/a.git\n",       "",                        ""                  },
    {{"", "a[x]|./a", 0, false, 0},                                                    "./a\n",                              "NB212",                   ""                  },
    {{"mylib", "-e git+https://h/mylib.git#egg=mylib", 0, false, 0},
     "-e git+https://h/mylib.git#egg=mylib\n",                                                                               "",
     ""                                                                                                                                                                     },
    {{"", "./wheels/x-1-py3-none-any.whl", 0, false, 0},
     "./wheels/x-1-py3-none-any.whl\n",                                                                                      "NB212",
     ""                                                                                                                                                                     },
    {{"", "pandas=1.0|numpy scipy||# words", 0, false, 0},                             "",                                   "NB608 NB608",             ""                  },
    {{"", "git+https://me:word@h/x.git|--index-url https://me:word@h/s", 0, false, 0},
     "",                                                                                                                     "NB214 NB214",
     ""                                                                                                                                                                     },
 /* files */
    {{"tqdm", "-r requirements.txt", 0, false, 0},                                     "pandas==2.1\ntqdm\n",                "NB608",                   ""                  },
    {{"", "-r absent.txt|-c more.txt|-r ../site/x|-r https://h/r.txt", 0, false, 0},
     "-r https://h/r.txt\n",                                                                                                 "NB212 NB212 NB212",
     ""                                                                                                                                                                     },
 /* ours */
    {{"os", NULL, 0, true, 0},                                                         "mlflow==2.9\n",                      "",                        ""                  },
    {{"mlflow mlflow.sklearn", "mlflow-skinny", 0, true, 0},                           "mlflow-skinny\n",                    "",                        ""                  },
    {{"torch.utils.tensorboard:SummaryWriter", NULL, 0, false, 0},
     "tensorboard==2.15\ntorch==2.2.0\n",                                                                                    "NB606",
     ""                                                                                                                                                                     },
    {{"transformers:Trainer", "accelerate==1", 0, false, 0},
     "accelerate==1\ntransformers\n",                                                                                        "NB605",
     ""                                                                                                                                                                     },
 /* a stranger's project of the module's name */
    {{"sklearn sklearn.svm", "sklearn", 0, false, 0},
     "scikit-learn==1.3.2\nsklearn\n",                                                                                       "NB609",
     ""                                                                                                                                                                     },
    {{"docx", "docx", 0, false, 0},                                                    "docx\npython-docx\n",                "NB609 NB605",             ""                  },
};

static void builds_requirements(void **state)
{
    (void)state;
    test_folder f;
    test_folder_open(&f);
    fill(&f);
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        print_message("case %zu: %s with %s\n", i, cases[i].q.uses,
                      cases[i].q.asked ? cases[i].q.asked : "nothing asked");
        answer got = ask(&f, cases[i].q);
        assert_str(lines_of(&f.arena, &got.requirements), cases[i].text);
        assert_str(codes(&f.arena, &got.diags), cases[i].codes);
        nb_str local = NB_STR("");
        for (size_t n = 0; n < got.requirements.local_module_count; n++)
            local =
                nb_arena_printf(&f.arena, NB_STR_FMT "%s" NB_STR_FMT, NB_STR_ARG(local),
                                n == 0 ? "" : " ", NB_STR_ARG(got.requirements.local_modules[n]));
        assert_str(local, cases[i].local);
    }
    test_folder_auto(&f);
}

static void lists_what_the_file_says(void **state)
{
    (void)state;
    test_folder f;
    test_folder_open(&f);
    fill(&f);
    answer got = ask(
        &f, (question){.uses = "sklearn", .asked = "--pre|Py_YAML==6|git+https://h/a.git#egg=Z.z"});
    static const char *const want[][2] = {
        {"",             "--pre"                      },
        {"py-yaml",      "Py_YAML==6"                 },
        {"scikit-learn", "scikit-learn==1.3.2"        },
        {"z-z",          "git+https://h/a.git#egg=Z.z"}
    };
    assert_int_equal(got.requirements.count, NB_LEN(want));
    for (size_t i = 0; i < NB_LEN(want); i++) {
        assert_str(got.requirements.list[i].distribution, want[i][0]);
        assert_str(got.requirements.list[i].line, want[i][1]);
    }
    test_folder_auto(&f);
}

static void findings_say_what_to_do(void **state)
{
    (void)state;
    static const struct {
        question q;
        const char *message, *help;
        nb_severity severity;
    } findings[] = {
        {{.uses = "stranger"},
         "no known distribution provides 'stranger'",                               "name what provides it in a cell tagged 'requirements', or put 'stranger.py' beside the "
         "notebook",                                                                                                            NB_SEVERITY_WARNING},
        {{.uses = "helper"},
         "there is no module 'helper'",                                             "put 'helper.py' beside the notebook, or name what provides it in a cell tagged 'requirements'",
         NB_SEVERITY_ERROR                                                                                                                                                                              },
        {{.uses = "pkg.sub"},
         "'pkg' is the project's own: it travels with the scripts",                 "",
         NB_SEVERITY_INFO                                                                                                                                                                               },
        {{.uses = "pkg pkg.sub", .skip = 1},
         "there is no module 'pkg.sub'",                                            "put 'sub.py' into 'pkg', or correct the import",
         NB_SEVERITY_ERROR                                                                                                                                                                              },
        {{.uses = ".utils:x"},
         "a relative import has no package to start from in a script",              "leave out the dots: 'from utils import ...' finds it",
         NB_SEVERITY_ERROR                                                                                                                                                                              },
        {{.uses = "urllib2"},
         "no known distribution provides 'urllib2'",                                "import urllib.request: this is Python 2's name",
         NB_SEVERITY_WARNING                                                                                                                                                                            },
        {{.uses = "kaggle_secrets:UserSecretsClient"},
         "'kaggle_secrets.UserSecretsClient' exists only on Kaggle",                "read the secret from an environment variable",
         NB_SEVERITY_ERROR                                                                                                                                                                              },
        {{.uses = "?ujson"},
         "'ujson' is not required: its import is optional and it is not installed", "name it in a cell tagged 'requirements' to have it",
         NB_SEVERITY_INFO                                                                                                                                                                               },
        {{.uses = "imp", .minor = 12},
         "'imp' is not in the standard library of Python 3.12",                     "use importlib: importlib.reload, importlib.util",
         NB_SEVERITY_WARNING                                                                                                                                                                            },
        {{.uses = "", .asked = "numpy==1|numpy==2"},
         "'numpy==2' takes the place of 'numpy==1' in cell 1",                      "keep one of the two",
         NB_SEVERITY_WARNING                                                                                                                                                                            },
        {{.uses = "", .asked = "pandas=1.0"},
         "'pandas=1.0' is left out: a version is asked for with '=='",              "write 'pandas==1.0'",
         NB_SEVERITY_WARNING                                                                                                                                                                            },
        {{.uses = "", .asked = "https://me:word@h/x.whl"},
         "a requirement is left out: its address holds a password",                 "take it from an environment variable: https://${USER}:${TOKEN}@host/...",
         NB_SEVERITY_WARNING                                                                                                                                                                            },
        {{.uses = "pandas yaml numpy"},
         "no version is known for 'pandas', 'pyyaml' and 'numpy'",                  "install them in the chosen Python, or pin them in a cell tagged 'requirements'",
         NB_SEVERITY_INFO                                                                                                                                                                               },
        {{.uses = "docx", .asked = "docx==1"},
         "the project 'docx' does not provide the module 'docx'",                   "ask for 'python-docx' instead",
         NB_SEVERITY_WARNING                                                                                                                                                                            },
        {{.uses = "ours"},
         "'ours' is left out: it was installed from a path on this machine",        "name its repository in a cell tagged 'requirements', or its folder in 'include:'",
         NB_SEVERITY_WARNING                                                                                                                                                                            },
    };
    test_folder f;
    test_folder_open(&f);
    fill(&f);
    for (size_t i = 0; i < NB_LEN(findings); i++) {
        print_message("case %zu: %s\n", i, findings[i].message);
        answer got = ask(&f, findings[i].q);
        assert_true(got.diags.list.count > findings[i].q.skip);
        const nb_diag *diag = &got.diags.list.at[findings[i].q.skip];
        assert_str(diag->message, findings[i].message);
        assert_str(diag->help, findings[i].help);
        assert_int_equal(diag->severity, findings[i].severity);
    }
    test_folder_auto(&f);
}

static void nothing_gives_nothing(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_diags diags = {.arena = &arena};
    nb_requirements_input input = {0};
    nb_requirements got = nb_requirements_build(&arena, &input, &diags);
    assert_str(got.text, "");
    assert_int_equal(got.count, 0);
    assert_int_equal(diags.list.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(builds_requirements),
        cmocka_unit_test(lists_what_the_file_says),
        cmocka_unit_test(findings_say_what_to_do),
        cmocka_unit_test(nothing_gives_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
