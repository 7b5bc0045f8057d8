/* Our own paths: /predict (also below /endpoints/NAME and /versions/N), and those of the table at the end of this file. */
#include "serve/about/openapi.h"
#include "serve/about/pages.h"
#include "serve/contract/contract_common.h"

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

static bool has_csv_or_json(nb_str content_type)
{
    return nb_media_is(content_type, "application/json") || nb_media_is(content_type, "text/csv");
}

/* {"predictions": …} for whoever takes JSON. What our scripts answer has that form, and nobody looks into it. */
static void write_answer(nb_call *call, const nb_frame_result *result, nb_http_answer *answer)
{
    static const nb_str form = NB_STR_ROW("{\"predictions\"");
    bool takes_json = call->accept.len == 0 || nb_str_eqz(call->accept, "*/*") ||
                      nb_str_contains(call->accept, NB_STR("json"));
    if (!takes_json || nb_str_starts(result->body, form) || !has_csv_or_json(result->content_type))
        nb_contract_write_plain(call, result, answer);
    else
        nb_contract_write_predictions(call, result, NULL, answer);
}

/* RFC 9457. */
static void write_error(nb_call *call, unsigned status, nb_str message, nb_http_answer *answer)
{
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    nb_json_writer w = NB_JSON_WRITER(&out, 0);
    const char *title = call->refusal != NB_REFUSED_NOT ? nb_refusal_name(call->refusal)
                        : status < 500                  ? nb_refusal_name(NB_REFUSED_INPUT)
                                                        : "model";
    nb_json_begin_object(&w);
    nb_json_member_int(&w, "status", status);
    nb_json_member_str(&w, "title", nb_str_from(title));
    nb_json_member_str(&w, "detail", message);
    nb_json_end_object(&w);
    nb_contract_json_body(call, &out, answer);
    answer->content_type = NB_STR("application/problem+json");
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

/* The loop turns. */
static void tell_alive(const nb_front *front, nb_http_request *request)
{
    (void)front;
    nb_http_answer_with(request, &(nb_http_answer){.status = 200,
                                                   .content_type = NB_STR("text/plain"),
                                                   .body = NB_STR("alive\n")});
}

static void tell_openapi(const nb_front *front, nb_http_request *request)
{
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    nb_openapi_write(front, &out);
    nb_contract_tell_json(request, 200, &out);
}

/* --- paths --------------------------------------------------------------------------------------------------------- */

static const struct {
    const char *path;
    nb_route route;
    void (*tell)(const nb_front *front, nb_http_request *request);
} paths[] = {
    {"/readyz",       NB_ROUTE_READY, NULL               },
    {"/livez",        NB_ROUTE_TELL,  tell_alive         },
    {"/metrics",      NB_ROUTE_TELL,  tell_metrics       },
    {"/openapi.json", NB_ROUTE_TELL,  tell_openapi       },
    {"/swagger.json", NB_ROUTE_TELL,  nb_swagger_tell    },
    {"/docs",         NB_ROUTE_TELL,  nb_pages_tell_docs },
    {"/",             NB_ROUTE_TELL,  nb_pages_tell_about},
};

static nb_route route(const nb_front *front, const nb_http_request *request, unsigned *version)
{
    nb_str path = nb_http_path(request);
    if (nb_str_eqz(strip_prefix(front, path, version), "/predict"))
        return NB_ROUTE_PREDICT;
    *version = 0;
    for (size_t i = 0; i < NB_LEN(paths); i++)
        if (nb_str_eqz(path, paths[i].path))
            return paths[i].route;
    return nb_pages_has_file(path) ? NB_ROUTE_TELL : NB_ROUTE_NONE;
}

static void tell(const nb_front *front, nb_http_request *request)
{
    nb_str path = nb_http_path(request);
    for (size_t i = 0; i < NB_LEN(paths); i++) {
        if (paths[i].tell && nb_str_eqz(path, paths[i].path)) {
            paths[i].tell(front, request);
            return;
        }
    }
    nb_pages_tell_file(front, request);
}

const nb_contract nb_contract_own = {
    .name = "own",
    .platform = "notebooked",
    .route = route,
    .allow = nb_contract_allow,
    .read = nb_contract_read_plain,
    .write = write_answer,
    .error = write_error,
    .ready = nb_contract_ready_json,
    .tell = tell,
};
