#include "provider/job.h"

#include "base/vec.h"
#include "text/json.h"

enum {
    FIRST_PAUSE_MS = 50,
    LAST_PAUSE_MS = 2000,
    FOLLOW_PAUSE_MS = 100,
    LOOK_EVERY = 5 /* rounds of following: the log costs less to ask for than the state */
};

/* Whether the job has ended. While it has not, nothing of a look is kept: waiting may take days. */
static nb_code has_ended(const nb_provider_ops *ops, nb_provider *provider, nb_arena *arena,
                         nb_job *job, bool *ended, nb_error *err)
{
    NB_AUTO(nb_arena) scratch = NB_ARENA_INIT;
    nb_job now = *job;
    if (ops->refresh(provider, &scratch, &now, err) != NB_OK)
        return err->code;
    job->state = now.state;
    *ended = nb_job_ended(now.state);
    return *ended ? ops->refresh(provider, arena, job, err) : NB_OK;
}

nb_code nb_job_wait(const nb_provider_ops *ops, nb_provider *provider, const nb_env *env,
                    nb_arena *arena, nb_job *job, nb_error *err)
{
    int64_t pause = FIRST_PAUSE_MS;
    for (;;) {
        bool ended = false;
        if (has_ended(ops, provider, arena, job, &ended, err) != NB_OK)
            return err->code;
        if (ended)
            return NB_OK;
        env->sleep_ms(env->ctx, pause);
        pause = pause * 2 < LAST_PAUSE_MS ? pause * 2 : LAST_PAUSE_MS;
    }
}

/* Hands on what the log has from *offset on; false in *wanted when the reader wants no more. */
static nb_code read_on(const nb_provider_ops *ops, nb_provider *provider, const nb_job *job,
                       const nb_log_reader *reader, int64_t *offset, bool *wanted, nb_error *err)
{
    NB_AUTO(nb_buf) bytes = NB_BUF_INIT(NB_BUF_TEXT);
    do {
        nb_buf_clear(&bytes);
        if (ops->logs(provider, job, offset, &bytes, err) != NB_OK)
            return err->code;
        if (bytes.len > 0)
            *wanted = reader->put(reader->ctx, nb_buf_view(&bytes));
    } while (bytes.len > 0 && *wanted);
    return NB_OK;
}

nb_code nb_job_read_log(const nb_provider_ops *ops, nb_provider *provider, const nb_env *env,
                        nb_arena *arena, nb_job *job, const nb_log_reader *reader, nb_error *err)
{
    int64_t offset = 0;
    bool ended = false, wanted = true;
    for (unsigned round = 0;; round++) {
        /* The state before the log: what a job wrote before it ended is then read for sure. */
        if (round % LOOK_EVERY == 0 && has_ended(ops, provider, arena, job, &ended, err) != NB_OK)
            return err->code;
        if (read_on(ops, provider, job, reader, &offset, &wanted, err) != NB_OK)
            return err->code;
        if (ended || !wanted || !reader->follow)
            return NB_OK;
        env->sleep_ms(env->ctx, FOLLOW_PAUSE_MS);
    }
}

size_t nb_job_metrics(nb_arena *arena, const nb_job *job, nb_metric_value **out)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* metrics are shown where there are any */
    NB_VEC(nb_metric_value) list = {0};
    const nb_json *root;
    if (job->metrics.len == 0 || nb_json_parse(arena, job->metrics, NB_STR("metrics"),
                                               NB_JSON_NOTEBOOK, &root, &ignored) != NB_OK)
        return 0;
    for (const nb_json *item = root->child; item; item = item->next)
        if (item->kind == NB_JSON_NUMBER)
            nb_vec_push(arena, &list, (nb_metric_value){item->key, item->text});
    *out = list.at;
    return list.count;
}
