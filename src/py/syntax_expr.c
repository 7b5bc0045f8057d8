#include "py/syntax_parse.h"

/* Binding strength of operators, weakest first. An operand is parsed with the least strength it may hold without parentheses. */
enum {
    WEAKEST_OR = 1,
    AND,
    NOT,
    COMPARE,
    BIT_OR,
    BIT_XOR,
    BIT_AND,
    SHIFT,
    SUM,
    TERM,
    UNARY,
    POWER
};

/* Strength of a binary operator; 0 for anything else. */
static unsigned strength(nb_tok kind)
{
    switch ((unsigned)kind) {
    case NB_TOK_OR: return WEAKEST_OR;
    case NB_TOK_AND: return AND;
    case NB_TOK_NOT:
    case NB_TOK_IN:
    case NB_TOK_IS:
    case NB_TOK_LESS:
    case NB_TOK_LESS_EQUAL:
    case NB_TOK_GREATER:
    case NB_TOK_GREATER_EQUAL:
    case NB_TOK_EQUAL_EQUAL:
    case NB_TOK_NOT_EQUAL: return COMPARE;
    case NB_TOK_BAR: return BIT_OR;
    case NB_TOK_CARET: return BIT_XOR;
    case NB_TOK_AMPERSAND: return BIT_AND;
    case NB_TOK_LEFT_SHIFT:
    case NB_TOK_RIGHT_SHIFT: return SHIFT;
    case NB_TOK_PLUS:
    case NB_TOK_MINUS: return SUM;
    case NB_TOK_STAR:
    case NB_TOK_SLASH:
    case NB_TOK_DOUBLE_SLASH:
    case NB_TOK_PERCENT:
    case NB_TOK_AT: return TERM;
    case NB_TOK_DOUBLE_STAR: return POWER;
    default: return 0;
    }
}

static nb_py_node *operators(nb_parser *parser, unsigned least);

/* ---- atoms and what follows them ------------------------------------------------------------------------------ */

static nb_py_node *atom(nb_parser *parser)
{
    switch ((unsigned)parser->kind) {
    case NB_TOK_NAME: return nb_parse_leaf(parser, NB_PY_NAME);
    case NB_TOK_NUMBER: return nb_parse_leaf(parser, NB_PY_NUMBER);
    case NB_TOK_STRING:
    case NB_TOK_FSTRING_START: return nb_parse_strings(parser);
    case NB_TOK_TRUE:
    case NB_TOK_FALSE:
    case NB_TOK_NONE:
    case NB_TOK_ELLIPSIS: return nb_parse_leaf(parser, NB_PY_CONSTANT);
    case NB_TOK_LPAREN: return nb_parse_group(parser);
    case NB_TOK_LBRACKET: return nb_parse_list(parser);
    case NB_TOK_LBRACE: return nb_parse_braces(parser);
    default: nb_parse_fail_here(parser); return nb_parse_node(parser, NB_PY_NAME, parser->at);
    }
}

/* A call, subscript or attribute of what came before, which started at token `start`. */
static nb_py_node *trailer(nb_parser *parser, nb_py_node *value, size_t start)
{
    nb_py_node *node;
    if (parser->kind == NB_TOK_DOT) {
        node = nb_parse_node(parser, NB_PY_ATTRIBUTE, start);
        nb_parse_add(parser, node, value, NB_PY_FIELD_VALUE);
        nb_parse_next(parser);
        nb_parse_add(parser, node, nb_parse_name(parser), NB_PY_FIELD_NAME);
    } else if (parser->kind == NB_TOK_LPAREN) {
        node = nb_parse_node(parser, NB_PY_CALL, start);
        nb_parse_add(parser, node, value, NB_PY_FIELD_FUNC);
        nb_parse_arguments(parser, node);
    } else {
        node = nb_parse_node(parser, NB_PY_SUBSCRIPT, start);
        nb_parse_add(parser, node, value, NB_PY_FIELD_VALUE);
        nb_parse_subscript(parser, node);
    }
    return nb_parse_done(parser, node);
}

static nb_py_node *primary(nb_parser *parser)
{
    size_t start = parser->at;
    nb_py_node *node = atom(parser);
    while (parser->kind == NB_TOK_DOT || parser->kind == NB_TOK_LPAREN ||
           parser->kind == NB_TOK_LBRACKET)
        node = trailer(parser, node, start);
    return node;
}

