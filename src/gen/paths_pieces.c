/* Data paths written in pieces: os.path.join("data", "ecg", name), Path("data") / "ecg" / name. */
#include "base/path.h"
#include "gen/paths_parts.h"

/* Pieces from the beginning of an expression, as far as they are literals. */
typedef struct pieces {
    nb_str path; /* joined and clean */
    unsigned count;
    uint32_t start, end; /* in the cell's text, of the arguments or of the whole left side */
} pieces;

static bool add_piece(nb_path_rewriter *r, const nb_statement *s, const nb_py_node *node, pieces *p)
{
    nb_arena *arena = r->source->arena;
    nb_str value;
    if (node->kind != NB_PY_STRING || !nb_py_string_value(arena, s->cell->tree, node, &value) ||
        value.len == 0)
        return false;
    p->path = p->count == 0 ? nb_path_clean(arena, value)
                            : nb_path_clean(arena, nb_path_join(arena, p->path, value));
    if (p->count++ == 0)
        p->start = node->start;
    p->end = node->end;
    return true;
}

static void replace_pieces(nb_path_rewriter *r, nb_statement *s, const nb_py_node *node,
                           const pieces *p, nb_str text)
{
    if (!nb_edit_add(r->source->arena, &s->cell->edits, p->start, p->end, text))
        return;
    r->any_data = true;
    s->configured |= nb_paths_runs_now(s, node);
    nb_diag_add(r->source->diags, NB_D_DATA_PATH_REWRITTEN,
                nb_source_spot(r->source, s->cell, p->start, p->end),
                NB_STR_FMT " became " NB_STR_FMT ": it follows --data-path",
                NB_STR_ARG(nb_str_slice(s->cell->tree->text, p->start, p->end)), NB_STR_ARG(text));
}

bool nb_paths_is_join(nb_str callee)
{
    static const char *const names[] = {"os.path.join", "path.join",    "join",
                                        "Path",         "pathlib.Path", "PurePath"};
    for (size_t i = 0; i < NB_LEN(names); i++)
        if (nb_str_eqz(callee, names[i]))
            return true;
    return false;
}

/* os.path.join("data", "ecg", x) with the folder data/ecg: os.path.join(DATA_PATH, x). */
static bool rewrite_join(nb_path_rewriter *r, nb_statement *s, const nb_py_node *call)
{
    nb_arena *arena = r->source->arena;
    pieces p = {0};
    nb_str rest, text = r->params->data_path_name;
    if (!nb_paths_is_join(nb_py_call_name(arena, s->cell->tree, call)))
        return false;
    for (const nb_py_node *n = call->child->next; n; n = n->next) {
        if (!add_piece(r, s, n, &p))
            return false;
        if (!nb_paths_below_data(r, p.path, &rest))
            continue;
        if (p.count == 1)
            return false;
        if (rest.len > 0)
            text = nb_arena_printf(arena, NB_STR_FMT ", " NB_STR_FMT, NB_STR_ARG(text),
                                   NB_STR_ARG(nb_py_quote(arena, rest)));
        replace_pieces(r, s, call, &p, text);
        return true;
    }
    return false;
}

/* The innermost left side of a / b / c. */
static const nb_py_node *leftmost(const nb_py_node *node, unsigned *depth)
{
    for (*depth = 0; node->kind == NB_PY_BINARY; node = node->child)
        ++*depth;
    return node;
}

static const nb_py_node *left_side(const nb_py_node *node, unsigned steps)
{
    while (steps-- > 0)
        node = node->child;
    return node;
}

static bool divides(const nb_py_tree *tree, const nb_py_node *binary)
{
    nb_str between = nb_str_slice(tree->text, binary->child->end, binary->last->start);
    return nb_str_find_char(between, '/') >= 0 && !nb_str_contains(between, NB_STR("//"));
}

/* Path("data") / "ecg" / x with the folder data/ecg: Path(DATA_PATH) / x. */
static bool rewrite_division(nb_path_rewriter *r, nb_statement *s, const nb_py_node *top)
{
    nb_arena *arena = r->source->arena;
    const nb_py_tree *tree = s->cell->tree;
    unsigned depth;
    const nb_py_node *call = leftmost(top, &depth);
    pieces p = {0};
    nb_str rest;
    if (call->kind != NB_PY_CALL || !call->child->next || call->child->next != call->last ||
        !nb_paths_is_join(nb_py_call_name(arena, tree, call)) || !add_piece(r, s, call->last, &p) ||
        nb_paths_below_data(r, p.path, &rest))
        return false;
    p.start = call->start;
    while (depth-- > 0) {
        const nb_py_node *binary = left_side(top, depth);
        if (!divides(tree, binary) || !add_piece(r, s, binary->last, &p))
            return false;
        if (!nb_paths_below_data(r, p.path, &rest))
            continue;
        nb_str text = nb_arena_printf(
            arena, NB_STR_FMT "(" NB_STR_FMT ")%s" NB_STR_FMT,
            NB_STR_ARG(nb_py_text(tree, call->child)), NB_STR_ARG(r->params->data_path_name),
            rest.len > 0 ? " / " : "", NB_STR_ARG(rest.len > 0 ? nb_py_quote(arena, rest) : rest));
        replace_pieces(r, s, top, &p, text);
        return true;
    }
    return false;
}

void nb_paths_rewrite_pieces(nb_path_rewriter *r, nb_statement *s)
{
    for (const nb_py_node *n = s->node; n;) {
        bool done = (n->kind == NB_PY_CALL && rewrite_join(r, s, n)) ||
                    (n->kind == NB_PY_BINARY && rewrite_division(r, s, n));
        n = nb_py_next(s->node, n, done);
    }
}
