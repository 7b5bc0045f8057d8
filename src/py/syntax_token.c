#include "py/syntax_token.h"

#include "py/syntax_lexer.h"
#include "py/syntax_parse.h"
#include "py/syntax_unicode.h"
#include "text/utf8.h"

#include <stdarg.h>

/* An open bracket swallows the rest of the text. So many times the reader goes back to the line after it. */
enum { MAX_REWINDS = 16 };

/* ---- tokens and errors ---------------------------------------------------------------------------------------- */

nb_token *nb_lex_emit(nb_lexer *lexer, nb_tok kind, uint32_t start, uint32_t line)
{
    nb_tokens *out = lexer->out;
    if (out->count == out->cap) {
        out->cap = out->cap ? out->cap * 2 : 256 + lexer->text.len / 4;
        nb_token *grown = realloc(out->at, out->cap * sizeof(*grown));
        if (!grown)
            abort();
        out->at = grown;
    }
    nb_token *token = &out->at[out->count++];
    *token = (nb_token){start, lexer->at, line, (uint8_t)kind, 0};
    return token;
}

void nb_lex_error(nb_lexer *lexer, uint32_t start, uint32_t end, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    nb_str message = nb_arena_vprintf(lexer->arena, fmt, args);
    va_end(args);
    nb_lex_emit(lexer, NB_TOK_ERROR, start, lexer->line)->end = end;
    nb_vec_push(lexer->arena, &lexer->out->errors,
                (nb_py_error){start, end, lexer->line, message, 0});
}

/* ---- names ---------------------------------------------------------------------------------------------------- */

static const nb_str spellings[NB_TOK_COUNT] = {
#define NB_TOK_ROW(name, spelling) [NB_TOK_##name] = NB_STR_ROW(spelling),
    NB_TOK_KEYWORDS(NB_TOK_ROW)
#undef NB_TOK_ROW
};

/* The first keyword of each letter; the table of kinds is sorted. */
static nb_tok first_keyword(char letter)
{
    switch (letter) {
    case 'F': return NB_TOK_FALSE;
    case 'N': return NB_TOK_NONE;
    case 'T': return NB_TOK_TRUE;
    case 'a': return NB_TOK_AND;
    case 'b': return NB_TOK_BREAK;
    case 'c': return NB_TOK_CLASS;
    case 'd': return NB_TOK_DEF;
    case 'e': return NB_TOK_ELIF;
    case 'f': return NB_TOK_FINALLY;
    case 'g': return NB_TOK_GLOBAL;
    case 'i': return NB_TOK_IF;
    case 'l': return NB_TOK_LAMBDA;
    case 'n': return NB_TOK_NONLOCAL;
    case 'o': return NB_TOK_OR;
    case 'p': return NB_TOK_PASS;
    case 'r': return NB_TOK_RAISE;
    case 't': return NB_TOK_TRY;
    case 'w': return NB_TOK_WHILE;
    case 'y': return NB_TOK_YIELD;
    default: return NB_TOK_NAME;
    }
}

nb_tok nb_tok_keyword(nb_str word)
{
    if (word.len < 2 || word.len > 8)
        return NB_TOK_NAME;
    nb_tok first = first_keyword(word.at[0]);
    if (first == NB_TOK_NAME)
        return NB_TOK_NAME;
    for (nb_tok kind = first; kind <= NB_TOK_YIELD && spellings[kind].at[0] == word.at[0]; kind++)
        if (nb_str_eq(spellings[kind], word))
            return kind;
    return NB_TOK_NAME;
}

static bool printable(uint32_t code)
{
    return code >= 0xa1 && code != 0xad && !(code >= 0x2000 && code <= 0x200f) &&
           !(code >= 0x2028 && code <= 0x202f) && !(code >= 0x205f && code <= 0x206f) &&
           code != 0x3000 && code != 0xfeff && code != 0xfffd;
}

/* A character that is no part of Python, at the current place. */
static void bad_character(nb_lexer *lexer)
{
    uint32_t start = lexer->at;
    size_t end = start;
    uint32_t code = nb_utf8_next(lexer->text, &end);
    nb_str text = nb_str_slice(lexer->text, start, end);
    lexer->at = (uint32_t)end;
    if (printable(code))
        nb_lex_error(lexer, start, lexer->at, "invalid character '" NB_STR_FMT "' (U+%04X)",
                     NB_STR_ARG(text), code);
    else
        nb_lex_error(lexer, start, lexer->at, "invalid non-printable character U+%04X", code);
}

