#include "gen/paths.h"

#include "base/path.h"
#include "graph/graph.h"
#include "py/facts.h"

typedef struct rewriter {
    nb_source *source;
    nb_params *params;
    nb_str base;       /* the data folder as the notebook's own code writes it; empty: none */
    nb_str configured; /* data_path as written in the configuration; empty: none */
    nb_str resolved;   /* the same as seen from the notebook's folder */
    nb_str folder;     /* of the notebook, absolute */
    nb_map taken;      /* names in the model directory, with the path that each stands for */
    bool any_data;     /* something was rewritten to DATA_PATH */
    bool
        textual; /* the notebook's literals match data_path as written, not as seen from its folder */
} rewriter;

/* --- calls ------------------------------------------------------------------------------------------- */

typedef struct path_call {
    const char *callee; /* the whole dotted name, or ".name" for a method of anything */
    unsigned position;  /* of the path among the positional arguments, from 0 */
    const char *keyword;
} path_call;

static const path_call savers[] = {
    {"torch.save",                 1, "f"             },
    {"joblib.dump",                1, "filename"      },
    {"dump",                       1, "filename"      },
    {"np.save",                    0, "file"          },
    {"np.savez",                   0, "file"          },
    {"numpy.save",                 0, "file"          },
    {".save",                      0, "filepath"      },
    {".save_model",                0, "fname"         },
    {".save_weights",              0, "filepath"      },
    {".save_pretrained",           0, "save_directory"},
    {".export",                    0, "filepath"      },
    {".to_disk",                   0, "path"          },
    {".to_pickle",                 0, "path"          },
    {"tf.saved_model.save",        1, "export_dir"    },
    {"save_model",                 1, "filepath"      },
    {"tf.keras.models.save_model", 1, "filepath"      },
    {"keras.models.save_model",    1, "filepath"      },
    {"onnx.save",                  1, "f"             },
    {"torch.onnx.export",          2, "f"             },
    {"torch.jit.save",             1, "f"             },
};

static const path_call loaders[] = {
    {"torch.load",                 0, "f"                 },
    {"joblib.load",                0, "filename"          },
    {"load",                       0, "filename"          },
    {"np.load",                    0, "file"              },
    {"numpy.load",                 0, "file"              },
    {".load_model",                0, "fname"             },
    {".load_weights",              0, "filepath"          },
    {"load_model",                 0, "filepath"          },
    {"pd.read_pickle",             0, "filepath_or_buffer"},
    {"tf.keras.models.load_model", 0, "filepath"          },
    {"keras.models.load_model",    0, "filepath"          },
    {"tf.saved_model.load",        0, "export_dir"        },
    {"torch.jit.load",             0, "f"                 },
    {"os.path.exists",             0, "path"              },
    {"os.path.getsize",            0, "filename"          },
    {"open",                       0, "file"              },
};

static const nb_py_node *path_argument(nb_arena *arena, const nb_py_tree *tree,
                                       const nb_py_node *call, const path_call *rows, size_t count)
{
    nb_str dotted = nb_py_call_name(arena, tree, call), method = nb_py_call_method(tree, call);
    for (size_t i = 0; i < count; i++) {
        bool same = rows[i].callee[0] == '.'
                        ? dotted.len != method.len && nb_str_eqz(method, rows[i].callee + 1)
                        : nb_str_eqz(dotted, rows[i].callee);
        if (same)
            return nb_py_argument(tree, call, rows[i].keyword, (int)rows[i].position);
    }
    return NULL;
}

static bool opens_for_writing(const nb_py_tree *tree, const nb_py_node *call)
{
    const nb_py_node *mode = nb_py_argument(tree, call, "mode", 1);
    nb_str text = mode ? nb_py_text(tree, mode) : NB_STR("");
    return nb_str_find_char(text, 'w') >= 0 || nb_str_find_char(text, 'x') >= 0;
}

