/* base.h - attributes, views of text and scope-bound release; comes before everything else. */
#ifndef NB_BASE_H
#define NB_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/banned.h"

#define NB_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define NB_CHECK             __attribute__((warn_unused_result))
#define NB_UNUSED            __attribute__((unused))

/* NB_AUTO(T) x = ...;  calls T_auto(&x) whenever x leaves its scope.
 * T_auto accepts the zero value; NB_TAKE moves a pointer out first. */
#define NB_AUTO(type) __attribute__((cleanup(type##_auto))) type

/* The pointer in `p`, which becomes NULL: "I give this to someone else". */
#define NB_TAKE(p)                     \
    __extension__({                    \
        __typeof__(p) nb_taken_ = (p); \
        (p) = NULL;                    \
        nb_taken_;                     \
    })

#define NB_LEN(array) (sizeof(array) / sizeof((array)[0]))

/* A view of bytes that somebody else owns; not NUL-terminated. Passed by value. `at` may be NULL only
 * when `len` is 0. More functions on views: base/str.h. */
typedef struct nb_str {
    const char *at;
    size_t len;
} nb_str;

#define NB_STR(literal) ((nb_str){"" literal "", sizeof(literal) - 1})
#define NB_STR_ROW(literal)                \
    {                                      \
        "" literal "", sizeof(literal) - 1 \
    } /* the same in a static table */
#define NB_STR_FMT    "%.*s"
#define NB_STR_ARG(s) (int)(s).len, (s).at ? (s).at : ""

#endif
