/* Text that becomes a Python literal, with the fields that IPython fills in. */
#include "notebook/ipython_parts.h"

#include "py/syntax.h"

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
    size_t quotes;     /* single quotes in the rest of the text */
    nb_str unresolved; /* the first field that cannot be filled in; empty: there is none */
} parts;

static void add(nb_ipy *ipy, parts *p, nb_str text, bool field)
{
    if (text.len > 0 || field)
        nb_vec_push(ipy->arena, &p->list, ((part){text, field}));
    p->fields += field;
}

static void refuse(parts *p, nb_str field)
{
    if (p->unresolved.len == 0)
        p->unresolved = field;
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

/* Is the first name of the expression bound? One without any name needs nothing. */
static bool known(nb_ipy *ipy, nb_str expression)
{
    nb_py_lines lexer;
    nb_py_line line;
    nb_py_lines_open(&lexer, ipy->arena, expression);
    if (!nb_py_lines_next(&lexer, &line) || line.kind != NB_PY_LINE_CODE)
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
    if (!close || !known(ipy, expression)) {
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

/* `{{`, `}}` and `$$name` stand for their half. */
static bool is_doubled(nb_str text, size_t i)
{
    char c = text.at[i], next = i + 1 < text.len ? text.at[i + 1] : '\0';
    if (c == '$')
        return next == '$' && i + 2 < text.len && nb_is_name(text.at[i + 2]);
    return (c == '{' || c == '}') && next == c;
}

/* A `$name` between single quotes is none, as in a shell. */
static bool is_dollar(const parts *p, nb_str text, size_t i)
{
    return text.at[i] == '$' && p->quotes % 2 == 0 && i + 1 < text.len &&
           nb_is_name_start(text.at[i + 1]);
}

/* One character or field at `i`, plain text since `plain` before it; the offset behind. */
static size_t split_step(nb_ipy *ipy, parts *p, nb_str text, size_t i, size_t *plain)
{
    bool doubled = is_doubled(text, i), dollar = is_dollar(p, text, i);
    if (!doubled && !dollar && !strchr("{}", text.at[i])) {
        p->quotes -= text.at[i] == '\'';
        return i + 1;
    }
    add(ipy, p, nb_str_slice(text, *plain, i + doubled), false);
    size_t end = i + (doubled ? 2 : 1);
    if (!doubled && dollar)
        end = dollar_field(ipy, p, text, i);
    else if (!doubled && text.at[i] == '{')
        end = brace_field(ipy, p, text, i);
    else if (!doubled)
        refuse(p, nb_str_slice(text, i, i + 1));
    *plain = end;
    return end;
}

static parts split(nb_ipy *ipy, nb_str text)
{
    parts p = {0};
    for (size_t i = 0; i < text.len; i++)
        p.quotes += text.at[i] == '\'';
    size_t plain = 0, i = 0;
    while (i < text.len && p.unresolved.len == 0)
        i = split_step(ipy, &p, text, i, &plain);
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

/* The f-string; empty when the fields do not fit into one of any Python 3. */
static nb_str format(nb_ipy *ipy, const parts *p)
{
    const char *quotes = field_quotes(p);
    nb_buf out = NB_BUF_INIT(SIZE_MAX);
    nb_buf_printf(&out, "f%s", quotes);
    for (size_t i = 0; i < p->list.count; i++) {
        if (p->list.at[i].field)
            nb_buf_printf(&out, "{" NB_STR_FMT "}", NB_STR_ARG(p->list.at[i].text));
        else
            put_plain(&out, p->list.at[i].text, quotes[0]);
    }
    nb_buf_putz(&out, quotes);
    nb_str literal = nb_arena_str(ipy->arena, nb_buf_view(&out));
    nb_buf_release(&out);
    const nb_py_options oldest = {.minor = 8};
    return nb_py_parse(ipy->arena, literal, &oldest)->errors.count == 0 ? literal : NB_STR("");
}

nb_str nb_ipy_interpolate(nb_ipy *ipy, const nb_ipy_item *it, nb_str text)
{
    parts p = split(ipy, text);
    nb_str literal = p.fields > 0 && p.unresolved.len == 0 ? format(ipy, &p) : NB_STR("");
    if (literal.len > 0)
        return literal;
    if (p.fields > 0 || p.unresolved.len > 0) {
        nb_str field = nb_ipy_show(ipy, p.unresolved.len > 0 ? p.unresolved : text);
        nb_ipy_note(ipy, it, NB_D_UNRESOLVED_INTERPOLATION,
                    "'" NB_STR_FMT "' is not filled in: it is no expression of bound names",
                    NB_STR_ARG(field))
            ->help = NB_STR("assign the name in a cell, or read it from os.environ");
    }
    return nb_ipy_repr(ipy->arena, text);
}
