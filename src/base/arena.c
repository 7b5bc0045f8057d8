#include "base/arena.h"

#include <stdalign.h>

enum { FIRST_BLOCK = 16 * 1024, LARGEST_BLOCK = 1024 * 1024 };

struct nb_arena_block {
    struct nb_arena_block *next;
    size_t size, used;
    alignas(max_align_t) char bytes[];
};

/* Blocks double, so that a small document stays small and a large one needs few calls. */
static struct nb_arena_block *block_new(const struct nb_arena_block *last, size_t need)
{
    size_t size = last && last->size < LARGEST_BLOCK ? last->size * 2 : FIRST_BLOCK;
    if (last && last->size >= LARGEST_BLOCK)
        size = LARGEST_BLOCK;
    if (need > size)
        size = need;
    struct nb_arena_block *block = malloc(sizeof(*block) + size);
    if (!block)
        abort();
    block->next = NULL;
    block->size = size;
    block->used = 0;
    return block;
}

void *nb_arena_alloc(nb_arena *arena, size_t size)
{
    size_t need = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
    if (need < size)
        abort();
    struct nb_arena_block *block = arena->head;
    if (!block || block->size - block->used < need) {
        block = block_new(arena->head, need);
        block->next = arena->head;
        arena->head = block;
    }
    void *at = block->bytes + block->used;
    block->used += need;
    return memset(at, 0, size);
}

void *nb_arena_alloc_array(nb_arena *arena, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        abort();
    return nb_arena_alloc(arena, bytes);
}

char *nb_arena_z(nb_arena *arena, nb_str text)
{
    char *copy = nb_arena_alloc(arena, text.len + 1);
    if (text.len > 0)
        memcpy(copy, text.at, text.len);
    return copy;
}

nb_str nb_arena_str(nb_arena *arena, nb_str text)
{
    return (nb_str){nb_arena_z(arena, text), text.len};
}

nb_str nb_arena_vprintf(nb_arena *arena, const char *fmt, va_list args)
{
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, fmt, args);
    if (len < 0)
        abort();
    char *text = nb_arena_alloc(arena, (size_t)len + 1);
    (void)vsnprintf(text, (size_t)len + 1, fmt, again);
    va_end(again);
    return (nb_str){text, (size_t)len};
}

nb_str nb_arena_printf(nb_arena *arena, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    nb_str text = nb_arena_vprintf(arena, fmt, args);
    va_end(args);
    return text;
}

size_t nb_arena_used(const nb_arena *arena)
{
    size_t sum = 0;
    for (const struct nb_arena_block *block = arena->head; block; block = block->next)
        sum += block->used;
    return sum;
}

void nb_arena_release(nb_arena *arena)
{
    for (struct nb_arena_block *block = arena->head, *next; block; block = next) {
        next = block->next;
        free(block);
    }
    *arena = NB_ARENA_INIT;
}
