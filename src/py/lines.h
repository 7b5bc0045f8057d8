/* lines.h - Python text cut into logical lines and tokens, without a grammar.
 *
 * Knows what decides where a line ends: string literals with their prefixes, the replacement fields of f- and t-strings (the
 * quote may be reused inside a field, as since Python 3.12, when the field closes on the same line), brackets, comments and
 * backslash continuations. It never fails: a quote that nothing closes is an error token, and lexing goes on after it.
 *
 *     nb_py_lines lines;
 *     nb_py_line line;
 *     nb_py_lines_open(&lines, arena, text);
 *     while (nb_py_lines_next(&lines, &line)) ...
 *
 * `lines.at` may be moved between two calls: the caller decides what is Python and where lexing starts again. Linear in the
 * length of the text; nested f-strings are followed to a fixed depth.
 */
#ifndef NB_PY_LINES_H
#define NB_PY_LINES_H

#include "base/str.h"
#include "base/vec.h"

typedef enum nb_py_token_kind {
    NB_PY_TOKEN_NAME, /* an identifier or keyword */
    NB_PY_TOKEN_NUMBER,
    NB_PY_TOKEN_STRING, /* one literal with its prefix and quotes */
    NB_PY_TOKEN_OP, /* an operator or bracket, the longest that fits; '?', '!' and '$' as well */
    NB_PY_TOKEN_COMMENT, /* to the end of its physical line */
    NB_PY_TOKEN_ERROR    /* a quote that nothing closes, a stray backslash, a control character */
} nb_py_token_kind;

typedef struct nb_py_token {
    nb_py_token_kind kind;
    uint32_t start, end; /* byte span in the text */
    uint32_t depth;      /* brackets around it; a bracket and its partner have the depth outside */
} nb_py_token;

typedef enum nb_py_line_kind {
    NB_PY_LINE_BLANK,   /* nothing but blanks, tabs and form feeds */
    NB_PY_LINE_COMMENT, /* nothing but a comment */
    NB_PY_LINE_CODE
} nb_py_line_kind;

typedef struct nb_py_line {
    nb_py_line_kind kind;
    uint32_t start; /* where lexing started: the first byte of the line */
    uint32_t code;  /* past the indentation */
    uint32_t end;   /* the newline that ends it, or the length of the text */
    uint32_t
        escape; /* the '%' of "x = %name" or the '!' of "x = !" after the line's first '=' outside brackets: what
                        follows is not Python, so lexing stops there and `end` is the same place; 0: none */
    bool
        unterminated; /* the text ends inside a bracket or a triple-quoted literal, which starts at `open` */
    uint32_t open;
    const nb_py_token *tokens; /* comments included; good until the next call */
    size_t count;
} nb_py_line;

typedef struct nb_py_lines {
    nb_str text;
    uint32_t at; /* where the next line starts */
    nb_arena *arena;
    NB_VEC(nb_py_token) tokens;
    uint32_t dead[2]; /* no ' (") before this offset can be closed */
    size_t waste;     /* bytes looked at in vain: bounded, so that no input takes quadratic time */
} nb_py_lines;

void nb_py_lines_open(nb_py_lines *lines, nb_arena *arena, nb_str text);
/* The logical line that starts at lines->at; false at the end of the text. */
bool nb_py_lines_next(nb_py_lines *lines, nb_py_line *line);

static inline nb_str nb_py_token_text(nb_str text, const nb_py_token *token)
{
    return (nb_str){text.at + token->start, token->end - token->start};
}
static inline bool nb_py_token_is(nb_str text, const nb_py_token *token, const char *z)
{
    return nb_str_eqz(nb_py_token_text(text, token), z);
}
/* Number of tokens of the line without a comment at its end. */
size_t nb_py_line_code_count(const nb_py_line *line);

#endif
