#include "cli/predict_print.h"

#include "cli/answer_rows.h"
#include "cli/term.h"
#include "text/json.h"
#include "text/rows.h"

#include <math.h>

const char *const nb_predict_formats[] = {"json", "csv", "table", "jsonl", NULL};

bool nb_predict_format_of(nb_str path, nb_predict_format *out)
{
    nb_rows_form form;
    if (!nb_rows_form_of(path, &form) || form == NB_ROWS_NPY)
        return false;
    *out = form == NB_ROWS_CSV    ? NB_PREDICT_CSV
           : form == NB_ROWS_JSON ? NB_PREDICT_JSON
                                  : NB_PREDICT_JSON_LINES;
    return true;
}

/* --- JSON ----------------------------------------------------------------------------------------- */

static bool is_flat(const nb_json *value)
{
    for (const nb_json *each = value->child; each; each = each->next)
        if (each->child)
            return false;
    return true;
}

static bool is_container(const nb_json *value)
{
    return value->kind == NB_JSON_ARRAY || value->kind == NB_JSON_OBJECT;
}

/* Arrays and objects of plain values stay on one line. */
static void put_json(nb_json_writer *w, nb_json_writer *flat, const nb_json *value)
{
    if (w->indent > 0 && is_container(value) && is_flat(value)) {
        NB_AUTO(nb_buf) line = NB_BUF_INIT(NB_BUF_TEXT);
        *flat = NB_JSON_WRITER(&line, 0);
        put_json(flat, flat, value);
        nb_json_put_raw(w, nb_buf_view(&line));
        return;
    }
    switch (value->kind) {
    case NB_JSON_OBJECT: nb_json_begin_object(w); break;
    case NB_JSON_ARRAY: nb_json_begin_array(w); break;
    case NB_JSON_STRING: nb_json_put_str(w, value->text); return;
    case NB_JSON_NUMBER: nb_json_put_raw(w, value->text); return;
    case NB_JSON_TRUE:
    case NB_JSON_FALSE: nb_json_put_bool(w, value->kind == NB_JSON_TRUE); return;
    case NB_JSON_NULL:
    case NB_JSON_END: nb_json_put_null(w); return;
    }
    for (const nb_json *each = value->child; each; each = each->next) {
        if (value->kind == NB_JSON_OBJECT)
            nb_json_key(w, each->key);
        put_json(w, flat, each);
    }
    if (value->kind == NB_JSON_OBJECT)
        nb_json_end_object(w);
    else
        nb_json_end_array(w);
}

/* Whatever the body is, to a file; to a person, what can be shown of it. */
static void put_body(const nb_predict_view *view, nb_str body, nb_buf *out)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* what is no JSON is shown as it is */
    const nb_json *json = NULL;
    nb_json_writer w = NB_JSON_WRITER(out, 2), flat = w;
    if (view->terminal &&
        nb_json_parse(&arena, body, NB_STR("answer"), NB_JSON_NOTEBOOK, &json, &ignored) == NB_OK)
        put_json(&w, &flat, json);
    else
        nb_buf_put(out, body);
    if (out->len > 0 && out->at[out->len - 1] != '\n')
        nb_buf_putc(out, '\n');
}

/* --- CSV, JSON lines ------------------------------------------------------------------------------ */

static nb_code fail_shape(size_t row, nb_error *err)
{
    (void)nb_fail(err, NB_ERR_REMOTE, "prediction %zu has other columns than the first", row + 1);
    nb_error_hint(err, "print it with '--format json'");
    return err->code;
}

static void put_csv_line(const nb_str *cells, size_t count, nb_buf *out)
{
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            nb_buf_putc(out, ',');
        nb_csv_put(out, cells[i]);
    }
    nb_buf_putc(out, '\n');
}

