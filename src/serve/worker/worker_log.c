#include "serve/worker/worker_log.h"

static void keep(nb_worker_log *log, nb_str line)
{
    nb_buf *slot = &log->tail[log->tail_count++ % NB_WORKER_TAIL];
    nb_buf_clear(slot);
    nb_buf_put(slot, line);
}

static void tell_unsaid(nb_worker_log *log)
{
    char text[64];
    if (log->unsaid == 0)
        return;
    int len =
        snprintf(text, sizeof text, "(%llu lines are left out)", (unsigned long long)log->unsaid);
    log->unsaid = 0;
    log->pass(log->ctx, (nb_str){text, (size_t)len});
}

static void refill(nb_worker_log *log)
{
    int64_t lines = (log->now_us - log->refilled_us) * NB_WORKER_LINES_RATE / 1000000;
    if (lines <= 0)
        return;
    log->refilled_us = log->now_us;
    log->room = lines + log->room > NB_WORKER_LINES_BURST ? NB_WORKER_LINES_BURST
                                                          : log->room + (unsigned)lines;
}

static void on_line(void *ctx, const nb_output *output)
{
    nb_worker_log *log = ctx;
    if (output->stream == NB_STDERR)
        keep(log, output->text);
    refill(log);
    if (log->room == 0) {
        log->unsaid++;
        return;
    }
    log->room--;
    tell_unsaid(log);
    log->pass(log->ctx, output->text);
}

void nb_worker_log_init(nb_worker_log *log, void (*pass)(void *ctx, nb_str line), void *ctx,
                        int64_t now_us)
{
    *log = (nb_worker_log){
        .to = {.on_output = on_line, .ctx = log},
        .now_us = now_us,
        .refilled_us = now_us,
        .room = NB_WORKER_LINES_BURST,
        .pass = pass,
        .ctx = ctx
    };
    nb_lines_init(&log->lines[NB_STDOUT], NB_STDOUT, NB_WORKER_LINE);
    nb_lines_init(&log->lines[NB_STDERR], NB_STDERR, NB_WORKER_LINE);
    for (size_t i = 0; i < NB_WORKER_TAIL; i++)
        log->tail[i] = NB_BUF_INIT(NB_WORKER_LINE + 1);
}

void nb_worker_log_feed(nb_worker_log *log, nb_stream stream, nb_str bytes, int64_t now_us)
{
    log->now_us = now_us;
    nb_lines_feed(&log->lines[stream], bytes, now_us / 1000, &log->to);
}

void nb_worker_log_end(nb_worker_log *log)
{
    nb_lines_end(&log->lines[NB_STDOUT], &log->to);
    nb_lines_end(&log->lines[NB_STDERR], &log->to);
    tell_unsaid(log);
}

void nb_worker_log_tail(const nb_worker_log *log, nb_buf *out)
{
    size_t first = log->tail_count > NB_WORKER_TAIL ? log->tail_count - NB_WORKER_TAIL : 0;
    for (size_t i = first; i < log->tail_count; i++) {
        nb_buf_put(out, nb_buf_view(&log->tail[i % NB_WORKER_TAIL]));
        nb_buf_putc(out, '\n');
    }
}

void nb_worker_log_release(nb_worker_log *log)
{
    nb_lines_release(&log->lines[NB_STDOUT]);
    nb_lines_release(&log->lines[NB_STDERR]);
    for (size_t i = 0; i < NB_WORKER_TAIL; i++)
        nb_buf_release(&log->tail[i]);
}
