/* syntax_token.h - Python text as an array of tokens; private to the parser (syntax_*.c).
 *
 * Follows CPython's tokenizer: logical lines, INDENT and DEDENT, brackets that join lines, and f-strings as Python 3.12 reads them
 * (their literal text is left out, the tokens of their fields are in the same array). What cannot be a token becomes an
 * NB_TOK_ERROR, which no rule of the grammar accepts, so that the parser reports it if it is the first thing wrong.
 */
#ifndef NB_PY_SYNTAX_TOKEN_H
#define NB_PY_SYNTAX_TOKEN_H

#include "py/syntax.h"

/* NB_TOK_ROW(name, spelling): keywords first, then operators; other kinds have no spelling of their own. */
#define NB_TOK_KEYWORDS(row)                                                                      \
    row(FALSE, "False") row(NONE, "None") row(TRUE, "True") row(AND, "and") row(AS, "as")         \
        row(ASSERT, "assert") row(ASYNC, "async") row(AWAIT, "await") row(BREAK, "break")         \
            row(CLASS, "class") row(CONTINUE, "continue") row(DEF, "def") row(DEL, "del")         \
                row(ELIF, "elif") row(ELSE, "else") row(EXCEPT, "except") row(FINALLY, "finally") \
                    row(FOR, "for") row(FROM, "from") row(GLOBAL, "global") row(IF, "if")         \
                        row(IMPORT, "import") row(IN, "in") row(IS, "is") row(LAMBDA, "lambda")   \
                            row(NONLOCAL, "nonlocal") row(NOT, "not") row(OR, "or")               \
                                row(PASS, "pass") row(RAISE, "raise") row(RETURN, "return")       \
                                    row(TRY, "try") row(WHILE, "while") row(WITH, "with")         \
                                        row(YIELD, "yield")

#define NB_TOK_OPERATORS(row)                                                                \
    row(LPAREN, "(") row(RPAREN, ")") row(LBRACKET, "[") row(RBRACKET, "]") row(LBRACE, "{") \
        row(RBRACE, "}") row(COLON, ":") row(COMMA, ",") row(SEMICOLON, ";") row(DOT, ".")   \
            row(ELLIPSIS, "...") row(ARROW, "->") row(WALRUS, ":=") row(EQUAL, "=")          \
                row(FORMAT, ":") /* before a format specification */                         \
        row(EXCLAMATION, "!") row(AT, "@") row(PLUS, "+") row(MINUS, "-") row(STAR, "*")     \
            row(DOUBLE_STAR, "**") row(SLASH, "/") row(DOUBLE_SLASH, "//") row(PERCENT, "%") \
                row(AMPERSAND, "&") row(BAR, "|") row(CARET, "^") row(TILDE, "~")            \
                    row(LEFT_SHIFT, "<<") row(RIGHT_SHIFT, ">>") row(LESS, "<")              \
                        row(LESS_EQUAL, "<=") row(GREATER, ">") row(GREATER_EQUAL, ">=")     \
                            row(EQUAL_EQUAL, "==") row(NOT_EQUAL, "!=")                      \
                                row(AUGMENTED, "augmented assignment")

typedef enum nb_tok {
    NB_TOK_END, /* of the text; also what a parser sees that has given up on a statement */
    NB_TOK_NEWLINE,
    NB_TOK_INDENT,
    NB_TOK_DEDENT,
    NB_TOK_ERROR,
    NB_TOK_NAME,
    NB_TOK_NUMBER,
    NB_TOK_STRING,
    NB_TOK_FSTRING_START, /* prefix and opening quotes; the fields follow as { ... } */
    NB_TOK_FSTRING_END,   /* closing quotes */
#define NB_TOK_ROW(name, spelling) NB_TOK_##name,
    NB_TOK_KEYWORDS(NB_TOK_ROW) NB_TOK_OPERATORS(NB_TOK_ROW)
#undef NB_TOK_ROW
        NB_TOK_COUNT
} nb_tok;

typedef struct nb_token {
    uint32_t start, end, line;
    uint8_t kind;         /* nb_tok */
    uint8_t string_flags; /* of NB_TOK_STRING and NB_TOK_FSTRING_START */
} nb_token;

typedef struct nb_tokens {
    nb_token *at; /* ends in NB_TOK_END; owned */
    size_t count, cap;
    NB_VEC(nb_py_error) errors; /* one for each NB_TOK_ERROR, in order */
} nb_tokens;

/* Fills `out`. Comments, and errors that do not stop the parser (a bad escape in a string), go into the tree. */
void nb_tokens_read(nb_arena *arena, nb_py_tree *tree, unsigned minor, nb_tokens *out);
static inline void nb_tokens_auto(nb_tokens *tokens)
{
    free(tokens->at);
}

/* The keyword, or NB_TOK_NAME. */
nb_tok nb_tok_keyword(nb_str word);

#endif
