/* rows.h - the rows of a file of data, read a piece at a time: CSV, JSON (an array, or an object that holds one), JSON lines, NPY.
 *
 * No value is understood: a row is a span of the file's own bytes, so that "007", 1e400 and integers of any size leave as they came. What is checked is
 * what tells rows apart and can be seen without knowing the model: quotes and numbers of fields in CSV, the grammar of JSON, UTF-8, the header of NPY.
 *
 * Memory is that of a piece and its longest row, whatever the file's size. A row that is wrong by itself (a CSV line with too few fields, a line that is no JSON)
 * has a problem, and those after it are read; what makes all that follows doubtful is an error.
 *
 * CSV is RFC 4180 with commas, as Python's csv module reads it: lines end in LF, CRLF or CR, empty ones are none, a quoted field may hold all of them. Its first
 * row may be a header: only who reads the values can tell.
 */
#ifndef NB_ROWS_H
#define NB_ROWS_H

#include "base/buf.h"
#include "base/error.h"

typedef enum nb_rows_form {
    NB_ROWS_CSV,
    NB_ROWS_JSON,
    NB_ROWS_JSON_LINES,
    NB_ROWS_NPY
} nb_rows_form;

enum {
    NB_ROWS_LONGEST = 64 * 1024 * 1024, /* a longer row is an error */
    NB_ROWS_PROBLEM = 160               /* a longer text is cut */
};

/* By the suffix: .csv, .json, .jsonl, .ndjson, .npy, in any case. */
bool nb_rows_form_of(nb_str path, nb_rows_form *out);
/* What requests that carry rows of this form are: "text/csv", "application/json", "application/x-npy". */
nb_str nb_rows_content_type(nb_rows_form form);

typedef struct nb_rows_source {
    /* Up to `size` bytes; 0 at the end; -1 with errno. */
    ssize_t (*read)(void *ctx, char *into, size_t size);
    void *ctx;
    nb_str path; /* for messages */
} nb_rows_source;

/* Reads what is in memory; *view gets shorter meanwhile. */
nb_rows_source nb_rows_in_memory(nb_str *view, nb_str path);

typedef struct nb_row {
    size_t at, len;        /* in the piece's bytes, without what separates rows */
    uint64_t line, column; /* from 1 (columns in characters); of NPY the number of the row, and 0 */
    size_t problem;        /* where its text begins in `problems`; 0: none */
} nb_row;

typedef struct nb_rows_piece {
    nb_buf bytes;    /* the rows one after the other */
    nb_buf problems; /* texts, each with its NUL; the first byte is none */
    nb_row *rows;
    size_t count, cap;
    uint64_t first; /* number of its first row, from 1: a CSV's header counts as one */
} nb_rows_piece;

void nb_rows_piece_release(nb_rows_piece *piece);
static inline void nb_rows_piece_auto(nb_rows_piece *piece)
{
    nb_rows_piece_release(piece);
}
nb_str nb_row_text(const nb_rows_piece *piece, size_t row);
const char *nb_row_problem(const nb_rows_piece *piece, size_t row); /* NULL: it has none */

typedef struct nb_rows nb_rows;

/* Reads the beginning, as far as it tells where rows are. */
nb_code nb_rows_open(const nb_rows_source *source, nb_rows_form form, nb_rows **out, nb_error *err);
void nb_rows_close(nb_rows *rows);
/* The next rows: at most `max_rows`, and no more once there are `max_bytes`. None: the file has ended. *piece is overwritten, its memory used again. */
nb_code nb_rows_next(nb_rows *rows, size_t max_rows, size_t max_bytes, nb_rows_piece *piece,
                     nb_error *err);
/* Bytes read so far. */
uint64_t nb_rows_position(const nb_rows *rows);

/* What every request has besides its rows. */
typedef struct nb_rows_frame {
    nb_rows_form form;
    nb_str header; /* CSV: set by who knows that there is one; empty: there is none */
    nb_str key;    /* JSON: "instances", or as the file has it */
    nb_str descr,
        tail; /* NPY: the type of items as Python writes it; the dimensions after the first, ", 4" */
    bool fortran; /* NPY: of one dimension only, where it makes no difference */
} nb_rows_frame;

/* Texts are valid as long as `rows` is open. */
nb_rows_frame nb_rows_frame_of(const nb_rows *rows);
/* The body of a request with rows from ... from + count - 1 of the piece; those with a problem are left out. */
void nb_rows_body(const nb_rows_frame *frame, const nb_rows_piece *piece, size_t from, size_t count,
                  nb_buf *out);

/* The next field of a CSV row, without its quotes (decoded into the arena only where it holds some); false after the last one. *rest begins as the row. */
bool nb_csv_field(nb_arena *arena, nb_str *rest, nb_str *field);
/* Appends a field, in quotes where it needs them. */
void nb_csv_put(nb_buf *out, nb_str field);

#endif
