#include "serve/contract/tensor_parts.h"

#include "text/json_write.h"

#include <math.h>
#include <stdlib.h>

/* --- datatypes ------------------------------------------------------------------------------------------------------ */

static const nb_datatype_row rows[NB_DATATYPE_COUNT] = {
    [NB_BOOL] = {"BOOL",   "bool",    NB_KIND_BOOL,  1, 0,                 0         },
    [NB_UINT8] = {"UINT8",  "uint8",   NB_KIND_WHOLE, 1, 0,                 UINT8_MAX },
    [NB_UINT16] = {"UINT16", "uint16",  NB_KIND_WHOLE, 2, 0,                 UINT16_MAX},
    [NB_UINT32] = {"UINT32", "uint32",  NB_KIND_WHOLE, 4, 0,                 UINT32_MAX},
    [NB_UINT64] = {"UINT64", "uint64",  NB_KIND_WHOLE, 8, 0,                 UINT64_MAX},
    [NB_INT8] = {"INT8",   "int8",    NB_KIND_WHOLE, 1, 128,               INT8_MAX  },
    [NB_INT16] = {"INT16",  "int16",   NB_KIND_WHOLE, 2, 32768,             INT16_MAX },
    [NB_INT32] = {"INT32",  "int32",   NB_KIND_WHOLE, 4, UINT64_C(1) << 31, INT32_MAX },
    [NB_INT64] = {"INT64",  "int64",   NB_KIND_WHOLE, 8, UINT64_C(1) << 63, INT64_MAX },
    [NB_FP16] = {"FP16",   "float16", NB_KIND_REAL,  2, 0,                 0         },
    [NB_FP32] = {"FP32",   "float32", NB_KIND_REAL,  4, 0,                 0         },
    [NB_FP64] = {"FP64",   "float64", NB_KIND_REAL,  8, 0,                 0         },
    [NB_BYTES] = {"BYTES",  "object",  NB_KIND_TEXT,  0, 0,                 0         },
};

const nb_datatype_row *nb_datatype_row_of(nb_datatype datatype)
{
    return &rows[datatype];
}

const char *nb_datatype_name(nb_datatype datatype)
{
    return rows[datatype].name;
}

bool nb_datatype_find(nb_str name, nb_datatype *out)
{
    for (size_t i = 0; i < NB_LEN(rows); i++) {
        if (nb_str_eqz(name, rows[i].name)) {
            *out = (nb_datatype)i;
            return true;
        }
    }
    return false;
}

/* pandas writes "Int64" and "boolean" for the types of its own that may be missing. */
nb_datatype nb_datatype_of(nb_str dtype)
{
    for (size_t i = 0; i < NB_LEN(rows); i++)
        if (nb_str_eq_nocase(dtype, nb_str_from(rows[i].dtype)))
            return (nb_datatype)i;
    return nb_str_eqz(dtype, "boolean") ? NB_BOOL : NB_BYTES;
}

bool nb_whole_number(nb_str text, uint64_t *size, bool *negative)
{
    uint64_t value = 0;
    size_t at = text.len > 0 && text.at[0] == '-';
    *negative = at > 0;
    if (at == text.len)
        return false;
    for (; at < text.len; at++) {
        if (!nb_is_digit(text.at[at]) || __builtin_mul_overflow(value, (uint64_t)10, &value) ||
            __builtin_add_overflow(value, (uint64_t)(text.at[at] - '0'), &value))
            return false;
    }
    *size = value;
    return true;
}

/* --- elements of JSON data ------------------------------------------------------------------------------------------ */

static bool is_between(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == ',' || c == '[' || c == ']';
}

static size_t string_end(nb_str text, size_t at)
{
    for (at++; at < text.len && text.at[at] != '"'; at++)
        at += text.at[at] == '\\';
    return at < text.len ? at + 1 : text.len;
}

nb_str nb_elements_next(nb_elements *elements)
{
    nb_str data = elements->tensor->data;
    size_t from = elements->at;
    while (from < data.len && is_between(data.at[from]))
        from++;
    size_t to = from;
    if (to < data.len && data.at[to] == '"')
        to = string_end(data, to);
    else
        while (to < data.len && !is_between(data.at[to]))
            to++;
    elements->at = to;
    return nb_str_slice(data, from, to);
}

/* --- elements as bytes: little-endian ------------------------------------------------------------------------------- */

static uint64_t get_bytes(const char *at, unsigned width)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < width; i++)
        value |= (uint64_t)(unsigned char)at[i] << (8 * i);
    return value;
}

static void put_bytes(nb_buf *out, uint64_t value, unsigned width)
{
    for (unsigned i = 0; i < width; i++)
        nb_buf_putc(out, (char)(unsigned char)(value >> (8 * i) & 0xff));
}