static bool dumps_into(nb_arena *arena, const nb_py_tree *tree, const nb_py_node *below)
{
    for (const nb_py_node *n = below; n; n = nb_py_next(below, n, false)) {
        if (n->kind != NB_PY_CALL)
            continue;
        nb_str callee = nb_py_call_name(arena, tree, n);
        if (nb_str_eqz(callee, "pickle.dump") || nb_str_eqz(callee, "joblib.dump") ||
            nb_str_eqz(callee, "cloudpickle.dump") || nb_str_eqz(callee, "dill.dump") ||
            nb_str_eqz(callee, "json.dump") || nb_str_eqz(callee, "torch.save"))
            return true;
    }
    return false;
}

/* open("x.pkl", "wb"), as an argument of pickle.dump or as the file of a with block that dumps. */
static const nb_py_node *saved_by_open(nb_arena *arena, const nb_py_tree *tree,
                                       const nb_py_node *call)
{
    nb_str callee = nb_py_call_name(arena, tree, call);
    if (!nb_str_eqz(callee, "open") || !opens_for_writing(tree, call))
        return NULL;
    const nb_py_node *parent = call->parent;
    bool saves = parent && parent->kind == NB_PY_CALL && dumps_into(arena, tree, parent);
    if (parent && parent->kind == NB_PY_WITH_ITEM)
        saves = dumps_into(arena, tree, parent->parent);
    return saves ? nb_py_argument(tree, call, "file", 0) : NULL;
}

const nb_py_node *nb_paths_saved(nb_arena *arena, const nb_py_tree *tree, const nb_py_node *call)
{
    const nb_py_node *path = path_argument(arena, tree, call, savers, NB_LEN(savers));
    return path ? path : saved_by_open(arena, tree, call);
}

const nb_py_node *nb_paths_loaded(nb_arena *arena, const nb_py_tree *tree, const nb_py_node *call)
{
    return path_argument(arena, tree, call, loaders, NB_LEN(loaders));
}

/* --- the data path ------------------------------------------------------------------------------------ */

static bool is_data_name(nb_arena *arena, nb_str name)
{
    static const char *const names[] = {"data_path", "data_dir",  "datapath",
                                        "datadir",   "data_root", "data_folder"};
    nb_str lower = nb_str_lower(arena, name);
    for (size_t i = 0; i < NB_LEN(names); i++)
        if (nb_str_eqz(lower, names[i]))
            return true;
    return false;
}

static bool is_url(nb_str path)
{
    return nb_str_contains(path, NB_STR("://"));
}

/* "data", "./data/" and "data/." are the same folder. */
static nb_str cleaned(nb_arena *arena, nb_str path)
{
    return path.len == 0 || is_url(path) ? path : nb_path_clean(arena, path);
}

/* Whether `path` is the folder `base` or lies below it; *rest gets what follows. */
static bool is_below(nb_str path, nb_str base, nb_str *rest)
{
    if (base.len == 0 || nb_str_eqz(base, ".") || !nb_str_starts(path, base))
        return false;
    if (path.len == base.len) {
        *rest = NB_STR("");
        return true;
    }
    if (path.at[base.len] != '/')
        return false;
    *rest = nb_str_from_at(path, base.len + 1);
    return true;
}

static bool below_data(rewriter *r, nb_str literal, nb_str *rest)
{
    nb_str path = cleaned(r->source->arena, literal);
    if (r->configured.len == 0)
        return is_below(path, r->base, rest);
    if (is_below(path, r->configured, rest)) {
        r->textual = true;
        return true;
    }
    return is_below(path, r->resolved, rest);
}

/* A key or a column is a name, however much it looks like a path. */
static bool is_key(const nb_py_node *node)
{
    const nb_py_node *parent = node->parent;
    while (parent->kind == NB_PY_TUPLE || parent->kind == NB_PY_LIST) {
        node = parent;
        parent = parent->parent;
    }
    if (parent->kind == NB_PY_PAIR)
        return parent->child == node;
    return parent->kind == NB_PY_SUBSCRIPT && node->field != NB_PY_FIELD_VALUE;
}

