/* syntax_parse.h - what the files of the parser share; private to syntax_*.c.
 *
 * A recursive-descent parser over the token array, after CPython's grammar. No rule returns NULL. A rule that meets something
 * wrong calls nb_parse_fail(): the error is recorded and from then on every token looks like NB_TOK_END, so that all rules run out without
 * reporting more; the statement list throws the statement away and goes on after its line. Rules for optional syntax
 * save the state, try, and restore it.
 */
#ifndef NB_PY_SYNTAX_PARSE_H
#define NB_PY_SYNTAX_PARSE_H

#include "py/syntax_token.h"

enum {
    NB_PARSE_ERRORS = 1000, /* are told; further ones are not */
    NB_PARSE_HEIGHT = 4000, /* of the tree */
    NB_PARSE_DEPTH = 1000   /* of the rules, in expressions within expressions */
};

typedef struct nb_parser {
    nb_arena *arena;
    nb_py_tree *tree;
    const nb_tokens *tokens;
    size_t at;
    nb_tok kind; /* of the current token; NB_TOK_END once failed */
    bool failed;
    unsigned depth, minor;
} nb_parser;

typedef struct nb_parse_state {
    size_t at, errors;
    unsigned depth;
} nb_parse_state;

/* ---- tokens ---------------------------------------------------------------------------------------------------- */

static inline const nb_token *nb_parse_token(const nb_parser *parser)
{
    return &parser->tokens->at[parser->at];
}
static inline nb_tok nb_parse_peek(const nb_parser *parser)
{
    if (parser->failed || parser->kind == NB_TOK_END)
        return NB_TOK_END;
    return (nb_tok)parser->tokens->at[parser->at + 1].kind;
}
static inline void nb_parse_next(nb_parser *parser)
{
    if (parser->failed || parser->kind == NB_TOK_END)
        return;
    parser->at++;
    parser->kind = (nb_tok)parser->tokens->at[parser->at].kind;
}
/* Takes the token if it is of that kind. */
static inline bool nb_parse_take(nb_parser *parser, nb_tok kind)
{
    if (parser->kind != kind || parser->failed)
        return false;
    nb_parse_next(parser);
    return true;
}
nb_str nb_parse_text(const nb_parser *parser, size_t at);
/* Can an expression start with it? A starred one starts with NB_TOK_STAR and yield with NB_TOK_YIELD: neither counts. An error of the
 * lexer does, so that whoever parses on reports it. */
bool nb_parse_starts_expression(nb_tok kind);
/* The current token is a name with that text (soft keywords). */
bool nb_parse_is_word(const nb_parser *parser, const char *word);

/* ---- errors ---------------------------------------------------------------------------------------------------- */

void nb_py_tree_error(nb_arena *arena, nb_py_tree *tree, nb_py_error error);
/* Gives up on the statement, with a message about the current token; a better one when an error of the lexer stands here. */
void nb_parse_fail(nb_parser *parser, const char *fmt, ...) NB_PRINTF(2, 3);
/* The same about a node. */
void nb_parse_fail_at(nb_parser *parser, const nb_py_node *node, const char *fmt, ...)
    NB_PRINTF(3, 4);
/* "invalid syntax", or what the text around says about the mistake. */
void nb_parse_fail_here(nb_parser *parser);
/* Takes the token or fails: "expected ':'". */
void nb_parse_expect(nb_parser *parser, nb_tok kind);
/* An error that does not keep the statement out of the tree. */
void nb_parse_report(nb_parser *parser, const nb_py_node *node, const char *fmt, ...)
    NB_PRINTF(3, 4);
/* `what` needs a newer Python than the target ("the match statement needs Python 3.10"). */
void nb_parse_needs(nb_parser *parser, const nb_py_node *node, unsigned minor, const char *what);
/* The same for a starred element of a tuple without parentheses, which some places take since 3.9. */
void nb_parse_bare_star(nb_parser *parser, const nb_py_node *tuple, const char *what);
nb_parse_state nb_parse_save(const nb_parser *parser);
void nb_parse_restore(nb_parser *parser, nb_parse_state state);
/* Enters a level of nesting; fails when there are too many. */
void nb_parse_enter(nb_parser *parser);
static inline void nb_parse_leave(nb_parser *parser)
{
    parser->depth--;
}

