#include "notebook/ipython_parts.h"

/* --- items ------------------------------------------------------------------------------------ */

static char at(nb_str text, size_t i)
{
    return i < text.len ? text.at[i] : '\0';
}

bool nb_ipy_is_escape(nb_str text, size_t i)
{
    char next = at(text, i + 1);
    switch (at(text, i)) {
    case '%':
    case '!': return next != '=';
    case '/': return next != '/' && next != '=';
    case '?':
    case ',':
    case ';': return true;
    default: return false;
    }
}

/* `%time?`, `!ls foo?`: IPython looks for a question mark first, whatever stands before it. */
static bool asks_help(nb_ipy *ipy, const nb_ipy_item *it)
{
    if (!nb_ipy_is_help(it->text))
        return false;
    nb_py_lines lexer;
    nb_py_line line;
    nb_py_lines_open(&lexer, ipy->arena, nb_str_slice(it->source->text, 0, it->end));
    lexer.at = (uint32_t)it->at;
    if (!nb_py_lines_next(&lexer, &line) || line.escape)
        return false;
    if (line.unterminated && nb_str_trim(nb_str_from_at(it->source->text, it->end)).len > 0)
        return false; /* an open bracket: the line goes on */
    for (size_t i = 0; i < line.count; i++)
        if (line.tokens[i].kind == NB_PY_TOKEN_ERROR)
            return false;
    return line.count > 0 && nb_py_token_is(lexer.text, &line.tokens[line.count - 1], "?");
}

static void put_words(nb_buf *out, nb_str rest, const char *comma)
{
    const char *between = "";
    for (nb_str word = nb_ipy_word(&rest); word.len > 0; word = nb_ipy_word(&rest)) {
        nb_buf_putz(out, between);
        nb_buf_put(out, word);
        between = comma;
    }
}

/* `/f a b`, `,f a b`, `;f a b`, written out as IPython does. */
static bool autocall(nb_ipy *ipy, const nb_ipy_item *it)
{
    char escape = it->text.at[0];
    nb_str rest = nb_str_from_at(it->text, 1);
    ptrdiff_t blank = nb_str_find_char(rest, ' ');
    nb_str name = blank < 0 ? rest : nb_str_slice(rest, 0, (size_t)blank);
    rest = blank < 0 ? NB_STR("") : nb_str_from_at(rest, (size_t)blank + 1);
    if (name.len == 0)
        return false;
    const char *quote = escape == '/' ? "" : "\"", *comma = escape == '/' ? ", " : "\", \"";
    nb_buf call = NB_BUF_INIT(SIZE_MAX);
    nb_buf_printf(&call, NB_STR_FMT "(%s", NB_STR_ARG(name), quote);
    if (escape == ';')
        nb_buf_put(&call, rest);
    else
        put_words(&call, rest, comma);
    nb_buf_printf(&call, "%s)", quote);
    nb_ipy_replace(ipy, it, nb_arena_str(ipy->arena, nb_buf_view(&call)));
    nb_buf_release(&call);
    return true;
}

/* Python, or what IPython does not translate either: stays as it is. */
static void keep(nb_ipy *ipy, const nb_ipy_item *it, const nb_py_line *line)
{
    if (line->kind == NB_PY_LINE_CODE)
        nb_ipy_check(ipy, it, line);
    nb_ipy_keep(ipy, it, line);
}

/* An escape at it->at. True: it wraps a statement that is to be looked at. */
static bool special(nb_ipy *ipy, nb_ipy_item *it)
{
    nb_ipy_cut(ipy, it, nb_ipy_physical_end(it->source->text, it->at));
    char escape = it->text.at[0];
    if (escape == '?' || asks_help(ipy, it)) {
        nb_ipy_drop(ipy, it);
        return false;
    }
    if (escape == '%')
        return nb_ipy_magic(ipy, it);
    if (escape == '!') {
        nb_ipy_shell_line(ipy, it);
    } else if (!autocall(ipy, it)) {
        nb_py_line line = {.kind = NB_PY_LINE_CODE, .end = (uint32_t)it->end};
        nb_ipy_note(ipy, it, NB_D_IPYTHON_SYNTAX, "'%c' without a function to call", escape);
        nb_ipy_keep(ipy, it, &line);
    }
    return false;
}

