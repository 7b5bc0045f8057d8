#include "cli/project.h"

nb_code nb_app_project(nb_app *app, const nb_config **out, nb_error *err)
{
    nb_diags unused = {.arena = app->arena};
    nb_code code = nb_config_load(app->arena, app->config, ".", app->env, &unused, out, err);
    if (code == NB_ERR_NOT_FOUND && !app->config) {
        nb_error_release(err);
        code = nb_config_default(app->arena, ".", app->env, out, err);
    }
    return code;
}

nb_str nb_project_path(nb_arena *arena, nb_str root, nb_str path)
{
    bool inside = path.len > root.len + 1 && nb_str_starts(path, root) && path.at[root.len] == '/';
    return inside ? nb_arena_str(arena, nb_str_from_at(path, root.len + 1)) : path;
}
