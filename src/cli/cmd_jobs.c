#include "cli/job_view.h"
#include "cli/origins.h"
#include "cli/project.h"
#include "provider/job.h"
#include "provider/provider.h"

#include <signal.h>

/* A job of this project and the provider that runs it. */
typedef struct session {
    const nb_config *config;
    nb_provider_context context;
    const nb_provider_ops *ops;
    nb_provider *provider;
    nb_job job;
} session;

static nb_code open_project(nb_app *app, session *s, nb_error *err)
{
    if (nb_app_project(app, &s->config, err) != NB_OK)
        return err->code;
    s->context =
        (nb_provider_context){.env = app->env, .runner = &nb_runner_real, .root = s->config->root};
    return NB_OK;
}

static nb_code open_provider(session *s, nb_str name, nb_error *err)
{
    if (nb_provider_find(name, &s->ops, err) != NB_OK)
        return err->code;
    return s->ops->open(&s->context, &s->provider, err);
}

static void session_close(session *s)
{
    if (s->provider)
        s->ops->close(s->provider);
}

static nb_code find_job(nb_app *app, session *s, const char *name, nb_error *err)
{
    nb_store *store = NULL;
    if (nb_store_open(s->config->root.at, NB_STORE_LOOK, &store, err) != NB_OK)
        return err->code;
    nb_code code = nb_store_find(store, app->arena, nb_str_from(name), &s->job, err);
    nb_store_close(store);
    return code;
}

/* The job that the operand means, as it is now. */
static nb_code open_job(nb_app *app, session *s, const char *name, nb_error *err)
{
    if (open_project(app, s, err) != NB_OK || find_job(app, s, name, err) != NB_OK ||
        open_provider(s, s->job.provider, err) != NB_OK)
        return err->code;
    return s->ops->refresh(s->provider, app->arena, &s->job, err);
}

/* --- list -------------------------------------------------------------------------------------------------- */

struct list_args {
    const char *experiment;
};

static nb_code refresh_all(nb_app *app, session *s, nb_job *jobs, size_t count, nb_error *err)
{
    for (size_t i = 0; i < count; i++) {
        if (nb_job_ended(jobs[i].state))
            continue;
        nb_code code = open_provider(s, jobs[i].provider, err);
        if (code == NB_OK)
            code = s->ops->refresh(s->provider, app->arena, &jobs[i], err);
        session_close(s);
        s->provider = NULL;
        if (code != NB_OK)
            return code;
    }
    return NB_OK;
}

static nb_code run_list(const void *args_, NB_UNUSED const char *const *operands,
                        NB_UNUSED size_t operand_count, nb_app *app, nb_error *err)
{
    const struct list_args *args = args_;
    session s = {0};
    nb_store *store = NULL;
    nb_job *jobs = NULL;
    size_t count = 0;
    if (open_project(app, &s, err) != NB_OK ||
        nb_store_open(s.config->root.at, NB_STORE_LOOK, &store, err) != NB_OK)
        return err->code;
    nb_code code =
        nb_store_list(store, app->arena, nb_str_from(args->experiment), &jobs, &count, err);
    nb_store_close(store);
    if (code == NB_OK)
        code = refresh_all(app, &s, jobs, count, err);
    if (code != NB_OK)
        return code;
    nb_job_view_table(app, jobs, count);
    if (count == 0)
        nb_app_say(app, "no jobs%s%s yet", args->experiment ? " of " : "",
                   args->experiment ? args->experiment : "");
    return NB_OK;
}

static const nb_opt list_options[] = {
    {NB_STRING('e', "experiment", "NAME", struct list_args, experiment,
     "only jobs of this experiment"),
     .names = NB_NAMES_EXPERIMENT},
    {.kind = NB_OPT_END      },
};

static const nb_command cmd_list = {
    .name = "jobs list",
    .summary = "List the project's jobs, the newest first.",
    .options = list_options,
    .args_size = sizeof(struct list_args),
    .run = run_list,
};

/* --- show -------------------------------------------------------------------------------------------------- */

static nb_code run_show(NB_UNUSED const void *args, const char *const *operands,
                        NB_UNUSED size_t count, nb_app *app, nb_error *err)
{
    session s = {0};
    nb_code code = open_job(app, &s, operands[0], err);
    if (code == NB_OK)
        nb_job_view_page(app, &s.job);
    session_close(&s);
    return code;
}

static const nb_command cmd_show = {
    .name = "jobs show",
    .operands = "ID",
    .summary = "Show everything that is known about a job.",
    .min_operands = 1,
    .max_operands = 1,
    .operand_names = NB_NAMES_JOB,
    .run = run_show,
};

/* --- logs -------------------------------------------------------------------------------------------------- */

struct logs_args {
    bool follow;
};

static bool put_log(void *ctx, nb_str bytes)
{
    FILE *to = ctx;
    fwrite(bytes.at, 1, bytes.len, to);
    return fflush(to) == 0;
}

