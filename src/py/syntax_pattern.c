#include "py/syntax_parse.h"

#include "base/map.h"

static nb_py_node *pattern(nb_parser *parser);

static nb_py_node *sort_of(nb_py_node *node, nb_py_pattern sort)
{
    node->param = (uint8_t)sort;
    return node;
}

static nb_py_node *new_pattern(nb_parser *parser, nb_py_pattern sort, size_t start)
{
    return sort_of(nb_parse_node(parser, NB_PY_PATTERN, start), sort);
}

/* ---- names and values ------------------------------------------------------------------------------------------------ */

/* A name that is bound, or the wildcard. */
static nb_py_node *capture(nb_parser *parser)
{
    bool wildcard = nb_parse_is_word(parser, "_");
    if (parser->kind != NB_TOK_NAME)
        nb_parse_fail_here(parser);
    nb_py_node *node = nb_parse_leaf(parser, wildcard ? NB_PY_PATTERN : NB_PY_PATTERN_CAPTURE);
    return wildcard ? sort_of(node, NB_PY_PATTERN_WILDCARD) : node;
}

static bool is_imaginary(const nb_parser *parser, const nb_py_node *number)
{
    nb_str text = nb_py_text(parser->tree, number);
    return text.len > 0 && (text.at[text.len - 1] | 0x20) == 'j';
}

static nb_py_node *number(nb_parser *parser)
{
    if (parser->kind != NB_TOK_NUMBER)
        nb_parse_fail_here(parser);
    return nb_parse_leaf(parser, NB_PY_NUMBER);
}

static nb_py_node *signed_number(nb_parser *parser)
{
    if (parser->kind != NB_TOK_MINUS)
        return number(parser);
    nb_py_node *node = nb_parse_node(parser, NB_PY_UNARY, parser->at);
    nb_parse_next(parser);
    nb_parse_add(parser, node, number(parser), NB_PY_FIELD_VALUE);
    return nb_parse_done(parser, node);
}

/* A number, or the sum of a real and an imaginary one. */
static nb_py_node *numeric(nb_parser *parser)
{
    size_t start = parser->at;
    nb_py_node *real = signed_number(parser);
    if (parser->kind != NB_TOK_PLUS && parser->kind != NB_TOK_MINUS)
        return real;
    nb_py_node *node = nb_parse_node(parser, NB_PY_BINARY, start);
    nb_parse_add(parser, node, real, NB_PY_FIELD_LEFT);
    nb_parse_next(parser);
    nb_py_node *imaginary = number(parser);
    nb_parse_add(parser, node, imaginary, NB_PY_FIELD_RIGHT);
    if (is_imaginary(parser, real->child ? real->child : real))
        nb_parse_fail_at(parser, real, "real number required in complex literal");
    if (!is_imaginary(parser, imaginary))
        nb_parse_fail_at(parser, imaginary, "imaginary number required in complex literal");
    return nb_parse_done(parser, node);
}

static nb_py_node *dotted_name(nb_parser *parser)
{
    size_t start = parser->at;
    nb_py_node *node = nb_parse_name(parser);
    while (nb_parse_take(parser, NB_TOK_DOT)) {
        nb_py_node *attribute = nb_parse_node(parser, NB_PY_ATTRIBUTE, start);
        nb_parse_add(parser, attribute, node, NB_PY_FIELD_VALUE);
        nb_parse_add(parser, attribute, nb_parse_name(parser), NB_PY_FIELD_NAME);
        node = nb_parse_done(parser, attribute);
    }
    return node;
}

/* A literal as an expression; NULL when none starts here. */
static nb_py_node *literal(nb_parser *parser)
{
    switch ((unsigned)parser->kind) {
    case NB_TOK_NUMBER:
    case NB_TOK_MINUS: return numeric(parser);
    case NB_TOK_TRUE:
    case NB_TOK_FALSE:
    case NB_TOK_NONE: return nb_parse_leaf(parser, NB_PY_CONSTANT);
    case NB_TOK_STRING:
    case NB_TOK_FSTRING_START: {
        nb_py_node *node = nb_parse_strings(parser);
        if (node->string_flags & NB_PY_STRING_FORMAT)
            nb_parse_report(parser, node, "patterns may only match literals and attribute lookups");
        return node;
    }
    default: return NULL;
    }
}

