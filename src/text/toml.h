/* toml.h - a TOML 1.0 document as a tree with places: lock files and pyproject.toml.
 *
 * Numbers and dates stay text, since nobody here calculates with them; strings are decoded. What the specification forbids is an error:
 * keys and tables given twice, changes to a table that is complete, control characters, dates that no calendar has. One thing is
 * allowed beyond it: a byte-order mark may stand first, as editors on Windows write it.
 */
#ifndef NB_TOML_H
#define NB_TOML_H

#include "base/error.h"

enum {
    NB_TOML_MAX_BYTES = 32 * 1024 * 1024,
    NB_TOML_MAX_DEPTH = 200, /* of a value in the tree: tables, arrays and dotted keys together */
    NB_TOML_MAX_NODES = 2 * 1000 * 1000
};

typedef enum nb_toml_kind {
    NB_TOML_STRING,
    NB_TOML_INTEGER,
    NB_TOML_FLOAT,
    NB_TOML_BOOL,
    NB_TOML_OFFSET_DATE_TIME, /* 1979-05-27T07:32:00Z */
    NB_TOML_LOCAL_DATE_TIME,
    NB_TOML_LOCAL_DATE,
    NB_TOML_LOCAL_TIME,
    NB_TOML_ARRAY,
    NB_TOML_TABLE
} nb_toml_kind;

typedef struct nb_toml nb_toml;
struct nb_toml {
    nb_toml_kind kind;
    nb_str
        text; /* scalars: the decoded string; "true" or "false"; a number without '_' and leading '+' (any number of digits, 0x
                    kept); a date as written */
    nb_str key; /* when it is a member of a table */
    unsigned line;
    nb_toml *child, *next; /* first element or member, in the order of the file; next sibling */
    size_t count;
    struct nb_toml_making
        *making; /* what the reader knows about a table or array; of no use to others */
};

/* NB_ERR_CONFIG with path:line:column and the line's text. */
nb_code nb_toml_parse(nb_arena *arena, nb_str text, nb_str path, const nb_toml **out,
                      nb_error *err);
/* The member of that name; NULL when there is none or `table` is no table (NULL included). */
const nb_toml *nb_toml_get(const nb_toml *table, const char *key);
/* The member of that name when it is a string, else an empty view whose `at` is NULL. */
nb_str nb_toml_get_str(const nb_toml *table, const char *key);

#endif
