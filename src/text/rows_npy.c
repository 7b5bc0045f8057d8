#include "text/rows_parts.h"

/* The format: "\x93NUMPY", version (2 bytes), length of the header (2 bytes little-endian, 4 from version 2 on), the header, a Python dictionary
 * {'descr': '<f8', 'fortran_order': False, 'shape': (150, 4), }, padded with blanks; then the items. */
enum {
    PREFIX = 10,
    LONG_PREFIX = 12,
    LONGEST_HEAD = 64 * 1024,
    LONGEST_ROW = 16 * 1024 * 1024,
    ALIGNMENT = 64
};

static nb_code fail(const nb_rows *rows, nb_error *err, const char *what)
{
    return nb_rows_fail(rows, 0, 0, err, "%s", what);
}

static unsigned byte_at(const nb_rows *rows, size_t at)
{
    return (unsigned char)rows->window[rows->at + at];
}

/* The text of the header; everything before the items is passed. */
static nb_code read_head(nb_rows *rows, nb_str *out, nb_error *err)
{
    size_t have = nb_rows_have(rows, LONG_PREFIX);
    if (nb_rows_check(rows, err) != NB_OK)
        return err->code;
    if (have < LONG_PREFIX || memcmp(rows->window + rows->at, "\x93NUMPY", 6) != 0)
        return fail(rows, err, "it does not begin as NPY files do");
    bool is_long = byte_at(rows, 6) >= 2;
    size_t prefix = is_long ? LONG_PREFIX : PREFIX;
    size_t len = byte_at(rows, 8) | byte_at(rows, 9) << 8;
    if (is_long)
        len |= (size_t)byte_at(rows, 10) << 16 | (size_t)byte_at(rows, 11) << 24;
    if (byte_at(rows, 6) < 1 || byte_at(rows, 6) > 3 || len > LONGEST_HEAD)
        return fail(rows, err, "its version or the length of its header is none that is known");
    if (nb_rows_have(rows, prefix + len) < prefix + len)
        return nb_rows_check(rows, err) != NB_OK ? err->code
                                                 : fail(rows, err, "it ends within its header");
    *out = nb_arena_str(&rows->arena, (nb_str){rows->window + rows->at + prefix, len});
    rows->at += prefix + len;
    rows->mark = rows->at;
    return NB_OK;
}

/* What stands behind 'key': in the header; empty when it is not there. */
static nb_str value_of(nb_str head, const char *key)
{
    ptrdiff_t at = nb_str_find(head, nb_str_from(key));
    return at < 0 ? NB_STR("") : nb_str_trim(nb_str_from_at(head, (size_t)at + strlen(key)));
}

/* '<f8' in quotes: byte order, kind, size. Objects are pickles, and structures have no such text. */
static bool parse_descr(nb_str value, nb_str *descr, size_t *item)
{
    int64_t size = 0;
    if (value.len < 2 || (value.at[0] != '\'' && value.at[0] != '"'))
        return false;
    ptrdiff_t end = nb_str_find_char(nb_str_from_at(value, 1), value.at[0]);
    if (end < 3)
        return false;
    nb_str text = nb_str_slice(value, 1, (size_t)end + 1);
    ptrdiff_t unit = nb_str_find_char(text, '['); /* '<M8[ns]' */
    nb_str digits = nb_str_slice(text, 2, unit < 0 ? text.len : (size_t)unit);
    if (!strchr("<>|=", text.at[0]) || !strchr("biufcSUmM", text.at[1]) ||
        !nb_str_to_int(digits, &size) || size < 1 || size > LONGEST_ROW)
        return false;
    *descr = text;
    *item = (size_t)size * (text.at[1] == 'U' ? 4 : 1);
    return true;
}

