#include "cli/project.h"

#include "endpoint/endpoint.h"

enum { MOST_NAMED = 8 };

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

static nb_code fail_which(const nb_str *names, size_t count, nb_error *err)
{
    NB_AUTO(nb_buf) list = NB_BUF_INIT(NB_BUF_TEXT);
    if (count == 0) {
        (void)nb_fail(err, NB_ERR_USAGE, "the project has no endpoint");
        nb_error_hint(err, "make one with 'notebooked deploy'");
        return err->code;
    }
    (void)nb_fail(err, NB_ERR_USAGE, "the project has %zu endpoints: which is it?", count);
    for (size_t i = 0; i < count && i < MOST_NAMED; i++)
        nb_buf_printf(&list, "%s" NB_STR_FMT, i > 0 ? ", " : "", NB_STR_ARG(names[i]));
    nb_error_hint(err, "name one: %s%s", list.at, count > MOST_NAMED ? ", ..." : "");
    return err->code;
}

nb_code nb_app_endpoint(nb_app *app, const char *named, nb_str *out, nb_error *err)
{
    const nb_config *config = NULL;
    nb_str *names = NULL;
    size_t count = 0;
    if (named) {
        *out = nb_str_from(named);
        return NB_OK;
    }
    if (nb_app_project(app, &config, err) != NB_OK ||
        nb_endpoint_list(app->arena, config->root, &names, &count, err) != NB_OK)
        return err->code;
    if (count != 1)
        return fail_which(names, count, err);
    *out = names[0];
    return NB_OK;
}

nb_str nb_project_path(nb_arena *arena, nb_str root, nb_str path)
{
    bool inside = path.len > root.len + 1 && nb_str_starts(path, root) && path.at[root.len] == '/';
    return inside ? nb_arena_str(arena, nb_str_from_at(path, root.len + 1)) : path;
}
