/* One logical line: its special text on one line, and the pieces that may stand in its place. */
#include "notebook/ipython_parts.h"

nb_str nb_ipy_one_line(nb_arena *arena, nb_str text, size_t start, size_t end)
{
    nb_str rest = nb_str_slice(text, start, end), piece;
    if (rest.len == 0 || !memchr(rest.at, '\n', rest.len))
        return nb_str_rtrim(rest);
    nb_buf joined = NB_BUF_INIT(SIZE_MAX);
    for (bool first = true; nb_str_split(&rest, '\n', &piece); first = false) {
        if (rest.at && nb_str_ends(piece, NB_STR("\\")))
            piece.len--;
        piece = first ? nb_str_rtrim(piece) : nb_str_trim(piece);
        if (!first && piece.len > 0)
            nb_buf_putc(&joined, ' ');
        nb_buf_put(&joined, piece);
    }
    nb_str line = nb_arena_str(arena, nb_buf_view(&joined));
    nb_buf_release(&joined);
    return line;
}

nb_str nb_ipy_head_line(nb_arena *arena, nb_str text, size_t start, size_t end)
{
    nb_str head = nb_str_slice(text, start, end);
    if (nb_str_find_char(head, '\n') < 0)
        return head;
    return nb_str_concat(arena, nb_ipy_one_line(arena, text, start, end), NB_STR(" "));
}

void nb_ipy_cut(nb_ipy *ipy, nb_ipy_item *it, size_t end)
{
    it->end = end;
    it->text = nb_ipy_one_line(ipy->arena, it->source->text, it->at, end);
    if (it->implied)
        it->text = nb_str_concat(ipy->arena, NB_STR("%"), it->text);
    it->lexer->at = (uint32_t)end + 1;
}

nb_ipython_finding *nb_ipy_note(nb_ipy *ipy, const nb_ipy_item *it, nb_diag_code code,
                                const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    nb_str message = nb_arena_vprintf(ipy->arena, fmt, args);
    va_end(args);
    return nb_ipy_find(ipy, it->source, it->at, it->end, code, NB_STR_FMT, NB_STR_ARG(message));
}

/* --- help ------------------------------------------------------------------------------------- */

/* Without "[12]" and "[-1]" at the end. */
static nb_str without_indexes(nb_str text)
{
    while (text.len > 2 && text.at[text.len - 1] == ']') {
        size_t i = text.len - 1;
        while (i > 0 && nb_is_digit(text.at[i - 1]))
            i--;
        if (i == text.len - 1)
            break;
        if (i > 0 && text.at[i - 1] == '-')
            i--;
        if (i == 0 || text.at[i - 1] != '[')
            break;
        text.len = i - 1;
    }
    return text;
}

bool nb_ipy_is_help(nb_str text)
{
    if (!nb_str_ends(text, NB_STR("?")))
        return false;
    text.len -= nb_str_ends(text, NB_STR("??")) ? 2 : 1;
    text = without_indexes(text);
    while (text.len > 0 && (nb_is_name(text.at[text.len - 1]) || text.at[text.len - 1] == '*')) {
        if (!nb_is_digit(text.at[text.len - 1]))
            return true;
        text.len--;
    }
    return false;
}

/* --- pieces ----------------------------------------------------------------------------------- */

nb_ipy_piece *nb_ipy_put(nb_ipy *ipy, const nb_ipy_item *it, nb_ipy_kind kind, nb_str text)
{
    const nb_ipy_line *line = &it->source->lines[nb_ipy_line_of(it->source, it->start)];
    nb_ipy_piece piece = {.kind = kind, .text = text, .lines = line, .indent = nb_ipy_indent(it)};
    nb_vec_push(ipy->arena, &ipy->pieces, piece);
    return &ipy->pieces.at[ipy->pieces.count - 1];
}

void nb_ipy_drop(nb_ipy *ipy, const nb_ipy_item *it)
{
    nb_ipy_put(ipy, it, NB_IPY_REMOVED, NB_STR(""))->no_text = true;
}

void nb_ipy_replace(nb_ipy *ipy, const nb_ipy_item *it, nb_str text)
{
    nb_buf lines = NB_BUF_INIT(SIZE_MAX);
    for (nb_str line; nb_str_split(&text, '\n', &line);) {
        if (lines.len > 0)
            nb_buf_putc(&lines, '\n');
        nb_buf_put(&lines, nb_ipy_indent(it));
        if (it->head)
            nb_buf_put(&lines, nb_str_slice(it->source->text, it->code, it->head));
        nb_buf_put(&lines, line);
    }
    (void)nb_ipy_put(ipy, it, NB_IPY_PYTHON, nb_arena_str(ipy->arena, nb_buf_view(&lines)));
    nb_buf_release(&lines);
}

static bool opens_suite(nb_str text, const nb_py_line *line)
{
    size_t count = nb_py_line_code_count(line);
    if (count == 0 || line->unterminated)
        return false;
    const nb_py_token *last = &line->tokens[count - 1];
    return last->depth == 0 && nb_py_token_is(text, last, ":");
}

static nb_ipy_kind kind_of(nb_py_line_kind kind)
{
    switch (kind) {
    case NB_PY_LINE_BLANK: return NB_IPY_BLANK;
    case NB_PY_LINE_COMMENT: return NB_IPY_NOTE;
    case NB_PY_LINE_CODE: break;
    }
    return NB_IPY_PYTHON;
}

void nb_ipy_keep_as(nb_ipy *ipy, const nb_ipy_item *it, const nb_py_line *line, nb_str text)
{
    nb_str all = it->source->text;
    nb_ipy_piece *piece = nb_ipy_put(ipy, it, kind_of(line->kind), text);
    if (line->kind == NB_PY_LINE_CODE)
        piece->opens = opens_suite(all, line);
    if (it->code > it->indent) {
        size_t first = nb_ipy_line_of(it->source, it->code);
        size_t from =
            first == nb_ipy_line_of(it->source, it->start) ? it->indent : it->source->starts[first];
        piece->lines = &it->source->lines[first];
        piece->cut = (uint32_t)nb_ipy_characters(nb_str_slice(all, from, it->code));
    }
    /* the source's lines one by one, unless some went from its middle */
    size_t own = nb_ipy_line_of(it->source, it->code > it->start ? it->code : it->start);
    nb_str lines = text;
    size_t count = 1;
    for (ptrdiff_t hit; (hit = nb_str_find_char(lines, '\n')) >= 0; count++)
        lines = nb_str_from_at(lines, (size_t)hit + 1);
    if (own + count <= it->source->count)
        piece->line_count = count;
}

void nb_ipy_keep(nb_ipy *ipy, const nb_ipy_item *it, const nb_py_line *line)
{
    nb_str all = it->source->text, text = nb_str_slice(all, it->start, line->end);
    if (it->head) {
        nb_str front =
            nb_str_concat(ipy->arena, nb_ipy_indent(it), nb_str_slice(all, it->code, it->head));
        text = nb_str_concat(ipy->arena, front, nb_str_slice(all, it->at, line->end));
    } else if (it->code > it->indent) {
        text = nb_str_concat(ipy->arena, nb_ipy_indent(it), nb_str_slice(all, it->code, line->end));
    }
    nb_ipy_keep_as(ipy, it, line, text);
}
