#include "cli/sources.h"

#include "base/fs.h"
#include "base/path.h"

static nb_str absolute_of(const nb_sources *s, nb_arena *arena, const nb_target *target)
{
    nb_str root = target->config ? target->config->root : s->project.here;
    nb_str path = nb_path_join(arena, root, target->experiment->notebook);
    return nb_path_clean(arena, nb_path_join(arena, s->project.here, path));
}

/* --- operands ------------------------------------------------------------------------------------------------------- */

/* Two experiments may share a notebook. */
static void add_target(nb_sources *s, nb_target target)
{
    for (size_t i = 0; i < s->named.count; i++)
        if (s->named.at[i].experiment == target.experiment ||
            (target.config == s->project.own && s->named.at[i].config == s->project.own &&
             nb_str_eq(s->named.at[i].experiment->notebook, target.experiment->notebook)))
            return;
    nb_vec_push(s->arena, &s->named, target);
    (void)nb_set_add(s->arena, &s->told, absolute_of(s, s->arena, &target));
}

static void add_folder(nb_sources *s, nb_str folder)
{
    folder = nb_path_clean(s->arena, folder);
    for (size_t i = 0; i < s->folders.count; i++)
        if (nb_str_eq(s->folders.at[i], folder))
            return;
    nb_vec_push(s->arena, &s->folders, folder);
}

static const nb_experiment *experiment_named(const nb_config *config, nb_str name)
{
    for (size_t i = 0; config && i < config->experiment_count; i++)
        if (nb_str_eq(config->experiments[i].name, name))
            return &config->experiments[i];
    return NULL;
}

static nb_code fail_unknown(const nb_sources *s, nb_str operand, nb_error *err)
{
    bool path = nb_str_find_char(operand, '/') >= 0 || nb_str_find_char(operand, '.') >= 0;
    if (s->project.config && !path)
        return nb_config_experiment(s->project.config, operand, err) ? NB_OK : err->code;
    (void)nb_fail(err, NB_ERR_NOT_FOUND, "there is no %s '" NB_STR_FMT "'",
                  nb_path_exists(operand.at) ? "notebook" : "experiment, notebook or folder",
                  NB_STR_ARG(operand));
    nb_error_hint(err, "name a folder, or a file that ends in .ipynb");
    return err->code;
}

static nb_code add_operand(nb_sources *s, nb_str operand, nb_error *err)
{
    const nb_experiment *experiment = experiment_named(s->project.config, operand);
    if (experiment)
        add_target(s, (nb_target){s->project.config, experiment});
    else if (nb_is_dir(operand.at))
        add_folder(s, operand);
    else if (nb_str_ends(operand, NB_STR(".ipynb")))
        add_target(s, nb_project_notebook(&s->project, s->arena, operand));
    else
        return fail_unknown(s, operand, err);
    return NB_OK;
}

nb_code nb_sources_open(nb_app *app, const char *const *operands, size_t count, nb_diags *diags,
                        nb_sources *out, nb_error *err)
{
    *out = (nb_sources){.arena = app->arena};
    if (nb_project_open(app, false, diags, &out->project, err) != NB_OK)
        return err->code;
    const nb_config *config = out->project.config;
    for (size_t i = 0; i < count; i++)
        if (add_operand(out, nb_str_from(operands[i]), err) != NB_OK)
            return err->code;
    for (size_t i = 0; count == 0 && config && i < config->experiment_count; i++)
        add_target(out, (nb_target){config, &config->experiments[i]});
    if (out->named.count == 0 && out->folders.count == 0)
        add_folder(out, NB_STR("."));
    return NB_OK;
}

bool nb_sources_are_many(const nb_sources *sources)
{
    return sources->named.count > 1 || sources->folders.count > 0;
}

/* --- one after the other -------------------------------------------------------------------------------------------- */

/* The next notebook of the walk; false when it is at its end. */
static bool next_found(nb_sources *s, nb_arena *arena, nb_source_item *item)
{
    while (nb_walk_next(s->walk, arena, &item->path, &item->err)) {
        if (item->err.code != NB_OK)
            return true;
        item->target = nb_project_notebook(&s->project, arena, item->path);
        if (!nb_map_has(&s->told, absolute_of(s, arena, &item->target)))
            return true;
    }
    return false;
}

bool nb_sources_next(nb_sources *sources, nb_arena *arena, nb_source_item *item)
{
    *item = (nb_source_item){0};
    if (sources->next_named < sources->named.count) {
        item->target = sources->named.at[sources->next_named++];
        return true;
    }
    item->found = true;
    for (;;) {
        if (sources->walk && next_found(sources, arena, item))
            return true;
        nb_sources_close(sources);
        if (sources->next_folder == sources->folders.count)
            return false;
        sources->walk = nb_walk_open(sources->folders.at[sources->next_folder++]);
    }
}

void nb_sources_close(nb_sources *sources)
{
    if (sources->walk)
        nb_walk_close(sources->walk);
    sources->walk = NULL;
}
