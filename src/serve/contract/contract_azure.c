/* Azure ML's inference server: POST or GET /score, GET / ("Healthy") and GET /swagger.json; the last two with --as azure, elsewhere they are our own.
 *
 * A GET's query becomes a JSON object of texts. Request ids go back as they came; longer ones than 100 characters are 431. Browsers may ask from the
 * origins that AML_CORS_ORIGINS names (comma-separated, * for all). SCORING_TIMEOUT_MS shortens the time for an answer.
 */
#include "serve/about/openapi.h"
#include "serve/contract/contract_common.h"
#include "text/utf8.h"

enum { LONGEST_ID = 100 };

static const char *const id_headers[] = {"x-request-id", "x-ms-request-id",
                                         "x-ms-client-request-id"};

static bool is_preflight(const nb_http_request *request)
{
    return nb_str_eqz(nb_http_method(request), "OPTIONS");
}

static nb_route route(const nb_front *front, const nb_http_request *request, unsigned *version)
{
    nb_str path = nb_http_path(request);
    *version = 0;
    if (nb_str_eqz(path, "/score"))
        return is_preflight(request) ? NB_ROUTE_TELL : NB_ROUTE_PREDICT;
    if (nb_front_only(front) != &nb_contract_azure)
        return NB_ROUTE_NONE;
    if (nb_str_eqz(path, "/swagger.json"))
        return NB_ROUTE_TELL;
    return nb_str_eqz(path, "/") ? NB_ROUTE_READY : NB_ROUTE_NONE;
}

static const char *allow(nb_route route_)
{
    switch (route_) {
    case NB_ROUTE_READY: return "GET, HEAD";
    case NB_ROUTE_TELL: return "GET, HEAD, OPTIONS"; /* a browser's question before /score, too */
    case NB_ROUTE_PREDICT:
    case NB_ROUTE_NONE: break;
    }
    return "GET, POST, OPTIONS";
}

/* --- origins ------------------------------------------------------------------------------------------------------- */

static bool allows_origin(nb_str origin)
{
    nb_str rest = nb_front_variable("AML_CORS_ORIGINS"), one;
    while (origin.len > 0 && rest.len > 0 && nb_str_split(&rest, ',', &one)) {
        one = nb_str_trim(one);
        if (nb_str_eqz(one, "*") || nb_str_eq_nocase(one, origin))
            return true;
    }
    return false;
}

/* Asked before a browser sends what is no plain form. */
static void tell_preflight(nb_http_request *request)
{
    nb_str origin = nb_http_field(request, "Origin");
    nb_str fields = nb_http_field(request, "Access-Control-Request-Headers");
    bool allowed = allows_origin(origin);
    const nb_http_header headers[] = {
        {"Allow",                        NB_STR("GET, POST, OPTIONS")                    },
        {"Vary",                         NB_STR("Origin")                                },
        {"Access-Control-Allow-Origin",  origin                                          },
        {"Access-Control-Allow-Methods", NB_STR("GET, POST, OPTIONS")                    },
        {"Access-Control-Allow-Headers", fields.len > 0 ? fields : NB_STR("Content-Type")},
    };
    nb_http_answer_with(request, &(nb_http_answer){.status = 200,
                                                   .headers = headers,
                                                   .header_count = allowed ? NB_LEN(headers) : 2});
}

static void tell(const nb_front *front, nb_http_request *request)
{
    if (is_preflight(request))
        tell_preflight(request);
    else
        nb_swagger_tell(front, request);
}

static void add_origin(nb_call *call, nb_http_answer *answer)
{
    nb_str origin = nb_http_field(call->request, "Origin");
    if (!allows_origin(origin))
        return;
    nb_contract_header(call, answer, "Vary", NB_STR("Origin"));
    nb_contract_header(call, answer, "Access-Control-Allow-Origin", origin);
}

/* --- requests ------------------------------------------------------------------------------------------------------ */

static bool check_ids(nb_call *call)
{
    for (size_t i = 0; i < NB_LEN(id_headers); i++) {
        size_t length = nb_http_field(call->request, id_headers[i]).len;
        if (length <= LONGEST_ID)
            continue;
        nb_contract_refuse(call, 431, "%s has %zu characters; it may have %d", id_headers[i],
                           length, LONGEST_ID);
        return false;
    }
    return true;
}

