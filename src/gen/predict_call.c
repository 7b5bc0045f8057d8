#include "gen/predict_call.h"

#include "py/facts.h"

/* --- what names say ---------------------------------------------------------------------------------------------- */

static bool is_model_parameter(nb_str name)
{
    static const char *const names[] = {"model",     "clf",     "classifier", "regressor",
                                        "estimator", "net",     "network",    "pipeline",
                                        "pipe",      "booster", "m"};
    for (size_t i = 0; i < NB_LEN(names); i++)
        if (nb_str_eqz(name, names[i]))
            return true;
    return false;
}

static bool is_data_parameter(nb_str name)
{
    static const char *const names[] = {
        "data",  "x",      "X",       "inputs",     "input",   "instances", "features", "df",
        "batch", "sample", "samples", "input_data", "text",    "texts",     "image",    "images",
        "row",   "rows",   "payload", "values",     "example", "examples"};
    for (size_t i = 0; i < NB_LEN(names); i++)
        if (nb_str_eqz(name, names[i]))
            return true;
    return false;
}

/* Variables of training that no request is answered with. */
static bool is_training_data(nb_str name)
{
    static const char *const names[] = {"y", "Y", "labels", "label", "targets", "target", "model"};
    static const char *const starts[] = {"X_", "x_", "y_", "Y_", "train_", "test_", "df_"};
    static const char *const ends[] = {"_train", "_test", "_val", "_valid", "_df", "_data"};
    for (size_t i = 0; i < NB_LEN(names); i++)
        if (nb_str_eqz(name, names[i]))
            return true;
    for (size_t i = 0; i < NB_LEN(starts); i++)
        if (nb_str_starts(name, nb_str_from(starts[i])))
            return true;
    for (size_t i = 0; i < NB_LEN(ends); i++)
        if (nb_str_ends(name, nb_str_from(ends[i])))
            return true;
    return is_data_parameter(name);
}

/* --- parameters --------------------------------------------------------------------------------------------------- */

typedef enum role { UNKNOWN, IS_DATA, IS_MODEL, IS_STATE } role;

enum { MOST_PARAMETERS = 16 };

typedef struct binding {
    const nb_graph *graph;
    const nb_findings *found;
    const nb_py_parameter *at[MOST_PARAMETERS];
    role roles[MOST_PARAMETERS];
    size_t count;
} binding;

static nb_str function_name(const nb_statement *s)
{
    if (s->node->kind != NB_PY_FUNCTION)
        return NB_STR("");
    return nb_py_text(s->cell->tree, nb_py_get(s->node, NB_PY_FIELD_NAME));
}

static const nb_py_node *first_parameter(const nb_statement *s)
{
    const nb_py_node *parameters = nb_py_get(s->node, NB_PY_FIELD_PARAMETERS);
    return parameters ? parameters->child : NULL;
}

/* Does the notebook assign or define the name, so that inference.py can have it? */
static bool is_of_notebook(const binding *b, nb_str name)
{
    const nb_name *row = nb_graph_name(b->graph, name);
    if (!row || is_training_data(name))
        return false;
    for (size_t i = 0; i < row->binders.count; i++)
        if (!nb_statement_is_import(row->binders.at[i]))
            return true;
    return row->inference_binders.count > 0;
}

static size_t count_of(const binding *b, role wanted, size_t *first)
{
    size_t count = 0;
    for (size_t i = b->count; i > 0; i--)
        if (b->roles[i - 1] == wanted) {
            *first = i - 1;
            count++;
        }
    return count;
}

/* One parameter is the model: the one with its very name, else the only one that is named like a model. */
static bool bind_model(binding *b)
{
    size_t first = 0, count;
    for (size_t i = 0; i < b->count; i++)
        if (nb_str_eq(b->at[i]->name, b->found->model_name)) {
            b->roles[i] = IS_MODEL;
            return true;
        }
    for (size_t i = 0; i < b->count; i++)
        if (is_model_parameter(b->at[i]->name) && !is_of_notebook(b, b->at[i]->name))
            b->roles[i] = IS_MODEL;
    count = count_of(b, IS_MODEL, &first);
    for (size_t i = 0; count == 0 && i < b->count; i++)
        if (is_model_parameter(b->at[i]->name)) {
            b->roles[i] = IS_MODEL;
            count++;
        }
    return count <= 1;
}

/* What is sent: the first that is named like data, else the only one that is no name of the notebook, else the first. */
static bool bind_data(binding *b)
{
    size_t foreign = 0, at = 0;
    for (size_t i = 0; i < b->count; i++)
        if (b->roles[i] == UNKNOWN && is_data_parameter(b->at[i]->name)) {
            b->roles[i] = IS_DATA;
            return true;
        }
    for (size_t i = 0; i < b->count; i++)
        if (b->roles[i] == UNKNOWN && !is_of_notebook(b, b->at[i]->name)) {
            at = i;
            foreign++;
        }
    if (foreign > 1 || (foreign == 0 && count_of(b, UNKNOWN, &at) == 0))
        return false;
    b->roles[at] = IS_DATA;
    return true;
}