static double half(unsigned bits)
{
    int exponent = (int)(bits >> 10 & 31);
    unsigned fraction = bits & 1023;
    double size = exponent == 31  ? (fraction > 0 ? (double)NAN : (double)INFINITY)
                  : exponent == 0 ? ldexp(fraction, -24)
                                  : ldexp(1024 + fraction, exponent - 25);
    return bits >> 15 ? -size : size;
}

static double real_of(const char *at, nb_datatype datatype)
{
    uint64_t bits = get_bytes(at, rows[datatype].width);
    uint32_t low = (uint32_t)bits;
    float single;
    double value;
    if (datatype == NB_FP16)
        return half((unsigned)bits);
    if (datatype == NB_FP32) {
        memcpy(&single, &low, sizeof single);
        return (double)single;
    }
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* The value exactly, as Python reads it; short where it has few digits, which is quicker as well. What is no number is written as Python's json
 * does. */
static void write_real(nb_buf *out, double value)
{
    double scale = 1;
    if (isnan(value) || isinf(value)) {
        nb_buf_putz(out, isnan(value) ? "NaN" : value < 0 ? "-Infinity" : "Infinity");
        return;
    }
    for (int digits = 1; digits <= 6 && fabs(value) < 1e9; digits++) {
        scale *= 10;
        double whole = value * scale;
        if (whole == (double)(int64_t)whole && whole / scale == value) {
            nb_buf_printf(out, "%.*f", digits, value);
            return;
        }
    }
    nb_buf_printf(out, "%.17g", value);
}

static void write_whole(nb_buf *out, const char *at, nb_datatype datatype)
{
    unsigned width = rows[datatype].width;
    uint64_t bits = get_bytes(at, width);
    if (rows[datatype].lowest == 0) {
        nb_buf_printf(out, "%llu", (unsigned long long)bits);
        return;
    }
    if (width > 0 && width < 8 && bits >> (8 * width - 1)) /* the sign, in all higher bits */
        bits |= ~UINT64_C(0) << (8 * width);
    nb_buf_printf(out, "%lld", (long long)(int64_t)bits);
}

static void write_binary(nb_elements *elements, nb_buf *out)
{
    const nb_tensor *tensor = elements->tensor;
    const nb_datatype_row *row = &rows[tensor->datatype];
    const char *at = tensor->data.at + elements->at;
    size_t length;
    switch (row->kind) {
    case NB_KIND_BOOL: nb_buf_putz(out, *at ? "true" : "false"); break;
    case NB_KIND_WHOLE: write_whole(out, at, tensor->datatype); break;
    case NB_KIND_REAL: write_real(out, real_of(at, tensor->datatype)); break;
    case NB_KIND_TEXT:
        length = (size_t)get_bytes(at, 4);
        nb_json_quote(out, (nb_str){at + 4, length});
        elements->at += 4 + length;
        break;
    }
    elements->at += row->width;
}

void nb_elements_write(nb_elements *elements, nb_buf *out)
{
    if (elements->tensor->binary)
        write_binary(elements, out);
    else
        nb_buf_put(out, nb_elements_next(elements));
}

/* --- JSON as bytes -------------------------------------------------------------------------------------------------- */

/* What is missing (null) is no number. The number ends where the next separator stands. */
static uint64_t real_bits(nb_str text)
{
    double value = text.len > 0 && text.at[0] != 'n' ? strtod(text.at, NULL) : (double)NAN;
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static void write_text_bytes(nb_str quoted, nb_buf *out)
{
    NB_AUTO(nb_buf) text = NB_BUF_INIT(NB_BUF_TEXT);
    nb_json_reader r;
    if (quoted.len > 0 && quoted.at[0] == '"') {
        nb_json_open(&r, quoted, NB_STR(""), NB_JSON_NOTEBOOK);
        nb_json_string_to(&r, &text);
    }
    put_bytes(out, text.len, 4);
    nb_buf_put(out, nb_buf_view(&text));
}

void nb_tensor_write_bytes(const nb_tensor *tensor, nb_buf *out)
{
    const nb_datatype_row *row = &rows[tensor->datatype];
    nb_elements elements = {tensor, 0};
    for (size_t i = 0; i < tensor->count; i++) {
        nb_str text = nb_elements_next(&elements);
        uint64_t size = 0;
        bool negative = false;
        switch (row->kind) {
        case NB_KIND_BOOL: nb_buf_putc(out, nb_str_eqz(text, "true")); break;
        case NB_KIND_WHOLE:
            (void)nb_whole_number(text, &size, &negative);
            put_bytes(out, negative ? ~size + 1 : size, row->width);
            break;
        case NB_KIND_REAL:
            put_bytes(out, real_bits(text), 8);
            break; /* FP64: no output is another */
        case NB_KIND_TEXT: write_text_bytes(text, out); break;
        }
    }
}