/* ---- sequences, mappings, classes -------------------------------------------------------------------------------------- */

static nb_py_node *maybe_star(nb_parser *parser)
{
    if (!nb_parse_take(parser, NB_TOK_STAR))
        return pattern(parser);
    nb_py_node *node = capture(parser);
    node->star = true;
    return node;
}

static bool is_star(const nb_py_node *node)
{
    return node->star && (node->kind == NB_PY_PATTERN_CAPTURE || node->kind == NB_PY_PATTERN);
}

/* Sub-patterns up to `end`, which is not taken. */
static void sequence(nb_parser *parser, nb_py_node *node, nb_tok end)
{
    bool star = false;
    while (parser->kind != end && !parser->failed) {
        nb_py_node *item = maybe_star(parser);
        if (is_star(item) && star)
            nb_parse_report(parser, item, "multiple starred expressions in sequence pattern");
        star = star || is_star(item);
        nb_parse_add(parser, node, item, NB_PY_FIELD_PATTERN);
        if (!nb_parse_take(parser, NB_TOK_COMMA))
            break;
    }
}

static nb_py_node *list_pattern(nb_parser *parser)
{
    nb_py_node *node = new_pattern(parser, NB_PY_PATTERN_SEQUENCE, parser->at);
    nb_parse_next(parser);
    sequence(parser, node, NB_TOK_RBRACKET);
    nb_parse_expect(parser, NB_TOK_RBRACKET);
    return nb_parse_done(parser, node);
}

/* A pattern in parentheses, or a sequence when there is a comma, a star, or nothing. */
static nb_py_node *group_pattern(nb_parser *parser)
{
    nb_py_node *node = new_pattern(parser, NB_PY_PATTERN_SEQUENCE, parser->at);
    nb_parse_next(parser);
    size_t first = parser->at;
    sequence(parser, node, NB_TOK_RPAREN);
    bool comma = parser->at > first && parser->tokens->at[parser->at - 1].kind == NB_TOK_COMMA;
    nb_parse_expect(parser, NB_TOK_RPAREN);
    nb_py_node *only = node->child;
    if (!only || only->next || comma)
        return nb_parse_done(parser, node);
    if (is_star(only))
        nb_parse_fail_at(parser, only, "invalid syntax");
    only->parens = true;
    return only;
}

static void mapping_item(nb_parser *parser, nb_py_node *node)
{
    if (nb_parse_take(parser, NB_TOK_DOUBLE_STAR)) {
        if (nb_parse_is_word(parser, "_"))
            nb_parse_fail_here(parser);
        nb_py_node *rest = capture(parser);
        rest->star = true;
        nb_parse_add(parser, node, rest, NB_PY_FIELD_PATTERN);
        return;
    }
    nb_py_node *key = literal(parser);
    if (!key) {
        key = dotted_name(parser);
        if (key->kind == NB_PY_NAME)
            nb_parse_fail_here(parser);
    }
    nb_parse_add(parser, node, key, NB_PY_FIELD_KEY);
    if (parser->kind != NB_TOK_COLON)
        nb_parse_fail_here(parser);
    nb_parse_next(parser);
    nb_parse_add(parser, node, pattern(parser), NB_PY_FIELD_PATTERN);
}

static void check_keys(nb_parser *parser, const nb_py_node *node)
{
    nb_map seen = NB_MAP_INIT;
    for (const nb_py_node *key = node->child; key; key = key->next) {
        nb_str text = nb_py_text(parser->tree, key);
        if (key->field != NB_PY_FIELD_KEY || key->kind == NB_PY_ATTRIBUTE)
            continue;
        if (nb_py_string_value(parser->arena, parser->tree, key, &text))
            text = nb_str_concat(parser->arena, NB_STR("\""), text);
        if (!nb_set_add(parser->arena, &seen, text))
            nb_parse_report(parser, key, "mapping pattern checks duplicate key (" NB_STR_FMT ")",
                            NB_STR_ARG(nb_py_text(parser->tree, key)));
    }
}

