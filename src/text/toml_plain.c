#include "text/toml_parts.h"

/* Values without quotes: true, numbers, dates. Each reader takes its text off the front and says whether it was there. */

static bool take(nb_str *rest, char c)
{
    if (rest->len == 0 || rest->at[0] != c)
        return false;
    *rest = nb_str_from_at(*rest, 1);
    return true;
}

static bool take_any(nb_str *rest, const char *of)
{
    return rest->len > 0 && rest->at[0] && strchr(of, rest->at[0]) && take(rest, rest->at[0]);
}

/* --- numbers ----------------------------------------------------------------------------------- */

static bool is_digit_of(char c, unsigned base)
{
    if (base == 16)
        return nb_is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    return c >= '0' && c < (char)('0' + base);
}

/* Digits; single '_' between two of them. */
static bool take_digits(nb_str *rest, unsigned base)
{
    size_t i = 0;
    while (i < rest->len && is_digit_of(rest->at[i], base)) {
        i++;
        if (i + 1 < rest->len && rest->at[i] == '_' && is_digit_of(rest->at[i + 1], base))
            i++;
    }
    *rest = nb_str_from_at(*rest, i);
    return i > 0;
}

static bool is_based(nb_str word)
{
    if (!take(&word, '0'))
        return false;
    unsigned base = take(&word, 'x') ? 16 : take(&word, 'o') ? 8 : take(&word, 'b') ? 2 : 0;
    return base > 0 && take_digits(&word, base) && word.len == 0;
}

static bool is_decimal(nb_str word, nb_toml_kind *kind)
{
    *kind = NB_TOML_INTEGER;
    (void)take_any(&word, "+-");
    nb_str digits = word;
    bool special = nb_str_eqz(word, "inf") || nb_str_eqz(word, "nan");
    if (!special && !take_digits(&word, 10))
        return false;
    if (digits.at[0] == '0' && digits.len - word.len > 1) /* no leading zeros */
        return false;
    bool fraction = !special && take(&word, '.');
    if (fraction && !take_digits(&word, 10))
        return false;
    bool exponent = !special && take_any(&word, "eE");
    (void)(exponent && take_any(&word, "+-"));
    if (exponent && !take_digits(&word, 10))
        return false;
    if (special || fraction || exponent)
        *kind = NB_TOML_FLOAT;
    return special || word.len == 0;
}

static bool is_number(nb_str word, nb_toml_kind *kind)
{
    *kind = NB_TOML_INTEGER;
    return is_based(word) || is_decimal(word, kind);
}

/* Without '_' and a leading '+'. */
static nb_str number_text(nb_arena *arena, nb_str word)
{
    (void)take(&word, '+');
    if (nb_str_find_char(word, '_') < 0)
        return word;
    char *out = nb_arena_alloc(arena, word.len);
    size_t len = 0;
    for (size_t i = 0; i < word.len; i++)
        if (word.at[i] != '_')
            out[len++] = word.at[i];
    return (nb_str){out, len};
}

/* --- dates ------------------------------------------------------------------------------------- */

/* A number of exactly `digits` digits from `least` to `most`. */
static bool take_number(nb_str *rest, size_t digits, unsigned least, unsigned most, unsigned *value)
{
    unsigned number = 0;
    if (rest->len < digits)
        return false;
    for (size_t i = 0; i < digits; i++) {
        if (!nb_is_digit(rest->at[i]))
            return false;
        number = number * 10 + (unsigned)(rest->at[i] - '0');
    }
    *rest = nb_str_from_at(*rest, digits);
    *value = number;
    return number >= least && number <= most;
}

static unsigned days_of(unsigned year, unsigned month)
{
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (leap && month == 2 ? 1u : 0u);
}

static bool take_date(nb_str *rest)
{
    unsigned year, month, day;
    return take_number(rest, 4, 0, 9999, &year) && take(rest, '-') &&
           take_number(rest, 2, 1, 12, &month) && take(rest, '-') &&
           take_number(rest, 2, 1, days_of(year, month), &day);
}

static bool take_time(nb_str *rest)
{
    unsigned number;
    bool whole = take_number(rest, 2, 0, 23, &number) && take(rest, ':') &&
                 take_number(rest, 2, 0, 59, &number) && take(rest, ':') &&
                 take_number(rest, 2, 0, 59, &number);
    if (!whole || !take(rest, '.'))
        return whole;
    size_t digits = 0;
    while (digits < rest->len && nb_is_digit(rest->at[digits]))
        digits++;
    *rest = nb_str_from_at(*rest, digits);
    return digits > 0;
}

static bool take_offset(nb_str *rest)
{
    unsigned number;
    if (take_any(rest, "Zz"))
        return true;
    return take_any(rest, "+-") && take_number(rest, 2, 0, 23, &number) && take(rest, ':') &&
           take_number(rest, 2, 0, 59, &number);
}

static bool is_date(nb_str word, nb_toml_kind *kind)
{
    nb_str rest = word;
    *kind = NB_TOML_LOCAL_TIME;
    if (take_time(&rest))
        return rest.len == 0;
    rest = word;
    *kind = NB_TOML_LOCAL_DATE;
    if (!take_date(&rest))
        return false;
    if (rest.len == 0)
        return true;
    if (!take_any(&rest, "Tt ") || !take_time(&rest))
        return false;
    *kind = rest.len == 0 ? NB_TOML_LOCAL_DATE_TIME : NB_TOML_OFFSET_DATE_TIME;
    return rest.len == 0 || (take_offset(&rest) && rest.len == 0);
}

static bool is_bool(nb_str word, nb_toml_kind *kind)
{
    *kind = NB_TOML_BOOL;
    return nb_str_eqz(word, "true") || nb_str_eqz(word, "false");
}

/* --- one of them ------------------------------------------------------------------------------- */

static bool ends_word(char c)
{
    return c == '\0' || c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == ',' || c == ']' ||
           c == '}' || c == '#' || c == '=';
}

/* Up to what ends a value; a blank between date and time belongs to it. */
static nb_str next_word(const nb_toml_reader *r)
{
    size_t len = 0;
    while (!ends_word(nb_toml_peek(r, len)))
        len++;
    nb_str word = nb_str_slice(r->text, r->at, r->at + len), date = word;
    bool blank = take_date(&date) && date.len == 0 && nb_toml_peek(r, len) == ' ' &&
                 nb_is_digit(nb_toml_peek(r, len + 1));
    if (!blank)
        return word;
    do
        len++;
    while (!ends_word(nb_toml_peek(r, len)));
    return nb_str_slice(r->text, r->at, r->at + len);
}

static bool refuse_word(nb_toml_reader *r, nb_str word)
{
    if (word.len == 0)
        return nb_toml_refuse(r, r->at, NULL, "a value is expected here");
    bool number = nb_is_digit(word.at[0]) || word.at[0] == '+' || word.at[0] == '-';
    bool text = nb_is_name_start(word.at[0]);
    return nb_toml_refuse(r, r->at, text ? "put the text in quotes" : NULL,
                          number ? "this is no number and no date" : "this is no value");
}

bool nb_toml_read_plain(nb_toml_reader *r, nb_toml *node)
{
    nb_str word = next_word(r);
    bool number = is_number(word, &node->kind);
    if (!number && !is_bool(word, &node->kind) && !is_date(word, &node->kind))
        return refuse_word(r, word);
    node->text = number ? number_text(r->arena, word) : word;
    r->at += word.len;
    return true;
}