/* A single word such as "data" is also a column, a key, a keyword: as a path only where paths are taken. */
static bool stands_for_a_path(nb_arena *arena, const nb_py_tree *tree, const nb_py_node *node)
{
    const nb_py_node *parent = node->parent;
    if (parent->kind == NB_PY_KEYWORD)
        parent = parent->parent;
    if (parent->kind == NB_PY_BINARY)
        return true;
    if (parent->kind == NB_PY_ASSIGN && node->field == NB_PY_FIELD_VALUE) {
        nb_str name = nb_str_lower(arena, nb_py_text(tree, nb_py_get(parent, NB_PY_FIELD_TARGET)));
        return nb_str_contains(name, NB_STR("path")) || nb_str_contains(name, NB_STR("dir")) ||
               nb_str_contains(name, NB_STR("folder")) || nb_str_contains(name, NB_STR("root"));
    }
    if (parent->kind != NB_PY_CALL)
        return false;
    nb_str callee = nb_py_call_method(tree, parent);
    static const char *const callees[] = {"open",
                                          "listdir",
                                          "join",
                                          "glob",
                                          "Path",
                                          "ImageFolder",
                                          "scandir",
                                          "walk",
                                          "exists",
                                          "isdir",
                                          "read_csv",
                                          "load_files",
                                          "load_dataset",
                                          "image_dataset_from_directory",
                                          "flow_from_directory",
                                          "iglob"};
    for (size_t i = 0; i < NB_LEN(callees); i++)
        if (nb_str_eqz(callee, callees[i]))
            return true;
    return false;
}

static bool is_docstring(const nb_py_node *node)
{
    return node->parent && node->parent->kind == NB_PY_EXPR;
}

/* Is the node evaluated when the statement runs, not when a function is called? */
static bool evaluated_now(const nb_statement *s, const nb_py_node *node)
{
    for (const nb_py_node *n = node; n && n != s->node->parent; n = n->parent)
        if (n->parent && (n->parent->kind == NB_PY_FUNCTION || n->parent->kind == NB_PY_LAMBDA) &&
            n->field == NB_PY_FIELD_BODY)
            return false;
    return true;
}

/* os.path.join(FOLDER, REST), where REST is Python source; the folder alone when that is empty. */
static nb_str joined(rewriter *r, nb_str folder, nb_str rest)
{
    if (rest.len == 0)
        return folder;
    r->params->needs_os = true;
    return nb_arena_printf(r->source->arena, "os.path.join(" NB_STR_FMT ", " NB_STR_FMT ")",
                           NB_STR_ARG(folder), NB_STR_ARG(rest));
}

static void replace_path(rewriter *r, nb_statement *s, const nb_py_node *node, nb_str text,
                         nb_diag_code code)
{
    if (!nb_edit_add(r->source->arena, &s->cell->edits, node->start, node->end, text))
        return;
    s->configured |= evaluated_now(s, node);
    nb_diag_add(r->source->diags, code, nb_source_spot(r->source, s->cell, node->start, node->end),
                NB_STR_FMT " became " NB_STR_FMT ": it follows %s",
                NB_STR_ARG(nb_py_text(s->cell->tree, node)), NB_STR_ARG(text),
                code == NB_D_DATA_PATH_REWRITTEN ? "--data-path" : "--model-dir");
}

/* The data folder, or what lies below it; a folder written with a slash keeps it, since names are appended to it. */
static void replace_data_path(rewriter *r, nb_statement *s, const nb_py_node *node, nb_str rest,
                              bool slash)
{
    nb_str quoted = rest.len > 0 || slash ? nb_py_quote(r->source->arena, rest) : NB_STR("");
    r->any_data = true;
    replace_path(r, s, node, joined(r, r->params->data_path_name, quoted),
                 NB_D_DATA_PATH_REWRITTEN);
}