/* ---- nodes ----------------------------------------------------------------------------------------------------- */

/* A node that starts at token number `start`. */
nb_py_node *nb_parse_node(nb_parser *parser, nb_py_kind kind, size_t start);
void nb_parse_add(nb_parser *parser, nb_py_node *parent, nb_py_node *child, nb_py_field field);
/* Ends the node at the token before the current one. */
nb_py_node *nb_parse_done(const nb_parser *parser, nb_py_node *node);
/* A finished node of one token, which is taken. */
nb_py_node *nb_parse_leaf(nb_parser *parser, nb_py_kind kind);
/* The current name as a leaf; fails when it is none. */
nb_py_node *nb_parse_name(nb_parser *parser);

/* ---- rules ----------------------------------------------------------------------------------------------------- */

nb_py_node *nb_parse_expression(nb_parser *parser);
nb_py_node *nb_parse_named_expression(nb_parser *parser); /* with := */
nb_py_node *nb_parse_disjunction(nb_parser *parser);
nb_py_node *nb_parse_star_expressions(nb_parser *parser); /* a, *b: a tuple when there are commas */
nb_py_node *nb_parse_star_named_expressions(nb_parser *parser); /* the same with :=, for match */
nb_py_node *nb_parse_value(nb_parser *parser); /* right of an assignment: also yield */
nb_py_node *nb_parse_bitwise_or(nb_parser *parser);
nb_py_node *nb_parse_yield(nb_parser *parser);
nb_py_node *nb_parse_target_list(nb_parser *parser); /* of for: no comparison; not checked */
nb_py_node *nb_parse_starred(nb_parser *parser,
                             bool any); /* *value; any expression, or one without comparisons */
nb_py_node *nb_parse_strings(nb_parser *parser);
/* Displays: the brackets and what is in them. */
nb_py_node *nb_parse_group(nb_parser *parser);
nb_py_node *nb_parse_list(nb_parser *parser);
nb_py_node *nb_parse_braces(nb_parser *parser);
/* The clauses of a comprehension up to its closing bracket. */
void nb_parse_clauses(nb_parser *parser, nb_py_node *comprehension);
bool nb_parse_at_clause(const nb_parser *parser);
/* Arguments of a call or a class, parentheses included; they become children of `call`. */
void nb_parse_arguments(nb_parser *parser, nb_py_node *call);
void nb_parse_subscript(nb_parser *parser, nb_py_node *subscript);
/* Parameters up to `end`, which is not taken. */
nb_py_node *nb_parse_parameters(nb_parser *parser, nb_tok end);
nb_py_node *nb_parse_type_params(nb_parser *parser);

typedef enum nb_target_use {
    NB_TARGET_ASSIGN,
    NB_TARGET_FOR,
    NB_TARGET_WITH,
    NB_TARGET_DELETE,
    NB_TARGET_AUGMENT,
    NB_TARGET_ANNOTATE
} nb_target_use;
/* Fails when the expression cannot be assigned to, deleted, ... */
void nb_parse_check_target(nb_parser *parser, const nb_py_node *target, nb_target_use use);
/* "function call", "literal", ...: what an expression is for a message. */
const char *nb_parse_describe(const nb_parser *parser, const nb_py_node *node);

void nb_parse_statements(nb_parser *parser, nb_py_node *block);
/* ':' and the block; `after` and `line` are for "expected an indented block after 'if' statement on line 3". */
nb_py_node *nb_parse_block(nb_parser *parser, const char *after, uint32_t line);
/* Simple statements up to the end of the line. */
void nb_parse_simple(nb_parser *parser, nb_py_node *block);
/* A statement with a block of its own; NULL when none begins here. */
nb_py_node *nb_parse_compound(nb_parser *parser);
/* A match statement; NULL when the word `match` is a name here. */
nb_py_node *nb_parse_match(nb_parser *parser);

/* What is wrong with the escapes of a literal's content; NULL when nothing is. */
const char *nb_py_escape_error(nb_str content, unsigned flags);

#endif
