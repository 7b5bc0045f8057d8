#include "py/syntax_parse.h"

/* ---- blocks -------------------------------------------------------------------------------------------------------- */

/* How many blocks a token opens (1) or closes (-1). */
static int opens(nb_tok kind)
{
    return kind == NB_TOK_INDENT ? 1 : kind == NB_TOK_DEDENT ? -1 : 0;
}

/* After an error in the statement that began at token `start`: goes on at the next one that is not below it. */
static void recover(nb_parser *parser, size_t start)
{
    const nb_token *tokens = parser->tokens->at;
    size_t at = start;
    int level = 0;
    for (; at < parser->at; at++)
        level += opens((nb_tok)tokens[at].kind);
    bool fresh = at > start &&
                 (tokens[at - 1].kind == NB_TOK_NEWLINE || tokens[at - 1].kind == NB_TOK_DEDENT);
    while (!fresh && tokens[at].kind != NB_TOK_END) {
        level += opens((nb_tok)tokens[at].kind);
        fresh = tokens[at++].kind == NB_TOK_NEWLINE;
    }
    while (tokens[at].kind != NB_TOK_END && (level > 0 || tokens[at].kind == NB_TOK_INDENT))
        level += opens((nb_tok)tokens[at++].kind);
    parser->failed = false;
    parser->depth = 0;
    parser->at = at;
    parser->kind = (nb_tok)tokens[at].kind;
}

static void unexpected_indent(nb_parser *parser, nb_py_node *block)
{
    nb_py_node *place = nb_parse_node(parser, NB_PY_NAME, parser->at);
    nb_parse_next(parser);
    place->end = nb_parse_token(parser)->start;
    nb_parse_report(parser, place, "unexpected indent");
    nb_parse_statements(parser, block);
    (void)nb_parse_take(parser, NB_TOK_DEDENT);
}

void nb_parse_statements(nb_parser *parser, nb_py_node *block)
{
    while (parser->kind != NB_TOK_DEDENT && parser->kind != NB_TOK_END) {
        size_t start = parser->at;
        if (parser->kind == NB_TOK_INDENT) {
            unexpected_indent(parser, block);
            continue;
        }
        nb_py_node *compound = nb_parse_compound(parser);
        if (!compound)
            nb_parse_simple(parser, block);
        else if (!parser->failed)
            nb_parse_add(parser, block, nb_parse_done(parser, compound), NB_PY_FIELD_NONE);
        if (parser->failed)
            recover(parser, start);
    }
}

static void expect_colon(nb_parser *parser)
{
    if (parser->kind == NB_TOK_EQUAL || parser->kind == NB_TOK_WALRUS)
        nb_parse_fail_here(parser);
    nb_parse_expect(parser, NB_TOK_COLON);
}

/* Nothing in it could be read, and its errors are told: it stands behind the colon, where its statement ends. */
static nb_py_node *empty_block(const nb_parser *parser, nb_py_node *block, size_t colon)
{
    const nb_token *token = &parser->tokens->at[colon];
    block->start = block->end = token->end;
    block->line = token->line;
    return block;
}

nb_py_node *nb_parse_block(nb_parser *parser, const char *after, uint32_t line)
{
    expect_colon(parser);
    const size_t colon = parser->at - 1;
    nb_py_node *block = nb_parse_node(parser, NB_PY_BLOCK, parser->at);
    if (!nb_parse_take(parser, NB_TOK_NEWLINE)) {
        nb_parse_simple(parser, block);
        return nb_parse_done(parser, block);
    }
    if (parser->kind != NB_TOK_INDENT)
        nb_parse_fail(parser, "expected an indented block after %s on line %u", after, line);
    nb_parse_next(parser);
    block->start = nb_parse_token(parser)->start;
    block->line = nb_parse_token(parser)->line;
    nb_parse_statements(parser, block);
    (void)nb_parse_take(parser, NB_TOK_DEDENT);
    return block->child ? nb_parse_done(parser, block) : empty_block(parser, block, colon);
}

/* The block after the keyword at the current token. */
static nb_py_node *keyword_block(nb_parser *parser, const char *after)
{
    uint32_t line = nb_parse_token(parser)->line;
    nb_parse_next(parser);
    return nb_parse_block(parser, after, line);
}

static void else_block(nb_parser *parser, nb_py_node *node)
{
    if (parser->kind == NB_TOK_ELSE && nb_parse_peek(parser) == NB_TOK_IF)
        nb_parse_fail(parser, "expected ':' after 'else'; did you mean 'elif'?");
    if (parser->kind == NB_TOK_ELSE)
        nb_parse_add(parser, node, keyword_block(parser, "'else' statement"), NB_PY_FIELD_ORELSE);
}

