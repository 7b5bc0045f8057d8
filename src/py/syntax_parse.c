#include "py/syntax_parse.h"

#include <stdarg.h>

/* ---- tokens ---------------------------------------------------------------------------------------------------- */

nb_str nb_parse_text(const nb_parser *parser, size_t at)
{
    const nb_token *token = &parser->tokens->at[at];
    return nb_str_slice(parser->tree->text, token->start, token->end);
}

bool nb_parse_is_word(const nb_parser *parser, const char *word)
{
    return parser->kind == NB_TOK_NAME && nb_str_eqz(nb_parse_text(parser, parser->at), word);
}

/* ---- errors ---------------------------------------------------------------------------------------------------- */

void nb_py_tree_error(nb_arena *arena, nb_py_tree *tree, nb_py_error error)
{
    if (tree->errors.count < NB_PARSE_ERRORS)
        nb_vec_push(arena, &tree->errors, error);
}

static void fail(nb_parser *parser, nb_py_error error)
{
    if (parser->failed)
        return;
    nb_py_tree_error(parser->arena, parser->tree, error);
    parser->failed = true;
    parser->kind = NB_TOK_END;
}

/* The lexer's error at the current token; NULL when there is none. They are in order of place. */
static const nb_py_error *lexer_error(const nb_parser *parser)
{
    const nb_tokens *tokens = parser->tokens;
    uint32_t start = nb_parse_token(parser)->start;
    size_t low = 0, high = tokens->errors.count;
    if (parser->kind != NB_TOK_ERROR)
        return NULL;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (tokens->errors.at[middle].start < start)
            low = middle + 1;
        else
            high = middle;
    }
    return low < tokens->errors.count ? &tokens->errors.at[low] : NULL;
}

/* Tokens between statements, which belong to none. */
static bool is_separator(nb_tok kind)
{
    return kind == NB_TOK_NEWLINE || kind == NB_TOK_INDENT || kind == NB_TOK_DEDENT ||
           kind == NB_TOK_SEMICOLON;
}

/* The token to point at: the current one, or at the end of the text the last that can be seen. */
static const nb_token *place(const nb_parser *parser)
{
    const nb_token *token = nb_parse_token(parser), *first = parser->tokens->at;
    if (token->kind == NB_TOK_END ||
        (token->kind == NB_TOK_DEDENT && token->start == parser->tree->text.len))
        while (token > first && (token->kind == NB_TOK_END || is_separator((nb_tok)token->kind)))
            token--;
    return token;
}

void nb_parse_fail(nb_parser *parser, const char *fmt, ...)
{
    if (parser->failed)
        return;
    const nb_py_error *known = lexer_error(parser);
    if (known) {
        fail(parser, *known);
        return;
    }
    const nb_token *token = place(parser);
    nb_py_error error = {.start = token->start, .end = token->end, .line = token->line};
    va_list args;
    va_start(args, fmt);
    error.message = nb_arena_vprintf(parser->arena, fmt, args);
    va_end(args);
    fail(parser, error);
}

static nb_py_error error_at(nb_parser *parser, const nb_py_node *node, const char *fmt,
                            va_list args) NB_PRINTF(3, 0);

static nb_py_error error_at(nb_parser *parser, const nb_py_node *node, const char *fmt,
                            va_list args)
{
    return (nb_py_error){.start = node->start,
                         .end = node->end,
                         .line = node->line,
                         .message = nb_arena_vprintf(parser->arena, fmt, args)};
}

void nb_parse_fail_at(nb_parser *parser, const nb_py_node *node, const char *fmt, ...)
{
    if (parser->failed)
        return;
    va_list args;
    va_start(args, fmt);
    fail(parser, error_at(parser, node, fmt, args));
    va_end(args);
}

void nb_parse_report(nb_parser *parser, const nb_py_node *node, const char *fmt, ...)
{
    if (parser->failed)
        return;
    va_list args;
    va_start(args, fmt);
    nb_py_tree_error(parser->arena, parser->tree, error_at(parser, node, fmt, args));
    va_end(args);
}

void nb_parse_needs(nb_parser *parser, const nb_py_node *node, unsigned minor, const char *what)
{
    if (parser->failed || parser->minor >= minor)
        return;
    nb_str message = nb_arena_printf(parser->arena, "%s needs Python 3.%u", what, minor);
    nb_py_tree_error(parser->arena, parser->tree,
                     (nb_py_error){node->start, node->end, node->line, message, minor});
}

void nb_parse_bare_star(nb_parser *parser, const nb_py_node *tuple, const char *what)
{
    if (tuple->kind != NB_PY_TUPLE || !tuple->child || tuple->start != tuple->child->start)
        return;
    for (const nb_py_node *part = tuple->child; part; part = part->next)
        if (part->kind == NB_PY_STARRED)
            nb_parse_needs(parser, part, 9, what);
}

/* A token that can end an expression, and one that can start one: between them something is missing. */
static bool ends_operand(nb_tok kind)
{
    return kind == NB_TOK_NAME || kind == NB_TOK_NUMBER || kind == NB_TOK_STRING ||
           kind == NB_TOK_FSTRING_END || kind == NB_TOK_RPAREN || kind == NB_TOK_RBRACKET ||
           kind == NB_TOK_RBRACE || kind == NB_TOK_TRUE || kind == NB_TOK_FALSE ||
           kind == NB_TOK_NONE;
}

static bool starts_operand(nb_tok kind)
{
    return kind == NB_TOK_NAME || kind == NB_TOK_NUMBER || kind == NB_TOK_STRING ||
           kind == NB_TOK_FSTRING_START || kind == NB_TOK_TRUE || kind == NB_TOK_FALSE ||
           kind == NB_TOK_NONE;
}

