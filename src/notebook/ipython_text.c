/* Text that moves into Python: literals, interpolated values, and secrets that must not move. */
#include "notebook/ipython_parts.h"

#include "base/buf.h"
#include "text/secret.h"

/* --- literals --------------------------------------------------------------------------------- */

static void put_escaped(nb_buf *out, char c, char quote)
{
    unsigned char byte = (unsigned char)c;
    if (c == '\\' || c == quote)
        nb_buf_printf(out, "\\%c", c);
    else if (c == '\n')
        nb_buf_putz(out, "\\n");
    else if (c == '\t')
        nb_buf_putz(out, "\\t");
    else if (byte < ' ' || byte == 0x7f)
        nb_buf_printf(out, "\\x%02x", byte);
    else
        nb_buf_putc(out, c);
}

static char quote_for(nb_str text)
{
    return nb_str_find_char(text, '\'') >= 0 && nb_str_find_char(text, '"') < 0 ? '"' : '\'';
}

nb_str nb_ipy_repr(nb_arena *arena, nb_str text)
{
    char quote = quote_for(text);
    nb_buf out = NB_BUF_INIT(SIZE_MAX);
    nb_buf_putc(&out, quote);
    for (size_t i = 0; i < text.len; i++)
        put_escaped(&out, text.at[i], quote);
    nb_buf_putc(&out, quote);
    nb_str literal = nb_arena_str(arena, nb_buf_view(&out));
    nb_buf_release(&out);
    return literal;
}

/* --- interpolation ---------------------------------------------------------------------------- */

/* A part of a text: plain, or the expression of a field. */
typedef struct part {
    nb_str text;
    bool field;
} part;

typedef struct parts {
    NB_VEC(part) list;
    size_t fields;
    bool bad;          /* a field that cannot be filled in */
    nb_str unresolved; /* the first of those */
} parts;

static void add(nb_ipy *ipy, parts *p, nb_str text, bool field)
{
    if (text.len > 0 || field)
        nb_vec_push(ipy->arena, &p->list, ((part){text, field}));
    p->fields += field;
}

static void refuse(parts *p, nb_str field)
{
    if (!p->bad)
        p->unresolved = field;
    p->bad = true;
}

/* The '}' that closes the '{' at `open`; 0 when there is none. */
static size_t closing(nb_str text, size_t open)
{
    unsigned depth = 0;
    for (size_t i = open; i < text.len; i++) {
        depth += text.at[i] == '{';
        if (text.at[i] == '}' && --depth == 0)
            return i;
    }
    return 0;
}

/* A name that an expression can start with: one the notebook binds, or a builtin function that makes text or numbers. */
static bool known_name(nb_ipy *ipy, nb_str name)
{
    static const char *const builtins[] = {"str",    "int",  "len",   "max",   "min",
                                           "sum",    "abs",  "repr",  "float", "round",
                                           "sorted", "True", "False", "None"};
    for (size_t i = 0; i < NB_LEN(builtins); i++)
        if (nb_str_eqz(name, builtins[i]))
            return true;
    return nb_ipy_bound(ipy, name);
}

/* Can the expression stand in an f-string of any Python, and is its first name bound? */
static bool usable(nb_ipy *ipy, nb_str expression)
{
    nb_py_lines lexer;
    nb_py_line line;
    if (nb_str_find_char(expression, '\\') >= 0 || nb_str_find_char(expression, '#') >= 0)
        return false;
    nb_py_lines_open(&lexer, ipy->arena, expression);
    if (!nb_py_lines_next(&lexer, &line) || line.kind != NB_PY_LINE_CODE || line.unterminated)
        return false;
    for (size_t i = 0; i < line.count; i++)
        if (line.tokens[i].kind == NB_PY_TOKEN_ERROR)
            return false;
    for (size_t i = 0; i < line.count; i++)
        if (line.tokens[i].kind == NB_PY_TOKEN_NAME)
            return known_name(ipy, nb_py_token_text(expression, &line.tokens[i]));
    return true;
}

