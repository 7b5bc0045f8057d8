/* Rows of the jobs table: one table of columns binds, reads and names them all. */
#include "base/buf.h"
#include "base/vec.h"
#include "store/database.h"

static const char *const state_names[] = {
    [NB_JOB_QUEUED] = "queued", [NB_JOB_RUNNING] = "running", [NB_JOB_DONE] = "done",
    [NB_JOB_FAILED] = "failed", [NB_JOB_STOPPED] = "stopped", [NB_JOB_LOST] = "lost",
};

const char *nb_job_state_name(nb_job_state state)
{
    return state_names[state];
}

typedef enum column_kind { COLUMN_TEXT, COLUMN_INT, COLUMN_STATE } column_kind;

static const struct column {
    const char *name;
    column_kind kind;
    bool fixed; /* written once */
    size_t at;  /* in nb_job */
} columns[] = {
#define COLUMN(name, kind, fixed)                           \
    {                                                       \
#name, COLUMN_##kind, fixed, offsetof(nb_job, name) \
    }
    COLUMN(id, TEXT, true),
    COLUMN(experiment, TEXT, true),
    COLUMN(number, INT, true),
    COLUMN(provider, TEXT, true),
    COLUMN(state, STATE, false),
    COLUMN(reason, TEXT, false),
    COLUMN(created_ms, INT, true),
    COLUMN(started_ms, INT, false),
    COLUMN(ended_ms, INT, false),
    COLUMN(exit_status, INT, false),
    COLUMN(signal, INT, false),
    COLUMN(pid, INT, false),
    COLUMN(pid_start, INT, false),
    COLUMN(watcher, INT, false),
    COLUMN(watcher_start, INT, false),
    COLUMN(boot_id, TEXT, false),
    COLUMN(host, TEXT, false),
    COLUMN(stop_requested, INT, true),
    COLUMN(hyperparameters, TEXT, false),
    COLUMN(metrics, TEXT, false),
    COLUMN(notebook, TEXT, true),
    COLUMN(notebook_sha256, TEXT, true),
    COLUMN(git_commit, TEXT, true),
    COLUMN(model_dir, TEXT, true),
    COLUMN(log_path, TEXT, true),
    COLUMN(python, TEXT, true),
    COLUMN(run_id, TEXT, false),
#undef COLUMN
};

static const void *field_of(const nb_job *job, const struct column *column)
{
    return (const char *)job + column->at;
}

static void bind_text(sqlite3_stmt *stmt, int index, nb_str text)
{
    (void)sqlite3_bind_text64(stmt, index, text.at ? text.at : "", text.len, SQLITE_STATIC,
                              SQLITE_UTF8);
}

/* Gives values to the parameters that the statement names: ":reason" is the job's reason. */
static void bind(sqlite3_stmt *stmt, const nb_job *job)
{
    for (size_t i = 0; i < NB_LEN(columns); i++) {
        char name[32];
        (void)snprintf(name, sizeof name, ":%s", columns[i].name);
        int index = sqlite3_bind_parameter_index(stmt, name);
        if (index == 0)
            continue;
        const void *field = field_of(job, &columns[i]);
        switch (columns[i].kind) {
        case COLUMN_TEXT: bind_text(stmt, index, *(const nb_str *)field); break;
        case COLUMN_INT: (void)sqlite3_bind_int64(stmt, index, *(const int64_t *)field); break;
        case COLUMN_STATE: bind_text(stmt, index, nb_str_from(state_names[job->state])); break;
        }
    }
}

/* A state that no version of ours wrote counts as lost: nothing is known about such a job. */
static nb_job_state state_of(nb_str name)
{
    for (size_t i = 0; i < NB_LEN(state_names); i++)
        if (nb_str_eqz(name, state_names[i]))
            return (nb_job_state)i;
    return NB_JOB_LOST;
}

static nb_job read_row(nb_arena *arena, sqlite3_stmt *row)
{
    nb_job job = {0};
    for (size_t i = 0; i < NB_LEN(columns); i++) {
        void *field = (char *)&job + columns[i].at;
        switch (columns[i].kind) {
        case COLUMN_TEXT: *(nb_str *)field = nb_store_text(arena, row, (int)i); break;
        case COLUMN_INT: *(int64_t *)field = sqlite3_column_int64(row, (int)i); break;
        case COLUMN_STATE: job.state = state_of(nb_store_text(arena, row, (int)i)); break;
        }
    }
    return job;
}

