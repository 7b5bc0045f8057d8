/* str.h - functions on views of text. None of them allocates unless it takes an arena. */
#ifndef NB_STR_H
#define NB_STR_H

#include "base/arena.h"

static inline nb_str nb_str_from(const char *z)
{
    return (nb_str){z, z ? strlen(z) : 0};
}

static inline bool nb_str_eq(nb_str a, nb_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

static inline bool nb_str_eqz(nb_str a, const char *z)
{
    return nb_str_eq(a, nb_str_from(z));
}

static inline bool nb_str_starts(nb_str text, nb_str with)
{
    return text.len >= with.len && (with.len == 0 || memcmp(text.at, with.at, with.len) == 0);
}

static inline bool nb_str_ends(nb_str text, nb_str with)
{
    return text.len >= with.len &&
           (with.len == 0 || memcmp(text.at + text.len - with.len, with.at, with.len) == 0);
}

/* text[start, end), clipped to the text. */
static inline nb_str nb_str_slice(nb_str text, size_t start, size_t end)
{
    if (end > text.len)
        end = text.len;
    if (start > end)
        start = end;
    return (nb_str){start > 0 ? text.at + start : text.at, end - start};
}

static inline nb_str nb_str_from_at(nb_str text, size_t start)
{
    return nb_str_slice(text, start, text.len);
}

enum { NB_NPOS = -1 };

/* Byte offset of the first (last) `c`, or -1. */
ptrdiff_t nb_str_find_char(nb_str text, char c);
ptrdiff_t nb_str_rfind_char(nb_str text, char c);
/* Byte offset of the first `needle`, or -1; an empty needle is found at 0. */
ptrdiff_t nb_str_find(nb_str text, nb_str needle);
static inline bool nb_str_contains(nb_str text, nb_str needle)
{
    return nb_str_find(text, needle) >= 0;
}

/* Byte order, shorter first on a tie; qsort-friendly. */
int nb_str_cmp(nb_str a, nb_str b);
/* Equal when ASCII letters' case is ignored. */
bool nb_str_eq_nocase(nb_str a, nb_str b);
/* Without blanks, tabs, CR, LF and FF at the ends (trim), or at the right end only. */
nb_str nb_str_trim(nb_str text);
nb_str nb_str_rtrim(nb_str text);
/* Cuts the text up to the next `c` off the front of *rest, the separator is dropped. False when *rest
 * had been used up (at == NULL). "a,,b" gives three pieces, "" gives one. */
bool nb_str_split(nb_str *rest, char c, nb_str *piece);
/* The next line without its '\n'; false at the end. A final '\n' starts no further line. */
bool nb_str_line(nb_str *rest, nb_str *line);
/* Line `number` (from 1) of the text without its '\n'; empty when there is none. */
nb_str nb_str_line_at(nb_str text, size_t number);
/* The whole text is a decimal integer that fits; *out is untouched otherwise. */
bool nb_str_to_int(nb_str text, int64_t *out);
nb_str nb_str_lower(nb_arena *arena, nb_str text);
nb_str nb_str_upper(nb_arena *arena, nb_str text);
/* Pieces one after the other. */
nb_str nb_str_concat(nb_arena *arena, nb_str a, nb_str b);
/* Number of edits (insert, delete, replace, swap of neighbours) between two short words. */
size_t nb_str_distance(nb_str a, nb_str b);
/* "Did you mean": the candidate nearest to `word`, or an empty view when none is near enough (at most a third
 * of its letters differ). */
nb_str nb_str_nearest(nb_str word, const nb_str *candidates, size_t count);

static inline bool nb_is_digit(char c)
{
    return c >= '0' && c <= '9';
}
static inline bool nb_is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
/* Python identifiers; bytes of non-ASCII letters count as letters. */
static inline bool nb_is_name_start(char c)
{
    return nb_is_alpha(c) || c == '_' || (unsigned char)c >= 0x80;
}
static inline bool nb_is_name(char c)
{
    return nb_is_name_start(c) || nb_is_digit(c);
}
/* The whole text is an identifier (keywords are not told apart). */
bool nb_str_is_name(nb_str text);

#endif
