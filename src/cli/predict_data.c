#include "cli/predict_data.h"

#include "base/fs.h"
#include "text/json.h"
#include "text/rows.h"

#include <unistd.h>

enum { LARGEST = 256 * 1024 * 1024 };

#define ARGUMENT "--data" /* where a text of the command line is from */

/* Without a suffix: NPY by its first bytes, JSON by its first character, CSV else. */
static nb_rows_form form_of_bytes(nb_str bytes)
{
    nb_str text = nb_str_trim(bytes);
    if (nb_str_starts(bytes, NB_STR("\x93NUMPY")))
        return NB_ROWS_NPY;
    if (nb_str_starts(text, NB_STR("\xEF\xBB\xBF")))
        text = nb_str_trim(nb_str_from_at(text, 3));
    return text.len > 0 && strchr("{[\"", text.at[0]) ? NB_ROWS_JSON : NB_ROWS_CSV;
}

/* A single number is JSON as well; `true` and `null` are no data. */
static nb_rows_form form_of_argument(nb_str text)
{
    bool number = text.len > 0;
    for (size_t i = 0; i < text.len; i++)
        number &= nb_is_digit(text.at[i]) || strchr("+-.eE", text.at[i]);
    return number ? NB_ROWS_JSON : form_of_bytes(text);
}

static nb_code read_bytes(nb_app *app, const char *data, nb_str *bytes, nb_str *path,
                          nb_rows_form *form, nb_error *err)
{
    if (strcmp(data, "-") == 0) {
        *path = NB_STR("standard input");
        if (nb_fd_read(app->arena, STDIN_FILENO, path->at, LARGEST, bytes, err) != NB_OK)
            return err->code;
        *form = form_of_bytes(*bytes);
        return NB_OK;
    }
    if (data[0] == '@') {
        *path = nb_str_from(data + 1);
        if (nb_file_read(app->arena, data + 1, LARGEST, bytes, err) != NB_OK)
            return err->code;
        if (!nb_rows_form_of(*path, form))
            *form = form_of_bytes(*bytes);
        return NB_OK;
    }
    *path = nb_str_from(ARGUMENT);
    *bytes = nb_str_from(data);
    *form = form_of_argument(nb_str_trim(*bytes));
    if (!nb_is_file(data))
        return NB_OK;
    (void)nb_fail(err, NB_ERR_USAGE, "the data is '%s', which is a file's name", data);
    nb_error_hint(err, "write '--data @%s' to send what is in it", data);
    return err->code;
}

/* --- a look over it ------------------------------------------------------------------------------- */

static nb_code check_json(nb_str bytes, nb_str path, nb_error *err)
{
    nb_json_reader r;
    nb_json_open(&r, bytes, path, NB_JSON_NOTEBOOK | NB_JSON_STRICT_SKIP);
    nb_json_skip(&r, NULL);
    bool cut_off = r.bad && r.bad_at >= bytes.len;
    nb_code code = nb_json_close(&r, err);
    if (code != NB_OK && cut_off && nb_str_eqz(path, ARGUMENT))
        nb_error_hint(err, "close what is open, and keep the text in single quotes");
    return code;
}

/* Rows as a whole; *body is set when it is another one than the bytes. */
static nb_code check_rows(nb_arena *arena, nb_rows *rows, nb_str path, nb_str *body, nb_error *err)
{
    NB_AUTO(nb_rows_piece) piece = {0};
    NB_AUTO(nb_buf) out = NB_BUF_INIT((size_t)LARGEST * 2);
    const nb_rows_frame frame = nb_rows_frame_of(rows);
    if (nb_rows_next(rows, SIZE_MAX, SIZE_MAX, &piece, err) != NB_OK)
        return err->code;
    for (size_t i = 0; i < piece.count; i++) {
        const char *problem = nb_row_problem(&piece, i);
        if (!problem)
            continue;
        (void)nb_fail(err, NB_ERR_USAGE, "%s", problem);
        nb_error_at(err, (nb_place){.path = path, .line = (unsigned)piece.rows[i].line});
        return nb_wrap(err, "cannot send line %llu of '" NB_STR_FMT "'",
                       (unsigned long long)piece.rows[i].line, NB_STR_ARG(path));
    }
    if (frame.form != NB_ROWS_JSON_LINES)
        return NB_OK;
    nb_rows_body(&frame, &piece, 0, piece.count, &out);
    *body = nb_arena_str(arena, nb_buf_view(&out));
    return NB_OK;
}

static nb_code look_over(nb_arena *arena, nb_rows_form form, nb_str path, nb_str *body,
                         nb_error *err)
{
    nb_str view = *body;
    const nb_rows_source source = nb_rows_in_memory(&view, path);
    nb_rows *rows = NULL;
    if (form == NB_ROWS_JSON)
        return check_json(*body, path, err);
    if (form == NB_ROWS_NPY)
        return NB_OK;
    if (nb_rows_open(&source, form, &rows, err) != NB_OK)
        return err->code;
    nb_code code = check_rows(arena, rows, path, body, err);
    nb_rows_close(rows);
    return code;
}

nb_code nb_predict_data_read(nb_app *app, const char *data, const char *content_type,
                             nb_predict_data *out, nb_error *err)
{
    nb_str body, path;
    nb_rows_form form = NB_ROWS_JSON;
    if (read_bytes(app, data, &body, &path, &form, err) != NB_OK)
        return err->code;
    if (body.len == 0)
        return nb_fail(err, NB_ERR_USAGE, "there is no data in '" NB_STR_FMT "'", NB_STR_ARG(path));
    if (!content_type && look_over(app->arena, form, path, &body, err) != NB_OK)
        return err->code;
    *out = (nb_predict_data){body,
                             content_type ? nb_str_from(content_type) : nb_rows_content_type(form)};
    return NB_OK;
}