/* Moves past the letters of a name; stops at a character that no name can have. */
static void name_letters(nb_lexer *lexer, uint32_t start)
{
    for (;;) {
        char c = nb_lex_peek(lexer, 0);
        if (nb_is_alpha(c) || c == '_' || nb_is_digit(c)) {
            lexer->at++;
            continue;
        }
        if ((unsigned char)c < 0x80)
            return;
        size_t end = lexer->at;
        uint32_t code = nb_utf8_next(lexer->text, &end);
        if (!(lexer->at == start ? nb_py_xid_start(code) : nb_py_xid_continue(code)))
            return;
        lexer->at = (uint32_t)end;
    }
}

/* The flags of a literal with this prefix; -1 when there is no such prefix. */
static int string_prefix(nb_str prefix)
{
    unsigned flags = 0;
    for (size_t i = 0; i < prefix.len; i++) {
        unsigned flag;
        switch (prefix.at[i] | 0x20) {
        case 'r': flag = NB_PY_STRING_RAW; break;
        case 'b': flag = NB_PY_STRING_BYTES; break;
        case 'f': flag = NB_PY_STRING_FORMAT; break;
        case 't': flag = NB_PY_STRING_FORMAT | NB_PY_STRING_TEMPLATE; break;
        case 'u': return prefix.len == 1 ? 0 : -1;
        default: return -1;
        }
        if (flags & flag)
            return -1;
        flags |= flag;
    }
    if (prefix.len > 2 || (flags & NB_PY_STRING_BYTES && flags & NB_PY_STRING_FORMAT))
        return -1;
    return (int)flags;
}

static void name(nb_lexer *lexer)
{
    uint32_t start = lexer->at;
    name_letters(lexer, start);
    if (lexer->at == start) {
        bad_character(lexer);
        return;
    }
    nb_str word = nb_str_slice(lexer->text, start, lexer->at);
    char next = nb_lex_peek(lexer, 0);
    if ((next == '"' || next == '\'') && word.len <= 2) {
        int flags = string_prefix(word);
        if (flags >= 0) {
            nb_lex_string(lexer, start, (unsigned)flags);
            return;
        }
    }
    nb_lex_emit(lexer, nb_tok_keyword(word), start, lexer->line);
}

/* ---- brackets ------------------------------------------------------------------------------------------------- */

void nb_lex_open(nb_lexer *lexer, nb_tok kind)
{
    uint32_t start = lexer->at++;
    if (lexer->depth == NB_LEX_BRACKETS) {
        nb_lex_error(lexer, start, lexer->at, "too many nested parentheses");
        return;
    }
    lexer->brackets[lexer->depth++] = (nb_lex_bracket){start, lexer->line, lexer->text.at[start]};
    nb_lex_emit(lexer, kind, start, lexer->line);
}

void nb_lex_close(nb_lexer *lexer, nb_tok kind)
{
    uint32_t start = lexer->at++;
    char close = lexer->text.at[start];
    if (lexer->depth == 0) {
        nb_lex_error(lexer, start, lexer->at, "unmatched '%c'", close);
        return;
    }
    nb_lex_frame *frame = nb_lex_top(lexer);
    if (frame && frame->depth == lexer->depth && close != '}') {
        nb_lex_error(lexer, start, lexer->at, "f-string: unmatched '%c'", close);
        return;
    }
    const nb_lex_bracket *bracket = &lexer->brackets[--lexer->depth];
    char want = bracket->open == '(' ? ')' : bracket->open == '[' ? ']' : '}';
    if (close == want) {
        nb_lex_emit(lexer, kind, start, lexer->line);
        return;
    }
    if (bracket->line == lexer->line)
        nb_lex_error(lexer, start, lexer->at,
                     "closing parenthesis '%c' does not match opening parenthesis '%c'", close,
                     bracket->open);
    else
        nb_lex_error(lexer, start, lexer->at,
                     "closing parenthesis '%c' does not match opening parenthesis '%c' on line %u",
                     close, bracket->open, bracket->line);
}

/* ---- operators ------------------------------------------------------------------------------------------------ */

static void operator_of(nb_lexer *lexer, nb_tok kind, uint32_t size)
{
    uint32_t start = lexer->at;
    lexer->at += size;
    nb_lex_emit(lexer, kind, start, lexer->line);
}

/* An operator that may be doubled, and followed by '=': * ** *= **=. */
static void arithmetic(nb_lexer *lexer, nb_tok one, nb_tok two)
{
    bool doubled = two != NB_TOK_END && nb_lex_peek(lexer, 1) == nb_lex_peek(lexer, 0);
    uint32_t size = doubled ? 2 : 1;
    if (nb_lex_peek(lexer, size) == '=')
        operator_of(lexer, NB_TOK_AUGMENTED, size + 1);
    else
        operator_of(lexer, doubled ? two : one, size);
}

