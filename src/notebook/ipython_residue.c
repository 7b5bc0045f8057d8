/* get_ipython() calls that nbconvert left behind, and display(), which IPython injects. */
#include "notebook/ipython_parts.h"

static bool is(nb_str text, const nb_py_line *line, size_t i, const char *z)
{
    return i < line->count && nb_py_token_is(text, &line->tokens[i], z);
}

/* --- string literals -------------------------------------------------------------------------- */

static bool put_code(nb_buf *out, uint32_t code)
{
    if (code == 0 || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
        return false;
    if (code < 0x80) {
        nb_buf_putc(out, (char)code);
        return true;
    }
    unsigned more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3; /* continuation bytes */
    static const unsigned char marks[] = {0, 0xC0, 0xE0, 0xF0};
    nb_buf_putc(out, (char)(marks[more] | (code >> (6 * more))));
    while (more-- > 0)
        nb_buf_putc(out, (char)(0x80 | ((code >> (6 * more)) & 0x3F)));
    return true;
}

static int digit_of(char c, unsigned base)
{
    int value = nb_is_digit(c)         ? c - '0'
                : c >= 'a' && c <= 'f' ? c - 'a' + 10
                : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                       : 99;
    return value < (int)base ? value : -1;
}

/* Up to `most` digits at `i`; the offset behind them. */
static size_t read_code(nb_str text, size_t i, size_t most, unsigned base, uint32_t *code)
{
    size_t end = i;
    for (*code = 0; end < text.len && end - i < most; end++) {
        int digit = digit_of(text.at[end], base);
        if (digit < 0)
            break;
        *code = *code * base + (uint32_t)digit;
    }
    return end;
}

/* The escape whose backslash is at `i`; the offset behind it, 0 when it is none that can be read. */
static size_t put_escape(nb_buf *out, nb_str text, size_t i)
{
    static const char letters[] = "abfnrtv\\'\"", values[] = "\a\b\f\n\r\t\v\\'\"";
    char c = i + 1 < text.len ? text.at[i + 1] : '\0';
    const char *letter = c ? strchr(letters, c) : NULL;
    if (letter) {
        nb_buf_putc(out, values[letter - letters]);
        return i + 2;
    }
    uint32_t code;
    size_t length = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
    if (length) {
        size_t end = read_code(text, i + 2, length, 16, &code);
        return end == i + 2 + length && put_code(out, code) ? end : 0;
    }
    if (digit_of(c, 8) >= 0) {
        size_t end = read_code(text, i + 1, 3, 8, &code);
        return put_code(out, code) ? end : 0;
    }
    if (c == 'N' || c == '\0')
        return 0;
    if (c != '\n') /* Python keeps the backslash of an escape it does not know */
        nb_buf_put(out, nb_str_slice(text, i, i + 2));
    return i + 2;
}

/* The value of one string literal without fields; false when it has some, or is bytes. */
static bool literal_value(nb_arena *arena, nb_str literal, nb_str *value)
{
    bool raw = false;
    size_t i = 0;
    for (; i < literal.len && nb_is_alpha(literal.at[i]); i++) {
        if (!strchr("rRuU", literal.at[i]))
            return false;
        raw |= literal.at[i] == 'r' || literal.at[i] == 'R';
    }
    nb_str body = nb_str_from_at(literal, i);
    size_t quotes = body.len >= 6 && body.at[1] == body.at[0] && body.at[2] == body.at[0] ? 3 : 1;
    body = nb_str_slice(body, quotes, body.len - quotes);
    nb_buf out = NB_BUF_INIT(SIZE_MAX);
    bool good = true;
    for (i = 0; i < body.len && good;) {
        if (body.at[i] == '\\' && !raw) {
            i = put_escape(&out, body, i);
            good = i > 0;
        } else {
            nb_buf_putc(&out, body.at[i++]);
        }
    }
    *value = nb_arena_str(arena, nb_buf_view(&out));
    nb_buf_release(&out);
    return good;
}

/* --- get_ipython() ---------------------------------------------------------------------------- */

enum { MOST_ARGUMENTS = 3 };

/* A call such as get_ipython().system('ls'). */
typedef struct call {
    nb_str method;
    nb_str args[MOST_ARGUMENTS];
    size_t count;
} call;

/* Reads the call from token `i` to the end of the line. */
static bool read_call(nb_ipy *ipy, nb_str text, const nb_py_line *line, size_t i, call *out)
{
    static const char *const front[] = {"get_ipython", "(", ")", "."};
    size_t end = nb_py_line_code_count(line);
    for (size_t k = 0; k < NB_LEN(front); k++)
        if (!is(text, line, i + k, front[k]))
            return false;
    i += NB_LEN(front);
    if (i + 1 >= end || line->tokens[i].kind != NB_PY_TOKEN_NAME || !is(text, line, i + 1, "("))
        return false;
    out->method = nb_py_token_text(text, &line->tokens[i]);
    for (i += 2; i < end && !is(text, line, i, ")"); i += 2) { /* an argument and its comma */
        if (out->count == MOST_ARGUMENTS || line->tokens[i].kind != NB_PY_TOKEN_STRING ||
            !literal_value(ipy->arena, nb_py_token_text(text, &line->tokens[i]),
                           &out->args[out->count++]))
            return false;
        if (!is(text, line, i + 1, ","))
            return i + 2 == end && is(text, line, i + 1, ")");
    }
    return i + 1 == end;
}

/* One line: a newline in a command ends it, so ';' does as well; arguments lose theirs. */
static nb_str flat(nb_ipy *ipy, nb_str text, const char *newline)
{
    text = nb_str_trim(text);
    nb_buf out = NB_BUF_INIT(SIZE_MAX);
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '\n' || text.at[i] == '\r')
            nb_buf_putz(&out, newline);
        else
            nb_buf_putc(&out, text.at[i]);
    }
    nb_str line = nb_arena_str(ipy->arena, nb_buf_view(&out));
    nb_buf_release(&out);
    return line;
}

