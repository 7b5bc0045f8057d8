/* The next number of an experiment, taken against other processes that want it too: the folder is made exclusively, and the
 * row's number is unique. */
#include "base/fs.h"
#include "base/path.h"
#include "provider/local/run.h"
#include "text/hash.h"

#include <errno.h>
#include <unistd.h>

enum { NUMBER_TRIES = 1000, GIT_TIMEOUT_MS = 5000 };

/* --- what is written down about the run ------------------------------------------------------- */

/* As seen from the project, when it lies there. */
static nb_str in_project(const nb_run *run, nb_str path)
{
    nb_str root = run->context->root;
    if (path.len > root.len + 1 && nb_str_starts(path, root) && path.at[root.len] == '/')
        return nb_str_from_at(path, root.len + 1);
    return path;
}

static nb_code hash_notebook(const nb_run *run, nb_str *out, nb_error *err)
{
    NB_AUTO(nb_mapped) file = {0};
    if (run->request->notebook.len == 0)
        return NB_OK;
    if (nb_file_map(run->request->notebook.at, &file, err) != NB_OK)
        return err->code;
    *out = nb_sha256_hex(run->arena, file.bytes);
    return NB_OK;
}

/* The project's commit; empty when it is under no git, or git is not there. */
static nb_str git_commit(const nb_run *run)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* a project need not be a repository */
    NB_AUTO(nb_buf) out = NB_BUF_INIT(4096);
    const char *argv[] = {"git", "rev-parse", "--verify", "--quiet", "HEAD", NULL};
    nb_spawn spawn = {.argv = argv,
                      .cwd = run->context->root.at,
                      .timeout_ms = GIT_TIMEOUT_MS,
                      .dies_with_us = true};
    nb_exit end;
    if (nb_run_capture(run->context->runner, &spawn, &out, NULL, &end, &ignored) != NB_OK ||
        end.status != 0)
        return NB_STR("");
    return nb_arena_str(run->arena, nb_str_trim(nb_buf_view(&out)));
}

static nb_str copy_of(const nb_run *run, const char *text)
{
    return nb_arena_str(run->arena, nb_str_from(text));
}

void nb_run_take_over(nb_run *run)
{
    nb_process self;
    const nb_runner *runner = run->context->runner;
    if (!runner->identify(runner->ctx, 0, &self))
        return;
    run->job.watcher = self.pid;
    run->job.watcher_start = self.start;
    run->job.boot_id = copy_of(run, self.boot);
    run->job.host = copy_of(run, self.host);
}

static nb_code describe(nb_run *run, nb_error *err)
{
    const nb_train_request *request = run->request;
    run->job = (nb_job){
        .experiment = request->experiment,
        .provider = NB_STR("local"),
        .state = NB_JOB_QUEUED,
        .created_ms = run->context->env->now_ms(run->context->env->ctx),
        .exit_status = -1,
        .hyperparameters = request->hyperparameters,
        .notebook = in_project(run, request->notebook),
        .python = run->python.program,
        .git_commit = git_commit(run),
    };
    nb_run_take_over(run);
    return hash_notebook(run, &run->job.notebook_sha256, err);
}

/* --- the number ---------------------------------------------------------------------------------- */

static int64_t highest_folder(nb_arena *arena, const char *folder)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* the folder is not there yet */
    nb_str *names;
    size_t count = 0;
    int64_t highest = 0, number;
    if (nb_dir_list(arena, folder, &names, &count, &ignored) != NB_OK)
        return 0;
    for (size_t i = 0; i < count; i++)
        if (nb_str_to_int(names[i], &number) && number > highest)
            highest = number;
    return highest;
}

