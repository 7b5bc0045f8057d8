#include "base/heap.h"

void *nb_heap_alloc(size_t size)
{
    void *at = calloc(1, size > 0 ? size : 1);
    if (!at)
        abort();
    return at;
}

void *nb_heap_grow(void *old, size_t count, size_t size)
{
    void *at = reallocarray(old, count > 0 ? count : 1, size);
    if (!at)
        abort();
    return at;
}
