#include "check/callees.h"
#include "check/rule.h"

#include "py/facts.h"

/* Code that never runs: after return, raise, break, continue and exit() in the same block, and below `if False:`. At the top of a train cell, raise
 * and exit(1) make the training fail: an error. */

static const char *const exits[] = {"sys.exit", "exit", "quit", "os._exit", "os.abort"};

/* How a statement ends its block: "return", "exit()", … ; NULL when it does not. */
static const char *ending(const nb_analysis *a, const nb_py_tree *tree, const nb_py_node *node)
{
    switch ((int)node->kind) {
    case NB_PY_RETURN: return "return";
    case NB_PY_RAISE: return "raise";
    case NB_PY_BREAK: return "break";
    case NB_PY_CONTINUE: return "continue";
    case NB_PY_EXPR: break;
    default: return NULL;
    }
    const nb_py_node *call = node->child;
    if (call->kind != NB_PY_CALL)
        return NULL;
    nb_str name = nb_sites_resolve(a->graph, a->sites, nb_py_call_name(a->arena, tree, call));
    const nb_name *row = nb_graph_name(a->graph, name);
    int found =
        row && row->binders.count > 0 ? -1 : nb_callee_find(name, name, exits, NB_LEN(exits));
    static const char *const words[] = {"sys.exit()", "exit()", "quit()", "os._exit()",
                                        "os.abort()"};
    return found < 0 ? NULL : words[found];
}

/* `return; yield` makes a generator that gives nothing; a string is a comment in the wrong place. */
static bool is_harmless(const nb_py_node *node)
{
    if (node->next || node->kind != NB_PY_EXPR)
        return false;
    return node->child->kind == NB_PY_YIELD || node->child->kind == NB_PY_STRING;
}

static bool is_false(const nb_py_tree *tree, const nb_py_node *test)
{
    nb_str text = nb_py_text(tree, test);
    return nb_str_eqz(text, "False") || nb_str_eqz(text, "0") || nb_str_eqz(text, "None");
}

static void check_block(const nb_analysis *a, const nb_statement *s, const nb_py_node *block)
{
    const nb_py_tree *tree = s->cell->tree;
    for (const nb_py_node *n = block->child; n; n = n->next) {
        const char *word = ending(a, tree, n);
        if (!word || !n->next)
            continue;
        if (is_harmless(n->next))
            return;
        nb_diag *diag =
            nb_diag_add(a->diags, NB_D_UNREACHABLE,
                        nb_source_spot(a->source, s->cell, n->next->start, n->next->end),
                        "this never runs: '%s' on line %u ends the block", word,
                        nb_source_spot(a->source, s->cell, n->start, n->end).line);
        nb_diag_help(a->diags, diag, "delete it, or correct what ends the block before it");
        return;
    }
}

/* `if False:` and `if 0:` switch code off on purpose. */
static void check_switch(const nb_analysis *a, const nb_statement *s, const nb_py_node *node)
{
    const nb_py_node *test = nb_py_get(node, NB_PY_FIELD_TEST);
    if (!is_false(s->cell->tree, test))
        return;
    nb_diag *diag = nb_diag_add(a->diags, NB_D_UNREACHABLE,
                                nb_source_spot(a->source, s->cell, test->start, test->end),
                                "the code below this test never runs");
    diag->severity = NB_SEVERITY_INFO;
}

static void check_statement(const nb_analysis *a, const nb_statement *s)
{
    for (const nb_py_node *n = s->node; n; n = nb_py_next(s->node, n, false)) {
        if (n->kind == NB_PY_BLOCK)
            check_block(a, s, n);
        else if (n->kind == NB_PY_IF || n->kind == NB_PY_WHILE)
            check_switch(a, s, n);
    }
}

/* exit() and exit(0) end a script well: what training made until then is saved. Everything else makes it fail. */
static bool ends_well(const nb_py_tree *tree, const nb_py_node *node, const char *word)
{
    if (node->kind == NB_PY_RAISE)
        return node->child && nb_str_starts(nb_py_text(tree, node->child), NB_STR("SystemExit"));
    const nb_py_node *status = nb_py_get(node->child, NB_PY_FIELD_ARGUMENT);
    bool failure = status && (status->kind == NB_PY_NUMBER || status->kind == NB_PY_STRING) &&
                   !nb_str_eqz(nb_py_text(tree, status), "0");
    return !nb_str_starts(nb_str_from(word), NB_STR("os.")) && !failure;
}

static unsigned actions_after(const nb_graph *graph, const nb_statement *s)
{
    unsigned count = 0;
    for (size_t i = 0; i < graph->train.count; i++)
        count += graph->train.at[i]->index > s->index && graph->train.at[i]->role == NB_ROLE_ACTION;
    return count;
}

/* The first end of the training; what follows it is not told as well. */
static bool check_training(const nb_analysis *a, const nb_statement *s)
{
    const char *word = ending(a, s->cell->tree, s->node);
    if (!word || !nb_statement_feeds_train(s))
        return false;
    bool well = ends_well(s->cell->tree, s->node, word);
    unsigned after = actions_after(a->graph, s);
    if (well && after == 0)
        return true;
    nb_spot spot = nb_statement_spot(a->source, s);
    nb_diag *diag;
    if (well)
        diag = nb_diag_add(a->diags, NB_D_UNREACHABLE, spot,
                           "'%s' ends the training here: %u statement%s below never run%s", word,
                           after, after == 1 ? "" : "s", after == 1 ? "s" : "");
    else
        diag = nb_diag_add(a->diags, NB_D_UNREACHABLE, spot,
                           "'%s' makes the training fail here, before the model is saved", word);
    diag->severity = well ? NB_SEVERITY_WARNING : NB_SEVERITY_ERROR;
    nb_diag_help(a->diags, diag, "delete it, or take the cell's tag away");
    return true;
}

void nb_rule_unreachable(const nb_analysis *a)
{
    bool ended = false;
    for (size_t i = 0; i < a->source->statement_count; i++) {
        const nb_statement *s = &a->source->statements[i];
        if (!nb_statement_feeds_train(s) && !nb_statement_feeds_inference(s))
            continue;
        check_statement(a, s);
        ended = ended || check_training(a, s);
    }
}
