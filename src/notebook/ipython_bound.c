/* The names a cell binds, as far as its tokens tell: more rather than fewer. */
#include "notebook/ipython_parts.h"

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
    if (is_name(s, i))
        nb_set_add(s->arena, s->set,
                   nb_arena_str(s->arena, nb_py_token_text(s->text, &s->tokens[i])));
}

/* Names among the targets tokens[start, end): no attributes, no subscripts, nothing called. */
static void bind_targets(const scan *s, size_t start, size_t end)
{
    for (size_t i = start; i < end; i++) {
        bool part = i > 0 && is(s, i - 1, ".");
        bool more = i + 1 < end && (is(s, i + 1, ".") || is(s, i + 1, "[") || is(s, i + 1, "("));
        if (!part && !more)
            bind(s, i);
    }
}

/* `import a.b, c as d`: the first name of a path, or what follows `as`. */
static size_t bind_imports(const scan *s, size_t i)
{
    bool from = is(s, i, "from");
    while (from && i < s->count && !is(s, i, "import") && !is(s, i, ";"))
        i++;
    bool expected = true;
    for (i++; i < s->count && !is(s, i, ";"); i++) {
        if (expected && is_name(s, i) && !is(s, i + 1, "as")) {
            size_t last = i + 1;
            while (is(s, last, ".") && is_name(s, last + 1) && !is(s, last + 2, "as"))
                last += 2;
            if (!is(s, last, "."))
                bind(s, i);
        }
        if (is(s, i, "as"))
            bind(s, i + 1);
        expected = is(s, i, ",") || is(s, i, "(");
    }
    return i;
}

/* Parameters of a def, up to its ')' or, of a lambda, its ':'. */
static void bind_parameters(const scan *s, size_t i, uint32_t depth)
{
    bool expected = true;
    for (; i < s->count && s->tokens[i].depth >= depth; i++) {
        if (s->tokens[i].depth > depth)
            continue;
        if (is(s, i, ":") && depth == s->tokens[i].depth && expected)
            return;
        if (expected && is_name(s, i))
            bind(s, i);
        expected = is(s, i, ",") || is(s, i, "*") || is(s, i, "**");
    }
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
        size_t end = i + 1;
        while (end < s->count && !is(s, end, "in"))
            end++;
        bind_targets(s, i + 1, end);
    } else if (is(s, i, "as")) {
        size_t end = i + 1;
        while (end < s->count && !is(s, end, ":") &&
               (s->tokens[end].depth > 0 || is_name(s, end) || is(s, end, ")") || is(s, end, "(")))
            end++;
        bind_targets(s, i + 1, end);
    }
}

static bool augmented(const scan *s, size_t i)
{
    nb_str op = nb_py_token_text(s->text, &s->tokens[i]);
    return s->tokens[i].kind == NB_PY_TOKEN_OP && op.len >= 2 && op.at[op.len - 1] == '=' &&
           !strchr("=!<>:", op.at[0]);
}

static void scan_line(const scan *s)
{
    size_t start = 0; /* of the statement, or of the next target */
    for (size_t i = 0; i < s->count; i++) {
        if (is_name(s, i) && (is(s, i, "import") || (is(s, i, "from") && i == start))) {
            i = bind_imports(s, i);
            start = i + 1;
        } else if (is_name(s, i)) {
            bind_keyword(s, i);
        } else if (is(s, i, ":=")) {
            bind(s, i - 1);
        } else if (s->tokens[i].depth == 0 && (is(s, i, "=") || augmented(s, i))) {
            size_t end = start; /* an annotation is no target */
            while (end < i && !(is(s, end, ":") && s->tokens[end].depth == 0))
                end++;
            bind_targets(s, start, end);
            start = i + 1;
        } else if (s->tokens[i].depth == 0 && (is(s, i, ";") || is(s, i, ":"))) {
            if (is(s, i, ";") || is(s, start, "if") || is(s, start, "else") ||
                is(s, start, "for") || is(s, start, "while") || is(s, start, "with") ||
                is(s, start, "try"))
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
    }
    for (size_t i = 0; i < out.findings.count; i++)
        if (out.findings.at[i].name.len > 0)
            nb_set_add(arena, set, out.findings.at[i].name);
}
