/* values.h - JSON objects of a job (hyperparameters, metrics) as the store keeps them: on one line. */
#ifndef NB_PROVIDER_VALUES_H
#define NB_PROVIDER_VALUES_H

#include "base/error.h"
#include "text/json.h"
#include "text/json_write.h"

/* Writes a value. NaN and Infinity, which Python writes into JSON, stay as they are, or become strings when the result is to be
 * `strict`. */
void nb_values_put(nb_json_writer *w, const nb_json *value, bool strict);
/* The value on one line; numbers keep their digits. */
nb_str nb_values_compact(nb_arena *arena, const nb_json *value);
/* Reads a JSON object from a file and gives it on one line; empty when there is no such file. NaN and Infinity are allowed. */
nb_code nb_values_read(nb_arena *arena, const char *path, nb_str *out, nb_error *err);

#endif
