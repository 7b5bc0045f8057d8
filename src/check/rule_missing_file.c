#include "check/callees.h"
#include "check/path_kinds.h"
#include "check/readers.h"
#include "check/rule.h"

#include "base/fs.h"
#include "base/path.h"
#include "py/facts.h"

/* A file that exported code reads by a relative name and that is not there. Not told when something may make it first: a call of exported code that is
 * given the same name or a folder above it, a command or magic that names it, anything that unpacks or downloads files without naming them, a change
 * of the working directory. Paths below --data-path and --model-dir are the caller's business. One finding a folder. */

typedef struct missing_file {
    nb_str folder;
    nb_literal first;
    const nb_site *reader;
    unsigned more;
} missing_file;

typedef struct file_rule {
    const nb_analysis *a;
    nb_str folder; /* where the scripts run, absolute */
    nb_map made;   /* set of the paths that calls are given that do not read */
    NB_VEC(missing_file) missing;
    nb_map seen; /* set of paths */
} file_rule;

/* --- what may make files -------------------------------------------------------------------------------------------- */

static const char *const makers[] = {
    "os.chdir",         "*.extractall",        "*.unpack_archive",  "*.urlretrieve",
    "*.untar_data",     "*.snapshot_download", "*.hf_hub_download", "gdown.*",
    "wget.*",           "kagglehub.*",         "opendatasets.*",    "os.system",
    "subprocess.*",     "*.check_call",        "*.download",        "*.download_file",
    "*.download_files", "requests.get",        "urllib.request.*",  "kaggle.*",
    "*.fget_object",    "*.run_cell_magic",    "*.system",
};

/* A command whose files nobody sees: it unpacks, clones, copies or goes elsewhere. */
static bool is_maker_line(nb_str line, bool shell)
{
    static const nb_str words[] = {
        NB_STR_ROW("unzip"),  NB_STR_ROW("tar "),   NB_STR_ROW("7z"),        NB_STR_ROW("gzip"),
        NB_STR_ROW("gunzip"), NB_STR_ROW("kaggle"), NB_STR_ROW("gsutil"),    NB_STR_ROW("aws "),
        NB_STR_ROW("wget"),   NB_STR_ROW("curl"),   NB_STR_ROW("gdown"),     NB_STR_ROW("git "),
        NB_STR_ROW("cp "),    NB_STR_ROW("mv "),    NB_STR_ROW("cd "),       NB_STR_ROW("make"),
        NB_STR_ROW("python"), NB_STR_ROW("bash"),   NB_STR_ROW("sh "),       NB_STR_ROW("dvc"),
        NB_STR_ROW("az "),    NB_STR_ROW("ln "),    NB_STR_ROW("writefile"), NB_STR_ROW(">")};
    for (size_t i = 0; shell && i < NB_LEN(words); i++)
        if (nb_str_contains(line, words[i]))
            return true;
    return false;
}

/* Magics and commands of all cells, untagged ones too: the notebook ran them. */
static bool cell_makes_files(const nb_cell *cell)
{
    nb_str rest = cell->source, line;
    bool script = false;
    while (nb_str_line(&rest, &line)) {
        line = nb_str_trim(line);
        bool magic = line.len > 1 && (line.at[0] == '%' || line.at[0] == '!');
        script |= magic && line.at[1] == '%';
        if (is_maker_line(line, magic || script))
            return true;
    }
    return false;
}

static bool notebook_makes_files(const nb_analysis *a)
{
    for (size_t i = 0; i < a->notebook->cell_count; i++)
        if (a->notebook->cells[i].kind == NB_CELL_CODE && cell_makes_files(&a->notebook->cells[i]))
            return true;
    for (size_t i = 0; i < a->sites->calls.list.count; i++) {
        const nb_site *call = &a->sites->calls.list.at[i];
        if (nb_callee_find(call->name, call->method, makers, NB_LEN(makers)) >= 0)
            return true;
    }
    return false;
}

/* --- reads ------------------------------------------------------------------------------------------------------------ */

static bool opens_to_read(const nb_site *call)
{
    const nb_py_tree *tree = call->statement->cell->tree;
    const nb_py_node *mode = nb_py_argument(tree, call->node, "mode", 1);
    nb_str text = mode ? nb_py_text(tree, mode) : NB_STR("'r'");
    bool plain = text.len < 6 && nb_str_find_char(text, 'r') > 0;
    return nb_str_eqz(call->name, "open") && plain && nb_str_find_char(text, '+') < 0;
}

static bool reads(const nb_site *call)
{
    return opens_to_read(call) || nb_reads_file(call->name, call->method, true);
}

static const nb_py_node *value_of(const nb_py_node *argument)
{
    return argument->kind == NB_PY_KEYWORD ? argument->last : argument;
}