/* The maps that tell the job's log; NULL when there are none, or none that can be read: the log is shown as it is. */
static const nb_origins *origins_of(nb_app *app, const session *s)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT;
    nb_project_origins *project = NB_NEW(app->arena, nb_project_origins);
    const nb_origins_wanted wanted = {.experiment = s->job.experiment};
    if (!(s->ops->features & NB_LOGS_RAW) ||
        nb_project_origins_load(app, &wanted, project, &ignored) != NB_OK)
        return NULL;
    return &project->origins;
}

static nb_code run_logs(const void *args_, const char *const *operands, NB_UNUSED size_t count,
                        nb_app *app, nb_error *err)
{
    const struct logs_args *args = args_;
    session s = {0};
    nb_code code = open_job(app, &s, operands[0], err);
    if (code == NB_OK) {
        nb_app_text text;
        nb_log_reader reader = {put_log, nb_app_text_open(app, &text), args->follow,
                                origins_of(app, &s)};
        code = nb_job_read_log(s.ops, s.provider, app->env, app->arena, &s.job, &reader, err);
        nb_app_text_close(app, &text, "log");
    }
    session_close(&s);
    return code;
}

static const nb_opt logs_options[] = {
    {NB_FLAG('f', "follow", struct logs_args, follow, "print what comes until the job ends")},
    {.kind = NB_OPT_END},
};

static const nb_command cmd_logs = {
    .name = "jobs logs",
    .operands = "ID",
    .summary = "Print what a job has written.",
    .about = "Ctrl-C ends following, not the job.",
    .options = logs_options,
    .min_operands = 1,
    .max_operands = 1,
    .operand_names = NB_NAMES_JOB,
    .args_size = sizeof(struct logs_args),
    .run = run_logs,
};

/* --- wait -------------------------------------------------------------------------------------------------- */

/* The job's own status, as a shell would have it. */
static int status_of(const nb_job *job)
{
    if (job->signal > 0)
        return 128 + (int)job->signal;
    return job->exit_status > 0 ? (int)job->exit_status : 1;
}

static nb_code report_end(nb_app *app, const nb_job *job, nb_error *err)
{
    nb_job_view_result(app, job);
    if (job->state == NB_JOB_DONE)
        return NB_OK;
    app->exit_status = status_of(job);
    (void)nb_fail(err, NB_ERR_USER_CODE, "job '" NB_STR_FMT "' %s%s: " NB_STR_FMT,
                  NB_STR_ARG(job->id), job->state == NB_JOB_FAILED ? "" : "was ",
                  nb_job_state_name(job->state), NB_STR_ARG(job->reason));
    nb_error_hint(err, "see its output with 'notebooked jobs logs " NB_STR_FMT "'",
                  NB_STR_ARG(job->id));
    return err->code;
}

static nb_code run_wait(NB_UNUSED const void *args, const char *const *operands,
                        NB_UNUSED size_t count, nb_app *app, nb_error *err)
{
    session s = {0};
    nb_code code = open_job(app, &s, operands[0], err);
    if (code == NB_OK)
        code = nb_job_wait(s.ops, s.provider, app->env, app->arena, &s.job, err);
    if (code == NB_OK)
        code = report_end(app, &s.job, err);
    session_close(&s);
    return code;
}

static const nb_command cmd_wait = {
    .name = "jobs wait",
    .operands = "ID",
    .summary = "Wait until a job has ended; end with its exit status.",
    .about =
        "Prints the job, its model folder and its metrics, as 'notebooked train' does. Ctrl-C ends waiting, not the job.",
    .min_operands = 1,
    .max_operands = 1,
    .operand_names = NB_NAMES_JOB,
    .run = run_wait,
};

/* --- stop -------------------------------------------------------------------------------------------------- */

static nb_code run_stop(NB_UNUSED const void *args, const char *const *operands,
                        NB_UNUSED size_t count, nb_app *app, nb_error *err)
{
    session s = {0};
    nb_code code = open_job(app, &s, operands[0], err);
    bool ended = code == NB_OK && nb_job_ended(s.job.state);
    if (code == NB_OK && !ended)
        code = s.ops->stop(s.provider, app->arena, &s.job, err);
    if (code == NB_OK) {
        if (app->json)
            nb_job_view_result(app, &s.job);
        nb_app_say(app, "job '" NB_STR_FMT "' %s: %s", NB_STR_ARG(s.job.id),
                   ended ? "had ended already" : "has ended", nb_job_state_name(s.job.state));
    }
    session_close(&s);
    return code;
}

static const nb_command cmd_stop = {
    .name = "jobs stop",
    .operands = "ID",
    .summary = "End a running job.",
    .about = "Asks it to end (SIGTERM) and kills it ten seconds later. What it has written stays.",
    .min_operands = 1,
    .max_operands = 1,
    .operand_names = NB_NAMES_JOB,
    .run = run_stop,
};

static const nb_command *const commands[] = {&cmd_list, &cmd_show, &cmd_logs,
                                             &cmd_wait, &cmd_stop, NULL};

const nb_command nb_cmd_jobs = {
    .name = "jobs",
    .summary = "Look at trainings, wait for them, stop them.",
    .about = "ID is a job's name, a beginning of it that no other job has, or 'last'.",
    .commands = commands,
};
