#include "gen/paths.h"

#include "base/path.h"
#include "gen/paths_parts.h"

bool nb_paths_is_data_name(nb_arena *arena, nb_str name)
{
    static const char *const names[] = {"data_path", "data_dir",  "datapath",
                                        "datadir",   "data_root", "data_folder"};
    nb_str lower = nb_str_lower(arena, name);
    for (size_t i = 0; i < NB_LEN(names); i++)
        if (nb_str_eqz(lower, names[i]))
            return true;
    return false;
}

bool nb_paths_is_url(nb_str path)
{
    return nb_str_contains(path, NB_STR("://"));
}

nb_str nb_paths_cleaned(nb_arena *arena, nb_str path)
{
    return path.len == 0 || nb_paths_is_url(path) ? path : nb_path_clean(arena, path);
}

bool nb_paths_runs_now(const nb_statement *s, const nb_py_node *node)
{
    for (const nb_py_node *n = node; n && n != s->node->parent; n = n->parent)
        if (n->parent && (n->parent->kind == NB_PY_FUNCTION || n->parent->kind == NB_PY_LAMBDA) &&
            n->field == NB_PY_FIELD_BODY)
            return false;
    return true;
}

nb_str nb_paths_joined(nb_path_rewriter *r, nb_str folder, nb_str rest)
{
    if (rest.len == 0)
        return folder;
    r->params->needs_os = true;
    return nb_arena_printf(r->source->arena, "os.path.join(" NB_STR_FMT ", " NB_STR_FMT ")",
                           NB_STR_ARG(folder), NB_STR_ARG(rest));
}

void nb_paths_replace(nb_path_rewriter *r, nb_statement *s, const nb_py_node *node, nb_str text,
                      nb_diag_code code)
{
    if (!nb_edit_add(r->source->arena, &s->cell->edits, node->start, node->end, text))
        return;
    s->configured |= nb_paths_runs_now(s, node);
    nb_diag_add(r->source->diags, code, nb_source_spot(r->source, s->cell, node->start, node->end),
                NB_STR_FMT " became " NB_STR_FMT ": it follows %s",
                NB_STR_ARG(nb_py_text(s->cell->tree, node)), NB_STR_ARG(text),
                code == NB_D_DATA_PATH_REWRITTEN ? "--data-path" : "--model-dir");
}

/* --- all of it ------------------------------------------------------------------------------------------- */

/* The notebook may use DATA_PATH for something that is no literal; then ours gets an underscore. */
static nb_str free_name(nb_path_rewriter *r, const char *wanted)
{
    nb_str name = nb_str_from(wanted);
    for (size_t i = 0; i < r->source->statement_count; i++) {
        const nb_statement *s = &r->source->statements[i];
        const nb_py_node *value = NULL;
        if (!nb_source_is_exported(s->cell) || !nb_statement_binds(s, name))
            continue;
        bool literal = nb_statement_assigns(s, &value) && value->kind == NB_PY_STRING;
        if (!literal || !nb_paths_is_data_name(r->source->arena, name))
            return nb_str_concat(r->source->arena, name, NB_STR("_"));
    }
    return name;
}

static nb_str seen_from_notebook(nb_path_rewriter *r, const nb_config *config, nb_str data_path)
{
    nb_arena *arena = r->source->arena;
    if (nb_paths_is_url(data_path) || nb_path_is_absolute(data_path))
        return data_path;
    nb_str absolute = nb_path_clean(arena, nb_path_join(arena, config->root, data_path));
    return nb_path_relative(arena, r->folder, absolute);
}

static void settle_default(nb_path_rewriter *r, const nb_experiment *experiment)
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
    nb_path_rewriter r = {.source = source, .params = params};
    nb_str notebook = nb_path_join(source->arena, config->root, experiment->notebook);
    r.folder = nb_path_clean(source->arena, nb_path_dir(notebook));
    params->data_path_name = free_name(&r, "DATA_PATH");
    params->model_dir_name = free_name(&r, "MODEL_DIR");
    if (experiment->data_path.len > 0) {
        r.configured = nb_paths_cleaned(source->arena, experiment->data_path);
        r.resolved = seen_from_notebook(&r, config, experiment->data_path);
    }
    for (size_t i = 0; i < source->statement_count; i++)
        if (nb_statement_feeds_train(&source->statements[i]))
            nb_paths_rewrite_data(&r, &source->statements[i]);
    for (size_t i = 0; i < source->statement_count; i++)
        if (nb_statement_feeds_train(&source->statements[i]))
            nb_paths_rewrite_model(&r, &source->statements[i], true);
    for (size_t i = 0; i < source->statement_count && params->uses_model_dir; i++)
        if (nb_statement_feeds_train(&source->statements[i]))
            nb_paths_rewrite_model(&r, &source->statements[i], false);
    (void)nb_set_add(source->arena, &params->provided, params->model_dir_name);
    settle_default(&r, experiment);
}
