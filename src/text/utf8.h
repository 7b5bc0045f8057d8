/* utf8.h - checking and stepping through UTF-8 (RFC 3629: no surrogates, no overlong forms, up to U+10FFFF). */
#ifndef NB_UTF8_H
#define NB_UTF8_H

#include "base/buf.h"

/* Length in bytes of the longest valid prefix; text.len when all of it is valid. */
size_t nb_utf8_valid(nb_str text);
/* The code point at text.at[*at], *at moves past it; U+FFFD and one byte for anything invalid. */
uint32_t nb_utf8_next(nb_str text, size_t *at);
/* Appends a code point (surrogates and values past U+10FFFF as U+FFFD). */
void nb_utf8_put(nb_buf *out, uint32_t code);
/* Number of characters in valid UTF-8 (bytes that are no continuation bytes). */
size_t nb_utf8_count(nb_str text);

#endif