/* What calls that do not read are given may be what they write. */
static void note_made(file_rule *r, const nb_site *call)
{
    for (const nb_py_node *n = call->node->child; n; n = n->next) {
        nb_literal literal = {0};
        if (n->field == NB_PY_FIELD_ARGUMENT)
            literal = nb_sites_literal(r->a->graph, call->statement, value_of(n));
        if (literal.node && literal.text.len > 0 && !nb_path_is_address(literal.text))
            (void)nb_set_add(r->a->arena, &r->made, nb_path_clean(r->a->arena, literal.text));
    }
}

/* The path or a folder above it was given to a call that may write there. */
static bool may_be_made(const file_rule *r, nb_str path)
{
    for (nb_str p = path; p.len > 0 && !nb_str_eqz(p, ".");) {
        if (nb_map_has(&r->made, p))
            return true;
        ptrdiff_t slash = nb_str_rfind_char(p, '/');
        p = nb_str_slice(p, 0, slash > 0 ? (size_t)slash : 0);
    }
    return false;
}

static bool is_there(const file_rule *r, nb_str path)
{
    nb_arena *arena = r->a->arena;
    const nb_str folders[] = {r->folder, r->a->config->root};
    for (size_t i = 0; i < NB_LEN(folders); i++)
        if (nb_path_exists(nb_arena_z(arena, nb_path_join(arena, folders[i], path))))
            return true;
    return false;
}

/* A name with an ending, so that words which only look like paths are none. */
static bool is_file_name(nb_str path)
{
    return nb_str_find_char(path, '.') >= 0 || nb_str_find_char(path, '/') >= 0;
}

static void check_read(file_rule *r, const nb_site *call)
{
    const nb_py_node *first = nb_py_get(call->node, NB_PY_FIELD_ARGUMENT);
    if (!first || !nb_sites_runs(r->a->graph, call) ||
        nb_sites_is_conditional(call->node, call->statement->node))
        return;
    nb_literal literal = nb_sites_literal(r->a->graph, call->statement, value_of(first));
    if (!literal.node || !literal.whole || !is_file_name(literal.text) ||
        nb_sites_is_rewritten(&literal) || nb_path_is_address(literal.text) ||
        nb_path_tell(literal.text).kind != NB_PATH_RELATIVE ||
        nb_str_find_char(literal.text, '\n') >= 0 || literal.text.at[0] == '/')
        return;
    nb_str path = nb_path_clean(r->a->arena, literal.text), folder = nb_path_dir(path);
    if (!nb_set_add(r->a->arena, &r->seen, path) || may_be_made(r, path) || is_there(r, path))
        return;
    for (size_t i = 0; i < r->missing.count; i++) {
        if (!nb_str_eq(r->missing.at[i].folder, folder))
            continue;
        r->missing.at[i].more++;
        return;
    }
    nb_vec_push(r->a->arena, &r->missing, (missing_file){folder, literal, call, 0});
}

/* --- findings ---------------------------------------------------------------------------------------------------------- */

static void tell(const file_rule *r, const missing_file *file)
{
    const nb_analysis *a = r->a;
    const nb_literal *at = &file->first;
    nb_str more = NB_STR("");
    if (file->more > 0)
        more = nb_arena_printf(a->arena, " (and %u more in its folder)", file->more);
    nb_diag *diag =
        nb_diag_add(a->diags, NB_D_MISSING_FILE,
                    nb_source_spot(a->source, at->statement->cell, at->node->start, at->node->end),
                    "'" NB_STR_FMT "' is read, but it is not there" NB_STR_FMT,
                    NB_STR_ARG(at->text), NB_STR_ARG(more));
    bool kaggle = nb_str_starts(at->text, NB_STR("../input/"));
    nb_diag_help(a->diags, diag, "%s",
                 kaggle ? "download the Kaggle data set and name its folder with 'data_path'"
                        : "put it there, correct the path, or tag the cell that makes it");
}

void nb_rule_missing_file(const nb_analysis *a)
{
    if (notebook_makes_files(a))
        return;
    file_rule r = {.a = a};
    nb_str notebook = nb_path_join(a->arena, a->config->root, a->experiment->notebook);
    r.folder = a->experiment->workdir.len > 0
                   ? nb_path_join(a->arena, a->config->root, a->experiment->workdir)
                   : nb_path_dir(notebook);
    for (size_t i = 0; i < a->sites->calls.list.count; i++)
        if (!reads(&a->sites->calls.list.at[i]))
            note_made(&r, &a->sites->calls.list.at[i]);
    for (size_t i = 0; i < a->sites->calls.list.count; i++)
        if (reads(&a->sites->calls.list.at[i]))
            check_read(&r, &a->sites->calls.list.at[i]);
    for (size_t i = 0; i < r.missing.count; i++)
        tell(&r, &r.missing.at[i]);
}
