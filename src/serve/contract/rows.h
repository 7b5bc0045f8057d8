/* rows.h - how many rows a request asks to be predicted, as far as that can be seen from outside: for the size of batches, never for the result. */
#ifndef NB_SERVE_ROWS_H
#define NB_SERVE_ROWS_H

#include "base/str.h"

enum { NB_ROWS_BODY = 1 << 20 }; /* larger bodies are not looked into */

/* Rows of a JSON or CSV body; 0: not known, it is predicted alone. Understands a bare array, `instances`, `inputs`, `data`,
 * `dataframe_records` and `dataframe_split`. */
unsigned nb_rows_count(nb_str content_type, nb_str body);

#endif
