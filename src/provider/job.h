/* job.h - what all providers' jobs have in common: waiting for the end, following the log. */
#ifndef NB_PROVIDER_JOB_H
#define NB_PROVIDER_JOB_H

#include "origin/map.h"
#include "provider/provider.h"

/* Waits until the job has ended; *job is brought up to date. The pauses between looks grow up to two seconds. */
nb_code nb_job_wait(const nb_provider_ops *ops, nb_provider *provider, const nb_env *env,
                    nb_arena *arena, nb_job *job, nb_error *err);
/* Hands the log's bytes to `put` as they come. With `follow` until the job has ended, else what is there. `put` returns
 * false when it wants no more. Tracebacks of a raw log (NB_LOGS_RAW) are told in terms of the notebook, by `origins` unless it is NULL. */
typedef struct nb_log_reader {
    bool (*put)(void *ctx, nb_str bytes);
    void *ctx;
    bool follow;
    const nb_origins *origins;
} nb_log_reader;
nb_code nb_job_read_log(const nb_provider_ops *ops, nb_provider *provider, const nb_env *env,
                        nb_arena *arena, nb_job *job, const nb_log_reader *reader, nb_error *err);

/* One metric of a job's JSON. */
typedef struct nb_metric_value {
    nb_str name, value; /* as written */
} nb_metric_value;
/* The numbers among a job's metrics, in their order; damaged JSON gives none. */
size_t nb_job_metrics(nb_arena *arena, const nb_job *job, nb_metric_value **out);

#endif
