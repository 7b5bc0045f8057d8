#include "gen/handlers.h"

static const struct {
    const char *name;
    unsigned parameters;
    const char *signature;
} handlers[4] = {
    [NB_HANDLER_MODEL] = {"model_fn",   1, "model_fn(model_dir)"          },
    [NB_HANDLER_INPUT] = {"input_fn",   2, "input_fn(body, content_type)" },
    [NB_HANDLER_PREDICT] = {"predict_fn", 2, "predict_fn(data, model)"      },
    [NB_HANDLER_OUTPUT] = {"output_fn",  2, "output_fn(prediction, accept)"},
};

static nb_str function_name(const nb_statement *s)
{
    if (s->node->kind != NB_PY_FUNCTION)
        return NB_STR("");
    return nb_py_text(s->cell->tree, nb_py_get(s->node, NB_PY_FIELD_NAME));
}

typedef struct signature {
    unsigned required, most; /* positional parameters; most counts those with defaults */
    bool any;                /* *args */
    const nb_py_node *first[3];
} signature;

static signature signature_of(const nb_statement *s)
{
    signature sig = {0};
    const nb_py_node *parameters = nb_py_get(s->node, NB_PY_FIELD_PARAMETERS);
    for (const nb_py_node *p = parameters ? parameters->child : NULL; p; p = p->next) {
        sig.any |= p->param == NB_PY_PARAM_ARGS;
        if (p->param != NB_PY_PARAM_PLAIN && p->param != NB_PY_PARAM_POSITIONAL_ONLY)
            continue;
        if (sig.most < NB_LEN(sig.first))
            sig.first[sig.most] = nb_py_get(p, NB_PY_FIELD_NAME);
        sig.most++;
        sig.required += !nb_py_get(p, NB_PY_FIELD_DEFAULT);
    }
    return sig;
}

/* Nobody awaits a handler: what a coroutine function returns would be taken for the predictions. */
static bool is_coroutine(const nb_graph *graph, const nb_statement *s, nb_str name)
{
    if (!s->node->is_async)
        return false;
    nb_diag *diag = nb_diag_add(
        graph->source->diags, NB_D_HANDLER_SIGNATURE, nb_statement_spot(graph->source, s),
        "'" NB_STR_FMT "' is a coroutine, and serving awaits none", NB_STR_ARG(name));
    nb_diag_help(graph->source->diags, diag,
                 "write 'def' without 'async', and run what it awaits with asyncio.run()");
    return true;
}

static void check_handler(const nb_graph *graph, const nb_statement *s, size_t which)
{
    if (is_coroutine(graph, s, nb_str_from(handlers[which].name)))
        return;
    signature sig = signature_of(s);
    unsigned wanted = handlers[which].parameters;
    if (sig.required <= wanted && (sig.any || sig.most >= wanted) && sig.most <= wanted)
        return;
    nb_diag *diag = nb_diag_add(graph->source->diags, NB_D_HANDLER_SIGNATURE,
                                nb_statement_spot(graph->source, s),
                                "'%s' takes %u parameters; serving containers pass %u",
                                handlers[which].name, sig.most, wanted);
    nb_diag_help(graph->source->diags, diag, "write def %s", handlers[which].signature);
}

static void check_reserved(const nb_graph *graph, const nb_statement *s, nb_str name)
{
    static const char *const reserved[] = {"transform_fn", "init", "run"};
    for (size_t i = 0; i < NB_LEN(reserved); i++) {
        if (!nb_str_eqz(name, reserved[i]))
            continue;
        nb_diag *diag = nb_diag_add(
            graph->source->diags, NB_D_RESERVED_HANDLER, nb_statement_spot(graph->source, s),
            "'%s' is a name that serving platforms call themselves", reserved[i]);
        nb_diag_help(graph->source->diags, diag, "rename the function");
    }
}

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

