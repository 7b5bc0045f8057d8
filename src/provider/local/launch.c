/* The command line and the environment of train.py. */
#include "base/path.h"
#include "base/vec.h"
#include "provider/local/run.h"

typedef NB_VEC(const char *) words;

static nb_str option(const nb_run *run, nb_str flag, nb_str value)
{
    return nb_arena_printf(run->arena, NB_STR_FMT "=" NB_STR_FMT, NB_STR_ARG(flag),
                           NB_STR_ARG(value));
}

/* One word an option ("--lr=-1"): a value that begins with a dash is no option then. */
static const char *const *arguments(const nb_run *run)
{
    const nb_train_request *request = run->request;
    words argv = {0};
    nb_vec_push(run->arena, &argv, run->python.program.at);
    nb_vec_push(run->arena, &argv, "-u");
    nb_vec_push(run->arena, &argv,
                nb_path_join(run->arena, request->code_dir, NB_STR("train.py")).at);
    nb_vec_push(run->arena, &argv, option(run, NB_STR("--model-dir"), run->model_dir).at);
    if (request->data_path.len > 0)
        nb_vec_push(run->arena, &argv, option(run, NB_STR("--data-path"), request->data_path).at);
    for (size_t i = 0; i < request->flag_count; i++)
        nb_vec_push(run->arena, &argv,
                    option(run, request->flags[i].flag, request->flags[i].value).at);
    nb_vec_push(run->arena, &argv, NULL);
    return argv.at;
}

/* sqlite:///mlflow.db means a file in the project, wherever the script starts; four slashes make it absolute. Plain paths and
 * file: URIs likewise; servers are what they are. */
static nb_str absolute_uri(const nb_run *run, nb_str uri)
{
    static const nb_str sqlite = NB_STR_ROW("sqlite:///"), file = NB_STR_ROW("file:");
    nb_str root = run->context->root;
    if (nb_str_starts(uri, sqlite)) {
        nb_str path = nb_path_join(run->arena, root, nb_str_from_at(uri, sqlite.len));
        return nb_str_concat(run->arena, sqlite, nb_path_clean(run->arena, path));
    }
    if (nb_str_starts(uri, file) && !nb_str_starts(uri, NB_STR("file:/"))) {
        nb_str path = nb_path_join(run->arena, root, nb_str_from_at(uri, file.len));
        return nb_str_concat(run->arena, NB_STR("file://"), nb_path_clean(run->arena, path));
    }
    if (nb_str_find_char(uri, ':') < 0 && !nb_str_eqz(uri, "databricks"))
        return nb_path_clean(run->arena, nb_path_join(run->arena, root, uri));
    return uri;
}

static void set(const nb_run *run, words *env, const char *name, nb_str value)
{
    nb_vec_push(run->arena, env,
                nb_arena_printf(run->arena, "%s=" NB_STR_FMT, name, NB_STR_ARG(value)).at);
}

/* What the user has set already wins over the configuration. */
static void set_unless_there(const nb_run *run, words *env, const char *name, nb_str value)
{
    if (value.len > 0 && nb_env_str(run->context->env, name).len == 0)
        set(run, env, name, value);
}

static void set_tracking(const nb_run *run, words *env)
{
    const nb_train_request *request = run->request;
    nb_str theirs = nb_env_str(run->context->env, "MLFLOW_TRACKING_URI");
    if (!request->track || run->untracked || (request->tracking_uri.len == 0 && theirs.len == 0)) {
        set(run, env, "NOTEBOOKED_TRACKING", NB_STR("off"));
        return;
    }
    if (request->tracking_uri.len > 0)
        set_unless_there(run, env, "MLFLOW_TRACKING_URI", absolute_uri(run, request->tracking_uri));
    /* MLflow refuses a name beside an id. */
    if (nb_env_str(run->context->env, "MLFLOW_EXPERIMENT_ID").len == 0 &&
        nb_env_str(run->context->env, "MLFLOW_RUN_ID").len == 0)
        set_unless_there(run, env, "MLFLOW_EXPERIMENT_NAME", request->tracking_experiment);
}

static const char *const *environment(const nb_run *run)
{
    words env = {0};
    set(run, &env, "PYTHONUNBUFFERED", NB_STR("1"));
    set(run, &env, "NOTEBOOKED_JOB_ID", run->job.id);
    if (run->job.git_commit.len > 0)
        set(run, &env, "NOTEBOOKED_GIT_COMMIT", run->job.git_commit);
    set_tracking(run, &env);
    nb_vec_push(run->arena, &env, NULL);
    return env.at;
}

nb_spawn nb_run_spawn(const nb_run *run)
{
    return (nb_spawn){.argv = arguments(run),
                      .cwd = run->request->workdir.at,
                      .env = environment(run),
                      .forward_signals = true,
                      .dies_with_us = true};
}
