#include "py/syntax_lexer.h"
#include "py/syntax_parse.h"

/* ---- numbers -------------------------------------------------------------------------------------------------- */

enum { MAX_INT_DIGITS = 4300 }; /* sys.int_info.default_max_str_digits */

static bool is_digit_of(char c, unsigned radix)
{
    if (radix == 16)
        return nb_is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
    return c >= '0' && c < '0' + (char)radix;
}

/* Digits with single underscores between them; false when an underscore is followed by no digit. */
static bool digits(nb_lexer *lexer, unsigned radix)
{
    for (;;) {
        while (is_digit_of(nb_lex_peek(lexer, 0), radix))
            lexer->at++;
        if (nb_lex_peek(lexer, 0) != '_')
            return true;
        if (!is_digit_of(nb_lex_peek(lexer, 1), radix))
            return false;
        lexer->at++;
    }
}

/* CPython still reads "1if x else y": these words may follow a number without a blank. */
static bool keyword_follows(const nb_lexer *lexer)
{
    static const nb_str words[] = {NB_STR_ROW("and"), NB_STR_ROW("else"), NB_STR_ROW("for"),
                                   NB_STR_ROW("if"),  NB_STR_ROW("in"),   NB_STR_ROW("is"),
                                   NB_STR_ROW("or"),  NB_STR_ROW("not")};
    nb_str rest = nb_str_from_at(lexer->text, lexer->at);
    for (size_t i = 0; i < NB_LEN(words); i++)
        if (nb_str_starts(rest, words[i]))
            return true;
    return false;
}

static void bad_number(nb_lexer *lexer, uint32_t start, const char *kind)
{
    while (nb_is_name(nb_lex_peek(lexer, 0)))
        lexer->at++;
    nb_lex_error(lexer, start, lexer->at, "invalid %s literal", kind);
}

static void number_end(nb_lexer *lexer, uint32_t start, const char *kind)
{
    char next = nb_lex_peek(lexer, 0);
    if (nb_is_name(next) && (unsigned char)next < 0x80 && !keyword_follows(lexer))
        bad_number(lexer, start, kind);
    else
        nb_lex_emit(lexer, NB_TOK_NUMBER, start, lexer->line);
}

/* 0x..., 0o..., 0b... */
static void radix_number(nb_lexer *lexer, unsigned radix, const char *kind)
{
    uint32_t start = lexer->at;
    lexer->at += 2;
    if (nb_lex_peek(lexer, 0) == '_')
        lexer->at++;
    bool some = is_digit_of(nb_lex_peek(lexer, 0), radix);
    bool good = some && digits(lexer, radix);
    char next = nb_lex_peek(lexer, 0);
    if (nb_is_digit(next)) {
        lexer->at++;
        nb_lex_error(lexer, start, lexer->at, "invalid digit '%c' in %s literal", next, kind);
    } else if (!good) {
        bad_number(lexer, start, kind);
    } else {
        number_end(lexer, start, kind);
    }
}

/* An exponent, when there is one here; false when it is wrong. */
static bool exponent(nb_lexer *lexer, bool *found)
{
    if ((nb_lex_peek(lexer, 0) | 0x20) != 'e')
        return true;
    char sign = nb_lex_peek(lexer, 1);
    uint32_t size = sign == '+' || sign == '-' ? 2 : 1;
    if (!nb_is_digit(nb_lex_peek(lexer, size)))
        return size == 1; /* "1else", or an error that number_end() finds */
    lexer->at += size;
    *found = true;
    return digits(lexer, 10);
}

static void check_integer(nb_lexer *lexer, uint32_t start)
{
    nb_str text = nb_str_slice(lexer->text, start, lexer->at);
    size_t count = 0, zeros = 0;
    for (size_t i = 0; i < text.len; i++) {
        count += text.at[i] != '_';
        zeros += text.at[i] == '0';
    }
    if (text.at[0] == '0' && zeros < count) {
        nb_lex_error(
            lexer, start, lexer->at,
            "leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers");
        return;
    }
    if (count > MAX_INT_DIGITS && text.at[0] != '0')
        nb_py_tree_error(
            lexer->arena, lexer->tree,
            (nb_py_error){start, lexer->at, lexer->line,
                          NB_STR("an integer literal cannot have more than 4300 digits"), 0});
    number_end(lexer, start, "decimal");
}