static void angle(nb_lexer *lexer, nb_tok one, nb_tok equal, nb_tok shift)
{
    if (nb_lex_peek(lexer, 1) == '=')
        operator_of(lexer, equal, 2);
    else
        arithmetic(lexer, one, shift);
}

static void colon(nb_lexer *lexer)
{
    nb_lex_frame *frame = nb_lex_top(lexer);
    if (!frame || frame->depth != lexer->depth) {
        bool walrus = nb_lex_peek(lexer, 1) == '=';
        operator_of(lexer, walrus ? NB_TOK_WALRUS : NB_TOK_COLON, walrus ? 2 : 1);
        return;
    }
    nb_lex_field_end(lexer);
    operator_of(lexer, NB_TOK_FORMAT, 1);
    frame->kind = NB_LEX_SPEC;
}

static void close_brace(nb_lexer *lexer)
{
    const nb_lex_frame *frame = nb_lex_top(lexer);
    if (frame && frame->depth == lexer->depth) {
        if (frame->kind == NB_LEX_FIELD)
            nb_lex_field_end(lexer);
        lexer->frame_count--;
    }
    nb_lex_close(lexer, NB_TOK_RBRACE);
}

static void dot(nb_lexer *lexer)
{
    if (nb_is_digit(nb_lex_peek(lexer, 1)))
        nb_lex_number(lexer);
    else if (nb_lex_peek(lexer, 1) == '.' && nb_lex_peek(lexer, 2) == '.')
        operator_of(lexer, NB_TOK_ELLIPSIS, 3);
    else
        operator_of(lexer, NB_TOK_DOT, 1);
}

static void punctuation(nb_lexer *lexer, char c)
{
    bool equal = nb_lex_peek(lexer, 1) == '=';
    switch (c) {
    case '(': nb_lex_open(lexer, NB_TOK_LPAREN); return;
    case '[': nb_lex_open(lexer, NB_TOK_LBRACKET); return;
    case '{': nb_lex_open(lexer, NB_TOK_LBRACE); return;
    case ')': nb_lex_close(lexer, NB_TOK_RPAREN); return;
    case ']': nb_lex_close(lexer, NB_TOK_RBRACKET); return;
    case '}': close_brace(lexer); return;
    case ':': colon(lexer); return;
    case ',': operator_of(lexer, NB_TOK_COMMA, 1); return;
    case ';': operator_of(lexer, NB_TOK_SEMICOLON, 1); return;
    case '.': dot(lexer); return;
    case '~': operator_of(lexer, NB_TOK_TILDE, 1); return;
    case '=': operator_of(lexer, equal ? NB_TOK_EQUAL_EQUAL : NB_TOK_EQUAL, equal ? 2 : 1); return;
    case '!':
        operator_of(lexer, equal ? NB_TOK_NOT_EQUAL : NB_TOK_EXCLAMATION, equal ? 2 : 1);
        return;
    case '+': arithmetic(lexer, NB_TOK_PLUS, NB_TOK_END); return;
    case '*': arithmetic(lexer, NB_TOK_STAR, NB_TOK_DOUBLE_STAR); return;
    case '/': arithmetic(lexer, NB_TOK_SLASH, NB_TOK_DOUBLE_SLASH); return;
    case '%': arithmetic(lexer, NB_TOK_PERCENT, NB_TOK_END); return;
    case '@': arithmetic(lexer, NB_TOK_AT, NB_TOK_END); return;
    case '&': arithmetic(lexer, NB_TOK_AMPERSAND, NB_TOK_END); return;
    case '|': arithmetic(lexer, NB_TOK_BAR, NB_TOK_END); return;
    case '^': arithmetic(lexer, NB_TOK_CARET, NB_TOK_END); return;
    case '-':
        if (nb_lex_peek(lexer, 1) == '>')
            operator_of(lexer, NB_TOK_ARROW, 2);
        else
            arithmetic(lexer, NB_TOK_MINUS, NB_TOK_END);
        return;
    case '<': angle(lexer, NB_TOK_LESS, NB_TOK_LESS_EQUAL, NB_TOK_LEFT_SHIFT); return;
    case '>': angle(lexer, NB_TOK_GREATER, NB_TOK_GREATER_EQUAL, NB_TOK_RIGHT_SHIFT); return;
    default:
        lexer->at++;
        if ((unsigned char)c < ' ' || c == 0x7f)
            nb_lex_error(lexer, lexer->at - 1, lexer->at, "invalid non-printable character U+%04X",
                         (unsigned)c);
        else
            nb_lex_error(lexer, lexer->at - 1, lexer->at, "invalid syntax");
    }
}

