/* yaml.h - a YAML document as a tree with places (libfyaml underneath); plain scalars are resolved by YAML 1.2's core schema
 * (so `on` and `no` are strings, 010 is ten, 1e3 is a float). Duplicate keys, aliases that explode, several documents and tags other
 * than the core ones are errors with places.
 */
#ifndef NB_YAML_H
#define NB_YAML_H

#include "base/error.h"

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
};

/* NB_ERR_CONFIG with path:line:column and the line's text. An empty document gives a NULL-kind node. */
nb_code nb_yaml_parse(nb_arena *arena, nb_str text, nb_str path, const nb_yaml **out,
                      nb_error *err);
const nb_yaml *nb_yaml_get(const nb_yaml *map, const char *key);

#endif