/* A bracket may be open before it at the end of a cell: IPython accepts that on Python up to 3.11. */
static bool is_help_line(nb_str text, const nb_py_line *line)
{
    if (line->count == 0 || line->kind != NB_PY_LINE_CODE)
        return false;
    const nb_py_token *last = &line->tokens[line->count - 1];
    return nb_py_token_is(text, last, "?") &&
           nb_ipy_is_help(nb_str_slice(text, line->start, last->end));
}

/* Python at it->at. True: an assigned escape stands in it->at now. */
static bool python(nb_ipy *ipy, nb_ipy_item *it)
{
    nb_py_line line;
    it->lexer->at = (uint32_t)it->at;
    if (!nb_py_lines_next(it->lexer, &line))
        return false;
    if (line.escape && !it->head) {
        it->head = it->at = line.escape;
        return true;
    }
    if (line.escape) { /* x = %time y = !ls: an error there, too */
        line.end = (uint32_t)nb_ipy_physical_end(it->source->text, line.escape);
        it->lexer->at = line.end + 1;
    }
    it->end = line.end;
    if (is_help_line(it->source->text, &line))
        nb_ipy_drop(ipy, it);
    else if (line.kind != NB_PY_LINE_CODE || !nb_ipy_residue(ipy, it, &line))
        keep(ipy, it, &line);
    return false;
}

void nb_ipy_run(nb_ipy *ipy, const nb_ipy_source *source, const char *implied)
{
    nb_py_lines lexer;
    nb_py_lines_open(&lexer, ipy->arena, source->text);
    while (lexer.at < source->text.len) {
        nb_ipy_item it = {.source = source, .lexer = &lexer, .start = lexer.at};
        it.indent = it.start;
        while (nb_ipy_blank(at(source->text, it.indent)))
            it.indent++;
        it.code = it.at = it.indent;
        nb_str rest = nb_str_from_at(source->text, it.at);
        it.implied = rest.at == implied || nb_ipy_pip_line(rest);
        for (bool wraps = true; wraps; it.implied = false) {
            bool escape = it.implied || nb_ipy_is_escape(source->text, it.at);
            wraps = escape ? special(ipy, &it) : python(ipy, &it);
        }
    }
}

/* --- cells ------------------------------------------------------------------------------------ */

static bool is_note(nb_str line)
{
    line = nb_ipy_skip(line);
    return line.len == 0 || line.at[0] == '#';
}

/* `%%name`, unless it is `%%name?`. */
static bool is_cell_magic(nb_str line)
{
    if (!nb_str_starts(line, NB_STR("%%")))
        return false;
    size_t i = 2;
    while (nb_is_name(at(line, i)))
        i++;
    return i == 2 || at(line, i) != '?';
}

/* Where the only line of code stands that is a magic without '%'; NULL: there is no such. */
static const char *implied_magic(nb_ipy *ipy, const nb_ipy_source *source, size_t first)
{
    for (size_t i = first + 1; i < source->count; i++)
        if (!is_note(source->lines[i].text))
            return NULL;
    if (first >= source->count || ipy->level > 0)
        return NULL;
    nb_str line = nb_ipy_skip(nb_str_slice(source->text, source->starts[first],
                                           source->starts[first] + source->lines[first].text.len));
    return nb_ipy_automagic(ipy, line) ? line.at : NULL;
}

void nb_ipy_convert(nb_ipy *ipy, nb_ipy_lines *lines)
{
    nb_ipy_clean(lines);
    size_t notes = 0;
    while (notes < lines->list.count && is_note(lines->list.at[notes].text))
        notes++;
    if (notes < lines->list.count && is_cell_magic(lines->list.at[notes].text)) {
        nb_ipy_cell_magic(ipy, lines, notes);
        return;
    }
    nb_ipy_source source = nb_ipy_join(ipy->arena, lines->list.at, lines->list.count);
    nb_ipy_run(ipy, &source, implied_magic(ipy, &source, notes));
}

nb_python_cell nb_ipython_to_python(nb_arena *arena, nb_str source,
                                    const nb_ipython_options *options)
{
    nb_python_cell out = {0};
    nb_ipy ipy = {.arena = arena, .options = options, .out = &out, .cell = source};
    nb_ipy_lines lines = nb_ipy_split(arena, source);
    nb_ipy_convert(&ipy, &lines);
    nb_ipy_finish(&ipy);
    return out;
}
