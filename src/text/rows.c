#include "text/rows_parts.h"

#include "base/heap.h"
#include "text/utf8.h"

#include <errno.h>
#include <stdarg.h>

enum { READ_SIZE = 64 * 1024 };

/* --- forms ---------------------------------------------------------------------------------------- */

static const struct {
    nb_str suffix;
    nb_rows_form form;
} suffixes[] = {
    {NB_STR_ROW(".csv"),    NB_ROWS_CSV       },
    {NB_STR_ROW(".json"),   NB_ROWS_JSON      },
    {NB_STR_ROW(".jsonl"),  NB_ROWS_JSON_LINES},
    {NB_STR_ROW(".ndjson"), NB_ROWS_JSON_LINES},
    {NB_STR_ROW(".npy"),    NB_ROWS_NPY       },
};

bool nb_rows_form_of(nb_str path, nb_rows_form *out)
{
    for (size_t i = 0; i < NB_LEN(suffixes); i++) {
        nb_str suffix = suffixes[i].suffix;
        if (path.len < suffix.len ||
            !nb_str_eq_nocase(nb_str_from_at(path, path.len - suffix.len), suffix))
            continue;
        *out = suffixes[i].form;
        return true;
    }
    return false;
}

nb_str nb_rows_content_type(nb_rows_form form)
{
    switch (form) {
    case NB_ROWS_CSV: return NB_STR("text/csv");
    case NB_ROWS_JSON:
    case NB_ROWS_JSON_LINES: return NB_STR("application/json");
    case NB_ROWS_NPY: return NB_STR("application/x-npy");
    }
    return NB_STR("");
}

/* --- bytes ---------------------------------------------------------------------------------------- */

/* Makes room behind `end`: what is before the mark goes, and the window grows when that is not enough. */
static void make_room(nb_rows *rows)
{
    if (rows->mark > 0) {
        memmove(rows->window, rows->window + rows->mark, rows->end - rows->mark);
        rows->passed += rows->mark;
        rows->at -= rows->mark;
        rows->end -= rows->mark;
        rows->mark = 0;
    }
    if (rows->size - rows->end >= READ_SIZE)
        return;
    rows->size = rows->size * 2 + READ_SIZE;
    rows->window = nb_heap_grow(rows->window, rows->size, 1);
}

static void read_more(nb_rows *rows)
{
    if (rows->ended)
        return;
    if (rows->end - rows->mark > NB_ROWS_LONGEST) { /* nb_rows_check() tells */
        rows->ended = true;
        return;
    }
    make_room(rows);
    ssize_t got = rows->source.read(rows->source.ctx, rows->window + rows->end, READ_SIZE);
    rows->why = got < 0 ? errno : 0;
    rows->ended = got <= 0;
    rows->end += got > 0 ? (size_t)got : 0;
}

int nb_rows_peek(nb_rows *rows)
{
    if (rows->at == rows->end)
        read_more(rows);
    return rows->at < rows->end ? (unsigned char)rows->window[rows->at] : NB_ROWS_END;
}

void nb_rows_step(nb_rows *rows)
{
    unsigned char byte = (unsigned char)rows->window[rows->at++];
    if (byte == '\n') {
        rows->line++;
        rows->column = 1;
    } else if ((byte & 0xC0) != 0x80) {
        rows->column++;
    }
}

size_t nb_rows_have(nb_rows *rows, size_t wanted)
{
    while (rows->end - rows->at < wanted && !rows->ended)
        read_more(rows);
    return rows->end - rows->at;
}

uint64_t nb_rows_position(const nb_rows *rows)
{
    return rows->passed + rows->at;
}

/* --- rows ----------------------------------------------------------------------------------------- */

void nb_rows_begin(nb_rows *rows, nb_row *row)
{
    rows->mark = rows->at;
    *row = (nb_row){.line = rows->line, .column = rows->column};
}

nb_str nb_rows_marked(const nb_rows *rows)
{
    return (nb_str){rows->window + rows->mark, rows->at - rows->mark};
}

