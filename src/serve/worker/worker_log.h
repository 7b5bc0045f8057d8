/* worker_log.h - what a worker writes to stdout and stderr: cut into lines, passed on at a bounded rate, the last of stderr kept for its obituary. */
#ifndef NB_SERVE_WORKER_LOG_H
#define NB_SERVE_WORKER_LOG_H

#include "proc/lines.h"

enum {
    NB_WORKER_TAIL = 20,        /* lines of stderr */
    NB_WORKER_LINE = 4096,      /* longer lines come in pieces */
    NB_WORKER_LINES_BURST = 500 /* lines passed on at once; then NB_WORKER_LINES_RATE a second */
};
enum { NB_WORKER_LINES_RATE = 100 };

typedef struct nb_worker_log {
    nb_spawn to; /* where nb_lines gives its pieces */
    nb_lines lines[2];
    nb_buf tail[NB_WORKER_TAIL]; /* a ring */
    size_t tail_count;           /* lines ever */
    int64_t now_us, refilled_us;
    unsigned room;   /* lines that may be passed on now */
    uint64_t unsaid; /* lines that were not */
    void (*pass)(void *ctx, nb_str line);
    void *ctx;
} nb_worker_log;

/* Stays where it is: its parts point to each other. */
void nb_worker_log_init(nb_worker_log *log, void (*pass)(void *ctx, nb_str line), void *ctx,
                        int64_t now_us);
void nb_worker_log_feed(nb_worker_log *log, nb_stream stream, nb_str bytes, int64_t now_us);
/* Both streams ended: unfinished lines are lines, and what was left out is told. */
void nb_worker_log_end(nb_worker_log *log);
/* The last lines of stderr, each with its '\n'. */
void nb_worker_log_tail(const nb_worker_log *log, nb_buf *out);
void nb_worker_log_release(nb_worker_log *log);

#endif