/* Adds the row of this number; *taken when another job has it. */
static nb_code add_row(nb_run *run, nb_store *store, int64_t number, bool *taken, nb_error *err)
{
    nb_job job = run->job;
    job.number = number;
    job.model_dir = in_project(run, run->model_dir);
    job.log_path = nb_arena_printf(run->arena, ".notebooked/logs/" NB_STR_FMT "-%lld.log",
                                   NB_STR_ARG(job.experiment), (long long)number);
    nb_code code = nb_store_add(store, run->arena, &job, err);
    *taken = code == NB_ERR_EXISTS;
    if (code == NB_OK) {
        run->job = job;
        run->log_path = nb_path_join(run->arena, run->context->root, job.log_path);
    }
    return code;
}

/* A folder of the user's choice must be new or empty: nothing is ever overwritten. */
static nb_code use_given_folder(nb_run *run, nb_error *err)
{
    nb_str *names, folder = run->request->model_dir;
    size_t count = 0;
    if (nb_dir_make(folder.at, err) != NB_OK ||
        nb_dir_list(run->arena, folder.at, &names, &count, err) != NB_OK)
        return nb_wrap(err, "cannot use the model folder '" NB_STR_FMT "'", NB_STR_ARG(folder));
    if (count > 0) {
        (void)nb_fail(err, NB_ERR_EXISTS, "the model folder '" NB_STR_FMT "' is not empty",
                      NB_STR_ARG(folder));
        nb_error_hint(err, "pass a new folder; nothing is overwritten");
        return err->code;
    }
    run->model_dir = folder;
    return NB_OK;
}

static nb_code take_number(nb_run *run, nb_store *store, nb_str models, int64_t first,
                           nb_error *err)
{
    bool own = run->request->model_dir.len == 0;
    for (int64_t number = first; number < first + NUMBER_TRIES; number++) {
        bool taken = false;
        if (own) {
            run->model_dir = nb_arena_printf(run->arena, NB_STR_FMT "/%lld", NB_STR_ARG(models),
                                             (long long)number);
            nb_code code = nb_dir_make_new(run->model_dir.at, err);
            if (code == NB_ERR_EXISTS)
                continue;
            if (code != NB_OK)
                return code;
        }
        nb_code code = add_row(run, store, number, &taken, err);
        if (code == NB_OK)
            return NB_OK;
        if (own)
            (void)rmdir(run->model_dir.at);
        if (!taken)
            return code;
    }
    return nb_fail(err, NB_ERR_IO, "cannot find a free number below '" NB_STR_FMT "'",
                   NB_STR_ARG(models));
}

static nb_code number_in(nb_run *run, nb_store *store, nb_error *err)
{
    int64_t last = 0;
    nb_str models =
        nb_arena_printf(run->arena, NB_STR_FMT "/models/" NB_STR_FMT,
                        NB_STR_ARG(run->context->root), NB_STR_ARG(run->request->experiment));
    nb_str logs = nb_path_join(run->arena, run->context->root, NB_STR(".notebooked/logs"));
    nb_code code =
        run->request->model_dir.len > 0 ? use_given_folder(run, err) : nb_dir_make(models.at, err);
    if (code != NB_OK || nb_dir_make(logs.at, err) != NB_OK ||
        nb_store_last_number(store, run->request->experiment, &last, err) != NB_OK)
        return err->code;
    int64_t highest = highest_folder(run->arena, models.at);
    return take_number(run, store, models, (last > highest ? last : highest) + 1, err);
}

nb_code nb_run_prepare(nb_run *run, nb_error *err)
{
    nb_store *store = NULL;
    if (describe(run, err) != NB_OK ||
        nb_store_open(run->context->root.at, NB_STORE_WRITE, &store, err) != NB_OK)
        return err->code;
    nb_code code = number_in(run, store, err);
    nb_store_close(store);
    return code;
}

nb_code nb_run_record(const nb_run *run, nb_error *err)
{
    nb_store *store = NULL;
    if (nb_store_open(run->context->root.at, NB_STORE_WRITE, &store, err) != NB_OK)
        return err->code;
    nb_code code = nb_store_save(store, &run->job, err);
    nb_store_close(store);
    return code;
}