/* ---- lines ---------------------------------------------------------------------------------------------------- */

static void comment(nb_lexer *lexer)
{
    uint32_t start = lexer->at;
    const char *end = memchr(lexer->text.at + start, '\n', lexer->text.len - start);
    lexer->at = end ? (uint32_t)(end - lexer->text.at) : (uint32_t)lexer->text.len;
    nb_vec_push(lexer->arena, &lexer->tree->comments,
                (nb_py_comment){start, lexer->at, lexer->line});
}

static void newline(nb_lexer *lexer)
{
    lexer->at++;
    if (lexer->depth == 0) {
        nb_lex_emit(lexer, NB_TOK_NEWLINE, lexer->at - 1, lexer->line);
        lexer->line_start = true;
    }
    lexer->line++;
}

/* A backslash: nothing but a line may follow. False when an error was recorded. */
static bool continuation(nb_lexer *lexer)
{
    uint32_t start = lexer->at++;
    if (nb_lex_peek(lexer, 0) != '\n') {
        nb_lex_error(lexer, start, lexer->at,
                     nb_lex_ended(lexer)
                         ? "unexpected end of the text after a backslash"
                         : "unexpected character after line continuation character");
        return false;
    }
    lexer->at++;
    if (nb_lex_ended(lexer)) {
        nb_lex_error(lexer, start, start + 1, "unexpected end of the text after a backslash");
        return false;
    }
    lexer->line++;
    return true;
}

typedef struct indentation {
    unsigned column, spaces;
    bool failed;
} indentation;

/* Measures the blanks at the start of a line. Since Python 3.10 backslashes may split them over several lines, of which the
 * first counts; before, a backslash ends them like any other character. */
static indentation measure(nb_lexer *lexer)
{
    indentation width = {0};
    unsigned continued = 0;
    for (;; lexer->at++) {
        char c = nb_lex_peek(lexer, 0);
        if (c == ' ') {
            width.column++;
            width.spaces++;
        } else if (c == '\t') {
            width.column = (width.column / 8 + 1) * 8;
            width.spaces++;
        } else if (c == '\f') {
            width.column = width.spaces = 0;
        } else if (c == '\\' && lexer->minor >= 10) {
            continued = continued ? continued : width.column;
            if (!continuation(lexer)) {
                width.failed = true;
                return width;
            }
            lexer->at--;
        } else {
            break;
        }
    }
    if (continued)
        width.column = width.spaces = continued;
    return width;
}

static void indent(nb_lexer *lexer, indentation width, uint32_t start)
{
    if (lexer->indents + 1 == NB_LEX_INDENTS) {
        nb_lex_error(lexer, start, lexer->at, "too many levels of indentation");
        return;
    }
    lexer->indents++;
    lexer->columns[lexer->indents] = width.column;
    lexer->spaces[lexer->indents] = width.spaces;
    nb_lex_emit(lexer, NB_TOK_INDENT, start, lexer->line);
}

/* Compares the indentation of a line that has code with the open blocks. */
static void settle(nb_lexer *lexer, indentation width, uint32_t start)
{
    static const char mixed[] = "inconsistent use of tabs and spaces in indentation";
    unsigned top = lexer->indents;
    if (width.column > lexer->columns[top]) {
        if (width.spaces <= lexer->spaces[top])
            nb_lex_error(lexer, start, lexer->at, mixed);
        indent(lexer, width, start);
        return;
    }
    while (width.column < lexer->columns[lexer->indents]) {
        lexer->indents--;
        nb_lex_emit(lexer, NB_TOK_DEDENT, lexer->at, lexer->line);
    }
    if (width.column != lexer->columns[lexer->indents])
        nb_lex_error(lexer, start, lexer->at,
                     "unindent does not match any outer indentation level");
    else if (width.spaces != lexer->spaces[lexer->indents])
        nb_lex_error(lexer, start, lexer->at, mixed);
}

/* Passes over empty lines to the first that has code, and settles its indentation. */
static void line_start(nb_lexer *lexer)
{
    for (;;) {
        uint32_t start = lexer->at;
        indentation width = measure(lexer);
        if (width.failed || nb_lex_ended(lexer))
            break;
        if (nb_lex_peek(lexer, 0) == '#')
            comment(lexer);
        if (nb_lex_peek(lexer, 0) == '\n') {
            lexer->at++;
            lexer->line++;
        } else if (!nb_lex_ended(lexer)) {
            settle(lexer, width, start);
            break;
        }
    }
    lexer->line_start = false;
}

