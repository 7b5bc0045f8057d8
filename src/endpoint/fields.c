#include "endpoint/fields.h"

#include "base/path.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>

static void *member(void *into, const nb_field *field)
{
    return (char *)into + field->at;
}

static const void *member_of(const void *from, const nb_field *field)
{
    return (const char *)from + field->at;
}

static bool in_range(const nb_field *field, int64_t value)
{
    if (value < 0 || (field->kind == NB_FIELD_COUNT && value > UINT_MAX))
        return false;
    return field->min == field->max || (value >= field->min && value <= field->max);
}

static void put_number(const nb_field *field, int64_t value, void *into)
{
    if (field->kind == NB_FIELD_COUNT)
        *(unsigned *)member(into, field) = (unsigned)value;
    else if (field->kind == NB_FIELD_SIZE)
        *(size_t *)member(into, field) = (size_t)value;
    else
        *(int64_t *)member(into, field) = value;
}

static int64_t number_of(const nb_field *field, const void *from)
{
    if (field->kind == NB_FIELD_COUNT)
        return *(const unsigned *)member_of(from, field);
    if (field->kind == NB_FIELD_SIZE)
        return (int64_t) * (const size_t *)member_of(from, field);
    return *(const int64_t *)member_of(from, field);
}

static bool is_choice(const nb_field *field, nb_str text)
{
    nb_str rest = nb_str_from(field->choices), one;
    if (!field->choices)
        return true;
    while (nb_str_split(&rest, '|', &one))
        if (nb_str_eq(one, text))
            return true;
    return false;
}

/* The whole text is a number from 0 to 1. */
static bool to_share(nb_arena *arena, nb_str text, double *out)
{
    char *end;
    const char *z = nb_arena_z(arena, text);
    if (text.len == 0 || !nb_is_digit(text.at[0]))
        return false;
    double value = strtod(z, &end);
    if (end != z + text.len || !(value >= 0 && value <= 1))
        return false;
    *out = value;
    return true;
}

/* --- JSON -------------------------------------------------------------------------------------------- */

/* An error at a value that was read already. */
static void refuse_at(nb_json_reader *r, size_t at, nb_str what)
{
    if (r->bad)
        return;
    r->bad = true;
    r->bad_at = at;
    r->bad_what = what.at;
}

static void read_number(nb_json_reader *r, nb_arena *arena, const nb_field *field, void *into)
{
    (void)nb_json_peek(r);
    size_t at = r->at;
    int64_t value = nb_json_int(r);
    if (r->bad)
        return;
    if (in_range(field, value))
        put_number(field, value, into);
    else
        refuse_at(r, at, nb_arena_printf(arena, "'%s' cannot be this large or small", field->key));
}

static void read_share(nb_json_reader *r, nb_arena *arena, const nb_field *field, void *into)
{
    (void)nb_json_peek(r);
    size_t at = r->at;
    nb_str text = nb_json_number(r);
    if (!r->bad && !to_share(arena, text, member(into, field)))
        refuse_at(r, at, nb_arena_printf(arena, "'%s' must be from 0 to 1", field->key));
}

static void read_text(nb_json_reader *r, nb_arena *arena, const nb_field *field, nb_str root,
                      void *into)
{
    (void)nb_json_peek(r);
    size_t at = r->at;
    nb_str text = nb_json_string(r, arena);
    if (r->bad)
        return;
    if (text.len > 0 && memchr(text.at, '\0', text.len)) {
        refuse_at(r, at, nb_arena_printf(arena, "'%s' holds a NUL", field->key));
        return;
    }
    if (!is_choice(field, text)) {
        refuse_at(r, at, nb_arena_printf(arena, "'%s' is one of %s", field->key, field->choices));
        return;
    }
    if (field->kind == NB_FIELD_PATH && text.len > 0)
        text = nb_path_clean(arena, nb_path_join(arena, root, text));
    *(nb_str *)member(into, field) = nb_arena_str(arena, text);
}

static void read_member(nb_json_reader *r, nb_arena *arena, const nb_field *field, nb_str root,
                        void *into)
{
    switch (field->kind) {
    case NB_FIELD_TEXT:
    case NB_FIELD_PATH: read_text(r, arena, field, root, into); break;
    case NB_FIELD_BOOL: *(bool *)member(into, field) = nb_json_bool(r); break;
    case NB_FIELD_COUNT:
    case NB_FIELD_SIZE:
    case NB_FIELD_MS:
    case NB_FIELD_RATE:
    case NB_FIELD_US: read_number(r, arena, field, into); break;
    case NB_FIELD_SHARE: read_share(r, arena, field, into); break;
    }
}

