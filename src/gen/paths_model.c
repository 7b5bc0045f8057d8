/* What training saves goes below --model-dir. */
#include "base/path.h"
#include "gen/paths_parts.h"

static bool is_own_relative(nb_str path)
{
    return path.len > 0 && path.at[0] != '/' && path.at[0] != '~' && !nb_paths_is_url(path);
}

/* The expression behind a path argument: itself, or the one assignment of the name it is. */
static const nb_py_node *expression_behind(nb_path_rewriter *r, const nb_statement *s,
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
static nb_str name_in_model_dir(nb_path_rewriter *r, nb_str path)
{
    nb_arena *arena = r->source->arena;
    nb_str clean = nb_paths_cleaned(arena, path), name = nb_path_base(clean);
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
static nb_str fstring_in_model_dir(nb_path_rewriter *r, nb_str text)
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
static nb_str below_model_dir(nb_path_rewriter *r, const nb_source_cell *cell,
                              const nb_py_node *path)
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
static bool begins_relative(nb_path_rewriter *r, const nb_source_cell *cell, const nb_py_node *path)
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

/* Settings and samples, as likely as a part of the model: no warning when they stay where they are. */
static bool is_json(const nb_source_cell *cell, const nb_py_node *path)
{
    return nb_str_contains(nb_py_text(cell->tree, path), NB_STR(".json"));
}

/* By which a load finds its save: the string's value, or the text of an f-string. */
static nb_str key_of(nb_path_rewriter *r, const nb_source_cell *cell, const nb_py_node *path)
{
    nb_str value;
    bool plain = nb_py_string_value(r->source->arena, cell->tree, path, &value);
    return plain ? value : nb_py_text(cell->tree, path);
}

static void rewrite_saved(nb_path_rewriter *r, nb_statement *s, const nb_py_node *path)
{
    nb_statement *owner = s;
    const nb_py_node *found = expression_behind(r, s, path, &owner);
    nb_str below = found ? below_model_dir(r, owner->cell, found) : NB_STR("");
    if (below.len > 0) {
        nb_str *stored = NB_NEW(r->source->arena, nb_str);
        *stored = below;
        nb_map_put(r->source->arena, &r->params->saved, key_of(r, owner->cell, found), stored);
        r->params->uses_model_dir = true;
        nb_paths_replace(r, owner, found, nb_paths_joined(r, r->params->model_dir_name, below),
                         NB_D_MODEL_PATH_REWRITTEN);
    } else if (found && found->kind != NB_PY_STRING && !is_json(owner->cell, found) &&
               begins_relative(r, owner->cell, found)) {
        nb_diag *diag =
            nb_diag_add(r->source->diags, NB_D_MODEL_PATH_KEPT,
                        nb_source_spot(r->source, owner->cell, found->start, found->end),
                        "this file is saved in the working directory, not in the model directory");
        nb_diag_help(r->source->diags, diag,
                     "write the path as one string, such as \"net.pt\" or f\"net_{epoch}.pt\"");
    }
}

static void rewrite_loaded(nb_path_rewriter *r, nb_statement *s, const nb_py_node *path)
{
    const nb_str *below = nb_map_get(&r->params->saved, key_of(r, s->cell, path));
    if (path->kind == NB_PY_STRING && below)
        nb_paths_replace(r, s, path, nb_paths_joined(r, r->params->model_dir_name, *below),
                         NB_D_MODEL_PATH_REWRITTEN);
}

void nb_paths_rewrite_model(nb_path_rewriter *r, nb_statement *s, bool saves)
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
