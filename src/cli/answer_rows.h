/* answer_rows.h - the predictions in an answer, one by one, as JSON text; and their cells, for tables and CSV. No number passes through a double. */
#ifndef NB_CLI_ANSWER_ROWS_H
#define NB_CLI_ANSWER_ROWS_H

#include "base/str.h"

typedef struct nb_answer_rows {
    const nb_str *rows; /* JSON texts */
    size_t count;
} nb_answer_rows;

/* Understood are an array; an object with `predictions`, with `outputs`, or with one member alone; and CSV, each line one prediction (of texts). A
 * value that is no array is one prediction. False: the body is nothing of these. */
bool nb_answer_rows_read(nb_arena *arena, nb_str content_type, nb_str body, nb_answer_rows *out);

enum { NB_PREDICTION_CELLS = 100000 }; /* more are refused */

/* A value is one column, an array as many as it has elements, an object one for each member. */
typedef struct nb_cells_shape {
    enum { NB_CELLS_ONE, NB_CELLS_LIST, NB_CELLS_NAMED } kind;
    nb_str *names;
    size_t count;
} nb_cells_shape;

/* The shape of the first of them; columns without names are called `word`, or "word_0", "word_1", ... */
nb_cells_shape nb_cells_shape_of(nb_arena *arena, nb_str value, const char *word);
/* The cells of a value: numbers as they are, texts decoded, null empty, arrays and objects as JSON on one line. A member that is missing is empty. False: the
 * value has another shape. */
bool nb_cells_read(nb_arena *arena, const nb_cells_shape *shape, nb_str value, nb_str *cells);
/* JSON text without line ends: they can stand only where a blank can. */
nb_str nb_json_one_line(nb_arena *arena, nb_str json);

#endif
