/* table.h - how results look on a terminal: names with values, tables, times; and JSON that is kept as text. */
#ifndef NB_CLI_TABLE_H
#define NB_CLI_TABLE_H

#include "base/vec.h"
#include "cli/app.h"

typedef struct nb_pair {
    nb_str name, value;
} nb_pair;
typedef NB_VEC(nb_pair) nb_pairs;

/* Adds a line, unless the value is empty. */
void nb_pairs_add(nb_arena *arena, nb_pairs *list, const char *name, nb_str value);
/* One a line, the values in a column. */
void nb_pairs_print(const nb_app *app, const nb_pairs *list);

enum { NB_TABLE_COLUMNS = 8 };

typedef struct nb_table_row {
    nb_str cells[NB_TABLE_COLUMNS];
    const char *style; /* of the styled column; "" or NULL: none */
} nb_table_row;

typedef struct nb_table {
    const nb_str *titles;
    size_t columns, styled; /* how many there are; which one has the rows' styles */
    NB_VEC(nb_table_row) rows;
} nb_table;

/* The titles and the rows; nothing when there are none. */
void nb_table_print(const nb_app *app, const nb_table *table);

/* "2026-01-01 00:00:00" of the local time; empty for 0. nb_minute_text leaves the seconds out. */
nb_str nb_time_text(nb_arena *arena, int64_t ms);
nb_str nb_minute_text(nb_arena *arena, int64_t ms);
/* "812 B", "1.2 MB" */
nb_str nb_size_text(nb_arena *arena, int64_t bytes);
/* "0.4 s", "12 s", "3 min 05 s", "2 h 07 min", "3 d 04 h". */
nb_str nb_duration_text(nb_arena *arena, int64_t ms);
/* Six digits of a metric, enough to compare runs by; JSON has them all. */
nb_str nb_metric_text(nb_arena *arena, nb_str number);
/* A member that is JSON kept as text; null when it is empty or damaged. NaN and Infinity, which Python writes, become strings. */
void nb_json_member_values(nb_app *app, const char *key, nb_str object);

#endif
