#include "py/lines.h"

enum {
    FIELD_DEPTH = 16,      /* f-strings inside fields of f-strings; more is read as text */
    WASTE_FACTOR = 4,      /* how often the text may be looked at in vain */
    WASTE_FLOOR = 1 << 16, /* short texts need not care */
    PREFIX_LETTERS = 2     /* longest string prefix */
};

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\f';
}

static char at(const nb_py_lines *l, size_t i)
{
    return i < l->text.len ? l->text.at[i] : '\0';
}

static bool newline_escape(const nb_py_lines *l, size_t i)
{
    return at(l, i) == '\\' && at(l, i + 1) == '\n';
}

static bool wasted(const nb_py_lines *l)
{
    return l->waste > WASTE_FACTOR * l->text.len + WASTE_FLOOR;
}

/* --- string literals -------------------------------------------------------------------------- */

/* The quotes around a literal; prefix and replacement fields follow from it. */
typedef struct literal {
    char quote;
    bool triple, format;
} literal;

static bool triple_at(const nb_py_lines *l, size_t i)
{
    return at(l, i + 1) == at(l, i) && at(l, i + 2) == at(l, i) && i + 2 < l->text.len;
}

static bool closes(const nb_py_lines *l, const literal *lit, size_t i)
{
    return at(l, i) == lit->quote && (!lit->triple || triple_at(l, i));
}

/* Is `word` a string prefix, and does it make fields? */
static bool prefix(nb_str word, bool *format)
{
    static const char *const known[] = {"r",  "u",  "b",  "f",  "t", "br",
                                        "rb", "fr", "rf", "tr", "rt"};
    for (size_t i = 0; word.len <= PREFIX_LETTERS && i < NB_LEN(known); i++) {
        if (nb_str_eq_nocase(word, nb_str_from(known[i]))) {
            *format = strpbrk(known[i], "ft") != NULL;
            return true;
        }
    }
    return false;
}

/* The literal that opens with the quote at `i`; letters directly before it are its prefix. */
static literal literal_at(const nb_py_lines *l, size_t i, size_t word_start)
{
    literal lit = {.quote = at(l, i), .triple = triple_at(l, i)};
    (void)prefix(nb_str_slice(l->text, word_start, i), &lit.format);
    return lit;
}

static size_t literal_end(nb_py_lines *l, size_t start, literal lit, unsigned level);

/* Inside a replacement field. */
typedef struct field {
    literal outer;
    unsigned level;
    unsigned depth;  /* brackets */
    bool line_bound; /* must close before the next newline */
    bool format;     /* past the ':' */
} field;

/* Passes the nested literal whose quote is at `i`; 0 when it makes the field ill-formed. */
static size_t field_literal(nb_py_lines *l, field *f, size_t i)
{
    size_t word = i;
    while (word > 0 && i - word < PREFIX_LETTERS && nb_is_alpha(at(l, word - 1)))
        word--;
    literal lit = literal_at(l, i, word);
    if (closes(l, &f->outer, i))
        f->line_bound = true;
    size_t end = literal_end(l, i, lit, f->level + 1);
    if (end && f->line_bound && memchr(l->text.at + i, '\n', end - i))
        return 0;
    return end;
}

static size_t field_end(nb_py_lines *l, size_t open, literal outer, unsigned level);

/* One step inside a format specification, which is text with fields in it; 0: ill-formed. */
static size_t format_step(nb_py_lines *l, const field *f, size_t i)
{
    if (closes(l, &f->outer, i))
        return 0;
    if (at(l, i) == '{')
        return field_end(l, i, f->outer, f->level + 1);
    return i + 1;
}

/* One step inside the expression of a field; 0: ill-formed. */
static size_t field_step(nb_py_lines *l, field *f, size_t i)
{
    switch (at(l, i)) {
    case '\'':
    case '"': return field_literal(l, f, i);
    case '(':
    case '[':
    case '{': f->depth++; return i + 1;
    case ')':
    case ']':
    case '}':
        if (f->depth == 0)
            return 0;
        f->depth--;
        return i + 1;
    case ':': f->format = f->depth == 0; return i + 1;
    case '#':
        if (f->line_bound)
            return 0;
        while (i < l->text.len && at(l, i) != '\n')
            i++;
        return i;
    case '\\': return i + 2;
    default: return i + 1;
    }
}

/* The offset past the '}' of the field that opens at `open`; 0 when it is no well-formed field. */
static size_t field_end(nb_py_lines *l, size_t open, literal outer, unsigned level)
{
    field f = {.outer = outer, .level = level, .line_bound = !outer.triple};
    size_t i = open + 1, last = i;
    while (level < FIELD_DEPTH && i > 0 && i < l->text.len) {
        last = i;
        if (at(l, i) == '\n' && f.line_bound)
            break;
        if (at(l, i) == '}' && f.depth == 0)
            return i + 1;
        i = f.format ? format_step(l, &f, i) : field_step(l, &f, i);
    }
    l->waste += last - open;
    return 0;
}

