#include "py/syntax_parse.h"

/* ---- expressions and assignments --------------------------------------------------------------------------------- */

static nb_py_node *annotated(nb_parser *parser, nb_py_node *target, size_t start)
{
    nb_py_node *node = nb_parse_node(parser, NB_PY_ANN_ASSIGN, start);
    nb_parse_check_target(parser, target, NB_TARGET_ANNOTATE);
    nb_parse_add(parser, node, target, NB_PY_FIELD_TARGET);
    nb_parse_next(parser);
    nb_parse_add(parser, node, nb_parse_expression(parser), NB_PY_FIELD_ANNOTATION);
    if (nb_parse_take(parser, NB_TOK_EQUAL))
        nb_parse_add(parser, node, nb_parse_value(parser), NB_PY_FIELD_VALUE);
    return node;
}

static nb_py_node *assigned(nb_parser *parser, nb_py_node *first, size_t start)
{
    nb_py_node *node = nb_parse_node(parser, NB_PY_ASSIGN, start);
    nb_py_node *part = first;
    while (nb_parse_take(parser, NB_TOK_EQUAL)) {
        nb_parse_check_target(parser, part, NB_TARGET_ASSIGN);
        nb_parse_add(parser, node, part, NB_PY_FIELD_TARGET);
        part = nb_parse_value(parser);
    }
    nb_parse_add(parser, node, part, NB_PY_FIELD_VALUE);
    return node;
}

static nb_py_node *augmented(nb_parser *parser, nb_py_node *target, size_t start)
{
    nb_py_node *node = nb_parse_node(parser, NB_PY_AUG_ASSIGN, start);
    nb_parse_check_target(parser, target, NB_TARGET_AUGMENT);
    nb_parse_add(parser, node, target, NB_PY_FIELD_TARGET);
    nb_parse_next(parser);
    nb_py_node *value = nb_parse_value(parser);
    nb_parse_bare_star(parser, value, "a starred expression in an augmented assignment");
    nb_parse_add(parser, node, value, NB_PY_FIELD_VALUE);
    return node;
}

/* Python 2: "print x" and "exec code". */
static void refuse_python2(nb_parser *parser, const nb_py_node *value)
{
    nb_str name = nb_py_text(parser->tree, value);
    if (value->kind != NB_PY_NAME || value->parens ||
        !(nb_str_eqz(name, "print") || nb_str_eqz(name, "exec")) || parser->kind == NB_TOK_ERROR ||
        !nb_parse_starts_expression(parser->kind))
        return;
    nb_parse_fail_at(parser, value,
                     "missing parentheses in call to '" NB_STR_FMT "'; did you mean " NB_STR_FMT
                     "(...)?",
                     NB_STR_ARG(name), NB_STR_ARG(name));
}

static nb_py_node *expression_statement(nb_parser *parser)
{
    size_t start = parser->at;
    nb_py_node *first = nb_parse_value(parser);
    if (parser->kind == NB_TOK_COLON)
        return annotated(parser, first, start);
    if (parser->kind == NB_TOK_EQUAL)
        return assigned(parser, first, start);
    if (parser->kind == NB_TOK_AUGMENTED)
        return augmented(parser, first, start);
    refuse_python2(parser, first);
    nb_py_node *node = nb_parse_node(parser, NB_PY_EXPR, start);
    nb_parse_add(parser, node, first, NB_PY_FIELD_VALUE);
    return node;
}

/* ---- import ------------------------------------------------------------------------------------------------------- */

static nb_py_node *dotted(nb_parser *parser)
{
    nb_py_node *node = nb_parse_node(parser, NB_PY_DOTTED, parser->at);
    do {
        (void)nb_parse_name(parser);
    } while (nb_parse_take(parser, NB_TOK_DOT));
    return nb_parse_done(parser, node);
}

