#include "gen/included.h"

#include "base/fs.h"
#include "base/path.h"
#include "gen/expression.h"
#include "gen/path_value.h"
#include "gen/paths_parts.h"
#include "gen/written.h"

nb_included nb_included_find(nb_arena *arena, const nb_config *config,
                             const nb_experiment *experiment)
{
    nb_included out = {0};
    for (size_t i = 0; i < experiment->include_count; i++) {
        nb_str path = nb_path_clean(arena, experiment->include[i]);
        nb_included_path one = {.disk =
                                    nb_path_clean(arena, nb_path_join(arena, config->root, path))};
        bool outside =
            nb_path_is_absolute(path) || nb_str_starts(path, NB_STR("..")) || nb_str_eqz(path, ".");
        one.name = outside ? nb_path_base(one.disk) : path;
        one.there = nb_path_exists(one.disk.at);
        if (experiment->include_places)
            one.spot = nb_spot_of_place(experiment->include_places[i], experiment->include[i]);
        nb_vec_push(arena, &out.list, one);
    }
    return out;
}

void nb_included_report(const nb_included *included, nb_diags *diags)
{
    for (size_t i = 0; i < included->list.count; i++) {
        const nb_included_path *one = &included->list.at[i];
        if (one->there)
            continue;
        nb_diag *diag = nb_diag_add(diags, NB_D_MISSING_FILE, one->spot,
                                    "'" NB_STR_FMT "' is to be included, but it is not there",
                                    NB_STR_ARG(one->name));
        nb_diag_help(diags, diag,
                     "correct 'include': paths are seen from the folder of config.yaml");
    }
}

void nb_included_add_written(nb_included *included, const nb_source *source, nb_str folder)
{
    nb_written written = nb_written_find(source, folder);
    for (size_t i = 0; i < written.kept.list.count; i++) {
        const nb_local_file *file = &written.kept.list.at[i];
        nb_included_path one = {.disk = file->disk, .name = file->name, .there = true};
        nb_vec_push(source->arena, &included->list, one);
    }
}

/* --- paths of the notebook ------------------------------------------------------------------------- */

typedef struct rewriter {
    nb_source *source;
    nb_params *params;
    nb_included included;
    nb_str here; /* where the notebook runs, absolute */
} rewriter;

/* The name beside the scripts of what a path of the notebook leads to; empty when it is not included. */
static nb_str name_beside(const rewriter *r, nb_str path)
{
    nb_arena *arena = r->source->arena;
    nb_str disk = nb_path_clean(arena, nb_path_join(arena, r->here, path));
    for (size_t i = 0; i < r->included.list.count; i++) {
        const nb_included_path *one = &r->included.list.at[i];
        if (nb_str_eq(disk, one->disk))
            return one->name;
        if (nb_str_starts(disk, one->disk) && disk.at[one->disk.len] == '/')
            return nb_path_join(arena, one->name, nb_str_from_at(disk, one->disk.len + 1));
    }
    return NB_STR("");
}

/* The path that an expression stands for: a literal, or pieces of one. */
static bool path_of(const rewriter *r, const nb_statement *s, const nb_py_node *node, nb_str *path)
{
    nb_arena *arena = r->source->arena;
    const nb_py_tree *tree = s->cell->tree;
    if (node->kind == NB_PY_STRING)
        return nb_paths_may_be_path(arena, tree, node, path);
    bool pieces = node->kind == NB_PY_BINARY ||
                  (node->kind == NB_PY_CALL && node->child->next != node->last &&
                   nb_paths_is_join(nb_py_call_name(arena, tree, node)));
    return pieces && nb_path_value(r->source, s->cell, node, r->here, path);
}

static bool rewrite(rewriter *r, nb_statement *s, const nb_py_node *node)
{
    nb_arena *arena = r->source->arena;
    nb_str path, name = NB_STR(""), code = nb_py_text(s->cell->tree, node);
    if (path_of(r, s, node, &path) && !nb_path_is_absolute(path))
        name = name_beside(r, path);
    if (name.len == 0)
        return false;
    nb_str text = nb_arena_printf(arena, NB_STR_FMT "(" NB_STR_FMT ", " NB_STR_FMT ")",
                                  NB_STR_ARG(r->params->beside_name),
                                  NB_STR_ARG(nb_py_quote(arena, name)), NB_STR_ARG(code));
    if (node->kind == NB_PY_STRING && nb_str_eq(name, path))
        text = nb_arena_printf(arena, NB_STR_FMT "(" NB_STR_FMT ")",
                               NB_STR_ARG(r->params->beside_name), NB_STR_ARG(code));
    if (!nb_edit_add(arena, &s->cell->edits, node->start, node->end, text))
        return false;
    r->params->uses_beside = true;
    nb_diag *diag = nb_diag_add(r->source->diags, NB_D_LOCAL_MODULE,
                                nb_source_spot(r->source, s->cell, node->start, node->end),
                                NB_STR_FMT " became " NB_STR_FMT
                                           ": it is included, and travels with the scripts",
                                NB_STR_ARG(code), NB_STR_ARG(text));
    diag->severity = NB_SEVERITY_INFO;
    return true;
}

static nb_str free_name(const nb_source *source)
{
    nb_str name = NB_STR("beside");
    for (size_t i = 0; i < source->statement_count; i++)
        if (nb_source_is_exported(source->statements[i].cell) &&
            nb_statement_binds(&source->statements[i], name))
            return NB_STR("beside_");
    return name;
}

void nb_included_rewrite(nb_source *source, nb_params *params, const nb_config *config,
                         const nb_experiment *experiment)
{
    nb_str notebook = nb_path_join(source->arena, config->root, experiment->notebook);
    rewriter r = {.source = source,
                  .params = params,
                  .included = nb_included_find(source->arena, config, experiment),
                  .here = nb_path_clean(source->arena, nb_path_dir(notebook))};
    nb_included_report(&r.included, source->diags);
    nb_included_add_written(&r.included, source,
                            nb_path_clean(source->arena, nb_path_dir(notebook)));
    if (r.included.list.count == 0)
        return;
    if (experiment->workdir.len > 0)
        r.here = nb_path_clean(source->arena,
                               nb_path_join(source->arena, config->root, experiment->workdir));
    params->beside_name = free_name(source);
    for (size_t i = 0; i < source->statement_count; i++) {
        nb_statement *s = &source->statements[i];
        for (const nb_py_node *n = s->node; n && nb_source_is_exported(s->cell);)
            n = nb_py_next(s->node, n, rewrite(&r, s, n));
    }
}
