#include "check/callees.h"
#include "check/readers.h"
#include "check/rule.h"

#include "base/fs.h"
#include "base/path.h"
#include "gen/included.h"
#include "gen/path_value.h"
#include "py/facts.h"

/* Files beside the notebook that exported code reads and that another machine will not have: neither below data_path, nor listed under include, nor made by
 * the notebook itself. Only what is there counts, so that a word which looks like a path is none. One finding a file or folder, with the line to write. */

typedef struct read_file {
    nb_str
        unit; /* what would be listed: the file, or the first folder on the way to it; seen from where the code runs */
    nb_str path; /* as the code has it */
    nb_spot spot;
    bool inference; /* inference.py reads it */
    unsigned more;
} read_file;

typedef struct file_rule {
    const nb_analysis *a;
    nb_str here; /* where the code runs, absolute */
    nb_str data; /* data_path, absolute; empty: none */
    nb_included included;
    nb_map made; /* set of paths that the notebook writes */
    nb_map seen; /* set of paths */
    NB_VEC(read_file) files;
} file_rule;

static const char *const openers[] = {"open", "io.open", "gzip.open", "bz2.open", "codecs.open"};

/* Of a path object: Path("words.txt").read_text(). */
static const char *const path_methods[] = {".read_text", ".read_bytes", ".open",
                                           ".iterdir",   ".glob",       ".rglob"};

/* What they are given is made by the notebook itself. */
static const char *const writers[] = {
    "open",        "io.open",      "gzip.open",    "codecs.open",      "torch.save",
    "joblib.dump", "numpy.save*",  "os.makedirs",  "os.mkdir",         "shutil.*",
    "os.remove",   "os.rename",    "h5py.File",    "cv2.imwrite",      "*.urlretrieve",
    "*.savefig",   "*.extractall", "*.untar_data", "*.save_model",     "sqlite3.connect",
    ".to_csv",     ".to_parquet",  ".to_pickle",   ".to_json",         ".to_excel",
    ".to_feather", ".to_hdf",      ".save",        ".save_pretrained", ".save_weights",
    ".write_text", ".write_bytes", ".mkdir",
};

/* --- what is read ---------------------------------------------------------------------------------- */

/* open("x", "w") writes. */
static bool only_writes(const nb_site *call)
{
    const nb_py_node *mode = nb_py_argument(call->statement->cell->tree, call->node, "mode", 1);
    nb_str text = mode ? nb_py_text(call->statement->cell->tree, mode) : NB_STR("");
    return nb_str_ends(call->name, NB_STR("open")) && mode && mode->kind == NB_PY_STRING &&
           (nb_str_find_char(text, 'w') >= 0 || nb_str_find_char(text, 'x') >= 0 ||
            nb_str_find_char(text, 'a') >= 0);
}

static const nb_py_node *value_of(const nb_py_node *argument)
{
    return argument && argument->kind == NB_PY_KEYWORD ? argument->last : argument;
}

/* The expression whose path the call reads; NULL when it reads none. */
static const nb_py_node *read_by(const nb_site *call)
{
    const nb_py_node *function = call->node->child;
    if (nb_callee_find(call->name, call->method, path_methods, NB_LEN(path_methods)) >= 0 &&
        function->kind == NB_PY_ATTRIBUTE && function->child->kind != NB_PY_NAME)
        return function->child;
    bool opens = nb_callee_find(call->name, call->method, openers, NB_LEN(openers)) >= 0;
    if ((!opens && !nb_reads_file(call->name, call->method, false)) || only_writes(call))
        return NULL;
    return value_of(nb_py_get(call->node, NB_PY_FIELD_ARGUMENT));
}

static bool path_of(const file_rule *r, const nb_statement *s, const nb_py_node *node, nb_str *path)
{
    nb_str value;
    if (!nb_path_value(r->a->source, s->cell, node, r->here, &value) || value.len == 0 ||
        nb_path_is_absolute(value) || value.at[0] == '~')
        return false;
    *path = nb_path_clean(r->a->arena, value);
    return !nb_str_eqz(*path, ".") && !nb_str_eqz(*path, "..");
}

static void note_made(file_rule *r, const nb_site *call)
{
    nb_str path;
    if (nb_callee_find(call->name, call->method, writers, NB_LEN(writers)) < 0)
        return;
    for (const nb_py_node *n = call->node->child; n; n = n->next)
        if (n->field == NB_PY_FIELD_ARGUMENT && path_of(r, call->statement, value_of(n), &path))
            (void)nb_set_add(r->a->arena, &r->made, path);
}

/* --- what does not travel ----------------------------------------------------------------------------- */

static bool is_in(nb_str path, nb_str folder)
{
    return folder.len > 0 && nb_str_starts(path, folder) &&
           (path.len == folder.len || path.at[folder.len] == '/');
}

static bool travels(const file_rule *r, nb_str disk)
{
    for (size_t i = 0; i < r->included.list.count; i++)
        if (is_in(disk, r->included.list.at[i].disk))
            return true;
    return is_in(disk, r->data);
}

