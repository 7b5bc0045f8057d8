#include "notebook/directives.h"

#include "notebook/ipython_parts.h"

enum { MOST = 100 }; /* directives a cell */

#define MARK "notebooked:"

typedef struct reader {
    nb_arena *arena;
    nb_str source;
    nb_directives *out;
} reader;

/* --- one directive -------------------------------------------------------------------------------------------------- */

static nb_directive *add(reader *r, nb_directive_kind kind, nb_str text)
{
    nb_vec_push(r->arena, &r->out->list, (nb_directive){.kind = kind, .text = text});
    return &r->out->list.at[r->out->list.count - 1];
}

static void NB_PRINTF(4, 5) add_bad(reader *r, nb_str text, nb_str help, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    nb_directive *bad = add(r, NB_DIRECTIVE_BAD, text);
    bad->message = nb_arena_vprintf(r->arena, fmt, args);
    bad->help = help;
    va_end(args);
}

/* The code or slug that was probably meant; empty when none is near. */
static nb_str nearest_code(nb_str name)
{
    nb_str names[2 * NB_DIAG_CODE_COUNT];
    size_t count = 0;
    for (nb_diag_code code = 0; code < NB_DIAG_CODE_COUNT; code++) {
        names[count++] = nb_str_from(nb_diag_row_of(code)->code);
        names[count++] = nb_str_from(nb_diag_row_of(code)->slug);
    }
    return nb_str_nearest(name, names, count);
}

static void read_code(reader *r, nb_str name, nb_str scope)
{
    nb_diag_code code;
    if (!nb_diag_find(name, &code)) {
        nb_str near = nearest_code(name);
        nb_str help = near.len == 0
                          ? NB_STR("write the code that stands in the finding, such as NB203")
                          : nb_arena_printf(r->arena, "write '" NB_STR_FMT "'", NB_STR_ARG(near));
        add_bad(r, name, help, "no finding has the code '" NB_STR_FMT "'", NB_STR_ARG(name));
    } else if (!nb_diag_can_be_silenced(code)) {
        add_bad(r, name, NB_STR("remove it, and correct what the finding is about"),
                "'" NB_STR_FMT "' cannot be silenced: with it there is no script that works",
                NB_STR_ARG(name));
    } else {
        nb_directive *ignore = add(r, NB_DIRECTIVE_IGNORE, name);
        ignore->code = code;
        ignore->scope = scope;
    }
}

static bool is_separator(char c)
{
    return c == ' ' || c == '\t' || c == ',';
}

/* The next word; what stands between brackets belongs to it. */
static bool next_word(nb_str *rest, nb_str *word)
{
    size_t start = 0, end;
    bool open = false;
    while (start < rest->len && is_separator(rest->at[start]))
        start++;
    for (end = start; end < rest->len && (open || !is_separator(rest->at[end])); end++)
        open = rest->at[end] == '[' || (open && rest->at[end] != ']');
    *word = nb_str_slice(*rest, start, end);
    *rest = nb_str_from_at(*rest, end);
    return word->len > 0;
}

static void read_ignore(reader *r, nb_str word, nb_str scope)
{
    const nb_str front = NB_STR("ignore[");
    nb_str codes = nb_str_slice(word, front.len, word.len - 1), code;
    bool any = false;
    while (nb_str_starts(word, front) && nb_str_ends(word, NB_STR("]")) &&
           next_word(&codes, &code)) {
        read_code(r, code, scope);
        any = true;
    }
    if (!any)
        add_bad(r, word,
                NB_STR("write the codes of the findings in brackets: ignore[NB203, NB409]"),
                "'" NB_STR_FMT "' does not say what to ignore", NB_STR_ARG(word));
}

/* "write one of comment, subprocess, drop" */
static nb_str values_of(nb_arena *arena, const nb_policy_row *row)
{
    nb_str rest = nb_str_from(row->values), value, text = NB_STR("write one of");
    for (const char *comma = ""; nb_str_split(&rest, '|', &value); comma = ",")
        text = nb_arena_printf(arena, NB_STR_FMT "%s " NB_STR_FMT, NB_STR_ARG(text), comma,
                               NB_STR_ARG(value));
    return text;
}

