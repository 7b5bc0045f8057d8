/* display(), a name that IPython injects. */
#include "notebook/ipython_parts.h"

static bool is(nb_str text, const nb_py_line *line, size_t i, const char *z)
{
    return i < line->count && nb_py_token_is(text, &line->tokens[i], z);
}

static bool starts_statement(nb_str text, const nb_py_line *line, size_t i)
{
    if (i == 0)
        return true;
    const nb_py_token *before = &line->tokens[i - 1];
    return before->depth == 0 && line->tokens[i].depth == 0 &&
           (nb_py_token_is(text, before, ";") || nb_py_token_is(text, before, ":"));
}

/* `display(a, b)` from token `i` on, alone and without keyword arguments. */
static bool plain_display(nb_str text, const nb_py_line *line, size_t i)
{
    if (!starts_statement(text, line, i) || !is(text, line, i + 1, "("))
        return false;
    uint32_t depth = line->tokens[i].depth;
    size_t k = i + 2, end = nb_py_line_code_count(line);
    for (; k < end && line->tokens[k].depth > depth; k++)
        if (line->tokens[k].depth == depth + 1 &&
            (is(text, line, k, "=") || is(text, line, k, "**")))
            return false;
    return k < end && is(text, line, k, ")") && (k + 1 == end || is(text, line, k + 1, ";"));
}

static void need_display(nb_ipy *ipy, const nb_ipy_item *it, const nb_py_token *token)
{
    nb_ipy_import(ipy, "from IPython.display import display");
    nb_ipy_require(ipy, NB_STR("ipython"),
                   it->source->lines[nb_ipy_line_of(it->source, token->start)].number);
    nb_ipy_find(ipy, it->source, token->start, token->end, NB_D_DISPLAY_NEEDS_IPYTHON,
                "display is used in a way that only IPython offers")
        ->help = NB_STR("use print(), or save the figure to a file");
}

/* The line with display -> print wherever it is a statement of its own. */
bool nb_ipy_display(nb_ipy *ipy, const nb_ipy_item *it, const nb_py_line *line)
{
    nb_str text = it->source->text;
    nb_buf out = NB_BUF_INIT(SIZE_MAX);
    size_t copied = it->code;
    nb_buf_put(&out, nb_ipy_indent(it));
    for (size_t i = 0; i < line->count; i++) {
        const nb_py_token *token = &line->tokens[i];
        if (!is(text, line, i, "display") || !nb_ipy_is_use(text, line, i))
            continue;
        if (!plain_display(text, line, i) || it->head) {
            need_display(ipy, it, token);
            continue;
        }
        nb_buf_put(&out, nb_str_slice(text, copied, token->start));
        nb_buf_putz(&out, "print");
        copied = token->end;
        nb_ipy_find(ipy, it->source, token->start, token->end, NB_D_DISPLAY_TRANSLATED,
                    "display() became print()");
    }
    bool changed = copied > it->code;
    nb_buf_put(&out, nb_str_slice(text, copied, line->end));
    if (changed) {
        nb_ipy_check(ipy, it, line);
        nb_ipy_keep_as(ipy, it, line, nb_arena_str(ipy->arena, nb_buf_view(&out)));
    }
    nb_buf_release(&out);
    return changed;
}
