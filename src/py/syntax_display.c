#include "py/syntax_parse.h"

/* ---- comprehensions -------------------------------------------------------------------------------------------- */

bool nb_parse_at_clause(const nb_parser *parser)
{
    return parser->kind == NB_TOK_FOR ||
           (parser->kind == NB_TOK_ASYNC && nb_parse_peek(parser) == NB_TOK_FOR);
}

static nb_py_node *for_clause(nb_parser *parser)
{
    nb_py_node *node = nb_parse_node(parser, NB_PY_FOR_CLAUSE, parser->at);
    node->is_async = nb_parse_take(parser, NB_TOK_ASYNC);
    nb_parse_expect(parser, NB_TOK_FOR);
    nb_py_node *target = nb_parse_target_list(parser);
    nb_parse_check_target(parser, target, NB_TARGET_FOR);
    nb_parse_add(parser, node, target, NB_PY_FIELD_TARGET);
    nb_parse_expect(parser, NB_TOK_IN);
    nb_parse_add(parser, node, nb_parse_disjunction(parser), NB_PY_FIELD_ITER);
    return nb_parse_done(parser, node);
}

static nb_py_node *if_clause(nb_parser *parser)
{
    nb_py_node *node = nb_parse_node(parser, NB_PY_IF_CLAUSE, parser->at);
    nb_parse_next(parser);
    nb_parse_add(parser, node, nb_parse_disjunction(parser), NB_PY_FIELD_TEST);
    return nb_parse_done(parser, node);
}

void nb_parse_clauses(nb_parser *parser, nb_py_node *comprehension)
{
    while (nb_parse_at_clause(parser)) {
        nb_parse_add(parser, comprehension, for_clause(parser), NB_PY_FIELD_NONE);
        while (parser->kind == NB_TOK_IF)
            nb_parse_add(parser, comprehension, if_clause(parser), NB_PY_FIELD_NONE);
    }
}

/* The comprehension whose first element has just been parsed, with its closing bracket. */
static nb_py_node *comprehension(nb_parser *parser, nb_py_node *node, nb_py_node *element,
                                 nb_tok close)
{
    if (element->kind == NB_PY_STARRED)
        nb_parse_fail_at(parser, element, "iterable unpacking cannot be used in a comprehension");
    if (element->kind == NB_PY_DOUBLE_STARRED)
        nb_parse_fail_at(parser, element, "dict unpacking cannot be used in a dict comprehension");
    nb_parse_add(parser, node, element, NB_PY_FIELD_ELEMENT);
    nb_parse_clauses(parser, node);
    nb_parse_expect(parser, close);
    return nb_parse_done(parser, node);
}

/* Where := needed parentheses in older versions. */
static void bare_walrus(nb_parser *parser, const nb_py_node *node, unsigned minor)
{
    if (node && node->kind == NB_PY_WALRUS && !node->parens)
        nb_parse_needs(parser, node, minor, "an assignment expression without parentheses here");
}

/* ---- ( ) and [ ] ------------------------------------------------------------------------------------------------ */

static nb_py_node *element(nb_parser *parser)
{
    return parser->kind == NB_TOK_STAR ? nb_parse_starred(parser, false)
                                       : nb_parse_named_expression(parser);
}

/* Elements after the first, up to the closing bracket, which is taken. */
static nb_py_node *elements(nb_parser *parser, nb_py_node *node, nb_tok close)
{
    while (nb_parse_take(parser, NB_TOK_COMMA) && parser->kind != close)
        nb_parse_add(parser, node, element(parser), NB_PY_FIELD_ELEMENT);
    if (nb_parse_at_clause(parser))
        nb_parse_fail_at(parser, node,
                         "did you forget parentheses around the comprehension target?");
    nb_parse_expect(parser, close);
    return nb_parse_done(parser, node);
}