/* One statement, its values bound, run to its end. */
static nb_code run(const nb_store *store, const char *sql, const nb_job *job, const char *what,
                   nb_error *err)
{
    NB_AUTO(nb_stmt) stmt = nb_store_prepare(store, sql);
    if (!stmt)
        return nb_store_fail(store, what, err);
    bind(stmt, job);
    return sqlite3_step(stmt) == SQLITE_DONE ? NB_OK : nb_store_fail(store, what, err);
}

static bool is_taken(const nb_store *store)
{
    int code = sqlite3_extended_errcode(store->db);
    return code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY;
}

nb_code nb_store_add(nb_store *store, nb_arena *arena, nb_job *job, nb_error *err)
{
    nb_job row = *job;
    row.id = nb_arena_printf(arena, NB_STR_FMT "-%lld", NB_STR_ARG(job->experiment),
                             (long long)job->number);
    NB_AUTO(nb_buf) sql = NB_BUF_INIT(NB_BUF_TEXT);
    nb_buf_putz(&sql, "INSERT INTO jobs (");
    for (size_t i = 0; i < NB_LEN(columns); i++)
        nb_buf_printf(&sql, "%s%s", i > 0 ? ", " : "", columns[i].name);
    nb_buf_putz(&sql, ") VALUES (");
    for (size_t i = 0; i < NB_LEN(columns); i++)
        nb_buf_printf(&sql, "%s:%s", i > 0 ? ", " : "", columns[i].name);
    nb_buf_putz(&sql, ")");
    if (run(store, sql.at, &row, "cannot record the job in", err) != NB_OK)
        return is_taken(store)
                   ? nb_fail(err, NB_ERR_EXISTS, "there is a job '" NB_STR_FMT "' already",
                             NB_STR_ARG(row.id))
                   : err->code;
    *job = row;
    return NB_OK;
}

nb_code nb_store_save(nb_store *store, const nb_job *job, nb_error *err)
{
    NB_AUTO(nb_buf) sql = NB_BUF_INIT(NB_BUF_TEXT);
    nb_buf_putz(&sql, "UPDATE jobs SET ");
    const char *comma = "";
    for (size_t i = 0; i < NB_LEN(columns); i++) {
        if (columns[i].fixed)
            continue;
        nb_buf_printf(&sql, "%s%s = :%s", comma, columns[i].name, columns[i].name);
        comma = ", ";
    }
    nb_buf_putz(&sql, " WHERE id = :id");
    if (run(store, sql.at, job, "cannot record the job in", err) != NB_OK)
        return err->code;
    if (sqlite3_changes(store->db) == 0)
        return nb_fail(err, NB_ERR_NOT_FOUND, "job '" NB_STR_FMT "' is no longer in '%s'",
                       NB_STR_ARG(job->id), store->path);
    return NB_OK;
}

nb_code nb_store_ask_stop(nb_store *store, nb_str id, nb_error *err)
{
    return run(store, "UPDATE jobs SET stop_requested = 1 WHERE id = :id", &(nb_job){.id = id},
               "cannot record the job in", err);
}

nb_code nb_store_mark_lost(nb_store *store, const nb_job *job, nb_error *err)
{
    static const char sql[] =
        "UPDATE jobs SET state = 'lost', reason = :reason, ended_ms = :ended_ms"
        " WHERE id = :id AND state IN ('queued', 'running')";
    return run(store, sql, job, "cannot record the job in", err);
}

nb_code nb_store_last_number(nb_store *store, nb_str experiment, int64_t *out, nb_error *err)
{
    NB_AUTO(nb_stmt) stmt = nb_store_prepare(
        store, "SELECT coalesce(max(number), 0) FROM jobs WHERE experiment = :experiment");
    if (stmt)
        bind(stmt, &(nb_job){.experiment = experiment});
    if (!stmt || sqlite3_step(stmt) != SQLITE_ROW)
        return nb_store_fail(store, "cannot read", err);
    *out = sqlite3_column_int64(stmt, 0);
    return NB_OK;
}

static sqlite3_stmt *select_jobs(const nb_store *store, const char *rest)
{
    NB_AUTO(nb_buf) sql = NB_BUF_INIT(NB_BUF_TEXT);
    nb_buf_putz(&sql, "SELECT ");
    for (size_t i = 0; i < NB_LEN(columns); i++)
        nb_buf_printf(&sql, "%s%s", i > 0 ? ", " : "", columns[i].name);
    nb_buf_printf(&sql, " FROM jobs %s", rest);
    return nb_store_prepare(store, sql.at);
}

/* SQLITE_DONE when all rows were read. */
static int read_rows(nb_arena *arena, sqlite3_stmt *stmt, nb_job **out, size_t *count)
{
    NB_VEC(nb_job) jobs = {0};
    int code = sqlite3_step(stmt);
    for (; code == SQLITE_ROW; code = sqlite3_step(stmt))
        nb_vec_push(arena, &jobs, read_row(arena, stmt));
    *out = jobs.at;
    *count = jobs.count;
    return code;
}

