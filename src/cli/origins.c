#include "cli/origins.h"

#include "base/fs.h"
#include "base/path.h"
#include "config/config.h"

nb_code nb_project_root(nb_app *app, nb_str *root, nb_error *err)
{
    const nb_config *config;
    nb_diags unused = {.arena = app->arena}; /* findings of the configuration are no matter here */
    nb_code code = nb_config_load(app->arena, app->config, ".", app->env, &unused, &config, err);
    if (code == NB_ERR_NOT_FOUND && !app->config) {
        nb_error_release(err);
        code = nb_config_default(app->arena, ".", app->env, &config, err);
    }
    if (code != NB_OK)
        return code;
    return nb_path_absolute(app->arena, config->root, root, err);
}

static bool has_map(nb_arena *arena, nb_str folder)
{
    return nb_is_file(nb_path_join(arena, folder, NB_STR(NB_ORIGIN_FILE)).at);
}

typedef NB_VEC(nb_origin_map) map_list;

static void add_map(nb_app *app, nb_str folder, map_list *maps)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_origin_map map;
    if (!has_map(app->arena, folder))
        return;
    if (nb_origin_map_load(app->arena, folder, &map, &err) == NB_OK)
        nb_vec_push(app->arena, maps, map);
    else
        nb_app_say(app, "warning: %s: " NB_STR_FMT, nb_error_message(&err, 0),
                   NB_STR_ARG(nb_shown_path(app->arena, folder)));
}

static nb_code add_all(nb_app *app, nb_str parent, map_list *maps, nb_error *err)
{
    nb_str *names;
    size_t count = 0;
    add_map(app, parent, maps);
    if (nb_is_dir(parent.at) && nb_dir_list(app->arena, parent.at, &names, &count, err) != NB_OK)
        return err->code;
    for (size_t i = 0; i < count; i++)
        add_map(app, nb_path_join(app->arena, parent, names[i]), maps);
    if (maps->count > 0)
        return NB_OK;
    (void)nb_fail(err, NB_ERR_NOT_FOUND,
                  "there are no generated scripts with a source map in '" NB_STR_FMT "'",
                  NB_STR_ARG(nb_shown_path(app->arena, parent)));
    nb_error_hint(err, "write them with 'notebooked convert', or name their folder with --out");
    return err->code;
}

static nb_code add_one(nb_app *app, nb_str parent, nb_str experiment, map_list *maps, nb_error *err)
{
    nb_str folder;
    nb_origin_map map;
    if (nb_path_inside(app->arena, parent, experiment, &folder, err) != NB_OK ||
        nb_origin_map_load(app->arena, folder, &map, err) != NB_OK)
        return err->code;
    nb_vec_push(app->arena, maps, map);
    return NB_OK;
}

nb_code nb_project_origins_load(nb_app *app, const nb_origins_wanted *wanted,
                                nb_project_origins *out, nb_error *err)
{
    map_list maps = {0};
    nb_str root, parent;
    if (nb_project_root(app, &root, err) != NB_OK)
        return err->code;
    parent = nb_path_join(app->arena, root, NB_STR("generated"));
    if (wanted->out.len > 0 && nb_path_absolute(app->arena, wanted->out, &parent, err) != NB_OK)
        return err->code;
    nb_code code = wanted->experiment.len > 0 ? add_one(app, parent, wanted->experiment, &maps, err)
                                              : add_all(app, parent, &maps, err);
    if (code != NB_OK)
        return code;
    *out = (nb_project_origins){
        root, {maps.at, maps.count, true}
    };
    return NB_OK;
}

bool nb_origin_map_beside(nb_arena *arena, nb_str file, nb_str *code_dir)
{
    enum { MOST_LEVELS = 8 };
    nb_str folder = nb_path_dir(file);
    for (int level = 0; level < MOST_LEVELS && folder.len > 1; level++) {
        if (has_map(arena, folder)) {
            *code_dir = nb_arena_str(arena, folder);
            return true;
        }
        folder = nb_path_dir(folder);
    }
    return false;
}

nb_str nb_shown_path(nb_arena *arena, nb_str path)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* the folder we are in is gone */
    nb_str here;
    if (nb_path_absolute(arena, NB_STR("."), &here, &ignored) != NB_OK)
        return path;
    nb_str relative = nb_path_relative(arena, here, path);
    return nb_str_starts(relative, NB_STR("../../")) ? path : relative;
}
