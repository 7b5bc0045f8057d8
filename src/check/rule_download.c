#include "check/callees.h"
#include "check/path_kinds.h"
#include "check/rule.h"

#include "py/facts.h"

/* What the scripts fetch while they run. Data behind an address may change or vanish, and a training machine may have no way out: a warning. Data
 * sets and weights that a library names, checks and keeps are a note. */

typedef enum download_sort {
    FETCHES,         /* always */
    FETCHES_URL,     /* when an argument is a web address */
    FETCHES_ASKED,   /* with download=True */
    FETCHES_WEIGHTS, /* with weights= or pretrained= */
    FETCHES_NAMED,   /* when the first argument is a name, no path that is here */
} download_sort;

static const struct download_row {
    const char *callee;
    download_sort sort;
    nb_severity severity;
} rows[] = {
    {"urllib.request.urlretrieve",                FETCHES,         NB_SEVERITY_WARNING},
    {"urllib.request.urlopen",                    FETCHES,         NB_SEVERITY_WARNING},
    {"urllib.urlretrieve",                        FETCHES,         NB_SEVERITY_WARNING},
    {"urllib.urlopen",                            FETCHES,         NB_SEVERITY_WARNING},
    {"urllib2.urlopen",                           FETCHES,         NB_SEVERITY_WARNING},
    {"six.moves.urllib.request.urlretrieve",      FETCHES,         NB_SEVERITY_WARNING},
    {"requests.get",                              FETCHES,         NB_SEVERITY_WARNING},
    {"httpx.get",                                 FETCHES,         NB_SEVERITY_WARNING},
    {"wget.download",                             FETCHES,         NB_SEVERITY_WARNING},
    {"gdown.download",                            FETCHES,         NB_SEVERITY_WARNING},
    {"gdown.download_folder",                     FETCHES,         NB_SEVERITY_WARNING},
    {"gdown.cached_download",                     FETCHES,         NB_SEVERITY_WARNING},
    {"kagglehub.dataset_*",                       FETCHES,         NB_SEVERITY_WARNING},
    {"kagglehub.model_*",                         FETCHES,         NB_SEVERITY_WARNING},
    {"kagglehub.competition_*",                   FETCHES,         NB_SEVERITY_WARNING},
    {"kagglehub.load_dataset",                    FETCHES,         NB_SEVERITY_WARNING},
    {"opendatasets.download",                     FETCHES,         NB_SEVERITY_WARNING},
    {"pooch.retrieve",                            FETCHES,         NB_SEVERITY_INFO   },
    {"yfinance.download",                         FETCHES,         NB_SEVERITY_WARNING},
    {"pandas_datareader.*",                       FETCHES,         NB_SEVERITY_WARNING},
    {"ucimlrepo.fetch_ucirepo",                   FETCHES,         NB_SEVERITY_INFO   },
    {"torch.hub.load_state_dict_from_url",        FETCHES,         NB_SEVERITY_INFO   },
    {"torch.hub.download_url_to_file",            FETCHES,         NB_SEVERITY_WARNING},
    {"torch.hub.load",                            FETCHES,         NB_SEVERITY_INFO   },
    {"torchvision.datasets.utils.download_*",     FETCHES,         NB_SEVERITY_WARNING},
    {"fastai.data.external.untar_data",           FETCHES,         NB_SEVERITY_INFO   },
    {"sklearn.datasets.fetch_*",                  FETCHES,         NB_SEVERITY_INFO   },
    {"openml.datasets.get_dataset",               FETCHES,         NB_SEVERITY_INFO   },
    {"seaborn.load_dataset",                      FETCHES,         NB_SEVERITY_INFO   },
    {"statsmodels.api.datasets.get_rdataset",     FETCHES,         NB_SEVERITY_INFO   },
    {"nltk.download",                             FETCHES,         NB_SEVERITY_INFO   },
    {"spacy.cli.download",                        FETCHES,         NB_SEVERITY_INFO   },
    {"stanza.download",                           FETCHES,         NB_SEVERITY_INFO   },
    {"gensim.downloader.load",                    FETCHES,         NB_SEVERITY_INFO   },
    {"tensorflow_datasets.load",                  FETCHES,         NB_SEVERITY_INFO   },
    {"tensorflow_hub.load",                       FETCHES_URL,     NB_SEVERITY_INFO   },
    {"tensorflow_hub.KerasLayer",                 FETCHES_URL,     NB_SEVERITY_INFO   },
    {"huggingface_hub.hf_hub_download",           FETCHES,         NB_SEVERITY_INFO   },
    {"huggingface_hub.snapshot_download",         FETCHES,         NB_SEVERITY_INFO   },
    {"datasets.load_dataset",                     FETCHES_NAMED,   NB_SEVERITY_INFO   },
    {"sentence_transformers.SentenceTransformer", FETCHES_NAMED,   NB_SEVERITY_INFO   },
    {".from_pretrained",                          FETCHES_NAMED,   NB_SEVERITY_INFO   },
    {"tensorflow.keras.utils.get_file",           FETCHES,         NB_SEVERITY_INFO   },
    {"keras.utils.get_file",                      FETCHES,         NB_SEVERITY_INFO   },
    {"keras.utils.data_utils.get_file",           FETCHES,         NB_SEVERITY_INFO   },
    {"tensorflow.keras.datasets.*",               FETCHES,         NB_SEVERITY_INFO   },
    {"keras.datasets.*",                          FETCHES,         NB_SEVERITY_INFO   },
    {"torchvision.models.*",                      FETCHES_WEIGHTS, NB_SEVERITY_INFO   },
    {"timm.create_model",                         FETCHES_WEIGHTS, NB_SEVERITY_INFO   },
    {"torchvision.datasets.*",                    FETCHES_ASKED,   NB_SEVERITY_INFO   },
    {"torchaudio.datasets.*",                     FETCHES_ASKED,   NB_SEVERITY_INFO   },
    {"torchtext.datasets.*",                      FETCHES,         NB_SEVERITY_INFO   },
    {"pandas.read_*",                             FETCHES_URL,     NB_SEVERITY_WARNING},
    {"polars.read_*",                             FETCHES_URL,     NB_SEVERITY_WARNING},
    {"geopandas.read_file",                       FETCHES_URL,     NB_SEVERITY_WARNING},
    {"numpy.loadtxt",                             FETCHES_URL,     NB_SEVERITY_WARNING},
    {"numpy.genfromtxt",                          FETCHES_URL,     NB_SEVERITY_WARNING},
    {"skimage.io.imread",                         FETCHES_URL,     NB_SEVERITY_WARNING},
    {"imageio.imread",                            FETCHES_URL,     NB_SEVERITY_WARNING},
};

