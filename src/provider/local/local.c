#include "provider/local/local.h"

#include "base/fs.h"
#include "base/path.h"
#include "provider/local/environment.h"
#include "provider/local/run.h"
#include "provider/local/serve.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

enum {
    LOG_CHUNK = 256 * 1024,
    STOP_PAUSE_MS = 50,
    STOP_GRACE_MS = 10000, /* between SIGTERM and SIGKILL */
    STOP_LIMIT_MS = 30000  /* for the watcher to write the end down */
};

struct nb_provider {
    const nb_provider_context *context;
};

static nb_code local_open(const nb_provider_context *context, nb_provider **out,
                          NB_UNUSED nb_error *err)
{
    nb_provider *self = calloc(1, sizeof(*self));
    if (!self)
        abort();
    self->context = context;
    *out = self;
    return NB_OK;
}

static void local_close(nb_provider *self)
{
    free(self);
}

static void say(const nb_provider *self, nb_str line)
{
    if (self->context->progress.say)
        self->context->progress.say(self->context->progress.ctx, line);
}

/* --- train ---------------------------------------------------------------------------------------- */

static nb_code check_folders(nb_arena *arena, const nb_train_request *request, nb_error *err)
{
    nb_str script = nb_path_join(arena, request->code_dir, NB_STR("train.py"));
    if (!nb_is_file(script.at)) {
        (void)nb_fail(err, NB_ERR_NOT_FOUND, "there is no '%s'", script.at);
        nb_error_hint(err, "run 'notebooked convert " NB_STR_FMT "' first",
                      NB_STR_ARG(request->experiment));
        return err->code;
    }
    if (!nb_is_dir(request->workdir.at)) {
        (void)nb_fail(err, NB_ERR_NOT_FOUND,
                      "there is no folder '" NB_STR_FMT "' to start the training in",
                      NB_STR_ARG(request->workdir));
        nb_error_hint(err, "check 'workdir:' of experiment '" NB_STR_FMT "'",
                      NB_STR_ARG(request->experiment));
        return err->code;
    }
    return NB_OK;
}

/* Sets run->python, the Python that trains with everything it needs, and run->untracked. */
static nb_code choose_python(nb_provider *self, nb_run *run, nb_error *err)
{
    const nb_train_request *request = run->request;
    nb_arena *arena = run->arena;
    nb_python python;
    nb_python_facts facts;
    nb_str requirements = nb_path_join(arena, request->code_dir, NB_STR("requirements.txt"));
    if (nb_python_find(arena, self->context, request, &python, err) != NB_OK ||
        nb_python_ask(arena, self->context, python.program, requirements, &facts, err) != NB_OK)
        return err->code;
    if (request->create_env)
        return nb_environment_get(arena, self->context, &python, &facts, requirements, &run->python,
                                  err);
    if (!request->skip_requirements &&
        nb_python_require(&python, &facts, requirements,
                          "pass --create-env to train in an environment of its own", err) != NB_OK)
        return err->code;
    run->untracked = nb_python_lacks_mlflow(&facts);
    if (request->track && run->untracked)
        say(self, nb_arena_printf(arena,
                                  "note: " NB_STR_FMT
                                  " has no MLflow; the run is recorded in the project only",
                                  NB_STR_ARG(python.program)));
    run->python = python;
    return NB_OK;
}

static nb_code local_train(nb_provider *self, const nb_train_request *request, nb_arena *arena,
                           nb_job *out, nb_error *err)
{
    nb_run run = {.context = self->context, .request = request, .arena = arena};
    if (check_folders(arena, request, err) != NB_OK || choose_python(self, &run, err) != NB_OK ||
        nb_run_prepare(&run, err) != NB_OK)
        return err->code;
    say(self, nb_arena_printf(arena, "job " NB_STR_FMT " runs with " NB_STR_FMT,
                              NB_STR_ARG(run.job.id), NB_STR_ARG(run.python.program)));
    nb_code code = request->attached ? nb_run_watch(&run, err) : nb_run_detach(&run, err);
    if (code == NB_OK)
        *out = run.job;
    return code;
}

