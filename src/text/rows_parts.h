/* rows_parts.h - what the readers of rows share; nobody else includes it.
 *
 *     rows.c        the file's bytes, pieces, bodies
 *     rows_csv.c    CSV
 *     rows_json.c   JSON and JSON lines
 *     rows_npy.c    NPY
 *
 * A reader looks at bytes one after the other (peek, step) and marks where a row begins; the row's bytes stay in the window until it is put into the piece.
 */
#ifndef NB_ROWS_PARTS_H
#define NB_ROWS_PARTS_H

#include "text/rows.h"

enum { NB_ROWS_END = -1 }; /* no more bytes */

struct nb_rows {
    nb_rows_source source;
    nb_arena arena; /* texts of `frame` */
    nb_rows_frame frame;
    nb_rows_piece *piece; /* being filled */
    uint64_t count;       /* rows so far */

    char *window; /* bytes [mark, end) are kept */
    size_t size, mark, at, end;
    uint64_t passed; /* bytes before the window */
    bool ended;
    int why;               /* errno of a failed read */
    uint64_t line, column; /* of `at` */

    size_t fields;      /* CSV: of the first row; 0: not known yet */
    bool in_object;     /* JSON: the array is a member */
    bool closed;        /* JSON: its end was passed */
    size_t row_bytes;   /* NPY */
    uint64_t rows_left; /* NPY: of what the header names */
};

/* The byte at hand, or NB_ROWS_END. */
int nb_rows_peek(nb_rows *rows);
/* Passes it: line and column go on. */
void nb_rows_step(nb_rows *rows);
/* Makes at least `wanted` bytes visible from `at` on, fewer only at the end. */
size_t nb_rows_have(nb_rows *rows, size_t wanted);
/* A row begins here. */
void nb_rows_begin(nb_rows *rows, nb_row *row);
/* It ends before the byte at hand; NB_ERR_USAGE when it is too long. */
nb_code nb_rows_end(nb_rows *rows, nb_row *row, nb_error *err);
/* The row's bytes in the window, until the next row begins. */
nb_str nb_rows_marked(const nb_rows *rows);
/* Puts the marked row into the piece. */
void nb_rows_add(nb_rows *rows, nb_row row);
/* The same for one that is wrong: `fmt` says how. */
void nb_rows_add_problem(nb_rows *rows, nb_row row, const char *fmt, ...) NB_PRINTF(3, 4);
/* NB_ERR_USAGE at a place. */
nb_code nb_rows_fail(const nb_rows *rows, uint64_t line, uint64_t column, nb_error *err,
                     const char *fmt, ...) NB_PRINTF(5, 6);
/* A read that failed, or a row that is longer than can be; else NB_OK. */
nb_code nb_rows_check(const nb_rows *rows, nb_error *err);
/* What is wrong with the text of a row, whatever its form: NUL bytes, no UTF-8. NULL: nothing. */
const char *nb_rows_text_problem(nb_str text);

/* Each reads the next row into the piece, or sets *more to false. */
nb_code nb_rows_csv_next(nb_rows *rows, bool *more, nb_error *err);
nb_code nb_rows_json_open(nb_rows *rows, nb_error *err);
nb_code nb_rows_json_next(nb_rows *rows, bool *more, nb_error *err);
nb_code nb_rows_json_lines_next(nb_rows *rows, bool *more, nb_error *err);
nb_code nb_rows_npy_open(nb_rows *rows, nb_error *err);
nb_code nb_rows_npy_next(nb_rows *rows, bool *more, nb_error *err);
void nb_rows_npy_head(const nb_rows_frame *frame, size_t count, nb_buf *out);

#endif
