/* vec.h - growable arrays whose elements live in an arena.
 *
 *     NB_VEC(nb_str) names = {0};
 *     nb_vec_push(arena, &names, NB_STR("x"));
 *     for (size_t i = 0; i < names.count; i++) use(names.at[i]);
 *
 * A vector that grows leaves its old storage to the arena: fine for the few hundred elements a notebook has.
 */
#ifndef NB_VEC_H
#define NB_VEC_H

#include "base/arena.h"

#define NB_VEC(type)       \
    struct {               \
        type *at;          \
        size_t count, cap; \
    }

#define nb_vec_push(arena, vec, ...)                                                             \
    do {                                                                                         \
        if ((vec)->count == (vec)->cap)                                                          \
            (vec)->at =                                                                          \
                nb_vec_grow_((arena), (vec)->at, (vec)->count, sizeof(*(vec)->at), &(vec)->cap); \
        (vec)->at[(vec)->count++] = (__VA_ARGS__);                                               \
    } while (0)

void *nb_vec_grow_(nb_arena *arena, void *old, size_t count, size_t size, size_t *cap);

#endif