void nb_fields_read(nb_json_reader *r, nb_arena *arena, nb_fields fields, nb_str root, void *into)
{
    uint64_t seen = 0;
    nb_str key;
    (void)nb_json_peek(r);
    size_t start = r->at;
    if (!nb_json_enter(r, NB_JSON_OBJECT))
        return;
    while (nb_json_next_key(r, arena, &key)) {
        size_t i = 0;
        while (i < fields.count && !nb_str_eqz(key, fields.rows[i].key))
            i++;
        if (i == fields.count) {
            nb_json_refuse(r, nb_arena_printf(arena, "unknown member '" NB_STR_FMT "'",
                                              NB_STR_ARG(nb_str_slice(key, 0, 60)))
                                  .at);
        } else if (seen & (UINT64_C(1) << i)) {
            nb_json_refuse(r,
                           nb_arena_printf(arena, "'%s' stands here twice", fields.rows[i].key).at);
        } else {
            seen |= UINT64_C(1) << i;
            read_member(r, arena, &fields.rows[i], root, into);
        }
    }
    for (size_t i = 0; i < fields.count; i++)
        if (fields.rows[i].required && !(seen & (UINT64_C(1) << i)))
            refuse_at(r, start, nb_arena_printf(arena, "'%s' is missing", fields.rows[i].key));
}

static nb_str path_in_file(nb_arena *arena, nb_str root, nb_str path)
{
    nb_str clean = path.len > 0 ? nb_path_clean(arena, path) : path;
    bool inside =
        clean.len > root.len + 1 && nb_str_starts(clean, root) && clean.at[root.len] == '/';
    return inside ? nb_str_from_at(clean, root.len + 1) : clean;
}

/* The shortest digits that read back as the same number. */
static nb_str share_text(nb_arena *arena, double value)
{
    nb_str text = nb_arena_printf(arena, "%.15g", value);
    double off = strtod(text.at, NULL) - value;
    return !(off > 0 || off < 0) ? text : nb_arena_printf(arena, "%.17g", value);
}

static void write_member(nb_json_writer *w, nb_arena *arena, const nb_field *field, nb_str root,
                         const void *from)
{
    const void *value = member_of(from, field);
    nb_json_key(w, nb_str_from(field->key));
    switch (field->kind) {
    case NB_FIELD_TEXT:
    case NB_FIELD_PATH: {
        nb_str text = *(const nb_str *)value;
        if (field->kind == NB_FIELD_PATH)
            text = path_in_file(arena, root, text);
        nb_json_put_str(w, text.at ? text : NB_STR(""));
        break;
    }
    case NB_FIELD_BOOL: nb_json_put_bool(w, *(const bool *)value); break;
    case NB_FIELD_COUNT:
    case NB_FIELD_SIZE:
    case NB_FIELD_MS:
    case NB_FIELD_RATE:
    case NB_FIELD_US: nb_json_put_int(w, number_of(field, from)); break;
    case NB_FIELD_SHARE: nb_json_put_raw(w, share_text(arena, *(const double *)value)); break;
    }
}

void nb_fields_write(nb_json_writer *w, nb_arena *arena, nb_fields fields, nb_str root,
                     const void *from)
{
    for (size_t i = 0; i < fields.count; i++)
        write_member(w, arena, &fields.rows[i], root, from);
}

/* --- text -------------------------------------------------------------------------------------------- */

typedef struct unit {
    const char *name;
    int64_t factor;
} unit;

static const unit size_units[] = {
    {"",    1               },
    {"k",   INT64_C(1) << 10},
    {"kib", INT64_C(1) << 10},
    {"kb",  INT64_C(1) << 10},
    {"m",   INT64_C(1) << 20},
    {"mib", INT64_C(1) << 20},
    {"mb",  INT64_C(1) << 20},
    {"g",   INT64_C(1) << 30},
    {"gib", INT64_C(1) << 30},
    {"gb",  INT64_C(1) << 30},
};
static const unit ms_units[] = {
    {"",    1000   },
    {"s",   1000   },
    {"ms",  1      },
    {"m",   60000  },
    {"min", 60000  },
    {"h",   3600000},
};
static const unit us_units[] = {
    {"us", 1      },
    {"ms", 1000   },
    {"s",  1000000},
};

static const unit rate_units[] = {
    {"",     3600},
    {"/s",   3600},
    {"/min", 60  },
    {"/h",   1   },
};

