/* Amazon SageMaker's container contract: GET /ping, POST /invocations (and its runtime's /endpoints/NAME/invocations); body, Content-Type and Accept go to the script as they are. */
#include "serve/contract/contract_common.h"

static nb_route route(const nb_front *front, const nb_http_request *request, unsigned *version)
{
    nb_str path = nb_http_path(request);
    *version = 0;
    if (nb_contract_is_invocations(front, path))
        return NB_ROUTE_PREDICT;
    return nb_str_eqz(path, "/ping") ? NB_ROUTE_READY : NB_ROUTE_NONE;
}

/* Which variant answered, as clients of the runtime know it. */
static void write_answer(nb_call *call, const nb_frame_result *result, nb_http_answer *answer)
{
    nb_contract_write_plain(call, result, answer);
    nb_contract_header(call, answer, "x-Amzn-Invoked-Production-Variant",
                       nb_arena_printf(&call->arena, "v%u", call->answered_by));
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
    (void)front;
    nb_contract_ready_text(request, is_ready, "", reason);
}

const nb_contract nb_contract_sagemaker = {
    .name = "sagemaker",
    .platform = "Amazon SageMaker",
 /* The service model of InvokeEndpoint has 6,291,456 bytes either way; guides that name 25 MB are newer, and were not verified. */
    .limits = {.body = 6 << 20, .answer = 6 << 20, .answer_ms = 60000, .start_ms = 240000},
    .route = route,
    .allow = nb_contract_allow,
    .read = nb_contract_read_plain,
    .write = write_answer,
    .error = write_error,
    .ready = ready,
};