static void decimal_number(nb_lexer *lexer)
{
    uint32_t start = lexer->at;
    bool is_float = false;
    bool good = digits(lexer, 10);
    if (good && nb_lex_peek(lexer, 0) == '.') {
        is_float = true;
        lexer->at++;
        if (nb_is_digit(nb_lex_peek(lexer, 0)))
            good = digits(lexer, 10);
    }
    good = good && exponent(lexer, &is_float);
    if (!good) {
        bad_number(lexer, start, "decimal");
    } else if ((nb_lex_peek(lexer, 0) | 0x20) == 'j') {
        lexer->at++;
        number_end(lexer, start, "imaginary");
    } else if (is_float) {
        number_end(lexer, start, "decimal");
    } else {
        check_integer(lexer, start);
    }
}

void nb_lex_number(nb_lexer *lexer)
{
    char next = nb_lex_peek(lexer, 0) == '0' ? nb_lex_peek(lexer, 1) | 0x20 : '\0';
    if (next == 'x')
        radix_number(lexer, 16, "hexadecimal");
    else if (next == 'o')
        radix_number(lexer, 8, "octal");
    else if (next == 'b')
        radix_number(lexer, 2, "binary");
    else
        decimal_number(lexer);
}

/* ---- strings -------------------------------------------------------------------------------------------------- */

static bool closes(const nb_lexer *lexer, char quote, bool triple)
{
    if (nb_lex_peek(lexer, 0) != quote)
        return false;
    return !triple || (nb_lex_peek(lexer, 1) == quote && nb_lex_peek(lexer, 2) == quote);
}

static void soft_error(nb_lexer *lexer, uint32_t start, const char *message, unsigned min_minor)
{
    nb_py_tree_error(lexer->arena, lexer->tree,
                     (nb_py_error){start, lexer->at, lexer->line, nb_str_from(message), min_minor});
}

/* Forgets that it is in an f-string, or in brackets within one. */
static void leave_fstrings(nb_lexer *lexer)
{
    for (unsigned i = 0; i < lexer->frame_count; i++) {
        if (lexer->frames[i].kind == NB_LEX_LITERAL)
            continue;
        lexer->depth = lexer->frames[i].depth - 1;
        break;
    }
    lexer->frame_count = lexer->string_count = 0;
}

/* The text ended, or the line of a string with single quotes. */
static void unterminated(nb_lexer *lexer, nb_lex_frame string)
{
    bool in_field = false;
    for (unsigned i = 0; i < lexer->frame_count; i++)
        if (lexer->frames[i].kind != NB_LEX_LITERAL && lexer->frames[i].quote == string.quote &&
            lexer->frames[i].triple == string.triple)
            in_field = true;
    bool new_line = lexer->at > 0 && lexer->text.at[lexer->at - 1] == '\n';
    uint32_t reached = lexer->line, detected = reached - (new_line ? 1 : 0);
    lexer->line = string.line;
    if (in_field)
        nb_lex_error(lexer, string.start, lexer->at, "f-string: expecting '}'");
    else if (string.triple)
        nb_lex_error(lexer, string.start, lexer->at,
                     "unterminated triple-quoted string literal (detected at line %u)", detected);
    else
        nb_lex_error(lexer, string.start, lexer->at,
                     "unterminated string literal (detected at line %u)", detected);
    lexer->line = reached;
    leave_fstrings(lexer);
    lexer->depth = 0; /* the next line is a new statement */
}

/* Moves to the closing quote; false when there is none. */
static bool string_body(nb_lexer *lexer, nb_lex_frame string, bool *escapes, bool *ascii)
{
    while (!nb_lex_ended(lexer)) {
        char c = nb_lex_peek(lexer, 0);
        if (c == string.quote && closes(lexer, string.quote, string.triple))
            return true;
        if (c == '\\') {
            *escapes = true;
            lexer->at++;
            c = nb_lex_peek(lexer, 0);
        } else if (c == '\n' && !string.triple) {
            return false;
        }
        if (c == '\n')
            lexer->line++;
        else if ((unsigned char)c >= 0x80)
            *ascii = false;
        lexer->at++;
    }
    lexer->at = (uint32_t)lexer->text.len;
    return false;
}

