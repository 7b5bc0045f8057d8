#include "gen/find.h"

#include "gen/expression.h"
#include "gen/find_entry.h"
#include "gen/find_model.h"
#include "py/facts.h"

static const struct {
    const char *name;
    const char *modules[4]; /* top-level names that tell the framework */
} frameworks[NB_FRAMEWORK_COUNT] = {
    [NB_FRAMEWORK_SKLEARN] = {"sklearn",     {"sklearn", "imblearn"}                                   },
    [NB_FRAMEWORK_XGBOOST] = {"xgboost",     {"xgboost"}                                               },
    [NB_FRAMEWORK_LIGHTGBM] = {"lightgbm",    {"lightgbm"}                                              },
    [NB_FRAMEWORK_CATBOOST] = {"catboost",    {"catboost"}                                              },
    [NB_FRAMEWORK_TORCH] = {"torch",       {"torch", "torchvision", "pytorch_lightning", "lightning"}},
    [NB_FRAMEWORK_KERAS] = {"keras",       {"keras", "tensorflow", "tf_keras"}                       },
    [NB_FRAMEWORK_TENSORFLOW] = {"tensorflow",  {"tensorflow", "tf_keras"}                                },
    [NB_FRAMEWORK_STATSMODELS] = {"statsmodels", {"statsmodels"}                                           },
};

const char *nb_framework_name(nb_framework framework)
{
    return frameworks[framework].name;
}

/* --- frameworks ------------------------------------------------------------------------------------------ */

static void note_module(nb_findings *found, nb_str dotted)
{
    nb_str top;
    (void)nb_str_split(&dotted, '.', &top);
    for (nb_framework f = 0; f < NB_FRAMEWORK_COUNT; f++)
        for (size_t i = 0; i < NB_LEN(frameworks[f].modules) && frameworks[f].modules[i]; i++)
            found->frameworks[f] |= nb_str_eqz(top, frameworks[f].modules[i]);
}

static void find_frameworks(const nb_graph *graph, nb_str configured, nb_findings *found)
{
    for (size_t i = 0; i < graph->train.count; i++) {
        const nb_statement *s = graph->train.at[i];
        for (const nb_py_node *n = s->node; n; n = nb_py_next(s->node, n, false)) {
            if (n->kind == NB_PY_IMPORT_FROM && nb_py_get(n, NB_PY_FIELD_MODULE))
                note_module(found, nb_py_text(s->cell->tree, nb_py_get(n, NB_PY_FIELD_MODULE)));
            else if (n->kind == NB_PY_ALIAS && n->parent->kind == NB_PY_IMPORT)
                note_module(found, nb_py_text(s->cell->tree, n->child));
        }
    }
    for (nb_framework f = 0; f < NB_FRAMEWORK_COUNT; f++)
        found->frameworks[f] |= nb_str_eqz(configured, frameworks[f].name);
}

/* --- metrics ---------------------------------------------------------------------------------------------- */

/* Functions whose results are metrics, by the last part of their name. */
static const char *const metric_functions[] = {
    "accuracy_score",
    "balanced_accuracy_score",
    "precision_score",
    "recall_score",
    "f1_score",
    "fbeta_score",
    "roc_auc_score",
    "average_precision_score",
    "log_loss",
    "matthews_corrcoef",
    "cohen_kappa_score",
    "jaccard_score",
    "hamming_loss",
    "zero_one_loss",
    "brier_score_loss",
    "mean_squared_error",
    "mean_absolute_error",
    "root_mean_squared_error",
    "mean_squared_log_error",
    "median_absolute_error",
    "mean_absolute_percentage_error",
    "r2_score",
    "explained_variance_score",
    "max_error",
    "mean_poisson_deviance",
    "mean_gamma_deviance",
    "d2_tweedie_score",
    "silhouette_score",
    "adjusted_rand_score",
    "adjusted_mutual_info_score",
    "normalized_mutual_info_score",
    "homogeneity_score",
    "completeness_score",
    "v_measure_score",
    "calinski_harabasz_score",
    "davies_bouldin_score",
    "ndcg_score",
    "top_k_accuracy_score",
    "score",
    "evaluate",
};

