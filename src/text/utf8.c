#include "text/utf8.h"

enum { REPLACEMENT = 0xFFFD };

static bool is_tail(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

/* Length of the sequence that starts with `lead`, and the least code point that needs this length; 0 for a byte that
 * starts none. */
static size_t sequence_length(unsigned char lead, uint32_t *least)
{
    if (lead >= 0xC2 && lead <= 0xDF) {
        *least = 0x80;
        return 2;
    }
    if (lead >= 0xE0 && lead <= 0xEF) {
        *least = 0x800;
        return 3;
    }
    if (lead >= 0xF0 && lead <= 0xF4) {
        *least = 0x10000;
        return 4;
    }
    return 0;
}

/* Length of the valid sequence of two or more bytes at text.at[at]; 0 when there is none. */
static size_t decode(nb_str text, size_t at, uint32_t *code)
{
    uint32_t least = 0;
    unsigned char lead = (unsigned char)text.at[at];
    size_t len = sequence_length(lead, &least);
    if (len == 0 || len > text.len - at)
        return 0;
    uint32_t value = lead & (0xFFu >> (len + 1));
    for (size_t i = 1; i < len; i++) {
        if (!is_tail(text.at[at + i]))
            return 0;
        value = value << 6 | ((unsigned char)text.at[at + i] & 0x3Fu);
    }
    if (value < least || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
        return 0;
    *code = value;
    return len;
}

/* End of the run of ASCII that starts at `at`, eight bytes at a time. */
static size_t skip_ascii(nb_str text, size_t at)
{
    uint64_t word;
    while (at + sizeof(word) <= text.len) {
        memcpy(&word, text.at + at, sizeof(word));
        if (word & 0x8080808080808080u)
            break;
        at += sizeof(word);
    }
    while (at < text.len && (unsigned char)text.at[at] < 0x80)
        at++;
    return at;
}

size_t nb_utf8_valid(nb_str text)
{
    size_t at = 0;
    for (;;) {
        uint32_t code;
        at = skip_ascii(text, at);
        size_t len = at < text.len ? decode(text, at, &code) : 0;
        if (len == 0)
            return at;
        at += len;
    }
}

uint32_t nb_utf8_next(nb_str text, size_t *at)
{
    uint32_t code = REPLACEMENT;
    unsigned char first = (unsigned char)text.at[*at];
    if (first < 0x80) {
        ++*at;
        return first;
    }
    size_t len = decode(text, *at, &code);
    *at += len > 0 ? len : 1;
    return code;
}

void nb_utf8_put(nb_buf *out, uint32_t code)
{
    if (code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
        code = REPLACEMENT;
    char bytes[4];
    size_t len = 0;
    if (code < 0x80) {
        bytes[len++] = (char)code;
    } else if (code < 0x800) {
        bytes[len++] = (char)(0xC0 | code >> 6);
    } else if (code < 0x10000) {
        bytes[len++] = (char)(0xE0 | code >> 12);
        bytes[len++] = (char)(0x80 | (code >> 6 & 0x3F));
    } else {
        bytes[len++] = (char)(0xF0 | code >> 18);
        bytes[len++] = (char)(0x80 | (code >> 12 & 0x3F));
        bytes[len++] = (char)(0x80 | (code >> 6 & 0x3F));
    }
    if (code >= 0x80)
        bytes[len++] = (char)(0x80 | (code & 0x3F));
    nb_buf_put(out, (nb_str){bytes, len});
}

size_t nb_utf8_count(nb_str text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += !is_tail(text.at[i]);
    return count;
}
