#include "cli/deployment.h"

#include "base/path.h"
#include "cli/project.h"
#include "gen/convert.h"
#include "store/store.h"

static nb_str folder_of_job(nb_app *app, nb_str root, const nb_job *job)
{
    return job->model_dir.len > 0 ? nb_path_join(app->arena, root, job->model_dir) : NB_STR("");
}

/* A job that trained into a folder of its own choice is known to the store alone. */
static bool find_job(nb_app *app, nb_str root, nb_str id, nb_job *out)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* then it is no job */
    nb_store *store = NULL;
    if (nb_store_open(nb_arena_z(app->arena, root), NB_STORE_LOOK, &store, &ignored) != NB_OK ||
        !store)
        return false;
    nb_code code = nb_store_get(store, app->arena, id, out, &ignored);
    nb_store_close(store);
    return code == NB_OK;
}

/* What trained the model; empty when the project does not know. */
static nb_str python_of(nb_app *app, nb_str root, const nb_model *model)
{
    nb_job job = {0};
    if (model->job.len == 0 || !find_job(app, root, model->job, &job) ||
        !nb_str_eq(folder_of_job(app, root, &job), model->folder)) /* a job of another project */
        return NB_STR("");
    return job.python;
}

static nb_code find_model(nb_app *app, const nb_target *target, const char *uri, nb_model *out,
                          nb_error *err)
{
    nb_model_query query = {target->config->root, target->experiment->name, nb_str_from(uri)};
    nb_job job = {0};
    if (query.uri.len > 0 && find_job(app, query.root, query.uri, &job)) {
        nb_str folder = folder_of_job(app, query.root, &job);
        query.uri = folder.len > 0 ? folder : query.uri;
    }
    return nb_model_find(app->arena, &query, out, err);
}

nb_code nb_deployment_describe(nb_app *app, const nb_target *target, const nb_deployment_args *args,
                               nb_deploy_request *out, nb_error *err)
{
    const nb_experiment *experiment = target->experiment;
    nb_arena *arena = app->arena;
    nb_str root = target->config->root;
    nb_model *model = NB_NEW(arena, nb_model);
    nb_serving_given given = {0};
    nb_convert_options how = {0};
    nb_str scripts = {0};
    if (nb_serving_collect(app, target->config, experiment, &args->serving, &given, err) != NB_OK ||
        find_model(app, target, args->model, model, err) != NB_OK ||
        nb_convert_folder(arena, target->config, experiment, &how, &scripts, err) != NB_OK)
        return err->code;
    *out = (nb_deploy_request){
        .endpoint = experiment->name,
        .experiment = experiment->name,
        .model = model,
        .model_name = nb_project_path(arena, root, model->folder),
        .code_dir = nb_path_join(arena, model->folder, NB_STR("code")),
        .map_dir = scripts,
        .trust = args->trust,
        .python = nb_str_from(args->python),
        .trained_python = python_of(app, root, model),
        .experiment_python = nb_serving_python(experiment),
        .notebook = nb_path_clean(arena, nb_path_join(arena, root, experiment->notebook)),
        .skip_requirements = !args->check,
        .given = given.values,
        .given_count = given.count,
    };
    return NB_OK;
}
