/* arena.h - memory that lives and dies together: one arena a document, a config, a conversion.
 *
 * Nothing taken from an arena is freed on its own; an object that lives in an arena has no _free
 * function and goes with it. Running out of memory ends the program.
 */
#ifndef NB_ARENA_H
#define NB_ARENA_H

#include "base/base.h"

#include <stdarg.h>

typedef struct nb_arena {
    struct nb_arena_block *head;
} nb_arena;

#define NB_ARENA_INIT ((nb_arena){0})

/* `size` zeroed bytes, aligned for any type. Never NULL, also for size 0. */
void *nb_arena_alloc(nb_arena *arena, size_t size) __attribute__((malloc, alloc_size(2)));
/* A NUL-terminated copy of `text`. */
char *nb_arena_z(nb_arena *arena, nb_str text);
/* A copy of `text` as a view; NUL-terminated as well. */
nb_str nb_arena_str(nb_arena *arena, nb_str text);
/* Formatted text; NUL-terminated as well. */
nb_str nb_arena_printf(nb_arena *arena, const char *fmt, ...) NB_PRINTF(2, 3);
nb_str nb_arena_vprintf(nb_arena *arena, const char *fmt, va_list args) NB_PRINTF(2, 0);
/* Bytes handed out so far; tests and traces use it. */
size_t nb_arena_used(const nb_arena *arena);
void nb_arena_release(nb_arena *arena);
static inline void nb_arena_auto(nb_arena *arena)
{
    nb_arena_release(arena);
}

/* One zeroed object; `count` of them. */
#define NB_NEW(arena, type) ((type *)nb_arena_alloc((arena), sizeof(type)))
#define NB_NEW_ARRAY(arena, type, count) \
    ((type *)nb_arena_alloc_array((arena), (count), sizeof(type)))
void *nb_arena_alloc_array(nb_arena *arena, size_t count, size_t size);

#endif