/* ---- if, while, for, with, try ------------------------------------------------------------------------------------- */

/* "if test: block" or the same with elif, without what follows. */
static nb_py_node *if_branch(nb_parser *parser)
{
    bool elif = parser->kind == NB_TOK_ELIF;
    nb_py_node *node = nb_parse_node(parser, NB_PY_IF, parser->at);
    nb_parse_next(parser);
    nb_parse_add(parser, node, nb_parse_named_expression(parser), NB_PY_FIELD_TEST);
    nb_parse_add(parser, node,
                 nb_parse_block(parser, elif ? "'elif' statement" : "'if' statement", node->line),
                 NB_PY_FIELD_BODY);
    return node;
}

/* A chain of elif is nested from its end, without recursion: each branch goes into the orelse block of the one before. */
static nb_py_node *if_statement(nb_parser *parser)
{
    NB_VEC(nb_py_node *) branches = {0};
    nb_vec_push(parser->arena, &branches, if_branch(parser));
    while (parser->kind == NB_TOK_ELIF)
        nb_vec_push(parser->arena, &branches, if_branch(parser));
    else_block(parser, branches.at[branches.count - 1]);
    for (size_t i = branches.count - 1; i > 0; i--) {
        nb_py_node *branch = nb_parse_done(parser, branches.at[i]);
        nb_py_node *block = nb_parse_node(parser, NB_PY_BLOCK, parser->at);
        block->start = branch->start;
        block->line = branch->line;
        nb_parse_add(parser, block, branch, NB_PY_FIELD_NONE);
        nb_parse_add(parser, branches.at[i - 1], nb_parse_done(parser, block), NB_PY_FIELD_ORELSE);
    }
    return branches.at[0];
}

static nb_py_node *while_statement(nb_parser *parser)
{
    nb_py_node *node = nb_parse_node(parser, NB_PY_WHILE, parser->at);
    nb_parse_next(parser);
    nb_parse_add(parser, node, nb_parse_named_expression(parser), NB_PY_FIELD_TEST);
    nb_parse_add(parser, node, nb_parse_block(parser, "'while' statement", node->line),
                 NB_PY_FIELD_BODY);
    else_block(parser, node);
    return node;
}

static nb_py_node *for_statement(nb_parser *parser)
{
    nb_py_node *node = nb_parse_node(parser, NB_PY_FOR, parser->at);
    nb_parse_next(parser);
    nb_py_node *target = nb_parse_target_list(parser);
    nb_parse_check_target(parser, target, NB_TARGET_FOR);
    nb_parse_add(parser, node, target, NB_PY_FIELD_TARGET);
    nb_parse_expect(parser, NB_TOK_IN);
    nb_py_node *iter = nb_parse_star_expressions(parser);
    nb_parse_bare_star(parser, iter, "a starred expression after 'in'");
    nb_parse_add(parser, node, iter, NB_PY_FIELD_ITER);
    nb_parse_add(parser, node, nb_parse_block(parser, "'for' statement", node->line),
                 NB_PY_FIELD_BODY);
    else_block(parser, node);
    return node;
}

static nb_py_node *with_item(nb_parser *parser)
{
    nb_py_node *node = nb_parse_node(parser, NB_PY_WITH_ITEM, parser->at);
    nb_parse_add(parser, node, nb_parse_expression(parser), NB_PY_FIELD_VALUE);
    if (nb_parse_take(parser, NB_TOK_AS)) {
        nb_py_node *target = nb_parse_bitwise_or(parser);
        nb_parse_check_target(parser, target, NB_TARGET_WITH);
        nb_parse_add(parser, node, target, NB_PY_FIELD_TARGET);
    }
    return nb_parse_done(parser, node);
}

/* "(a as b, c):" as a list of items. False, with nothing done, when the parentheses are those of an expression. */
static bool parenthesized_items(nb_parser *parser, nb_py_node *node)
{
    if (parser->kind != NB_TOK_LPAREN)
        return false;
    nb_parse_state state = nb_parse_save(parser);
    nb_py_node *paren = nb_parse_node(parser, NB_PY_TUPLE, parser->at);
    bool names = false;
    nb_parse_next(parser);
    do {
        nb_py_node *item = with_item(parser);
        names = names || item->last->field == NB_PY_FIELD_TARGET;
        nb_parse_add(parser, node, item, NB_PY_FIELD_NONE);
    } while (nb_parse_take(parser, NB_TOK_COMMA) && parser->kind != NB_TOK_RPAREN);
    nb_parse_expect(parser, NB_TOK_RPAREN);
    if (!parser->failed && parser->kind == NB_TOK_COLON) {
        if (names)
            nb_parse_needs(parser, nb_parse_done(parser, paren), 9,
                           "a parenthesized list of context managers");
        return true;
    }
    nb_parse_restore(parser, state);
    node->child = node->last = NULL;
    node->height = 1;
    return false;
}