/* "16M": a whole number and the name of a unit. */
static bool to_units(nb_arena *arena, nb_str text, const unit *units, size_t count, int64_t *out)
{
    size_t digits = 0;
    int64_t value;
    while (digits < text.len && nb_is_digit(text.at[digits]))
        digits++;
    nb_str name = nb_str_lower(arena, nb_str_trim(nb_str_from_at(text, digits)));
    if (!nb_str_to_int(nb_str_slice(text, 0, digits), &value))
        return false;
    if (value == 0 && name.len == 0) {
        *out = 0;
        return true;
    }
    for (size_t i = 0; i < count; i++)
        if (nb_str_eqz(name, units[i].name))
            return !__builtin_mul_overflow(value, units[i].factor, out);
    return false;
}

static bool to_bool(nb_str text, bool *out)
{
    static const char *const words[] = {"false", "true", "off", "on", "no", "yes"};
    for (size_t i = 0; i < NB_LEN(words); i++)
        if (nb_str_eqz(text, words[i])) {
            *out = i % 2 == 1;
            return true;
        }
    return false;
}

static bool to_number(nb_arena *arena, const nb_field *field, nb_str text, void *into)
{
    int64_t value = -1;
    bool is = false;
    if (field->kind == NB_FIELD_SIZE)
        is = to_units(arena, text, size_units, NB_LEN(size_units), &value);
    else if (field->kind == NB_FIELD_MS)
        is = to_units(arena, text, ms_units, NB_LEN(ms_units), &value);
    else if (field->kind == NB_FIELD_RATE)
        is = to_units(arena, text, rate_units, NB_LEN(rate_units), &value);
    else if (field->kind == NB_FIELD_US)
        is = to_units(arena, text, us_units, NB_LEN(us_units), &value);
    else
        is = nb_str_to_int(text, &value);
    if (!is || !in_range(field, value))
        return false;
    put_number(field, value, into);
    return true;
}

static bool set(nb_arena *arena, const nb_field *field, nb_str text, void *into)
{
    switch (field->kind) {
    case NB_FIELD_TEXT:
        if (!is_choice(field, text))
            return false;
        *(nb_str *)member(into, field) = nb_arena_str(arena, text);
        return true;
    case NB_FIELD_PATH:
        if (text.len > 0 && !nb_path_is_absolute(text))
            return false;
        *(nb_str *)member(into, field) = nb_arena_str(arena, text);
        return true;
    case NB_FIELD_BOOL: return to_bool(text, member(into, field));
    case NB_FIELD_COUNT:
    case NB_FIELD_SIZE:
    case NB_FIELD_MS:
    case NB_FIELD_RATE:
    case NB_FIELD_US: return to_number(arena, field, text, into);
    case NB_FIELD_SHARE: {
        bool percent = nb_str_ends(text, NB_STR("%"));
        double *share = member(into, field);
        int64_t whole;
        if (!percent)
            return to_share(arena, text, share);
        if (!nb_str_to_int(nb_str_slice(text, 0, text.len - 1), &whole) || whole < 0 || whole > 100)
            return false;
        *share = (double)whole / 100;
        return true;
    }
    }
    return false;
}

static const char *wanted(nb_field_kind kind)
{
    switch (kind) {
    case NB_FIELD_TEXT: return "a text";
    case NB_FIELD_PATH: return "an absolute path";
    case NB_FIELD_BOOL: return "true or false";
    case NB_FIELD_COUNT: return "a whole number";
    case NB_FIELD_SIZE: return "a size such as '16M'";
    case NB_FIELD_MS: return "a time such as '60s' or '500ms'";
    case NB_FIELD_US: return "a time such as '250us' or '5ms'";
    case NB_FIELD_RATE: return "a rate such as '10/s' or '30/min'";
    case NB_FIELD_SHARE: return "a share from 0 to 1, or a percentage such as '10%'";
    }
    return "something else";
}

nb_code nb_field_set(nb_arena *arena, const nb_field *field, nb_str text, void *into, nb_error *err)
{
    if (set(arena, field, text, into))
        return NB_OK;
    (void)nb_fail(err, NB_ERR_USAGE, "'%s' cannot be '" NB_STR_FMT "'", field->key,
                  NB_STR_ARG(nb_str_slice(text, 0, 60)));
    if (field->choices)
        nb_error_hint(err, "write one of %s", field->choices);
    else if (field->kind == NB_FIELD_COUNT && field->min != field->max)
        nb_error_hint(err, "write a whole number from %lld to %lld", (long long)field->min,
                      (long long)field->max);
    else
        nb_error_hint(err, "write %s", wanted(field->kind));
    return err->code;
}