static nb_py_node *mapping_pattern(nb_parser *parser)
{
    nb_py_node *node = new_pattern(parser, NB_PY_PATTERN_MAPPING, parser->at);
    nb_parse_next(parser);
    while (parser->kind != NB_TOK_RBRACE && !parser->failed) {
        if (node->last && node->last->star)
            nb_parse_fail_here(parser); /* **rest is the last thing */
        mapping_item(parser, node);
        if (!nb_parse_take(parser, NB_TOK_COMMA))
            break;
    }
    nb_parse_expect(parser, NB_TOK_RBRACE);
    if (!parser->failed)
        check_keys(parser, node);
    return nb_parse_done(parser, node);
}

static nb_py_node *class_argument(nb_parser *parser)
{
    if (parser->kind != NB_TOK_NAME || nb_parse_peek(parser) != NB_TOK_EQUAL)
        return pattern(parser);
    nb_py_node *node = nb_parse_node(parser, NB_PY_KEYWORD, parser->at);
    nb_parse_add(parser, node, nb_parse_name(parser), NB_PY_FIELD_NAME);
    nb_parse_next(parser);
    nb_parse_add(parser, node, pattern(parser), NB_PY_FIELD_VALUE);
    return nb_parse_done(parser, node);
}

static nb_py_node *class_pattern(nb_parser *parser, nb_py_node *name, size_t start)
{
    nb_py_node *node = new_pattern(parser, NB_PY_PATTERN_CLASS, start);
    nb_map seen = NB_MAP_INIT;
    nb_parse_add(parser, node, name, NB_PY_FIELD_FUNC);
    nb_parse_next(parser);
    while (parser->kind != NB_TOK_RPAREN && !parser->failed) {
        nb_py_node *item = class_argument(parser);
        if (item->kind == NB_PY_KEYWORD) {
            nb_str text = nb_py_text(parser->tree, item->child);
            if (!nb_set_add(parser->arena, &seen, text))
                nb_parse_report(parser, item,
                                "attribute name repeated in class pattern: " NB_STR_FMT,
                                NB_STR_ARG(text));
        } else if (seen.count > 0) {
            nb_parse_fail_at(parser, item, "positional patterns follow keyword patterns");
        }
        nb_parse_add(parser, node, item, NB_PY_FIELD_PATTERN);
        if (!nb_parse_take(parser, NB_TOK_COMMA))
            break;
    }
    nb_parse_expect(parser, NB_TOK_RPAREN);
    return nb_parse_done(parser, node);
}

/* ---- patterns ----------------------------------------------------------------------------------------------------------- */

static nb_py_node *value_pattern(nb_parser *parser, nb_py_node *value, size_t start)
{
    nb_py_node *node = new_pattern(parser, NB_PY_PATTERN_VALUE, start);
    nb_parse_add(parser, node, value, NB_PY_FIELD_VALUE);
    return nb_parse_done(parser, node);
}

static nb_py_node *closed_pattern(nb_parser *parser)
{
    size_t start = parser->at;
    if (parser->kind == NB_TOK_LPAREN)
        return group_pattern(parser);
    if (parser->kind == NB_TOK_LBRACKET)
        return list_pattern(parser);
    if (parser->kind == NB_TOK_LBRACE)
        return mapping_pattern(parser);
    nb_py_node *value = literal(parser);
    if (value)
        return value_pattern(parser, value, start);
    nb_tok next = nb_parse_peek(parser);
    if (next != NB_TOK_DOT && next != NB_TOK_LPAREN)
        return capture(parser);
    nb_py_node *name = dotted_name(parser);
    return parser->kind == NB_TOK_LPAREN ? class_pattern(parser, name, start)
                                         : value_pattern(parser, name, start);
}