static void rewrite_data_literal(rewriter *r, nb_statement *s, const nb_py_node *node)
{
    nb_str value, rest;
    if (is_docstring(node) || is_key(node) ||
        !nb_py_string_value(r->source->arena, s->cell->tree, node, &value) ||
        !below_data(r, value, &rest))
        return;
    if (rest.len == 0 && nb_str_find_char(value, '/') < 0 &&
        !stands_for_a_path(r->source->arena, s->cell->tree, node))
        return;
    replace_data_path(r, s, node, rest, rest.len == 0 && nb_str_ends(value, NB_STR("/")));
}

/* f"data/ecg/{name}.csv" begins with the folder: f"{DATA_PATH}/{name}.csv". */
static void rewrite_data_fstring(rewriter *r, nb_statement *s, const nb_py_node *node)
{
    nb_str text = nb_py_text(s->cell->tree, node);
    size_t quote = 0;
    while (quote < text.len && text.at[quote] != '"' && text.at[quote] != '\'')
        quote++;
    nb_str inside = nb_str_from_at(text, quote + 1);
    const nb_str bases[] = {r->configured, r->resolved, r->base};
    for (size_t i = 0; i < NB_LEN(bases); i++) {
        nb_str rest;
        if (bases[i].len == 0 || !nb_str_starts(inside, bases[i]) ||
            !is_below(inside, bases[i], &rest))
            continue;
        uint32_t start = node->start + (uint32_t)quote + 1;
        nb_str new_text = nb_arena_printf(r->source->arena, "{" NB_STR_FMT "}",
                                          NB_STR_ARG(r->params->data_path_name));
        if (nb_edit_add(r->source->arena, &s->cell->edits, start, start + (uint32_t)bases[i].len,
                        new_text)) {
            r->any_data = true;
            r->textual |= i == 0;
            s->configured |= evaluated_now(s, node);
            nb_diag_add(r->source->diags, NB_D_DATA_PATH_REWRITTEN,
                        nb_source_spot(r->source, s->cell, node->start, node->end),
                        "the path's beginning became {" NB_STR_FMT "}: it follows --data-path",
                        NB_STR_ARG(r->params->data_path_name));
        }
        return;
    }
}

/* data_dir = "data/": the name itself takes the data path. Returns false when the literal is no path of ours. */
static bool take_data_name(rewriter *r, nb_statement *s, const nb_py_node *target,
                           const nb_py_node *node)
{
    nb_arena *arena = r->source->arena;
    nb_str name = nb_py_text(s->cell->tree, target), value, rest = NB_STR("");
    if (!is_data_name(arena, name) || node->kind != NB_PY_STRING ||
        !nb_py_string_value(arena, s->cell->tree, node, &value) || is_url(value) || value.len == 0)
        return false;
    nb_str path = cleaned(arena, value);
    bool file = nb_str_rfind_char(nb_path_base(path), '.') > 0 && !nb_str_ends(value, NB_STR("/"));
    if (!below_data(r, value, &rest)) {
        rest = file ? nb_path_base(path) : NB_STR("");
        if (r->base.len == 0 && r->configured.len == 0)
            r->base = file ? nb_path_dir(path) : path;
        else if (r->configured.len == 0)
            return false; /* a second folder of that sort stays as it is */
    }
    replace_data_path(r, s, node, rest, rest.len == 0 && nb_str_ends(value, NB_STR("/")));
    if (nb_str_eq(name, r->params->data_path_name) && rest.len == 0)
        s->role = NB_ROLE_DROPPED;
    return true;
}

