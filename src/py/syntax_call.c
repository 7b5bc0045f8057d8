#include "py/syntax_parse.h"

#include "base/map.h"

/* ---- arguments --------------------------------------------------------------------------------------------------- */

/* What came before in the parentheses of a call. */
typedef struct arguments {
    nb_py_node *call;
    size_t open; /* token number of the opening parenthesis */
    unsigned count;
    bool keyword, double_star;
} arguments;

static nb_py_node *double_starred(nb_parser *parser)
{
    nb_py_node *node = nb_parse_node(parser, NB_PY_KEYWORD, parser->at);
    nb_parse_next(parser);
    nb_parse_add(parser, node, nb_parse_expression(parser), NB_PY_FIELD_VALUE);
    return nb_parse_done(parser, node);
}

static nb_py_node *keyword(nb_parser *parser)
{
    nb_py_node *node = nb_parse_node(parser, NB_PY_KEYWORD, parser->at);
    nb_parse_add(parser, node, nb_parse_name(parser), NB_PY_FIELD_NAME);
    nb_parse_next(parser);
    if (parser->kind == NB_TOK_COMMA || parser->kind == NB_TOK_RPAREN)
        nb_parse_fail(parser, "expected argument value expression");
    nb_parse_add(parser, node, nb_parse_expression(parser), NB_PY_FIELD_VALUE);
    if (nb_parse_at_clause(parser))
        nb_parse_fail_at(parser, node,
                         "invalid syntax; maybe you meant '==' or ':=' instead of '='?");
    return nb_parse_done(parser, node);
}

/* f(x for x in y): the generator's span has the parentheses of the call, which are left to be taken by the caller. */
static nb_py_node *bare_generator(nb_parser *parser, const arguments *args, nb_py_node *element)
{
    nb_py_node *node = nb_parse_node(parser, NB_PY_GENERATOR, args->open);
    nb_parse_add(parser, node, element, NB_PY_FIELD_ELEMENT);
    nb_parse_clauses(parser, node);
    if (args->call->kind == NB_PY_CLASS)
        nb_parse_fail_at(parser, element, "invalid syntax");
    if (args->count > 0 || parser->kind == NB_TOK_COMMA)
        nb_parse_fail_at(parser, element, "generator expression must be parenthesized");
    node->end = nb_parse_token(parser)->end;
    return node;
}

static nb_py_node *positional(nb_parser *parser, const arguments *args)
{
    nb_py_node *node = nb_parse_named_expression(parser);
    if (nb_parse_at_clause(parser))
        return bare_generator(parser, args, node);
    if (parser->kind == NB_TOK_EQUAL) {
        if (node->kind == NB_PY_CONSTANT)
            nb_parse_fail_at(parser, node, "cannot assign to %s", nb_parse_describe(parser, node));
        nb_parse_fail_at(parser, node,
                         "expression cannot contain assignment, perhaps you meant \"==\"?");
    }
    if (args->double_star)
        nb_parse_fail_at(parser, node, "positional argument follows keyword argument unpacking");
    else if (args->keyword)
        nb_parse_fail_at(parser, node, "positional argument follows keyword argument");
    return node;
}

static nb_py_node *argument(nb_parser *parser, arguments *args)
{
    if (parser->kind == NB_TOK_DOUBLE_STAR) {
        args->double_star = true;
        return double_starred(parser);
    }
    if (parser->kind == NB_TOK_NAME && nb_parse_peek(parser) == NB_TOK_EQUAL) {
        args->keyword = true;
        return keyword(parser);
    }
    if (parser->kind != NB_TOK_STAR)
        return positional(parser, args);
    nb_py_node *node = nb_parse_starred(parser, true);
    if (nb_parse_at_clause(parser))
        nb_parse_fail_at(parser, node, "iterable unpacking cannot be used in a comprehension");
    if (args->double_star)
        nb_parse_fail_at(parser, node,
                         "iterable argument unpacking follows keyword argument unpacking");
    return node;
}

static void check_repeated(nb_parser *parser, const nb_py_node *call)
{
    nb_map seen = NB_MAP_INIT;
    for (const nb_py_node *node = call->child; node; node = node->next) {
        const nb_py_node *name =
            node->kind == NB_PY_KEYWORD ? nb_py_get(node, NB_PY_FIELD_NAME) : NULL;
        if (!name)
            continue;
        nb_str text = nb_py_text(parser->tree, name);
        if (!nb_set_add(parser->arena, &seen, text))
            nb_parse_report(parser, node, "keyword argument repeated: " NB_STR_FMT,
                            NB_STR_ARG(text));
    }
}

