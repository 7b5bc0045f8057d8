#include "text/toml_parts.h"

#include "text/utf8.h"

#define CLOSE_IT       "write the closing quote"
#define UNKNOWN_ESCAPE "unknown escape in double quotes"
#define UNKNOWN_HINT   "write \\\\ for a backslash, or use single quotes"

/* A string that is being read: the text since `kept` is not in the buffer yet. Most strings need no buffer: they are views. */
typedef struct string {
    nb_toml_reader *r;
    size_t open; /* its first quote */
    size_t kept;
    nb_buf buf;
    bool copied;
    char quote;
    bool lines; /* three quotes: it may go over lines */
} string;

static void flush(string *s)
{
    nb_buf_put(&s->buf, nb_str_slice(s->r->text, s->kept, s->r->at));
    s->copied = true;
}

/* --- escapes ----------------------------------------------------------------------------------- */

static int hex_value(char c)
{
    if (nb_is_digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* \uXXXX or \UXXXXXXXX: r->at is at the first digit. */
static bool read_code_point(string *s, unsigned digits)
{
    nb_toml_reader *r = s->r;
    uint32_t code = 0;
    for (unsigned i = 0; i < digits; i++) {
        int value = hex_value(nb_toml_peek(r, i));
        if (value < 0)
            return nb_toml_refuse(r, r->at - 2, NULL, "the escape takes %u hexadecimal digits",
                                  digits);
        code = code << 4 | (uint32_t)value;
    }
    if (code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
        return nb_toml_refuse(r, r->at - 2, NULL, "the escape is no character");
    r->at += digits;
    nb_utf8_put(&s->buf, code);
    return true;
}

/* A backslash at the end of a line: it, the line end and all blanks up to the next text count as nothing. */
static bool join_lines(string *s)
{
    nb_toml_reader *r = s->r;
    size_t backslash = r->at - 1;
    nb_toml_skip_blanks(r);
    if (nb_toml_newline(r) == 0)
        return nb_toml_refuse(r, backslash, UNKNOWN_HINT, UNKNOWN_ESCAPE);
    while (nb_toml_newline(r) > 0) {
        r->at += nb_toml_newline(r);
        nb_toml_skip_blanks(r);
    }
    return true;
}

static bool read_escape(string *s)
{
    static const char letters[] = "btnfr\"\\", meaning[] = "\b\t\n\f\r\"\\";
    nb_toml_reader *r = s->r;
    flush(s);
    r->at++;
    char c = nb_toml_peek(r, 0);
    const char *found = c ? strchr(letters, c) : NULL;
    bool read;
    if (c == 'u' || c == 'U') {
        r->at++;
        read = read_code_point(s, c == 'u' ? 4 : 8);
    } else if (found) {
        nb_buf_putc(&s->buf, meaning[found - letters]);
        r->at++;
        read = true;
    } else if (s->lines) {
        read = join_lines(s);
    } else {
        read = nb_toml_refuse(r, r->at - 1, UNKNOWN_HINT, UNKNOWN_ESCAPE);
    }
    s->kept = r->at;
    return read;
}

/* --- the text between the quotes --------------------------------------------------------------- */

/* At the closing quotes? Three of them close, and two more before them belong to the text. */
static bool at_end(const string *s)
{
    const nb_toml_reader *r = s->r;
    if (nb_toml_peek(r, 0) != s->quote)
        return false;
    return !s->lines || (nb_toml_peek(r, 1) == s->quote && nb_toml_peek(r, 2) == s->quote);
}

static void read_last_quotes(string *s)
{
    for (unsigned i = 0; s->lines && i < 2 && nb_toml_peek(s->r, 3) == s->quote; i++)
        s->r->at++;
}

static bool unclosed(string *s)
{
    return nb_toml_refuse(s->r, s->open, CLOSE_IT, "a string that is never closed");
}

/* One character, or a line end, which is always LF in the value. */
static bool read_one(string *s)
{
    nb_toml_reader *r = s->r;
    size_t newline = nb_toml_newline(r);
    if (r->at >= r->text.len || (newline > 0 && !s->lines))
        return unclosed(s);
    if (newline == 2) {
        flush(s);
        s->kept = ++r->at;
    } else if (newline == 0 && s->quote == '"' && r->text.at[r->at] == '\\') {
        return read_escape(s);
    } else if (newline == 0 && nb_toml_is_control(r->text.at[r->at])) {
        return nb_toml_refuse(r, r->at, "write it as an escape in double quotes",
                              "a control character in a string");
    }
    r->at++;
    return true;
}

static bool read_text(string *s, nb_str *out)
{
    while (!at_end(s))
        if (!read_one(s))
            return false;
    read_last_quotes(s);
    if (s->copied)
        flush(s);
    *out = s->copied ? nb_arena_str(s->r->arena, nb_buf_view(&s->buf))
                     : nb_str_slice(s->r->text, s->kept, s->r->at);
    s->r->at += s->lines ? 3 : 1;
    return true;
}

bool nb_toml_read_string(nb_toml_reader *r, bool key, nb_str *out)
{
    string s = {
        .r = r, .open = r->at, .quote = nb_toml_peek(r, 0), .buf = NB_BUF_INIT(NB_BUF_TEXT)};
    s.lines = nb_toml_starts(r, s.quote == '"' ? "\"\"\"" : "'''");
    if (s.lines && key)
        return nb_toml_refuse(r, r->at, NULL, "a key stands on one line");
    r->at += s.lines ? 3 : 1;
    if (s.lines) /* a line end right after the opening quotes is not part of it */
        r->at += nb_toml_newline(r);
    s.kept = r->at;
    bool read = read_text(&s, out);
    nb_buf_release(&s.buf);
    return read;
}
