#include "base/str.h"

#include <limits.h>

ptrdiff_t nb_str_find_char(nb_str text, char c)
{
    const char *hit = text.len > 0 ? memchr(text.at, c, text.len) : NULL;
    return hit ? hit - text.at : NB_NPOS;
}

ptrdiff_t nb_str_rfind_char(nb_str text, char c)
{
    const char *hit = text.len > 0 ? memrchr(text.at, c, text.len) : NULL;
    return hit ? hit - text.at : NB_NPOS;
}

ptrdiff_t nb_str_find(nb_str text, nb_str needle)
{
    if (needle.len == 0)
        return 0;
    const char *hit = text.len > 0 ? memmem(text.at, text.len, needle.at, needle.len) : NULL;
    return hit ? hit - text.at : NB_NPOS;
}

int nb_str_cmp(nb_str a, nb_str b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    int order = len > 0 ? memcmp(a.at, b.at, len) : 0;
    if (order != 0)
        return order;
    return (a.len > b.len) - (a.len < b.len);
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

bool nb_str_eq_nocase(nb_str a, nb_str b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (lower(a.at[i]) != lower(b.at[i]))
            return false;
    return true;
}

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f';
}

nb_str nb_str_rtrim(nb_str text)
{
    while (text.len > 0 && blank(text.at[text.len - 1]))
        text.len--;
    return text;
}

nb_str nb_str_trim(nb_str text)
{
    text = nb_str_rtrim(text);
    while (text.len > 0 && blank(text.at[0])) {
        text.at++;
        text.len--;
    }
    return text;
}

bool nb_str_split(nb_str *rest, char c, nb_str *piece)
{
    if (!rest->at)
        return false;
    ptrdiff_t hit = nb_str_find_char(*rest, c);
    if (hit < 0) {
        *piece = *rest;
        *rest = (nb_str){0};
    } else {
        *piece = nb_str_slice(*rest, 0, (size_t)hit);
        *rest = nb_str_from_at(*rest, (size_t)hit + 1);
    }
    return true;
}

bool nb_str_line(nb_str *rest, nb_str *line)
{
    if (rest->len == 0)
        return false;
    return nb_str_split(rest, '\n', line);
}

nb_str nb_str_line_at(nb_str text, size_t number)
{
    nb_str line;
    for (size_t n = 1; nb_str_line(&text, &line); n++)
        if (n == number)
            return line;
    return NB_STR("");
}

bool nb_str_to_int(nb_str text, int64_t *out)
{
    bool negative = text.len > 0 && text.at[0] == '-';
    size_t i = text.len > 0 && (negative || text.at[0] == '+') ? 1 : 0;
    if (i == text.len)
        return false;
    int64_t value = 0;
    for (; i < text.len; i++) {
        if (!nb_is_digit(text.at[i]))
            return false;
        int digit = text.at[i] - '0';
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_sub_overflow(value, digit, &value)) /* negative: INT64_MIN fits */
            return false;
    }
    if (!negative && value == INT64_MIN)
        return false;
    *out = negative ? value : -value;
    return true;
}

static nb_str mapped(nb_arena *arena, nb_str text, char (*map)(char))
{
    char *copy = nb_arena_z(arena, text);
    for (size_t i = 0; i < text.len; i++)
        copy[i] = map(copy[i]);
    return (nb_str){copy, text.len};
}

nb_str nb_str_lower(nb_arena *arena, nb_str text)
{
    return mapped(arena, text, lower);
}

nb_str nb_str_upper(nb_arena *arena, nb_str text)
{
    return mapped(arena, text, upper);
}

nb_str nb_str_concat(nb_arena *arena, nb_str a, nb_str b)
{
    char *joined = nb_arena_alloc(arena, a.len + b.len + 1);
    if (a.len > 0)
        memcpy(joined, a.at, a.len);
    if (b.len > 0)
        memcpy(joined + a.len, b.at, b.len);
    return (nb_str){joined, a.len + b.len};
}

enum { LONGEST_WORD = 64 };

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Optimal string alignment distance (Damerau-Levenshtein without overlapping swaps). */
size_t nb_str_distance(nb_str a, nb_str b)
{
    size_t rows[3][LONGEST_WORD + 1];
    if (a.len > LONGEST_WORD || b.len > LONGEST_WORD)
        return nb_str_eq(a, b) ? 0 : SIZE_MAX;
    size_t *before = rows[0], *last = rows[1], *now = rows[2];
    for (size_t j = 0; j <= b.len; j++)
        last[j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        now[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t cost = a.at[i - 1] != b.at[j - 1];
            now[j] = least(least(last[j] + 1, now[j - 1] + 1), last[j - 1] + cost);
            if (i > 1 && j > 1 && a.at[i - 1] == b.at[j - 2] && a.at[i - 2] == b.at[j - 1])
                now[j] = least(now[j], before[j - 2] + 1);
        }
        size_t *spare = before;
        before = last;
        last = now;
        now = spare;
    }
    return last[b.len];
}

nb_str nb_str_nearest(nb_str word, const nb_str *candidates, size_t count)
{
    nb_str best = NB_STR("");
    size_t best_distance = word.len / 3 + 1;
    for (size_t i = 0; i < count; i++) {
        if (nb_str_eq_nocase(word, candidates[i]))
            return candidates[i];
        size_t distance = nb_str_distance(word, candidates[i]);
        if (distance < best_distance) {
            best_distance = distance;
            best = candidates[i];
        }
    }
    return best;
}

bool nb_str_is_name(nb_str text)
{
    if (text.len == 0 || !nb_is_name_start(text.at[0]))
        return false;
    for (size_t i = 1; i < text.len; i++)
        if (!nb_is_name(text.at[i]))
            return false;
    return true;
}