/* The special text a call stands for; empty when there is none. */
static nb_str special_text(nb_ipy *ipy, const call *c, bool assigned)
{
    nb_str first = c->count > 0 ? flat(ipy, c->args[0], " ") : NB_STR("");
    if (nb_str_eqz(c->method, "run_line_magic") && c->count == 2)
        return nb_arena_printf(ipy->arena, "%%" NB_STR_FMT " " NB_STR_FMT, NB_STR_ARG(first),
                               NB_STR_ARG(flat(ipy, c->args[1], " ")));
    while (nb_str_eqz(c->method, "magic") && nb_str_starts(first, NB_STR("%")))
        first = nb_str_from_at(first, 1);
    if (nb_str_eqz(c->method, "magic") && c->count == 1)
        return nb_arena_printf(ipy->arena, "%%" NB_STR_FMT, NB_STR_ARG(first));
    if (nb_str_eqz(c->method, "show_usage") && c->count == 0)
        return NB_STR("?");
    bool output = nb_str_eqz(c->method, "getoutput");
    if ((output || nb_str_eqz(c->method, "system")) && c->count == 1)
        return nb_arena_printf(ipy->arena, "%s" NB_STR_FMT, output && !assigned ? "!!" : "!",
                               NB_STR_ARG(flat(ipy, c->args[0], " ; ")));
    return NB_STR("");
}

static nb_ipy_line made_line(const nb_ipy_item *it, nb_str text)
{
    const nb_ipy_source *source = it->source;
    size_t index = nb_ipy_line_of(source, it->start);
    nb_ipy_line line = source->lines[index];
    nb_str before = nb_str_slice(source->text, source->starts[index], it->indent);
    line.column = line.column ? line.column : line.dedent + (uint32_t)nb_ipy_characters(before) + 1;
    line.text = text;
    return line;
}

/* `run_cell_magic(name, line, body)`: a cell within the cell. */
static void run_cell(nb_ipy *ipy, const nb_ipy_item *it, const call *c)
{
    nb_ipy_lines lines = {0};
    nb_str header = nb_arena_printf(ipy->arena, "%%%%" NB_STR_FMT " " NB_STR_FMT,
                                    NB_STR_ARG(flat(ipy, c->args[0], " ")),
                                    NB_STR_ARG(flat(ipy, c->args[1], " ")));
    nb_vec_push(ipy->arena, &lines.list, made_line(it, header));
    nb_ipy_lines body = nb_ipy_split(ipy->arena, c->args[2]);
    for (size_t i = 0; i < body.list.count; i++)
        nb_vec_push(ipy->arena, &lines.list, made_line(it, body.list.at[i].text));
    ipy->level++;
    nb_ipy_convert(ipy, &lines);
    ipy->level--;
}