/* --- looking ---------------------------------------------------------------------------------------- */

static void copy_name(char *into, size_t size, nb_str name)
{
    nb_str head = nb_str_slice(name, 0, size - 1);
    if (head.len > 0)
        memcpy(into, head.at, head.len);
}

static nb_process process_of(const nb_job *job, int64_t pid, int64_t start)
{
    nb_process process = {.pid = pid, .start = start};
    copy_name(process.boot, sizeof process.boot, job->boot_id);
    copy_name(process.host, sizeof process.host, job->host);
    return process;
}

static nb_liveness look_at_watcher(const nb_provider *self, const nb_job *job)
{
    const nb_runner *runner = self->context->runner;
    nb_process watcher = process_of(job, job->watcher, job->watcher_start);
    return runner->look(runner->ctx, &watcher);
}

static nb_str why_lost(const nb_provider *self, const nb_job *job)
{
    nb_process here;
    const nb_runner *runner = self->context->runner;
    if (runner->identify(runner->ctx, 0, &here) && !nb_str_eqz(job->boot_id, here.boot))
        return NB_STR("the machine was restarted while it ran");
    return NB_STR("the watching process was killed");
}

/* Writes down that a job is lost. Without a store to write to, it is only said. */
static nb_code mark_lost(const nb_provider *self, nb_store *store, nb_arena *arena, nb_job *job,
                         nb_error *err)
{
    nb_job lost = *job;
    lost.state = NB_JOB_LOST;
    lost.reason = why_lost(self, job);
    lost.ended_ms = self->context->env->now_ms(self->context->env->ctx);
    if (!nb_store_writable(store)) {
        *job = lost;
        return NB_OK;
    }
    if (nb_store_mark_lost(store, &lost, err) != NB_OK)
        return err->code;
    return nb_store_get(store, arena, lost.id, job, err); /* its watcher may have been faster */
}

static nb_code local_refresh(nb_provider *self, nb_arena *arena, nb_job *job, nb_error *err)
{
    nb_store *store = NULL;
    nb_job row = {0};
    if (nb_store_open(self->context->root.at, NB_STORE_LOOK, &store, err) != NB_OK)
        return err->code;
    if (!store)
        return nb_fail(err, NB_ERR_NOT_FOUND, "the project's list of jobs is gone");
    nb_code code = nb_store_get(store, arena, job->id, &row, err);
    if (code == NB_OK && !nb_job_ended(row.state) && look_at_watcher(self, &row) == NB_GONE)
        code = mark_lost(self, store, arena, &row, err);
    nb_store_close(store);
    if (code == NB_OK)
        *job = row;
    return code;
}

static nb_code local_logs(nb_provider *self, const nb_job *job, int64_t *offset, nb_buf *out,
                          nb_error *err)
{
    NB_AUTO(nb_arena) scratch = NB_ARENA_INIT;
    nb_str path = nb_path_join(&scratch, self->context->root, job->log_path);
    int fd = open(path.at, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT && !nb_job_ended(job->state))
        return NB_OK; /* not begun yet */
    if (fd < 0)
        return nb_fail_errno(err, "cannot read the log '%s'", path.at);
    nb_code code = NB_OK;
    ssize_t got = -1;
    if (nb_buf_reserve(out, LOG_CHUNK))
        got = pread(fd, out->at + out->len, LOG_CHUNK, (off_t)*offset);
    if (got < 0) {
        code = nb_fail_errno(err, "cannot read the log '%s'", path.at);
    } else {
        out->len += (size_t)got;
        out->at[out->len] = '\0';
        *offset += got;
    }
    close(fd);
    return code;
}

/* --- stop -------------------------------------------------------------------------------------------- */

static nb_code ask_stop(const nb_provider *self, nb_str id, nb_error *err)
{
    nb_store *store = NULL;
    if (nb_store_open(self->context->root.at, NB_STORE_WRITE, &store, err) != NB_OK)
        return err->code;
    nb_code code = nb_store_ask_stop(store, id, err);
    nb_store_close(store);
    return code;
}

