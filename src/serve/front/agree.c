#include "serve/front/agree.h"

#include <math.h>
#include <stdlib.h>

static const double relative = 1e-6, absolute = 1e-9;
enum { LONGEST_NUMBER = 400 }; /* digits of the longest double, and some */

typedef enum piece_kind { PIECE_END, PIECE_NUMBER, PIECE_STRING, PIECE_OTHER } piece_kind;

typedef struct piece {
    piece_kind kind;
    nb_str text;
} piece;

static bool is_white(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_word(char c)
{
    return nb_is_alpha(c) || nb_is_digit(c) || c == '+' || c == '-' || c == '.' || c == '_';
}

static bool begins_number(nb_str word)
{
    size_t sign = word.at[0] == '-' || word.at[0] == '+';
    return word.len > sign && (nb_is_digit(word.at[sign]) || word.at[sign] == '.');
}

/* From a quote to the next one that no backslash hides. */
static size_t string_end(nb_str text)
{
    for (size_t i = 1; i < text.len; i++) {
        if (text.at[i] == '\\')
            i++;
        else if (text.at[i] == '"')
            return i + 1;
    }
    return text.len;
}

/* A string, a word (numbers, true, NaN) or one other byte; *rest moves behind it. */
static piece next_piece(nb_str *rest)
{
    size_t len = 1;
    while (rest->len > 0 && is_white(rest->at[0]))
        *rest = nb_str_from_at(*rest, 1);
    if (rest->len == 0)
        return (piece){.kind = PIECE_END};
    piece got = {.kind = PIECE_OTHER};
    if (rest->at[0] == '"') {
        got.kind = PIECE_STRING;
        len = string_end(*rest);
    } else if (is_word(rest->at[0])) {
        while (len < rest->len && is_word(rest->at[len]))
            len++;
        got.kind = begins_number(nb_str_slice(*rest, 0, len)) ? PIECE_NUMBER : PIECE_OTHER;
    }
    got.text = nb_str_slice(*rest, 0, len);
    *rest = nb_str_from_at(*rest, len);
    return got;
}

/* False: it only looked like one ("2024-01-01", "1.2.3"). */
static bool value_of(nb_str text, double *out)
{
    char z[LONGEST_NUMBER + 1], *end;
    if (text.len > LONGEST_NUMBER)
        return false;
    memcpy(z, text.at, text.len);
    z[text.len] = '\0';
    *out = strtod(z, &end);
    return *end == '\0';
}

static bool numbers_agree(nb_str a, nb_str b)
{
    double x, y;
    if (!value_of(a, &x) || !value_of(b, &y))
        return false;
    double apart = fabs(x - y), larger = fabs(x) > fabs(y) ? fabs(x) : fabs(y);
    return x == y || apart <= absolute || apart <= relative * larger;
}

bool nb_agrees(nb_str a, nb_str b)
{
    if (nb_str_eq(a, b))
        return true;
    for (;;) {
        piece x = next_piece(&a), y = next_piece(&b);
        if (x.kind == PIECE_END || y.kind == PIECE_END)
            return x.kind == y.kind;
        if (nb_str_eq(x.text, y.text))
            continue;
        if (x.kind != PIECE_NUMBER || y.kind != PIECE_NUMBER || !numbers_agree(x.text, y.text))
            return false;
    }
}
