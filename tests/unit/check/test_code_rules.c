/* NB312 to NB316 and NB410: what the code of a notebook will do where nobody watches. */
#include "rule_cases.h"

static void test_unused(void **state)
{
    (void)state;
    static const rule_case cases[] = {
        {"%% train\ndef f():\n    pass\nprint(1)",                                                          "info 1:1"},
        {"%% train\ndef f():\n    f()\nprint(1)",                                                           "info 1:1"},
        {"%% train\nclass A:\n    pass\nprint(1)",                                                          "info 1:1"},
        {"%% utils\ndef f():\n    pass\n%%\nf()\n%% train\nprint(1)",                                       "info 1:1"},
        {"%% train\ndef f():\n    pass\nf()",                                                               ""        },
        {"%% train\nclass A:\n    pass\nclass B(A):\n    pass\nB()",                                        ""        },
        {"%% utils\ndef f():\n    pass\n%% inference\ndef predict(x):\n    return f()\n%% train\nprint(1)",
         ""                                                                                                           },
        {"%% train\n@register\ndef f():\n    pass\nprint(1)",                                               ""        },
        {"%% train\ndef f():\n    pass\nexec('f()')",                                                       ""        },
        {"%%\ndef f():\n    pass\n%% train\nprint(1)",                                                      ""        },
        {"%% train\ndef train(epochs=3):\n    return epochs",                                               ""        },
        {"%% inference\ndef predict(x):\n    pass\n%% train\nprint(1)",                                     ""        },
    };
    test_rule(NB_D_UNUSED_DEFINITION, cases, NB_LEN(cases));
}

static void test_unreachable(void **state)
{
    (void)state;
    static const rule_case cases[] = {
        {"%% train\ndef f():\n    return 1\n    x = 2\nf()",                   "warning 1:3"},
        {"%% train\nfor i in 'ab':\n    continue\n    print(i)",               "warning 1:3"},
        {"%% train\nwhile 1:\n    break\n    print(1)",                        "warning 1:3"},
        {"%% train\ndef f():\n    raise KeyError\n    return 1\nf()",          "warning 1:3"},
        {"%% train\nimport sys\ndef f():\n    sys.exit()\n    return 1\nf()",  "warning 1:4"},
        {"%% train\nif False:\n    x = 1",                                     "info 1:1"   },
        {"%% train\nwhile 0:\n    x = 1",                                      "info 1:1"   },
        {"%% train\nimport sys\nprint(1)\nsys.exit()\nprint(2)",               "warning 1:3"},
        {"%% train\nexit(1)",                                                  "error 1:1"  },
        {"%% train\nimport os\nos._exit(0)",                                   "error 1:2"  },
        {"%% train\nraise ValueError('stop')",                                 "error 1:1"  },
        {"%% train\nraise SystemExit\n%% train\nprint(1)",                     "warning 1:1"},
        {"%% train\nimport sys\ndef main():\n    return 0\nsys.exit(main())",  ""           },
        {"%% train\nexit()",                                                   ""           },
        {"%%\nexit(1)\n%% train\nprint(1)",                                    ""           },
        {"%% train\ndef f():\n    return 1\nf()",                              ""           },
        {"%% train\ndef f():\n    if 1:\n        return 1\n    return 2\nf()", ""           },
        {"%% train\ndef f():\n    return 1\n    'about f'\nf()",               ""           },
        {"%% train\ndef f():\n    return\n    yield\nf()",                     ""           },
        {"%% train\ndef exit(x):\n    pass\nexit(1)\nprint(1)",                ""           },
        {"%% train\nif x_is_bad():\n    raise ValueError",                     ""           },
        {"%% train\nif True:\n    x = 1",                                      ""           },
    };
    test_rule(NB_D_UNREACHABLE, cases, NB_LEN(cases));
}

