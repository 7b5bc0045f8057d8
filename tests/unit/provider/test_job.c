#include "nb_test.h"

#include "provider/job.h"

/* A provider whose log comes in pieces and whose job ends after a few looks. */
struct nb_provider {
    const char *log;
    size_t piece;
    unsigned looks; /* until the job has ended */
};

static nb_code refresh(nb_provider *self, nb_arena *arena, nb_job *job, nb_error *err)
{
    (void)arena;
    (void)err;
    job->state = self->looks > 0 ? NB_JOB_RUNNING : NB_JOB_DONE;
    self->looks -= self->looks > 0;
    return NB_OK;
}

static nb_code logs(nb_provider *self, const nb_job *job, int64_t *offset, nb_buf *out,
                    nb_error *err)
{
    (void)job;
    (void)err;
    nb_str text = nb_str_from_at(nb_str_from(self->log), (size_t)*offset);
    text = nb_str_slice(text, 0, self->piece);
    nb_buf_put(out, text);
    *offset += (int64_t)text.len;
    return NB_OK;
}

static void no_sleep(void *ctx, int64_t ms)
{
    (void)ctx;
    (void)ms;
}

static bool collect(void *ctx, nb_str bytes)
{
    nb_buf_put(ctx, bytes);
    return true;
}

static bool take_one(void *ctx, nb_str bytes)
{
    nb_buf_put(ctx, bytes);
    return false;
}

static const nb_origin_range ranges[] = {
    {1, 9, 4, 1},
};
static const nb_origin_file files[] = {
    {.name = NB_STR_ROW("train.py"), .ranges = ranges, .count = 1},
};
static const nb_origin_map map = {NB_STR_ROW("/p/generated/iris"), NB_STR_ROW("iris.ipynb"), files,
                                  1};
static const nb_origins origins = {&map, 1, true};

#define BEGIN "Traceback (most recent call last):\n"
#define FRAME "  File \"/opt/ml/code/train.py\", line 3, in main\n"
#define TOLD  "  File \"iris.ipynb\", cell 4, line 3, in main (train.py:3)\n"
#define END   "    clf.fit(X)\nValueError: bad"

static void read_with(unsigned features, const nb_log_reader *how, size_t piece, nb_buf *out)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    const nb_env env = {.sleep_ms = no_sleep};
    nb_provider provider = {BEGIN FRAME END, piece, 3};
    nb_job job = {.state = NB_JOB_RUNNING};
    const nb_provider_ops ops = {.features = features, .refresh = refresh, .logs = logs};
    nb_log_reader reader = *how;
    reader.ctx = out;
    assert_ok(nb_job_read_log(&ops, &provider, &env, &arena, &job, &reader, &err), &err);
}

/* Whoever streams a raw log gets it told in terms of the notebook, however it comes. */
static void raw_logs_are_told(void **state)
{
    (void)state;
    for (size_t piece = 1; piece < 200; piece++) {
        NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
        const nb_log_reader reader = {collect, NULL, piece % 2 == 0, &origins};
        read_with(NB_LOGS_RAW, &reader, piece, &out);
        assert_str(nb_buf_view(&out), BEGIN TOLD END);
    }
}

static void told_logs_and_those_without_a_map_stay(void **state)
{
    (void)state;
    static const struct {
        unsigned features;
        const nb_origins *origins;
    } cases[] = {
        {0,           &origins},
        {0,           NULL    },
        {NB_LOGS_RAW, NULL    },
    };
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
        const nb_log_reader reader = {collect, NULL, true, cases[i].origins};
        read_with(cases[i].features, &reader, 17, &out);
        assert_str(nb_buf_view(&out), BEGIN FRAME END);
    }
}

static void a_reader_may_have_enough(void **state)
{
    (void)state;
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    const nb_log_reader reader = {take_one, NULL, true, &origins};
    read_with(NB_LOGS_RAW, &reader, strlen(BEGIN), &out);
    assert_str(nb_buf_view(&out), BEGIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(raw_logs_are_told),
        cmocka_unit_test(told_logs_and_those_without_a_map_stay),
        cmocka_unit_test(a_reader_may_have_enough),
    };
    return cmocka_run_group_tests_name("provider/job", tests, NULL, NULL);
}
