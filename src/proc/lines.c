#include "proc/lines.h"

enum { LINE_LIMIT = 64 * 1024 };

void nb_lines_init(nb_lines *lines, nb_stream stream, size_t limit)
{
    *lines = (nb_lines){.stream = stream, .limit = limit ? limit : LINE_LIMIT};
    lines->open = NB_BUF_INIT(lines->limit + 1);
}

static void pass_on(nb_lines *lines, nb_str text, bool ended, const nb_spawn *to)
{
    lines->midline = !ended;
    if (to->on_output)
        to->on_output(to->ctx, &(nb_output){lines->stream, text, ended});
}

/* Gives away what is held back; the view stays valid during the call. */
static void flush(nb_lines *lines, bool ended, const nb_spawn *to)
{
    pass_on(lines, nb_buf_view(&lines->open), ended, to);
    nb_buf_clear(&lines->open);
}

/* Adds bytes without a line end, in pieces of at most `limit`. */
static void add(nb_lines *lines, nb_str bytes, int64_t now_ms, const nb_spawn *to)
{
    while (bytes.len > 0) {
        if (lines->open.len == lines->limit)
            flush(lines, false, to);
        if (lines->open.len == 0)
            lines->since_ms = now_ms;
        nb_str head = nb_str_slice(bytes, 0, lines->limit - lines->open.len);
        nb_buf_put(&lines->open, head);
        bytes = nb_str_from_at(bytes, head.len);
    }
}

void nb_lines_feed(nb_lines *lines, nb_str bytes, int64_t now_ms, const nb_spawn *to)
{
    while (bytes.len > 0) {
        ptrdiff_t newline = nb_str_find_char(bytes, '\n');
        if (newline < 0) {
            add(lines, bytes, now_ms, to);
            return;
        }
        nb_str line = nb_str_slice(bytes, 0, (size_t)newline);
        bytes = nb_str_from_at(bytes, (size_t)newline + 1);
        if (lines->open.len == 0 && line.len <= lines->limit) {
            pass_on(lines, line, true, to);
            continue;
        }
        add(lines, line, now_ms, to);
        flush(lines, true, to);
    }
}

void nb_lines_tick(nb_lines *lines, int64_t now_ms, const nb_spawn *to)
{
    if (nb_lines_due(lines) <= now_ms)
        flush(lines, false, to);
}

int64_t nb_lines_due(const nb_lines *lines)
{
    return lines->open.len > 0 ? lines->since_ms + NB_LINE_PATIENCE_MS : INT64_MAX;
}

void nb_lines_end(nb_lines *lines, const nb_spawn *to)
{
    if (lines->open.len > 0 || lines->midline)
        flush(lines, true, to);
}

void nb_lines_release(nb_lines *lines)
{
    nb_buf_release(&lines->open);
}
