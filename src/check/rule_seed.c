#include "check/callees.h"
#include "check/rule.h"

#include "py/facts.h"

/* Training that draws random numbers gives another model each time unless a seed is set: with an argument of the call, or once for the library that
 * draws them. scikit-learn draws from numpy's global generator. One note for each library. */

typedef enum generator {
    BY_SKLEARN,
    BY_NUMPY,
    BY_RANDOM,
    BY_TORCH,
    BY_KERAS,
    GENERATORS
} generator;

enum { ALL = (1 << GENERATORS) - 1 };

static const struct seeder_row {
    const char *callee;
    unsigned seeds; /* bits of generator */
} seeders[] = {
    {"numpy.random.seed",                    1 << BY_NUMPY | 1 << BY_SKLEARN},
    {"random.seed",                          1 << BY_RANDOM                 },
    {"torch.manual_seed",                    1 << BY_TORCH                  },
    {"torch.cuda.manual_seed*",              0                              },
    {"torch.random.manual_seed",             1 << BY_TORCH                  },
    {"tensorflow.random.set_seed",           1 << BY_KERAS                  },
    {"tensorflow.set_random_seed",           1 << BY_KERAS                  },
    {"tensorflow.random.set_random_seed",    1 << BY_KERAS                  },
    {"tensorflow.compat.v1.set_random_seed", 1 << BY_KERAS                  },
};

typedef enum draw_sort { DRAWS, DRAWS_SHUFFLED, DRAWS_UNLESS_UNSHUFFLED, DRAWS_BARE } draw_sort;

static const struct draw_row {
    const char *callee;
    generator by;
    draw_sort sort;
} draws[] = {
    {"sklearn.model_selection.train_test_split",       BY_SKLEARN, DRAWS_UNLESS_UNSHUFFLED},
    {"sklearn.cross_validation.train_test_split",      BY_SKLEARN, DRAWS                  },
    {"sklearn.model_selection.ShuffleSplit",           BY_SKLEARN, DRAWS                  },
    {"sklearn.model_selection.StratifiedShuffleSplit", BY_SKLEARN, DRAWS                  },
    {"sklearn.model_selection.RandomizedSearchCV",     BY_SKLEARN, DRAWS                  },
    {"sklearn.model_selection.KFold",                  BY_SKLEARN, DRAWS_SHUFFLED         },
    {"sklearn.model_selection.StratifiedKFold",        BY_SKLEARN, DRAWS_SHUFFLED         },
    {"sklearn.ensemble.RandomForest*",                 BY_SKLEARN, DRAWS                  },
    {"sklearn.ensemble.ExtraTrees*",                   BY_SKLEARN, DRAWS                  },
    {"sklearn.ensemble.GradientBoosting*",             BY_SKLEARN, DRAWS                  },
    {"sklearn.ensemble.AdaBoost*",                     BY_SKLEARN, DRAWS                  },
    {"sklearn.ensemble.Bagging*",                      BY_SKLEARN, DRAWS                  },
    {"sklearn.ensemble.IsolationForest",               BY_SKLEARN, DRAWS                  },
    {"sklearn.tree.DecisionTree*",                     BY_SKLEARN, DRAWS                  },
    {"sklearn.neural_network.MLP*",                    BY_SKLEARN, DRAWS                  },
    {"sklearn.linear_model.SGD*",                      BY_SKLEARN, DRAWS                  },
    {"sklearn.cluster.KMeans",                         BY_SKLEARN, DRAWS                  },
    {"sklearn.cluster.MiniBatchKMeans",                BY_SKLEARN, DRAWS                  },
    {"sklearn.mixture.*",                              BY_SKLEARN, DRAWS                  },
    {"sklearn.utils.shuffle",                          BY_SKLEARN, DRAWS                  },
    {"sklearn.utils.resample",                         BY_SKLEARN, DRAWS                  },
    {"numpy.random.default_rng",                       BY_NUMPY,   DRAWS_BARE             },
    {"numpy.random.RandomState",                       BY_NUMPY,   DRAWS_BARE             },
    {"numpy.random.seed",                              GENERATORS, DRAWS                  },
    {"numpy.random.*",                                 BY_NUMPY,   DRAWS                  },
    {"random.Random",                                  BY_RANDOM,  DRAWS_BARE             },
    {"random.seed",                                    GENERATORS, DRAWS                  },
    {"random.*",                                       BY_RANDOM,  DRAWS                  },
    {"torch.rand*",                                    BY_TORCH,   DRAWS                  },
    {"torch.utils.data.random_split",                  BY_TORCH,   DRAWS                  },
    {"torch.utils.data.DataLoader",                    BY_TORCH,   DRAWS_SHUFFLED         },
    {"torch.nn.Linear",                                BY_TORCH,   DRAWS                  },
    {"torch.nn.Conv*",                                 BY_TORCH,   DRAWS                  },
    {"torch.nn.LSTM",                                  BY_TORCH,   DRAWS                  },
    {"torch.nn.GRU",                                   BY_TORCH,   DRAWS                  },
    {"torch.nn.Embedding",                             BY_TORCH,   DRAWS                  },
    {"torch.nn.Dropout*",                              BY_TORCH,   DRAWS                  },
    {"tensorflow.keras.layers.Dense",                  BY_KERAS,   DRAWS                  },
    {"tensorflow.keras.layers.Conv*",                  BY_KERAS,   DRAWS                  },
    {"keras.layers.Dense",                             BY_KERAS,   DRAWS                  },
    {"keras.layers.Conv*",                             BY_KERAS,   DRAWS                  },
    {"keras.layers.core.Dense",                        BY_KERAS,   DRAWS                  },
    {"tensorflow.random.*",                            BY_KERAS,   DRAWS                  },
};