static nb_py_node *with_statement(nb_parser *parser)
{
    nb_py_node *node = nb_parse_node(parser, NB_PY_WITH, parser->at);
    nb_parse_next(parser);
    if (!parenthesized_items(parser, node))
        do {
            nb_parse_add(parser, node, with_item(parser), NB_PY_FIELD_NONE);
        } while (nb_parse_take(parser, NB_TOK_COMMA));
    nb_parse_add(parser, node, nb_parse_block(parser, "'with' statement", node->line),
                 NB_PY_FIELD_BODY);
    return node;
}

/* "except a, b:", which Python 3.14 reads again. */
static nb_py_node *exception_list(nb_parser *parser, nb_py_node *first, size_t start)
{
    nb_py_node *tuple = nb_parse_node(parser, NB_PY_TUPLE, start);
    nb_parse_add(parser, tuple, first, NB_PY_FIELD_ELEMENT);
    while (nb_parse_take(parser, NB_TOK_COMMA) && nb_parse_starts_expression(parser->kind))
        nb_parse_add(parser, tuple, nb_parse_expression(parser), NB_PY_FIELD_ELEMENT);
    nb_parse_done(parser, tuple);
    if (parser->kind == NB_TOK_AS)
        nb_parse_fail_at(parser, tuple,
                         "multiple exception types must be parenthesized when using 'as'");
    if (parser->kind == NB_TOK_COLON && parser->minor < 14)
        nb_parse_fail_at(parser, tuple, "multiple exception types must be parenthesized");
    return tuple;
}

static nb_py_node *except_clause(nb_parser *parser)
{
    nb_py_node *node = nb_parse_node(parser, NB_PY_EXCEPT, parser->at);
    nb_parse_next(parser);
    node->star = nb_parse_take(parser, NB_TOK_STAR);
    if (node->star && parser->kind == NB_TOK_COLON)
        nb_parse_fail(parser, "expected one or more exception types");
    if (parser->kind != NB_TOK_COLON) {
        size_t start = parser->at;
        nb_py_node *test = nb_parse_expression(parser);
        if (parser->kind == NB_TOK_COMMA)
            test = exception_list(parser, test, start);
        nb_parse_add(parser, node, test, NB_PY_FIELD_TEST);
        if (nb_parse_take(parser, NB_TOK_AS))
            nb_parse_add(parser, node, nb_parse_name(parser), NB_PY_FIELD_NAME);
    }
    const char *after = node->star ? "'except*' statement" : "'except' statement";
    nb_parse_add(parser, node, nb_parse_block(parser, after, node->line), NB_PY_FIELD_BODY);
    nb_parse_done(parser, node);
    if (node->star)
        nb_parse_needs(parser, node, 11, "except*");
    return node;
}

static void except_clauses(nb_parser *parser, nb_py_node *node)
{
    const nb_py_node *first = NULL, *bare = NULL;
    while (parser->kind == NB_TOK_EXCEPT) {
        nb_py_node *clause = except_clause(parser);
        if (first && first->star != clause->star)
            nb_parse_fail_at(parser, clause,
                             "cannot have both 'except' and 'except*' on the same 'try'");
        if (bare)
            nb_parse_report(parser, bare, "default 'except:' must be last");
        first = first ? first : clause;
        bare = nb_py_get(clause, NB_PY_FIELD_TEST) ? NULL : clause;
        nb_parse_add(parser, node, clause, NB_PY_FIELD_NONE);
    }
}

static nb_py_node *try_statement(nb_parser *parser)
{
    nb_py_node *node = nb_parse_node(parser, NB_PY_TRY, parser->at);
    nb_parse_add(parser, node, keyword_block(parser, "'try' statement"), NB_PY_FIELD_BODY);
    if (parser->kind != NB_TOK_EXCEPT && parser->kind != NB_TOK_FINALLY)
        nb_parse_fail(parser, "expected 'except' or 'finally' block");
    if (parser->kind == NB_TOK_EXCEPT) {
        except_clauses(parser, node);
        else_block(parser, node);
    }
    if (parser->kind == NB_TOK_FINALLY)
        nb_parse_add(parser, node, keyword_block(parser, "'finally' statement"),
                     NB_PY_FIELD_FINALBODY);
    return node;
}

