#include "gen/expression.h"

#include "text/utf8.h"

nb_spot nb_spot_of_place(nb_place place, nb_str text)
{
    return (nb_spot){.path = place.path,
                     .line = place.line,
                     .column = place.column,
                     .length = (unsigned)nb_utf8_count(text),
                     .source = place.source};
}

/* What is wrong with the text; empty when it is one expression. */
static nb_str complaint(const nb_source *source, nb_str text)
{
    nb_py_options options = {.minor = source->minor};
    const nb_py_tree *tree = nb_py_parse(source->arena, text, &options);
    if (tree->errors.count > 0)
        return tree->errors.at[0].message;
    const nb_py_node *statement = tree->module->child;
    if (!statement)
        return NB_STR("it is empty");
    if (statement->next || statement->kind != NB_PY_EXPR)
        return NB_STR("it is a statement");
    return NB_STR("");
}

bool nb_expression_check(const nb_source *source, nb_str text, nb_str key, nb_spot spot)
{
    nb_str wrong = complaint(source, text);
    if (wrong.len == 0)
        return true;
    nb_diag *diag = nb_diag_add(source->diags, NB_D_BAD_VALUE, spot,
                                "'" NB_STR_FMT "' must be a Python expression: " NB_STR_FMT,
                                NB_STR_ARG(key), NB_STR_ARG(wrong));
    nb_diag_help(source->diags, diag, "correct it as you would in a cell");
    return false;
}
