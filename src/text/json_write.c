#include "text/json_write.h"

#include "text/utf8.h"

/* What must stand before the next value or key: a comma, a line end, the indentation. */
static void separate(nb_json_writer *w)
{
    if (w->after_key) {
        w->after_key = false;
        return;
    }
    if (w->depth == 0)
        return;
    if (!w->first)
        nb_buf_putz(w->out, w->indent ? "," : ", ");
    w->first = false;
    if (w->indent) {
        nb_buf_putc(w->out, '\n');
        nb_buf_repeat(w->out, ' ', (size_t)w->indent * w->depth);
    }
}

static void begin(nb_json_writer *w, char open)
{
    separate(w);
    nb_buf_putc(w->out, open);
    w->depth++;
    w->first = true;
}

static void end(nb_json_writer *w, char close)
{
    w->depth--;
    if (!w->first && w->indent) {
        nb_buf_putc(w->out, '\n');
        nb_buf_repeat(w->out, ' ', (size_t)w->indent * w->depth);
    }
    nb_buf_putc(w->out, close);
    w->first = false;
}

void nb_json_begin_object(nb_json_writer *w)
{
    begin(w, '{');
}

void nb_json_end_object(nb_json_writer *w)
{
    end(w, '}');
}

void nb_json_begin_array(nb_json_writer *w)
{
    begin(w, '[');
}

void nb_json_end_array(nb_json_writer *w)
{
    end(w, ']');
}

/* The letter after the backslash for characters that have a short escape; 0 for others. */
static char short_escape(unsigned char c)
{
    switch (c) {
    case '"':
    case '\\': return (char)c;
    case '\b': return 'b';
    case '\f': return 'f';
    case '\n': return 'n';
    case '\r': return 'r';
    case '\t': return 't';
    default: return 0;
    }
}

static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

void nb_json_quote(nb_buf *out, nb_str text)
{
    nb_buf_putc(out, '"');
    for (size_t at = 0; at < text.len;) {
        size_t plain = at;
        while (at < text.len && is_plain((unsigned char)text.at[at]))
            at++;
        nb_buf_put(out, nb_str_slice(text, plain, at));
        if (at == text.len)
            break;
        unsigned char c = (unsigned char)text.at[at];
        if (c >= 0x80) {
            nb_utf8_put(out, nb_utf8_next(text, &at));
            continue;
        }
        if (short_escape(c))
            nb_buf_put(out, (nb_str){
                                (char[]){'\\', short_escape(c)},
                                2
            });
        else
            nb_buf_printf(out, "\\u%04x", c);
        at++;
    }
    nb_buf_putc(out, '"');
}

void nb_json_key(nb_json_writer *w, nb_str key)
{
    separate(w);
    nb_json_quote(w->out, key);
    nb_buf_putz(w->out, ": ");
    w->after_key = true;
}

void nb_json_put_str(nb_json_writer *w, nb_str text)
{
    separate(w);
    nb_json_quote(w->out, text);
}

void nb_json_put_raw(nb_json_writer *w, nb_str json)
{
    separate(w);
    nb_buf_put(w->out, json);
}

void nb_json_put_int(nb_json_writer *w, int64_t value)
{
    separate(w);
    nb_buf_printf(w->out, "%lld", (long long)value);
}

void nb_json_put_bool(nb_json_writer *w, bool value)
{
    nb_json_put_raw(w, value ? NB_STR("true") : NB_STR("false"));
}

void nb_json_put_null(nb_json_writer *w)
{
    nb_json_put_raw(w, NB_STR("null"));
}

void nb_json_put_part(nb_json_writer *w, nb_str elements)
{
    if (!w->first)
        nb_buf_putz(w->out, w->indent ? "," : ", ");
    w->first = false;
    nb_buf_put(w->out, elements);
}

void nb_json_member_str(nb_json_writer *w, const char *key, nb_str text)
{
    nb_json_key(w, nb_str_from(key));
    if (text.at)
        nb_json_put_str(w, text);
    else
        nb_json_put_null(w);
}

void nb_json_member_int(nb_json_writer *w, const char *key, int64_t value)
{
    nb_json_key(w, nb_str_from(key));
    nb_json_put_int(w, value);
}

void nb_json_member_known_str(nb_json_writer *w, const char *key, nb_str text)
{
    nb_json_member_str(w, key, text.len > 0 ? text : (nb_str){0});
}

void nb_json_member_known_int(nb_json_writer *w, const char *key, int64_t value)
{
    nb_json_key(w, nb_str_from(key));
    if (value > 0)
        nb_json_put_int(w, value);
    else
        nb_json_put_null(w);
}

void nb_json_member_bool(nb_json_writer *w, const char *key, bool value)
{
    nb_json_key(w, nb_str_from(key));
    nb_json_put_bool(w, value);
}