nb_code nb_rows_check(const nb_rows *rows, nb_error *err)
{
    if (rows->why != 0) {
        errno = rows->why;
        return nb_fail_errno(err, "cannot read '" NB_STR_FMT "'", NB_STR_ARG(rows->source.path));
    }
    if (rows->end - rows->mark > NB_ROWS_LONGEST)
        return nb_rows_fail(rows, rows->line, rows->column, err,
                            "a row is longer than %d MiB: is a quote or bracket left open?",
                            NB_ROWS_LONGEST >> 20);
    return NB_OK;
}

nb_code nb_rows_end(nb_rows *rows, nb_row *row, nb_error *err)
{
    row->len = rows->at - rows->mark;
    return nb_rows_check(rows, err);
}

void nb_rows_add(nb_rows *rows, nb_row row)
{
    nb_rows_piece *piece = rows->piece;
    nb_str text = nb_str_slice(nb_rows_marked(rows), 0, row.len);
    if (piece->count == piece->cap) {
        piece->cap = piece->cap * 2 + 64;
        piece->rows = nb_heap_grow(piece->rows, piece->cap, sizeof *piece->rows);
    }
    row.at = piece->bytes.len;
    nb_buf_put(&piece->bytes, text);
    piece->rows[piece->count++] = row;
    rows->count++;
}

void nb_rows_add_problem(nb_rows *rows, nb_row row, const char *fmt, ...)
{
    char text[NB_ROWS_PROBLEM];
    nb_buf *problems = &rows->piece->problems;
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (problems->len == 0)
        nb_buf_putc(problems, '\0');
    row.problem = problems->len;
    nb_buf_put(problems, (nb_str){text, strlen(text) + 1});
    nb_rows_add(rows, row);
}

const char *nb_rows_text_problem(nb_str text)
{
    if (nb_str_find_char(text, '\0') >= 0)
        return "it holds a NUL byte: this is no UTF-8 text";
    if (nb_str_starts(text, NB_STR("\xEF\xBB\xBF")))
        return "it begins with a byte-order mark, as only a file may";
    return nb_utf8_valid(text) < text.len ? "it is not UTF-8" : NULL;
}

nb_code nb_rows_fail(const nb_rows *rows, uint64_t line, uint64_t column, nb_error *err,
                     const char *fmt, ...)
{
    NB_AUTO(nb_arena) scratch = NB_ARENA_INIT;
    va_list args;
    va_start(args, fmt);
    nb_str text = nb_arena_vprintf(&scratch, fmt, args);
    va_end(args);
    (void)nb_fail(err, NB_ERR_USAGE, NB_STR_FMT, NB_STR_ARG(text));
    nb_error_at(err, (nb_place){.path = rows->source.path,
                                .line = line < UINT32_MAX ? (unsigned)line : 0,
                                .column = column < UINT32_MAX ? (unsigned)column : 0});
    return nb_wrap(err, "cannot read rows of '" NB_STR_FMT "'", NB_STR_ARG(rows->source.path));
}

/* --- pieces --------------------------------------------------------------------------------------- */

static void skip_mark(nb_rows *rows)
{
    if (nb_rows_have(rows, 3) >= 3 && memcmp(rows->window + rows->at, "\xEF\xBB\xBF", 3) == 0)
        rows->at += 3;
    rows->mark = rows->at;
}

static nb_code open_form(nb_rows *rows, nb_error *err)
{
    switch (rows->frame.form) {
    case NB_ROWS_CSV:
    case NB_ROWS_JSON_LINES: skip_mark(rows); return nb_rows_check(rows, err);
    case NB_ROWS_JSON: skip_mark(rows); return nb_rows_json_open(rows, err);
    case NB_ROWS_NPY: return nb_rows_npy_open(rows, err);
    }
    return NB_OK;
}

static ssize_t read_view(void *view_, char *into, size_t size)
{
    nb_str *view = view_;
    size_t take = view->len < size ? view->len : size;
    if (take > 0)
        memcpy(into, view->at, take);
    *view = nb_str_from_at(*view, take);
    return (ssize_t)take;
}

nb_rows_source nb_rows_in_memory(nb_str *view, nb_str path)
{
    return (nb_rows_source){read_view, view, path};
}

