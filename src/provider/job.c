#include "provider/job.h"

#include "base/vec.h"
#include "text/json.h"

enum { FIRST_PAUSE_MS = 50, LAST_PAUSE_MS = 2000, FOLLOW_PAUSE_MS = 100 };

nb_code nb_job_wait(const nb_provider_ops *ops, nb_provider *provider, const nb_env *env,
                    nb_arena *arena, nb_job *job, nb_error *err)
{
    int64_t pause = FIRST_PAUSE_MS;
    for (;;) {
        if (ops->refresh(provider, arena, job, err) != NB_OK)
            return err->code;
        if (nb_job_ended(job->state))
            return NB_OK;
        env->sleep_ms(env->ctx, pause);
        pause = pause * 2 < LAST_PAUSE_MS ? pause * 2 : LAST_PAUSE_MS;
    }
}

nb_code nb_job_read_log(const nb_provider_ops *ops, nb_provider *provider, const nb_env *env,
                        nb_arena *arena, nb_job *job, const nb_log_reader *reader, nb_error *err)
{
    NB_AUTO(nb_buf) bytes = NB_BUF_INIT(NB_BUF_TEXT);
    int64_t offset = 0;
    for (;;) {
        /* The state before the log: what a job wrote before it ended is then read for sure. */
        if (ops->refresh(provider, arena, job, err) != NB_OK)
            return err->code;
        bool ended = nb_job_ended(job->state);
        do {
            nb_buf_clear(&bytes);
            if (ops->logs(provider, job, &offset, &bytes, err) != NB_OK)
                return err->code;
            if (bytes.len > 0 && !reader->put(reader->ctx, nb_buf_view(&bytes)))
                return NB_OK;
        } while (bytes.len > 0);
        if (ended || !reader->follow)
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
