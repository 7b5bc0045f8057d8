#include "cli/job_view.h"

#include "base/vec.h"
#include "cli/term.h"
#include "provider/job.h"
#include "provider/values.h"

#include <math.h>

/* --- values ------------------------------------------------------------------------------------------ */

nb_str nb_duration_text(nb_arena *arena, int64_t ms)
{
    long long s = ms < 0 ? 0 : (long long)(ms / 1000);
    if (s < 10)
        return nb_arena_printf(arena, "%lld.%lld s", s, ms < 0 ? 0 : (long long)(ms % 1000 / 100));
    if (s < 60)
        return nb_arena_printf(arena, "%lld s", s);
    if (s < 3600)
        return nb_arena_printf(arena, "%lld min %02lld s", s / 60, s % 60);
    if (s < 86400)
        return nb_arena_printf(arena, "%lld h %02lld min", s / 3600, s % 3600 / 60);
    return nb_arena_printf(arena, "%lld d %02lld h", s / 86400, s % 86400 / 3600);
}

static nb_str time_text(nb_arena *arena, int64_t ms)
{
    struct tm tm;
    char text[32];
    time_t s = (time_t)(ms / 1000);
    if (ms == 0 || !localtime_r(&s, &tm) ||
        strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &tm) == 0)
        return NB_STR("");
    return nb_arena_str(arena, nb_str_from(text));
}

/* How long it has run, or ran; empty before it began. */
static nb_str run_time(const nb_app *app, const nb_job *job)
{
    if (job->started_ms == 0)
        return NB_STR("");
    int64_t end = nb_job_ended(job->state) ? job->ended_ms : app->env->now_ms(app->env->ctx);
    return nb_duration_text(app->arena, end - job->started_ms);
}

/* Six digits are enough to compare runs by; JSON has them all. */
static nb_str metric_text(nb_arena *arena, nb_str number)
{
    const char *z = nb_arena_z(arena, number);
    char *end;
    double value = strtod(z, &end);
    if (*end != '\0' || !isfinite(value) || number.len <= 8)
        return number;
    return nb_arena_printf(arena, "%.6g", value);
}

static nb_str key_metric(nb_arena *arena, const nb_job *job)
{
    nb_metric_value *metrics;
    if (nb_job_metrics(arena, job, &metrics) == 0)
        return NB_STR("");
    nb_str value = metric_text(arena, metrics[0].value);
    return nb_arena_printf(arena, NB_STR_FMT " " NB_STR_FMT, NB_STR_ARG(metrics[0].name),
                           NB_STR_ARG(value));
}

/* --- JSON --------------------------------------------------------------------------------------------- */

/* The store keeps these as JSON. NaN and Infinity, which Python writes into it, are no JSON: they become strings. */
static void member_values(nb_app *app, const char *key, nb_str object)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* damaged text is shown as none */
    const nb_json *root = NULL;
    nb_json_key(app->json, nb_str_from(key));
    if (object.len == 0 || nb_json_parse(app->arena, object, NB_STR("job"), NB_JSON_NOTEBOOK, &root,
                                         &ignored) != NB_OK) {
        nb_json_put_null(app->json);
        return;
    }
    nb_values_put(app->json, root, true);
}

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
    member_values(app, "hyperparameters", job->hyperparameters);
    member_values(app, "metrics", job->metrics);
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

typedef struct pair {
    nb_str name, value;
} pair;
typedef NB_VEC(pair) pairs;

static void add(nb_app *app, pairs *list, const char *name, nb_str value)
{
    if (value.len > 0)
        nb_vec_push(app->arena, list, (pair){nb_str_from(name), value});
}

static void print_padded(nb_str text, size_t width, FILE *to)
{
    nb_term_put(text, to);
    for (size_t i = nb_term_width(text); i < width; i++)
        fputc(' ', to);
}

static void print_pairs(const nb_app *app, const pairs *list)
{
    size_t width = 0;
    for (size_t i = 0; i < list->count; i++) {
        size_t w = nb_term_width(list->at[i].name);
        width = w > width ? w : width;
    }
    for (size_t i = 0; i < list->count; i++) {
        print_padded(list->at[i].name, width + 2, app->out);
        nb_term_put(list->at[i].value, app->out);
        fputc('\n', app->out);
    }
}

static void add_metrics(nb_app *app, pairs *list, const nb_job *job)
{
    nb_metric_value *metrics;
    size_t count = nb_job_metrics(app->arena, job, &metrics);
    for (size_t i = 0; i < count; i++)
        nb_vec_push(app->arena, list,
                    (pair){metrics[i].name, metric_text(app->arena, metrics[i].value)});
}

