/* run.h - one job on this machine: its number, folder, log and row; then the child and the record of its end. */
#ifndef NB_LOCAL_RUN_H
#define NB_LOCAL_RUN_H

#include "provider/local/python.h"

typedef struct nb_run {
    const nb_provider_context *context;
    const nb_train_request *request;
    nb_arena *arena;
    nb_python python;
    bool untracked; /* MLflow is not installed there: the script need not find out, too */
    nb_str model_dir, log_path; /* absolute */
    nb_job job;
    void (*started)(void *ctx); /* the child runs; NULL: nobody wants to know */
    void *started_ctx;
} nb_run;

/* Takes the next number of the experiment that neither a folder nor a row has, makes the model folder (always a new one) and
 * the queued row. context, request, arena and python are set. prepare.c */
nb_code nb_run_prepare(nb_run *run, nb_error *err);
/* What to start: argv, folder and environment. launch.c */
nb_spawn nb_run_spawn(const nb_run *run);
/* Runs the child to its end and records both; this process is the job's watcher. A training that fails is no failure of this
 * function: run->job says how it ended. watch.c */
nb_code nb_run_watch(nb_run *run, nb_error *err);
/* The same in a process of its own, which nobody's terminal ends; returns when the child has started. detach.c */
nb_code nb_run_detach(const nb_run *run, nb_error *err);

/* Writes run->job to the store. */
nb_code nb_run_record(const nb_run *run, nb_error *err);
/* Makes this process the watcher in run->job. */
void nb_run_take_over(nb_run *run);

#endif
