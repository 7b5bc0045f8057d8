/* schema_parts.h - what the files of the schema share. Nobody else includes it. */
#ifndef NB_SCHEMA_PARTS_H
#define NB_SCHEMA_PARTS_H

#include "text/schema.h"

enum { NB_SCHEMA_MOST_WORDS = 64 }; /* choices of a row, keys of a mapping */

/* The row's key without `parent` and the dot; empty unless it is a direct member. */
nb_str nb_schema_member_name(const nb_schema_row *row, nb_str parent);
/* "a, b, c" */
nb_str nb_schema_listed(nb_arena *arena, const nb_str *words, size_t count);
/* A value as it may be shown in a message: short, and no secret. `row` may be NULL. */
nb_str nb_schema_shown(nb_arena *arena, const nb_schema_row *row, nb_str key, nb_str text);
nb_problem *nb_schema_problem(nb_problems *problems, nb_diag_code code, const nb_yaml *value,
                              nb_str message);
void nb_schema_wrong_type(const nb_schema_row *row, nb_str key, const char *wanted,
                          const nb_yaml *value, nb_problems *problems);

#endif