nb_code nb_store_list(nb_store *store, nb_arena *arena, nb_str experiment, nb_job **out,
                      size_t *count, nb_error *err)
{
    static const char rest[] = "WHERE :experiment = '' OR experiment = :experiment"
                               " ORDER BY created_ms DESC, rowid DESC";
    nb_job *jobs = NULL;
    size_t found = 0;
    if (store) {
        NB_AUTO(nb_stmt) stmt = select_jobs(store, rest);
        if (!stmt)
            return nb_store_fail(store, "cannot read", err);
        bind(stmt, &(nb_job){.experiment = experiment});
        if (read_rows(arena, stmt, &jobs, &found) != SQLITE_DONE)
            return nb_store_fail(store, "cannot read", err);
    }
    *out = jobs;
    *count = found;
    return NB_OK;
}

nb_code nb_store_get(nb_store *store, nb_arena *arena, nb_str id, nb_job *out, nb_error *err)
{
    NB_AUTO(nb_stmt) stmt = select_jobs(store, "WHERE id = :id");
    if (!stmt)
        return nb_store_fail(store, "cannot read", err);
    bind(stmt, &(nb_job){.id = id});
    int code = sqlite3_step(stmt);
    if (code == SQLITE_DONE)
        return nb_fail(err, NB_ERR_NOT_FOUND, "job '" NB_STR_FMT "' is no longer in '%s'",
                       NB_STR_ARG(id), store->path);
    if (code != SQLITE_ROW)
        return nb_store_fail(store, "cannot read", err);
    *out = read_row(arena, stmt);
    return NB_OK;
}

/* --- finding one by what a person types -------------------------------------------------------- */

static nb_code not_found(nb_str name, const nb_job *jobs, size_t count, nb_error *err)
{
    NB_AUTO(nb_arena) scratch = NB_ARENA_INIT;
    nb_str *ids = NB_NEW_ARRAY(&scratch, nb_str, count);
    for (size_t i = 0; i < count; i++)
        ids[i] = jobs[i].id;
    nb_str near = nb_str_nearest(name, ids, count);
    (void)nb_fail(err, NB_ERR_NOT_FOUND, "no job is called '" NB_STR_FMT "'", NB_STR_ARG(name));
    if (near.len > 0)
        nb_error_hint(err, "did you mean '" NB_STR_FMT "'?", NB_STR_ARG(near));
    else
        nb_error_hint(err, "see 'notebooked jobs list'");
    return err->code;
}

static nb_code ambiguous(nb_str name, const nb_job *jobs, size_t count, nb_error *err)
{
    enum { SHOWN = 5 };
    NB_AUTO(nb_buf) ids = NB_BUF_INIT(NB_BUF_TEXT);
    size_t found = 0;
    for (size_t i = 0; i < count; i++)
        if (nb_str_starts(jobs[i].id, name) && found++ < SHOWN)
            nb_buf_printf(&ids, "%s" NB_STR_FMT, found > 1 ? ", " : "", NB_STR_ARG(jobs[i].id));
    (void)nb_fail(err, NB_ERR_USAGE, "%zu jobs begin with '" NB_STR_FMT "'", found,
                  NB_STR_ARG(name));
    nb_error_hint(err, "write one of %s%s", ids.at, found > SHOWN ? ", ..." : "");
    return err->code;
}

nb_code nb_store_find(nb_store *store, nb_arena *arena, nb_str name, nb_job *out, nb_error *err)
{
    nb_job *jobs;
    size_t count = 0, matches = 0, match = 0;
    if (nb_store_list(store, arena, NB_STR(""), &jobs, &count, err) != NB_OK)
        return err->code;
    if (count == 0) {
        (void)nb_fail(err, NB_ERR_NOT_FOUND, "this project has no jobs yet");
        nb_error_hint(err, "start one with 'notebooked train EXPERIMENT'");
        return err->code;
    }
    for (size_t i = 0; i < count; i++) {
        bool exact = nb_str_eq(jobs[i].id, name) || (i == 0 && nb_str_eqz(name, "last"));
        if (exact) {
            *out = jobs[i];
            return NB_OK;
        }
        if (name.len > 0 && nb_str_starts(jobs[i].id, name)) {
            match = i;
            matches++;
        }
    }
    if (matches == 0)
        return not_found(name, jobs, count, err);
    if (matches > 1)
        return ambiguous(name, jobs, count, err);
    *out = jobs[match];
    return NB_OK;
}
