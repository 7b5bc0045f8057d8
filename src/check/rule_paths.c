#include "check/callees.h"
#include "check/path_kinds.h"
#include "check/rule.h"

#include "py/facts.h"

/* Paths of one machine. A string counts where it is used as a path: as an argument of something that opens files, also through the one assignment of
 * a name; home folders and platforms' folders also elsewhere, since nothing else looks like them. One finding for each folder that the machine gives. */

typedef struct told_root {
    nb_path_told told;
    nb_literal first;
    unsigned more;
} told_root;

typedef struct path_rule {
    const nb_analysis *a;
    NB_VEC(told_root) roots;
    nb_map seen; /* set of literals, by their text in the cell */
} path_rule;

static const char *const path_calls[] = {
    "open",
    "io.open",
    "gzip.open",
    "codecs.open",
    "os.listdir",
    "os.scandir",
    "os.walk",
    "os.chdir",
    "os.makedirs",
    "os.mkdir",
    "os.remove",
    "os.path.join",
    "os.path.expanduser",
    "glob.*",
    "pathlib.*",
    "Path",
    "shutil.*",
    "zipfile.ZipFile",
    "tarfile.open",
    "sqlite3.connect",
    "h5py.File",
    "pandas.read_*",
    "pandas.ExcelFile",
    "pandas.HDFStore",
    "polars.read_*",
    "polars.scan_*",
    "dask.dataframe.read_*",
    "geopandas.read_*",
    "pyarrow.parquet.read_*",
    "numpy.load*",
    "numpy.save*",
    "numpy.genfromtxt",
    "numpy.fromfile",
    "numpy.memmap",
    "torch.load",
    "torch.save",
    "torch.jit.load",
    "joblib.load",
    "joblib.dump",
    "cv2.imread",
    "cv2.imwrite",
    "cv2.VideoCapture",
    "PIL.Image.open",
    "imageio.*",
    "skimage.io.*",
    "librosa.load",
    "soundfile.*",
    "torchaudio.load",
    "matplotlib.pyplot.imread",
    "matplotlib.pyplot.savefig",
    "matplotlib.image.imread",
    "scipy.io.*",
    "xarray.open_*",
    "nibabel.load",
    "rasterio.open",
    "openpyxl.load_workbook",
    "torchvision.datasets.*",
    "tensorflow.io.gfile.*",
    "tensorflow.data.TFRecordDataset",
    "tensorflow.data.TextLineDataset",
    "tensorflow.data.Dataset.list_files",
    "fasttext.*",
    "gensim.*",
    "*.load_model",
    "*.save_model",
    "*.image_dataset_from_directory",
    "*.ModelCheckpoint",
    "*.CSVLogger",
    "*.TensorBoard",
    "*.SummaryWriter",
    "*.ImageFolder",
    "*.load_img",
    ".read_csv",
    ".to_csv",
    ".to_pickle",
    ".to_parquet",
    ".to_excel",
    ".to_json",
    ".to_hdf",
    ".to_feather",
    ".savefig",
    ".save",
    ".save_weights",
    ".load_weights",
    ".save_pretrained",
    ".from_pretrained",
    ".flow_from_directory",
    ".load_state_dict",
    ".load_word2vec_format",
    ".write_html",
    ".write_image",
    ".extractall",
    ".joinpath",
};

/* --- collecting ------------------------------------------------------------------------------------------------- */

static bool mentions(nb_str text, const nb_str *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (nb_str_contains(text, words[i]))
            return true;
    return false;
}

/* Code below `if os.path.exists("/kaggle"):` or `if IN_COLAB:` knows that other machines differ. */
static bool is_guarded(const nb_literal *literal)
{
    static const nb_str words[] = {
        NB_STR_ROW("exists"),  NB_STR_ROW("isdir"),      NB_STR_ROW("isfile"),
        NB_STR_ROW("is_file"), NB_STR_ROW("is_dir"),     NB_STR_ROW("COLAB"),
        NB_STR_ROW("colab"),   NB_STR_ROW("KAGGLE"),     NB_STR_ROW("kaggle"),
        NB_STR_ROW("environ"), NB_STR_ROW("getenv"),     NB_STR_ROW("platform"),
        NB_STR_ROW("os.name"), NB_STR_ROW("sys.modules")};
    for (const nb_py_node *n = literal->node; n && n != literal->statement->node->parent;
         n = n->parent) {
        bool chosen = n->kind == NB_PY_IF || n->kind == NB_PY_CONDITIONAL;
        const nb_py_node *test = chosen ? nb_py_get(n, NB_PY_FIELD_TEST) : NULL;
        if (test &&
            mentions(nb_py_text(literal->statement->cell->tree, test), words, NB_LEN(words)))
            return true;
    }
    return false;
}

static void add(path_rule *r, const nb_literal *literal, const nb_path_told *told)
{
    nb_str key = nb_py_text(literal->statement->cell->tree, literal->node);
    if (nb_sites_is_rewritten(literal) || is_guarded(literal) ||
        !nb_set_add(r->a->arena, &r->seen, key))
        return;
    for (size_t i = 0; i < r->roots.count; i++) {
        if (!nb_str_eq(r->roots.at[i].told.root, told->root))
            continue;
        r->roots.at[i].more++;
        return;
    }
    nb_vec_push(r->a->arena, &r->roots, (told_root){*told, *literal, 0});
}

/* --- arguments ----------------------------------------------------------------------------------------------------- */

