#include "py/syntax_parse.h"

#include "base/buf.h"
#include "text/utf8.h"

/* Number of hexadecimal digits that `letter` asks for after a backslash; 0 for other letters. */
static unsigned hex_digits(char letter, bool bytes)
{
    if (letter == 'x')
        return 2;
    if (bytes)
        return 0;
    return letter == 'u' ? 4 : letter == 'U' ? 8 : 0;
}

static int hex_value(char c)
{
    if (nb_is_digit(c))
        return c - '0';
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* The number of `count` hexadecimal digits at `at`; -1 when there are fewer. */
static int64_t hex_number(nb_str text, size_t at, unsigned count)
{
    int64_t value = 0;
    for (unsigned i = 0; i < count; i++) {
        int digit = at + i < text.len ? hex_value(text.at[at + i]) : -1;
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

static const char *truncated(char letter, bool bytes)
{
    if (bytes)
        return "invalid \\x escape: two hexadecimal digits must follow";
    return letter == 'x'   ? "truncated \\xXX escape: two hexadecimal digits must follow"
           : letter == 'u' ? "truncated \\uXXXX escape: four hexadecimal digits must follow"
                           : "truncated \\UXXXXXXXX escape: eight hexadecimal digits must follow";
}

static bool named_escape(nb_str text, size_t at)
{
    if (at >= text.len || text.at[at] != '{')
        return false;
    ptrdiff_t end = nb_str_find_char(nb_str_from_at(text, at), '}');
    return end > 1;
}

const char *nb_py_escape_error(nb_str content, unsigned flags)
{
    bool bytes = flags & NB_PY_STRING_BYTES;
    for (size_t i = 0; i + 1 < content.len; i++) {
        if (content.at[i] != '\\')
            continue;
        char letter = content.at[++i];
        unsigned count = hex_digits(letter, bytes);
        int64_t value = count ? hex_number(content, i + 1, count) : 0;
        if (value < 0)
            return truncated(letter, bytes);
        if (value > 0x10ffff)
            return "illegal Unicode character: \\U goes up to \\U0010ffff";
        if (letter == 'N' && !bytes && !named_escape(content, i + 1))
            return "malformed \\N character escape: write \\N{NAME}";
    }
    return NULL;
}

/* ---- values --------------------------------------------------------------------------------------------------- */

/* Octal escapes have up to three digits. Returns the index of the last one. */
static size_t put_octal(nb_buf *out, nb_str text, size_t at)
{
    uint32_t value = 0;
    size_t end = at;
    for (; end < text.len && end < at + 3 && text.at[end] >= '0' && text.at[end] <= '7'; end++)
        value = value * 8 + (uint32_t)(text.at[end] - '0');
    nb_utf8_put(out, value);
    return end - 1;
}

/* One escape, its letter at `at`; returns the index of its last character. */
static size_t put_escape(nb_buf *out, nb_str text, size_t at)
{
    static const char letters[] = "\\'\"abfnrtv", values[] = "\\'\"\a\b\f\n\r\t\v";
    char letter = text.at[at];
    const char *found = letter ? strchr(letters, letter) : NULL;
    if (letter == '\n')
        return at;
    if (found) {
        nb_buf_putc(out, values[found - letters]);
        return at;
    }
    if (letter >= '0' && letter <= '7')
        return put_octal(out, text, at);
    unsigned count = hex_digits(letter, false);
    int64_t value = count ? hex_number(text, at + 1, count) : -1;
    if (value >= 0) {
        nb_utf8_put(out, (uint32_t)value);
        return at + count;
    }
    nb_buf_putc(out, '\\');
    nb_buf_putc(out, letter);
    return at;
}

/* False at \N{...}: nobody here knows the names of characters. */
static bool put_content(nb_buf *out, nb_str content, bool raw)
{
    for (size_t i = 0; i < content.len; i++) {
        if (content.at[i] != '\\' || raw || i + 1 == content.len)
            nb_buf_putc(out, content.at[i]);
        else if (content.at[i + 1] == 'N')
            return false;
        else
            i = put_escape(out, content, i + 1);
    }
    return true;
}

/* Cuts one literal, with its prefix, off the front of *rest; gives its content. */
static bool cut_literal(nb_str *rest, nb_str *content, bool *raw)
{
    size_t at = 0;
    *raw = false;
    while (at < rest->len && nb_is_alpha(rest->at[at]))
        *raw = *raw || (rest->at[at++] | 0x20) == 'r';
    if (at >= rest->len)
        return false;
    char quote = rest->at[at];
    size_t width =
        at + 2 < rest->len && rest->at[at + 1] == quote && rest->at[at + 2] == quote ? 3 : 1;
    size_t start = at + width, end = start;
    nb_str closing = nb_str_slice(*rest, at, at + width);
    while (end < rest->len && !nb_str_starts(nb_str_from_at(*rest, end), closing))
        end += rest->at[end] == '\\' ? 2 : 1;
    *content = nb_str_slice(*rest, start, end);
    *rest = nb_str_from_at(*rest, end + width);
    return true;
}

/* Blanks, comments and continuations between adjacent literals. */
static nb_str skip_between(nb_str rest)
{
    size_t at = 0;
    while (at < rest.len) {
        char c = rest.at[at];
        if (c == '#')
            while (at < rest.len && rest.at[at] != '\n')
                at++;
        else if (c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\\')
            at++;
        else
            break;
    }
    return nb_str_from_at(rest, at);
}

bool nb_py_string_value(nb_arena *arena, const nb_py_tree *tree, const nb_py_node *node,
                        nb_str *out)
{
    if (node->kind != NB_PY_STRING ||
        node->string_flags & (NB_PY_STRING_FORMAT | NB_PY_STRING_BYTES))
        return false;
    NB_AUTO(nb_buf) value = NB_BUF_INIT(NB_BUF_TEXT);
    nb_str rest = nb_py_text(tree, node), content;
    bool raw;
    while (rest.len > 0 && cut_literal(&rest, &content, &raw)) {
        if (!put_content(&value, content, raw))
            return false;
        rest = skip_between(rest);
    }
    *out = nb_arena_str(arena, nb_buf_view(&value));
    return true;
}
