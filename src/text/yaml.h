/* yaml.h - a YAML document as a tree with places (libfyaml underneath); plain scalars are resolved by YAML 1.2's core schema
 * (so `on` and `no` are strings, 010 is ten, 1e3 is a float). Duplicate keys, aliases that explode, several documents and tags other
 * than the core ones are errors with places.
 *
 * Aliases and merge keys (`<<: *base`) are resolved: the tree holds copies, children of a copy keep the places where they were written.
 * JSON is read as well, with the surrogate pairs that JSON writers make of characters beyond U+FFFF.
 */
#ifndef NB_YAML_H
#define NB_YAML_H

#include "base/error.h"
#include "text/json_write.h"

enum {
    NB_YAML_MAX_BYTES = 4 * 1024 * 1024,
    NB_YAML_MAX_DEPTH = 64,
    NB_YAML_MAX_NODES = 100000 /* aliases expanded */
};

typedef enum nb_yaml_kind {
    NB_YAML_NULL,
    NB_YAML_BOOL,
    NB_YAML_INT,
    NB_YAML_FLOAT,
    NB_YAML_STR,
    NB_YAML_LIST,
    NB_YAML_MAP
} nb_yaml_kind;

typedef struct nb_yaml nb_yaml;
struct nb_yaml {
    nb_yaml_kind kind;
    nb_str text;           /* scalars: as written (BOOL "true" or "false"); STR: the string */
    nb_str key;            /* when it is a member of a map */
    unsigned line, column; /* of the value */
    unsigned key_line, key_column; /* of the key */
    nb_yaml *child, *next;
    size_t count;
    nb_str source,
        key_source; /* the line of the value and of the key, for messages: secrets masked, empty when too long to show */
    bool plain;     /* a scalar without quotes */
    bool expanded;  /* for whoever replaces variables in scalars */
    bool refused;   /* something was said about it already: checks leave it alone */
};

/* NB_ERR_CONFIG with path:line:column and the line's text. An empty document gives a NULL-kind node. */
nb_code nb_yaml_parse(nb_arena *arena, nb_str text, nb_str path, const nb_yaml **out,
                      nb_error *err);
const nb_yaml *nb_yaml_get(const nb_yaml *map, const char *key);
/* Of the value, and of the key (of the value when it has no key). */
nb_place nb_yaml_place(const nb_yaml *node, nb_str path);
nb_place nb_yaml_key_place(const nb_yaml *node, nb_str path);
/* What a plain scalar is by the core schema. */
nb_yaml_kind nb_yaml_resolve(nb_str plain);
/* "text", "a whole number", "a list", ... */
const char *nb_yaml_kind_name(nb_yaml_kind kind);
/* A number in the one spelling that JSON and Python share: 010 is 10, 0x1F is 31, +.5 is 0.5, 1. is 1.0; .inf is Infinity, .nan is NaN
 * (as Python's json writes them). Any number of digits is kept. */
nb_str nb_yaml_number(nb_arena *arena, nb_yaml_kind kind, nb_str text);
/* The value as JSON; numbers as nb_yaml_number() has them. */
void nb_yaml_write_json(nb_arena *arena, nb_json_writer *w, const nb_yaml *node);

#endif