nb_code nb_rows_open(const nb_rows_source *source, nb_rows_form form, nb_rows **out, nb_error *err)
{
    nb_rows *rows = NB_HEAP_NEW(nb_rows);
    *rows = (nb_rows){.source = *source, .line = 1, .column = 1};
    rows->source.path = nb_arena_str(&rows->arena, source->path);
    rows->frame = (nb_rows_frame){.form = form, .key = NB_STR("instances")};
    if (open_form(rows, err) != NB_OK) {
        nb_rows_close(rows);
        return err->code;
    }
    *out = rows;
    return NB_OK;
}

void nb_rows_close(nb_rows *rows)
{
    if (!rows)
        return;
    nb_arena_release(&rows->arena);
    free(rows->window);
    free(rows);
}

static nb_code next_row(nb_rows *rows, bool *more, nb_error *err)
{
    switch (rows->frame.form) {
    case NB_ROWS_CSV: return nb_rows_csv_next(rows, more, err);
    case NB_ROWS_JSON: return nb_rows_json_next(rows, more, err);
    case NB_ROWS_JSON_LINES: return nb_rows_json_lines_next(rows, more, err);
    case NB_ROWS_NPY: return nb_rows_npy_next(rows, more, err);
    }
    return NB_OK;
}

nb_code nb_rows_next(nb_rows *rows, size_t max_rows, size_t max_bytes, nb_rows_piece *piece,
                     nb_error *err)
{
    bool more = true;
    nb_buf_clear(&piece->bytes);
    nb_buf_clear(&piece->problems);
    piece->bytes.limit = piece->problems.limit = SIZE_MAX;
    piece->count = 0;
    piece->first = rows->count + 1;
    rows->piece = piece;
    while (more && piece->count < max_rows && piece->bytes.len < max_bytes)
        if (next_row(rows, &more, err) != NB_OK)
            return err->code;
    return NB_OK;
}

void nb_rows_piece_release(nb_rows_piece *piece)
{
    nb_buf_release(&piece->bytes);
    nb_buf_release(&piece->problems);
    free(piece->rows);
    *piece = (nb_rows_piece){0};
}

nb_str nb_row_text(const nb_rows_piece *piece, size_t row)
{
    return (nb_str){piece->bytes.at + piece->rows[row].at, piece->rows[row].len};
}

const char *nb_row_problem(const nb_rows_piece *piece, size_t row)
{
    size_t at = piece->rows[row].problem;
    return at > 0 ? piece->problems.at + at : NULL;
}

/* --- bodies --------------------------------------------------------------------------------------- */

nb_rows_frame nb_rows_frame_of(const nb_rows *rows)
{
    return rows->frame;
}

static size_t put_rows(const nb_rows_piece *piece, size_t from, size_t count, const char *between,
                       nb_buf *out)
{
    size_t put = 0;
    for (size_t i = from; i < from + count; i++) {
        if (piece->rows[i].problem > 0)
            continue;
        if (put++ > 0)
            nb_buf_putz(out, between);
        nb_buf_put(out, nb_row_text(piece, i));
    }
    return put;
}

static size_t count_sound(const nb_rows_piece *piece, size_t from, size_t count)
{
    size_t sound = 0;
    for (size_t i = from; i < from + count; i++)
        sound += piece->rows[i].problem == 0;
    return sound;
}

void nb_rows_body(const nb_rows_frame *frame, const nb_rows_piece *piece, size_t from, size_t count,
                  nb_buf *out)
{
    switch (frame->form) {
    case NB_ROWS_CSV:
        if (frame->header.len > 0)
            nb_buf_printf(out, NB_STR_FMT "\n", NB_STR_ARG(frame->header));
        (void)put_rows(piece, from, count, "\n", out);
        nb_buf_putc(out, '\n');
        return;
    case NB_ROWS_JSON:
    case NB_ROWS_JSON_LINES:
        nb_buf_printf(out, "{\"" NB_STR_FMT "\": [", NB_STR_ARG(frame->key));
        (void)put_rows(piece, from, count, ", ", out);
        nb_buf_putz(out, "]}");
        return;
    case NB_ROWS_NPY:
        nb_rows_npy_head(frame, count_sound(piece, from, count), out);
        (void)put_rows(piece, from, count, "", out);
        return;
    }
}
