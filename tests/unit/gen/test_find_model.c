/* Which variable holds the model. Expectations are read off the code by hand: what a colleague would say is trained. */
#include "cells.h"

#define TORCH "%% imports\nimport torch\nfrom torch import nn\nX = torch.zeros(2, 4)\n%% train\n"
#define LOOP(net)                                                               \
    "opt = torch.optim.SGD(" net ".parameters(), lr=0.1)\nfor _ in range(3):\n" \
    "    loss = criterion(" net "(X), X)\n    loss.backward()\n    opt.step()\n"
#define CRITERION "criterion = nn.CrossEntropyLoss()\n"

typedef struct model_case {
    const char *cells, *model; /* "": none is found */
} model_case;

static void check(const model_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        test_cells t = {0};
        test_cells_open(&t, cases[i].cells);
        nb_findings found = nb_find(t.graph, nb_sites_find(t.graph), t.params, &t.experiment);
        print_message("%s\n", cases[i].cells);
        assert_str(found.model, cases[i].model);
        nb_arena_release(&t.arena);
    }
}

static void constructors_of_libraries(void **state)
{
    (void)state;
    static const model_case cases[] = {
        {TORCH CRITERION "model = torch.nn.Linear(4, 3)\n" LOOP("model"),                                "model"},
        {TORCH CRITERION "net = nn.Sequential(nn.Linear(4, 3), nn.ReLU()).to('cpu')\n" LOOP("net"),
         "net"                                                                                                  },
        {TORCH CRITERION "import timm\nnet = timm.create_model('resnet18')\n" LOOP("net"),               "net"  },
        {TORCH CRITERION "net = torch.hub.load('pytorch/vision', 'resnet18')\n" LOOP("net"),             "net"  },
        {TORCH CRITERION "from torchvision.models import resnet18 as make\nnet = make()\n"
                         "net.fc = nn.Linear(512, 2)\n" LOOP("net"),
         "net"                                                                                                  },
        {TORCH CRITERION
         "from transformers import AutoModel, AutoTokenizer\nbert = AutoModel.from_pretrained('b')\n"
         "tok = AutoTokenizer.from_pretrained('b')\n" LOOP("bert") "print(len(tok), tok('x'))",
         "bert"                                                                                                 },
        {TORCH "from transformers import AutoModel, AutoTokenizer, Trainer\n"
               "bert = AutoModel.from_pretrained('b')\ntok = AutoTokenizer.from_pretrained('b')\n"
               "trainer = Trainer(model=bert, tokenizer=tok)\ntrainer.train()",                 "bert" },
    };
    check(cases, NB_LEN(cases));
}

static void what_an_optimizer_is_given(void **state)
{
    (void)state;
    static const model_case cases[] = {
        {TORCH CRITERION "import other\nnet = other.make()\n" LOOP("net"),                               "net"},
        {TORCH CRITERION
         "import other\nnet = other.make()\nopt = other.AdamW([{'params': net.parameters()}])", "net"},
        {TORCH CRITERION "import other\nnet = other.make()\n"
                         "def fit():\n    opt = torch.optim.Adam(net.parameters())\nfit()",     "net"},
 /* a network that is frozen, or counted, is not trained */
        {TORCH CRITERION "import other\nfrozen = other.make()\nnet = nn.Linear(4, 3)\n" LOOP(
             "net") "for p in frozen.parameters():\n    p.requires_grad = False\n"
                    "print(sum(p.numel() for p in frozen.parameters()))",                       "net"},
 /* layers that are used and not trained give way */
        {TORCH CRITERION
         "net = nn.Linear(4, 3)\nsoft = nn.Softmax(dim=1)\nproject = nn.Linear(3, 2)\n" LOOP(
             "net") "print(project(soft(net(X))))",
         "net"                                                                                                },
        {TORCH "w = nn.Parameter(torch.zeros(4, 1))\nopt = torch.optim.Adam([w])\n",                     ""   },
    };
    check(cases, NB_LEN(cases));
}

static void a_layer_alone(void **state)
{
    (void)state;
    static const model_case cases[] = {
        {TORCH
         "model = nn.LSTM(4, 3)\ndef run(m, loss):\n    loss(m(X)).backward()\nrun(model, nn.MSELoss())",
         "model"                                                                                                        },
        {TORCH "loss = nn.MSELoss()\nprint(loss(X, X))",                                                              ""},
        {"%% train\nimport sk\nfrom torch import nn\nlayer = nn.Linear(4, 3)\nclf = sk.Ridge()\nclf.fit([[1]], [1])",
         "clf"                                                                                                          },
    };
    check(cases, NB_LEN(cases));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(constructors_of_libraries),
                                       cmocka_unit_test(what_an_optimizer_is_given),
                                       cmocka_unit_test(a_layer_alone)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
