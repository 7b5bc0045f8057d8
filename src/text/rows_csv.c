#include "text/rows_parts.h"

/* Where in a field the bytes of a row have led. */
typedef enum state {
    AT_START,
    PLAIN,
    QUOTED,
    AFTER_QUOTE, /* in a quoted field: its end, or the first half of a doubled quote */
    DONE
} state;

static state after_plain(int byte, size_t *fields)
{
    if (byte == '\n' || byte == '\r' || byte == NB_ROWS_END)
        return DONE;
    if (byte != ',')
        return PLAIN;
    (*fields)++;
    return AT_START;
}

static state advance(state now, int byte, size_t *fields)
{
    switch (now) {
    case AT_START: return byte == '"' ? QUOTED : after_plain(byte, fields);
    case PLAIN: return after_plain(byte, fields);
    case QUOTED: return byte == '"' ? AFTER_QUOTE : byte == NB_ROWS_END ? DONE : QUOTED;
    case AFTER_QUOTE: return byte == '"' ? QUOTED : after_plain(byte, fields);
    case DONE: break;
    }
    return DONE;
}

/* LF, CRLF or CR. */
static void pass_line_end(nb_rows *rows)
{
    bool cr = nb_rows_peek(rows) == '\r';
    if (cr)
        nb_rows_step(rows);
    if (nb_rows_peek(rows) == '\n') {
        nb_rows_step(rows);
    } else if (cr) {
        rows->line++;
        rows->column = 1;
    }
}

static void add(nb_rows *rows, nb_row row, size_t fields)
{
    const char *problem = nb_rows_text_problem(nb_str_slice(nb_rows_marked(rows), 0, row.len));
    if (problem) {
        nb_rows_add_problem(rows, row, "%s", problem);
        return;
    }
    if (rows->fields == 0)
        rows->fields = fields;
    if (fields == rows->fields)
        nb_rows_add(rows, row);
    else
        nb_rows_add_problem(rows, row, "it has %zu field%s, the first line has %zu", fields,
                            fields == 1 ? "" : "s", rows->fields);
}

nb_code nb_rows_csv_next(nb_rows *rows, bool *more, nb_error *err)
{
    nb_row row;
    size_t fields = 1;
    state now = AT_START;
    bool quoted = false;
    do {
        rows->mark = rows->at;
        pass_line_end(rows);
        nb_rows_begin(rows, &row);
    } while (nb_rows_peek(rows) == '\n' || nb_rows_peek(rows) == '\r');
    while (now != DONE) {
        int byte = nb_rows_peek(rows);
        quoted = now == QUOTED;
        now = advance(now, byte, &fields);
        if (now != DONE)
            nb_rows_step(rows);
    }
    if (nb_rows_end(rows, &row, err) != NB_OK)
        return err->code;
    if (quoted)
        return nb_rows_fail(rows, row.line, row.column, err,
                            "a quoted field of this row does not end");
    *more = row.len > 0;
    if (*more)
        add(rows, row, fields);
    return NB_OK;
}

/* --- fields --------------------------------------------------------------------------------------- */

static nb_str undouble(nb_arena *arena, nb_str text)
{
    char *to = nb_arena_alloc(arena, text.len);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        to[len++] = text.at[i];
        if (text.at[i] == '"' && i + 1 < text.len && text.at[i + 1] == '"')
            i++;
    }
    return (nb_str){to, len};
}

/* A field that begins with a quote: up to its end, with whatever is behind that before the comma. */
static nb_str quoted_field(nb_arena *arena, nb_str text, size_t *passed)
{
    size_t end = 1, after;
    while (end < text.len &&
           (text.at[end] != '"' || (end + 1 < text.len && text.at[end + 1] == '"')))
        end += text.at[end] == '"' ? 2 : 1;
    if (end > text.len)
        end = text.len;
    nb_str inside = nb_str_slice(text, 1, end);
    after = end < text.len ? end + 1 : end;
    ptrdiff_t comma = nb_str_find_char(nb_str_from_at(text, after), ',');
    *passed = comma < 0 ? text.len : after + (size_t)comma;
    if (nb_str_find_char(inside, '"') >= 0)
        inside = undouble(arena, inside);
    nb_str rest = nb_str_slice(text, after, *passed);
    return rest.len > 0 ? nb_str_concat(arena, inside, rest) : inside;
}

bool nb_csv_field(nb_arena *arena, nb_str *rest, nb_str *field)
{
    nb_str text = *rest;
    size_t passed = text.len;
    if (!text.at)
        return false;
    if (text.len > 0 && text.at[0] == '"') {
        *field = quoted_field(arena, text, &passed);
    } else {
        ptrdiff_t comma = nb_str_find_char(text, ',');
        passed = comma < 0 ? text.len : (size_t)comma;
        *field = nb_str_slice(text, 0, passed);
    }
    *rest = passed < text.len ? nb_str_from_at(text, passed + 1) : (nb_str){0};
    return true;
}

void nb_csv_put(nb_buf *out, nb_str field)
{
    bool plain = true;
    for (size_t i = 0; plain && i < field.len; i++)
        plain = !strchr(",\"\r\n", field.at[i]) || field.at[i] == '\0';
    if (plain && (field.len == 0 || (field.at[0] != ' ' && field.at[field.len - 1] != ' '))) {
        nb_buf_put(out, field);
        return;
    }
    nb_buf_putc(out, '"');
    for (size_t i = 0; i < field.len; i++) {
        if (field.at[i] == '"')
            nb_buf_putc(out, '"');
        nb_buf_putc(out, field.at[i]);
    }
    nb_buf_putc(out, '"');
}