static void read_policy(reader *r, nb_str word)
{
    nb_policies scratch;
    nb_str value = word, name, names[NB_POLICY_COUNT];
    (void)nb_str_split(&value, '=', &name);
    const nb_policy_row *row = nb_policy_find(name);
    if (row && nb_policy_set(&scratch, row, value)) {
        nb_directive *policy = add(r, NB_DIRECTIVE_POLICY, word);
        policy->row = row;
        policy->value = value;
        return;
    }
    if (row) {
        add_bad(r, word, values_of(r->arena, row),
                "'" NB_STR_FMT "' is no value of '" NB_STR_FMT "'", NB_STR_ARG(value),
                NB_STR_ARG(name));
        return;
    }
    for (size_t i = 0; i < NB_POLICY_COUNT; i++)
        names[i] = nb_policy_rows[i].name;
    nb_str near = nb_str_nearest(name, names, NB_POLICY_COUNT);
    add_bad(r, word,
            near.len > 0 ? nb_arena_printf(r->arena, "write '" NB_STR_FMT "'", NB_STR_ARG(near))
                         : NB_STR("choose among shell, timeit, cd, writefile and run"),
            "'" NB_STR_FMT "' is no policy", NB_STR_ARG(name));
}

static void read_word(reader *r, nb_str word, nb_str scope)
{
    bool ignore = nb_str_eqz(word, "ignore") || nb_str_starts(word, NB_STR("ignore["));
    if (ignore)
        read_ignore(r, word, scope);
    else if (scope.len > 0)
        add_bad(r, word, NB_STR("move it to the cell's first line, as a comment of its own"),
                "'" NB_STR_FMT "' is about the whole cell and has no meaning behind code",
                NB_STR_ARG(word));
    else if (nb_str_find_char(word, '=') >= 0)
        read_policy(r, word);
    else
        add(r, NB_DIRECTIVE_TAG, word);
}

/* --- one comment ---------------------------------------------------------------------------------------------------- */

/* A '#' at comment.at[i], blanks, and our mark: the length of all that, else 0. */
static size_t mark_at(nb_str comment, size_t i)
{
    size_t at = i + 1;
    if (i >= comment.len || comment.at[i] != '#')
        return 0;
    while (at < comment.len && (comment.at[at] == ' ' || comment.at[at] == '\t'))
        at++;
    bool found = nb_str_starts(nb_str_from_at(comment, at), NB_STR(MARK));
    return found ? at + sizeof(MARK) - 1 - i : 0;
}

static bool ends_line(char c)
{
    return c == '\n' || c == '\r';
}

/* The directive in a comment: from its '#' to the next one or the end of the line. Empty when there is none. */
static nb_str directive_in(nb_str comment)
{
    for (size_t i = 0; i < comment.len; i++) {
        size_t mark = mark_at(comment, i);
        if (mark == 0)
            continue;
        size_t end = i + mark;
        while (end < comment.len && comment.at[end] != '#' && !ends_line(comment.at[end]))
            end++;
        return nb_str_rtrim(nb_str_slice(comment, i, end));
    }
    return NB_STR("");
}

/* `scope` is empty for a comment above the code. */
static void read_directive(reader *r, nb_str text, nb_str scope)
{
    nb_str rest = nb_str_from_at(text, mark_at(text, 0)), word;
    if (nb_str_starts(nb_str_trim(rest), NB_STR("removed ")))
        return; /* a comment of our own, from a script that went back into a notebook */
    bool any = false;
    while (next_word(&rest, &word) && r->out->list.count < MOST) {
        read_word(r, word, scope);
        any = true;
    }
    if (!any && r->out->list.count < MOST)
        add_bad(r, text, NB_STR("write what to do, such as '# notebooked: train'"),
                "the directive is empty");
    nb_vec_push(r->arena, &r->out->comments, text);
}

/* Lines of IPython and of Python may hold the same comment; it counts once. */
static bool was_read(const reader *r, nb_str text)
{
    size_t count = r->out->comments.count;
    return count > 0 && text.at <= r->out->comments.at[count - 1].at;
}

static void read_comment(reader *r, nb_str comment, nb_str scope)
{
    nb_str text = directive_in(comment);
    if (text.len > 0 && !was_read(r, text))
        read_directive(r, text, scope);
}

/* --- above the code ------------------------------------------------------------------------------------------------- */

/* nbdev 2: "#| export", "#|exporti module". */
static bool is_export(nb_str line)
{
    static const char *const words[] = {"export", "exporti", "exports"};
    if (!nb_str_starts(line, NB_STR("#|")))
        return false;
    nb_str rest = nb_str_from_at(line, 2);
    return NB_IPY_LISTED(nb_ipy_word(&rest), words);
}

