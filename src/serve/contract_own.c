/* Our own paths: /predict (also below /endpoints/NAME and /versions/N), /livez, /readyz, /metrics. */
#include "serve/contract.h"
#include "serve/front.h"
#include "serve/rows.h"
#include "text/json_write.h"

/* "/versions/4/predict" is "/predict" of version 4, "/endpoints/iris/predict" that of an endpoint called iris. */
static nb_str strip_prefix(const nb_front *front, nb_str path, unsigned *version)
{
    static const nb_str versions = NB_STR_ROW("/versions/"), endpoints = NB_STR_ROW("/endpoints/");
    nb_str name = nb_front_endpoint(front)->name;
    int64_t number = 0;
    if (nb_str_starts(path, endpoints)) {
        nb_str rest = nb_str_from_at(path, endpoints.len);
        if (nb_str_starts(rest, name))
            return nb_str_from_at(rest, name.len);
    } else if (nb_str_starts(path, versions)) {
        nb_str rest = nb_str_from_at(path, versions.len);
        ptrdiff_t slash = nb_str_find_char(rest, '/');
        if (slash > 0 && nb_str_to_int(nb_str_slice(rest, 0, (size_t)slash), &number) &&
            number > 0 && number < UINT32_MAX) {
            *version = (unsigned)number;
            return nb_str_from_at(rest, (size_t)slash);
        }
    }
    return path;
}

static nb_route route(const nb_front *front, const nb_http_request *request, unsigned *version)
{
    nb_str path = nb_http_path(request);
    if (nb_str_eqz(strip_prefix(front, path, version), "/predict"))
        return NB_ROUTE_PREDICT;
    *version = 0;
    if (nb_str_eqz(path, "/readyz"))
        return NB_ROUTE_READY;
    return nb_str_eqz(path, "/livez") || nb_str_eqz(path, "/metrics") ? NB_ROUTE_TELL
                                                                      : NB_ROUTE_NONE;
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

/* RFC 9457. */
static void write_error(nb_call *call, unsigned status, nb_str message, nb_http_answer *answer)
{
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    nb_json_writer w = NB_JSON_WRITER(&out, 0);
    nb_json_begin_object(&w);
    nb_json_member_int(&w, "status", status);
    nb_json_member_str(&w, "title", nb_str_from(nb_refusal_name(call->refusal)));
    nb_json_member_str(&w, "detail", message);
    nb_json_end_object(&w);
    answer->content_type = NB_STR("application/problem+json");
    answer->body = nb_arena_str(&call->arena, nb_buf_view(&out));
}

static void ready(const nb_front *front, nb_http_request *request, bool is_ready, nb_str reason)
{
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    nb_json_writer w = NB_JSON_WRITER(&out, 0);
    (void)front;
    nb_json_begin_object(&w);
    nb_json_member_bool(&w, "ready", is_ready);
    if (!is_ready)
        nb_json_member_str(&w, "reason", reason);
    nb_json_end_object(&w);
    nb_http_answer_with(request, &(nb_http_answer){.status = is_ready ? 200 : 503,
                                                   .content_type = NB_STR("application/json"),
                                                   .body = nb_buf_view(&out)});
}

static void tell_metrics(const nb_front *front, nb_http_request *request)
{
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    bool openmetrics =
        nb_str_contains(nb_http_field(request, "Accept"), NB_STR("application/openmetrics-text"));
    nb_front_write_metrics(front, openmetrics, &out);
    nb_str type = openmetrics ? NB_STR("application/openmetrics-text; version=1.0.0; charset=utf-8")
                              : NB_STR("text/plain; version=0.0.4; charset=utf-8");
    nb_http_answer_with(
        request, &(nb_http_answer){.status = 200, .content_type = type, .body = nb_buf_view(&out)});
}

static void tell(const nb_front *front, nb_http_request *request)
{
    if (nb_str_eqz(nb_http_path(request), "/metrics"))
        tell_metrics(front, request);
    else /* the loop turns */
        nb_http_answer_with(request, &(nb_http_answer){.status = 200,
                                                       .content_type = NB_STR("text/plain"),
                                                       .body = NB_STR("alive\n")});
}

const nb_contract nb_contract_own = {
    .name = "own",
    .route = route,
    .allow = allow,
    .read = read_call,
    .write = write_answer,
    .error = write_error,
    .ready = ready,
    .tell = tell,
};
