/* The watcher's work: pass the child's words on, keep them in the log, write down how it ended. */
#include "base/path.h"
#include "endpoint/models.h"
#include "provider/local/run.h"
#include "provider/transcript.h"
#include "provider/values.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

typedef struct watch {
    nb_run *run;
    nb_transcript transcript;
    int log;
    bool log_failed; /* said once */
} watch;

static void say(const watch *w, const char *fmt, ...) NB_PRINTF(2, 3);

static void say(const watch *w, const char *fmt, ...)
{
    const nb_progress *progress = &w->run->context->progress;
    va_list args;
    va_start(args, fmt);
    nb_str line = nb_arena_vprintf(w->run->arena, fmt, args);
    va_end(args);
    if (progress->say)
        progress->say(progress->ctx, line);
}

static void say_warning(const watch *w, const nb_error *err, const char *what)
{
    const char *why = nb_error_message(err, 0);
    for (size_t i = 1; nb_error_message(err, i); i++)
        why = nb_error_message(err, i);
    say(w, "warning: %s: %s", what, why);
}

static int64_t now_ms(const watch *w)
{
    const nb_env *env = w->run->context->env;
    return env->now_ms(env->ctx);
}

/* --- while it runs -------------------------------------------------------------------------------- */

static void append_to_log(watch *w, nb_str text)
{
    while (text.len > 0 && w->log >= 0) {
        ssize_t put = write(w->log, text.at, text.len);
        if (put >= 0) {
            text = nb_str_from_at(text, (size_t)put);
        } else if (errno != EINTR) {
            if (!w->log_failed)
                say(w, "warning: cannot write to '%s': %s", w->run->log_path.at, strerror(errno));
            w->log_failed = true;
            return;
        }
    }
}

static void on_output(void *ctx, const nb_output *output)
{
    watch *w = ctx;
    const nb_progress *progress = &w->run->context->progress;
    nb_str text = nb_transcript_add(&w->transcript, output);
    append_to_log(w, text);
    if (progress->output && text.len > 0)
        progress->output(progress->ctx, text);
}

/* A record that fails does not end a training; the last one is tried in any case. */
static void record(const watch *w, const char *what)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    if (nb_run_record(w->run, &err) != NB_OK)
        say_warning(w, &err, what);
}

static void on_start(void *ctx, int64_t pid)
{
    watch *w = ctx;
    nb_run *run = w->run;
    nb_process child = {0};
    (void)run->context->runner->identify(run->context->runner->ctx, pid,
                                         &child); /* it may have ended already */
    run->job.state = NB_JOB_RUNNING;
    run->job.started_ms = now_ms(w);
    run->job.pid = pid;
    run->job.pid_start = child.start;
    record(w, "cannot record the start of the job");
    if (run->started)
        run->started(run->started_ctx);
}

static void on_signal(void *ctx, int signal, bool kills)
{
    const watch *w = ctx;
    if (kills)
        say(w, "killing the training");
    else if (signal == SIGINT)
        say(w, "interrupting the training; press Ctrl-C again to kill it");
    else
        say(w, "ending the training (%s)", strsignal(signal));
}

/* --- when it has ended ----------------------------------------------------------------------------- */

static bool stop_was_asked(const nb_run *run)
{
    NB_AUTO(nb_error) ignored =
        NB_ERROR_INIT; /* the record that follows tells what is wrong with the store */
    nb_store *store = NULL;
    nb_job row = {0};
    if (nb_store_open(run->context->root.at, NB_STORE_LOOK, &store, &ignored) == NB_OK && store)
        (void)nb_store_get(store, run->arena, run->job.id, &row, &ignored);
    nb_store_close(store);
    return row.stop_requested != 0;
}

static nb_str why_stopped(int forwarded)
{
    if (forwarded == SIGINT)
        return NB_STR("interrupted");
    if (forwarded == SIGHUP)
        return NB_STR("the terminal was closed");
    return forwarded ? NB_STR("the watching process was told to end")
                     : NB_STR("stopped on request");
}

/* "ValueError: bad (cell 6, line 3)", else how the process ended. */
static nb_str why_failed(const watch *w, const nb_exit *end)
{
    const nb_translator *said = &w->transcript.streams[NB_STDERR];
    nb_str exception = nb_buf_view(&said->exception);
    const nb_origin *place = &said->last_place;
    if (end->status > 0 && exception.len > 0 && place->file)
        return nb_arena_printf(w->run->arena, NB_STR_FMT " (" NB_STR_FMT ")", NB_STR_ARG(exception),
                               NB_STR_ARG(nb_origin_text(w->run->arena, place)));
    if (end->status > 0 && exception.len > 0)
        return nb_arena_str(w->run->arena, exception);
    nb_str text = nb_exit_text(w->run->arena, end);
    if (end->signal == SIGKILL)
        return nb_arena_printf(w->run->arena, NB_STR_FMT ", perhaps because memory ran out",
                               NB_STR_ARG(text));
    return text;
}