/* --- does it fetch? ----------------------------------------------------------------------------------------------- */

static bool is_web(nb_str text)
{
    return nb_str_starts(text, NB_STR("http://")) || nb_str_starts(text, NB_STR("https://")) ||
           nb_str_starts(text, NB_STR("ftp://"));
}

static nb_literal first_literal(const nb_analysis *a, const nb_site *call)
{
    const nb_py_node *first = nb_py_get(call->node, NB_PY_FIELD_ARGUMENT);
    if (first && first->kind == NB_PY_KEYWORD)
        first = first->last;
    return nb_sites_literal(a->graph, call->statement, first);
}

/* The keyword is there with something else than False and None. */
static bool is_on(const nb_site *call, const char *keyword)
{
    const nb_py_tree *tree = call->statement->cell->tree;
    const nb_py_node *value = nb_py_argument(tree, call->node, keyword, -1);
    nb_str text = value ? nb_py_text(tree, value) : NB_STR("None");
    return !nb_str_eqz(text, "None") && !nb_str_eqz(text, "False");
}

/* "bert-base-uncased", "org/model": no path of this machine; "csv" and "json" are loaders of files. */
static bool is_model_name(const nb_literal *literal)
{
    static const char *const loaders[] = {"csv",     "json",        "text",
                                          "parquet", "imagefolder", "audiofolder"};
    if (!literal->node || literal->text.len == 0 || !literal->whole)
        return false;
    for (size_t i = 0; i < NB_LEN(loaders); i++)
        if (nb_str_eqz(literal->text, loaders[i]))
            return false;
    char first = literal->text.at[0];
    unsigned slashes = 0;
    for (size_t i = 0; i < literal->text.len; i++)
        slashes += literal->text.at[i] == '/';
    return first != '.' && first != '/' && first != '~' && slashes < 2 &&
           !nb_str_ends(literal->text, NB_STR("/"));
}

