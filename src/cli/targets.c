#include "cli/targets.h"

#include "base/path.h"

#include <unistd.h>

typedef NB_VEC(nb_target) target_list;

static bool is_notebook(nb_str operand)
{
    return nb_str_ends(operand, NB_STR(".ipynb"));
}

/* The configuration; NULL without an error when there is none and none was asked for. */
static nb_code load_config(nb_app *app, bool needed, nb_diags *diags, const nb_config **config,
                           nb_error *err)
{
    nb_code code = nb_config_load(app->arena, app->config, ".", app->env, diags, config, err);
    if (code == NB_ERR_NOT_FOUND && !needed && !app->config) {
        nb_error_release(err);
        return NB_OK;
    }
    return code;
}

static nb_str notebook_of(nb_arena *arena, const nb_config *config, const nb_experiment *experiment)
{
    return nb_path_clean(arena, nb_path_join(arena, config->root, experiment->notebook));
}

nb_code nb_project_open(nb_app *app, bool needed, nb_diags *diags, nb_project *out, nb_error *err)
{
    nb_project project = {0};
    if (load_config(app, needed, diags, &project.config, err) != NB_OK ||
        nb_config_default(app->arena, ".", app->env, &project.own, err) != NB_OK ||
        nb_path_absolute(app->arena, NB_STR("."), &project.here, err) != NB_OK)
        return err->code;
    for (size_t i = project.config ? project.config->experiment_count : 0; i > 0; i--) {
        nb_target *target = NB_NEW(app->arena, nb_target);
        *target = (nb_target){project.config, &project.config->experiments[i - 1]};
        nb_map_put(app->arena, &project.notebooks,
                   notebook_of(app->arena, target->config, target->experiment), target);
    }
    *out = project;
    return NB_OK;
}

nb_target nb_project_notebook(const nb_project *project, nb_arena *arena, nb_str path)
{
    nb_str absolute = nb_path_clean(arena, nb_path_join(arena, project->here, path));
    const nb_target *known = nb_map_get(&project->notebooks, absolute);
    if (known)
        return *known;
    return (nb_target){project->own, nb_config_adhoc(arena, nb_path_clean(arena, path))};
}

static nb_code add_all(nb_app *app, const nb_config *config, bool all, target_list *list,
                       nb_error *err)
{
    if (config->experiment_count == 0) {
        (void)nb_fail(err, NB_ERR_CONFIG, "'" NB_STR_FMT "' has no experiments",
                      NB_STR_ARG(config->path));
        nb_error_hint(err, "add one under 'experiments:', with 'name' and 'notebook'");
        return err->code;
    }
    if (!all && config->experiment_count > 1) {
        (void)nb_fail(err, NB_ERR_USAGE, "the configuration has %zu experiments",
                      config->experiment_count);
        nb_error_hint(err, "name one of them, such as '" NB_STR_FMT "', or write --all",
                      NB_STR_ARG(config->experiments[0].name));
        return err->code;
    }
    for (size_t i = 0; i < config->experiment_count; i++)
        nb_vec_push(app->arena, list, (nb_target){config, &config->experiments[i]});
    return NB_OK;
}

static nb_code add_named(nb_app *app, const nb_config *config, nb_str name, target_list *list,
                         nb_error *err)
{
    const nb_experiment *experiment = nb_config_experiment(config, name, err);
    if (!experiment)
        return err->code;
    nb_vec_push(app->arena, list, (nb_target){config, experiment});
    return NB_OK;
}

static bool is_same(nb_arena *arena, const nb_target *a, const nb_target *b)
{
    return nb_str_eq(notebook_of(arena, a->config, a->experiment),
                     notebook_of(arena, b->config, b->experiment));
}

static nb_code fail_same_name(const nb_experiment *a, const nb_experiment *b, nb_error *err)
{
    (void)nb_fail(err, NB_ERR_USAGE,
                  "'" NB_STR_FMT "' and '" NB_STR_FMT
                  "' would both be written to the folder of '" NB_STR_FMT "'",
                  NB_STR_ARG(a->notebook), NB_STR_ARG(b->notebook), NB_STR_ARG(a->name));
    nb_error_hint(err, "give them different names under 'experiments:' of config.yaml, "
                       "or convert each to a folder of its own with --out");
    return err->code;
}

/* One target a name: what was named twice is done once, and two notebooks never share a folder. */
static nb_code settle_names(nb_arena *arena, target_list *list, nb_error *err)
{
    nb_map seen = NB_MAP_INIT;
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        nb_target *target = &list->at[i];
        const nb_target *other = nb_map_get(&seen, target->experiment->name);
        if (other && !is_same(arena, other, target))
            return fail_same_name(other->experiment, target->experiment, err);
        if (other)
            continue;
        list->at[kept] = *target;
        nb_map_put(arena, &seen, target->experiment->name, &list->at[kept++]);
    }
    list->count = kept;
    return NB_OK;
}

/* Without a configuration, "train.py" was hardly meant as an experiment's name. */
static bool looks_like_a_path(const char *const *operands, size_t count)
{
    return count > 0 && !is_notebook(nb_str_from(operands[0])) &&
           strpbrk(operands[0], "./") != NULL;
}

nb_code nb_targets_find(nb_app *app, const char *const *operands, size_t count, bool all,
                        nb_diags *diags, nb_target **out, size_t *out_count, nb_error *err)
{
    nb_project project = {0};
    target_list list = {0};
    bool needed = count == 0 || all;
    if (all && count > 0)
        return nb_fail(err, NB_ERR_USAGE, "--all stands alone: it means every experiment");
    for (size_t i = 0; i < count; i++)
        needed |= !is_notebook(nb_str_from(operands[i]));
    if (nb_project_open(app, needed, diags, &project, err) != NB_OK) {
        if (err->code == NB_ERR_NOT_FOUND && !app->config && looks_like_a_path(operands, count))
            nb_error_hint(err,
                          "name a notebook, a file that ends in .ipynb, or run 'notebooked init'");
        return err->code;
    }
    if (count == 0 && project.config && /* it is needed then */
        add_all(app, project.config, all, &list, err) != NB_OK)
        return err->code;
    for (size_t i = 0; i < count; i++) {
        nb_str operand = nb_str_from(operands[i]);
        if (is_notebook(operand))
            nb_vec_push(app->arena, &list, nb_project_notebook(&project, app->arena, operand));
        else if (add_named(app, project.config, operand, &list, err) != NB_OK)
            return err->code;
    }
    if (settle_names(app->arena, &list, err) != NB_OK)
        return err->code;
    if (project.config)
        nb_selection_sweep(&project.config->selection, diags);
    *out = list.at;
    *out_count = list.count;
    return NB_OK;
}
