/* %time, %timeit and %prun: what they wrap stays. */
#include "notebook/ipython_parts.h"

typedef struct options {
    const char *with_value, *without;
} options;

static const options time_options = {"", ""};
static const options timeit_options = {"nrpv", "tcqo"};
static const options prun_options = {"DlsT", "rq"};

/* Past blanks and continued line ends. */
static size_t skip(nb_str text, size_t i, size_t end)
{
    for (; i < end; i++) {
        if (text.at[i] == '\\' && i + 1 < end && text.at[i + 1] == '\n')
            i++;
        else if (!nb_ipy_blank(text.at[i]))
            break;
    }
    return i;
}

static size_t word_end(nb_str text, size_t i, size_t end)
{
    while (i < end && !nb_ipy_blank(text.at[i]) && text.at[i] != '\n' &&
           !(text.at[i] == '\\' && i + 1 < end && text.at[i + 1] == '\n'))
        i++;
    return i;
}

/* Past options such as "-n 10 -r3 -qo". */
static size_t skip_options(nb_str text, size_t i, size_t end, const options *known)
{
    for (;;) {
        size_t start = i, stop = word_end(text, i, end);
        if (stop - start < 2 || text.at[start] != '-')
            return start;
        for (i++; i < stop && text.at[i] && strchr(known->without, text.at[i]); i++)
            ;
        if (i == stop) {
            i = skip(text, stop, end);
        } else if (text.at[i] && strchr(known->with_value, text.at[i])) {
            size_t value = i + 1 < stop ? i + 1 : skip(text, stop, end);
            i = skip(text, word_end(text, value, end), end);
        } else {
            return start;
        }
    }
}

/* The statement behind the magic's name and options. */
static size_t statement_at(const nb_ipy_item *it, const options *known)
{
    nb_str text = it->source->text;
    size_t name = skip(text, it->at + (it->implied ? 0 : 1), it->end);
    size_t args = skip(text, word_end(text, name, it->end), it->end);
    return skip_options(text, args, it->end, known);
}

size_t nb_ipy_header_statement(nb_str header, nb_str name)
{
    size_t end = header.len, args = skip(header, word_end(header, 0, end), end);
    if (nb_str_eqz(name, "timeit"))
        return skip_options(header, args, end, &timeit_options);
    return nb_str_eqz(name, "prun") ? skip_options(header, args, end, &prun_options) : end;
}

/* Goes on with the wrapped statement; true unless there is none. */
static bool unwrap(nb_ipy *ipy, nb_ipy_item *it, size_t statement)
{
    if (statement >= it->end || it->source->text.at[statement] == '#') {
        if (it->head)
            nb_ipy_magic_removed(ipy, it, NB_STR("time"), NB_D_MAGIC_REMOVED);
        else
            nb_ipy_drop(ipy, it);
        return false;
    }
    it->at = statement;
    if (!it->head)
        it->code = statement;
    return true;
}

bool nb_ipy_only_expressions(nb_str text, const nb_py_line *line)
{
    static const char *const words[] = {
        "assert", "async", "break",  "class", "continue", "def",   "del",
        "for",    "from",  "global", "if",    "import",   "match", "nonlocal",
        "pass",   "raise", "return", "try",   "while",    "with",
    };
    static const char *const binding[] = {
        "=", "+=", "-=", "*=", "/=", "%=", "@=", "&=", "|=", "^=", "**=", "//=", ">>=", "<<="};
    bool first = true;
    for (size_t i = 0; i < line->count; i++) {
        const nb_py_token *token = &line->tokens[i];
        nb_str word = nb_py_token_text(text, token);
        if (token->kind == NB_PY_TOKEN_NAME && first && NB_IPY_LISTED(word, words))
            return false;
        if (token->kind == NB_PY_TOKEN_OP &&
            (nb_str_eqz(word, ":=") || (token->depth == 0 && NB_IPY_LISTED(word, binding))))
            return false;
        first = token->depth == 0 && (nb_str_eqz(word, ";") || nb_str_eqz(word, ":"));
    }
    return !line->escape;
}

/* timeit compiles its statement into a function: what it binds is lost, so only expressions may stay. */
static bool timeit(nb_ipy *ipy, nb_ipy_item *it)
{
    size_t statement = statement_at(it, &timeit_options);
    nb_str text = it->source->text;
    if (ipy->options->policies.timeit == NB_TIMEIT_DROP) {
        nb_ipy_drop(ipy, it);
        return false;
    }
    if (statement >= it->end || strchr("%!?", text.at[statement]))
        return unwrap(ipy, it, statement);
    nb_py_line line;
    it->lexer->at = (uint32_t)statement;
    (void)nb_py_lines_next(it->lexer, &line);
    if (nb_ipy_only_expressions(text, &line))
        return unwrap(ipy, it, statement);
    nb_ipy_cut(ipy, it, line.end > it->end ? line.end : it->end);
    nb_str shown = nb_ipy_show(ipy, it->text);
    nb_ipy_note(ipy, it, NB_D_TIMEIT_REMOVED,
                "removed '" NB_STR_FMT "': timeit keeps nothing that its statement binds",
                NB_STR_ARG(shown));
    nb_ipy_comment(ipy, it);
    return false;
}

bool nb_ipy_wrapper(nb_ipy *ipy, nb_ipy_item *it, nb_str name)
{
    bool time = nb_str_eqz(name, "time"), result = it->head && !time; /* an object of IPython's */
    if (result || ++it->unwrapped > NB_IPY_LEVELS) {
        nb_ipy_magic_removed(ipy, it, name, NB_D_MAGIC_REMOVED);
        return false;
    }
    if (nb_str_eqz(name, "timeit"))
        return timeit(ipy, it);
    return unwrap(ipy, it, statement_at(it, time ? &time_options : &prun_options));
}