/* name [as name]; in "import a.b" the name may have dots. */
static nb_py_node *alias(nb_parser *parser, bool dots)
{
    nb_py_node *node = nb_parse_node(parser, NB_PY_ALIAS, parser->at);
    nb_py_node *name = dots ? dotted(parser) : nb_parse_name(parser);
    name->kind = NB_PY_DOTTED;
    nb_parse_add(parser, node, name, NB_PY_FIELD_NAME);
    if (nb_parse_take(parser, NB_TOK_AS))
        nb_parse_add(parser, node, nb_parse_name(parser), NB_PY_FIELD_ASNAME);
    return nb_parse_done(parser, node);
}

static nb_py_node *import_statement(nb_parser *parser)
{
    nb_py_node *node = nb_parse_node(parser, NB_PY_IMPORT, parser->at);
    nb_parse_next(parser);
    do {
        nb_parse_add(parser, node, alias(parser, true), NB_PY_FIELD_NONE);
    } while (nb_parse_take(parser, NB_TOK_COMMA));
    return node;
}

static void imported_names(nb_parser *parser, nb_py_node *node)
{
    if (parser->kind == NB_TOK_STAR) {
        nb_parse_add(parser, node, nb_parse_leaf(parser, NB_PY_STAR_ALIAS), NB_PY_FIELD_NONE);
        return;
    }
    bool parens = nb_parse_take(parser, NB_TOK_LPAREN);
    do {
        if (!parens && parser->kind == NB_TOK_NEWLINE && node->last &&
            node->last->kind == NB_PY_ALIAS)
            nb_parse_fail(parser, "trailing comma not allowed without surrounding parentheses");
        nb_parse_add(parser, node, alias(parser, false), NB_PY_FIELD_NONE);
    } while (nb_parse_take(parser, NB_TOK_COMMA) && !(parens && parser->kind == NB_TOK_RPAREN));
    if (parens)
        nb_parse_expect(parser, NB_TOK_RPAREN);
}

static nb_py_node *import_from_statement(nb_parser *parser)
{
    nb_py_node *node = nb_parse_node(parser, NB_PY_IMPORT_FROM, parser->at);
    nb_parse_next(parser);
    size_t start = parser->at;
    while (parser->kind == NB_TOK_DOT || parser->kind == NB_TOK_ELLIPSIS)
        nb_parse_next(parser);
    if (parser->kind != NB_TOK_IMPORT || parser->at == start) {
        nb_py_node *module = nb_parse_node(parser, NB_PY_DOTTED, start);
        (void)dotted(parser);
        nb_parse_add(parser, node, nb_parse_done(parser, module), NB_PY_FIELD_MODULE);
    }
    nb_parse_expect(parser, NB_TOK_IMPORT);
    imported_names(parser, node);
    return node;
}

/* ---- the other keywords ------------------------------------------------------------------------------------------- */

static nb_py_node *return_statement(nb_parser *parser)
{
    nb_py_node *node = nb_parse_node(parser, NB_PY_RETURN, parser->at);
    nb_parse_next(parser);
    if (parser->kind == NB_TOK_STAR || nb_parse_starts_expression(parser->kind))
        nb_parse_add(parser, node, nb_parse_star_expressions(parser), NB_PY_FIELD_VALUE);
    return node;
}

static nb_py_node *raise_statement(nb_parser *parser)
{
    nb_py_node *node = nb_parse_node(parser, NB_PY_RAISE, parser->at);
    nb_parse_next(parser);
    if (!nb_parse_starts_expression(parser->kind))
        return node;
    nb_parse_add(parser, node, nb_parse_expression(parser), NB_PY_FIELD_VALUE);
    if (nb_parse_take(parser, NB_TOK_FROM))
        nb_parse_add(parser, node, nb_parse_expression(parser), NB_PY_FIELD_CAUSE);
    return node;
}

static nb_py_node *assert_statement(nb_parser *parser)
{
    nb_py_node *node = nb_parse_node(parser, NB_PY_ASSERT, parser->at);
    nb_parse_next(parser);
    nb_parse_add(parser, node, nb_parse_expression(parser), NB_PY_FIELD_TEST);
    if (nb_parse_take(parser, NB_TOK_COMMA))
        nb_parse_add(parser, node, nb_parse_expression(parser), NB_PY_FIELD_MESSAGE);
    return node;
}