/* "(150, 4)": the first number, and the product and text of the others. */
static bool parse_shape(nb_rows *rows, nb_str value, uint64_t *count, size_t *product)
{
    nb_str rest, part;
    int64_t number = 0;
    ptrdiff_t end = nb_str_find_char(value, ')');
    if (value.len == 0 || value.at[0] != '(' || end < 0)
        return false;
    rest = nb_str_slice(value, 1, (size_t)end);
    *product = 1;
    for (size_t i = 0; nb_str_split(&rest, ',', &part); i++) {
        part = nb_str_trim(part);
        if (part.len == 0 && i > 0 && !rest.at)
            return true; /* a final comma */
        if (!nb_str_to_int(part, &number) || number < 0 || number > INT64_MAX / 2)
            return false;
        if (i == 0) {
            *count = (uint64_t)number;
            continue;
        }
        if (number > LONGEST_ROW || *product * (size_t)number > LONGEST_ROW)
            return false;
        *product *= (size_t)number;
        rows->frame.tail = nb_arena_printf(&rows->arena, NB_STR_FMT ", %lld",
                                           NB_STR_ARG(rows->frame.tail), (long long)number);
    }
    return true;
}

nb_code nb_rows_npy_open(nb_rows *rows, nb_error *err)
{
    nb_str head = {0};
    size_t item = 0, product = 0;
    nb_rows_frame *frame = &rows->frame;
    if (read_head(rows, &head, err) != NB_OK)
        return err->code;
    if (!parse_descr(value_of(head, "'descr':"), &frame->descr, &item))
        return fail(rows, err, "its items are no numbers, times or texts of one size");
    if (!parse_shape(rows, value_of(head, "'shape':"), &rows->rows_left, &product))
        return fail(rows, err, "its shape is no row of numbers, or its rows are too large");
    frame->fortran = nb_str_starts(value_of(head, "'fortran_order':"), NB_STR("True"));
    if (frame->fortran && frame->tail.len > 0) {
        (void)fail(rows, err, "it is stored by columns (Fortran order)");
        nb_error_hint(err, "save numpy.ascontiguousarray(array)");
        return err->code;
    }
    rows->row_bytes = item * product;
    if (rows->row_bytes == 0 || rows->row_bytes > LONGEST_ROW)
        return fail(rows, err, "its rows hold nothing, or too much");
    return NB_OK;
}

nb_code nb_rows_npy_next(nb_rows *rows, bool *more, nb_error *err)
{
    nb_row row;
    rows->mark = rows->at;
    *more = rows->rows_left > 0;
    size_t wanted = *more ? rows->row_bytes : 1, have = nb_rows_have(rows, wanted);
    if (nb_rows_check(rows, err) != NB_OK)
        return err->code;
    if (!*more)
        return have == 0 ? NB_OK : fail(rows, err, "it goes on after the last item");
    if (have < wanted)
        return nb_rows_fail(rows, 0, 0, err, "it ends within row %llu",
                            (unsigned long long)rows->count + 1);
    nb_rows_begin(rows, &row);
    row.line = rows->count + 1;
    row.column = 0;
    rows->at += wanted;
    row.len = wanted;
    nb_rows_add(rows, row);
    rows->rows_left--;
    return NB_OK;
}

void nb_rows_npy_head(const nb_rows_frame *frame, size_t count, nb_buf *out)
{
    NB_AUTO(nb_buf) head = NB_BUF_INIT(LONGEST_HEAD);
    nb_buf_printf(&head, "{'descr': '" NB_STR_FMT "', 'fortran_order': False, 'shape': (%zu,",
                  NB_STR_ARG(frame->descr), count);
    nb_buf_printf(&head, NB_STR_FMT "), }",
                  NB_STR_ARG(nb_str_from_at(frame->tail, frame->tail.len > 0 ? 1 : 0)));
    while ((PREFIX + head.len + 1) % ALIGNMENT != 0)
        nb_buf_putc(&head, ' ');
    nb_buf_putc(&head, '\n');
    nb_buf_put(out, (nb_str){"\x93NUMPY\x01\x00", 8});
    nb_buf_putc(out, (char)(head.len & 0xFF));
    nb_buf_putc(out, (char)(head.len >> 8));
    nb_buf_put(out, nb_buf_view(&head));
}