static nb_code put_csv(nb_arena *arena, const nb_answer_rows *all, nb_buf *out, nb_error *err)
{
    const nb_cells_shape shape =
        nb_cells_shape_of(arena, all->count > 0 ? all->rows[0] : NB_STR("0"), "prediction");
    nb_str *cells = NB_NEW_ARRAY(arena, nb_str, shape.count);
    put_csv_line(shape.names, shape.count, out);
    for (size_t i = 0; i < all->count; i++) {
        if (!nb_cells_read(arena, &shape, all->rows[i], cells))
            return fail_shape(i, err);
        put_csv_line(cells, shape.count, out);
    }
    return NB_OK;
}

static void put_lines(nb_arena *arena, const nb_answer_rows *all, nb_buf *out)
{
    for (size_t i = 0; i < all->count; i++) {
        nb_buf_put(out, nb_json_one_line(arena, all->rows[i]));
        nb_buf_putc(out, '\n');
    }
}

/* --- a table -------------------------------------------------------------------------------------- */

typedef struct column {
    bool numbers;
    size_t before, after; /* columns before and from the decimal point on */
    size_t width;
} column;

static bool is_number(nb_str cell)
{
    NB_AUTO(nb_arena) scratch = NB_ARENA_INIT;
    char *end = NULL;
    if (cell.len == 0 || !strchr("-0123456789", cell.at[0]))
        return false;
    const char *z = nb_arena_z(&scratch, cell);
    (void)strtod(z, &end);
    return *end == '\0';
}

/* Six digits are enough to look at; whole numbers are names as often as not, and stay. */
static nb_str rounded(nb_arena *arena, nb_str cell)
{
    if (cell.len <= 8 || !is_number(cell) ||
        (nb_str_find_char(cell, '.') < 0 && nb_str_find_char(cell, 'e') < 0))
        return cell;
    double value = strtod(nb_arena_z(arena, cell), NULL);
    return isfinite(value) ? nb_arena_printf(arena, "%.6g", value) : cell;
}

static size_t point_of(nb_str cell)
{
    size_t point = 0;
    while (point < cell.len && !strchr(".eE", cell.at[point]))
        point++;
    return point;
}

static void measure(column *c, nb_str title, const nb_str *cells, size_t stride, size_t count)
{
    *c = (column){.numbers = true, .width = nb_term_width(title)};
    for (size_t i = 0; i < count; i++)
        c->numbers &= cells[i * stride].len == 0 || is_number(cells[i * stride]);
    for (size_t i = 0; i < count; i++) {
        nb_str cell = cells[i * stride];
        size_t point = c->numbers ? point_of(cell) : 0;
        size_t after = c->numbers ? cell.len - point : nb_term_width(cell);
        c->before = point > c->before ? point : c->before;
        c->after = after > c->after ? after : c->after;
    }
    if (c->before + c->after > c->width)
        c->width = c->before + c->after;
}

/* Numbers stand with their points below each other, texts at the left. */
static void put_cell(const column *c, nb_str cell, nb_buf *out)
{
    size_t width = nb_term_width(cell);
    size_t left = 0;
    if (c->numbers)
        left = c->width - c->before - c->after + c->before - point_of(cell);
    nb_buf_repeat(out, ' ', left);
    nb_buf_put(out, cell);
    nb_buf_repeat(out, ' ', left + width < c->width ? c->width - left - width : 0);
}

static void put_title(const column *c, nb_str title, nb_buf *out)
{
    size_t free = c->width - nb_term_width(title);
    nb_buf_repeat(out, ' ', c->numbers ? free : 0);
    nb_buf_put(out, title);
    nb_buf_repeat(out, ' ', c->numbers ? 0 : free);
}

/* Ends the line that began at `start`, cut to the terminal's width. */
static void end_line(const nb_predict_view *view, size_t start, nb_buf *out)
{
    nb_str line = nb_str_rtrim(nb_str_from_at(nb_buf_view(out), start));
    out->len = start + line.len;
    if (view->columns > 1 && nb_term_width(line) > view->columns) {
        out->len = start + nb_term_bytes(line, view->columns - 1);
        nb_buf_putz(out, "\xE2\x80\xA6");
    }
    nb_buf_putc(out, '\n');
}