/* {"a": "1", "b": ["2", "3"]} of ?a=1&b=2&b=3 */
static void write_query(const nb_http_request *request, nb_buf *out)
{
    nb_json_writer w = NB_JSON_WRITER(out, 0);
    nb_str name, value, other, again;
    nb_json_begin_object(&w);
    for (size_t i = 0; nb_http_query_at(request, i, &name, &value); i++) {
        size_t count = 0, first = i;
        for (size_t k = 0; nb_http_query_at(request, k, &other, &again); k++)
            if (nb_str_eq(other, name)) {
                first = k < first ? k : first;
                count++;
            }
        if (first < i)
            continue; /* written with the first one */
        nb_json_key(&w, name);
        if (count > 1)
            nb_json_begin_array(&w);
        for (size_t k = i; nb_http_query_at(request, k, &other, &again); k++)
            if (nb_str_eq(other, name))
                nb_json_put_str(&w, again);
        if (count > 1)
            nb_json_end_array(&w);
    }
    nb_json_end_object(&w);
}

/* The server's own patience, where it is shorter. */
static void shorten(nb_call *call)
{
    int64_t ms = 0;
    if (nb_str_to_int(nb_front_variable("SCORING_TIMEOUT_MS"), &ms) && ms > 0 &&
        ms < (call->deadline_us - call->received_us) / 1000)
        call->deadline_us = call->received_us + ms * 1000;
}

static bool read_call(nb_call *call)
{
    if (!check_ids(call))
        return false;
    shorten(call);
    if (nb_str_eqz(nb_http_method(call->request), "GET")) {
        write_query(call->request, &call->translated);
        call->body = nb_buf_view(&call->translated);
        nb_contract_read_json(call);
        return true;
    }
    /* The script gets text there, never bytes. */
    if (nb_front_only(call->front) == &nb_contract_azure &&
        nb_utf8_valid(call->body) < call->body.len) {
        nb_contract_refuse(call, 400,
                           "the body is not UTF-8, which Azure ML asks for (--as azure)");
        return false;
    }
    (void)nb_contract_read_plain(call);
    /* What clients say that name no type. */
    if (nb_media_is(call->content_type, "application/x-www-form-urlencoded")) {
        call->content_type = NB_STR("application/json");
        call->rows = 0;
    }
    return true;
}

/* --- answers ------------------------------------------------------------------------------------------------------- */

static void add_ids(nb_call *call, bool failed, nb_http_answer *answer)
{
    nb_str client = nb_http_field(call->request, "x-ms-client-request-id");
    nb_contract_header(call, answer, "x-ms-request-id", nb_str_from(call->request_id));
    if (client.len > 0 && client.len <= LONGEST_ID)
        nb_contract_header(call, answer, "x-ms-client-request-id", client);
    nb_contract_header(call, answer, "x-ms-run-function-failed",
                       failed ? NB_STR("True") : NB_STR("False"));
    if (call->answered_by > 0)
        nb_contract_header(call, answer, "azureml-model-deployment",
                           nb_arena_printf(&call->arena, "v%u", call->answered_by));
    add_origin(call, answer);
}

static void write_answer(nb_call *call, const nb_frame_result *result, nb_http_answer *answer)
{
    nb_contract_write_plain(call, result, answer);
    add_ids(call, false, answer);
    nb_contract_header(
        call, answer, "x-ms-run-fn-exec-ms",
        nb_arena_printf(&call->arena, "%u.%03u", result->model_us / 1000, result->model_us % 1000));
}

static void write_error(nb_call *call, unsigned status, nb_str message, nb_http_answer *answer)
{
    nb_contract_error_member(call, "message", message, answer);
    add_ids(call, call->refusal == NB_REFUSED_NOT && status >= 500, answer);
}

static void ready(const nb_front *front, nb_http_request *request, bool is_ready, nb_str reason)
{
    (void)front;
    nb_contract_ready_text(request, is_ready, "Healthy", reason);
}

const nb_contract nb_contract_azure = {
    .name = "azure",
    .platform = "Azure ML",
    .limits = {.answer_ms = 180000},
    .route = route,
    .allow = allow,
    .read = read_call,
    .write = write_answer,
    .error = write_error,
    .ready = ready,
    .tell = tell,
};