/* ---- definitions ---------------------------------------------------------------------------------------------------- */

/* Takes what follows `def` or `class` up to the parentheses. */
static void definition_name(nb_parser *parser, nb_py_node *node)
{
    nb_parse_next(parser);
    nb_parse_add(parser, node, nb_parse_name(parser), NB_PY_FIELD_NAME);
    if (parser->kind == NB_TOK_LBRACKET)
        nb_parse_add(parser, node, nb_parse_type_params(parser), NB_PY_FIELD_TYPE_PARAMS);
}

static void function(nb_parser *parser, nb_py_node *node)
{
    uint32_t line = nb_parse_token(parser)->line;
    definition_name(parser, node);
    nb_parse_expect(parser, NB_TOK_LPAREN);
    nb_py_node *parameters = nb_parse_parameters(parser, NB_TOK_RPAREN);
    nb_parse_expect(parser, NB_TOK_RPAREN);
    nb_parse_add(parser, node, parameters, NB_PY_FIELD_PARAMETERS);
    if (nb_parse_take(parser, NB_TOK_ARROW))
        nb_parse_add(parser, node, nb_parse_expression(parser), NB_PY_FIELD_RETURNS);
    nb_parse_add(parser, node, nb_parse_block(parser, "function definition", line),
                 NB_PY_FIELD_BODY);
}

static void class(nb_parser *parser, nb_py_node *node)
{
    uint32_t line = nb_parse_token(parser)->line;
    definition_name(parser, node);
    if (parser->kind == NB_TOK_LPAREN)
        nb_parse_arguments(parser, node);
    nb_parse_add(parser, node, nb_parse_block(parser, "class definition", line), NB_PY_FIELD_BODY);
}

/* "@" up to the end of the line. Before 3.9 only dotted names and calls of them. */
static nb_py_node *decorator(nb_parser *parser)
{
    nb_parse_next(parser);
    nb_py_node *node = nb_parse_named_expression(parser);
    const nb_py_node *name = node->kind == NB_PY_CALL ? node->child : node;
    while (name->kind == NB_PY_ATTRIBUTE && !name->parens)
        name = name->child;
    if (name->kind != NB_PY_NAME || name->parens || node->parens)
        nb_parse_needs(parser, node, 9, "a decorator that is not a dotted name or a call of one");
    nb_parse_expect(parser, NB_TOK_NEWLINE);
    return node;
}

/* Decorators, then def or class. */
static nb_py_node *definition(nb_parser *parser)
{
    nb_py_node *node = nb_parse_node(parser, NB_PY_FUNCTION, parser->at);
    while (parser->kind == NB_TOK_AT)
        nb_parse_add(parser, node, decorator(parser), NB_PY_FIELD_DECORATOR);
    node->is_async = parser->kind == NB_TOK_ASYNC && nb_parse_peek(parser) == NB_TOK_DEF;
    if (node->is_async)
        nb_parse_next(parser);
    if (parser->kind == NB_TOK_DEF) {
        function(parser, node);
    } else if (parser->kind == NB_TOK_CLASS) {
        node->kind = NB_PY_CLASS;
        class(parser, node);
    } else {
        nb_parse_fail(parser, "expected a function or class definition after the decorator");
    }
    return node;
}

static nb_py_node *async_statement(nb_parser *parser)
{
    nb_tok next = nb_parse_peek(parser);
    if (next == NB_TOK_DEF)
        return definition(parser);
    size_t start = parser->at;
    nb_parse_next(parser);
    if (next != NB_TOK_FOR && next != NB_TOK_WITH)
        nb_parse_fail_here(parser);
    nb_py_node *node = next == NB_TOK_FOR ? for_statement(parser) : with_statement(parser);
    const nb_token *token = &parser->tokens->at[start];
    node->start = token->start;
    node->line = token->line;
    node->is_async = true;
    return node;
}

nb_py_node *nb_parse_compound(nb_parser *parser)
{
    switch ((unsigned)parser->kind) {
    case NB_TOK_IF: return if_statement(parser);
    case NB_TOK_WHILE: return while_statement(parser);
    case NB_TOK_FOR: return for_statement(parser);
    case NB_TOK_WITH: return with_statement(parser);
    case NB_TOK_TRY: return try_statement(parser);
    case NB_TOK_DEF:
    case NB_TOK_CLASS:
    case NB_TOK_AT: return definition(parser);
    case NB_TOK_ASYNC: return async_statement(parser);
    default: return nb_parse_match(parser);
    }
}