bool nb_parse_starts_expression(nb_tok kind)
{
    return starts_operand(kind) || kind == NB_TOK_LPAREN || kind == NB_TOK_LBRACKET ||
           kind == NB_TOK_LBRACE || kind == NB_TOK_MINUS || kind == NB_TOK_PLUS ||
           kind == NB_TOK_TILDE || kind == NB_TOK_NOT || kind == NB_TOK_LAMBDA ||
           kind == NB_TOK_AWAIT || kind == NB_TOK_ELLIPSIS || kind == NB_TOK_ERROR;
}

static bool in_brackets(const nb_parser *parser)
{
    int depth = 0;
    for (size_t i = parser->at; i > 0 && parser->tokens->at[i - 1].kind != NB_TOK_NEWLINE; i--) {
        switch (parser->tokens->at[i - 1].kind) {
        case NB_TOK_LPAREN:
        case NB_TOK_LBRACKET:
        case NB_TOK_LBRACE: depth++; break;
        case NB_TOK_RPAREN:
        case NB_TOK_RBRACKET:
        case NB_TOK_RBRACE: depth--; break;
        default: break;
        }
    }
    return depth > 0;
}

void nb_parse_fail_here(nb_parser *parser)
{
    if (parser->failed)
        return;
    nb_tok before = parser->at > 0 ? (nb_tok)parser->tokens->at[parser->at - 1].kind : NB_TOK_END;
    nb_tok kind = parser->kind;
    if (kind == NB_TOK_INDENT)
        nb_parse_fail(parser, "unexpected indent");
    else if (kind == NB_TOK_WALRUS && ends_operand(before))
        nb_parse_fail(parser, "invalid syntax; put the assignment expression in parentheses");
    else if (kind == NB_TOK_EQUAL && ends_operand(before))
        nb_parse_fail(parser, "invalid syntax; maybe you meant '==' or ':=' instead of '='?");
    else if (ends_operand(before) && starts_operand(kind) && in_brackets(parser))
        nb_parse_fail(parser, "invalid syntax; perhaps you forgot a comma?");
    else
        nb_parse_fail(parser, "invalid syntax");
}

static const char *const spellings[NB_TOK_COUNT] = {[NB_TOK_NEWLINE] = "end of line",
#define NB_TOK_ROW(name, spelling) [NB_TOK_##name] = (spelling),
                                                    NB_TOK_KEYWORDS(NB_TOK_ROW)
                                                        NB_TOK_OPERATORS(NB_TOK_ROW)
#undef NB_TOK_ROW
};

void nb_parse_expect(nb_parser *parser, nb_tok kind)
{
    if (parser->kind == kind)
        nb_parse_next(parser);
    else if (kind == NB_TOK_COLON || kind == NB_TOK_LPAREN || kind == NB_TOK_IN)
        nb_parse_fail(parser, "expected '%s'", spellings[kind]);
    else
        nb_parse_fail_here(parser);
}

nb_parse_state nb_parse_save(const nb_parser *parser)
{
    return (nb_parse_state){parser->at, parser->tree->errors.count, parser->depth};
}

void nb_parse_restore(nb_parser *parser, nb_parse_state state)
{
    parser->at = state.at;
    parser->tree->errors.count = state.errors;
    parser->depth = state.depth;
    parser->failed = false;
    parser->kind = (nb_tok)nb_parse_token(parser)->kind;
}

void nb_parse_enter(nb_parser *parser)
{
    if (parser->depth++ == NB_PARSE_DEPTH)
        nb_parse_fail(parser, "too many levels of nesting");
}

/* ---- nodes ----------------------------------------------------------------------------------------------------- */

nb_py_node *nb_parse_node(nb_parser *parser, nb_py_kind kind, size_t start)
{
    const nb_token *token = &parser->tokens->at[start];
    nb_py_node *node = NB_NEW(parser->arena, nb_py_node);
    node->kind = kind;
    node->start = node->end = token->start;
    node->line = token->line;
    node->height = 1;
    return node;
}

void nb_parse_add(nb_parser *parser, nb_py_node *parent, nb_py_node *child, nb_py_field field)
{
    child->parent = parent;
    child->field = field;
    if (parent->last)
        parent->last->next = child;
    else
        parent->child = child;
    parent->last = child;
    if (child->height >= parent->height)
        parent->height = (uint16_t)(child->height + 1);
    if (parent->height > NB_PARSE_HEIGHT)
        nb_parse_fail_at(parser, parent, "too many levels of nesting");
}

nb_py_node *nb_parse_done(const nb_parser *parser, nb_py_node *node)
{
    size_t at = parser->at;
    while (at > 0 && is_separator((nb_tok)parser->tokens->at[at - 1].kind))
        at--;
    if (at > 0 && parser->tokens->at[at - 1].end > node->start)
        node->end = parser->tokens->at[at - 1].end;
    return node;
}

nb_py_node *nb_parse_leaf(nb_parser *parser, nb_py_kind kind)
{
    nb_py_node *node = nb_parse_node(parser, kind, parser->at);
    node->end = nb_parse_token(parser)->end;
    nb_parse_next(parser);
    return node;
}

nb_py_node *nb_parse_name(nb_parser *parser)
{
    if (parser->kind >= NB_TOK_FALSE && parser->kind <= NB_TOK_YIELD)
        nb_parse_fail(parser, "'%s' is a keyword and cannot be a name here",
                      spellings[parser->kind]);
    else if (parser->kind != NB_TOK_NAME)
        nb_parse_fail_here(parser);
    return nb_parse_leaf(parser, NB_PY_NAME);
}
