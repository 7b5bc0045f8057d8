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
} signature;

static signature signature_of(const nb_statement *s)
{
    signature sig = {0};
    const nb_py_node *parameters = nb_py_get(s->node, NB_PY_FIELD_PARAMETERS);
    for (const nb_py_node *p = parameters ? parameters->child : NULL; p; p = p->next) {
        sig.any |= p->param == NB_PY_PARAM_ARGS;
        if (p->param != NB_PY_PARAM_PLAIN && p->param != NB_PY_PARAM_POSITIONAL_ONLY)
            continue;
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
                                "'%s' takes %u parameter%s; serving containers pass %u",
                                handlers[which].name, sig.most, sig.most == 1 ? "" : "s", wanted);
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

static void find_predict_call(const nb_graph *graph, const nb_predict_call *call, nb_inference *out)
{
    if (!call->function || out->handler[NB_HANDLER_PREDICT])
        return;
    nb_str name = function_name(call->function);
    if (is_coroutine(graph, call->function, name))
        return;
    out->predict_call = call->text;
    if (call->text.len > 0)
        return;
    nb_diag *diag = nb_diag_add(graph->source->diags, NB_D_HANDLER_SIGNATURE,
                                nb_statement_spot(graph->source, call->function),
                                "cannot tell what to pass to '" NB_STR_FMT "'%s" NB_STR_FMT "%s",
                                NB_STR_ARG(name), call->unknown.len > 0 ? " as '" : "",
                                NB_STR_ARG(call->unknown), call->unknown.len > 0 ? "'" : "");
    nb_diag_help(graph->source->diags, diag,
                 "write def " NB_STR_FMT "(data) or def " NB_STR_FMT
                 "(model, data); further parameters take the names of variables of the notebook",
                 NB_STR_ARG(name), NB_STR_ARG(name));
}

void nb_handlers_find(const nb_graph *graph, const nb_predict_call *predict, nb_inference *out)
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
    find_predict_call(graph, predict, out);
}