/* A server on this machine: the notebook talks to what it started. */
static bool is_own_server(nb_str text)
{
    static const nb_str hosts[] = {NB_STR_ROW("://localhost"), NB_STR_ROW("://127.0.0.1"),
                                   NB_STR_ROW("://0.0.0.0")};
    for (size_t i = 0; i < NB_LEN(hosts); i++)
        if (nb_str_contains(text, hosts[i]))
            return true;
    return false;
}

static bool fetches(const nb_analysis *a, const nb_site *call, download_sort sort)
{
    nb_literal first;
    switch (sort) {
    case FETCHES: first = first_literal(a, call); return !first.node || !is_own_server(first.text);
    case FETCHES_ASKED: return is_on(call, "download");
    case FETCHES_WEIGHTS: return is_on(call, "weights") || is_on(call, "pretrained");
    case FETCHES_URL: first = first_literal(a, call); return first.node && is_web(first.text);
    case FETCHES_NAMED: first = first_literal(a, call); return is_model_name(&first);
    }
    return false;
}

/* Below `if not os.path.exists(…):` the file is fetched once a machine. */
static bool is_kept(const nb_site *call)
{
    static const nb_str words[] = {NB_STR_ROW("exists"), NB_STR_ROW("isfile"), NB_STR_ROW("isdir"),
                                   NB_STR_ROW("is_file"), NB_STR_ROW("is_dir")};
    for (const nb_py_node *n = call->node; n != call->statement->node->parent; n = n->parent) {
        const nb_py_node *test = n->kind == NB_PY_IF ? nb_py_get(n, NB_PY_FIELD_TEST) : NULL;
        for (size_t i = 0; test && i < NB_LEN(words); i++)
            if (nb_str_contains(nb_py_text(call->statement->cell->tree, test), words[i]))
                return true;
    }
    return false;
}

/* --- findings ------------------------------------------------------------------------------------------------------ */

static const char *help_of(bool note)
{
    if (note)
        return "check that the training machine reaches the network, or fetch it once and load it "
               "from a folder";
    return "fetch it once, put it below 'data_path', and read the file";
}

static void check_call(const nb_analysis *a, const nb_site *call, nb_map *told)
{
    size_t i = 0;
    while (i < NB_LEN(rows) && !nb_callee_is(call->name, call->method, rows[i].callee))
        i++;
    if (i == NB_LEN(rows) || !fetches(a, call, rows[i].sort) || !nb_sites_runs(a->graph, call))
        return;
    bool note = rows[i].severity == NB_SEVERITY_INFO || is_kept(call);
    if (note && !nb_set_add(a->arena, told, nb_str_from(rows[i].callee)))
        return;
    nb_spot spot =
        nb_source_spot(a->source, call->statement->cell, call->node->start, call->node->end);
    nb_str shown = nb_py_call_name(a->arena, call->statement->cell->tree, call->node);
    nb_diag *diag =
        nb_diag_add(a->diags, NB_D_DOWNLOAD, spot, NB_STR_FMT "() goes to the network %s",
                    NB_STR_ARG(shown.len > 0 ? shown : call->method),
                    note ? "on a machine that does not have it yet" : "each time the script runs");
    diag->severity = note ? NB_SEVERITY_INFO : NB_SEVERITY_WARNING;
    nb_diag_help(a->diags, diag, "%s", help_of(note));
}

void nb_rule_download(const nb_analysis *a)
{
    nb_map told = NB_MAP_INIT;
    for (size_t i = 0; i < a->sites->calls.list.count; i++)
        check_call(a, &a->sites->calls.list.at[i], &told);
}
