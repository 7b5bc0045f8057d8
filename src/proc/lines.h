/* lines.h - cuts a stream of bytes into lines for nb_runner: whole ones when they come in time, pieces otherwise. */
#ifndef NB_LINES_H
#define NB_LINES_H

#include "proc/runner.h"

enum { NB_LINE_PATIENCE_MS = 200 }; /* how long an unfinished line is held back */

typedef struct nb_lines {
    nb_stream stream;
    size_t limit;
    int64_t since_ms; /* when the first byte of `open` came */
    bool midline;     /* a piece of the current line was passed on already */
    nb_buf open;      /* the unfinished line */
} nb_lines;

void nb_lines_init(nb_lines *lines, nb_stream stream, size_t limit);
void nb_lines_feed(nb_lines *lines, nb_str bytes, int64_t now_ms, const nb_spawn *to);
/* Passes an unfinished line on when it has waited long enough. */
void nb_lines_tick(nb_lines *lines, int64_t now_ms, const nb_spawn *to);
/* When nb_lines_tick has work next; INT64_MAX when it has none. */
int64_t nb_lines_due(const nb_lines *lines);
/* The stream ended. */
void nb_lines_end(nb_lines *lines, const nb_spawn *to);
void nb_lines_release(nb_lines *lines);

#endif