static void test_seed(void **state)
{
    (void)state;
    static const rule_case cases[] = {
        {"%% train\nfrom sklearn.model_selection import train_test_split\ntrain_test_split(1, 2)",
         "info 1:2"                                                                                                       },
        {"%% train\nimport numpy as np\nx = np.random.rand(3)",                                                 "info 1:2"},
        {"%% train\nimport random\nrandom.shuffle([])\nimport numpy as np\nnp.random.rand(3)",
         "info 1:4 info 1:2"                                                                                              },
        {"%% train\nimport numpy as np\nrng = np.random.default_rng()",                                         "info 1:2"},
        {"%% train\nfrom torch import nn\nm = nn.Linear(1, 2)",                                                 "info 1:2"},
        {"%% train\nfrom sklearn.ensemble import RandomForestClassifier as R\nR(random_state=None)",
         "info 1:2"                                                                                                       },
        {"%% train\nimport random\nrandom.seed(0)\nimport numpy as np\nnp.random.rand(3)",
         "info 1:4"                                                                                                       },
        {"%% train\nimport numpy as np\nnp.random.seed(0)\nrng = np.random.default_rng()",
         "info 1:3"                                                                                                       },
        {"%% train\nfrom sklearn.model_selection import train_test_split\ntrain_test_split(1, random_state=1)",
         ""                                                                                                               },
        {"%% train\nfrom sklearn.model_selection import train_test_split as t\nt(1, shuffle=False)",
         ""                                                                                                               },
        {"%% train\nfrom sklearn.model_selection import train_test_split as t\nt(1, **options)",
         ""                                                                                                               },
        {"%% train\nfrom sklearn.model_selection import KFold\nKFold(5)",                                       ""        },
        {"%% train\nimport numpy as np\nnp.random.seed(0)\nnp.random.rand(3)",                                  ""        },
        {"%% train\nimport numpy as np\nrng = np.random.default_rng(1)",                                        ""        },
        {"%% train\nimport torch\ntorch.manual_seed(0)\ntorch.randn(3)",                                        ""        },
        {"%% train\nimport torch\nseed_everything(0)\ntorch.randn(3)",                                          ""        },
        {"%%\nimport numpy as np\nnp.random.rand(3)\n%% train\nprint(1)",                                       ""        },
        {"%% train\nimport numpy as np\ndef f():\n    return np.random.rand(3)",                                ""        },
    };
    test_rule(NB_D_NO_SEED, cases, NB_LEN(cases));
}

static void test_interactive(void **state)
{
    (void)state;
    static const rule_case cases[] = {
        {"%% train\nx = input('?')",                                        "error 1:1"          },
        {"%% train\nfrom getpass import getpass\ngetpass()",                "error 1:2"          },
        {"%% train\nimport getpass as g\ng.getpass()",                      "error 1:2"          },
        {"%% train\nbreakpoint()",                                          "error 1:1"          },
        {"%% train\nimport pdb; pdb.set_trace()",                           "error 1:1"          },
        {"%% train\nfrom google.colab import files\nfiles.upload()",        "error 1:2"          },
        {"%% train\nimport cv2\ncv2.imshow('a', b)\ncv2.waitKey(0)",        "error 1:2 error 1:3"},
        {"%% train\nimport cv2\ncv2.VideoCapture(0)",                       "error 1:2"          },
        {"%% train\nimport ipywidgets as w\nw.IntSlider()\nw.IntSlider()",  "warning 1:2"        },
        {"%% train\nfrom ipywidgets import interact\ninteract(print, x=1)", "warning 1:2"        },
        {"%% train\nif ask:\n    x = input()",                              "warning 1:2"        },
        {"%% train\ndef f():\n    return input()\nf()",                     "error 1:2"          },
        {"%% train\ndef f():\n    return input()",                          ""                   },
        {"%%\nx = input()\n%% train\nprint(1)",                             ""                   },
        {"%% train\ndef input(x):\n    return x\ninput(1)",                 ""                   },
        {"%% train\nmodel.input(1)",                                        ""                   },
        {"%% train\nimport cv2\ncv2.VideoCapture('a.mp4')",                 ""                   },
        {"%% train\nfrom keras.layers import Input as input\ninput(3)",     ""                   },
    };
    test_rule(NB_D_INTERACTIVE, cases, NB_LEN(cases));
}

static void test_gpu(void **state)
{
    (void)state;
    static const rule_case cases[] = {
        {"%% train\nimport torch\nm = make().cuda()",                                  "warning 1:2"},
        {"%% train\nimport torch\nd = torch.device('cuda')",                           "warning 1:2"},
        {"%% train\nm.to('cuda:0')\nm.to('cuda:1')",                                   "warning 1:1"},
        {"%% train\ndevice = 'cuda'",                                                  "warning 1:1"},
        {"%% train\nXGB(tree_method='gpu_hist')",                                      "warning 1:1"},
        {"%% train\nCat(task_type='GPU')",                                             "warning 1:1"},
        {"%% train\nimport torch\nd = 'cuda' if torch.cuda.is_available() else 'cpu'", ""           },
        {"%% train\nimport torch\nif torch.cuda.is_available():\n    m.cuda()",        ""           },
        {"%% train\nimport torch\ntorch.cuda.empty_cache()",                           ""           },
        {"%%\nm.cuda()\n%% train\nprint(1)",                                           ""           },
        {"%% train\ndef f(device='cuda'):\n    pass\nf()",                             ""           },
        {"%% train\nprint('cuda')",                                                    ""           },
    };
    test_rule(NB_D_GPU_ONLY, cases, NB_LEN(cases));
}