void nb_job_view_result(nb_app *app, const nb_job *job)
{
    if (app->json) {
        put_job(app, job);
        return;
    }
    pairs list = {0};
    add(app, &list, "job", job->id);
    add(app, &list, "model", job->model_dir);
    add_metrics(app, &list, job);
    print_pairs(app, &list);
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
    pairs list = {0};
    bool ended = nb_job_ended(job->state);
    add(app, &list, "job", job->id);
    add(app, &list, "experiment", job->experiment);
    add(app, &list, "provider", job->provider);
    add(app, &list, "state", nb_str_from(nb_job_state_name(job->state)));
    add(app, &list, "reason", job->reason);
    add(app, &list, "created", time_text(app->arena, job->created_ms));
    add(app, &list, "started", time_text(app->arena, job->started_ms));
    add(app, &list, "ended", time_text(app->arena, job->ended_ms));
    add(app, &list, "duration", run_time(app, job));
    add(app, &list, "exit status",
        number_text(app->arena, job->exit_status, ended && job->exit_status >= 0));
    add(app, &list, "signal", number_text(app->arena, job->signal, job->signal > 0));
    add(app, &list, "process", number_text(app->arena, job->pid, !ended && job->pid > 0));
    add(app, &list, "host", job->host);
    add(app, &list, "model", job->model_dir);
    add(app, &list, "log", job->log_path);
    add(app, &list, "notebook", job->notebook);
    add(app, &list, "notebook sha256", job->notebook_sha256);
    add(app, &list, "git commit", job->git_commit);
    add(app, &list, "python", job->python);
    add(app, &list, "tracking run", job->run_id);
    add(app, &list, "hyperparameters", job->hyperparameters);
    print_pairs(app, &list);
    pairs metrics = {0};
    add_metrics(app, &metrics, job);
    if (metrics.count > 0)
        fputs("\nmetrics\n", app->out);
    print_pairs(app, &metrics);
}

/* --- the table ------------------------------------------------------------------------------------------ */

enum { COLUMNS = 6, STATE_COLUMN = 2 };

static const nb_str titles[COLUMNS] = {NB_STR_ROW("JOB"),      NB_STR_ROW("EXPERIMENT"),
                                       NB_STR_ROW("STATE"),    NB_STR_ROW("STARTED"),
                                       NB_STR_ROW("DURATION"), NB_STR_ROW("METRIC")};

static void fill_row(nb_app *app, const nb_job *job, nb_str cells[COLUMNS])
{
    nb_str started = time_text(app->arena, job->started_ms ? job->started_ms : job->created_ms);
    const nb_str row[COLUMNS] = {job->id,
                                 job->experiment,
                                 nb_str_from(nb_job_state_name(job->state)),
                                 nb_str_slice(started, 0, sizeof("2026-01-01 00:00") - 1),
                                 run_time(app, job),
                                 key_metric(app->arena, job)};
    memcpy(cells, row, sizeof row);
}

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

static void print_row(const nb_app *app, const nb_str cells[COLUMNS], const size_t widths[COLUMNS],
                      const char *style)
{
    size_t last = COLUMNS - 1;
    while (last > 0 && cells[last].len == 0)
        last--;
    for (size_t c = 0; c <= last; c++) {
        if (c == STATE_COLUMN)
            fputs(style, app->out);
        print_padded(cells[c], c == last ? 0 : widths[c], app->out);
        if (c == STATE_COLUMN && *style)
            fputs(nb_term_style(app->colour_out, NB_STYLE_NONE), app->out);
        fputs(c == last ? "\n" : "  ", app->out);
    }
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
    size_t widths[COLUMNS];
    nb_str(*cells)[COLUMNS] = nb_arena_alloc_array(app->arena, count, sizeof *cells);
    for (size_t c = 0; c < COLUMNS; c++)
        widths[c] = titles[c].len;
    for (size_t i = 0; i < count; i++) {
        fill_row(app, &jobs[i], cells[i]);
        for (size_t c = 0; c < COLUMNS; c++) {
            size_t width = nb_term_width(cells[i][c]);
            widths[c] = width > widths[c] ? width : widths[c];
        }
    }
    if (count > 0)
        print_row(app, titles, widths, "");
    for (size_t i = 0; i < count; i++)
        print_row(app, (const nb_str *)cells[i], widths, state_style(app, jobs[i].state));
}
