#include "gen/search_path.h"

#include "base/fs.h"
#include "base/path.h"
#include "gen/path_value.h"
#include "graph/graph.h"
#include "py/facts.h"

typedef struct finder {
    nb_source *source;
    nb_str root, here; /* absolute; `here` follows os.chdir() */
    nb_search_path early, late;
    bool elsewhere; /* the statement at hand names a folder that only another machine can have */
} finder;

/* --- what code does ------------------------------------------------------------------------------ */

typedef enum change { NO_CHANGE, APPENDS, INSERTS, EXTENDS, MOVES } change;

static change change_of_call(nb_arena *arena, const nb_py_tree *tree, const nb_py_node *call)
{
    static const struct {
        const char *callee;
        change what;
    } calls[] = {
        {"sys.path.append", APPENDS},
        {"sys.path.insert", INSERTS},
        {"sys.path.extend", EXTENDS},
        {"site.addsitedir", APPENDS},
        {"os.chdir",        MOVES  },
    };
    nb_str callee = nb_py_call_name(arena, tree, call);
    for (size_t i = 0; i < NB_LEN(calls); i++)
        if (nb_str_eqz(callee, calls[i].callee))
            return calls[i].what;
    return NO_CHANGE;
}

/* sys.path += [...] */
static bool is_addition(nb_arena *arena, const nb_py_tree *tree, const nb_py_node *node)
{
    return node->kind == NB_PY_AUG_ASSIGN &&
           nb_str_eqz(nb_py_dotted(arena, tree, nb_py_get(node, NB_PY_FIELD_TARGET)), "sys.path");
}

/* A call or addition that changes sys.path; os.chdir() does more than that. */
static bool is_change(nb_arena *arena, const nb_py_tree *tree, const nb_py_node *node)
{
    if (node->kind == NB_PY_CALL) {
        change what = change_of_call(arena, tree, node);
        return what != NO_CHANGE && what != MOVES;
    }
    return is_addition(arena, tree, node);
}

/* The statement is a change, or an `if` around changes: `if p not in sys.path: sys.path.append(p)`. */
static bool only_changes(nb_arena *arena, const nb_py_tree *tree, const nb_py_node *node)
{
    if (node->kind == NB_PY_EXPR)
        return is_change(arena, tree, node->child);
    if (node->kind != NB_PY_IF || nb_py_get(node, NB_PY_FIELD_ORELSE) ||
        !nb_str_contains(nb_py_text(tree, nb_py_get(node, NB_PY_FIELD_TEST)), NB_STR("sys.path")))
        return is_change(arena, tree, node);
    const nb_py_node *body = nb_py_get(node, NB_PY_FIELD_BODY);
    for (const nb_py_node *n = body ? body->child : NULL; n; n = n->next)
        if (!only_changes(arena, tree, n))
            return false;
    return body != NULL;
}

/* --- folders ------------------------------------------------------------------------------------- */

static bool has(const nb_search_path *path, nb_str folder)
{
    for (size_t i = 0; i < path->list.count; i++)
        if (nb_str_eq(path->list.at[i].path, folder))
            return true;
    return false;
}

static void add(finder *f, nb_str shown, nb_str folder, bool early, bool stated)
{
    nb_arena *arena = f->source->arena;
    nb_local_folder row = {.path = nb_path_clean(arena, folder), shown, early, stated};
    nb_search_path *path = early ? &f->early : &f->late;
    if (has(&f->early, row.path) || has(&f->late, row.path))
        return;
    nb_vec_push(arena, &path->list, row);
    for (size_t i = path->list.count - 1; i > 0 && early; i--) { /* what is put first is first */
        path->list.at[i] = path->list.at[i - 1];
        path->list.at[i - 1] = row;
    }
}

static nb_str seen_from(const finder *f, nb_str folder, nb_str path)
{
    return nb_path_join(f->source->arena, folder, path);
}

/* A folder that is not here by an absolute name: another machine may have it. */
static bool is_absolute(const nb_py_node *node, nb_str folder)
{
    return node->kind == NB_PY_STRING && nb_path_is_absolute(folder);
}

/* False when the folder cannot be read off the code. */
static bool add_value(finder *f, const nb_statement *s, const nb_py_node *node, bool early)
{
    nb_str path;
    if (!node || !nb_path_value(f->source, s->cell, node, f->here, &path))
        return false;
    nb_str folder = nb_arena_str(f->source->arena, seen_from(f, f->here, path));
    add(f, path, folder, early, true);
    f->elsewhere |= is_absolute(node, path) && !nb_is_dir(folder.at);
    return true;
}

static bool add_values(finder *f, const nb_statement *s, const nb_py_node *list)
{
    if (!list || (list->kind != NB_PY_LIST && list->kind != NB_PY_TUPLE))
        return false;
    bool all = true;
    for (const nb_py_node *n = list->child; n; n = n->next)
        all = add_value(f, s, n, false) && all;
    return all;
}

