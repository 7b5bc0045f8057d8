/* Amazon SageMaker's container contract: GET /ping, POST /invocations; body, Content-Type and Accept go to the script as they are. */
#include "serve/contract.h"
#include "serve/front.h"
#include "serve/rows.h"

static nb_route route(const nb_front *front, const nb_http_request *request, unsigned *version)
{
    nb_str path = nb_http_path(request);
    (void)front;
    *version = 0;
    if (nb_str_eqz(path, "/invocations"))
        return NB_ROUTE_PREDICT;
    return nb_str_eqz(path, "/ping") ? NB_ROUTE_READY : NB_ROUTE_NONE;
}

static const char *allow(nb_route route_)
{
    return route_ == NB_ROUTE_PREDICT ? "POST" : "GET, HEAD";
}

static bool read_call(nb_call *call)
{
    nb_str type = nb_http_field(call->request, "Content-Type");
    nb_str accept = nb_http_field(call->request, "Accept");
    call->content_type = type.len > 0 ? type : NB_STR("application/json");
    call->accept =
        accept.len == 0 || nb_str_eqz(accept, "*/*") ? NB_STR("application/json") : accept;
    call->rows = nb_rows_count(call->content_type, call->body);
    return true;
}

static void write_answer(nb_call *call, const nb_frame_result *result, nb_http_answer *answer)
{
    (void)call;
    answer->content_type = result->content_type;
    answer->body = result->body;
}

static void write_error(nb_call *call, unsigned status, nb_str message, nb_http_answer *answer)
{
    (void)call;
    (void)status;
    answer->content_type = NB_STR("text/plain; charset=utf-8");
    answer->body = message;
}

static void ready(const nb_front *front, nb_http_request *request, bool is_ready, nb_str reason)
{
    nb_http_answer answer = {.status = is_ready ? 200 : 503, .body = reason};
    (void)front;
    if (!is_ready)
        answer.content_type = NB_STR("text/plain; charset=utf-8");
    nb_http_answer_with(request, &answer);
}

const nb_contract nb_contract_sagemaker = {
    .name = "sagemaker",
    .limits = {.body = 25 << 20, .ping_ms = 2000, .answer_ms = 60000},
    .route = route,
    .allow = allow,
    .read = read_call,
    .write = write_answer,
    .error = write_error,
    .ready = ready,
};
