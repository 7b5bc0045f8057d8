/* store.h - the project's memory: .notebooked/state.db, an SQLite file with a row a job.
 *
 * Several programs may use it at once (WAL, a busy time-out, short transactions). It is made by the first job;
 * commands that only look work without it and on read-only media. Nothing is opened before a command asks.
 * JSON columns are text to this room.
 */
#ifndef NB_STORE_H
#define NB_STORE_H

#include "base/error.h"

typedef enum nb_job_state {
    NB_JOB_QUEUED,
    NB_JOB_RUNNING,
    NB_JOB_DONE,
    NB_JOB_FAILED,
    NB_JOB_STOPPED, /* because somebody wanted it: Ctrl-C, `jobs stop` */
    NB_JOB_LOST     /* ended without leaving a record: killed, or the machine went down */
} nb_job_state;

const char *nb_job_state_name(nb_job_state state); /* "queued", ... */
static inline bool nb_job_ended(nb_job_state state)
{
    return state != NB_JOB_QUEUED && state != NB_JOB_RUNNING;
}

/* Times in ms since the epoch, 0: not yet. Paths are relative to the project when they lie in it. Texts may be empty. */
typedef struct nb_job {
    nb_str id; /* EXPERIMENT-NUMBER */
    nb_str experiment;
    int64_t number; /* counts from 1 an experiment; also names models/EXPERIMENT/NUMBER */
    nb_str provider;
    nb_job_state state;
    nb_str reason; /* why it is not done, in a few words */
    int64_t created_ms, started_ms, ended_ms;
    int64_t exit_status, signal; /* of the training program; -1 and 0 when unknown or none */
    /* Who runs it: the program itself and the notebooked process that watches it (see nb_process). */
    int64_t pid, pid_start, watcher, watcher_start;
    nb_str boot_id, host;
    int64_t stop_requested; /* 1: `jobs stop` was here; written by nb_store_ask_stop() only */
    nb_str hyperparameters, metrics; /* JSON objects */
    nb_str notebook, notebook_sha256, git_commit, model_dir, log_path, python, run_id;
} nb_job;

typedef struct nb_store nb_store;
typedef enum nb_store_mode {
    NB_STORE_LOOK, /* *out is NULL when there is none; changes are not promised to work (nb_store_writable) */
    NB_STORE_WRITE /* makes it when there is none */
} nb_store_mode;

/* The store of the project in the folder `root`. Errors name the file and say what to do about it: corrupt, not a
 * database of ours, written by a newer version, locked, no room, not writable. */
nb_code nb_store_open(const char *root, nb_store_mode mode, nb_store **out, nb_error *err);
void nb_store_close(nb_store *store); /* NULL is fine */
bool nb_store_writable(const nb_store *store);

/* A new row; NB_ERR_EXISTS when the experiment has a job of this number. `id` is set from experiment and number. */
nb_code nb_store_add(nb_store *store, nb_arena *arena, nb_job *job, nb_error *err);
/* Writes the whole row of job->id again, apart from stop_requested. */
nb_code nb_store_save(nb_store *store, const nb_job *job, nb_error *err);
nb_code nb_store_ask_stop(nb_store *store, nb_str id, nb_error *err);
/* Ends a job that left no record, unless it ended after all in the meantime. */
nb_code nb_store_mark_lost(nb_store *store, const nb_job *job, nb_error *err);
/* The highest number among the experiment's jobs; 0 when there is none. */
nb_code nb_store_last_number(nb_store *store, nb_str experiment, int64_t *out, nb_error *err);

/* The job of this id. */
nb_code nb_store_get(nb_store *store, nb_arena *arena, nb_str id, nb_job *out, nb_error *err);
/* The job that `name` means: its id, a beginning that only one id has, or "last". NB_ERR_NOT_FOUND names the nearest,
 * NB_ERR_USAGE those that begin so. `store` may be NULL. */
nb_code nb_store_find(nb_store *store, nb_arena *arena, nb_str name, nb_job *out, nb_error *err);
/* Jobs from the newest to the oldest; of one experiment unless `experiment` is empty. `store` may be NULL. */
nb_code nb_store_list(nb_store *store, nb_arena *arena, nb_str experiment, nb_job **out,
                      size_t *count, nb_error *err);

#endif