static bool is_metric_function(nb_str name)
{
    for (size_t i = 0; i < NB_LEN(metric_functions); i++)
        if (nb_str_eqz(name, metric_functions[i]))
            return true;
    return false;
}

static bool calls_metric(const nb_py_tree *tree, const nb_py_node *value)
{
    for (const nb_py_node *n = value; n; n = nb_py_next(value, n, n->kind == NB_PY_LAMBDA)) {
        if (n->kind != NB_PY_CALL)
            continue;
        if (is_metric_function(nb_py_call_method(tree, n)))
            return true;
    }
    return false;
}

static void add_metric(nb_arena *arena, nb_findings *found, nb_str name, nb_str expression)
{
    for (size_t i = 0; i < found->metrics.count; i++)
        if (nb_str_eq(found->metrics.at[i].name, name))
            return;
    nb_vec_push(arena, &found->metrics, (nb_found_metric){name, expression});
}

/* loss, acc = model.evaluate(x, y): each name is one. */
static void add_targets(const nb_graph *graph, const nb_statement *s, const nb_py_node *target,
                        nb_findings *found)
{
    if (target->kind == NB_PY_NAME) {
        nb_str name = nb_py_text(s->cell->tree, target);
        if (!nb_str_eqz(name, "_"))
            add_metric(graph->source->arena, found, name, name);
    } else if (target->kind == NB_PY_TUPLE || target->kind == NB_PY_LIST) {
        for (const nb_py_node *element = target->child; element; element = element->next)
            add_targets(graph, s, element, found);
    }
}

static bool check_metric(const nb_source *source, const nb_metric *metric)
{
    nb_str key = nb_arena_printf(source->arena, "metrics." NB_STR_FMT, NB_STR_ARG(metric->name));
    return nb_expression_check(source, metric->expression, key,
                               nb_spot_of_place(metric->place, metric->name));
}

static void find_metrics(const nb_graph *graph, const nb_experiment *experiment, nb_findings *found)
{
    for (size_t i = 0; i < experiment->metric_count; i++)
        if (check_metric(graph->source, &experiment->metrics[i]))
            add_metric(graph->source->arena, found, experiment->metrics[i].name,
                       experiment->metrics[i].expression);
    for (size_t i = 0; i < graph->train.count; i++) {
        const nb_statement *s = graph->train.at[i];
        const nb_py_node *value =
            s->node->kind == NB_PY_ASSIGN ? nb_py_get(s->node, NB_PY_FIELD_VALUE) : NULL;
        if (!value || s->role != NB_ROLE_ACTION || !calls_metric(s->cell->tree, value))
            continue;
        for (const nb_py_node *t = s->node->child; t && t->field == NB_PY_FIELD_TARGET; t = t->next)
            add_targets(graph, s, t, found);
    }
}

/* --- MLflow of the notebook's own --------------------------------------------------------------------------- */

static void find_own_mlflow(const nb_graph *graph, nb_findings *found)
{
    nb_arena *arena = graph->source->arena;
    for (size_t i = 0; i < graph->train.count; i++) {
        const nb_statement *s = graph->train.at[i];
        for (const nb_py_node *n = s->node; n; n = nb_py_next(s->node, n, false)) {
            if (n->kind != NB_PY_CALL ||
                !nb_str_eqz(nb_py_call_name(arena, s->cell->tree, n), "mlflow.start_run"))
                continue;
            if (!found->own_mlflow)
                nb_diag_add(
                    graph->source->diags, NB_D_OWN_MLFLOW,
                    nb_source_spot(graph->source, s->cell, n->start, n->end),
                    "the notebook starts its own MLflow run: the generated code opens none beside it");
            found->own_mlflow = true;
        }
    }
}

nb_findings nb_find(const nb_graph *graph, const nb_sites *sites, const nb_params *params,
                    const nb_experiment *experiment)
{
    nb_findings found = {0};
    find_frameworks(graph, experiment->framework, &found);
    nb_find_entry(graph, params, experiment, &found);
    nb_find_model(graph, sites, experiment, &found);
    find_metrics(graph, experiment, &found);
    find_own_mlflow(graph, &found);
    return found;
}