/* A training that was interrupted and ended well all the same (it saved what it had) is done. */
static void judge(watch *w, const nb_exit *end)
{
    nb_job *job = &w->run->job;
    job->exit_status = end->status;
    job->signal = end->signal;
    if (end->status == 0) {
        job->state = NB_JOB_DONE;
    } else if (end->forwarded || stop_was_asked(w->run)) {
        job->state = NB_JOB_STOPPED;
        job->reason = why_stopped(end->forwarded);
    } else {
        job->state = NB_JOB_FAILED;
        job->reason = why_failed(w, end);
    }
}

/* A JSON object that the training left in its folder; empty when it did not. */
static nb_str left_behind(const watch *w, const char *name)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_str text = {0}, path = nb_path_join(w->run->arena, w->run->model_dir, nb_str_from(name));
    if (nb_values_read(w->run->arena, path.at, &text, &err) != NB_OK)
        say_warning(w, &err,
                    nb_arena_printf(w->run->arena, "cannot read the training's %s", name).at);
    return text;
}

/* Nothing of it is a condition. What it says about its hyperparameters is better than what we know: it has read them. */
static void collect(const watch *w)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* it was read as an object already */
    nb_job *job = &w->run->job;
    const nb_json *root;
    job->metrics = left_behind(w, "metrics.json");
    nb_str parameters = left_behind(w, "params.json");
    if (parameters.len > 0)
        job->hyperparameters = parameters;
    nb_str facts = left_behind(w, "notebooked.json");
    if (facts.len > 0 && nb_json_parse(w->run->arena, facts, NB_STR("notebooked.json"),
                                       NB_JSON_NOTEBOOK, &root, &ignored) == NB_OK)
        job->run_id = nb_json_get_str(root, "mlflow_run_id");
}

/* From now on a change of the model shows: deploying tells it from what training left. */
static void seal(const watch *w)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    const nb_job *job = &w->run->job;
    const nb_model_seal_request request = {w->run->context->root, w->run->model_dir,
                                           job->experiment, job->id, job->ended_ms};
    if (nb_model_seal(&request, &err) != NB_OK)
        say_warning(w, &err, "deploying the model will need --trust");
}

static nb_code run_child(watch *w, nb_error *err)
{
    nb_exit end;
    nb_job *job = &w->run->job;
    const nb_runner *runner = w->run->context->runner;
    nb_spawn spawn = nb_run_spawn(w->run);
    spawn.on_start = on_start;
    spawn.on_output = on_output;
    spawn.on_signal = on_signal;
    spawn.ctx = w;
    nb_code code = runner->run(runner->ctx, &spawn, &end, err);
    job->ended_ms = now_ms(w);
    if (code == NB_OK) {
        judge(w, &end);
        collect(w);
        if (job->state == NB_JOB_DONE)
            seal(w);
    } else {
        job->state = NB_JOB_FAILED;
        job->reason = nb_arena_str(w->run->arena, nb_str_from(nb_error_message(err, 0)));
    }
    record(w, "cannot record the end of the job");
    return code;
}

nb_code nb_run_watch(nb_run *run, nb_error *err)
{
    watch w = {.run = run};
    nb_origin_map map;
    nb_origins origins = {&map, 1, false};
    (void)signal(SIGPIPE,
                 SIG_IGN); /* losing the reader of our output is no reason to lose the training */
    w.log = open(run->log_path.at, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (w.log < 0)
        say(&w, "warning: cannot keep a log in '%s': %s", run->log_path.at, strerror(errno));
    NB_AUTO(nb_error) map_error = NB_ERROR_INIT;
    if (nb_origin_map_load(run->arena, run->request->code_dir, &map, &map_error) != NB_OK) {
        origins.count = 0;
        if (map_error.code != NB_ERR_NOT_FOUND) /* scripts written by hand have none */
            say_warning(&w, &map_error, "tracebacks will name lines of train.py");
    }
    nb_transcript_init(&w.transcript, &origins);
    nb_code code = run_child(&w, err);
    nb_transcript_release(&w.transcript);
    if (w.log >= 0)
        close(w.log);
    return code;
}