/* Signals the child's group until its watcher has written the end down: SIGTERM, after a while SIGKILL. */
static nb_code end_child(nb_provider *self, nb_arena *arena, nb_job *job, nb_error *err)
{
    const nb_runner *runner = self->context->runner;
    const nb_env *env = self->context->env;
    bool told = false, killed = false;
    for (int64_t waited = 0; waited < STOP_LIMIT_MS; waited += STOP_PAUSE_MS) {
        nb_process child = process_of(job, job->pid, job->pid_start);
        if (!told)
            told = job->pid > 0 && runner->signal_group(runner->ctx, &child, SIGTERM);
        else if (!killed && waited >= STOP_GRACE_MS)
            killed = runner->signal_group(runner->ctx, &child, SIGKILL);
        env->sleep_ms(env->ctx, STOP_PAUSE_MS);
        if (local_refresh(self, arena, job, err) != NB_OK)
            return err->code;
        if (nb_job_ended(job->state))
            return NB_OK;
    }
    return nb_fail(err, NB_ERR_TIMEOUT, "job '" NB_STR_FMT "' did not end within %d s",
                   NB_STR_ARG(job->id), STOP_LIMIT_MS / 1000);
}

static nb_code local_stop(nb_provider *self, nb_arena *arena, nb_job *job, nb_error *err)
{
    if (local_refresh(self, arena, job, err) != NB_OK)
        return err->code;
    if (nb_job_ended(job->state))
        return NB_OK;
    if (look_at_watcher(self, job) == NB_ELSEWHERE) {
        (void)nb_fail(err, NB_ERR_REMOTE,
                      "job '" NB_STR_FMT "' runs on the machine '" NB_STR_FMT "'",
                      NB_STR_ARG(job->id), NB_STR_ARG(job->host));
        nb_error_hint(err, "run this command there");
        return err->code;
    }
    if (ask_stop(self, job->id, err) != NB_OK)
        return err->code;
    return end_child(self, arena, job, err);
}

/* --- endpoints (serve.c) ------------------------------------------------------------------------------ */

static nb_code local_deploy(nb_provider *self, const nb_deploy_request *request, nb_arena *arena,
                            nb_service *out, nb_error *err)
{
    return nb_local_deploy(self->context, request, arena, out, err);
}

static nb_code local_endpoint(nb_provider *self, nb_str name, nb_arena *arena, nb_service *out,
                              nb_error *err)
{
    return nb_local_endpoint(self->context, name, arena, out, err);
}

static nb_code local_traffic(nb_provider *self, const nb_traffic_request *request, nb_arena *arena,
                             nb_service *out, nb_error *err)
{
    return nb_local_traffic(self->context, request, arena, out, err);
}

static nb_code local_rollback(nb_provider *self, const nb_rollback_request *request,
                              nb_arena *arena, nb_service *out, nb_error *err)
{
    return nb_local_rollback(self->context, request, arena, out, err);
}

static nb_code local_predictor(nb_provider *self, nb_str endpoint, const _Atomic bool *stop,
                               nb_predictor **out, nb_error *err)
{
    return nb_local_predictor(self->context, endpoint, stop, out, err);
}

static nb_code local_remove(nb_provider *self, nb_str name, bool keep_data, nb_error *err)
{
    return nb_local_delete(self->context, name, keep_data, err);
}

const nb_provider_ops nb_provider_local = {
    .abi = NB_PROVIDER_ABI,
    .name = "local",
    .summary = "this machine, in a child process",
    .features = NB_CAN_TRAIN | NB_CAN_ATTACH | NB_CAN_STREAM_LOGS | NB_CAN_STOP | NB_CAN_SERVE |
                NB_CAN_SPLIT | NB_CAN_SHADOW,
    .open = local_open,
    .close = local_close,
    .train = local_train,
    .refresh = local_refresh,
    .logs = local_logs,
    .stop = local_stop,
    .deploy = local_deploy,
    .endpoint = local_endpoint,
    .traffic = local_traffic,
    .rollback = local_rollback,
    .predictor = local_predictor,
    .remove = local_remove,
};
