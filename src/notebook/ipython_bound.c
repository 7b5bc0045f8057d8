/* The names a cell binds, as far as its tokens tell: more rather than fewer. */
#include "notebook/ipython_parts.h"

#include "py/names.h"

/* --- targets ---------------------------------------------------------------------------------- */

static bool follows_operand(const nb_ipy_targets *t, size_t i)
{
    if (i == t->start)
        return false;
    const nb_py_token *before = &t->tokens[i - 1];
    char first = t->text.at[before->start];
    return before->kind == NB_PY_TOKEN_NAME || before->kind == NB_PY_TOKEN_STRING || first == ')' ||
           first == ']';
}

static bool is_at(const nb_ipy_targets *t, size_t i, const char *z)
{
    return nb_py_token_is(t->text, &t->tokens[i], z);
}

const nb_py_token *nb_ipy_next_target(nb_ipy_targets *t)
{
    while (t->at < t->end) {
        size_t i = t->at++;
        const nb_py_token *token = &t->tokens[i];
        bool bracket = is_at(t, i, "[") || is_at(t, i, "(");
        if (bracket && follows_operand(t, i)) { /* a subscript or call: nothing in it is a target */
            while (t->at < t->end && t->tokens[t->at].depth > token->depth)
                t->at++;
            continue;
        }
        bool attribute = i > t->start && is_at(t, i - 1, ".");
        bool more = t->at < t->end &&
                    (is_at(t, t->at, ".") || is_at(t, t->at, "[") || is_at(t, t->at, "("));
        if (token->kind == NB_PY_TOKEN_NAME && !attribute && !more)
            return token;
    }
    return NULL;
}

/* --- statements ------------------------------------------------------------------------------- */

/* A logical line that is looked through. */
typedef struct scan {
    nb_arena *arena;
    nb_str text;
    const nb_py_token *tokens;
    size_t count;
    nb_map *set;
} scan;

static bool is(const scan *s, size_t i, const char *z)
{
    return i < s->count && nb_py_token_is(s->text, &s->tokens[i], z);
}

static bool is_name(const scan *s, size_t i)
{
    return i < s->count && s->tokens[i].kind == NB_PY_TOKEN_NAME;
}

static void bind(const scan *s, size_t i)
{
    if (!is_name(s, i))
        return;
    nb_str name = nb_py_token_text(s->text, &s->tokens[i]);
    if (!nb_py_is_keyword(name)) /* a lambda's default looks like an assignment to it */
        nb_set_add(s->arena, s->set, nb_arena_str(s->arena, name));
}

static void bind_targets(const scan *s, size_t start, size_t end)
{
    nb_ipy_targets targets = {s->text, s->tokens, start, end, start};
    for (const nb_py_token *name; (name = nb_ipy_next_target(&targets));)
        bind(s, (size_t)(name - s->tokens));
}

/* The first name of `a.b.c`, unless `as` gives it another one; the token behind. */
static size_t bind_module(const scan *s, size_t i)
{
    size_t first = i++;
    while (is(s, i, "."))
        i += 2;
    if (is(s, i, "as"))
        first = i + 1;
    bind(s, first);
    return first > i ? first + 1 : i;
}

/* `from IPython.display import *` is the star import whose names matter here; of others nobody knows. */
static void bind_star(const scan *s, size_t import)
{
    nb_set_add(s->arena, s->set, NB_STR("*"));
    if (import >= 3 && is(s, import - 3, "IPython") && is(s, import - 1, "display"))
        nb_set_add(s->arena, s->set, NB_STR("display"));
}

/* `import a.b, c as d` and `from m import (a as b, c)`; the token behind. */
static size_t bind_imports(const scan *s, size_t i)
{
    if (is(s, i, "from"))
        while (i < s->count && !is(s, i, "import"))
            i++;
    size_t import = i;
    for (i++; i < s->count && !is(s, i, ";");) {
        if (is(s, i, "*"))
            bind_star(s, import);
        i = is_name(s, i) ? bind_module(s, i) : i + 1;
    }
    return i;
}

/* Parameters from token `i` on: of a def up to the end of its brackets, of a lambda up to its ':'. */
static void bind_parameters(const scan *s, size_t i, uint32_t depth)
{
    bool expected = true, annotation = is(s, i - 1, "(");
    for (; i < s->count && s->tokens[i].depth >= depth && !is(s, i, "lambda"); i++) {
        if (s->tokens[i].depth > depth)
            continue;
        if (is(s, i, ":") && !annotation)
            return;
        if (expected)
            bind(s, i);
        expected = is(s, i, ",") || is(s, i, "*") || is(s, i, "**");
    }
}