static bool is_first_place(const nb_py_tree *tree, const nb_py_node *index)
{
    nb_str text = index ? nb_py_text(tree, index) : NB_STR("");
    return nb_str_eqz(text, "0") || nb_str_eqz(text, "1");
}

/* Modules are found in the working directory as well. */
static bool move(finder *f, const nb_statement *s, const nb_py_node *folder)
{
    nb_str path;
    nb_arena *arena = f->source->arena;
    if (!folder || !nb_path_value(f->source, s->cell, folder, f->here, &path))
        return false;
    f->here = nb_path_clean(arena, seen_from(f, f->here, path));
    add(f, path, f->here, true, false);
    return true;
}

static bool take_change(finder *f, const nb_statement *s, const nb_py_node *node)
{
    const nb_py_tree *tree = s->cell->tree;
    if (node->kind == NB_PY_AUG_ASSIGN)
        return add_values(f, s, nb_py_get(node, NB_PY_FIELD_VALUE));
    switch (change_of_call(f->source->arena, tree, node)) {
    case NO_CHANGE: break;
    case APPENDS: return add_value(f, s, nb_py_argument(tree, node, NULL, 0), false);
    case INSERTS:
        return add_value(f, s, nb_py_argument(tree, node, NULL, 1),
                         is_first_place(tree, nb_py_argument(tree, node, NULL, 0)));
    case EXTENDS: return add_values(f, s, nb_py_argument(tree, node, NULL, 0));
    case MOVES: return move(f, s, nb_py_argument(tree, node, NULL, 0));
    }
    return false;
}

/* --- statements ------------------------------------------------------------------------------------ */

/* Takes every change that runs with the statement; *any: there was one, *all: each could be read. */
static void take_changes(finder *f, const nb_statement *s, bool *any, bool *all)
{
    nb_arena *arena = f->source->arena;
    for (const nb_py_node *n = s->node; n;
         n = nb_py_next(s->node, n, n->kind == NB_PY_FUNCTION || n->kind == NB_PY_LAMBDA)) {
        bool moves = n->kind == NB_PY_CALL && change_of_call(arena, s->cell->tree, n) == MOVES;
        bool changes = moves || is_change(arena, s->cell->tree, n);
        bool read = changes && take_change(f, s, n);
        *any |= changes && !moves;
        *all &= !changes || moves || read;
    }
}

static void tell_left_out(finder *f, const nb_statement *s)
{
    nb_diag *diag =
        nb_diag_add(f->source->diags, NB_D_LOCAL_MODULE, nb_statement_spot(f->source, s),
                    "the line is left out: what is imported from there travels with the scripts");
    diag->severity = NB_SEVERITY_INFO;
}

static void tell_unread(finder *f, const nb_statement *s)
{
    nb_diag *diag =
        nb_diag_add(f->source->diags, NB_D_LOCAL_MODULE, nb_statement_spot(f->source, s),
                    "the folder cannot be read off the code: what is imported from it does not "
                    "travel with the scripts");
    diag->severity = NB_SEVERITY_INFO;
    nb_diag_help(f->source->diags, diag,
                 "write the folder as a literal: sys.path.append(\"../src\")");
}

static void take_statement(finder *f, nb_statement *s)
{
    bool any = false, all = true;
    f->elsewhere = false;
    take_changes(f, s, &any, &all);
    if (!any || !nb_source_is_exported(s->cell))
        return;
    if (!all) {
        tell_unread(f, s);
    } else if (!f->elsewhere && only_changes(f->source->arena, s->cell->tree, s->node)) {
        s->role = NB_ROLE_DROPPED;
        tell_left_out(f, s);
    }
}

nb_search_path nb_search_path_find(nb_source *source, const nb_config *config,
                                   const nb_experiment *experiment)
{
    nb_arena *arena = source->arena;
    nb_str notebook = nb_path_join(arena, config->root, experiment->notebook);
    finder f = {.source = source,
                .root = config->root,
                .here = nb_path_clean(arena, nb_path_dir(notebook))};
    add(&f, NB_STR("."), f.here, true, false);
    for (size_t i = 0; i < source->statement_count; i++)
        take_statement(&f, &source->statements[i]);
    for (size_t i = 0; i < source->ran.count; i++) /* %run finds modules beside its file */
        add(&f, nb_path_dir(source->ran.at[i]), nb_path_dir(source->ran.at[i]), false, false);
    add(&f, NB_STR("."), f.root, false, false);
    for (size_t i = 0; i < experiment->include_count; i++) {
        nb_str path = seen_from(&f, f.root, experiment->include[i]);
        if (nb_is_dir(path.at))
            add(&f, experiment->include[i], path, false, false);
        add(&f, nb_path_dir(experiment->include[i]), nb_path_dir(path), false, false);
    }
    for (size_t i = 0; i < f.late.list.count; i++)
        nb_vec_push(arena, &f.early.list, f.late.list.at[i]);
    return f.early;
}