/* Passes the '{' at `i` in the text of an f-string: a doubled one, a field, or a bracket that is text. */
static size_t brace(nb_py_lines *l, size_t i, literal lit, unsigned level)
{
    if (at(l, i + 1) == '{')
        return i + 2;
    size_t end = wasted(l) ? 0 : field_end(l, i, lit, level);
    return end ? end : i + 1;
}

/* The offset past the literal whose first quote is at `i`; 0 when nothing closes it. */
static size_t literal_end(nb_py_lines *l, size_t start, literal lit, unsigned level)
{
    size_t i = start + (lit.triple ? 3 : 1);
    while (i < l->text.len) {
        char c = at(l, i);
        if (closes(l, &lit, i))
            return i + (lit.triple ? 3 : 1);
        if (c == '\n' && !lit.triple)
            break;
        if (c == '\\')
            i += 2;
        else if (c == '{' && lit.format)
            i = brace(l, i, lit, level);
        else
            i++;
    }
    l->waste += i - start;
    return 0;
}

/* --- tokens ----------------------------------------------------------------------------------- */

typedef struct cursor {
    nb_py_lines *lines;
    nb_py_line *line;
    size_t at;
    uint32_t depth;
    uint32_t open; /* outermost bracket that is open */
    bool assigned; /* the first '=' outside brackets was seen */
} cursor;

static void push(cursor *c, nb_py_token_kind kind, size_t end)
{
    nb_py_lines *l = c->lines;
    nb_vec_push(l->arena, &l->tokens,
                ((nb_py_token){kind, (uint32_t)c->at, (uint32_t)end, c->depth}));
    c->at = end;
}

/* A quote at `quote`, its prefix at c->at. A one-quote literal without an end leaves the prefix as a name and the
 * quote as an error; whatever starts at an escaped quote after it would meet the same fate, hence `dead`. */
static void string_token(cursor *c, size_t quote)
{
    nb_py_lines *l = c->lines;
    literal lit = literal_at(l, quote, c->at);
    uint32_t *dead = &l->dead[lit.quote == '"'];
    size_t end = lit.triple || quote >= *dead ? literal_end(l, quote, lit, 0) : 0;
    if (end) {
        push(c, NB_PY_TOKEN_STRING, end);
    } else if (lit.triple) {
        c->line->unterminated = true;
        c->line->open = (uint32_t)c->at;
        push(c, NB_PY_TOKEN_STRING, l->text.len);
    } else {
        if (quote >= *dead) {
            size_t stop = quote + 1;
            while (stop < l->text.len && at(l, stop) != '\n')
                stop += at(l, stop) == '\\' ? 2 : 1;
            *dead = (uint32_t)(stop < l->text.len ? stop : l->text.len);
        }
        if (c->at < quote)
            push(c, NB_PY_TOKEN_NAME, quote);
        push(c, NB_PY_TOKEN_ERROR, quote + 1);
    }
}

static void name_token(cursor *c)
{
    size_t end = c->at;
    bool format;
    while (nb_is_name(at(c->lines, end)))
        end++;
    char next = at(c->lines, end);
    if ((next == '\'' || next == '"') && prefix(nb_str_slice(c->lines->text, c->at, end), &format))
        string_token(c, end);
    else
        push(c, NB_PY_TOKEN_NAME, end);
}

/* 0x1F, 1_000, 1.5e-3j: digits, letters, dots, and a sign after an exponent. */
static void number_token(cursor *c)
{
    const nb_py_lines *l = c->lines;
    size_t end = c->at + 1;
    bool hex = at(l, c->at) == '0' && (at(l, end) == 'x' || at(l, end) == 'X');
    for (;; end++) {
        char now = at(l, end), before = at(l, end - 1);
        bool sign = (now == '+' || now == '-') && (before == 'e' || before == 'E') && !hex &&
                    nb_is_digit(at(l, end + 1));
        if (!nb_is_name(now) && now != '.' && !sign)
            break;
    }
    push(c, NB_PY_TOKEN_NUMBER, end);
}