/* Where the targets behind `for` or `as` end. */
static size_t targets_end(const scan *s, size_t i)
{
    static const char *const ends[] = {"in", ":", ";", "=", "for", "as", "if"};
    uint32_t depth = i < s->count ? s->tokens[i].depth : 0;
    while (i < s->count && s->tokens[i].depth >= depth &&
           !NB_IPY_LISTED(nb_py_token_text(s->text, &s->tokens[i]), ends))
        i++;
    return i;
}

/* What a keyword at token `i` binds. */
static void bind_keyword(const scan *s, size_t i)
{
    if (is(s, i, "def") || is(s, i, "class")) {
        bind(s, i + 1);
        if (is(s, i, "def") && is(s, i + 2, "("))
            bind_parameters(s, i + 3, s->tokens[i].depth + 1);
    } else if (is(s, i, "lambda")) {
        bind_parameters(s, i + 1, s->tokens[i].depth);
    } else if (is(s, i, "for")) {
        bind_targets(s, i + 1, targets_end(s, i + 1));
    } else if (is(s, i, "as")) { /* as x, as x.y, as (a, b) */
        size_t end = is(s, i + 1, "(") ? targets_end(s, i + 2) : i + 3;
        bind_targets(s, i + 1, end < s->count ? end : s->count);
    }
}

static bool is_assignment(const scan *s, size_t i)
{
    nb_str op = nb_py_token_text(s->text, &s->tokens[i]);
    if (s->tokens[i].kind != NB_PY_TOKEN_OP || s->tokens[i].depth > 0 || op.at[op.len - 1] != '=')
        return false;
    return op.len != 2 || !strchr("=!:<>", op.at[0]);
}

/* The ':' at token `i` ends the header of the statement that starts at `start`: another one may follow. */
static bool ends_header(const scan *s, size_t start)
{
    static const char *const words[] = {"if",  "elif", "else",  "for",    "while",   "with",
                                        "try", "def",  "class", "except", "finally", "async"};
    return is_name(s, start) && NB_IPY_LISTED(nb_py_token_text(s->text, &s->tokens[start]), words);
}

static size_t bind_assignment(const scan *s, size_t start, size_t i)
{
    size_t end = start;
    while (end < i && !(is(s, end, ":") && s->tokens[end].depth == 0)) /* an annotation */
        end++;
    bind_targets(s, start, end);
    return i + 1;
}

static void scan_line(const scan *s)
{
    size_t start = 0; /* of the statement, or of the next target */
    for (size_t i = 0; i < s->count; i++) {
        bool outside = s->tokens[i].depth == 0;
        if (is(s, i, "import") || (is(s, i, "from") && i == start)) {
            i = bind_imports(s, i);
            start = i + 1;
        } else if (is_name(s, i)) {
            bind_keyword(s, i);
        } else if (is(s, i, ":=") && i > 0) {
            bind(s, i - 1);
        } else if (is_assignment(s, i)) {
            start = bind_assignment(s, start, i);
        } else if (outside && (is(s, i, ";") || (is(s, i, ":") && ends_header(s, start)))) {
            start = i + 1;
        }
    }
}

void nb_ipython_bound_names(nb_arena *arena, nb_str source, nb_map *set)
{
    static const nb_ipython_options plain = {0};
    nb_python_cell out = {0};
    nb_ipy ipy = {.arena = arena, .options = &plain, .out = &out, .cell = source, .scanning = true};
    nb_ipy_lines cell = nb_ipy_split(arena, source);
    nb_ipy_convert(&ipy, &cell);
    nb_ipy_finish(&ipy);

    nb_py_lines lines;
    nb_py_line line;
    nb_py_lines_open(&lines, arena, out.text);
    while (nb_py_lines_next(&lines, &line)) {
        scan s = {arena, out.text, line.tokens, nb_py_line_code_count(&line), set};
        scan_line(&s);
        if (line.escape) /* none is left in plain Python, unless the cell is broken */
            lines.at = line.end + 1;
    }
    for (size_t i = 0; i < ipy.own.count; i++)
        nb_set_add(arena, set, ipy.own.rows[i].key);
}
