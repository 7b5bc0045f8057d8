#include "py/syntax.h"

#include "py/check.h"
#include "py/syntax_parse.h"

enum { DEFAULT_MINOR = 11, MAX_TEXT = 1 << 30 };

static void parse_module(nb_parser *parser, nb_py_node *module)
{
    nb_parse_statements(parser, module);
    while (nb_parse_take(parser, NB_TOK_DEDENT)) /* of a block that an error took away */
        nb_parse_statements(parser, module);
    module->start = 0;
    module->end = (uint32_t)parser->tree->text.len;
    module->line = 1;
}

/* In order of place; the few there are come nearly sorted. */
static void sort_errors(nb_py_tree *tree)
{
    for (size_t i = 1; i < tree->errors.count; i++) {
        nb_py_error error = tree->errors.at[i];
        size_t at = i;
        for (; at > 0 && tree->errors.at[at - 1].start > error.start; at--)
            tree->errors.at[at] = tree->errors.at[at - 1];
        tree->errors.at[at] = error;
    }
}

/* The part of the text that can be Python at all, with an error for the rest. */
static nb_str readable(nb_arena *arena, nb_py_tree *tree, nb_str text)
{
    nb_py_error error = {.line = 1};
    ptrdiff_t nul = nb_str_find_char(text, '\0');
    if (text.len > MAX_TEXT) {
        error.message = NB_STR("the text is larger than 1 GiB");
        nb_py_tree_error(arena, tree, error);
        return nb_str_slice(text, 0, 0);
    }
    if (nul < 0)
        return text;
    for (ptrdiff_t i = 0; i < nul; i++)
        error.line += text.at[i] == '\n';
    error.start = error.end = (uint32_t)nul;
    error.message = NB_STR("source code cannot contain null bytes");
    nb_py_tree_error(arena, tree, error);
    return nb_str_slice(text, 0, (size_t)nul);
}

const nb_py_tree *nb_py_parse(nb_arena *arena, nb_str text, const nb_py_options *options)
{
    nb_py_options wanted = options ? *options : (nb_py_options){0};
    if (wanted.minor == 0)
        wanted.minor = DEFAULT_MINOR;
    nb_py_tree *tree = NB_NEW(arena, nb_py_tree);
    NB_AUTO(nb_tokens) tokens = {0};
    nb_parser parser = {.arena = arena, .tree = tree, .tokens = &tokens, .minor = wanted.minor};
    tree->text = readable(arena, tree, text);
    nb_tokens_read(arena, tree, wanted.minor, &tokens);
    parser.kind = (nb_tok)tokens.at[0].kind;
    tree->module = nb_parse_node(&parser, NB_PY_MODULE, 0);
    parse_module(&parser, tree->module);
    nb_py_check(arena, tree, &wanted);
    sort_errors(tree);
    return tree;
}

nb_py_node *nb_py_get(const nb_py_node *node, nb_py_field field)
{
    nb_py_node *child = node->child;
    while (child && child->field != field)
        child = child->next;
    return child;
}

const nb_py_node *nb_py_next(const nb_py_node *top, const nb_py_node *node, bool skip)
{
    if (node->child && !skip)
        return node->child;
    while (node != top) {
        if (node->next)
            return node->next;
        node = node->parent;
    }
    return NULL;
}

nb_py_node *nb_py_walk(const nb_py_node *top, nb_py_node *node, bool skip)
{
    return (nb_py_node *)(uintptr_t)nb_py_next(
        top, node, skip); /* all nodes below one that may be changed may be */
}

static bool is_dotted(const nb_py_node *node)
{
    while (node->kind == NB_PY_ATTRIBUTE)
        node = node->child;
    return node->kind == NB_PY_NAME;
}

/* The names of the chain with single dots between them, without blanks, comments and parentheses. */
static nb_str joined(nb_arena *arena, const nb_py_tree *tree, const nb_py_node *node)
{
    if (node->kind == NB_PY_NAME)
        return nb_py_text(tree, node);
    size_t len = 0;
    const nb_py_node *part = node;
    for (; part->kind == NB_PY_ATTRIBUTE; part = part->child)
        len += 1 + nb_py_text(tree, part->last).len;
    len += nb_py_text(tree, part).len;
    char *at = nb_arena_alloc(arena, len + 1);
    size_t end = len;
    for (part = node; part->kind == NB_PY_ATTRIBUTE; part = part->child) {
        nb_str name = nb_py_text(tree, part->last);
        end -= name.len;
        memcpy(at + end, name.at, name.len);
        at[--end] = '.';
    }
    memcpy(at, nb_py_text(tree, part).at, end);
    return (nb_str){at, len};
}

nb_str nb_py_dotted(nb_arena *arena, const nb_py_tree *tree, const nb_py_node *node)
{
    if (!is_dotted(node))
        return (nb_str){0};
    nb_str text = nb_py_text(tree, node);
    for (size_t i = 0; i < text.len; i++)
        if (!nb_is_name(text.at[i]) && text.at[i] != '.')
            return joined(arena, tree, node);
    return text;
}

