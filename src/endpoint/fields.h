/* fields.h - the members of a struct as rows: how they stand in a JSON object, and how a person writes them.
 *
 * Reading is strict: unknown, repeated and missing members, values of another kind or outside of their range are errors with their place.
 */
#ifndef NB_ENDPOINT_FIELDS_H
#define NB_ENDPOINT_FIELDS_H

#include "text/json.h"
#include "text/json_write.h"

typedef enum nb_field_kind {
    NB_FIELD_TEXT,  /* nb_str */
    NB_FIELD_PATH,  /* nb_str: absolute; in the file relative to the project when it lies there */
    NB_FIELD_BOOL,  /* bool */
    NB_FIELD_COUNT, /* unsigned */
    NB_FIELD_SIZE,  /* size_t: bytes; "16M", "1 GiB" */
    NB_FIELD_MS,    /* int64_t; "60" and "60s" are a minute, "500ms", "5m", "1h" */
    NB_FIELD_US,    /* int64_t; "250us", "5ms" */
    NB_FIELD_SHARE, /* double: 0 ... 1; "0.1", "10%" */
    NB_FIELD_RATE   /* int64_t: an hour; "10" and "10/s" are 36000, "30/min", "5/h" */
} nb_field_kind;

typedef struct nb_field {
    const char *key;
    nb_field_kind kind;
    size_t at;        /* offsetof() the member */
    int64_t min, max; /* of a number, when they differ; of a time in its unit */
    bool required;
    const char *choices; /* what a text may be: "json|text"; NULL: anything */
} nb_field;

typedef struct nb_fields {
    const nb_field *rows;
    size_t count; /* at most 64 */
} nb_fields;

/* The next value must be an object with these members; the reader keeps the first error. Texts live in `arena`. */
void nb_fields_read(nb_json_reader *r, nb_arena *arena, nb_fields fields, nb_str root, void *into);
/* All of them, as members of the open object. */
void nb_fields_write(nb_json_writer *w, nb_arena *arena, nb_fields fields, nb_str root,
                     const void *from);

/* Sets one member from what a person wrote. NB_ERR_USAGE says what it must be. A path must be absolute already. */
nb_code nb_field_set(nb_arena *arena, const nb_field *field, nb_str text, void *into,
                     nb_error *err);

#endif