static nb_py_node *or_pattern(nb_parser *parser)
{
    size_t start = parser->at;
    nb_py_node *first = closed_pattern(parser);
    if (parser->kind != NB_TOK_BAR)
        return first;
    nb_py_node *node = new_pattern(parser, NB_PY_PATTERN_OR, start);
    nb_parse_add(parser, node, first, NB_PY_FIELD_PATTERN);
    while (nb_parse_take(parser, NB_TOK_BAR))
        nb_parse_add(parser, node, closed_pattern(parser), NB_PY_FIELD_PATTERN);
    return nb_parse_done(parser, node);
}

static nb_py_node *pattern(nb_parser *parser)
{
    size_t start = parser->at;
    nb_py_node *inner = or_pattern(parser);
    if (!nb_parse_take(parser, NB_TOK_AS))
        return inner;
    if (nb_parse_is_word(parser, "_"))
        nb_parse_fail(parser, "cannot use '_' as a target");
    else if (parser->kind != NB_TOK_NAME)
        nb_parse_fail(parser, "invalid pattern target");
    nb_py_node *node = new_pattern(parser, NB_PY_PATTERN_AS, start);
    nb_parse_add(parser, node, inner, NB_PY_FIELD_PATTERN);
    nb_parse_add(parser, node, capture(parser), NB_PY_FIELD_PATTERN);
    return nb_parse_done(parser, node);
}

/* After "case": also a sequence without brackets. */
static nb_py_node *patterns(nb_parser *parser)
{
    size_t start = parser->at;
    nb_py_node *first = maybe_star(parser);
    if (parser->kind != NB_TOK_COMMA) {
        if (is_star(first))
            nb_parse_fail_here(parser);
        return first;
    }
    nb_py_node *node = new_pattern(parser, NB_PY_PATTERN_SEQUENCE, start);
    parser->at = start;
    parser->kind = (nb_tok)nb_parse_token(parser)->kind;
    sequence(parser, node, NB_TOK_COLON);
    return nb_parse_done(parser, node);
}

/* ---- what a pattern binds ------------------------------------------------------------------------------------------------ */

static void bind(nb_parser *parser, const nb_py_node *node, nb_str name, nb_map *names)
{
    if (!nb_set_add(parser->arena, names, name))
        nb_parse_report(parser, node, "multiple assignments to name '" NB_STR_FMT "' in pattern",
                        NB_STR_ARG(name));
}

static void bindings(nb_parser *parser, const nb_py_node *node, nb_map *names);

/* All alternatives must bind the same names. */
static void or_bindings(nb_parser *parser, const nb_py_node *node, nb_map *names)
{
    nb_map first = NB_MAP_INIT;
    bindings(parser, node->child, &first);
    for (const nb_py_node *other = node->child->next; other; other = other->next) {
        nb_map more = NB_MAP_INIT;
        bindings(parser, other, &more);
        bool same = more.count == first.count;
        for (size_t i = 0; i < first.count; i++)
            same = same && nb_map_has(&more, first.rows[i].key);
        if (!same) {
            nb_parse_report(parser, node, "alternative patterns bind different names");
            break;
        }
    }
    for (size_t i = 0; i < first.count; i++)
        bind(parser, node, first.rows[i].key, names);
}

static void bindings(nb_parser *parser, const nb_py_node *node, nb_map *names)
{
    if (node->kind == NB_PY_PATTERN_CAPTURE) {
        bind(parser, node, nb_py_text(parser->tree, node), names);
        return;
    }
    if (node->kind == NB_PY_PATTERN && node->param == NB_PY_PATTERN_OR) {
        or_bindings(parser, node, names);
        return;
    }
    if (node->kind == NB_PY_PATTERN || node->kind == NB_PY_KEYWORD)
        for (const nb_py_node *child = node->child; child; child = child->next)
            bindings(parser, child, names);
}