static bool literal_leaf(const nb_py_node *node)
{
    if (node->kind == NB_PY_STRING)
        return !(node->string_flags & NB_PY_STRING_FORMAT);
    return node->kind == NB_PY_NUMBER || node->kind == NB_PY_CONSTANT;
}

bool nb_py_is_literal(const nb_py_node *node)
{
    nb_py_node *top = (nb_py_node *)(uintptr_t)node; /* the walk gives back what it was given */
    for (nb_py_node *part = top; part; part = nb_py_walk(node, part, false)) {
        bool display = part->kind == NB_PY_TUPLE || part->kind == NB_PY_LIST ||
                       part->kind == NB_PY_SET || part->kind == NB_PY_DICT ||
                       part->kind == NB_PY_PAIR;
        bool sign = part->kind == NB_PY_UNARY && part->child->kind == NB_PY_NUMBER;
        if (!display && !sign && !literal_leaf(part))
            return false;
    }
    return true;
}

const char *nb_py_kind_name(nb_py_kind kind)
{
    static const char *const names[NB_PY_KIND_COUNT] = {
        [NB_PY_MODULE] = "module",
        [NB_PY_EXPR] = "expr",
        [NB_PY_ASSIGN] = "assign",
        [NB_PY_ANN_ASSIGN] = "ann-assign",
        [NB_PY_AUG_ASSIGN] = "aug-assign",
        [NB_PY_IMPORT] = "import",
        [NB_PY_IMPORT_FROM] = "import-from",
        [NB_PY_FUNCTION] = "function",
        [NB_PY_CLASS] = "class",
        [NB_PY_IF] = "if",
        [NB_PY_WHILE] = "while",
        [NB_PY_FOR] = "for",
        [NB_PY_WITH] = "with",
        [NB_PY_TRY] = "try",
        [NB_PY_MATCH] = "match",
        [NB_PY_RETURN] = "return",
        [NB_PY_DELETE] = "delete",
        [NB_PY_RAISE] = "raise",
        [NB_PY_ASSERT] = "assert",
        [NB_PY_GLOBAL] = "global",
        [NB_PY_NONLOCAL] = "nonlocal",
        [NB_PY_PASS] = "pass",
        [NB_PY_BREAK] = "break",
        [NB_PY_CONTINUE] = "continue",
        [NB_PY_TYPE_ALIAS] = "type-alias",
        [NB_PY_BLOCK] = "block",
        [NB_PY_ALIAS] = "alias",
        [NB_PY_STAR_ALIAS] = "star-alias",
        [NB_PY_DOTTED] = "dotted",
        [NB_PY_WITH_ITEM] = "with-item",
        [NB_PY_EXCEPT] = "except",
        [NB_PY_CASE] = "case",
        [NB_PY_PARAMETERS] = "parameters",
        [NB_PY_PARAMETER] = "parameter",
        [NB_PY_TYPE_PARAMS] = "type-params",
        [NB_PY_TYPE_PARAM] = "type-param",
        [NB_PY_KEYWORD] = "keyword",
        [NB_PY_NAME] = "name",
        [NB_PY_NUMBER] = "number",
        [NB_PY_STRING] = "string",
        [NB_PY_CONSTANT] = "constant",
        [NB_PY_ATTRIBUTE] = "attribute",
        [NB_PY_SUBSCRIPT] = "subscript",
        [NB_PY_SLICE] = "slice",
        [NB_PY_CALL] = "call",
        [NB_PY_STARRED] = "starred",
        [NB_PY_DOUBLE_STARRED] = "double-starred",
        [NB_PY_UNARY] = "unary",
        [NB_PY_BINARY] = "binary",
        [NB_PY_BOOL_OP] = "bool-op",
        [NB_PY_COMPARE] = "compare",
        [NB_PY_CONDITIONAL] = "conditional",
        [NB_PY_LAMBDA] = "lambda",
        [NB_PY_TUPLE] = "tuple",
        [NB_PY_LIST] = "list",
        [NB_PY_SET] = "set",
        [NB_PY_DICT] = "dict",
        [NB_PY_PAIR] = "pair",
        [NB_PY_LIST_COMP] = "list-comp",
        [NB_PY_SET_COMP] = "set-comp",
        [NB_PY_GENERATOR] = "generator",
        [NB_PY_DICT_COMP] = "dict-comp",
        [NB_PY_FOR_CLAUSE] = "for-clause",
        [NB_PY_IF_CLAUSE] = "if-clause",
        [NB_PY_WALRUS] = "walrus",
        [NB_PY_AWAIT] = "await",
        [NB_PY_YIELD] = "yield",
        [NB_PY_INTERPOLATION] = "interpolation",
        [NB_PY_PATTERN_CAPTURE] = "pattern-capture",
        [NB_PY_PATTERN] = "pattern",
    };
    return names[kind];
}
