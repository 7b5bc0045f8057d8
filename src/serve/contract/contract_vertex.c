/* Vertex AI: a container's AIP_PREDICT_ROUTE and AIP_HEALTH_ROUTE, and the paths of an endpoint as its clients know them:
 * POST /v1/endpoints/NAME:predict and :rawPredict, also below /v1/projects/P/locations/L.
 *
 * {"instances": [...], "parameters"?} gives {"predictions": [...]}, from an endpoint with the names of the model. What is not JSON, and what comes to
 * :rawPredict, is passed on as it is. The variables are those of our own environment; with --as vertex the routes are /predict and /health without them,
 * which are the ones that deployments of notebooked name.
 */
#include "serve/contract/contract_common.h"
#include "serve/contract/predictions.h"

typedef enum vertex_path { NO_PATH, CONTAINER, HEALTH, PREDICT, RAW_PREDICT } vertex_path;

static bool is_route(const nb_front *front, nb_str path, const char *variable, const char *usual)
{
    nb_str route = nb_front_variable(variable);
    if (route.len == 0 && nb_front_only(front) == &nb_contract_vertex)
        route = nb_str_from(usual);
    return route.len > 0 && nb_str_eq(path, route);
}

/* "/v1/projects/P/locations/L/endpoints/E:predict" is "/v1/endpoints/E:predict". */
static bool endpoint_of(nb_str path, const char *verb, nb_contract_target *out)
{
    static const nb_str project = NB_STR_ROW("/v1/projects/"), part = NB_STR_ROW("/endpoints/");
    if (nb_str_starts(path, project)) {
        ptrdiff_t at = nb_str_find(path, part);
        return at >= 0 &&
               nb_contract_target_of(nb_str_from_at(path, (size_t)at), "/endpoints/", verb, out);
    }
    return nb_contract_target_of(path, "/v1/endpoints/", verb, out);
}

static vertex_path path_of(const nb_front *front, nb_str path, nb_contract_target *target)
{
    *target = (nb_contract_target){.name = nb_front_endpoint(front)->name};
    if (endpoint_of(path, ":predict", target))
        return PREDICT;
    if (endpoint_of(path, ":rawPredict", target))
        return RAW_PREDICT;
    if (is_route(front, path, "AIP_PREDICT_ROUTE", "/predict"))
        return CONTAINER;
    return is_route(front, path, "AIP_HEALTH_ROUTE", "/health") ? HEALTH : NO_PATH;
}

static nb_route route(const nb_front *front, const nb_http_request *request, unsigned *version)
{
    nb_contract_target target;
    *version = 0;
    switch (path_of(front, nb_http_path(request), &target)) {
    case CONTAINER:
    case PREDICT:
    case RAW_PREDICT: return NB_ROUTE_PREDICT;
    case HEALTH: return NB_ROUTE_READY;
    case NO_PATH: break;
    }
    return NB_ROUTE_NONE;
}

/* What the call is of; kept because a route may depend on the environment. */
typedef struct vertex_call {
    vertex_path path;
    bool raw;         /* passed on, both ways */
    nb_str instances; /* the list */
} vertex_call;

static bool read_instances(nb_call *call, vertex_call *own)
{
    static const char wants[] = "it must be an object with 'instances', a list";
    nb_contract_member member = {.name = "instances", .kind = NB_JSON_END};
    if (!nb_contract_find(call, &member, 1, wants))
        return false;
    if (member.kind != NB_JSON_ARRAY) {
        nb_contract_refuse(call, 400, "cannot take this body: %s", wants);
        return false;
    }
    own->instances = member.text;
    nb_contract_read_json(call);
    return true;
}

static bool read_call(nb_call *call)
{
    nb_contract_target target;
    nb_str type = nb_http_field(call->request, "Content-Type");
    bool json = type.len == 0 || nb_media_is(type, "application/json");
    vertex_call *own = NB_NEW(&call->arena, vertex_call);
    own->path = path_of(call->front, nb_http_path(call->request), &target);
    own->raw = own->path == RAW_PREDICT || (own->path == CONTAINER && !json);
    call->contract_state = own;
    if (!nb_contract_is_ours(call->front, target.name)) {
        nb_contract_refuse(call, 404, "there is no endpoint '" NB_STR_FMT "' here",
                           NB_STR_ARG(target.name));
        return false;
    }
    if (own->raw)
        return nb_contract_read_plain(call);
    if (!json) {
        nb_contract_refuse(
            call, 415, "':predict' takes application/json; send '" NB_STR_FMT "' to ':rawPredict'",
            NB_STR_ARG(type));
        return false;
    }
    return read_instances(call, own);
}

