/* The CSV side of capture_redact.h: RFC 4180, strictly. Cells that are kept stay as they are written. */
#include "serve/capture/capture_redact.h"

typedef struct cell {
    nb_str raw, text;
} cell;

typedef struct record {
    NB_VEC(cell) cells;
    nb_str end; /* "\n", "\r\n", or nothing at the end of the text */
} record;

typedef struct reader {
    nb_arena *arena;
    nb_str text;
    size_t at;
    bool wrong; /* programs could read this differently */
} reader;

static bool is_at_end_of_cell(const reader *r, size_t at)
{
    if (at == r->text.len || r->text.at[at] == ',' || r->text.at[at] == '\n')
        return true;
    return r->text.at[at] == '\r' && at + 1 < r->text.len && r->text.at[at + 1] == '\n';
}

static nb_str without_doubles(nb_arena *arena, nb_str text)
{
    char *out = nb_arena_alloc(arena, text.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        out[len++] = text.at[i];
        i += text.at[i] == '"';
    }
    return (nb_str){out, len};
}

static cell read_quoted(reader *r)
{
    size_t start = r->at, at = start + 1;
    while (at < r->text.len &&
           (r->text.at[at] != '"' || (at + 1 < r->text.len && r->text.at[at + 1] == '"')))
        at += r->text.at[at] == '"' ? 2 : 1;
    r->wrong |= at >= r->text.len || !is_at_end_of_cell(r, at + 1);
    if (r->wrong)
        return (cell){0};
    r->at = at + 1;
    return (cell){nb_str_slice(r->text, start, r->at),
                  without_doubles(r->arena, nb_str_slice(r->text, start + 1, at))};
}

static cell read_plain(reader *r)
{
    size_t start = r->at;
    while (!is_at_end_of_cell(r, r->at)) {
        char c = r->text.at[r->at++];
        r->wrong |= c == '"' || c == '\r' || c == '\0';
    }
    nb_str raw = nb_str_slice(r->text, start, r->at);
    return (cell){raw, raw};
}

/* False at the end of the text. An empty line is a record without cells. */
static bool next_record(reader *r, record *out)
{
    *out = (record){0};
    if (r->at == r->text.len || r->wrong)
        return false;
    bool is_empty = is_at_end_of_cell(r, r->at) && r->text.at[r->at] != ',';
    while (!is_empty && !r->wrong) {
        bool quoted = r->at < r->text.len && r->text.at[r->at] == '"';
        cell one = quoted ? read_quoted(r) : read_plain(r);
        nb_vec_push(r->arena, &out->cells, one);
        if (r->wrong || r->at == r->text.len || r->text.at[r->at] != ',')
            break;
        r->at++;
    }
    size_t start = r->at;
    if (r->at < r->text.len)
        r->at += r->text.at[r->at] == '\r' ? 2 : 1;
    out->end = nb_str_slice(r->text, start, r->at);
    return !r->wrong;
}

/* --- columns ------------------------------------------------------------------------------------------------------- */

typedef struct table {
    nb_arena *arena;
    const nb_redaction *what;
    nb_removed *removed;
    const nb_removed *checked;
    nb_names columns;
    nb_buf *out;
} table;

static bool put_record(table *t, const record *row, bool is_header)
{
    if (row->cells.count > 0 && t->columns.count > 0 && row->cells.count != t->columns.count)
        return false;
    for (size_t i = 0; i < row->cells.count; i++) {
        const cell *c = &row->cells.at[i];
        if (i > 0)
            nb_buf_putc(t->out, ',');
        if (!is_header && i < t->columns.count && nb_redact_is_secret(t->what, t->columns.at[i])) {
            if (t->removed && c->text.len > 0)
                nb_vec_push(t->arena, &t->removed->texts, c->text);
            continue;
        }
        if (!is_header && nb_redact_is_secret(t->what, c->text))
            return false; /* a second header, or something else that nobody understands */
        if (t->checked && nb_redact_reveals(t->checked, c->text))
            return false;
        nb_buf_put(t->out, c->raw);
    }
    nb_buf_put(t->out, row->end);
    return true;
}

static bool put_rest(table *t, reader *r)
{
    record row;
    while (next_record(r, &row))
        if (!put_record(t, &row, false))
            return false;
    return !r->wrong;
}

typedef struct first_row {
    bool all_columns, any_secret;
} first_row;

static first_row look_at(const nb_redaction *what, const record *row)
{
    first_row out = {.all_columns = row->cells.count > 0 && what->schema.count > 0};
    for (size_t i = 0; i < row->cells.count; i++) {
        out.all_columns &= nb_redact_is_column(what, row->cells.at[i].text);
        out.any_secret |= nb_redact_is_secret(what, row->cells.at[i].text);
    }
    return out;
}

static nb_names names_of(nb_arena *arena, const record *row)
{
    nb_str *names = NB_NEW_ARRAY(arena, nb_str, row->cells.count);
    for (size_t i = 0; i < row->cells.count; i++)
        names[i] = row->cells.at[i].text;
    return (nb_names){names, row->cells.count};
}

static nb_str without_mark(nb_str text)
{
    return nb_str_starts(text, NB_STR("\xef\xbb\xbf")) ? nb_str_from_at(text, 3) : text;
}

bool nb_redact_csv(nb_arena *arena, const nb_redaction *what, nb_str body, nb_removed *removed,
                   nb_buf *out)
{
    reader r = {.arena = arena, .text = without_mark(body)};
    table t = {.arena = arena, .what = what, .removed = removed, .out = out};
    record first;
    if (!next_record(&r, &first) || first.cells.count == 0)
        return false;
    first_row is = look_at(what, &first);
    bool fits = first.cells.count == what->schema.count;
    bool is_header = is.all_columns || (is.any_secret && !fits);
    if (!is_header && (is.any_secret || !fits))
        return false;
    t.columns = is_header ? names_of(arena, &first) : what->schema;
    return put_record(&t, &first, is_header) && put_rest(&t, &r);
}

bool nb_redact_csv_output(nb_arena *arena, const nb_redaction *what, nb_str body,
                          const nb_removed *removed, nb_buf *out)
{
    reader r = {.arena = arena, .text = without_mark(body)};
    table t = {.arena = arena, .what = what, .checked = removed, .out = out};
    record first;
    if (!next_record(&r, &first))
        return !r.wrong;
    bool is_header = look_at(what, &first).any_secret;
    if (is_header)
        t.columns = names_of(arena, &first);
    return put_record(&t, &first, is_header) && put_rest(&t, &r);
}