static void rewrite_data(rewriter *r, nb_statement *s)
{
    const nb_py_node *value = NULL;
    const nb_py_node *target = nb_statement_assigns(s, &value);
    if (target && take_data_name(r, s, target, value))
        return;
    if (r->configured.len == 0 && r->base.len == 0)
        return;
    for (const nb_py_node *n = s->node; n; n = nb_py_next(s->node, n, false)) {
        if (n->kind != NB_PY_STRING || (n->string_flags & NB_PY_STRING_BYTES))
            continue;
        if (n->string_flags & NB_PY_STRING_FORMAT)
            rewrite_data_fstring(r, s, n);
        else
            rewrite_data_literal(r, s, n);
    }
}

/* --- the model directory ------------------------------------------------------------------------------- */

static bool is_own_relative(nb_str path)
{
    return path.len > 0 && path.at[0] != '/' && path.at[0] != '~' && !is_url(path);
}

/* The expression behind a path argument: itself, or the one assignment of the name it is. */
static const nb_py_node *expression_behind(rewriter *r, const nb_statement *s,
                                           const nb_py_node *path, nb_statement **owner)
{
    if (path->kind != NB_PY_NAME)
        return path;
    nb_str name = nb_py_text(s->cell->tree, path);
    const nb_py_node *found = NULL;
    for (size_t i = 0; i < r->source->statement_count; i++) {
        nb_statement *other = &r->source->statements[i];
        if (!nb_source_is_exported(other->cell) || !nb_statement_binds(other, name))
            continue;
        const nb_py_node *value = NULL;
        if (found || !nb_statement_assigns(other, &value))
            return NULL;
        found = value;
        *owner = other;
    }
    return found;
}

/* Files that train.py itself writes to the model directory. */
static bool is_ours(nb_str name)
{
    static const char *const names[] = {"code", "metrics.json", "notebooked.json", "params.json",
                                        "state.pkl"};
    for (size_t i = 0; i < NB_LEN(names); i++)
        if (nb_str_eqz(name, names[i]))
            return true;
    return false;
}

/* "a/b.pt" as the name of one file: "a-b.pt". */
static nb_str flattened(nb_arena *arena, nb_str path)
{
    char *copy = nb_arena_z(arena, path);
    for (size_t i = 0; i < path.len; i++)
        if (copy[i] == '/')
            copy[i] = '-';
    return (nb_str){copy, path.len};
}

/* Under which name a file goes to the model directory: its own, unless two folders hold one of that name. */
static nb_str name_in_model_dir(rewriter *r, nb_str path)
{
    nb_arena *arena = r->source->arena;
    nb_str clean = cleaned(arena, path), name = nb_path_base(clean);
    if (is_ours(name))
        return nb_str_concat(arena, NB_STR("notebook-"), name);
    const nb_str *first = nb_map_get(&r->taken, name);
    if (first && !nb_str_eq(*first, clean))
        return flattened(arena, clean);
    nb_str *mine = NB_NEW(arena, nb_str);
    *mine = clean;
    nb_map_put(arena, &r->taken, name, mine);
    return name;
}

/* f"runs/net_{epoch}.pt" without its folder: f"net_{epoch}.pt". Empty when the folder is none of its beginning. */
static nb_str fstring_in_model_dir(rewriter *r, nb_str text)
{
    size_t quote = 0;
    while (quote < text.len && text.at[quote] != '"' && text.at[quote] != '\'')
        quote++;
    ptrdiff_t brace = nb_str_find_char(text, '{');
    if (brace < 0 || (size_t)brace <= quote + 1 || nb_str_contains(text, NB_STR("\"\"\"")))
        return NB_STR("");
    nb_str head = nb_str_slice(text, quote + 1, (size_t)brace);
    if (!is_own_relative(head) || nb_str_find_char(nb_str_from_at(text, (size_t)brace), '/') >= 0)
        return NB_STR("");
    size_t folder = (size_t)(nb_str_rfind_char(head, '/') + 1);
    return nb_str_concat(r->source->arena, nb_str_slice(text, 0, quote + 1),
                         nb_str_from_at(text, quote + 1 + folder));
}