static void check_argument(path_rule *r, const nb_site *call, const nb_py_node *argument)
{
    const nb_py_node *value = argument->kind == NB_PY_KEYWORD ? argument->last : argument;
    nb_literal literal = nb_sites_literal(r->a->graph, call->statement, value);
    if (!literal.node)
        return;
    nb_path_told told = nb_path_tell(literal.text);
    if (told.kind >= NB_PATH_ABSOLUTE)
        add(r, &literal, &told);
}

static void check_calls(path_rule *r)
{
    for (size_t i = 0; i < r->a->sites->calls.list.count; i++) {
        const nb_site *call = &r->a->sites->calls.list.at[i];
        if (nb_callee_find(call->name, call->method, path_calls, NB_LEN(path_calls)) < 0)
            continue;
        for (const nb_py_node *n = call->node->child; n; n = n->next)
            if (n->field == NB_PY_FIELD_ARGUMENT)
                check_argument(r, call, n);
    }
}

/* --- strings ------------------------------------------------------------------------------------------------------- */

/* A string that is shown, compared or looked for opens nothing. */
static bool is_only_text(const nb_site *site)
{
    static const char *const talkers[] = {
        "print",  ".startswith", ".endswith", ".replace", ".split", ".strip", ".info",
        ".debug", ".warning",    ".error",    ".route",   ".get",   ".post",  ".title",
        ".write", ".find",       ".findall",  ".search",  ".sub",   ".match"};
    const nb_py_node *parent = site->node->parent;
    nb_str callee = NB_STR("");
    if (parent->kind == NB_PY_CALL)
        callee = nb_py_call_method(site->statement->cell->tree, parent);
    for (size_t i = 0; callee.len > 0 && i < NB_LEN(talkers); i++)
        if (nb_str_eqz(callee, talkers[i] + (talkers[i][0] == '.')))
            return true;
    for (const nb_py_node *n = site->node; n && n != site->statement->node; n = n->parent)
        if (n->field == NB_PY_FIELD_DECORATOR)
            return true;
    return parent->kind == NB_PY_COMPARE ||
           (parent->kind == NB_PY_PAIR && parent->child == site->node) ||
           site->node->field == NB_PY_FIELD_INDEX;
}

/* data_path = "…", def load(folder="…") */
static bool is_named_as_path(nb_arena *arena, const nb_site *site)
{
    static const nb_str words[] = {NB_STR_ROW("path"), NB_STR_ROW("dir"), NB_STR_ROW("folder"),
                                   NB_STR_ROW("file"), NB_STR_ROW("root")};
    const nb_py_node *parent = site->node->parent;
    bool named = parent->kind == NB_PY_ASSIGN || parent->kind == NB_PY_ANN_ASSIGN ||
                 parent->kind == NB_PY_PARAMETER;
    if (!named || parent->child == site->node)
        return false;
    nb_str name = nb_str_lower(arena, nb_py_text(site->statement->cell->tree, parent->child));
    return mentions(name, words, NB_LEN(words));
}

static void check_string(path_rule *r, const nb_site *site)
{
    nb_literal literal;
    if (!site->exported || !nb_sites_text(r->a->arena, site->statement, site->node, &literal))
        return;
    nb_path_told told = nb_path_tell(literal.text);
    bool plain = nb_path_is_plain(told.kind) && literal.text.len > told.root.len + 1;
    if (told.kind < NB_PATH_ABSOLUTE || is_only_text(site))
        return;
    if (plain || is_named_as_path(r->a->arena, site))
        add(r, &literal, &told);
}

/* --- findings ------------------------------------------------------------------------------------------------------ */

static void tell(const path_rule *r, const told_root *root)
{
    const nb_analysis *a = r->a;
    const nb_literal *at = &root->first;
    enum { SHOWN = 60 };
    nb_str path = at->text;
    bool cut = path.len > SHOWN;
    nb_str what =
        nb_arena_printf(a->arena, "'" NB_STR_FMT "%s'", NB_STR_ARG(cut ? root->told.root : path),
                        cut || !at->whole ? "…" : "");
    nb_str why = NB_STR("is an absolute path: other machines do not have it");
    if (root->told.kind == NB_PATH_HOME)
        why = NB_STR("is in somebody's home folder: other machines do not have it");
    if (root->told.platform.len > 0)
        why = nb_arena_printf(a->arena, "exists only on " NB_STR_FMT,
                              NB_STR_ARG(root->told.platform));
    nb_str more = NB_STR("");
    if (root->more > 0)
        more = nb_arena_printf(a->arena, " (%u more below '" NB_STR_FMT "')", root->more,
                               NB_STR_ARG(root->told.root));
    nb_diag *diag = nb_diag_add(
        a->diags, NB_D_ABSOLUTE_PATH,
        nb_source_spot(a->source, at->statement->cell, at->node->start, at->node->end),
        NB_STR_FMT " " NB_STR_FMT NB_STR_FMT, NB_STR_ARG(what), NB_STR_ARG(why), NB_STR_ARG(more));
    nb_str advice = root->told.advice;
    nb_diag_help(a->diags, diag, NB_STR_FMT,
                 NB_STR_ARG(advice.len > 0
                                ? advice
                                : NB_STR("write it relative to the notebook, or name the folder "
                                         "with 'data_path'")));
}

void nb_rule_paths(const nb_analysis *a)
{
    path_rule r = {.a = a};
    check_calls(&r);
    for (size_t i = 0; i < a->sites->strings.list.count; i++)
        check_string(&r, &a->sites->strings.list.at[i]);
    for (size_t i = 0; i < r.roots.count; i++)
        tell(&r, &r.roots.at[i]);
}
