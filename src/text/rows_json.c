#include "text/json.h"
#include "text/rows_parts.h"

/* Python's json reads NaN and Infinity; whether a model takes them is its own matter. */
enum { DIALECT = NB_JSON_NAN | NB_JSON_SURROGATES | NB_JSON_STRICT_SKIP, LONGEST_KEY = 64 };

static int pass_blanks(nb_rows *rows)
{
    int byte = nb_rows_peek(rows);
    while (byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n') {
        nb_rows_step(rows);
        rows->mark = rows->at;
        byte = nb_rows_peek(rows);
    }
    return byte;
}

static nb_code fail_here(nb_rows *rows, const char *what, nb_error *err)
{
    return nb_rows_check(rows, err) != NB_OK
               ? err->code
               : nb_rows_fail(rows, rows->line, rows->column, err, "%s", what);
}

/* --- one value ------------------------------------------------------------------------------------ */

/* What is wrong with the value in the window, placed in the file; it was cut out by its brackets and quotes alone. */
static bool find_problem(const nb_rows *rows, const nb_row *row, nb_row *at, const char **what)
{
    nb_json_reader r;
    unsigned line = 0, column = 0;
    nb_json_open(&r, nb_str_slice(nb_rows_marked(rows), 0, row->len), rows->source.path, DIALECT);
    nb_json_skip(&r, NULL);
    if (!r.bad) {
        (void)nb_json_peek(&r);
        if (r.at < r.text.len)
            nb_json_refuse(&r, "expected nothing after the end of the value");
    }
    if (!r.bad)
        return false;
    nb_json_place(&r, r.bad_at, &line, &column);
    at->line = row->line + line - 1;
    at->column = line == 1 ? row->column + column - 1 : column;
    *what = r.bad_what;
    return true;
}

static void pass_string(nb_rows *rows)
{
    bool escaped = false;
    nb_rows_step(rows);
    for (int byte = nb_rows_peek(rows); byte != NB_ROWS_END; byte = nb_rows_peek(rows)) {
        nb_rows_step(rows);
        if (byte == '"' && !escaped)
            return;
        escaped = byte == '\\' && !escaped;
    }
}

/* Up to the comma or bracket that ends the value, without looking at more than brackets and quotes. */
static void pass_value(nb_rows *rows)
{
    size_t depth = 0;
    for (int byte = nb_rows_peek(rows); byte != NB_ROWS_END; byte = nb_rows_peek(rows)) {
        if (byte == '"') {
            pass_string(rows);
            continue;
        }
        bool closes = byte == ']' || byte == '}';
        if (depth == 0 && (closes || byte == ','))
            return;
        depth += byte == '[' || byte == '{' ? 1 : 0;
        depth -= closes ? 1 : 0;
        nb_rows_step(rows);
    }
}

/* --- an array ------------------------------------------------------------------------------------- */

static nb_code open_object(nb_rows *rows, nb_error *err)
{
    static const char *const keys[] = {"instances", "inputs", "data", "dataframe_records"};
    nb_rows_step(rows);
    if (pass_blanks(rows) != '"')
        return fail_here(rows, "expected the name of a member", err);
    nb_row name;
    nb_rows_begin(rows, &name);
    pass_string(rows);
    nb_str key = nb_rows_marked(rows);
    key = key.len > 1 ? nb_str_slice(key, 1, key.len - 1) : NB_STR("");
    size_t i = 0;
    while (i < NB_LEN(keys) && !nb_str_eqz(key, keys[i]))
        i++;
    if (i == NB_LEN(keys)) {
        (void)nb_rows_fail(rows, name.line, name.column, err,
                           "the object's first member is '" NB_STR_FMT "', which holds no rows",
                           NB_STR_ARG(nb_str_slice(key, 0, LONGEST_KEY)));
        nb_error_hint(err, "write the rows as an array, as {\"instances\": [...]} or one a line");
        return err->code;
    }
    rows->frame.key = nb_str_from(keys[i]);
    rows->in_object = true;
    if (pass_blanks(rows) != ':')
        return fail_here(rows, "expected ':'", err);
    nb_rows_step(rows);
    return NB_OK;
}

nb_code nb_rows_json_open(nb_rows *rows, nb_error *err)
{
    if (pass_blanks(rows) == '{' && open_object(rows, err) != NB_OK)
        return err->code;
    if (pass_blanks(rows) != '[')
        return fail_here(rows, "expected '[': an array of rows", err);
    nb_rows_step(rows);
    return NB_OK;
}

/* Behind the array: the object's end where there is one, and nothing more. */
static nb_code close_document(nb_rows *rows, nb_error *err)
{
    rows->closed = true;
    nb_rows_step(rows);
    int byte = pass_blanks(rows);
    if (rows->in_object && byte == ',') {
        (void)fail_here(rows, "the object has another member beside the rows", err);
        nb_error_hint(err, "leave it out, or send the file whole with '--data @FILE'");
        return err->code;
    }
    if (rows->in_object && byte != '}')
        return fail_here(rows, "expected '}'", err);
    if (rows->in_object) {
        nb_rows_step(rows);
        byte = pass_blanks(rows);
    }
    if (byte != NB_ROWS_END)
        return fail_here(rows, "expected nothing after the rows", err);
    return nb_rows_check(rows, err);
}

/* To where the next value begins; *more is false at the end of the array. */
static nb_code find_value(nb_rows *rows, bool *more, nb_error *err)
{
    int byte = pass_blanks(rows);
    *more = byte != ']';
    if (!*more)
        return close_document(rows, err);
    if (rows->count == 0)
        return NB_OK;
    if (byte != ',')
        return fail_here(rows, "expected ',' or ']' after a row", err);
    nb_rows_step(rows);
    (void)pass_blanks(rows);
    return NB_OK;
}

nb_code nb_rows_json_next(nb_rows *rows, bool *more, nb_error *err)
{
    nb_row row, at = {0};
    const char *what = NULL;
    *more = false;
    if (rows->closed)
        return NB_OK;
    if (find_value(rows, more, err) != NB_OK || !*more)
        return err->code;
    nb_rows_begin(rows, &row);
    pass_value(rows);
    if (nb_rows_end(rows, &row, err) != NB_OK)
        return err->code;
    if (find_problem(rows, &row, &at, &what)) /* where the next row begins is doubtful then */
        return nb_rows_fail(rows, at.line, at.column, err, "%s", what);
    row.len = nb_str_rtrim(nb_rows_marked(rows)).len;
    nb_rows_add(rows, row);
    return NB_OK;
}

/* --- a value a line ------------------------------------------------------------------------------- */

nb_code nb_rows_json_lines_next(nb_rows *rows, bool *more, nb_error *err)
{
    nb_row row, at = {0};
    const char *what = NULL;
    int byte = pass_blanks(rows);
    nb_rows_begin(rows, &row);
    for (; byte != '\n' && byte != NB_ROWS_END; byte = nb_rows_peek(rows))
        nb_rows_step(rows);
    if (nb_rows_end(rows, &row, err) != NB_OK)
        return err->code;
    row.len = nb_str_rtrim(nb_rows_marked(rows)).len;
    *more = row.len > 0;
    if (!*more)
        return NB_OK;
    if (find_problem(rows, &row, &at, &what))
        nb_rows_add_problem(rows, row, "%s (column %llu)", what, (unsigned long long)at.column);
    else
        nb_rows_add(rows, row);
    return NB_OK;
}