void nb_parse_arguments(nb_parser *parser, nb_py_node *call)
{
    arguments args = {.call = call, .open = parser->at};
    unsigned keywords = 0;
    nb_parse_expect(parser, NB_TOK_LPAREN);
    while (parser->kind != NB_TOK_RPAREN && !parser->failed) {
        nb_py_node *node = argument(parser, &args);
        nb_parse_add(parser, call, node, NB_PY_FIELD_ARGUMENT);
        keywords += node->kind == NB_PY_KEYWORD;
        args.count++;
        if (!nb_parse_take(parser, NB_TOK_COMMA))
            break;
    }
    nb_parse_expect(parser, NB_TOK_RPAREN);
    if (keywords > 1)
        check_repeated(parser, call);
}

/* ---- parameters --------------------------------------------------------------------------------------------------- */

typedef struct parameters {
    nb_py_node *node;
    bool lambda;
    bool slash, star, kwargs, has_default;
    bool bare_star; /* a * that still waits for a name */
} parameters;

static void annotation(nb_parser *parser, const parameters *list, nb_py_node *parameter)
{
    if (list->lambda || !nb_parse_take(parser, NB_TOK_COLON))
        return;
    nb_py_node *type;
    if (parser->kind == NB_TOK_STAR && parameter->param == NB_PY_PARAM_ARGS) {
        type = nb_parse_starred(parser, false);
        nb_parse_needs(parser, type, 11, "a starred annotation");
    } else {
        type = nb_parse_expression(parser);
    }
    nb_parse_add(parser, parameter, type, NB_PY_FIELD_ANNOTATION);
}

static void default_value(nb_parser *parser, parameters *list, nb_py_node *parameter)
{
    if (parser->kind == NB_TOK_EQUAL && parameter->param == NB_PY_PARAM_ARGS)
        nb_parse_fail(parser, "var-positional argument cannot have default value");
    if (parser->kind == NB_TOK_EQUAL && parameter->param == NB_PY_PARAM_KWARGS)
        nb_parse_fail(parser, "var-keyword argument cannot have default value");
    if (nb_parse_take(parser, NB_TOK_EQUAL)) {
        if (!nb_parse_starts_expression(parser->kind))
            nb_parse_fail(parser, "expected default value expression");
        nb_parse_add(parser, parameter, nb_parse_expression(parser), NB_PY_FIELD_DEFAULT);
        list->has_default = list->has_default || parameter->param == NB_PY_PARAM_PLAIN;
    } else if (parameter->param == NB_PY_PARAM_PLAIN && list->has_default) {
        nb_parse_fail_at(parser, parameter, "non-default argument follows default argument");
    }
}

static void parameter(nb_parser *parser, parameters *list, nb_py_param sort, size_t start)
{
    nb_py_node *node = nb_parse_node(parser, NB_PY_PARAMETER, start);
    node->param = (uint8_t)sort;
    if (list->kwargs)
        nb_parse_fail(parser, "arguments cannot follow var-keyword argument");
    if (parser->kind == NB_TOK_LPAREN)
        nb_parse_fail(parser, list->lambda ? "lambda parameters cannot be parenthesized"
                                           : "function parameters cannot be parenthesized");
    nb_parse_add(parser, node, nb_parse_name(parser), NB_PY_FIELD_NAME);
    annotation(parser, list, node);
    default_value(parser, list, node);
    nb_parse_add(parser, list->node, nb_parse_done(parser, node), NB_PY_FIELD_NONE);
}

static void slash(nb_parser *parser, parameters *list)
{
    if (list->slash)
        nb_parse_fail(parser, "/ may appear only once");
    else if (list->star || list->kwargs)
        nb_parse_fail(parser, "/ must be ahead of *");
    else if (!list->node->child)
        nb_parse_fail(parser, "at least one argument must precede /");
    list->slash = true;
    for (nb_py_node *node = list->node->child; node; node = node->next)
        node->param = NB_PY_PARAM_POSITIONAL_ONLY;
    nb_parse_next(parser);
}