static void plain_string(nb_lexer *lexer, nb_lex_frame string, unsigned flags)
{
    bool escapes = false, ascii = true;
    uint32_t body = lexer->at;
    if (!string_body(lexer, string, &escapes, &ascii)) {
        unterminated(lexer, string);
        return;
    }
    nb_str content = nb_str_slice(lexer->text, body, lexer->at);
    lexer->at += string.triple ? 3 : 1;
    if (flags & NB_PY_STRING_BYTES && !ascii)
        soft_error(lexer, string.start, "bytes can only contain ASCII literal characters", 0);
    if (escapes && !(flags & NB_PY_STRING_RAW)) {
        const char *wrong = nb_py_escape_error(content, flags);
        if (wrong)
            soft_error(lexer, string.start, wrong, 0);
    }
    nb_lex_emit(lexer, NB_TOK_STRING, string.start, string.line)->string_flags = (uint8_t)flags;
}

void nb_lex_string(nb_lexer *lexer, uint32_t start, unsigned flags)
{
    nb_lex_frame string = {.kind = NB_LEX_LITERAL,
                           .quote = nb_lex_peek(lexer, 0),
                           .start = start,
                           .line = lexer->line,
                           .raw = flags & NB_PY_STRING_RAW};
    string.triple = closes(lexer, string.quote, true);
    lexer->at += string.triple ? 3 : 1;
    if (!(flags & NB_PY_STRING_FORMAT)) {
        plain_string(lexer, string, flags);
        return;
    }
    if (flags & NB_PY_STRING_TEMPLATE && lexer->minor < 14)
        soft_error(lexer, start, "template strings need Python 3.14", 14);
    if (lexer->string_count == NB_LEX_FSTRINGS) {
        nb_lex_error(lexer, start, lexer->at, "too many nested f-strings");
        return;
    }
    nb_lex_emit(lexer, NB_TOK_FSTRING_START, start, lexer->line)->string_flags = (uint8_t)flags;
    lexer->frames[lexer->frame_count++] = string;
    lexer->string_count++;
}

/* ---- f-strings ------------------------------------------------------------------------------------------------ */

static void check_chunk(nb_lexer *lexer, const nb_lex_frame *frame, uint32_t start)
{
    if (frame->raw)
        return;
    const char *wrong = nb_py_escape_error(nb_str_slice(lexer->text, start, lexer->at), 0);
    if (wrong)
        soft_error(lexer, start, wrong, 0);
}

static void field_start(nb_lexer *lexer)
{
    nb_lex_frame field = *nb_lex_top(lexer);
    field.specs = field.kind == NB_LEX_SPEC ? field.specs + 1 : 0;
    field.kind = NB_LEX_FIELD;
    uint32_t start = lexer->at;
    nb_lex_open(lexer, NB_TOK_LBRACE);
    if (lexer->out->at[lexer->out->count - 1].kind == NB_TOK_ERROR)
        return;
    if (field.specs > NB_LEX_SPECS)
        soft_error(lexer, start, "f-string: expressions nested too deeply", 0);
    else if (field.specs == NB_LEX_SPECS && lexer->minor < 12)
        soft_error(lexer, start, "f-string: fields nested this deeply need Python 3.12", 12);
    field.depth = lexer->depth;
    field.start = lexer->at;
    field.line = lexer->line;
    lexer->frames[lexer->frame_count++] = field;
}

/* What Python 3.12 allows in the expression of a field and older ones do not. */
static const char *new_in_field(nb_str field, const nb_lex_frame *frame)
{
    char quotes[3] = {frame->quote, frame->quote, frame->quote};
    if (nb_str_contains(field, (nb_str){quotes, frame->triple ? 3 : 1}))
        return "f-string: the same quotes within an expression need Python 3.12";
    if (nb_str_find_char(field, '\\') >= 0)
        return "f-string: a backslash in an expression needs Python 3.12";
    if (!frame->triple && nb_str_find_char(field, '\n') >= 0)
        return "f-string: an expression over several lines needs Python 3.12";
    return NULL;
}

void nb_lex_field_end(nb_lexer *lexer)
{
    if (lexer->minor >= 12)
        return;
    const nb_lex_frame *frame = nb_lex_top(lexer);
    const nb_py_tree *tree = lexer->tree;
    const char *message = new_in_field(nb_str_slice(lexer->text, frame->start, lexer->at), frame);
    if (tree->comments.count > 0 &&
        tree->comments.at[tree->comments.count - 1].start >= frame->start)
        message = "f-string: a comment in an expression needs Python 3.12";
    if (message)
        soft_error(lexer, frame->start, message, 12);
}