static const char *const helps[] = {
    [BY_SKLEARN] = "pass random_state=0",
    [BY_NUMPY] = "call np.random.seed(0) first, or draw from np.random.default_rng(0)",
    [BY_RANDOM] = "call random.seed(0) first",
    [BY_TORCH] = "call torch.manual_seed(0) first",
    [BY_KERAS] = "call keras.utils.set_random_seed(0) first",
};

/* --- seeds --------------------------------------------------------------------------------------------------------- */

/* set_seed(42), seed_everything(0), fix_random_seeds(): libraries and notebooks have many of them, and they mean all generators. */
static bool is_general_seeder(const nb_site *call)
{
    return nb_str_contains(call->method, NB_STR("seed"));
}

static unsigned seeded_by(const nb_site *call)
{
    for (size_t i = 0; i < NB_LEN(seeders); i++)
        if (nb_callee_is(call->name, call->method, seeders[i].callee))
            return seeders[i].seeds;
    return is_general_seeder(call) ? ALL : 0;
}

/* --- draws --------------------------------------------------------------------------------------------------------- */

static nb_str argument(const nb_site *call, const char *keyword)
{
    const nb_py_tree *tree = call->statement->cell->tree;
    const nb_py_node *value = nb_py_argument(tree, call->node, keyword, -1);
    return value ? nb_py_text(tree, value) : NB_STR("None");
}

/* f(**options): nobody sees what is passed. */
static bool has_hidden_arguments(const nb_site *call)
{
    for (const nb_py_node *n = call->node->child; n; n = n->next)
        if (n->kind == NB_PY_KEYWORD && n->child == n->last)
            return true;
    return false;
}

static bool draws_unseeded(const nb_site *call, draw_sort sort)
{
    bool seeded = !nb_str_eqz(argument(call, "random_state"), "None") ||
                  !nb_str_eqz(argument(call, "generator"), "None") ||
                  !nb_str_eqz(argument(call, "seed"), "None");
    if (seeded || has_hidden_arguments(call))
        return false;
    switch (sort) {
    case DRAWS: return true;
    case DRAWS_SHUFFLED: return nb_str_eqz(argument(call, "shuffle"), "True");
    case DRAWS_UNLESS_UNSHUFFLED: return !nb_str_eqz(argument(call, "shuffle"), "False");
    case DRAWS_BARE: return !nb_py_get(call->node, NB_PY_FIELD_ARGUMENT);
    }
    return false;
}

/* --- findings ------------------------------------------------------------------------------------------------------ */

typedef struct seed_rule {
    unsigned seeded; /* bits of generator */
    const nb_site *first[GENERATORS];
    unsigned more[GENERATORS];
    bool bare[GENERATORS]; /* a generator object of its own: a global seed does not reach it */
} seed_rule;

static void look_at(const nb_analysis *a, seed_rule *r, const nb_site *call)
{
    if (!nb_statement_feeds_train(call->statement))
        return;
    r->seeded |= seeded_by(call);
    size_t i = 0;
    while (i < NB_LEN(draws) && !nb_callee_is(call->name, call->method, draws[i].callee))
        i++;
    if (i == NB_LEN(draws) || draws[i].by == GENERATORS || !draws_unseeded(call, draws[i].sort) ||
        !nb_sites_runs(a->graph, call))
        return;
    generator by = draws[i].by;
    r->bare[by] |= draws[i].sort == DRAWS_BARE;
    if (!r->first[by])
        r->first[by] = call;
    else
        r->more[by]++;
}

static void tell(const nb_analysis *a, const seed_rule *r, generator by)
{
    const nb_site *call = r->first[by];
    nb_spot spot =
        nb_source_spot(a->source, call->statement->cell, call->node->start, call->node->end);
    nb_str shown = nb_py_call_name(a->arena, call->statement->cell->tree, call->node);
    nb_str more = NB_STR("");
    if (r->more[by] > 0)
        more = nb_arena_printf(a->arena, " (and %u more call%s)", r->more[by],
                               r->more[by] == 1 ? "" : "s");
    nb_diag *diag = nb_diag_add(a->diags, NB_D_NO_SEED, spot,
                                NB_STR_FMT "() draws random numbers, and no seed is set" NB_STR_FMT,
                                NB_STR_ARG(shown), NB_STR_ARG(more));
    nb_diag_help(a->diags, diag, "%s: each run gives another model otherwise", helps[by]);
}

void nb_rule_seed(const nb_analysis *a)
{
    seed_rule r = {0};
    for (size_t i = 0; i < a->sites->calls.list.count; i++)
        look_at(a, &r, &a->sites->calls.list.at[i]);
    for (generator by = 0; by < GENERATORS; by++)
        if (r.first[by] && (r.bare[by] || !(r.seeded & 1U << by)))
            tell(a, &r, by);
}
