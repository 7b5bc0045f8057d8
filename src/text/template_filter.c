/* How values are written: as they are, HTML-escaped, or made safe for a place in Python source. */
#include "text/template_ast.h"

static const struct {
    nb_str name;
    nb_filter filter;
} filters[] = {
    {NB_STR_ROW("py"),        NB_FILTER_PYTHON   },
    {NB_STR_ROW("comment"),   NB_FILTER_COMMENT  },
    {NB_STR_ROW("docstring"), NB_FILTER_DOCSTRING},
};

bool nb_filter_find(nb_str name, nb_filter *out)
{
    for (size_t i = 0; i < NB_LEN(filters); i++) {
        if (nb_str_eq(filters[i].name, name)) {
            *out = filters[i].filter;
            return true;
        }
    }
    return false;
}

static bool is_control(char c)
{
    return (unsigned char)c < 0x20 || c == 0x7f;
}

static void put_html(nb_buf *out, nb_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        if (c == '&')
            nb_buf_putz(out, "&amp;");
        else if (c == '<')
            nb_buf_putz(out, "&lt;");
        else if (c == '>')
            nb_buf_putz(out, "&gt;");
        else if (c == '"')
            nb_buf_putz(out, "&quot;");
        else
            nb_buf_putc(out, c);
    }
}

/* A control character inside a string literal, the way Python's repr() writes it. */
static void put_control(nb_buf *out, char c)
{
    if (c == '\n')
        nb_buf_putz(out, "\\n");
    else if (c == '\t')
        nb_buf_putz(out, "\\t");
    else if (c == '\r')
        nb_buf_putz(out, "\\r");
    else
        nb_buf_printf(out, "\\x%02x", (unsigned char)c);
}

/* Double quotes, as formatters of Python prefer, unless the other kind saves escapes. */
static void put_python(nb_buf *out, nb_str text)
{
    bool has_double = nb_str_find_char(text, '"') >= 0,
         has_single = nb_str_find_char(text, '\'') >= 0;
    char quote = '"';
    if (has_double && !has_single)
        quote = '\'';
    nb_buf_putc(out, quote);
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        if (is_control(c)) {
            put_control(out, c);
            continue;
        }
        if (c == quote || c == '\\')
            nb_buf_putc(out, '\\');
        nb_buf_putc(out, c);
    }
    nb_buf_putc(out, quote);
}

/* One line: whatever would end the comment, or the file, becomes a space. */
static void put_comment(nb_buf *out, nb_str text)
{
    for (size_t i = 0; i < text.len; i++)
        nb_buf_put(out, is_control(text.at[i]) ? NB_STR(" ") : nb_str_slice(text, i, i + 1));
}

/* Line breaks stay. A double quote needs its backslash only where it could help to close the string. */
static void put_docstring(nb_buf *out, nb_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        bool last = i + 1 == text.len;
        if (is_control(c) && c != '\n' && c != '\t') {
            put_control(out, c);
            continue;
        }
        if (c == '\\' || (c == '"' && (last || text.at[i + 1] == '"')))
            nb_buf_putc(out, '\\');
        nb_buf_putc(out, c);
    }
}

void nb_filter_put(nb_buf *out, nb_filter filter, nb_str text)
{
    switch (filter) {
    case NB_FILTER_NONE: nb_buf_put(out, text); break;
    case NB_FILTER_HTML: put_html(out, text); break;
    case NB_FILTER_PYTHON: put_python(out, text); break;
    case NB_FILTER_COMMENT: put_comment(out, text); break;
    case NB_FILTER_DOCSTRING: put_docstring(out, text); break;
    }
}
