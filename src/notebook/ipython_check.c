/* Findings about Python that stays as it is. */
#include "notebook/ipython_parts.h"

static bool is_word(nb_str text, const nb_py_line *line, size_t i, const char *word)
{
    return i < line->count && line->tokens[i].kind == NB_PY_TOKEN_NAME &&
           nb_py_token_is(text, &line->tokens[i], word);
}

static size_t end_of(const nb_py_line *line, size_t i)
{
    return line->tokens[i < line->count ? i : line->count - 1].end;
}

/* --- await ------------------------------------------------------------------------------------ */

/* Follows the outermost def by indentation; true when the line is inside one or starts one. */
static bool in_function(nb_ipy *ipy, const nb_ipy_item *it, const nb_py_line *line)
{
    nb_str text = it->source->text;
    unsigned width = nb_ipy_width(nb_ipy_indent(it));
    if (ipy->in_def && width < ipy->in_def)
        ipy->in_def = 0;
    bool async = is_word(text, line, 0, "async");
    if (!ipy->in_def && is_word(text, line, async ? 1 : 0, "def"))
        ipy->in_def = width + 1;
    return ipy->in_def > 0;
}

static void note_await(nb_ipy *ipy, const nb_ipy_item *it, const nb_py_line *line)
{
    nb_str text = it->source->text;
    for (size_t i = 0; i < line->count; i++) {
        bool async = is_word(text, line, i, "async") &&
                     (is_word(text, line, i + 1, "for") || is_word(text, line, i + 1, "with"));
        if (!async && !is_word(text, line, i, "await"))
            continue;
        nb_ipy_find(ipy, it->source, line->tokens[i].start, end_of(line, async ? i + 1 : i),
                    NB_D_TOP_LEVEL_AWAIT, "await outside a function");
        return;
    }
}

/* --- syntax ----------------------------------------------------------------------------------- */

/* '%' where an operand has to stand: the author meant a magic. */
static bool misplaced_magic(nb_str text, const nb_py_line *line, size_t i)
{
    if (i == 0 || !nb_py_token_is(text, &line->tokens[i], "%"))
        return false;
    const nb_py_token *before = &line->tokens[i - 1];
    return before->kind == NB_PY_TOKEN_OP && !strchr(")]}", text.at[before->start]) &&
           !nb_py_token_is(text, before, "...");
}

static const char *misplaced(char c)
{
    if (c == '?')
        return "asks for help about a name, and no name stands before it";
    return c == '$' ? "means nothing outside of a shell command"
                    : "is allowed only where a statement starts, or behind 'name ='";
}

static void note_syntax(nb_ipy *ipy, const nb_ipy_item *it, const nb_py_line *line)
{
    nb_str text = it->source->text;
    for (size_t i = 0; i < line->count; i++) {
        const nb_py_token *token = &line->tokens[i];
        bool stray = token->kind == NB_PY_TOKEN_OP && token->end == token->start + 1 &&
                     strchr("!?$", text.at[token->start]);
        if (!stray && !misplaced_magic(text, line, i))
            continue;
        nb_ipython_finding *finding =
            nb_ipy_find(ipy, it->source, token->start, token->end, NB_D_IPYTHON_SYNTAX, "'%c' %s",
                        text.at[token->start], misplaced(text.at[token->start]));
        finding->help = NB_STR("put it on a line of its own, or remove it");
        return;
    }
}

static void note_unterminated(nb_ipy *ipy, const nb_ipy_item *it, const nb_py_line *line)
{
    nb_str text = it->source->text;
    for (size_t i = 0; i < line->count; i++) {
        const nb_py_token *token = &line->tokens[i];
        if (token->kind != NB_PY_TOKEN_ERROR || !strchr("'\"", text.at[token->start]))
            continue;
        nb_ipy_find(ipy, it->source, token->start, token->end, NB_D_UNTERMINATED,
                    "a string is never closed");
        return;
    }
    if (!line->unterminated)
        return;
    bool bracket = strchr("([{", text.at[line->open]) != NULL;
    nb_ipy_find(ipy, it->source, line->open, line->open + (bracket ? 1 : 3), NB_D_UNTERMINATED,
                "%s is never closed", bracket ? "a bracket" : "a string");
}

void nb_ipy_check(nb_ipy *ipy, const nb_ipy_item *it, const nb_py_line *line)
{
    if (!in_function(ipy, it, line))
        note_await(ipy, it, line);
    note_syntax(ipy, it, line);
    note_unterminated(ipy, it, line);
}
