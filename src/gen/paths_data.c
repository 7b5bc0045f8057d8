/* Data is read below --data-path. */
#include "base/path.h"
#include "gen/paths_parts.h"

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

bool nb_paths_below_data(nb_path_rewriter *r, nb_str literal, nb_str *rest)
{
    nb_str path = nb_paths_cleaned(r->source->arena, literal);
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

/* "b.csv" of os.path.join(a, "b.csv"), a / "b.csv" and a + "b.csv". */
static bool is_later_piece(nb_arena *arena, const nb_py_tree *tree, const nb_py_node *node)
{
    const nb_py_node *parent = node->parent;
    if (parent->kind == NB_PY_BINARY)
        return parent->last == node;
    return parent->kind == NB_PY_CALL && nb_paths_is_join(nb_py_call_name(arena, tree, parent)) &&
           parent->child->next != node;
}

bool nb_paths_may_be_path(nb_arena *arena, const nb_py_tree *tree, const nb_py_node *node,
                          nb_str *value)
{
    if (is_docstring(node) || is_key(node) || is_later_piece(arena, tree, node) ||
        !nb_py_string_value(arena, tree, node, value) || value->len == 0 || nb_paths_is_url(*value))
        return false;
    return nb_str_find_char(*value, '/') >= 0 || nb_str_find_char(*value, '.') > 0 ||
           stands_for_a_path(arena, tree, node);
}

/* The data folder, or what lies below it; a folder written with a slash keeps it, since names are appended to it. */
static void replace_data_path(nb_path_rewriter *r, nb_statement *s, const nb_py_node *node,
                              nb_str rest, bool slash)
{
    nb_str quoted = rest.len > 0 || slash ? nb_py_quote(r->source->arena, rest) : NB_STR("");
    r->any_data = true;
    nb_paths_replace(r, s, node, nb_paths_joined(r, r->params->data_path_name, quoted),
                     NB_D_DATA_PATH_REWRITTEN);
}

static void rewrite_data_literal(nb_path_rewriter *r, nb_statement *s, const nb_py_node *node)
{
    nb_str value, rest;
    if (is_docstring(node) || is_key(node) ||
        !nb_py_string_value(r->source->arena, s->cell->tree, node, &value) ||
        !nb_paths_below_data(r, value, &rest))
        return;
    if (rest.len == 0 && nb_str_find_char(value, '/') < 0 &&
        !stands_for_a_path(r->source->arena, s->cell->tree, node))
        return;
    replace_data_path(r, s, node, rest, rest.len == 0 && nb_str_ends(value, NB_STR("/")));
}

/* f"data/ecg/{name}.csv" begins with the folder: f"{DATA_PATH}/{name}.csv". */
static void rewrite_data_fstring(nb_path_rewriter *r, nb_statement *s, const nb_py_node *node)
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
            s->configured |= nb_paths_runs_now(s, node);
            nb_diag_add(r->source->diags, NB_D_DATA_PATH_REWRITTEN,
                        nb_source_spot(r->source, s->cell, node->start, node->end),
                        "the path's beginning became {" NB_STR_FMT "}: it follows --data-path",
                        NB_STR_ARG(r->params->data_path_name));
        }
        return;
    }
}

/* data_dir = "data/": the name itself takes the data path. Returns false when the literal is no path of ours. */
static bool take_data_name(nb_path_rewriter *r, nb_statement *s, const nb_py_node *target,
                           const nb_py_node *node)
{
    nb_arena *arena = r->source->arena;
    nb_str name = nb_py_text(s->cell->tree, target), value, rest = NB_STR("");
    if (!nb_paths_is_data_name(arena, name) || node->kind != NB_PY_STRING ||
        !nb_py_string_value(arena, s->cell->tree, node, &value) || nb_paths_is_url(value) ||
        value.len == 0)
        return false;
    nb_str path = nb_paths_cleaned(arena, value);
    bool file = nb_str_rfind_char(nb_path_base(path), '.') > 0 && !nb_str_ends(value, NB_STR("/"));
    if (!nb_paths_below_data(r, value, &rest)) {
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

void nb_paths_rewrite_data(nb_path_rewriter *r, nb_statement *s)
{
    const nb_py_node *value = NULL;
    const nb_py_node *target = nb_statement_assigns(s, &value);
    if (target && take_data_name(r, s, target, value))
        return;
    if (r->configured.len == 0 && r->base.len == 0)
        return;
    nb_paths_rewrite_pieces(r, s);
    for (const nb_py_node *n = s->node; n; n = nb_py_next(s->node, n, false)) {
        if (n->kind != NB_PY_STRING || (n->string_flags & NB_PY_STRING_BYTES))
            continue;
        if (n->string_flags & NB_PY_STRING_FORMAT)
            rewrite_data_fstring(r, s, n);
        else
            rewrite_data_literal(r, s, n);
    }
}
