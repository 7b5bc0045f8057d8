/* KServe's protocol v1, which is TensorFlow Serving's: POST /v1/models/NAME[/versions/N]:predict, GET /v1/models, /v1/models/NAME[/versions/N]. */
#include "serve/contract/contract_common.h"

static nb_route route(const nb_front *front, const nb_http_request *request, unsigned *version)
{
    nb_str path = nb_http_path(request);
    nb_contract_target target;
    (void)front;
    *version = 0;
    if (nb_contract_target_of(path, "/v1/models/", ":predict", &target)) {
        *version = target.version;
        return NB_ROUTE_PREDICT;
    }
    return nb_str_eqz(path, "/v1/models") || nb_contract_target_of(path, "/v1/models/", "", &target)
               ? NB_ROUTE_TELL
               : NB_ROUTE_NONE;
}

static bool read_call(nb_call *call)
{
    static const char wants[] = "it must be an object with 'instances', a list of rows";
    nb_contract_member members[] = {
        {.name = "instances", .kind = NB_JSON_END},
        {.name = "inputs",    .kind = NB_JSON_END}
    };
    nb_contract_target target;
    (void)nb_contract_target_of(nb_http_path(call->request), "/v1/models/", ":predict", &target);
    if (!nb_contract_is_ours(call->front, target.name)) {
        nb_contract_refuse(call, 404, "there is no model '" NB_STR_FMT "' here",
                           NB_STR_ARG(target.name));
        return false;
    }
    if (!nb_contract_find(call, members, NB_LEN(members), wants))
        return false;
    bool by_row = members[0].kind != NB_JSON_END, by_column = members[1].kind != NB_JSON_END;
    if (by_row == by_column || (by_row && members[0].kind != NB_JSON_ARRAY)) {
        nb_contract_refuse(call, 400, "cannot take this body: %s", wants);
        return false;
    }
    nb_contract_read_json(call);
    return true;
}

static void write_answer(nb_call *call, const nb_frame_result *result, nb_http_answer *answer)
{
    nb_contract_write_predictions(call, result, NULL, answer);
}

static void write_error(nb_call *call, unsigned status, nb_str message, nb_http_answer *answer)
{
    (void)status;
    nb_contract_error_member(call, "error", message, answer);
}

static void put_status(nb_json_writer *w, unsigned number, bool ready)
{
    char text[16];
    int len = snprintf(text, sizeof text, "%u", number);
    nb_json_begin_object(w);
    nb_json_member_str(w, "version", (nb_str){text, len > 0 ? (size_t)len : 0});
    nb_json_member_str(w, "state", ready ? NB_STR("AVAILABLE") : NB_STR("LOADING"));
    nb_json_key(w, NB_STR("status"));
    nb_json_begin_object(w);
    nb_json_member_str(w, "error_code", NB_STR("OK"));
    nb_json_member_str(w, "error_message", NB_STR(""));
    nb_json_end_object(w);
    nb_json_end_object(w);
}

/* KServe's members and TensorFlow Serving's. */
static void tell_model(const nb_front *front, const nb_contract_target *target,
                       nb_http_request *request)
{
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    nb_json_writer w = NB_JSON_WRITER(&out, 0);
    const nb_endpoint *endpoint = nb_front_endpoint(front);
    nb_str reason;
    bool ready = nb_front_is_ready(front, &reason);
    nb_json_begin_object(&w);
    nb_json_member_str(&w, "name", endpoint->name);
    nb_json_member_bool(&w, "ready", ready);
    nb_json_key(&w, NB_STR("model_version_status"));
    nb_json_begin_array(&w);
    for (size_t i = 0; i < endpoint->deployments.count; i++) {
        unsigned number = endpoint->deployments.at[i].version;
        const nb_version *version = nb_front_version(front, number);
        if (version && (target->version == 0 || target->version == number))
            put_status(&w, number, nb_version_state_of(version) == NB_VERSION_READY);
    }
    nb_json_end_array(&w);
    nb_json_end_object(&w);
    nb_contract_tell_json(request, ready ? 200 : 503, &out);
}

static void tell_missing(nb_http_request *request)
{
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    nb_json_writer w = NB_JSON_WRITER(&out, 0);
    nb_json_begin_object(&w);
    nb_json_member_str(&w, "error", NB_STR("there is no such model or version here"));
    nb_json_end_object(&w);
    nb_contract_tell_json(request, 404, &out);
}

static void tell_models(const nb_front *front, nb_http_request *request)
{
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    nb_json_writer w = NB_JSON_WRITER(&out, 0);
    nb_json_begin_object(&w);
    nb_json_key(&w, NB_STR("models"));
    nb_json_begin_array(&w);
    nb_json_put_str(&w, nb_front_endpoint(front)->name);
    nb_json_end_array(&w);
    nb_json_end_object(&w);
    nb_contract_tell_json(request, 200, &out);
}

static void tell(const nb_front *front, nb_http_request *request)
{
    nb_contract_target target;
    if (!nb_contract_target_of(nb_http_path(request), "/v1/models/", "", &target))
        tell_models(front, request);
    else if (!nb_contract_is_ours(front, target.name) ||
             (target.version > 0 && !nb_front_version(front, target.version)))
        tell_missing(request);
    else
        tell_model(front, &target, request);
}

const nb_contract nb_contract_kserve = {
    .name = "kserve",
    .platform = "KServe",
    .route = route,
    .allow = nb_contract_allow,
    .read = read_call,
    .write = write_answer,
    .error = write_error,
    .tell = tell,
};