/* What the path becomes below the model directory, as Python source; empty when it cannot be told or is not relative. */
static nb_str below_model_dir(rewriter *r, const nb_source_cell *cell, const nb_py_node *path)
{
    nb_str value;
    if (nb_py_string_value(r->source->arena, cell->tree, path, &value))
        return is_own_relative(value) ? nb_py_quote(r->source->arena, name_in_model_dir(r, value))
                                      : NB_STR("");
    if (path->kind == NB_PY_STRING && (path->string_flags & NB_PY_STRING_FORMAT))
        return fstring_in_model_dir(r, nb_py_text(cell->tree, path));
    return NB_STR("");
}

/* Does the expression begin with a relative literal: "runs/" + name, os.path.join("runs", name), Path("runs") / name? */
static bool begins_relative(rewriter *r, const nb_source_cell *cell, const nb_py_node *path)
{
    nb_str value;
    while (path && (path->kind == NB_PY_BINARY || path->kind == NB_PY_CALL)) {
        nb_str callee = path->kind == NB_PY_CALL
                            ? nb_py_call_name(r->source->arena, cell->tree, path)
                            : NB_STR("");
        bool builds = nb_str_eqz(callee, "os.path.join") || nb_str_eqz(callee, "Path") ||
                      nb_str_eqz(callee, "pathlib.Path");
        if (path->kind == NB_PY_CALL && !builds)
            return false;
        path = path->kind == NB_PY_CALL ? nb_py_argument(cell->tree, path, "", 0) : path->child;
    }
    return path && path->kind == NB_PY_STRING &&
           nb_py_string_value(r->source->arena, cell->tree, path, &value) && is_own_relative(value);
}

/* By which a load finds its save: the string's value, or the text of an f-string. */
static nb_str key_of(rewriter *r, const nb_source_cell *cell, const nb_py_node *path)
{
    nb_str value;
    bool plain = nb_py_string_value(r->source->arena, cell->tree, path, &value);
    return plain ? value : nb_py_text(cell->tree, path);
}

static void rewrite_saved(rewriter *r, nb_statement *s, const nb_py_node *path)
{
    nb_statement *owner = s;
    const nb_py_node *found = expression_behind(r, s, path, &owner);
    nb_str below = found ? below_model_dir(r, owner->cell, found) : NB_STR("");
    if (below.len > 0) {
        nb_str *stored = NB_NEW(r->source->arena, nb_str);
        *stored = below;
        nb_map_put(r->source->arena, &r->params->saved, key_of(r, owner->cell, found), stored);
        r->params->uses_model_dir = true;
        replace_path(r, owner, found, joined(r, r->params->model_dir_name, below),
                     NB_D_MODEL_PATH_REWRITTEN);
    } else if (found && found->kind != NB_PY_STRING && begins_relative(r, owner->cell, found)) {
        nb_diag *diag =
            nb_diag_add(r->source->diags, NB_D_MODEL_PATH_KEPT,
                        nb_source_spot(r->source, owner->cell, found->start, found->end),
                        "this file is saved in the working directory, not in the model directory");
        nb_diag_help(r->source->diags, diag,
                     "write the path as one string, such as \"net.pt\" or f\"net_{epoch}.pt\"");
    }
}

static void rewrite_loaded(rewriter *r, nb_statement *s, const nb_py_node *path)
{
    const nb_str *below = nb_map_get(&r->params->saved, key_of(r, s->cell, path));
    if (path->kind == NB_PY_STRING && below)
        replace_path(r, s, path, joined(r, r->params->model_dir_name, *below),
                     NB_D_MODEL_PATH_REWRITTEN);
}

static void rewrite_model(rewriter *r, nb_statement *s, bool saves)
{
    for (const nb_py_node *n = s->node; n; n = nb_py_next(s->node, n, false)) {
        if (n->kind != NB_PY_CALL)
            continue;
        const nb_py_node *path = saves ? nb_paths_saved(r->source->arena, s->cell->tree, n)
                                       : nb_paths_loaded(r->source->arena, s->cell->tree, n);
        if (path && saves)
            rewrite_saved(r, s, path);
        else if (path)
            rewrite_loaded(r, s, path);
    }
}