nb_py_node *nb_parse_group(nb_parser *parser)
{
    size_t start = parser->at;
    nb_parse_next(parser);
    if (nb_parse_take(parser, NB_TOK_RPAREN))
        return nb_parse_done(parser, nb_parse_node(parser, NB_PY_TUPLE, start));
    bool yields = parser->kind == NB_TOK_YIELD;
    nb_py_node *first = yields ? nb_parse_yield(parser) : element(parser);
    if (!yields && nb_parse_at_clause(parser))
        return comprehension(parser, nb_parse_node(parser, NB_PY_GENERATOR, start), first,
                             NB_TOK_RPAREN);
    if (!yields && parser->kind == NB_TOK_COMMA) {
        nb_py_node *tuple = nb_parse_node(parser, NB_PY_TUPLE, start);
        nb_parse_add(parser, tuple, first, NB_PY_FIELD_ELEMENT);
        return elements(parser, tuple, NB_TOK_RPAREN);
    }
    if (first->kind == NB_PY_STARRED)
        nb_parse_fail_at(parser, first, "cannot use a starred expression here");
    nb_parse_expect(parser, NB_TOK_RPAREN);
    first->parens = true;
    return first;
}

nb_py_node *nb_parse_list(nb_parser *parser)
{
    size_t start = parser->at;
    nb_parse_next(parser);
    nb_py_node *list = nb_parse_node(parser, NB_PY_LIST, start);
    if (nb_parse_take(parser, NB_TOK_RBRACKET))
        return nb_parse_done(parser, list);
    nb_py_node *first = element(parser);
    if (nb_parse_at_clause(parser)) {
        list->kind = NB_PY_LIST_COMP;
        return comprehension(parser, list, first, NB_TOK_RBRACKET);
    }
    nb_parse_add(parser, list, first, NB_PY_FIELD_ELEMENT);
    return elements(parser, list, NB_TOK_RBRACKET);
}

/* ---- { } -------------------------------------------------------------------------------------------------------- */

/* ": value" after a key. */
static nb_py_node *pair(nb_parser *parser, nb_py_node *key, size_t start)
{
    nb_py_node *node = nb_parse_node(parser, NB_PY_PAIR, start);
    nb_parse_add(parser, node, key, NB_PY_FIELD_KEY);
    if (key->kind == NB_PY_WALRUS && !key->parens)
        nb_parse_fail(parser,
                      "cannot use an assignment expression as a dict key without parentheses");
    if (parser->kind != NB_TOK_COLON)
        nb_parse_fail(parser, "':' expected after dictionary key");
    nb_parse_next(parser);
    if (parser->kind == NB_TOK_STAR)
        nb_parse_fail(parser, "cannot use a starred expression in a dictionary value");
    if (!nb_parse_starts_expression(parser->kind))
        nb_parse_fail(parser, "expression expected after dictionary key and ':'");
    nb_parse_add(parser, node, nb_parse_expression(parser), NB_PY_FIELD_VALUE);
    return nb_parse_done(parser, node);
}

static nb_py_node *dict_item(nb_parser *parser)
{
    size_t start = parser->at;
    if (!nb_parse_take(parser, NB_TOK_DOUBLE_STAR))
        return pair(parser, nb_parse_expression(parser), start);
    nb_py_node *node = nb_parse_node(parser, NB_PY_DOUBLE_STARRED, start);
    nb_parse_add(parser, node, nb_parse_bitwise_or(parser), NB_PY_FIELD_VALUE);
    return nb_parse_done(parser, node);
}

static nb_py_node *dict(nb_parser *parser, nb_py_node *node, nb_py_node *first)
{
    if (nb_parse_at_clause(parser)) {
        node->kind = NB_PY_DICT_COMP;
        return comprehension(parser, node, first, NB_TOK_RBRACE);
    }
    node->kind = NB_PY_DICT;
    nb_parse_add(parser, node, first, NB_PY_FIELD_ELEMENT);
    while (nb_parse_take(parser, NB_TOK_COMMA) && parser->kind != NB_TOK_RBRACE)
        nb_parse_add(parser, node, dict_item(parser), NB_PY_FIELD_ELEMENT);
    nb_parse_expect(parser, NB_TOK_RBRACE);
    return nb_parse_done(parser, node);
}