static void test_download(void **state)
{
    (void)state;
    static const rule_case cases[] = {
        {"%% train\nfrom urllib.request import urlretrieve\nurlretrieve('u', 'f')",             "warning 1:2"},
        {"%% train\nimport urllib.request\nurllib.request.urlretrieve('u', 'f')",               "warning 1:2"},
        {"%% train\nimport requests\nrequests.get('u')",                                        "warning 1:2"},
        {"%% train\nimport pandas as pd\npd.read_csv('https://h/x.csv')",                       "warning 1:2"},
        {"%% train\nimport pandas as pd\nurl = 'https://h/'\npd.read_csv(url + 'x.csv')",
         "warning 1:3"                                                                                       },
        {"%% train\nimport pandas as pd\nurl = 'https://h/'\npd.read_csv(f'{url}x.csv')",
         "warning 1:3"                                                                                       },
        {"%% train\nfrom torchvision import datasets\ndatasets.MNIST('.', download=True)",
         "info 1:2"                                                                                          },
        {"%% train\nfrom sklearn.datasets import fetch_openml\nfetch_openml('mnist')",          "info 1:2"   },
        {"%% train\nimport nltk\nnltk.download('a')\nnltk.download('b')",                       "info 1:2"   },
        {"%% train\nimport tensorflow as tf\ntf.keras.utils.get_file('a', 'u')",                "info 1:2"   },
        {"%% train\nfrom tensorflow.keras.datasets import mnist\nmnist.load_data()",            "info 1:2"   },
        {"%% train\nfrom transformers import AutoModel\nAutoModel.from_pretrained('bert')",
         "info 1:2"                                                                                          },
        {"%% train\nfrom datasets import load_dataset\nload_dataset('imdb')",                   "info 1:2"   },
        {"%% train\nimport os, wget\nif not os.path.exists('f'):\n    wget.download('u', 'f')",
         "info 1:3"                                                                                          },
        {"%% train\nimport gdown\ngdown.download('u')",                                         "warning 1:2"},
        {"%% train\nimport kagglehub\nkagglehub.dataset_download('a/b')",                       "warning 1:2"},
        {"%% train\nimport torchvision.models as models\nmodels.resnet18(weights='DEFAULT')",
         "info 1:2"                                                                                          },
        {"%% train\nimport torchvision.models as models\nmodels.resnet18(pretrained=False)",    ""           },
        {"%% train\nfrom datasets import load_dataset\nload_dataset('csv', data_files='a')",    ""           },
        {"%% train\nAutoModel.from_pretrained('./here')",                                       ""           },
        {"%% train\nAutoModel.from_pretrained(path)",                                           ""           },
        {"%% train\nimport requests\nrequests.get('http://localhost:8080/v1')",                 ""           },
        {"%% train\nimport requests\nrequests.post('u', data=b'')",                             ""           },
        {"%% train\nimport pandas as pd\npd.read_csv('x.csv')",                                 ""           },
        {"%% train\nfrom torchvision import datasets\ndatasets.MNIST('.')",                     ""           },
        {"%% train\nimport requests\ndef f():\n    return requests.get('u')",                   ""           },
        {"%%\nimport requests\nrequests.get('u')\n%% train\nprint(1)",                          ""           },
        {"%% train\nfrom sklearn.datasets import load_iris\nload_iris()",                       ""           },
        {"%% train\ndef load_dataset(x):\n    return x\nload_dataset('a')",                     ""           },
    };
    test_rule(NB_D_DOWNLOAD, cases, NB_LEN(cases));
}

#define FITTED "%% train\nimport sklearn.svm as s\nm = s.SVC().fit(1, 2)\n"

/* What the bulk notebooks showed to be wrong once. */
static void test_models_and_handlers(void **state)
{
    (void)state;
    static const rule_case models[] = {
        {"%% model\nclass N:\n    def parameters(self):\n        return []\n    def __call__(self, x):\n"
         "        return x\n%% train\nn = N()\nfor p in n.parameters():\n    p.data += 1",      ""},
        {"%% train\nimport tensorflow as tf\ne = tf.estimator.DNNClassifier()\ne.train(input_fn=print)",
         ""                                                                                                },
        {"%% train\nclass N:\n    def parameters(self):\n        return []\nn = N()\nprint(n)",
         "error 1:5"                                                                                       },
    };
    static const rule_case handlers[] = {
        {FITTED "%% inference\ndef prediction_client():\n    return 1",                                   ""         },
        {FITTED "%% inference\ndef predict_all():\n    return 1",                                         ""         },
        {FITTED
         "%% inference\ndef predict_a(a, b, c):\n    return 1\ndef predict_b(a):\n    return 1", ""         },
        {FITTED "%% inference\ndef predict_a(a, b, c):\n    return 1",                                    "error 2:1"},
        {FITTED "%% inference\ndef predict():\n    return 1",                                             "error 2:1"},
    };
    test_rule(NB_D_NO_MODEL, models, NB_LEN(models));
    test_rule(NB_D_HANDLER_SIGNATURE, handlers, NB_LEN(handlers));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unused),
        cmocka_unit_test(test_unreachable),
        cmocka_unit_test(test_seed),
        cmocka_unit_test(test_interactive),
        cmocka_unit_test(test_gpu),
        cmocka_unit_test(test_download),
        cmocka_unit_test(test_models_and_handlers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