/* nbdev 1 had plain comments. They may be prose as well, so nothing else may stand there. */
static bool is_old_export(nb_str line)
{
    static const char *const lines[] = {"# export", "#export",   "# exporti",
                                        "#exporti", "# exports", "#exports"};
    return NB_IPY_LISTED(line, lines);
}

/* A lone carriage return ends a line, too. */
static nb_str first_line(nb_str text)
{
    size_t end = 0;
    while (end < text.len && !ends_line(text.at[end]))
        end++;
    return nb_str_slice(text, 0, end);
}

/* Reads the comments that the cell begins with; the result is where the code starts. */
static size_t read_head(reader *r)
{
    bool first = true;
    size_t at = 0;
    while (at < r->source.len) {
        ptrdiff_t newline = nb_str_find_char(nb_str_from_at(r->source, at), '\n');
        size_t end = newline < 0 ? r->source.len : at + (size_t)newline;
        nb_str line = nb_str_trim(nb_str_slice(r->source, at, end));
        if (line.len > 0 && line.at[0] != '#')
            return at;
        if (is_export(line) || (first && is_old_export(line))) {
            r->out->exports = true;
            nb_vec_push(r->arena, &r->out->comments, first_line(line));
        } else {
            read_comment(r, line, NB_STR(""));
        }
        first &= line.len == 0;
        at = end + 1;
    }
    return r->source.len;
}

/* --- in the code ---------------------------------------------------------------------------------------------------- */

static void read_own_line(reader *r, nb_str comment)
{
    nb_str text = directive_in(comment);
    nb_str rest = nb_str_trim(nb_str_from_at(text, mark_at(text, 0)));
    if (text.len > 0 && !nb_str_starts(rest, NB_STR("removed ")) && r->out->list.count < MOST)
        add_bad(
            r, text,
            NB_STR("move it to the cell's first line, or, for an ignore, to the end of the line "
                   "that it is for"),
            "a directive on a line of its own has no meaning below code");
}

/* The line of text that byte `at` stands in, up to `end`. */
static nb_str line_up_to(nb_str text, size_t at, size_t end)
{
    ptrdiff_t newline = nb_str_rfind_char(nb_str_slice(text, 0, at), '\n');
    return nb_str_slice(text, (size_t)(newline + 1), end);
}

/* A comment that ends a statement is for all its lines, one within is for its own. */
static void read_python(reader *r, nb_str text, const nb_py_line *line)
{
    for (size_t i = 0; i < line->count; i++) {
        const nb_py_token *token = &line->tokens[i];
        if (token->kind != NB_PY_TOKEN_COMMENT)
            continue;
        nb_str comment = nb_str_rtrim(nb_py_token_text(text, token));
        if (line->kind == NB_PY_LINE_COMMENT)
            read_own_line(r, comment);
        else if (i + 1 == line->count)
            read_comment(r, comment, nb_str_slice(text, line->code, token->end));
        else
            read_comment(r, comment, line_up_to(text, token->start, token->end));
    }
}

/* A magic or a shell line: '#' is not a comment to all of them, but our mark behind a blank and outside of quotes is meant for us. */
static void read_special(reader *r, nb_str line)
{
    char quote = '\0';
    for (size_t i = 0; i < line.len; i++) {
        char c = line.at[i];
        bool blank = i > 0 && nb_ipy_blank(line.at[i - 1]);
        if (c == '\\')
            i++;
        else if (quote)
            quote = c == quote ? '\0' : quote;
        else if (c == '"' || c == '\'')
            quote = c;
        else if (blank && mark_at(line, i) > 0) {
            read_comment(r, nb_str_from_at(line, i), line);
            return;
        }
    }
}

/* Is what follows a cell magic still the notebook's own Python? */
static bool is_python_body(nb_str code)
{
    nb_str header = nb_ipy_skip(nb_str_rtrim(nb_str_line_at(code, 1)));
    static const char *const wrappers[] = {"%%time", "%%timeit", "%%capture", "%%prun", "%%debug"};
    return !nb_str_starts(header, NB_STR("%%")) || NB_IPY_LISTED(nb_ipy_word(&header), wrappers);
}

