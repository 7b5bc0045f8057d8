/* MLflow's scoring server (`mlflow models serve`): POST /invocations, GET /ping, /health, /version.
 *
 * /invocations is SageMaker's, too. A script is asked as SageMaker does it, and the one we generate understands MLflow's bodies and answers as MLflow
 * does; a model without a script, which MLflow wrote, is asked as MLflow does it, and with --as mlflow everything is.
 */
#include "serve/contract/contract_common.h"

static bool is_mlflows(const nb_front *front)
{
    const nb_version *version = nb_front_main_version(front);
    return nb_front_only(front) == &nb_contract_mlflow ||
           (version && nb_version_is_pyfunc(version));
}

static nb_route route(const nb_front *front, const nb_http_request *request, unsigned *version)
{
    nb_str path = nb_http_path(request);
    *version = 0;
    if (nb_str_eqz(path, "/health"))
        return NB_ROUTE_READY;
    if (nb_str_eqz(path, "/version"))
        return NB_ROUTE_TELL;
    if (nb_contract_is_invocations(front, path))
        return is_mlflows(front) ? NB_ROUTE_PREDICT : NB_ROUTE_NONE;
    return nb_str_eqz(path, "/ping") && is_mlflows(front) ? NB_ROUTE_READY : NB_ROUTE_NONE;
}

static bool check_type(nb_call *call)
{
    nb_str type = nb_http_field(call->request, "Content-Type"), rest = type, name, value;
    while (nb_media_parameter(&rest, &name, &value)) {
        if (!nb_str_eq_nocase(name, NB_STR("charset")))
            nb_contract_refuse(call, 415,
                               "the content type has an unknown parameter '" NB_STR_FMT
                               "'; only charset=utf-8 is known",
                               NB_STR_ARG(name));
        else if (!nb_str_eq_nocase(value, NB_STR("utf-8")))
            nb_contract_refuse(call, 415, "the charset is '" NB_STR_FMT "'; only UTF-8 is read",
                               NB_STR_ARG(value));
    }
    if (type.len > 0 && !nb_media_is(type, "application/json") && !nb_media_is(type, "text/csv"))
        nb_contract_refuse(call, 415,
                           "cannot read '" NB_STR_FMT "'; send application/json or text/csv",
                           NB_STR_ARG(type));
    return call->status == 0;
}

static const char wants[] = "it must have exactly one of 'dataframe_split', 'dataframe_records', "
                            "'instances' and 'inputs', or be a request to a language model with "
                            "'messages', 'prompt' or 'input'";

/* The body's form. What a language model is sent is passed on, and its answer is not wrapped. */
static bool check_body(nb_call *call)
{
    enum { TABLES = 4 };
    nb_contract_member members[] = {
        {.name = "dataframe_split",   .kind = NB_JSON_END},
        {.name = "dataframe_records", .kind = NB_JSON_END},
        {.name = "instances",         .kind = NB_JSON_END},
        {.name = "inputs",            .kind = NB_JSON_END},
        {.name = "messages",          .kind = NB_JSON_END},
        {.name = "prompt",            .kind = NB_JSON_END},
        {.name = "input",             .kind = NB_JSON_END},
    };
    size_t tables = 0, texts = 0;
    if (!nb_contract_find(call, members, NB_LEN(members), wants))
        return false;
    for (size_t i = 0; i < NB_LEN(members); i++)
        if (members[i].kind != NB_JSON_END)
            (*(i < TABLES ? &tables : &texts))++;
    if (tables > 1 || (tables == 0 && texts == 0)) {
        nb_contract_refuse(call, 400, "the body has %s of the forms; %s",
                           tables > 1 ? "several" : "none", wants);
        return false;
    }
    call->contract_state = texts > 0 ? call : NULL; /* not NULL: it is a language model's */
    return true;
}

static bool read_call(nb_call *call)
{
    if (!check_type(call))
        return false;
    if (!nb_media_is(nb_http_field(call->request, "Content-Type"), "text/csv")) {
        if (!check_body(call))
            return false;
        nb_contract_read_json(call);
        return true;
    }
    nb_contract_read_json(call);
    call->content_type = NB_STR("text/csv");
    call->rows = 0; /* it has a header, which counts for none */
    return true;
}

static void write_answer(nb_call *call, const nb_frame_result *result, nb_http_answer *answer)
{
    if (call->contract_state)
        nb_contract_write_plain(call, result, answer);
    else
        nb_contract_write_predictions(call, result, NULL, answer);
}

static const char *error_code(unsigned status)
{
    switch (status) {
    case 404: return "RESOURCE_DOES_NOT_EXIST";
    case 415: return "INVALID_PARAMETER_VALUE";
    case 429: return "RESOURCE_EXHAUSTED";
    case 500: return "INTERNAL_ERROR";
    case 502:
    case 503: return "TEMPORARILY_UNAVAILABLE";
    case 504: return "DEADLINE_EXCEEDED";
    default: return "BAD_REQUEST";
    }
}

/* Without MLflow's stack_trace: that one is for the log. */
static void write_error(nb_call *call, unsigned status, nb_str message, nb_http_answer *answer)
{
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    nb_json_writer w = NB_JSON_WRITER(&out, 0);
    nb_json_begin_object(&w);
    nb_json_member_str(&w, "error_code", nb_str_from(error_code(status)));
    nb_json_member_str(&w, "message", message);
    nb_json_end_object(&w);
    nb_contract_json_body(call, &out, answer);
}

static void ready(const nb_front *front, nb_http_request *request, bool is_ready, nb_str reason)
{
    (void)front;
    nb_contract_ready_text(request, is_ready, "\n", reason);
}

static void tell(const nb_front *front, nb_http_request *request)
{
    (void)front;
    nb_http_answer_with(request, &(nb_http_answer){.status = 200,
                                                   .content_type = NB_STR("text/plain"),
                                                   .body = NB_STR(NB_VERSION)});
}

const nb_contract nb_contract_mlflow = {
    .name = "mlflow",
    .platform = "MLflow",
    .limits = {.answer_ms = 60000}, /* MLFLOW_SCORING_SERVER_REQUEST_TIMEOUT */
    .route = route,
    .allow = nb_contract_allow,
    .read = read_call,
    .write = write_answer,
    .error = write_error,
    .ready = ready,
    .tell = tell,
};