static void next_token(nb_lexer *lexer)
{
    char c = nb_lex_peek(lexer, 0);
    if (nb_is_name_start(c))
        name(lexer);
    else if (c == ' ' || c == '\t' || c == '\f')
        lexer->at++;
    else if (c == '\n')
        newline(lexer);
    else if (c == '#')
        comment(lexer);
    else if (c == '"' || c == '\'')
        nb_lex_string(lexer, lexer->at, 0);
    else if (nb_is_digit(c))
        nb_lex_number(lexer);
    else if (c == '\\')
        (void)continuation(lexer);
    else
        punctuation(lexer, c);
}

/* ---- the whole text ------------------------------------------------------------------------------------------- */

static void drop_after(nb_lexer *lexer, uint32_t start)
{
    nb_tokens *out = lexer->out;
    nb_py_tree *tree = lexer->tree;
    while (out->count > 0 && out->at[out->count - 1].start >= start)
        out->count--;
    while (out->errors.count > 0 && out->errors.at[out->errors.count - 1].start >= start)
        out->errors.count--;
    while (tree->comments.count > 0 && tree->comments.at[tree->comments.count - 1].start >= start)
        tree->comments.count--;
    while (tree->errors.count > 0 && tree->errors.at[tree->errors.count - 1].start >= start)
        tree->errors.count--;
}

/* Past the lines that belong to the statement of a bracket which is never closed: the more indented ones. */
static void skip_continuation(nb_lexer *lexer)
{
    const char *end = memchr(lexer->text.at + lexer->at, '\n', lexer->text.len - lexer->at);
    while (end) {
        lexer->at = (uint32_t)(end - lexer->text.at) + 1;
        lexer->line++;
        nb_str rest = nb_str_from_at(lexer->text, lexer->at);
        size_t blanks = 0;
        while (blanks < rest.len && (rest.at[blanks] == ' ' || rest.at[blanks] == '\t'))
            blanks++;
        if (blanks <= lexer->spaces[lexer->indents] && blanks < rest.len && rest.at[blanks] != '\n')
            return;
        end = memchr(rest.at, '\n', rest.len);
    }
    lexer->at = (uint32_t)lexer->text.len;
}

/* At the end with a bracket open: that bracket is the error, and reading goes on below its statement. */
static void rewind_to_bracket(nb_lexer *lexer)
{
    nb_lex_bracket bracket = lexer->brackets[0];
    drop_after(lexer, bracket.start);
    lexer->rewinds++;
    lexer->depth = lexer->frame_count = lexer->string_count = 0;
    lexer->at = bracket.start;
    lexer->line = bracket.line;
    nb_lex_error(lexer, bracket.start, bracket.start + 1, "'%c' was never closed", bracket.open);
    skip_continuation(lexer);
    nb_lex_emit(lexer, NB_TOK_NEWLINE, bracket.start + 1, bracket.line)->end = bracket.start + 1;
    lexer->line_start = true;
}

static void finish(nb_lexer *lexer)
{
    nb_tokens *out = lexer->out;
    if (out->count > 0 && out->at[out->count - 1].kind != NB_TOK_NEWLINE && !lexer->line_start)
        nb_lex_emit(lexer, NB_TOK_NEWLINE, lexer->at, lexer->line);
    for (; lexer->indents > 0; lexer->indents--)
        nb_lex_emit(lexer, NB_TOK_DEDENT, lexer->at, lexer->line);
    nb_lex_emit(lexer, NB_TOK_END, lexer->at, lexer->line);
}

static void read_all(nb_lexer *lexer)
{
    for (;;) {
        const nb_lex_frame *frame = nb_lex_top(lexer);
        if (frame && frame->kind != NB_LEX_FIELD)
            nb_lex_literal(lexer);
        else if (nb_lex_ended(lexer))
            return;
        else if (lexer->line_start)
            line_start(lexer);
        else
            next_token(lexer);
    }
}

void nb_tokens_read(nb_arena *arena, nb_py_tree *tree, unsigned minor, nb_tokens *out)
{
    nb_lexer lexer = {.arena = arena,
                      .tree = tree,
                      .out = out,
                      .text = tree->text,
                      .line = 1,
                      .minor = minor,
                      .line_start = true};
    read_all(&lexer);
    while (lexer.depth > 0 && lexer.rewinds < MAX_REWINDS) {
        rewind_to_bracket(&lexer);
        read_all(&lexer);
    }
    finish(&lexer);
}
