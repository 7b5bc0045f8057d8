#include "cli/job_view.h"

#include "cli/table.h"
#include "cli/term.h"
#include "provider/job.h"

/* --- values ------------------------------------------------------------------------------------------ */

/* How long it has run, or ran; empty before it began. */
static nb_str run_time(const nb_app *app, const nb_job *job)
{
    if (job->started_ms == 0)
        return NB_STR("");
    int64_t end = nb_job_ended(job->state) ? job->ended_ms : app->env->now_ms(app->env->ctx);
    return nb_duration_text(app->arena, end - job->started_ms);
}

static nb_str key_metric(nb_arena *arena, const nb_job *job)
{
    nb_metric_value *metrics;
    if (nb_job_metrics(arena, job, &metrics) == 0)
        return NB_STR("");
    nb_str value = nb_metric_text(arena, metrics[0].value);
    return nb_arena_printf(arena, NB_STR_FMT " " NB_STR_FMT, NB_STR_ARG(metrics[0].name),
                           NB_STR_ARG(value));
}

/* --- JSON --------------------------------------------------------------------------------------------- */

static void put_json(nb_app *app, const nb_job *job)
{
    nb_json_writer *w = app->json;
    bool ended = nb_job_ended(job->state);
    nb_json_begin_object(w);
    nb_json_member_known_str(w, "id", job->id);
    nb_json_member_known_str(w, "experiment", job->experiment);
    nb_json_member_int(w, "number", job->number);
    nb_json_member_known_str(w, "provider", job->provider);
    nb_json_member_str(w, "state", nb_str_from(nb_job_state_name(job->state)));
    nb_json_member_known_str(w, "reason", job->reason);
    nb_json_member_known_int(w, "created_ms", job->created_ms);
    nb_json_member_known_int(w, "started_ms", job->started_ms);
    nb_json_member_known_int(w, "ended_ms", job->ended_ms);
    nb_json_key(w, NB_STR("exit_status"));
    if (ended && job->exit_status >= 0)
        nb_json_put_int(w, job->exit_status);
    else
        nb_json_put_null(w);
    nb_json_member_known_int(w, "signal", job->signal);
    nb_json_member_known_int(w, "pid", job->pid);
    nb_json_member_known_str(w, "host", job->host);
    nb_json_member_values(app, "hyperparameters", job->hyperparameters);
    nb_json_member_values(app, "metrics", job->metrics);
    nb_json_member_known_str(w, "notebook", job->notebook);
    nb_json_member_known_str(w, "notebook_sha256", job->notebook_sha256);
    nb_json_member_known_str(w, "git_commit", job->git_commit);
    nb_json_member_known_str(w, "model_dir", job->model_dir);
    nb_json_member_known_str(w, "log", job->log_path);
    nb_json_member_known_str(w, "python", job->python);
    nb_json_member_known_str(w, "run_id", job->run_id);
    nb_json_end_object(w);
}

static void put_job(nb_app *app, const nb_job *job)
{
    nb_json_key(app->json, NB_STR("job"));
    put_json(app, job);
}

/* --- pages -------------------------------------------------------------------------------------------- */

static void add_metrics(nb_app *app, nb_pairs *list, const nb_job *job)
{
    nb_metric_value *metrics;
    size_t count = nb_job_metrics(app->arena, job, &metrics);
    for (size_t i = 0; i < count; i++)
        nb_vec_push(app->arena, list,
                    (nb_pair){metrics[i].name, nb_metric_text(app->arena, metrics[i].value)});
}

void nb_job_view_result(nb_app *app, const nb_job *job)
{
    if (app->json) {
        put_job(app, job);
        return;
    }
    nb_pairs list = {0};
    nb_pairs_add(app->arena, &list, "job", job->id);
    nb_pairs_add(app->arena, &list, "model", job->model_dir);
    add_metrics(app, &list, job);
    nb_pairs_print(app, &list);
}

static nb_str number_text(nb_arena *arena, int64_t number, bool shown)
{
    return shown ? nb_arena_printf(arena, "%lld", (long long)number) : NB_STR("");
}

