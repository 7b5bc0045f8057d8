#include "base/map.h"

#include "base/vec.h"

void *nb_vec_grow_(nb_arena *arena, void *old, size_t count, size_t size, size_t *cap)
{
    *cap = *cap ? *cap * 2 : 8;
    void *grown = nb_arena_alloc_array(arena, *cap, size);
    if (count > 0)
        memcpy(grown, old, count * size);
    return grown;
}

/* FNV-1a; keys come from the user's own files, so flooding is not a concern. */
static uint32_t hash(nb_str key)
{
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < key.len; i++)
        h = (h ^ (unsigned char)key.at[i]) * 16777619u;
    return h;
}

static size_t slot_of(const nb_map *map, nb_str key)
{
    size_t i = hash(key) & (map->slot_count - 1);
    while (map->slots[i] != 0 && !nb_str_eq(map->rows[map->slots[i] - 1].key, key))
        i = (i + 1) & (map->slot_count - 1);
    return i;
}

static void grow(nb_arena *arena, nb_map *map)
{
    map->slot_count = map->slot_count ? map->slot_count * 2 : 16;
    map->slots = NB_NEW_ARRAY(arena, uint32_t, map->slot_count);
    for (size_t row = 0; row < map->count; row++)
        map->slots[slot_of(map, map->rows[row].key)] = (uint32_t)row + 1;
}

void *nb_map_get(const nb_map *map, nb_str key)
{
    if (map->count == 0)
        return NULL;
    uint32_t row = map->slots[slot_of(map, key)];
    return row ? map->rows[row - 1].value : NULL;
}

void nb_map_put(nb_arena *arena, nb_map *map, nb_str key, void *value)
{
    if ((map->count + 1) * 4 > map->slot_count * 3)
        grow(arena, map);
    size_t slot = slot_of(map, key);
    if (map->slots[slot]) {
        map->rows[map->slots[slot] - 1].value = value;
        return;
    }
    if (map->count == map->cap)
        map->rows = nb_vec_grow_(arena, map->rows, map->count, sizeof(*map->rows), &map->cap);
    map->rows[map->count++] = (nb_map_row){key, value};
    map->slots[slot] = (uint32_t)map->count;
}

bool nb_set_add(nb_arena *arena, nb_map *set, nb_str name)
{
    static char present;
    if (nb_map_has(set, name))
        return false;
    nb_map_put(arena, set, name, &present);
    return true;
}