/* `{...}` at `i`; the offset behind it. */
static size_t brace_field(nb_ipy *ipy, parts *p, nb_str text, size_t i)
{
    size_t close = closing(text, i);
    nb_str expression = nb_str_slice(text, i + 1, close);
    if (!close || !usable(ipy, expression)) {
        refuse(p, close ? nb_str_slice(text, i, close + 1) : nb_str_from_at(text, i));
        return text.len;
    }
    add(ipy, p, expression, true);
    return close + 1;
}

/* `$name` or `$name.attr` at `i`; the offset behind it. */
static size_t dollar_field(nb_ipy *ipy, parts *p, nb_str text, size_t i)
{
    size_t end = i + 1, name_end = 0;
    while (end < text.len && (nb_is_name(text.at[end]) || text.at[end] == '.')) {
        if (text.at[end] == '.' && !name_end)
            name_end = end;
        end++;
    }
    while (end > i + 1 && text.at[end - 1] == '.')
        end--;
    nb_str name = nb_str_slice(text, i + 1, name_end && name_end < end ? name_end : end);
    if (!nb_ipy_bound(ipy, name))
        refuse(p, nb_str_slice(text, i, end));
    add(ipy, p, nb_str_slice(text, i + 1, end), true);
    return end;
}

static parts split(nb_ipy *ipy, nb_str text)
{
    parts p = {0};
    size_t plain = 0, i = 0;
    while (i < text.len && !p.bad) {
        char c = text.at[i], next = i + 1 < text.len ? text.at[i + 1] : '\0';
        bool dollar = c == '$' && nb_is_name_start(next);
        bool doubled = (c == '{' || c == '}' || c == '$') && next == c;
        if (doubled) { /* the first of them stays */
            add(ipy, &p, nb_str_slice(text, plain, i + 1), false);
            i += 2;
            plain = i;
        } else if (c == '{' || dollar) {
            add(ipy, &p, nb_str_slice(text, plain, i), false);
            i = c == '{' ? brace_field(ipy, &p, text, i) : dollar_field(ipy, &p, text, i);
            plain = i;
        } else {
            i++;
        }
    }
    add(ipy, &p, nb_str_slice(text, plain, i), false);
    return p;
}

static bool holds(const parts *p, bool field, char c)
{
    for (size_t i = 0; i < p->list.count; i++)
        if (p->list.at[i].field == field && nb_str_find_char(p->list.at[i].text, c) >= 0)
            return true;
    return false;
}

/* The quotes for an f-string: one that no field holds, single ones unless the plain text has some. */
static const char *field_quotes(const parts *p)
{
    bool no_single = holds(p, true, '\''), no_double = holds(p, true, '"');
    if (no_single && no_double)
        return "\"\"\"";
    if (no_single || (holds(p, false, '\'') && !no_double))
        return "\"";
    return "'";
}

static void put_plain(nb_buf *out, nb_str text, char quote)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '{' || text.at[i] == '}')
            nb_buf_putc(out, text.at[i]);
        put_escaped(out, text.at[i], quote);
    }
}

nb_str nb_ipy_interpolate(nb_ipy *ipy, const nb_ipy_item *it, nb_str text)
{
    parts p = split(ipy, text);
    if (p.bad) {
        nb_str field = nb_ipy_show(ipy, p.unresolved);
        nb_ipy_note(ipy, it, NB_D_UNRESOLVED_INTERPOLATION,
                    "'" NB_STR_FMT "' is not filled in: the notebook binds no such name",
                    NB_STR_ARG(field))
            ->help = NB_STR("assign the name in a cell, or read it from os.environ");
    }
    if (p.bad || p.fields == 0)
        return nb_ipy_repr(ipy->arena, text);
    const char *quotes = field_quotes(&p);
    nb_buf out = NB_BUF_INIT(SIZE_MAX);
    nb_buf_printf(&out, "f%s", quotes);
    for (size_t i = 0; i < p.list.count; i++) {
        if (p.list.at[i].field)
            nb_buf_printf(&out, "{" NB_STR_FMT "}", NB_STR_ARG(p.list.at[i].text));
        else
            put_plain(&out, p.list.at[i].text, quotes[0]);
    }
    nb_buf_putz(&out, quotes);
    nb_str literal = nb_arena_str(ipy->arena, nb_buf_view(&out));
    nb_buf_release(&out);
    return literal;
}

