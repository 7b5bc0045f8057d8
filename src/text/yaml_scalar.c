/* yaml_scalar.c - the core schema of YAML 1.2 (section 10.3.2), and numbers in one spelling. */
#include "text/yaml.h"

static bool is_one_of(nb_str text, const nb_str *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (nb_str_eq(text, words[i]))
            return true;
    return false;
}

#define IS_ONE_OF(text, ...) \
    is_one_of((text), (const nb_str[]){__VA_ARGS__}, NB_LEN(((const nb_str[]){__VA_ARGS__})))

static bool is_null(nb_str text)
{
    return text.len == 0 ||
           IS_ONE_OF(text, NB_STR("null"), NB_STR("~"), NB_STR("Null"), NB_STR("NULL"));
}

static bool is_bool(nb_str text)
{
    return IS_ONE_OF(text, NB_STR("true"), NB_STR("false"), NB_STR("True"), NB_STR("False"),
                     NB_STR("TRUE"), NB_STR("FALSE"));
}

static bool is_sign(char c)
{
    return c == '-' || c == '+';
}

static nb_str unsigned_part(nb_str text)
{
    return text.len > 0 && is_sign(text.at[0]) ? nb_str_from_at(text, 1) : text;
}

static size_t digits(nb_str text, size_t from)
{
    size_t i = from;
    while (i < text.len && nb_is_digit(text.at[i]))
        i++;
    return i - from;
}

static int digit_value(char c)
{
    if (nb_is_digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return 16;
}

enum { LONGEST_RADIX = 1024 }; /* turning them into decimal takes quadratic time */

/* 8 or 16 for 0o17 and 0x1F, which have no sign; else 0. */
static int radix(nb_str text)
{
    if (text.len < 3 || text.len > LONGEST_RADIX || text.at[0] != '0' ||
        (text.at[1] != 'o' && text.at[1] != 'x'))
        return 0;
    int base = text.at[1] == 'o' ? 8 : 16;
    for (size_t i = 2; i < text.len; i++)
        if (digit_value(text.at[i]) >= base)
            return 0;
    return base;
}

static bool is_int(nb_str text)
{
    nb_str number = unsigned_part(text);
    return radix(text) != 0 || (number.len > 0 && digits(number, 0) == number.len);
}

static bool is_infinite(nb_str text)
{
    return IS_ONE_OF(unsigned_part(text), NB_STR(".inf"), NB_STR(".Inf"), NB_STR(".INF"));
}

static bool is_nan(nb_str text)
{
    return IS_ONE_OF(text, NB_STR(".nan"), NB_STR(".NaN"), NB_STR(".NAN"));
}

/* [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )? */
static bool is_finite(nb_str text)
{
    nb_str number = unsigned_part(text);
    size_t whole = digits(number, 0), i = whole, part = 0;
    if (i < number.len && number.at[i] == '.') {
        part = digits(number, i + 1);
        i += 1 + part;
    }
    if (whole + part == 0)
        return false;
    if (i < number.len && (number.at[i] == 'e' || number.at[i] == 'E')) {
        i += i + 1 < number.len && is_sign(number.at[i + 1]) ? 2 : 1;
        size_t exponent = digits(number, i);
        i += exponent;
        if (exponent == 0)
            return false;
    }
    return i == number.len;
}

nb_yaml_kind nb_yaml_resolve(nb_str plain)
{
    if (is_null(plain))
        return NB_YAML_NULL;
    if (is_bool(plain))
        return NB_YAML_BOOL;
    if (is_int(plain))
        return NB_YAML_INT;
    if (is_finite(plain) || is_infinite(plain) || is_nan(plain))
        return NB_YAML_FLOAT;
    return NB_YAML_STR;
}

/* Digits of another base as decimal ones, of any length: long multiplication on the decimal digits, last one first. */
static nb_str decimal(nb_arena *arena, nb_str text, int base)
{
    size_t cap = text.len * 2, len = 1;
    char *out = nb_arena_alloc(arena, cap);
    for (size_t i = 0; i < text.len; i++) {
        int carry = digit_value(text.at[i]);
        for (size_t k = 0; k < len; k++) {
            int value = out[k] * base + carry;
            out[k] = (char)(value % 10);
            carry = value / 10;
        }
        for (; carry > 0; carry /= 10)
            out[len++] = (char)(carry % 10);
    }
    for (size_t k = 0; k < (len + 1) / 2; k++) {
        char low = out[k];
        out[k] = (char)('0' + out[len - 1 - k]);
        out[len - 1 - k] = (char)('0' + low);
    }
    return (nb_str){out, len};
}

static nb_str without_zeros(nb_str digits_)
{
    while (digits_.len > 1 && digits_.at[0] == '0' && nb_is_digit(digits_.at[1]))
        digits_ = nb_str_from_at(digits_, 1);
    return digits_;
}

static nb_str finite_number(nb_arena *arena, nb_str sign, nb_str number)
{
    size_t whole = digits(number, 0);
    nb_str head = whole > 0 ? without_zeros(nb_str_slice(number, 0, whole)) : NB_STR("0");
    nb_str tail = nb_str_from_at(number, whole);
    bool bare_point = tail.len > 0 && tail.at[0] == '.' && digits(tail, 1) == 0;
    if (bare_point)
        tail = nb_str_from_at(tail, 1);
    return nb_arena_printf(arena, NB_STR_FMT NB_STR_FMT "%s" NB_STR_FMT, NB_STR_ARG(sign),
                           NB_STR_ARG(head), bare_point ? ".0" : "", NB_STR_ARG(tail));
}

nb_str nb_yaml_number(nb_arena *arena, nb_yaml_kind kind, nb_str text)
{
    nb_str sign = text.len > 0 && text.at[0] == '-' ? NB_STR("-") : NB_STR("");
    if (kind == NB_YAML_INT && radix(text) != 0)
        return decimal(arena, nb_str_from_at(text, 2), radix(text));
    if (kind == NB_YAML_INT)
        return nb_str_concat(arena, sign, without_zeros(unsigned_part(text)));
    if (is_nan(text))
        return NB_STR("NaN");
    if (is_infinite(text))
        return nb_str_concat(arena, sign, NB_STR("Infinity"));
    return finite_number(arena, sign, unsigned_part(text));
}

const char *nb_yaml_kind_name(nb_yaml_kind kind)
{
    static const char *const names[] = {
        [NB_YAML_NULL] = "empty",         [NB_YAML_BOOL] = "true or false",
        [NB_YAML_INT] = "a whole number", [NB_YAML_FLOAT] = "a number",
        [NB_YAML_STR] = "text",           [NB_YAML_LIST] = "a list",
        [NB_YAML_MAP] = "a mapping",
    };
    return names[kind];
}