/* Past a backslash and what it escapes. A brace stays a brace, except in \N{...}. */
static void literal_escape(nb_lexer *lexer, const nb_lex_frame *frame)
{
    lexer->at++;
    char c = nb_lex_peek(lexer, 0);
    if (c == '{' || c == '}' || nb_lex_ended(lexer))
        return;
    if (c == '\n')
        lexer->line++;
    lexer->at++;
    if (frame->raw || c != 'N' || nb_lex_peek(lexer, 0) != '{')
        return;
    while (!nb_lex_ended(lexer) && nb_lex_peek(lexer, 0) != '}' && nb_lex_peek(lexer, 0) != '\n' &&
           nb_lex_peek(lexer, 0) != frame->quote)
        lexer->at++;
    if (nb_lex_peek(lexer, 0) == '}')
        lexer->at++;
}

static void literal_end(nb_lexer *lexer, const nb_lex_frame *frame)
{
    uint32_t start = lexer->at;
    lexer->at += frame->triple ? 3 : 1;
    if (frame->kind == NB_LEX_SPEC) {
        nb_lex_error(lexer, start, lexer->at, "f-string: expecting '}'");
        leave_fstrings(lexer);
        return;
    }
    lexer->frame_count--;
    lexer->string_count--;
    nb_lex_emit(lexer, NB_TOK_FSTRING_END, start, lexer->line);
}

/* A closing brace in literal text: the end of a format specification, or two of them that mean one. True to go on. */
static bool literal_brace(nb_lexer *lexer, const nb_lex_frame *frame)
{
    if (frame->kind == NB_LEX_SPEC) {
        lexer->frame_count--;
        nb_lex_close(lexer, NB_TOK_RBRACE);
        return false;
    }
    if (nb_lex_peek(lexer, 1) == '}') {
        lexer->at += 2;
        return true;
    }
    lexer->at++;
    nb_lex_error(lexer, lexer->at - 1, lexer->at, "f-string: single '}' is not allowed");
    return false;
}

/* True when it is a brace that starts a field, false when it stands for itself. */
static bool starts_field(nb_lexer *lexer, const nb_lex_frame *frame)
{
    if (frame->kind == NB_LEX_SPEC || nb_lex_peek(lexer, 1) != '{')
        return true;
    lexer->at += 2;
    return false;
}

/* Python 3.12 lets a format specification end in a line break before its brace, also between single quotes. */
static bool spec_ends_in_newline(nb_lexer *lexer, const nb_lex_frame *frame)
{
    uint32_t ahead = 0, lines = 0;
    for (char c = '\n'; c == '\n' || c == ' ' || c == '\t'; c = nb_lex_peek(lexer, ++ahead))
        lines += c == '\n';
    if (frame->kind != NB_LEX_SPEC || nb_lex_peek(lexer, ahead) != '}')
        return false;
    if (lexer->minor < 12)
        soft_error(lexer, frame->start,
                   "f-string: an expression over several lines needs Python 3.12", 12);
    lexer->at += ahead;
    lexer->line += lines;
    return true;
}

void nb_lex_literal(nb_lexer *lexer)
{
    const nb_lex_frame *frame = nb_lex_top(lexer);
    uint32_t chunk = lexer->at;
    while (!nb_lex_ended(lexer)) {
        char c = nb_lex_peek(lexer, 0);
        if (c == frame->quote && closes(lexer, frame->quote, frame->triple)) {
            check_chunk(lexer, frame, chunk);
            literal_end(lexer, frame);
            return;
        }
        if (c == '{') {
            if (!starts_field(lexer, frame))
                continue;
            check_chunk(lexer, frame, chunk);
            field_start(lexer);
            return;
        }
        if (c == '}') {
            check_chunk(lexer, frame, chunk);
            if (!literal_brace(lexer, frame))
                return;
            chunk = lexer->at;
            continue;
        }
        if (c == '\n' && !frame->triple) {
            if (!spec_ends_in_newline(lexer, frame))
                break;
            continue;
        }
        if (c == '\\') {
            literal_escape(lexer, frame);
            continue;
        }
        lexer->line += c == '\n';
        lexer->at++;
    }
    unterminated(lexer, *frame);
}