/* --- secrets ---------------------------------------------------------------------------------- */

bool nb_ipy_secret_name(nb_str name)
{
    static const char *const words[] = {"key",      "apikey", "token",     "secret",
                                        "password", "passwd", "passphrase"};
    size_t start = 0;
    for (size_t i = 0; i <= name.len; i++) {
        if (i < name.len && !strchr("_-.", name.at[i]))
            continue;
        nb_str piece = nb_str_slice(name, start, i);
        for (size_t k = 0; k < NB_LEN(words); k++)
            if (nb_str_eq_nocase(piece, nb_str_from(words[k])))
                return true;
        start = i + 1;
    }
    return false;
}

static bool option_char(char c)
{
    return nb_is_alpha(c) || nb_is_digit(c) || c == '_' || c == '-' || c == '.';
}

/* The end of a value that starts at `i`: its closing quote, or the next blank. */
static size_t value_end(nb_str text, size_t i)
{
    char quote = i < text.len && (text.at[i] == '\'' || text.at[i] == '"') ? text.at[i] : '\0';
    size_t end = i + (quote ? 1 : 0);
    while (end < text.len && (quote ? text.at[end] != quote : !strchr(" \t'\"", text.at[end])))
        end++;
    return quote && end < text.len ? end + 1 : end;
}

/* A value after the word text[start, i): the offset behind `NAME=` or `--name `; 0: it names no secret. */
static size_t secret_value(nb_str text, size_t start, size_t i)
{
    nb_str word = nb_str_slice(text, start, i);
    char next = i < text.len ? text.at[i] : '\0';
    bool option = nb_str_starts(word, NB_STR("--"));
    if ((next != '=' && !(next == ' ' && option)) || !nb_ipy_secret_name(word))
        return 0;
    while (next == ' ' && i + 1 < text.len && text.at[i + 1] == ' ')
        i++;
    return i + 1 < text.len && text.at[i + 1] != ' ' ? i + 1 : 0;
}

/* The '@' of "://user:password@" whose "://" is at `i`; 0: nothing secret in it. */
static size_t user_info_end(nb_str text, size_t i)
{
    bool password = false;
    for (i += 3; i < text.len; i++) {
        char c = text.at[i];
        if (c == '@')
            return password ? i : 0;
        if (strchr("/ \t'\"", c))
            return 0;
        password |= c == ':';
    }
    return 0;
}

/* A value that is filled in when the notebook runs gives nothing away. */
static bool is_literal_secret(nb_str value)
{
    if (value.len > 0 && strchr("'\"", value.at[0]))
        value = nb_str_from_at(value, 1);
    return value.len > 0 && !strchr("${", value.at[0]);
}

nb_str nb_ipy_redact(nb_ipy *ipy, nb_str text, bool *secret)
{
    bool found = false;
    nb_buf out = NB_BUF_INIT(SIZE_MAX);
    size_t i = 0;
    while (i < text.len) {
        size_t start = i;
        while (i < text.len && option_char(text.at[i]))
            i++;
        nb_buf_put(&out, nb_str_slice(text, start, i));
        size_t value = i > start ? secret_value(text, start, i) : 0;
        size_t user =
            nb_str_starts(nb_str_from_at(text, i), NB_STR("://")) ? user_info_end(text, i) : 0;
        if (value) {
            nb_buf_put(&out, nb_str_slice(text, i, value));
            nb_buf_putz(&out, "***");
            i = value_end(text, value);
            found |= is_literal_secret(nb_str_slice(text, value, i));
        } else if (user) {
            nb_buf_putz(&out, "://***");
            found |= is_literal_secret(nb_str_slice(text, i + 3, user));
            i = user;
        } else if (i < text.len) {
            nb_buf_putc(&out, text.at[i] ? text.at[i] : ' ');
            i++;
        }
    }
    nb_str named = nb_arena_str(ipy->arena, nb_buf_view(&out));
    nb_buf_release(&out);
    nb_str redacted = nb_secret_hide(ipy->arena, named);
    if (secret)
        *secret = found || !nb_str_eq(named, redacted);
    return redacted;
}
