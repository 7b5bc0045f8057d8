#include "cli/predict_time.h"

#include "cli/table.h"

#include <time.h>

static int64_t now_us(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

int64_t nb_percentile(const int64_t *sorted, size_t count, unsigned percent)
{
    size_t rank = (count * percent + 99) / 100;
    if (count == 0)
        return 0;
    return sorted[rank > 0 ? (rank <= count ? rank - 1 : count - 1) : 0];
}

int64_t nb_server_timing(nb_str header, const char *name)
{
    NB_AUTO(nb_arena) scratch = NB_ARENA_INIT;
    nb_str metric, part;
    while (nb_str_split(&header, ',', &metric)) {
        bool first = true, ours = false;
        while (nb_str_split(&metric, ';', &part)) {
            part = nb_str_trim(part);
            if (first)
                ours = nb_str_eqz(part, name);
            else if (ours && nb_str_starts(part, NB_STR("dur="))) {
                double ms = strtod(nb_arena_z(&scratch, nb_str_from_at(part, 4)), NULL);
                return ms >= 0 && ms < 1e9 ? (int64_t)(ms * 1000) : -1;
            }
            first = false;
        }
    }
    return -1;
}

typedef struct times {
    int64_t *total, *queue, *predict; /* µs */
    size_t count, told;               /* `told`: answers that said their own share */
    int64_t all_us;
} times;

static nb_code ask_once(nb_asking *asking, nb_predictor *predictor, const nb_question *question,
                        times *t, nb_error *err)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_prediction answer = {0};
    unsigned again = 0;
    int64_t start = now_us();
    if (nb_asking_ask(asking, predictor, question, &arena, &answer, &again, err) != NB_OK)
        return err->code;
    int64_t took = now_us() - start;
    if (!nb_prediction_is_fine(&answer))
        return nb_asking_refused(asking, &answer, err);
    if (!t)
        return NB_OK;
    int64_t queue = nb_server_timing(answer.timing, "queue");
    int64_t predict = nb_server_timing(answer.timing, "predict");
    t->total[t->count++] = took;
    if (queue < 0 || predict < 0)
        return NB_OK;
    t->queue[t->told] = queue;
    t->predict[t->told++] = predict;
    return NB_OK;
}

static nb_code measure(nb_asking *asking, nb_predictor *predictor, const nb_question *question,
                       size_t count, times *t, nb_error *err)
{
    for (size_t i = 0; i < NB_TIME_WARM_UP; i++)
        if (ask_once(asking, predictor, question, NULL, err) != NB_OK)
            return err->code;
    int64_t start = now_us();
    for (size_t i = 0; i < count; i++)
        if (ask_once(asking, predictor, question, t, err) != NB_OK)
            return err->code;
    t->all_us = now_us() - start;
    qsort(t->total, t->count, sizeof *t->total, compare);
    qsort(t->queue, t->told, sizeof *t->queue, compare);
    qsort(t->predict, t->told, sizeof *t->predict, compare);
    return NB_OK;
}

/* --- telling -------------------------------------------------------------------------------------- */

static const struct {
    const char *name, *key;
    unsigned percent;
} rows[] = {
    {"min", "min_ms", 0  },
    {"p50", "p50_ms", 50 },
    {"p90", "p90_ms", 90 },
    {"p99", "p99_ms", 99 },
    {"max", "max_ms", 100},
};

static nb_str ms_text(nb_arena *arena, int64_t us)
{
    return nb_arena_printf(arena, "%.3f", (double)us / 1000);
}

static double per_second(const times *t)
{
    return t->all_us > 0 ? (double)t->count * 1e6 / (double)t->all_us : 0;
}

static void tell_json(nb_app *app, const times *t)
{
    nb_json_writer *w = app->json;
    nb_json_member_int(w, "requests", (int64_t)t->count);
    for (size_t i = 0; i < NB_LEN(rows); i++) {
        nb_json_key(w, nb_str_from(rows[i].key));
        nb_json_put_raw(w, ms_text(app->arena, nb_percentile(t->total, t->count, rows[i].percent)));
    }
    nb_json_key(w, NB_STR("per_second"));
    nb_json_put_raw(w, nb_arena_printf(app->arena, "%.1f", per_second(t)));
    if (t->told == 0)
        return;
    nb_json_key(w, NB_STR("server_queue_p50_ms"));
    nb_json_put_raw(w, ms_text(app->arena, nb_percentile(t->queue, t->told, 50)));
    nb_json_key(w, NB_STR("server_predict_p50_ms"));
    nb_json_put_raw(w, ms_text(app->arena, nb_percentile(t->predict, t->told, 50)));
}

static void tell(nb_app *app, const times *t)
{
    nb_pairs list = {0};
    nb_arena *arena = app->arena;
    nb_pairs_add(arena, &list, "requests",
                 nb_arena_printf(arena, "%zu, one after the other (%d before them to warm up)",
                                 t->count, NB_TIME_WARM_UP));
    for (size_t i = 0; i < NB_LEN(rows); i++) {
        nb_str ms = ms_text(arena, nb_percentile(t->total, t->count, rows[i].percent));
        nb_pairs_add(arena, &list, rows[i].name, nb_str_concat(arena, ms, NB_STR(" ms")));
    }
    nb_pairs_add(arena, &list, "per second", nb_arena_printf(arena, "%.0f", per_second(t)));
    if (t->told > 0)
        nb_pairs_add(
            arena, &list, "of the p50",
            nb_arena_printf(arena, NB_STR_FMT " ms waiting for a worker, " NB_STR_FMT " ms in it",
                            NB_STR_ARG(ms_text(arena, nb_percentile(t->queue, t->told, 50))),
                            NB_STR_ARG(ms_text(arena, nb_percentile(t->predict, t->told, 50)))));
    nb_pairs_print(app, &list);
}

nb_code nb_predict_time(nb_app *app, nb_asking *asking, const nb_question *question, size_t count,
                        nb_error *err)
{
    nb_predictor *predictor = NULL;
    times t = {.total = NB_NEW_ARRAY(app->arena, int64_t, count),
               .queue = NB_NEW_ARRAY(app->arena, int64_t, count),
               .predict = NB_NEW_ARRAY(app->arena, int64_t, count)};
    if (nb_asking_predictor(asking, &predictor, err) != NB_OK)
        return err->code;
    nb_code code = measure(asking, predictor, question, count, &t, err);
    predictor->close(predictor);
    if (code != NB_OK)
        return code;
    if (app->json)
        tell_json(app, &t);
    else
        tell(app, &t);
    return NB_OK;
}