/* A pattern that always matches may only come last. */
static void refutable(nb_parser *parser, const nb_py_node *node, bool last)
{
    bool name = node->kind == NB_PY_PATTERN_CAPTURE;
    if (name || node->param == NB_PY_PATTERN_WILDCARD) {
        if (last)
            return;
        nb_str text = nb_py_text(parser->tree, node);
        if (name)
            nb_parse_report(parser, node,
                            "name capture '" NB_STR_FMT "' makes remaining patterns unreachable",
                            NB_STR_ARG(text));
        else
            nb_parse_report(parser, node, "wildcard makes remaining patterns unreachable");
    } else if (node->param == NB_PY_PATTERN_AS) {
        refutable(parser, node->child, last);
    } else if (node->param == NB_PY_PATTERN_OR) {
        for (const nb_py_node *child = node->child; child; child = child->next)
            refutable(parser, child, last && !child->next);
    }
}

static void check_cases(nb_parser *parser, const nb_py_node *match)
{
    for (const nb_py_node *node = match->child; node; node = node->next) {
        const nb_py_node *top = nb_py_get(node, NB_PY_FIELD_PATTERN);
        nb_map names = NB_MAP_INIT;
        if (node->kind != NB_PY_CASE || !top)
            continue;
        bindings(parser, top, &names);
        refutable(parser, top, !node->next || nb_py_get(node, NB_PY_FIELD_GUARD));
    }
}

/* ---- the statement ------------------------------------------------------------------------------------------------------- */

static nb_py_node *case_block(nb_parser *parser)
{
    nb_py_node *node = nb_parse_node(parser, NB_PY_CASE, parser->at);
    nb_parse_next(parser);
    nb_parse_add(parser, node, patterns(parser), NB_PY_FIELD_PATTERN);
    if (nb_parse_take(parser, NB_TOK_IF))
        nb_parse_add(parser, node, nb_parse_named_expression(parser), NB_PY_FIELD_GUARD);
    nb_parse_add(parser, node, nb_parse_block(parser, "'case' statement", node->line),
                 NB_PY_FIELD_BODY);
    return nb_parse_done(parser, node);
}

static void cases(nb_parser *parser, nb_py_node *node)
{
    nb_parse_next(parser); /* : and the end of the line */
    nb_parse_next(parser);
    if (parser->kind != NB_TOK_INDENT)
        nb_parse_fail(parser, "expected an indented block after 'match' statement on line %u",
                      node->line);
    nb_parse_next(parser);
    if (!nb_parse_is_word(parser, "case"))
        nb_parse_fail(parser, "expected 'case'");
    while (nb_parse_is_word(parser, "case"))
        nb_parse_add(parser, node, case_block(parser), NB_PY_FIELD_NONE);
    if (parser->kind != NB_TOK_DEDENT)
        nb_parse_fail_here(parser);
    nb_parse_next(parser);
    nb_parse_done(parser, node);
    nb_parse_needs(parser, node, 10, "the match statement");
    if (!parser->failed)
        check_cases(parser, node);
}

nb_py_node *nb_parse_match(nb_parser *parser)
{
    nb_tok next = nb_parse_peek(parser);
    if (!nb_parse_is_word(parser, "match") ||
        (next != NB_TOK_STAR && !nb_parse_starts_expression(next)))
        return NULL;
    nb_parse_state state = nb_parse_save(parser);
    nb_py_node *node = nb_parse_node(parser, NB_PY_MATCH, parser->at);
    nb_parse_next(parser);
    nb_py_node *subject = nb_parse_star_named_expressions(parser);
    if (parser->kind == NB_TOK_COLON && nb_parse_peek(parser) == NB_TOK_NEWLINE) {
        nb_parse_add(parser, node, subject, NB_PY_FIELD_SUBJECT);
        cases(parser, node);
        return node;
    }
    if (parser->kind == NB_TOK_NEWLINE &&
        (nb_parse_peek(parser) == NB_TOK_INDENT || next == NB_TOK_NAME || next == NB_TOK_STRING))
        nb_parse_expect(parser, NB_TOK_COLON);
    else
        nb_parse_restore(parser, state);
    return parser->failed ? node : NULL;
}
