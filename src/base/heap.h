/* heap.h - objects that come and go for as long as a server runs, where an arena would only grow. Running out of memory ends the program. */
#ifndef NB_HEAP_H
#define NB_HEAP_H

#include "base/base.h"

/* Zeroed; freed with free(). */
void *nb_heap_alloc(size_t size) __attribute__((malloc, alloc_size(1), returns_nonnull));
/* As realloc() for `count` objects; what is new is not zeroed. */
void *nb_heap_grow(void *old, size_t count, size_t size) __attribute__((returns_nonnull));

#define NB_HEAP_NEW(type) ((type *)nb_heap_alloc(sizeof(type)))

#endif
