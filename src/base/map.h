/* map.h - text to pointer, remembering the order in which keys came; lives in an arena.
 *
 * Keys are views that must stay valid as long as the map. Values are never NULL: a missing key is NULL.
 */
#ifndef NB_MAP_H
#define NB_MAP_H

#include "base/str.h"

typedef struct nb_map_row {
    nb_str key;
    void *value;
} nb_map_row;

typedef struct nb_map {
    nb_map_row *rows; /* in insertion order */
    size_t count, cap;
    uint32_t *slots; /* open addressing; 0 is free, else row index + 1 */
    size_t slot_count;
} nb_map;

#define NB_MAP_INIT ((nb_map){0})

/* Adds the key or replaces its value (the place in the order stays). */
void nb_map_put(nb_arena *arena, nb_map *map, nb_str key, void *value);
void *nb_map_get(const nb_map *map, nb_str key);
static inline bool nb_map_has(const nb_map *map, nb_str key)
{
    return nb_map_get(map, key) != NULL;
}

/* A set of names is a map whose values do not matter. True when the name was new. */
bool nb_set_add(nb_arena *arena, nb_map *set, nb_str name);

#endif