static nb_py_node *delete_statement(nb_parser *parser)
{
    nb_py_node *node = nb_parse_node(parser, NB_PY_DELETE, parser->at);
    nb_parse_next(parser);
    do {
        nb_py_node *target = parser->kind == NB_TOK_STAR ? nb_parse_starred(parser, false)
                                                         : nb_parse_expression(parser);
        nb_parse_check_target(parser, target, NB_TARGET_DELETE);
        nb_parse_add(parser, node, target, NB_PY_FIELD_TARGET);
    } while (nb_parse_take(parser, NB_TOK_COMMA) &&
             (parser->kind == NB_TOK_STAR || nb_parse_starts_expression(parser->kind)));
    return node;
}

static nb_py_node *names_statement(nb_parser *parser, nb_py_kind kind)
{
    nb_py_node *node = nb_parse_node(parser, kind, parser->at);
    nb_parse_next(parser);
    do {
        nb_parse_add(parser, node, nb_parse_name(parser), NB_PY_FIELD_NAME);
    } while (nb_parse_take(parser, NB_TOK_COMMA));
    return node;
}

static bool at_type_alias(const nb_parser *parser)
{
    return nb_parse_is_word(parser, "type") && nb_parse_peek(parser) == NB_TOK_NAME;
}

static nb_py_node *type_alias(nb_parser *parser)
{
    nb_py_node *node = nb_parse_node(parser, NB_PY_TYPE_ALIAS, parser->at);
    nb_parse_next(parser);
    nb_parse_add(parser, node, nb_parse_name(parser), NB_PY_FIELD_NAME);
    if (parser->kind == NB_TOK_LBRACKET)
        nb_parse_add(parser, node, nb_parse_type_params(parser), NB_PY_FIELD_TYPE_PARAMS);
    if (parser->kind != NB_TOK_EQUAL)
        nb_parse_fail(parser, "invalid syntax");
    nb_parse_next(parser);
    nb_parse_add(parser, node, nb_parse_expression(parser), NB_PY_FIELD_VALUE);
    nb_parse_needs(parser, nb_parse_done(parser, node), 12, "the type statement");
    return node;
}

static nb_py_node *simple_statement(nb_parser *parser)
{
    switch ((unsigned)parser->kind) {
    case NB_TOK_IMPORT: return import_statement(parser);
    case NB_TOK_FROM: return import_from_statement(parser);
    case NB_TOK_RETURN: return return_statement(parser);
    case NB_TOK_RAISE: return raise_statement(parser);
    case NB_TOK_ASSERT: return assert_statement(parser);
    case NB_TOK_DEL: return delete_statement(parser);
    case NB_TOK_GLOBAL: return names_statement(parser, NB_PY_GLOBAL);
    case NB_TOK_NONLOCAL: return names_statement(parser, NB_PY_NONLOCAL);
    case NB_TOK_PASS: return nb_parse_leaf(parser, NB_PY_PASS);
    case NB_TOK_BREAK: return nb_parse_leaf(parser, NB_PY_BREAK);
    case NB_TOK_CONTINUE: return nb_parse_leaf(parser, NB_PY_CONTINUE);
    default: return at_type_alias(parser) ? type_alias(parser) : expression_statement(parser);
    }
}

void nb_parse_simple(nb_parser *parser, nb_py_node *block)
{
    do {
        nb_py_node *node = simple_statement(parser);
        nb_parse_done(parser, node);
        if (parser->kind != NB_TOK_NEWLINE && parser->kind != NB_TOK_SEMICOLON)
            nb_parse_fail_here(parser);
        if (parser->failed)
            return;
        nb_parse_add(parser, block, node, NB_PY_FIELD_NONE);
    } while (nb_parse_take(parser, NB_TOK_SEMICOLON) && parser->kind != NB_TOK_NEWLINE);
    nb_parse_expect(parser, NB_TOK_NEWLINE);
}
