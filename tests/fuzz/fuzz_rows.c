/* Rows are the same in one piece and byte by byte; and what a request carries is read back as the very rows it was made of. The first byte chooses the form. */
#include "text/rows.h"

#include <stdlib.h>

typedef struct bytes {
    nb_str left;
    size_t step;
} bytes;

static void check(bool holds)
{
    if (!holds)
        abort();
}

static ssize_t read_bytes(void *ctx, char *into, size_t size)
{
    bytes *b = ctx;
    size_t take = b->left.len < size ? b->left.len : size;
    take = take > b->step ? b->step : take;
    if (take > 0)
        memcpy(into, b->left.at, take);
    b->left = nb_str_from_at(b->left, take);
    return (ssize_t)take;
}

/* All rows in one piece; `frame` is that of the file. */
static nb_code read_all(nb_rows_form form, nb_str text, size_t step, nb_rows_piece *piece,
                        nb_buf *body)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    bytes from = {text, step};
    const nb_rows_source source = {read_bytes, &from, NB_STR("f")};
    nb_rows *rows = NULL;
    nb_code code = nb_rows_open(&source, form, &rows, &err);
    if (code == NB_OK)
        code = nb_rows_next(rows, SIZE_MAX, SIZE_MAX, piece, &err);
    if (code == NB_OK) {
        const nb_rows_frame frame = nb_rows_frame_of(rows);
        check(nb_rows_position(rows) <= text.len);
        nb_rows_body(&frame, piece, 0, piece->count, body);
    }
    nb_rows_close(rows);
    return code;
}

static size_t sound_rows(const nb_rows_piece *piece)
{
    size_t count = 0;
    for (size_t i = 0; i < piece->count; i++)
        count += nb_row_problem(piece, i) == NULL;
    return count;
}

static void check_fields(const nb_rows_piece *piece)
{
    size_t first = 0;
    for (size_t i = 0; i < piece->count; i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        nb_str rest = nb_row_text(piece, i), field;
        size_t fields = 0;
        while (nb_csv_field(&arena, &rest, &field))
            fields++;
        if (nb_row_problem(piece, i))
            continue;
        check(fields > 0 && (first == 0 || fields == first));
        first = fields;
    }
}

/* The sound rows, again. */
static void check_body(nb_rows_form form, const nb_rows_piece *piece, const nb_buf *body)
{
    NB_AUTO(nb_rows_piece) again = {0};
    NB_AUTO(nb_buf) ignored = NB_BUF_INIT(SIZE_MAX);
    nb_rows_form as = form == NB_ROWS_JSON_LINES ? NB_ROWS_JSON : form;
    check(read_all(as, nb_buf_view(body), SIZE_MAX, &again, &ignored) == NB_OK);
    check(again.count == sound_rows(piece));
    for (size_t i = 0, j = 0; i < piece->count; i++)
        if (!nb_row_problem(piece, i))
            check(nb_str_eq(nb_row_text(piece, i), nb_row_text(&again, j++)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    NB_AUTO(nb_rows_piece) whole = {0};
    NB_AUTO(nb_rows_piece) parts = {0};
    NB_AUTO(nb_buf) body = NB_BUF_INIT(SIZE_MAX);
    NB_AUTO(nb_buf) same = NB_BUF_INIT(SIZE_MAX);
    if (size == 0)
        return 0;
    nb_rows_form form = (nb_rows_form)(data[0] % 4);
    nb_str text = {(const char *)data + 1, size - 1};
    nb_code code = read_all(form, text, SIZE_MAX, &whole, &body);
    check(read_all(form, text, 1, &parts, &same) == code);
    if (code != NB_OK)
        return 0;
    check(whole.count == parts.count && nb_str_eq(nb_buf_view(&body), nb_buf_view(&same)));
    for (size_t i = 0; i < whole.count; i++)
        check(whole.rows[i].line == parts.rows[i].line &&
              whole.rows[i].column == parts.rows[i].column);
    if (form == NB_ROWS_CSV)
        check_fields(&whole);
    check_body(form, &whole, &body);
    return 0;
}
