#include "py/syntax_parse.h"

static const char *describe_constant(nb_str text)
{
    if (nb_str_eqz(text, "True"))
        return "True";
    if (nb_str_eqz(text, "False"))
        return "False";
    return nb_str_eqz(text, "None") ? "None" : "ellipsis";
}

const char *nb_parse_describe(const nb_parser *parser, const nb_py_node *node)
{
    switch ((unsigned)node->kind) {
    case NB_PY_ATTRIBUTE: return "attribute";
    case NB_PY_SUBSCRIPT: return "subscript";
    case NB_PY_STARRED: return "starred";
    case NB_PY_NAME: return "name";
    case NB_PY_LIST: return "list";
    case NB_PY_TUPLE: return "tuple";
    case NB_PY_LAMBDA: return "lambda";
    case NB_PY_CALL: return "function call";
    case NB_PY_GENERATOR: return "generator expression";
    case NB_PY_YIELD: return "yield expression";
    case NB_PY_AWAIT: return "await expression";
    case NB_PY_LIST_COMP: return "list comprehension";
    case NB_PY_SET_COMP: return "set comprehension";
    case NB_PY_DICT_COMP: return "dict comprehension";
    case NB_PY_DICT: return "dict literal";
    case NB_PY_SET: return "set display";
    case NB_PY_STRING:
        return node->string_flags & NB_PY_STRING_FORMAT ? "f-string expression" : "literal";
    case NB_PY_NUMBER: return "literal";
    case NB_PY_CONSTANT: return describe_constant(nb_py_text(parser->tree, node));
    case NB_PY_COMPARE: return "comparison";
    case NB_PY_CONDITIONAL: return "conditional expression";
    case NB_PY_WALRUS: return "named expression";
    default: return "expression";
    }
}

static bool is_single(const nb_py_node *node)
{
    return node->kind == NB_PY_NAME || node->kind == NB_PY_ATTRIBUTE ||
           node->kind == NB_PY_SUBSCRIPT;
}

static void refuse(nb_parser *parser, const nb_py_node *node, nb_target_use use, bool outermost)
{
    const char *what = nb_parse_describe(parser, node);
    if (use == NB_TARGET_DELETE)
        nb_parse_fail_at(parser, node, "cannot delete %s", what);
    else if (use == NB_TARGET_ASSIGN && outermost && node->kind == NB_PY_YIELD)
        nb_parse_fail_at(parser, node, "assignment to yield expression not possible");
    else if (use == NB_TARGET_ASSIGN && outermost && node->kind != NB_PY_CONSTANT)
        nb_parse_fail_at(parser, node,
                         "cannot assign to %s here; maybe you meant '==' instead of '='?", what);
    else
        nb_parse_fail_at(parser, node, "cannot assign to %s", what);
}

static void check(nb_parser *parser, const nb_py_node *node, nb_target_use use, bool outermost);

static void check_elements(nb_parser *parser, const nb_py_node *list, nb_target_use use)
{
    unsigned before = 0;
    const nb_py_node *star = NULL;
    for (const nb_py_node *node = list->child; node; node = node->next) {
        if (node->kind != NB_PY_STARRED || use == NB_TARGET_DELETE) {
            check(parser, node, use, false);
            before += star == NULL;
            continue;
        }
        if (star)
            nb_parse_report(parser, node, "multiple starred expressions in assignment");
        star = node;
        check(parser, node->child, use, false);
    }
    if (star && before >= 256) /* the argument of UNPACK_EX has a byte for them */
        nb_parse_report(parser, star, "too many expressions in star-unpacking assignment");
}

static void check(nb_parser *parser, const nb_py_node *node, nb_target_use use, bool outermost)
{
    if (is_single(node) || parser->failed)
        return;
    if (node->kind == NB_PY_TUPLE || node->kind == NB_PY_LIST)
        check_elements(parser, node, use);
    else if (node->kind == NB_PY_STARRED && outermost && use != NB_TARGET_DELETE)
        check(parser, node->child, use, false); /* reported where it was parsed */
    else
        refuse(parser, node, use, outermost);
}

void nb_parse_check_target(nb_parser *parser, const nb_py_node *target, nb_target_use use)
{
    const char *what = nb_parse_describe(parser, target);
    if (use == NB_TARGET_AUGMENT) {
        if (!is_single(target))
            nb_parse_fail_at(parser, target,
                             "'%s' is an illegal expression for augmented assignment", what);
    } else if (use == NB_TARGET_ANNOTATE) {
        if (target->kind == NB_PY_TUPLE || target->kind == NB_PY_LIST)
            nb_parse_fail_at(parser, target, "only single target (not %s) can be annotated", what);
        else if (!is_single(target))
            nb_parse_fail_at(parser, target, "illegal target for annotation");
    } else {
        check(parser, target, use, true);
    }
}