void nb_job_view_page(nb_app *app, const nb_job *job)
{
    if (app->json) {
        put_job(app, job);
        return;
    }
    nb_pairs list = {0};
    bool ended = nb_job_ended(job->state);
    nb_pairs_add(app->arena, &list, "job", job->id);
    nb_pairs_add(app->arena, &list, "experiment", job->experiment);
    nb_pairs_add(app->arena, &list, "provider", job->provider);
    nb_pairs_add(app->arena, &list, "state", nb_str_from(nb_job_state_name(job->state)));
    nb_pairs_add(app->arena, &list, "reason", job->reason);
    nb_pairs_add(app->arena, &list, "created", nb_time_text(app->arena, job->created_ms));
    nb_pairs_add(app->arena, &list, "started", nb_time_text(app->arena, job->started_ms));
    nb_pairs_add(app->arena, &list, "ended", nb_time_text(app->arena, job->ended_ms));
    nb_pairs_add(app->arena, &list, "duration", run_time(app, job));
    nb_pairs_add(app->arena, &list, "exit status",
                 number_text(app->arena, job->exit_status, ended && job->exit_status >= 0));
    nb_pairs_add(app->arena, &list, "signal",
                 number_text(app->arena, job->signal, job->signal > 0));
    nb_pairs_add(app->arena, &list, "process",
                 number_text(app->arena, job->pid, !ended && job->pid > 0));
    nb_pairs_add(app->arena, &list, "host", job->host);
    nb_pairs_add(app->arena, &list, "model", job->model_dir);
    nb_pairs_add(app->arena, &list, "log", job->log_path);
    nb_pairs_add(app->arena, &list, "notebook", job->notebook);
    nb_pairs_add(app->arena, &list, "notebook sha256", job->notebook_sha256);
    nb_pairs_add(app->arena, &list, "git commit", job->git_commit);
    nb_pairs_add(app->arena, &list, "python", job->python);
    nb_pairs_add(app->arena, &list, "tracking run", job->run_id);
    nb_pairs_add(app->arena, &list, "hyperparameters", job->hyperparameters);
    nb_pairs_print(app, &list);
    nb_pairs metrics = {0};
    add_metrics(app, &metrics, job);
    if (metrics.count > 0)
        fputs("\nmetrics\n", app->out);
    nb_pairs_print(app, &metrics);
}

/* --- the table ------------------------------------------------------------------------------------------ */

enum { STATE_COLUMN = 2 };

static const nb_str titles[] = {NB_STR_ROW("JOB"),      NB_STR_ROW("EXPERIMENT"),
                                NB_STR_ROW("STATE"),    NB_STR_ROW("STARTED"),
                                NB_STR_ROW("DURATION"), NB_STR_ROW("METRIC")};

static const char *state_style(const nb_app *app, nb_job_state state)
{
    switch (state) {
    case NB_JOB_FAILED:
    case NB_JOB_LOST: return nb_term_style(app->colour_out, NB_STYLE_ERROR);
    case NB_JOB_STOPPED: return nb_term_style(app->colour_out, NB_STYLE_WARNING);
    case NB_JOB_RUNNING: return nb_term_style(app->colour_out, NB_STYLE_BOLD);
    case NB_JOB_QUEUED:
    case NB_JOB_DONE: return "";
    }
    return "";
}

static void fill_row(nb_app *app, const nb_job *job, nb_table_row *row)
{
    const nb_table_row filled = {
        {job->id, job->experiment, nb_str_from(nb_job_state_name(job->state)),
         nb_minute_text(app->arena, job->started_ms ? job->started_ms : job->created_ms),
         run_time(app, job), key_metric(app->arena, job)},
        state_style(app, job->state)
    };
    *row = filled;
}

void nb_job_view_table(nb_app *app, const nb_job *jobs, size_t count)
{
    if (app->json) {
        nb_json_key(app->json, NB_STR("jobs"));
        nb_json_begin_array(app->json);
        for (size_t i = 0; i < count; i++)
            put_json(app, &jobs[i]);
        nb_json_end_array(app->json);
        return;
    }
    nb_table table = {.titles = titles, .columns = NB_LEN(titles), .styled = STATE_COLUMN};
    for (size_t i = 0; i < count; i++) {
        nb_table_row row;
        fill_row(app, &jobs[i], &row);
        nb_vec_push(app->arena, &table.rows, row);
    }
    nb_table_print(app, &table);
}