/* The token behind the first '=' outside brackets; line->count + 1 when there is none. */
static size_t right_side(nb_str text, const nb_py_line *line)
{
    size_t i = 0;
    while (i < line->count && (line->tokens[i].depth > 0 || !is(text, line, i, "=")))
        i++;
    return i + 1;
}

/* The magic that a call stands for takes its place and is looked at again. */
static void run_special(nb_ipy *ipy, const nb_ipy_item *it, size_t call_start, nb_str special)
{
    nb_str front = nb_ipy_head_line(ipy->arena, it->source->text, it->code, call_start);
    nb_ipy_line *made = NB_NEW(ipy->arena, nb_ipy_line);
    *made = made_line(it, nb_arena_printf(ipy->arena, NB_STR_FMT NB_STR_FMT NB_STR_FMT,
                                          NB_STR_ARG(nb_ipy_indent(it)), NB_STR_ARG(front),
                                          NB_STR_ARG(special)));
    nb_ipy_source source = nb_ipy_join(ipy->arena, made, 1);
    ipy->level++;
    nb_ipy_run(ipy, &source, NULL);
    ipy->level--;
}

/* A statement, or the right side of an assignment, that is a call of get_ipython(). */
static bool magic_call(nb_ipy *ipy, const nb_ipy_item *it, const nb_py_line *line)
{
    nb_str text = it->source->text;
    size_t first = is(text, line, 0, "get_ipython") ? 0 : right_side(text, line);
    call c = {0};
    if (it->head || ipy->level >= NB_IPY_LEVELS || !read_call(ipy, text, line, first, &c))
        return false;
    bool cell = nb_str_eqz(c.method, "run_cell_magic") && c.count == 3 && first == 0 &&
                it->indent == it->start;
    nb_str special = special_text(ipy, &c, first > 0);
    if (!cell && special.len == 0)
        return false;
    nb_ipy_find(ipy, it->source, line->tokens[0].start, line->end, NB_D_GET_IPYTHON_RESIDUE,
                "get_ipython()." NB_STR_FMT "() was read as the magic it stands for",
                NB_STR_ARG(c.method));
    if (cell)
        run_cell(ipy, it, &c);
    else
        run_special(ipy, it, line->tokens[first].start, special);
    return true;
}

static void need_ipython(nb_ipy *ipy, const nb_ipy_item *it, const nb_py_token *token)
{
    nb_ipy_import(ipy, "from IPython import get_ipython");
    nb_ipy_require(ipy, NB_STR("ipython"),
                   it->source->lines[nb_ipy_line_of(it->source, token->start)].number);
    nb_ipy_find(ipy, it->source, token->start, token->end, NB_D_GET_IPYTHON_RESIDUE,
                "get_ipython() returns None outside of IPython")
        ->severity = NB_SEVERITY_WARNING;
}

bool nb_ipy_is_use(nb_str text, const nb_py_line *line, size_t i)
{
    const nb_py_token *token = &line->tokens[i];
    bool attribute = i > 0 && is(text, line, i - 1, ".");
    bool keyword = token->depth > 0 && is(text, line, i + 1, "=");
    return token->kind == NB_PY_TOKEN_NAME && !attribute && !keyword;
}

bool nb_ipy_residue(nb_ipy *ipy, const nb_ipy_item *it, const nb_py_line *line)
{
    nb_str text = it->source->text;
    bool display = false, shell = false;
    size_t first_shell = 0;
    for (size_t i = 0; i < line->count; i++) {
        if (line->tokens[i].kind != NB_PY_TOKEN_NAME)
            continue;
        display |= is(text, line, i, "display") && nb_ipy_is_use(text, line, i);
        if (!shell && is(text, line, i, "get_ipython") && nb_ipy_is_use(text, line, i)) {
            shell = true;
            first_shell = i;
        }
    }
    if (shell && magic_call(ipy, it, line))
        return true;
    if (shell && !nb_ipy_bound(ipy, NB_STR("get_ipython")))
        need_ipython(ipy, it, &line->tokens[first_shell]);
    return display && !nb_ipy_bound(ipy, NB_STR("display")) && nb_ipy_display(ipy, it, line);
}
