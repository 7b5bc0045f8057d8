#include "py/syntax_parse.h"

/* The blank-free place after the previous token: "!r" and what follows it may not be apart before Python 3.12. */
static bool touches_previous(const nb_parser *parser)
{
    return parser->at > 0 &&
           parser->tokens->at[parser->at - 1].end == nb_parse_token(parser)->start;
}

/* "!r" after the value of a field. */
static void conversion(nb_parser *parser, const nb_py_node *field)
{
    if (!nb_parse_take(parser, NB_TOK_EXCLAMATION))
        return;
    nb_str letter = nb_parse_text(parser, parser->at);
    if (parser->kind != NB_TOK_NAME)
        nb_parse_fail(parser, "f-string: missing conversion character");
    else if (!touches_previous(parser))
        nb_parse_fail(parser, "f-string: the conversion must come right after the '!'");
    else if (letter.len != 1 || !strchr("sra", letter.at[0]))
        nb_parse_fail(parser,
                      "f-string: invalid conversion character '" NB_STR_FMT
                      "': expected 's', 'r' or 'a'",
                      NB_STR_ARG(letter));
    nb_parse_next(parser);
    if (!parser->failed && !touches_previous(parser))
        nb_parse_needs(parser, field, 12, "f-string: a blank after the conversion");
}

static bool field_value_missing(nb_tok kind)
{
    return kind == NB_TOK_RBRACE || kind == NB_TOK_EXCLAMATION || kind == NB_TOK_FORMAT ||
           kind == NB_TOK_EQUAL;
}

/* Before 3.12 a field was parsed as if in parentheses, so that a generator could stand there bare. */
static nb_py_node *field_value(nb_parser *parser)
{
    size_t start = parser->at;
    nb_py_node *value = nb_parse_value(parser);
    if (parser->minor >= 12 || !nb_parse_at_clause(parser))
        return value;
    nb_py_node *generator = nb_parse_node(parser, NB_PY_GENERATOR, start);
    nb_parse_add(parser, generator, value, NB_PY_FIELD_ELEMENT);
    nb_parse_clauses(parser, generator);
    return nb_parse_done(parser, generator);
}

static nb_py_node *interpolation(nb_parser *parser)
{
    nb_py_node *node = nb_parse_node(parser, NB_PY_INTERPOLATION, parser->at);
    nb_parse_enter(parser);
    nb_parse_next(parser);
    if (field_value_missing(parser->kind))
        nb_parse_fail(parser, "f-string: valid expression required before '" NB_STR_FMT "'",
                      NB_STR_ARG(nb_parse_text(parser, parser->at)));
    if (parser->kind == NB_TOK_LAMBDA)
        nb_parse_fail(parser, "f-string: lambda expressions are not allowed without parentheses");
    nb_parse_add(parser, node, field_value(parser), NB_PY_FIELD_VALUE);
    (void)nb_parse_take(parser, NB_TOK_EQUAL);
    conversion(parser, node);
    if (nb_parse_take(parser, NB_TOK_FORMAT))
        while (parser->kind == NB_TOK_LBRACE)
            nb_parse_add(parser, node, interpolation(parser), NB_PY_FIELD_NONE);
    if (parser->kind != NB_TOK_RBRACE)
        nb_parse_fail(parser, "f-string: expecting '}'");
    nb_parse_next(parser);
    nb_parse_leave(parser);
    return nb_parse_done(parser, node);
}

/* One literal; its fields become children of the node. */
static void literal(nb_parser *parser, nb_py_node *node)
{
    if (nb_parse_take(parser, NB_TOK_STRING))
        return;
    nb_parse_next(parser);
    while (parser->kind == NB_TOK_LBRACE)
        nb_parse_add(parser, node, interpolation(parser), NB_PY_FIELD_NONE);
    if (parser->kind != NB_TOK_FSTRING_END)
        nb_parse_fail_here(parser);
    nb_parse_next(parser);
}

nb_py_node *nb_parse_strings(nb_parser *parser)
{
    nb_py_node *node = nb_parse_node(parser, NB_PY_STRING, parser->at);
    unsigned count = 0, all = 0xff, any = 0;
    for (; parser->kind == NB_TOK_STRING || parser->kind == NB_TOK_FSTRING_START; count++) {
        unsigned flags = nb_parse_token(parser)->string_flags;
        all &= flags;
        any |= flags;
        literal(parser, node);
    }
    nb_parse_done(parser, node);
    node->string_flags = (uint8_t)(any | (count > 1 ? NB_PY_STRING_JOINED : 0));
    if ((any ^ all) & NB_PY_STRING_BYTES)
        nb_parse_report(parser, node, "cannot mix bytes and nonbytes literals");
    else if ((any ^ all) & NB_PY_STRING_TEMPLATE)
        nb_parse_report(parser, node, "cannot mix t-string literals with string or bytes literals");
    return node;
}