typedef struct table {
    const nb_cells_shape *shape;
    const nb_str *cells; /* row by row */
    size_t rows;
} table;

static void put_table(nb_arena *arena, const nb_predict_view *view, const table *t, nb_buf *out)
{
    size_t columns = t->shape->count, digits = (size_t)snprintf(NULL, 0, "%zu", t->rows);
    column *list = NB_NEW_ARRAY(arena, column, columns);
    digits = digits < 3 ? 3 : digits;
    for (size_t c = 0; c < columns; c++)
        measure(&list[c], t->shape->names[c], t->cells + c, columns, t->rows);
    size_t start = out->len;
    nb_buf_printf(out, "%*s", (int)digits, "row");
    for (size_t c = 0; c < columns; c++) {
        nb_buf_putz(out, "  ");
        put_title(&list[c], t->shape->names[c], out);
    }
    end_line(view, start, out);
    for (size_t i = 0; i < t->rows; i++) {
        start = out->len;
        nb_buf_printf(out, "%*zu", (int)digits, i + 1);
        for (size_t c = 0; c < columns; c++) {
            nb_buf_putz(out, "  ");
            put_cell(&list[c], t->cells[i * columns + c], out);
        }
        end_line(view, start, out);
    }
}

/* What the terminal would obey is not passed on. */
static nb_str harmless(nb_arena *arena, nb_str cell)
{
    char *z = nb_arena_z(arena, cell);
    for (size_t i = 0; i < cell.len; i++)
        if ((unsigned char)z[i] < ' ' || z[i] == 0x7f)
            z[i] = ' ';
    return (nb_str){z, cell.len};
}

static nb_code print_table(nb_arena *arena, const nb_predict_view *view, const nb_answer_rows *all,
                           nb_buf *out, nb_error *err)
{
    const nb_cells_shape shape =
        nb_cells_shape_of(arena, all->count > 0 ? all->rows[0] : NB_STR("0"), "prediction");
    nb_str *cells = NB_NEW_ARRAY(arena, nb_str, all->count * shape.count);
    for (size_t i = 0; i < all->count; i++) {
        nb_str *row = cells + i * shape.count;
        if (!nb_cells_read(arena, &shape, all->rows[i], row))
            return fail_shape(i, err);
        for (size_t c = 0; c < shape.count; c++)
            row[c] = harmless(arena, rounded(arena, row[c]));
    }
    const table t = {&shape, cells, all->count};
    put_table(arena, view, &t, out);
    return NB_OK;
}

/* --- which ---------------------------------------------------------------------------------------- */

static nb_code fail_no_list(const nb_prediction *answer, nb_error *err)
{
    (void)nb_fail(
        err, NB_ERR_REMOTE, "the answer (" NB_STR_FMT ") holds no list of predictions",
        NB_STR_ARG(answer->content_type.len > 0 ? answer->content_type : NB_STR("of no type")));
    nb_error_hint(err, "print it as it is with '--format json'");
    return err->code;
}

nb_code nb_predict_print(const nb_predict_view *view, const nb_prediction *answer, nb_buf *out,
                         nb_error *err)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_answer_rows all = {0};
    size_t start = out->len;
    bool said = view->format != NB_PREDICT_UNSAID;
    nb_predict_format format = said             ? view->format
                               : view->terminal ? NB_PREDICT_TABLE
                                                : NB_PREDICT_JSON;
    bool found = format != NB_PREDICT_JSON &&
                 nb_answer_rows_read(&arena, answer->content_type, answer->body, &all);
    if (format != NB_PREDICT_JSON && !found && said)
        return fail_no_list(answer, err);
    if (found && format == NB_PREDICT_JSON_LINES) {
        put_lines(&arena, &all, out);
        return NB_OK;
    }
    if (found && format == NB_PREDICT_CSV)
        return put_csv(&arena, &all, out, err);
    if (found && (print_table(&arena, view, &all, out, err) == NB_OK || said))
        return err->code;
    nb_error_release(err); /* nobody asked for a table */
    out->len = start;
    put_body(view, answer->body, out);
    return NB_OK;
}