/* Which model this was. Its name there is a resource's; here it is the folder that was deployed. */
static void put_model(const nb_call *call, nb_json_writer *w)
{
    char number[16];
    int len = snprintf(number, sizeof number, "%u", call->answered_by);
    nb_str version = {number, len > 0 ? (size_t)len : 0};
    const nb_deployment *deployment = nb_contract_deployment(call);
    nb_json_member_str(w, "deployedModelId", version);
    if (deployment) {
        nb_json_member_str(w, "model", deployment->model);
        nb_json_member_str(w, "modelDisplayName", deployment->experiment);
    }
    nb_json_member_str(w, "modelVersionId", version);
}

static void write_raw(nb_call *call, const nb_frame_result *result, nb_http_answer *answer)
{
    nb_contract_write_plain(call, result, answer);
    nb_contract_header(call, answer, "X-Vertex-AI-Endpoint-Id",
                       nb_front_endpoint(call->front)->name);
    nb_contract_header(call, answer, "X-Vertex-AI-Deployed-Model-Id",
                       nb_arena_printf(&call->arena, "%u", call->answered_by));
}

/* With --as vertex: Vertex AI takes one prediction an instance. False: the answer says so. */
static bool check_count(nb_call *call, const nb_frame_result *result, nb_http_answer *answer)
{
    NB_AUTO(nb_buf) made = NB_BUF_INIT(NB_BUF_TEXT);
    NB_AUTO(nb_error) none =
        NB_ERROR_INIT; /* whoever writes the answer says what is wrong with it */
    const vertex_call *own = call->contract_state;
    nb_predictions found;
    if (nb_predictions_find(result->content_type, result->body, &made, &found, &none) != NB_OK)
        return true;
    size_t instances = nb_predictions_count(own->instances);
    size_t count = nb_predictions_count(found.value);
    if (found.is_list && count == instances)
        return true;
    const char *counted = nb_arena_printf(&call->arena, "%zu predictions", count).at;
    answer->status = 500;
    call->error = nb_arena_printf(&call->arena,
                                  "the model made %s of %zu instances; Vertex AI takes a list with "
                                  "one prediction each (--as vertex)",
                                  found.is_list ? counted : "no list", instances);
    call->contract->error(call, 500, call->error, answer);
    return false;
}

static void write_answer(nb_call *call, const nb_frame_result *result, nb_http_answer *answer)
{
    const vertex_call *own = call->contract_state;
    if (!own->raw && call->limits && !check_count(call, result, answer))
        return;
    if (own->raw)
        write_raw(call, result, answer);
    else
        nb_contract_write_predictions(call, result, own->path == PREDICT ? put_model : NULL,
                                      answer);
}

static const char *status_name(unsigned status)
{
    switch (status) {
    case 401: return "UNAUTHENTICATED";
    case 403: return "PERMISSION_DENIED";
    case 404: return "NOT_FOUND";
    case 422: return "FAILED_PRECONDITION";
    case 429: return "RESOURCE_EXHAUSTED";
    case 500: return "INTERNAL";
    case 502:
    case 503: return "UNAVAILABLE";
    case 504: return "DEADLINE_EXCEEDED";
    default: return "INVALID_ARGUMENT";
    }
}

static void write_error(nb_call *call, unsigned status, nb_str message, nb_http_answer *answer)
{
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    nb_json_writer w = NB_JSON_WRITER(&out, 0);
    nb_json_begin_object(&w);
    nb_json_key(&w, NB_STR("error"));
    nb_json_begin_object(&w);
    nb_json_member_int(&w, "code", status);
    nb_json_member_str(&w, "message", message);
    nb_json_member_str(&w, "status", nb_str_from(status_name(status)));
    nb_json_end_object(&w);
    nb_json_end_object(&w);
    nb_contract_json_body(call, &out, answer);
}

const nb_contract nb_contract_vertex = {
    .name = "vertex",
    .platform = "Vertex AI",
    .limits = {.body = 1500000, .answer = 1500000, .answer_ms = 60000},
    .route = route,
    .allow = nb_contract_allow,
    .read = read_call,
    .write = write_answer,
    .error = write_error,
    .ready = nb_contract_ready_json,
};
