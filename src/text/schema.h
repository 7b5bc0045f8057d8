/* schema.h - what a configuration file may hold, as a table: one row a key.
 *
 * The same rows check a file, give defaults, name environment variables, and print a JSON Schema and the reference of the
 * documentation. So a new key is a new row.
 *
 *     {.key = "aws", .kind = NB_SCHEMA_MAP, ...},
 *     {.key = "aws.region", .kind = NB_SCHEMA_TEXT, .env = "NOTEBOOKED_AWS_REGION", .ambient = "AWS_REGION", ...},
 *     {.key = "experiments", .kind = NB_SCHEMA_LIST, ...},
 *     {.key = "experiments[].name", .kind = NB_SCHEMA_TEXT, .flags = NB_SCHEMA_REQUIRED, ...},
 *
 * Mappings come before their members. Lists of mappings do not nest.
 */
#ifndef NB_SCHEMA_H
#define NB_SCHEMA_H

#include "text/json_write.h"
#include "text/problems.h"
#include "text/yaml.h"

typedef enum nb_schema_kind {
    NB_SCHEMA_MAP,  /* a mapping whose keys are rows */
    NB_SCHEMA_LIST, /* a list of such mappings */
    NB_SCHEMA_TEXT,
    NB_SCHEMA_INT,
    NB_SCHEMA_BOOL,
    NB_SCHEMA_TEXTS,   /* a list of texts */
    NB_SCHEMA_VALUES,  /* a mapping of names to any values */
    NB_SCHEMA_CHOICES, /* a mapping of names to one of the choices each */
    NB_SCHEMA_NAMED /* a list of names, some with a text: [a, {name: b, value: x}, {c: y}]; or a mapping of names to texts */
} nb_schema_kind;

enum {
    NB_SCHEMA_REQUIRED = 1 << 0,
    NB_SCHEMA_SECRET = 1 << 1,  /* the value is never shown */
    NB_SCHEMA_NUMBERS = 1 << 2, /* a number is taken as the text it is written as: `python: 3.11` */
    NB_SCHEMA_NOT_EMPTY =
        1 << 3 /* `key:` with nothing behind is an error, for where it might be meant either way */
};

/* The form of a text; for lists and mappings of texts, of each element or name. */
typedef struct nb_schema_form {
    const char *phrase; /* "letters, digits and '-'" : what it must be */
    const char
        *pattern; /* the same as a regular expression, for JSON Schema; NULL when there is none */
    bool (*fits)(nb_str text);
} nb_schema_form;

typedef struct nb_schema_row {
    const char *key;
    nb_schema_kind kind;
    unsigned flags;
    const char *fallback; /* the default as it would be written in YAML; NULL: none */
    const char *choices;  /* "local|sagemaker"; NULL: any */
    int64_t min, max;     /* of an INT, when they differ */
    const nb_schema_form *form;
    const char *env; /* variables that win over the file, best first, separated by blanks */
    const char
        *ambient; /* variables of other tools, taken when neither `env` nor the file has a value */
    const char *description; /* a sentence or more, with capital and full stop */
    const char *example;     /* a value */
} nb_schema_row;

typedef struct nb_schema {
    const nb_schema_row *rows;
    size_t count;
} nb_schema;

/* Reports unknown keys, missing keys, wrong types and values that do not fit. A NULL-kind root is an empty file. */
void nb_schema_check(const nb_schema *schema, const nb_yaml *root, nb_problems *problems);
/* Checks one value against its row; `key` names it in messages. */
void nb_schema_check_value(const nb_schema_row *row, nb_str key, const nb_yaml *value,
                           nb_problems *problems);

/* Calls `visit` for every row that is no MAP or LIST, in the order of the rows, those of list elements once an element, with the key
 * spelled out ("experiments[0].name") and its value in the tree: NULL when it is not given or empty. */
typedef void (*nb_schema_visit)(void *ctx, const nb_schema_row *row, nb_str key,
                                const nb_yaml *value);
void nb_schema_each(nb_arena *arena, const nb_schema *schema, const nb_yaml *root,
                    nb_schema_visit visit, void *ctx);

/* The members of a VALUES, CHOICES or NAMED value, whichever way it is written: value->text is what counts (for NAMED, the name itself when
 * there is no text). */
typedef struct nb_schema_member {
    nb_str name;
    const nb_yaml *value; /* a NAMED without text: the name's node */
    const nb_yaml *at;    /* the node whose key place is the member's place */
} nb_schema_member;
size_t nb_schema_members(nb_arena *arena, const nb_yaml *value, const nb_schema_member **out);

/* The next word of a blank-separated list such as row->env; false at its end. */
bool nb_schema_word(nb_str *rest, nb_str *word);

/* A JSON Schema (2020-12) of files that pass nb_schema_check(). */
void nb_schema_write_json(nb_arena *arena, const nb_schema *schema, const char *title,
                          nb_json_writer *w);
/* Markdown: a heading and a table a section. */
void nb_schema_write_markdown(nb_arena *arena, const nb_schema *schema, nb_buf *out);

#endif