static void star(nb_parser *parser, parameters *list, nb_tok end)
{
    size_t start = parser->at;
    if (list->kwargs)
        nb_parse_fail(parser, "arguments cannot follow var-keyword argument");
    else if (list->star)
        nb_parse_fail(parser, "* argument may appear only once");
    list->star = true;
    nb_parse_next(parser);
    if (parser->kind == NB_TOK_COMMA)
        list->bare_star = true;
    else if (parser->kind == end)
        nb_parse_fail(parser, "named arguments must follow bare *");
    else
        parameter(parser, list, NB_PY_PARAM_ARGS, start);
}

static void one_parameter(nb_parser *parser, parameters *list, nb_tok end)
{
    size_t start = parser->at;
    if (parser->kind == NB_TOK_SLASH) {
        slash(parser, list);
        return;
    }
    if (parser->kind == NB_TOK_STAR) {
        star(parser, list, end);
        return;
    }
    if (nb_parse_take(parser, NB_TOK_DOUBLE_STAR)) {
        if (list->bare_star)
            nb_parse_fail(parser, "named arguments must follow bare *");
        parameter(parser, list, NB_PY_PARAM_KWARGS, start);
        list->kwargs = true;
        return;
    }
    parameter(parser, list, list->star ? NB_PY_PARAM_KEYWORD_ONLY : NB_PY_PARAM_PLAIN, start);
    list->bare_star = false;
}

nb_py_node *nb_parse_parameters(nb_parser *parser, nb_tok end)
{
    parameters list = {.node = nb_parse_node(parser, NB_PY_PARAMETERS, parser->at),
                       .lambda = end == NB_TOK_COLON};
    while (parser->kind != end && !parser->failed) {
        one_parameter(parser, &list, end);
        if (!nb_parse_take(parser, NB_TOK_COMMA))
            break;
    }
    if (list.bare_star)
        nb_parse_fail(parser, "named arguments must follow bare *");
    return nb_parse_done(parser, list.node);
}

/* ---- type parameters ---------------------------------------------------------------------------------------------- */

static void type_default(nb_parser *parser, nb_py_node *node)
{
    if (!nb_parse_take(parser, NB_TOK_EQUAL))
        return;
    nb_py_node *value = node->param == NB_PY_PARAM_ARGS && parser->kind == NB_TOK_STAR
                            ? nb_parse_starred(parser, false)
                            : nb_parse_expression(parser);
    nb_parse_needs(parser, value, 13, "the default of a type parameter");
    nb_parse_add(parser, node, value, NB_PY_FIELD_DEFAULT);
}

static nb_py_node *type_param(nb_parser *parser)
{
    nb_py_node *node = nb_parse_node(parser, NB_PY_TYPE_PARAM, parser->at);
    if (nb_parse_take(parser, NB_TOK_STAR))
        node->param = NB_PY_PARAM_ARGS;
    else if (nb_parse_take(parser, NB_TOK_DOUBLE_STAR))
        node->param = NB_PY_PARAM_KWARGS;
    nb_parse_add(parser, node, nb_parse_name(parser), NB_PY_FIELD_NAME);
    if (parser->kind == NB_TOK_COLON && node->param != NB_PY_PARAM_PLAIN)
        nb_parse_fail(parser, "cannot use a bound with %s",
                      node->param == NB_PY_PARAM_ARGS ? "TypeVarTuple" : "ParamSpec");
    if (nb_parse_take(parser, NB_TOK_COLON))
        nb_parse_add(parser, node, nb_parse_expression(parser), NB_PY_FIELD_ANNOTATION);
    type_default(parser, node);
    return nb_parse_done(parser, node);
}

nb_py_node *nb_parse_type_params(nb_parser *parser)
{
    nb_py_node *list = nb_parse_node(parser, NB_PY_TYPE_PARAMS, parser->at);
    bool has_default = false;
    nb_parse_next(parser);
    do {
        nb_py_node *node = type_param(parser);
        nb_parse_add(parser, list, node, NB_PY_FIELD_NONE);
        if (nb_py_get(node, NB_PY_FIELD_DEFAULT))
            has_default = true;
        else if (has_default)
            nb_parse_report(parser, node,
                            "non-default type parameter follows default type parameter");
    } while (nb_parse_take(parser, NB_TOK_COMMA) && parser->kind != NB_TOK_RBRACKET);
    nb_parse_expect(parser, NB_TOK_RBRACKET);
    nb_parse_done(parser, list);
    nb_parse_needs(parser, list, 12, "a list of type parameters");
    return list;
}