/* predict(model, data), predict(data, model), predict(data): parameters are bound by name, positions decide where names do not. */
static nb_str call_of(const nb_graph *graph, const nb_statement *s, const nb_findings *found)
{
    nb_arena *arena = graph->source->arena;
    signature sig = signature_of(s);
    nb_str name = function_name(s);
    if (sig.required == 0 || sig.required > 2)
        return NB_STR("");
    if (sig.required == 1)
        return nb_arena_printf(arena, NB_STR_FMT "(data)", NB_STR_ARG(name));
    nb_str first = nb_py_text(s->cell->tree, sig.first[0]),
           second = nb_py_text(s->cell->tree, sig.first[1]);
    bool model_first = is_model_parameter(first) || nb_str_eq(first, found->model_name) ||
                       (is_data_parameter(second) && !is_data_parameter(first));
    bool model_second = is_model_parameter(second) || nb_str_eq(second, found->model_name) ||
                        (is_data_parameter(first) && !is_data_parameter(second));
    if (model_first == model_second)
        return NB_STR("");
    return nb_arena_printf(arena, NB_STR_FMT "(%s)", NB_STR_ARG(name),
                           model_first ? "model, data" : "data, model");
}

/* predict_rating(review, …) and predictRating(…), not prediction_client(). */
static bool is_sort_of_predict(const nb_statement *s)
{
    nb_str name = function_name(s), rest = nb_str_from_at(name, strlen("predict"));
    bool word = rest.len > 0 && (rest.at[0] == '_' || (rest.at[0] >= 'A' && rest.at[0] <= 'Z'));
    if (!nb_str_starts(name, NB_STR("predict")) || !word)
        return false;
    signature sig = signature_of(s);
    return sig.most > 0 || sig.any;
}

static const nb_statement *predict_function(const nb_graph *graph, const nb_findings *found)
{
    static const char *const names[] = {
        "predict",         "inference",   "infer",    "run_inference",
        "make_prediction", "predict_one", "classify", "score"};
    for (size_t n = 0; n < NB_LEN(names); n++)
        for (size_t i = 0; i < graph->inference.count; i++)
            if (nb_str_eqz(function_name(graph->inference.at[i]), names[n]))
                return graph->inference.at[i];
    const nb_statement *first = NULL;
    for (size_t i = 0; i < graph->inference.count; i++) {
        const nb_statement *s = graph->inference.at[i];
        if (!is_sort_of_predict(s))
            continue;
        if (call_of(graph, s, found).len > 0)
            return s;
        first = first ? first : s;
    }
    return first;
}

static void find_predict_call(const nb_graph *graph, const nb_findings *found, nb_inference *out)
{
    const nb_statement *predict = predict_function(graph, found);
    if (!predict || out->handler[NB_HANDLER_PREDICT])
        return;
    if (is_coroutine(graph, predict, function_name(predict)))
        return;
    out->predict_call = call_of(graph, predict, found);
    if (out->predict_call.len > 0)
        return;
    nb_diag *diag = nb_diag_add(
        graph->source->diags, NB_D_HANDLER_SIGNATURE, nb_statement_spot(graph->source, predict),
        "cannot tell what to pass to '" NB_STR_FMT "'", NB_STR_ARG(function_name(predict)));
    nb_diag_help(graph->source->diags, diag,
                 "write def " NB_STR_FMT "(data) or def " NB_STR_FMT "(model, data)",
                 NB_STR_ARG(function_name(predict)), NB_STR_ARG(function_name(predict)));
}

void nb_handlers_find(const nb_graph *graph, const nb_findings *found, nb_inference *out)
{
    for (size_t i = 0; i < graph->source->statement_count; i++) {
        const nb_statement *s = &graph->source->statements[i];
        nb_str name = out->included[i] || out->late[i] ? function_name(s) : NB_STR("");
        if (name.len == 0)
            continue;
        check_reserved(graph, s, name);
        for (size_t h = 0; h < NB_LEN(handlers); h++) {
            if (!nb_str_eqz(name, handlers[h].name))
                continue;
            out->handler[h] = true;
            check_handler(graph, s, h);
        }
    }
    find_predict_call(graph, found, out);
}
