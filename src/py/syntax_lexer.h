/* syntax_lexer.h - the state of the tokenizer, shared by syntax_token.c (lines, names, operators) and syntax_literal.c (numbers,
 * strings, f-strings). */
#ifndef NB_PY_SYNTAX_LEXER_H
#define NB_PY_SYNTAX_LEXER_H

#include "py/syntax_token.h"

enum { /* CPython's own limits */
       NB_LEX_BRACKETS = 200,
       NB_LEX_INDENTS = 100,
       NB_LEX_FSTRINGS = 150,
       NB_LEX_SPECS = 2 /* a field in the format specification of a field, and no deeper */
};

typedef struct nb_lex_bracket {
    uint32_t start, line;
    char open;
} nb_lex_bracket;

/* Where in an f-string the lexer is. A field stands on top of its string; its frame becomes NB_LEX_SPEC at the colon. */
typedef enum nb_lex_frame_kind { NB_LEX_LITERAL, NB_LEX_FIELD, NB_LEX_SPEC } nb_lex_frame_kind;

typedef struct nb_lex_frame {
    nb_lex_frame_kind kind;
    char quote;
    bool triple, raw;
    unsigned depth;       /* of a field: how many brackets are open, its own brace included */
    unsigned specs;       /* of a field: how many format specifications it stands in */
    uint32_t start, line; /* of the string, or of the field's expression */
} nb_lex_frame;

typedef struct nb_lexer {
    nb_arena *arena;
    nb_py_tree *tree;
    nb_tokens *out;
    nb_str text;
    uint32_t at, line;
    unsigned minor;
    bool line_start; /* of a logical line: the next thing is its indentation */
    unsigned rewinds;
    unsigned depth, indents, frame_count, string_count;
    nb_lex_bracket brackets[NB_LEX_BRACKETS];
    unsigned columns[NB_LEX_INDENTS], spaces[NB_LEX_INDENTS]; /* tabs to 8; tabs as one */
    nb_lex_frame frames[NB_LEX_FSTRINGS + NB_LEX_BRACKETS];
} nb_lexer;

static inline char nb_lex_peek(const nb_lexer *lexer, uint32_t ahead)
{
    size_t at = (size_t)lexer->at + ahead;
    return at < lexer->text.len ? lexer->text.at[at] : '\0';
}
static inline bool nb_lex_ended(const nb_lexer *lexer)
{
    return lexer->at >= lexer->text.len;
}
static inline nb_lex_frame *nb_lex_top(nb_lexer *lexer)
{
    return lexer->frame_count > 0 ? &lexer->frames[lexer->frame_count - 1] : NULL;
}

/* A token from `start` to here. */
nb_token *nb_lex_emit(nb_lexer *lexer, nb_tok kind, uint32_t start, uint32_t line);
/* An NB_TOK_ERROR from `start` to `end`. */
void nb_lex_error(nb_lexer *lexer, uint32_t start, uint32_t end, const char *fmt, ...)
    NB_PRINTF(4, 5);
/* Opens or closes a bracket at the current character and moves past it. */
void nb_lex_open(nb_lexer *lexer, nb_tok kind);
void nb_lex_close(nb_lexer *lexer, nb_tok kind);

void nb_lex_number(nb_lexer *lexer);
/* At the opening quote of a literal whose prefix began at `start`. */
void nb_lex_string(nb_lexer *lexer, uint32_t start, unsigned flags);
/* The literal text of an f-string, or of a format specification, up to its end or the next field. */
void nb_lex_literal(nb_lexer *lexer);
/* Ends the field at the closing brace. */
void nb_lex_field_end(nb_lexer *lexer);

#endif