nb_py_node *nb_parse_braces(nb_parser *parser)
{
    size_t start = parser->at;
    nb_py_node *node = nb_parse_node(parser, NB_PY_DICT, start);
    nb_parse_next(parser);
    if (nb_parse_take(parser, NB_TOK_RBRACE))
        return nb_parse_done(parser, node);
    if (parser->kind == NB_TOK_DOUBLE_STAR)
        return dict(parser, node, dict_item(parser));
    size_t first_at = parser->at;
    nb_py_node *first = element(parser);
    if (parser->kind == NB_TOK_COLON && first->kind != NB_PY_STARRED)
        return dict(parser, node, pair(parser, first, first_at));
    node->kind = NB_PY_SET;
    bare_walrus(parser, first, 9);
    if (nb_parse_at_clause(parser)) {
        node->kind = NB_PY_SET_COMP;
        return comprehension(parser, node, first, NB_TOK_RBRACE);
    }
    nb_parse_add(parser, node, first, NB_PY_FIELD_ELEMENT);
    return elements(parser, node, NB_TOK_RBRACE);
}

/* ---- subscripts -------------------------------------------------------------------------------------------------- */

static bool slice_part_follows(const nb_parser *parser)
{
    return parser->kind != NB_TOK_COLON && parser->kind != NB_TOK_COMMA &&
           parser->kind != NB_TOK_RBRACKET;
}

/* ":upper:step" after the lower bound, which may be missing. */
static nb_py_node *slice(nb_parser *parser, nb_py_node *lower, size_t start)
{
    nb_py_node *node = nb_parse_node(parser, NB_PY_SLICE, start);
    if (lower) {
        if (lower->kind == NB_PY_WALRUS && !lower->parens)
            nb_parse_fail_here(parser);
        nb_parse_add(parser, node, lower, NB_PY_FIELD_LOWER);
    }
    nb_parse_next(parser);
    if (slice_part_follows(parser))
        nb_parse_add(parser, node, nb_parse_expression(parser), NB_PY_FIELD_UPPER);
    if (nb_parse_take(parser, NB_TOK_COLON) && slice_part_follows(parser))
        nb_parse_add(parser, node, nb_parse_expression(parser), NB_PY_FIELD_STEP);
    return nb_parse_done(parser, node);
}

static nb_py_node *index_part(nb_parser *parser)
{
    size_t start = parser->at;
    if (parser->kind == NB_TOK_STAR) {
        nb_py_node *node = nb_parse_starred(parser, true);
        nb_parse_needs(parser, node, 11, "a starred expression in an index");
        return node;
    }
    nb_py_node *first = parser->kind == NB_TOK_COLON ? NULL : nb_parse_named_expression(parser);
    bare_walrus(parser, first, 10);
    return parser->kind == NB_TOK_COLON ? slice(parser, first, start) : first;
}

void nb_parse_subscript(nb_parser *parser, nb_py_node *subscript)
{
    nb_parse_next(parser);
    size_t start = parser->at;
    nb_py_node *index = index_part(parser);
    if (index->kind == NB_PY_STARRED || parser->kind == NB_TOK_COMMA) {
        nb_py_node *tuple = nb_parse_node(parser, NB_PY_TUPLE, start);
        nb_parse_add(parser, tuple, index, NB_PY_FIELD_ELEMENT);
        while (nb_parse_take(parser, NB_TOK_COMMA) && parser->kind != NB_TOK_RBRACKET)
            nb_parse_add(parser, tuple, index_part(parser), NB_PY_FIELD_ELEMENT);
        index = nb_parse_done(parser, tuple);
    }
    nb_parse_add(parser, subscript, index, NB_PY_FIELD_INDEX);
    nb_parse_expect(parser, NB_TOK_RBRACKET);
}