/* --- all of it ------------------------------------------------------------------------------------------- */

/* The notebook may use DATA_PATH for something that is no literal; then ours gets an underscore. */
static nb_str free_name(rewriter *r, const char *wanted)
{
    nb_str name = nb_str_from(wanted);
    for (size_t i = 0; i < r->source->statement_count; i++) {
        const nb_statement *s = &r->source->statements[i];
        const nb_py_node *value = NULL;
        if (!nb_source_is_exported(s->cell) || !nb_statement_binds(s, name))
            continue;
        bool literal = nb_statement_assigns(s, &value) && value->kind == NB_PY_STRING;
        if (!literal || !is_data_name(r->source->arena, name))
            return nb_str_concat(r->source->arena, name, NB_STR("_"));
    }
    return name;
}

static nb_str seen_from_notebook(rewriter *r, const nb_config *config, nb_str data_path)
{
    nb_arena *arena = r->source->arena;
    if (is_url(data_path) || nb_path_is_absolute(data_path))
        return data_path;
    nb_str absolute = nb_path_clean(arena, nb_path_join(arena, config->root, data_path));
    return nb_path_relative(arena, r->folder, absolute);
}

static void settle_default(rewriter *r, const nb_experiment *experiment)
{
    nb_arena *arena = r->source->arena;
    nb_params *params = r->params;
    nb_str path = r->base;
    if (r->configured.len > 0)
        path = r->textual ? r->configured : r->resolved;
    if (r->any_data) {
        params->data_path_literal = nb_py_quote(arena, path);
        (void)nb_set_add(arena, &params->provided, params->data_path_name);
        return;
    }
    if (r->configured.len == 0)
        return;
    nb_place place = experiment->data_path_place;
    nb_spot spot = {.path = place.path,
                    .line = place.line,
                    .column = place.column,
                    .source = place.source,
                    .length = (unsigned)experiment->data_path.len};
    nb_diag *diag = nb_diag_add(r->source->diags, NB_D_DATA_PATH_UNUSED, spot,
                                "no exported cell reads a file below data_path '" NB_STR_FMT "'",
                                NB_STR_ARG(experiment->data_path));
    nb_diag_help(
        r->source->diags, diag,
        "assign the folder to a variable named data_path in the notebook, or correct data_path");
}

void nb_paths_rewrite(nb_source *source, nb_params *params, const nb_config *config,
                      const nb_experiment *experiment)
{
    rewriter r = {.source = source, .params = params};
    nb_str notebook = nb_path_join(source->arena, config->root, experiment->notebook);
    r.folder = nb_path_clean(source->arena, nb_path_dir(notebook));
    params->data_path_name = free_name(&r, "DATA_PATH");
    params->model_dir_name = free_name(&r, "MODEL_DIR");
    if (experiment->data_path.len > 0) {
        r.configured = cleaned(source->arena, experiment->data_path);
        r.resolved = seen_from_notebook(&r, config, experiment->data_path);
    }
    for (size_t i = 0; i < source->statement_count; i++)
        if (nb_statement_feeds_train(&source->statements[i]))
            rewrite_data(&r, &source->statements[i]);
    for (size_t i = 0; i < source->statement_count; i++)
        if (nb_statement_feeds_train(&source->statements[i]))
            rewrite_model(&r, &source->statements[i], true);
    for (size_t i = 0; i < source->statement_count && params->uses_model_dir; i++)
        if (nb_statement_feeds_train(&source->statements[i]))
            rewrite_model(&r, &source->statements[i], false);
    (void)nb_set_add(source->arena, &params->provided, params->model_dir_name);
    settle_default(&r, experiment);
}
