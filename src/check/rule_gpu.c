#include "check/rule.h"

#include "py/facts.h"

/* "cuda" written into the code of a notebook that never asks whether there is a GPU. One finding a notebook. */

static bool asks_for_gpu(const nb_analysis *a)
{
    static const char *const questions[] = {"is_available", "device_count", "current_accelerator",
                                            "list_physical_devices"};
    for (size_t i = 0; i < a->sites->calls.list.count; i++)
        for (size_t k = 0; k < NB_LEN(questions); k++)
            if (nb_str_eqz(a->sites->calls.list.at[i].method, questions[k]))
                return true;
    return false;
}

/* "cuda", "cuda:0" as a device; "GPU" and "gpu_hist" of the boosting libraries. */
static bool names_gpu(nb_arena *arena, const nb_site *site)
{
    const nb_py_node *parent = site->node->parent;
    const nb_py_tree *tree = site->statement->cell->tree;
    nb_literal literal;
    if (!nb_sites_text(arena, site->statement, site->node, &literal))
        return false;
    bool cuda = nb_str_eqz(literal.text, "cuda") || nb_str_starts(literal.text, NB_STR("cuda:"));
    if (parent->kind == NB_PY_KEYWORD) {
        nb_str keyword = nb_py_text(tree, parent->child);
        return (cuda && nb_str_eqz(keyword, "device")) ||
               (nb_str_eqz(keyword, "task_type") && nb_str_eqz(literal.text, "GPU")) ||
               (nb_str_eqz(keyword, "tree_method") && nb_str_eqz(literal.text, "gpu_hist"));
    }
    if (parent->kind == NB_PY_CALL) {
        nb_str method = nb_py_call_method(tree, parent);
        return cuda && (nb_str_eqz(method, "device") || nb_str_eqz(method, "to"));
    }
    return cuda && parent->kind == NB_PY_ASSIGN &&
           nb_str_contains(nb_str_lower(arena, nb_py_text(tree, parent->child)), NB_STR("dev"));
}

static bool is_found(const nb_analysis *a, const nb_site *site)
{
    return site->exported && nb_statement_feeds_train(site->statement) &&
           site->node->parent->kind != NB_PY_PARAMETER &&
           !nb_sites_is_conditional(site->node, site->statement->node) &&
           nb_sites_runs(a->graph, site);
}

static void tell(const nb_analysis *a, const nb_site *site)
{
    nb_diag *diag = nb_diag_add(
        a->diags, NB_D_GPU_ONLY,
        nb_source_spot(a->source, site->statement->cell, site->node->start, site->node->end),
        "this fails on a machine without a GPU, and nothing asks for one");
    nb_diag_help(
        a->diags, diag, "%s",
        site->node->kind == NB_PY_CALL || a->found->frameworks[NB_FRAMEWORK_TORCH]
            ? "write device = \"cuda\" if torch.cuda.is_available() else \"cpu\" and use it"
            : "make the device a hyperparameter");
}

void nb_rule_gpu(const nb_analysis *a)
{
    if (asks_for_gpu(a))
        return;
    for (size_t i = 0; i < a->sites->calls.list.count; i++) {
        const nb_site *call = &a->sites->calls.list.at[i];
        bool plain = nb_str_eqz(call->method, "cuda") && call->name.len != call->method.len;
        if (plain && is_found(a, call)) {
            tell(a, call);
            return;
        }
    }
    for (size_t i = 0; i < a->sites->strings.list.count; i++) {
        const nb_site *site = &a->sites->strings.list.at[i];
        if (site->exported && names_gpu(a->arena, site) && is_found(a, site)) {
            tell(a, site);
            return;
        }
    }
}