static size_t operator_length(nb_str rest)
{
    static const nb_str longer[] = {
        NB_STR_ROW("**="), NB_STR_ROW("//="), NB_STR_ROW(">>="), NB_STR_ROW("<<="),
        NB_STR_ROW("..."), NB_STR_ROW("!="),  NB_STR_ROW("%="),  NB_STR_ROW("//"),
        NB_STR_ROW("/="),  NB_STR_ROW(":="),  NB_STR_ROW("->"),  NB_STR_ROW("**"),
        NB_STR_ROW("*="),  NB_STR_ROW("+="),  NB_STR_ROW("-="),  NB_STR_ROW("&="),
        NB_STR_ROW("|="),  NB_STR_ROW("^="),  NB_STR_ROW("@="),  NB_STR_ROW("=="),
        NB_STR_ROW("<="),  NB_STR_ROW(">="),  NB_STR_ROW("<<"),  NB_STR_ROW(">>"),
        NB_STR_ROW("<>"),
    };
    for (size_t i = 0; i < NB_LEN(longer); i++)
        if (nb_str_starts(rest, longer[i]))
            return longer[i].len;
    return 1;
}

/* After the first '=' of a line: does IPython take over? Then the place of its '%' or '!'. */
static uint32_t escape_after(const nb_py_lines *l, size_t i)
{
    while (blank(at(l, i)) || newline_escape(l, i))
        i += at(l, i) == '\\' ? 2 : 1;
    bool magic = at(l, i) == '%' && nb_is_name_start(at(l, i + 1));
    bool shell = at(l, i) == '!' && at(l, i + 1) != '=';
    return magic || shell ? (uint32_t)i : 0;
}

static void operator_token(cursor *c)
{
    char first = at(c->lines, c->at);
    if (first && strchr(")]}", first) && c->depth > 0)
        c->depth--;
    size_t len = operator_length(nb_str_from_at(c->lines->text, c->at));
    bool assignment = first == '=' && len == 1 && c->depth == 0 && !c->assigned;
    if (strchr("([{", first) && c->depth == 0)
        c->open = (uint32_t)c->at;
    push(c, NB_PY_TOKEN_OP, c->at + len);
    if (strchr("([{", first))
        c->depth++;
    if (assignment) {
        c->assigned = true;
        c->line->escape = escape_after(c->lines, c->at);
    }
}

static void token(cursor *c)
{
    const nb_py_lines *l = c->lines;
    char first = at(l, c->at);
    if (first == '#') {
        size_t end = c->at;
        while (end < l->text.len && at(l, end) != '\n')
            end++;
        push(c, NB_PY_TOKEN_COMMENT, end);
    } else if (first == '\'' || first == '"') {
        string_token(c, c->at);
    } else if (nb_is_name_start(first)) {
        name_token(c);
    } else if (nb_is_digit(first) || (first == '.' && nb_is_digit(at(l, c->at + 1)))) {
        number_token(c);
    } else if (first > ' ' && first != '\\' && first != 0x7f) {
        operator_token(c);
    } else {
        push(c, NB_PY_TOKEN_ERROR, c->at + 1);
    }
}

/* Reads tokens up to the newline that ends the logical line, or to an escape. */
static void tokens(cursor *c)
{
    const nb_py_lines *l = c->lines;
    while (c->at < l->text.len && !c->line->escape) {
        char now = at(l, c->at);
        if (now == '\n' && c->depth == 0)
            break;
        if (blank(now) || now == '\n')
            c->at++;
        else if (newline_escape(l, c->at))
            c->at += 2;
        else
            token(c);
    }
    if (c->line->escape)
        c->at = c->line->escape;
    else if (c->depth > 0 && !c->line->unterminated) {
        c->line->unterminated = true;
        c->line->open = c->open;
    }
}

/* --- lines ------------------------------------------------------------------------------------ */

void nb_py_lines_open(nb_py_lines *lines, nb_arena *arena, nb_str text)
{
    if (text.len > UINT32_MAX / 2)
        text.len = UINT32_MAX / 2;
    *lines = (nb_py_lines){.text = text, .arena = arena};
}

bool nb_py_lines_next(nb_py_lines *lines, nb_py_line *line)
{
    if (lines->at >= lines->text.len)
        return false;
    size_t code = lines->at;
    while (blank(at(lines, code)))
        code++;
    lines->tokens.count = 0;
    *line = (nb_py_line){.start = lines->at, .code = (uint32_t)code};
    cursor c = {.lines = lines, .line = line, .at = code};
    tokens(&c);
    line->end = (uint32_t)(c.at < lines->text.len ? c.at : lines->text.len);
    line->tokens = lines->tokens.at;
    line->count = lines->tokens.count;
    lines->at = line->end + (line->escape ? 0 : 1);
    line->kind = line->count == 0                   ? NB_PY_LINE_BLANK
                 : nb_py_line_code_count(line) == 0 ? NB_PY_LINE_COMMENT
                                                    : NB_PY_LINE_CODE;
    return true;
}

size_t nb_py_line_code_count(const nb_py_line *line)
{
    size_t count = line->count;
    while (count > 0 && line->tokens[count - 1].kind == NB_PY_TOKEN_COMMENT)
        count--;
    return count;
}