/* What is left over: names of the notebook; one that is not may be the model under a name that does not say so. */
static bool bind_state(binding *b)
{
    size_t unused, left = 0, unbound = 0;
    for (size_t i = 0; i < b->count; i++)
        if (b->roles[i] == UNKNOWN && is_of_notebook(b, b->at[i]->name))
            b->roles[i] = IS_STATE;
    unbound = count_of(b, UNKNOWN, &left);
    if (unbound == 1 && count_of(b, IS_MODEL, &unused) == 0) {
        b->roles[left] = IS_MODEL;
        return true;
    }
    return unbound == 0;
}

static bool bind(binding *b, nb_str *unknown)
{
    size_t at = 0;
    if (b->count == 1) {
        b->roles[0] = IS_DATA;
        return true;
    }
    if (b->count == 0 || !bind_model(b))
        return false;
    bool bound = bind_data(b) && bind_state(b);
    if (!bound && count_of(b, UNKNOWN, &at) > 0)
        *unknown = b->at[at]->name;
    return bound;
}

/* Those that a call must bind; false when there are too many to be true. */
static bool required_of(binding *b, const nb_py_parameters *parameters)
{
    for (size_t i = 0; i < parameters->list.count; i++) {
        const nb_py_parameter *p = &parameters->list.at[i];
        if (p->has_default || p->sort == NB_PY_PARAM_ARGS || p->sort == NB_PY_PARAM_KWARGS)
            continue;
        if (b->count == MOST_PARAMETERS)
            return false;
        b->at[b->count++] = p;
    }
    return true;
}

static nb_str argument(const binding *b, size_t i)
{
    switch (b->roles[i]) {
    case IS_DATA: return NB_STR("data");
    case IS_MODEL: return NB_STR("model");
    case IS_STATE:
    case UNKNOWN: break;
    }
    return b->at[i]->name;
}

/* --- the call ------------------------------------------------------------------------------------------------------- */

static nb_predict_call call_of(const nb_graph *graph, const nb_findings *found,
                               const nb_statement *s)
{
    nb_arena *arena = graph->source->arena;
    nb_predict_call call = {.function = s};
    binding b = {.graph = graph, .found = found};
    nb_py_parameters parameters = nb_py_parameters_of(arena, s->cell->tree, s->node);
    if (!required_of(&b, &parameters) || !bind(&b, &call.unknown))
        return call;
    call.text = nb_arena_printf(arena, NB_STR_FMT "(", NB_STR_ARG(function_name(s)));
    for (size_t i = 0; i < b.count; i++) {
        nb_str keyword = b.at[i]->sort == NB_PY_PARAM_KEYWORD_ONLY ? b.at[i]->name : NB_STR("");
        nb_str value = argument(&b, i);
        call.text = nb_arena_printf(arena, NB_STR_FMT "%s" NB_STR_FMT "%s" NB_STR_FMT,
                                    NB_STR_ARG(call.text), i ? ", " : "", NB_STR_ARG(keyword),
                                    keyword.len ? "=" : "", NB_STR_ARG(value));
        if (b.roles[i] == IS_STATE)
            nb_vec_push(arena, &call.state, value);
    }
    call.text = nb_str_concat(arena, call.text, NB_STR(")"));
    return call;
}

/* predict_rating(review, …) and predictRating(…), not prediction_client(). */
static bool is_sort_of_predict(const nb_statement *s)
{
    nb_str name = function_name(s), rest = nb_str_from_at(name, strlen("predict"));
    bool word = rest.len > 0 && (rest.at[0] == '_' || (rest.at[0] >= 'A' && rest.at[0] <= 'Z'));
    if (!nb_str_starts(name, NB_STR("predict")) || !word)
        return false;
    for (const nb_py_node *p = first_parameter(s); p; p = p->next)
        if (p->param != NB_PY_PARAM_KWARGS)
            return true;
    return false;
}

static bool has_handler(const nb_graph *graph)
{
    for (size_t i = 0; i < graph->inference.count; i++)
        if (nb_str_eqz(function_name(graph->inference.at[i]), "predict_fn"))
            return true;
    return false;
}

nb_predict_call nb_predict_call_find(const nb_graph *graph, const nb_findings *found)
{
    nb_predict_call first = {0};
    static const char *const names[] = {
        "predict",         "inference",   "infer",    "run_inference",
        "make_prediction", "predict_one", "classify", "score"};
    if (has_handler(graph))
        return first;
    for (size_t n = 0; n < NB_LEN(names); n++)
        for (size_t i = 0; i < graph->inference.count; i++)
            if (nb_str_eqz(function_name(graph->inference.at[i]), names[n]))
                return call_of(graph, found, graph->inference.at[i]);
    for (size_t i = 0; i < graph->inference.count; i++) {
        const nb_statement *s = graph->inference.at[i];
        if (!is_sort_of_predict(s))
            continue;
        nb_predict_call call = call_of(graph, found, s);
        if (call.text.len > 0)
            return call;
        first = first.function ? first : call;
    }
    return first;
}