static nb_py_node *await_primary(nb_parser *parser)
{
    if (parser->kind != NB_TOK_AWAIT)
        return primary(parser);
    nb_py_node *node = nb_parse_node(parser, NB_PY_AWAIT, parser->at);
    nb_parse_next(parser);
    nb_parse_add(parser, node, primary(parser), NB_PY_FIELD_VALUE);
    return nb_parse_done(parser, node);
}

/* ---- operators ------------------------------------------------------------------------------------------------- */

static nb_py_node *unary(nb_parser *parser, unsigned operand)
{
    nb_py_node *node = nb_parse_node(parser, NB_PY_UNARY, parser->at);
    nb_parse_next(parser);
    nb_parse_add(parser, node, operators(parser, operand), NB_PY_FIELD_VALUE);
    return nb_parse_done(parser, node);
}

static nb_py_node *operand(nb_parser *parser, unsigned least)
{
    if (parser->kind == NB_TOK_NOT && least <= NOT)
        return unary(parser, NOT);
    if (parser->kind == NB_TOK_PLUS || parser->kind == NB_TOK_MINUS || parser->kind == NB_TOK_TILDE)
        return unary(parser, UNARY);
    return await_primary(parser);
}

/* Takes a comparison operator; `not` alone is none. */
static void comparison_operator(nb_parser *parser)
{
    nb_tok kind = parser->kind;
    nb_parse_next(parser);
    if (kind == NB_TOK_NOT && !nb_parse_take(parser, NB_TOK_IN))
        nb_parse_fail_here(parser);
    else if (kind == NB_TOK_IS)
        (void)nb_parse_take(parser, NB_TOK_NOT);
}

static nb_py_node *comparison(nb_parser *parser, nb_py_node *left, size_t start)
{
    nb_py_node *node = nb_parse_node(parser, NB_PY_COMPARE, start);
    nb_parse_add(parser, node, left, NB_PY_FIELD_LEFT);
    while (strength(parser->kind) == COMPARE) {
        comparison_operator(parser);
        nb_parse_add(parser, node, operators(parser, BIT_OR), NB_PY_FIELD_RIGHT);
    }
    return nb_parse_done(parser, node);
}

static nb_py_node *binary(nb_parser *parser, nb_py_node *left, size_t start, unsigned level)
{
    nb_py_node *node = nb_parse_node(parser, level <= AND ? NB_PY_BOOL_OP : NB_PY_BINARY, start);
    nb_parse_add(parser, node, left, NB_PY_FIELD_LEFT);
    nb_parse_next(parser);
    /* "**" binds to the right and lets a sign follow; the others bind to the left */
    nb_parse_add(parser, node, operators(parser, level == POWER ? UNARY : level + 1),
                 NB_PY_FIELD_RIGHT);
    return nb_parse_done(parser, node);
}

/* An expression whose operators are all at least that strong. */
static nb_py_node *operators(nb_parser *parser, unsigned least)
{
    nb_parse_enter(parser);
    size_t start = parser->at;
    nb_py_node *node = operand(parser, least);
    for (;;) {
        unsigned level = strength(parser->kind);
        if (level < least || level == 0)
            break;
        node =
            level == COMPARE ? comparison(parser, node, start) : binary(parser, node, start, level);
    }
    nb_parse_leave(parser);
    return node;
}

nb_py_node *nb_parse_disjunction(nb_parser *parser)
{
    return operators(parser, WEAKEST_OR);
}

nb_py_node *nb_parse_bitwise_or(nb_parser *parser)
{
    return operators(parser, BIT_OR);
}

/* ---- expressions ------------------------------------------------------------------------------------------------ */

static nb_py_node *lambda(nb_parser *parser)
{
    nb_py_node *node = nb_parse_node(parser, NB_PY_LAMBDA, parser->at);
    nb_parse_next(parser);
    if (parser->kind != NB_TOK_COLON)
        nb_parse_add(parser, node, nb_parse_parameters(parser, NB_TOK_COLON),
                     NB_PY_FIELD_PARAMETERS);
    nb_parse_expect(parser, NB_TOK_COLON);
    nb_parse_add(parser, node, nb_parse_expression(parser), NB_PY_FIELD_BODY);
    return nb_parse_done(parser, node);
}

static nb_py_node *conditional(nb_parser *parser, nb_py_node *body, size_t start)
{
    nb_py_node *node = nb_parse_node(parser, NB_PY_CONDITIONAL, start);
    nb_parse_add(parser, node, body, NB_PY_FIELD_BODY);
    nb_parse_next(parser);
    nb_parse_add(parser, node, nb_parse_disjunction(parser), NB_PY_FIELD_TEST);
    if (parser->kind != NB_TOK_ELSE && parser->kind != NB_TOK_ERROR && parser->kind != NB_TOK_COLON)
        nb_parse_fail(parser, "expected 'else' after 'if' expression");
    nb_parse_expect(parser, NB_TOK_ELSE);
    nb_parse_add(parser, node, nb_parse_expression(parser), NB_PY_FIELD_ORELSE);
    return nb_parse_done(parser, node);
}