/* The generator gave the path to --data-path, --model-dir or beside(). */
static bool is_rewritten(const file_rule *r, const nb_statement *s, const nb_py_node *node)
{
    nb_literal literal = nb_sites_literal(r->a->graph, s, node);
    for (size_t i = 0; i < s->cell->edits.list.count; i++) {
        const nb_edit *edit = &s->cell->edits.list.at[i];
        if (edit->start < node->end && node->start < edit->end)
            return true;
    }
    return literal.node && nb_sites_is_rewritten(&literal);
}

static bool serves(const nb_analysis *a, const nb_statement *s)
{
    const nb_inference *inference = a->inference;
    return nb_statement_feeds_inference(s) ||
           (inference && inference->included &&
            (inference->included[s->index] || inference->late[s->index]));
}

/* "data/a/b.csv" belongs to data, "../input/x.csv" to ../input. */
static nb_str unit_of(nb_str path)
{
    size_t at = 0;
    while (nb_str_starts(nb_str_from_at(path, at), NB_STR("../")))
        at += 3;
    ptrdiff_t slash = nb_str_find_char(nb_str_from_at(path, at), '/');
    return slash < 0 ? path : nb_str_slice(path, 0, at + (size_t)slash);
}

static void note_read(file_rule *r, const nb_site *call, const nb_py_node *node)
{
    const nb_analysis *a = r->a;
    const nb_statement *s = call->statement;
    nb_str path;
    if (!path_of(r, s, node, &path) || nb_map_has(&r->made, path) || is_rewritten(r, s, node))
        return;
    nb_str disk = nb_path_clean(a->arena, nb_path_join(a->arena, r->here, path));
    if (travels(r, disk) || !nb_path_exists(disk.at))
        return;
    bool inference = serves(a, s), new = nb_set_add(a->arena, &r->seen, path);
    nb_str unit = unit_of(path);
    for (size_t i = 0; i < r->files.count; i++) {
        if (!nb_str_eq(r->files.at[i].unit, unit))
            continue;
        r->files.at[i].more += new;
        r->files.at[i].inference |= inference;
        return;
    }
    nb_spot spot = nb_source_spot(a->source, s->cell, node->start, node->end);
    nb_vec_push(a->arena, &r->files, (read_file){unit, path, spot, inference, 0});
}

/* --- findings ------------------------------------------------------------------------------------------- */

static void advise(const file_rule *r, const read_file *file, nb_diag *diag)
{
    const nb_analysis *a = r->a;
    nb_str disk = nb_path_clean(a->arena, nb_path_join(a->arena, r->here, file->unit));
    nb_str path = nb_path_relative(a->arena, a->config->root, disk);
    const char *first = a->config->path.len > 0 ? "" : "run 'notebooked init', and ";
    if (nb_is_dir(disk.at) && !file->inference && r->data.len == 0)
        nb_diag_help(a->diags, diag,
                     "%sadd to the experiment in config.yaml: data_path: " NB_STR_FMT, first,
                     NB_STR_ARG(path));
    else
        nb_diag_help(a->diags, diag,
                     "%sadd to the experiment in config.yaml: include: [" NB_STR_FMT "]", first,
                     NB_STR_ARG(path));
}

static void tell(const file_rule *r, const read_file *file)
{
    nb_str more = NB_STR("");
    if (file->more > 0)
        more = nb_arena_printf(r->a->arena, " (and %u more in '" NB_STR_FMT "')", file->more,
                               NB_STR_ARG(file->unit));
    nb_diag *diag = nb_diag_add(
        r->a->diags, NB_D_FILE_TO_INCLUDE, file->spot,
        "%s reads '" NB_STR_FMT "'" NB_STR_FMT ", which other machines do not have",
        file->inference ? "inference" : "training", NB_STR_ARG(file->path), NB_STR_ARG(more));
    advise(r, file, diag);
}

static file_rule open_rule(const nb_analysis *a)
{
    const nb_experiment *e = a->experiment;
    nb_str root = a->config->root;
    file_rule r = {.a = a, .included = nb_included_find(a->arena, a->config, e)};
    r.here = e->workdir.len > 0 ? nb_path_join(a->arena, root, e->workdir)
                                : nb_path_dir(nb_path_join(a->arena, root, e->notebook));
    r.here = nb_path_clean(a->arena, r.here);
    if (e->data_path.len > 0)
        r.data = nb_path_clean(a->arena, nb_path_join(a->arena, root, e->data_path));
    return r;
}

void nb_rule_file_to_include(const nb_analysis *a)
{
    file_rule r = open_rule(a);
    const nb_site_list *calls = &a->sites->calls;
    for (size_t i = 0; i < calls->list.count; i++)
        if (!read_by(&calls->list.at[i]))
            note_made(&r, &calls->list.at[i]);
    for (size_t i = 0; i < calls->list.count; i++) {
        const nb_py_node *node = read_by(&calls->list.at[i]);
        if (node)
            note_read(&r, &calls->list.at[i], node);
    }
    for (size_t i = 0; i < r.files.count; i++)
        tell(&r, &r.files.at[i]);
}