static void read_code_lines(reader *r, size_t start)
{
    NB_AUTO(nb_arena) scratch = NB_ARENA_INIT;
    nb_str text = r->source;
    nb_py_lines lexer;
    nb_py_line line;
    nb_py_lines_open(&lexer, &scratch, text);
    lexer.at = (uint32_t)start;
    bool python = is_python_body(nb_str_from_at(text, start));
    for (bool header = true; lexer.at < text.len && (python || header); header = false) {
        size_t at = lexer.at;
        while (at < text.len && nb_ipy_blank(text.at[at]))
            at++;
        if (nb_ipy_is_escape(text, at)) {
            size_t end = nb_ipy_physical_end(text, at);
            read_special(r, nb_str_slice(text, at, end));
            lexer.at = (uint32_t)end + 1;
        } else if (nb_py_lines_next(&lexer, &line)) {
            read_python(r, text, &line);
            if (line.escape == 0)
                continue;
            size_t end = nb_ipy_physical_end(text, line.escape);
            read_special(r, nb_str_slice(text, at, end));
            lexer.at = (uint32_t)end + 1;
        }
    }
}

/* --- a cell --------------------------------------------------------------------------------------------------------- */

const nb_directives *nb_directives_read(nb_arena *arena, nb_str source)
{
    nb_str start = nb_str_trim(source);
    bool marked = nb_str_contains(source, NB_STR(MARK));
    if (!marked && (start.len == 0 || start.at[0] != '#'))
        return NULL;
    nb_directives found = {0};
    reader r = {arena, source, &found};
    size_t code = read_head(&r);
    if (nb_str_contains(nb_str_from_at(source, code), NB_STR(MARK)))
        read_code_lines(&r, code);
    if (found.list.count == 0 && !found.exports)
        return NULL;
    nb_directives *out = NB_NEW(arena, nb_directives);
    *out = found;
    return out;
}

/* --- what they do --------------------------------------------------------------------------------------------------- */

nb_str nb_directives_strip(nb_arena *arena, nb_str source, const nb_directives *directives)
{
    if (!directives || directives->comments.count == 0)
        return source;
    char *text = nb_arena_alloc(arena, source.len + 1);
    size_t len = 0, from = 0;
    for (size_t i = 0; i < directives->comments.count; i++) {
        nb_str comment = directives->comments.at[i];
        size_t start = (size_t)(comment.at - source.at);
        nb_str before = nb_str_slice(source, from, start);
        memcpy(text + len, before.at, before.len);
        len += before.len;
        from = start + comment.len;
        nb_str rest = nb_ipy_skip(nb_str_from_at(source, from));
        if (nb_str_starts(rest, NB_STR("#"))) { /* more of the comment takes its place */
            from = (size_t)(rest.at - source.at);
            continue;
        }
        while (len > 0 && nb_ipy_blank(text[len - 1]))
            len--;
    }
    nb_str rest = nb_str_from_at(source, from);
    memcpy(text + len, rest.at, rest.len);
    return (nb_str){text, len + rest.len};
}

void nb_directives_choose(const nb_directives *directives, nb_policies *policies)
{
    for (size_t i = 0; directives && i < directives->list.count; i++) {
        const nb_directive *directive = &directives->list.at[i];
        if (directive->kind == NB_DIRECTIVE_POLICY)
            (void)nb_policy_set(policies, directive->row, directive->value);
    }
}

nb_spot nb_directive_spot(const nb_notebook *notebook, const nb_cell *cell,
                          const nb_directive *directive)
{
    nb_spot spot =
        nb_cell_spot_at(notebook, cell, (size_t)(directive->text.at - cell->source.at), 0);
    spot.length = (unsigned)nb_ipy_characters(directive->text);
    return spot;
}

static unsigned line_of(const nb_notebook *notebook, const nb_cell *cell, const char *at)
{
    return nb_cell_spot_at(notebook, cell, (size_t)(at - cell->source.at), 0).line;
}

void nb_directives_silence(const nb_notebook *notebook, const nb_cell *cell, bool told,
                           nb_diags *diags)
{
    for (size_t i = 0; cell->directives && i < cell->directives->list.count; i++) {
        const nb_directive *directive = &cell->directives->list.at[i];
        if (directive->kind != NB_DIRECTIVE_IGNORE)
            continue;
        nb_ignore ignore = {.code = directive->code,
                            .spot = nb_directive_spot(notebook, cell, directive),
                            .used = !told};
        if (directive->scope.len > 0) {
            ignore.first = line_of(notebook, cell, directive->scope.at);
            ignore.last = line_of(notebook, cell, directive->scope.at + directive->scope.len - 1);
        }
        nb_diags_ignore(diags, ignore);
    }
}