nb_py_node *nb_parse_expression(nb_parser *parser)
{
    nb_parse_enter(parser);
    size_t start = parser->at;
    nb_py_node *node;
    if (parser->kind == NB_TOK_LAMBDA) {
        node = lambda(parser);
    } else {
        node = nb_parse_disjunction(parser);
        if (parser->kind == NB_TOK_IF)
            node = conditional(parser, node, start);
    }
    nb_parse_leave(parser);
    return node;
}

nb_py_node *nb_parse_named_expression(nb_parser *parser)
{
    size_t start = parser->at;
    nb_py_node *left = nb_parse_expression(parser);
    if (parser->kind != NB_TOK_WALRUS)
        return left;
    if (left->kind != NB_PY_NAME || left->parens)
        nb_parse_fail_at(parser, left, "cannot use assignment expressions with %s",
                         nb_parse_describe(parser, left));
    nb_py_node *node = nb_parse_node(parser, NB_PY_WALRUS, start);
    nb_parse_add(parser, node, left, NB_PY_FIELD_TARGET);
    nb_parse_next(parser);
    nb_parse_add(parser, node, nb_parse_expression(parser), NB_PY_FIELD_VALUE);
    return nb_parse_done(parser, node);
}

nb_py_node *nb_parse_yield(nb_parser *parser)
{
    nb_py_node *node = nb_parse_node(parser, NB_PY_YIELD, parser->at);
    nb_parse_next(parser);
    if (nb_parse_take(parser, NB_TOK_FROM)) {
        node->star = true;
        nb_parse_add(parser, node, nb_parse_expression(parser), NB_PY_FIELD_VALUE);
    } else if (parser->kind == NB_TOK_STAR || nb_parse_starts_expression(parser->kind)) {
        nb_parse_add(parser, node, nb_parse_star_expressions(parser), NB_PY_FIELD_VALUE);
    }
    return nb_parse_done(parser, node);
}

/* ---- lists of expressions --------------------------------------------------------------------------------------- */

nb_py_node *nb_parse_starred(nb_parser *parser, bool any)
{
    nb_py_node *node = nb_parse_node(parser, NB_PY_STARRED, parser->at);
    nb_parse_next(parser);
    nb_parse_add(parser, node, any ? nb_parse_expression(parser) : nb_parse_bitwise_or(parser),
                 NB_PY_FIELD_VALUE);
    return nb_parse_done(parser, node);
}

typedef nb_py_node *rule(nb_parser *parser);

static nb_py_node *list_element(nb_parser *parser, rule *element)
{
    return parser->kind == NB_TOK_STAR ? nb_parse_starred(parser, false) : element(parser);
}

/* One element, or a tuple of several. A starred element must have company. */
static nb_py_node *list_of(nb_parser *parser, rule *element)
{
    size_t start = parser->at;
    nb_py_node *first = list_element(parser, element);
    if (parser->kind != NB_TOK_COMMA) {
        if (first->kind == NB_PY_STARRED)
            nb_parse_report(parser, first, "cannot use a starred expression here");
        return first;
    }
    nb_py_node *tuple = nb_parse_node(parser, NB_PY_TUPLE, start);
    nb_parse_add(parser, tuple, first, NB_PY_FIELD_ELEMENT);
    while (nb_parse_take(parser, NB_TOK_COMMA) &&
           (parser->kind == NB_TOK_STAR || nb_parse_starts_expression(parser->kind)))
        nb_parse_add(parser, tuple, list_element(parser, element), NB_PY_FIELD_ELEMENT);
    return nb_parse_done(parser, tuple);
}

nb_py_node *nb_parse_star_expressions(nb_parser *parser)
{
    return list_of(parser, nb_parse_expression);
}

nb_py_node *nb_parse_star_named_expressions(nb_parser *parser)
{
    return list_of(parser, nb_parse_named_expression);
}

nb_py_node *nb_parse_target_list(nb_parser *parser)
{
    return list_of(parser, nb_parse_bitwise_or);
}

nb_py_node *nb_parse_value(nb_parser *parser)
{
    return parser->kind == NB_TOK_YIELD ? nb_parse_yield(parser)
                                        : nb_parse_star_expressions(parser);
}
