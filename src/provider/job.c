#include "provider/job.h"

#include "base/vec.h"
#include "origin/translate.h"
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

/* A log on its way to its reader. */
typedef struct passage {
    const nb_log_reader *reader;
    nb_translator *translator; /* NULL: as it is */
    int64_t offset;
    bool wanted; /* the reader takes more */
} passage;

static void hand_on(passage *p, nb_str bytes)
{
    if (bytes.len > 0 && p->wanted)
        p->wanted = p->reader->put(p->reader->ctx, bytes);
}

/* Hands on what the log has from p->offset on. */
static nb_code read_on(const nb_provider_ops *ops, nb_provider *provider, const nb_job *job,
                       passage *p, nb_error *err)
{
    NB_AUTO(nb_buf) bytes = NB_BUF_INIT(NB_BUF_TEXT), told = NB_BUF_INIT(NB_BUF_TEXT);
    do {
        nb_buf_clear(&bytes);
        nb_buf_clear(&told);
        if (ops->logs(provider, job, &p->offset, &bytes, err) != NB_OK)
            return err->code;
        if (p->translator)
            nb_translate_bytes(p->translator, nb_buf_view(&bytes), &told);
        hand_on(p, nb_buf_view(p->translator ? &told : &bytes));
    } while (bytes.len > 0 && p->wanted);
    return NB_OK;
}

static nb_code read_log(const nb_provider_ops *ops, nb_provider *provider, const nb_env *env,
                        nb_arena *arena, nb_job *job, passage *p, nb_error *err)
{
    bool ended = false;
    for (unsigned round = 0;; round++) {
        /* The state before the log: what a job wrote before it ended is then read for sure. */
        if (round % LOOK_EVERY == 0 && has_ended(ops, provider, arena, job, &ended, err) != NB_OK)
            return err->code;
        if (read_on(ops, provider, job, p, err) != NB_OK)
            return err->code;
        if (ended || !p->wanted || !p->reader->follow)
            return NB_OK;
        env->sleep_ms(env->ctx, FOLLOW_PAUSE_MS);
    }
}

nb_code nb_job_read_log(const nb_provider_ops *ops, nb_provider *provider, const nb_env *env,
                        nb_arena *arena, nb_job *job, const nb_log_reader *reader, nb_error *err)
{
    nb_translator translator;
    passage p = {.reader = reader, .wanted = true};
    if (!(ops->features & NB_LOGS_RAW) || !reader->origins)
        return read_log(ops, provider, env, arena, job, &p, err);
    nb_translator_init(&translator, reader->origins);
    p.translator = &translator;
    nb_code code = read_log(ops, provider, env, arena, job, &p, err);
    hand_on(&p, nb_translate_end(&translator));
    nb_translator_release(&translator);
    return code;
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
