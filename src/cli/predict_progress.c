#include "cli/predict_progress.h"

#include "cli/table.h"

enum { PAUSE_MS = 200, SETTLED_MS = 1000 };

static int64_t now_ms(const nb_predict_progress *progress)
{
    return progress->app->env->now_ms(progress->app->env->ctx);
}

static uint64_t rate(uint64_t rows, int64_t ms)
{
    return ms > 0 ? rows * 1000 / (uint64_t)ms : rows;
}

void nb_predict_progress_begin(nb_predict_progress *progress, const nb_app *app, uint64_t size)
{
    *progress = (nb_predict_progress){.app = app, .size = size};
    progress->begun_ms = now_ms(progress);
}

/* Told once there is something to go by. */
static nb_str time_left(nb_arena *arena, const nb_predict_progress *progress, int64_t passed_ms,
                        uint64_t position)
{
    if (progress->size <= position || position == 0 || passed_ms < SETTLED_MS)
        return NB_STR("");
    double left_ms = (double)passed_ms * (double)(progress->size - position) / (double)position;
    return nb_arena_printf(arena, ", " NB_STR_FMT " left",
                           NB_STR_ARG(nb_duration_text(arena, (int64_t)left_ms)));
}

void nb_predict_progress_show(nb_predict_progress *progress, uint64_t rows, uint64_t position)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    const nb_app *app = progress->app;
    int64_t now = now_ms(progress);
    if (!app->log_terminal || app->quiet || now - progress->shown_ms < PAUSE_MS)
        return;
    int64_t passed_ms = now - progress->begun_ms;
    fprintf(app->log, "\r\x1b[K%llu rows, %llu a second" NB_STR_FMT, (unsigned long long)rows,
            (unsigned long long)rate(rows, passed_ms),
            NB_STR_ARG(time_left(&arena, progress, passed_ms, position)));
    (void)fflush(app->log);
    progress->shown_ms = now;
    progress->shown = true;
}

void nb_predict_progress_end(nb_predict_progress *progress)
{
    if (progress->shown)
        fputs("\r\x1b[K", progress->app->log);
    progress->shown = false;
}

void nb_predict_progress_sum(const nb_predict_progress *progress, uint64_t rows, nb_buf *out)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    int64_t passed_ms = now_ms(progress) - progress->begun_ms;
    nb_buf_printf(out, "%llu row%s in " NB_STR_FMT, (unsigned long long)rows, rows == 1 ? "" : "s",
                  NB_STR_ARG(nb_duration_text(&arena, passed_ms)));
    if (rows > 0 && passed_ms >= SETTLED_MS)
        nb_buf_printf(out, " (%llu a second)", (unsigned long long)rate(rows, passed_ms));
}
