/* Open Inference Protocol (version 2 of KServe's, as Triton, MLServer and others speak it): /v2, /v2/health, /v2/models/NAME, with the extension for
 * binary tensors. The endpoint is the one model; its versions are the protocol's. */
#include "serve/contract/contract_common.h"
#include "serve/contract/predictions.h"
#include "serve/contract/signature.h"

#define HEAD_FIELD "Inference-Header-Content-Length"

/* --- paths ---------------------------------------------------------------------------------------------------------- */

typedef enum oip_what {
    OIP_NOTHING,
    OIP_SERVER,
    OIP_LIVE,
    OIP_READY,
    OIP_MODEL,
    OIP_MODEL_READY,
    OIP_INFER
} oip_what;

typedef struct oip_path {
    oip_what what;
    nb_str model;
    nb_str version_text;
    unsigned version; /* 0: none is named */
} oip_path;

static bool take_prefix(nb_str *path, const char *prefix)
{
    nb_str text = nb_str_from(prefix);
    if (!nb_str_starts(*path, text))
        return false;
    *path = nb_str_from_at(*path, text.len);
    return true;
}

static nb_str take_segment(nb_str *path)
{
    ptrdiff_t slash = nb_str_find_char(*path, '/');
    size_t end = slash < 0 ? path->len : (size_t)slash;
    nb_str segment = nb_str_slice(*path, 0, end);
    *path = nb_str_from_at(*path, end);
    return segment;
}

static unsigned number_of(nb_str version)
{
    int64_t number = 0;
    return nb_str_to_int(version, &number) && number > 0 && number < UINT32_MAX ? (unsigned)number
                                                                                : UINT32_MAX;
}

static oip_path read_path(nb_str path)
{
    static const struct {
        const char *rest;
        oip_what what;
    } ends[] = {
        {"",       OIP_MODEL      },
        {"/ready", OIP_MODEL_READY},
        {"/infer", OIP_INFER      }
    };
    oip_path out = {.what = OIP_NOTHING};
    if (nb_str_eqz(path, "/v2") || nb_str_eqz(path, "/v2/"))
        out.what = OIP_SERVER;
    else if (nb_str_eqz(path, "/v2/health/live"))
        out.what = OIP_LIVE;
    else if (nb_str_eqz(path, "/v2/health/ready"))
        out.what = OIP_READY;
    if (!take_prefix(&path, "/v2/models/"))
        return out;
    out.model = take_segment(&path);
    if (take_prefix(&path, "/versions/")) {
        out.version_text = take_segment(&path);
        out.version = number_of(out.version_text);
    }
    for (size_t i = 0; i < NB_LEN(ends) && out.model.len > 0; i++)
        if (nb_str_eqz(path, ends[i].rest))
            out.what = ends[i].what;
    return out;
}

static nb_route route(const nb_front *front, const nb_http_request *request, unsigned *version)
{
    oip_path path = read_path(nb_http_path(request));
    (void)front;
    *version = path.what == OIP_INFER ? path.version : 0;
    switch (path.what) {
    case OIP_NOTHING: return NB_ROUTE_NONE;
    case OIP_INFER: return NB_ROUTE_PREDICT;
    case OIP_READY:
    case OIP_MODEL_READY: return NB_ROUTE_READY;
    case OIP_SERVER:
    case OIP_LIVE:
    case OIP_MODEL: return NB_ROUTE_TELL;
    }
    return NB_ROUTE_NONE;
}

/* --- errors --------------------------------------------------------------------------------------------------------- */

static void put_error(nb_buf *out, nb_str message)
{
    nb_json_writer w = NB_JSON_WRITER(out, 0);
    nb_json_begin_object(&w);
    nb_json_member_str(&w, "error", message);
    nb_json_end_object(&w);
}

static void write_error(nb_call *call, unsigned status, nb_str message, nb_http_answer *answer)
{
    answer->status = status;
    nb_contract_error_member(call, "error", message, answer);
}

static nb_str no_model(nb_arena *arena, const nb_front *front, const oip_path *path)
{
    nb_str name = nb_front_endpoint(front)->name;
    if (nb_str_eq(path->model, name))
        return nb_arena_printf(arena, "version '" NB_STR_FMT "' of '" NB_STR_FMT "' is not up",
                               NB_STR_ARG(nb_str_slice(path->version_text, 0, 100)),
                               NB_STR_ARG(name));
    return nb_arena_printf(
        arena, "there is no model '" NB_STR_FMT "'; this endpoint serves '" NB_STR_FMT "'",
        NB_STR_ARG(nb_str_slice(path->model, 0, 100)), NB_STR_ARG(name));
}

/* The version that the path is about; NULL when there is none, and with another model's name. */
static const nb_version *find_version(const nb_front *front, const oip_path *path)
{
    if (!nb_str_eq(path->model, nb_front_endpoint(front)->name))
        return NULL;
    return path->version > 0 ? nb_front_version(front, path->version)
                             : nb_front_main_version(front);
}

/* --- predicting ----------------------------------------------------------------------------------------------------- */

/* A model that knows columns or a width of rows gets rows; one of texts gets texts. */
static bool takes_texts(nb_arena *arena, const nb_front *front)
{
    nb_signature signature = {0};
    const nb_version *version = nb_front_main_version(front);
    if (version)
        nb_signature_read(arena, nb_version_about(version), &signature);
    return !signature.named && (signature.inputs.count == 0 || signature.inputs.at[0].rank == 1);
}

static void translate(nb_call *call, const nb_tensor_request *request)
{
    const nb_tensor *first = &request->inputs[0];
    bool texts = first->datatype == NB_BYTES && request->input_count == 1 && first->rank == 2 &&
                 takes_texts(&call->arena, call->front);
    nb_tensor_write_rows(request, texts, &call->translated);
    call->content_type = call->accept = NB_STR("application/json");
    call->body = nb_buf_view(&call->translated);
    call->rows = first->rank > 1 || request->input_count > 1 ? (unsigned)first->shape[0] : 1;
}

static bool refuse(nb_call *call, unsigned status, nb_str message)
{
    nb_contract_refuse(call, status, NB_STR_FMT, NB_STR_ARG(message));
    return false;
}

/* How much of the body is JSON; all of it unless the client says otherwise. */
static bool read_head(const nb_call *call, size_t *head)
{
    nb_str field = nb_http_field(call->request, HEAD_FIELD);
    int64_t size = 0;
    *head = call->body.len;
    if (field.len == 0)
        return true;
    if (!nb_str_to_int(field, &size) || size < 0)
        return false;
    *head = (size_t)size;
    return true;
}

static nb_str tell_error(nb_arena *arena, const nb_error *err)
{
    nb_str message = nb_str_from(nb_error_message(err, 0));
    return err->line > 0 ? nb_arena_printf(arena, NB_STR_FMT " (line %u, column %u)",
                                           NB_STR_ARG(message), err->line, err->column)
                         : nb_arena_str(arena, message);
}

static bool read_call(nb_call *call)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    oip_path path = read_path(nb_http_path(call->request));
    nb_str encoding = nb_http_field(call->request, "Content-Encoding");
    size_t head = 0;
    if (!nb_str_eq(path.model, nb_front_endpoint(call->front)->name) || path.version == UINT32_MAX)
        return refuse(call, 404, no_model(&call->arena, call->front, &path));
    if (encoding.len > 0 && !nb_str_eq_nocase(encoding, NB_STR("identity")))
        return refuse(call, 415, NB_STR("send the body without a Content-Encoding"));
    if (!read_head(call, &head))
        return refuse(call, 400, NB_STR(HEAD_FIELD " must be a number of bytes"));
    nb_tensor_request *request = NB_NEW(&call->arena, nb_tensor_request);
    if (nb_tensor_read(&call->arena, call->body, head, request, &err) != NB_OK)
        return refuse(call, 400, tell_error(&call->arena, &err));
    call->contract_state = request;
    translate(call, request);
    return !call->translated.full ||
           refuse(call, 413, NB_STR("the inputs are too large as the model's JSON"));
}

/* What a script says when it refuses; the worker's own words have gone to error(). */
static void pass_error(nb_call *call, const nb_frame_result *result, nb_http_answer *answer)
{
    write_error(call, result->status, nb_str_trim(result->body), answer);
}

/* The outputs that the client wishes, into call->made. */
static nb_code make_reply(nb_call *call, nb_str predictions, size_t *head, nb_error *err)
{
    nb_arena *arena = &call->arena;
    nb_tensor_reply reply = {.model = nb_front_endpoint(call->front)->name,
                             .version = nb_arena_printf(arena, "%u", call->answered_by),
                             .request = call->contract_state};
    reply.id = reply.request->id.len > 0 ? reply.request->id : nb_str_from(call->request_id);
    nb_tensor_take_answer(arena, predictions, &reply.outputs);
    call->made = NB_BUF_INIT(NB_BUF_TEXT);
    return nb_tensor_write_reply(arena, &reply, &call->made, head, err);
}

static void write_answer(nb_call *call, const nb_frame_result *result, nb_http_answer *answer)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    NB_AUTO(nb_buf) changed = NB_BUF_INIT(NB_BUF_TEXT);
    nb_predictions predictions;
    size_t head = 0;
    if (result->status < 200 || result->status > 299) {
        pass_error(call, result, answer);
        return;
    }
    if (nb_predictions_find(result->content_type, result->body, &changed, &predictions, &err) !=
            NB_OK ||
        make_reply(call, predictions.value, &head, &err) != NB_OK) {
        call->error = nb_arena_str(&call->arena, nb_str_from(nb_error_message(&err, 0)));
        write_error(call, err.code == NB_ERR_NOT_FOUND ? 400 : 500, call->error, answer);
        return;
    }
    answer->content_type = NB_STR("application/json");
    answer->take = &call->made;
    if (head == call->made.len)
        return;
    answer->content_type = NB_STR("application/octet-stream");
    nb_contract_header(call, answer, HEAD_FIELD, nb_arena_printf(&call->arena, "%zu", head));
}

/* --- about the server and the model --------------------------------------------------------------------------------- */

static void ready(const nb_front *front, nb_http_request *request, bool is_ready, nb_str reason)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    nb_json_writer w = NB_JSON_WRITER(&out, 0);
    oip_path path = read_path(nb_http_path(request));
    nb_str name = nb_front_endpoint(front)->name;
    if (path.what == OIP_MODEL_READY) {
        const nb_version *version = find_version(front, &path);
        if (!nb_str_eq(path.model, name) || (path.version > 0 && !version)) {
            put_error(&out, no_model(&arena, front, &path));
            nb_contract_tell_json(request, 404, &out);
            return;
        }
        if (path.version > 0) {
            is_ready = nb_version_state_of(version) == NB_VERSION_READY;
            reason = nb_version_reason(version);
        }
    }
    nb_json_begin_object(&w);
    if (path.what == OIP_MODEL_READY)
        nb_json_member_str(&w, "name", name);
    nb_json_member_bool(&w, "ready", is_ready);
    if (!is_ready)
        nb_json_member_str(&w, "reason", reason);
    nb_json_end_object(&w);
    nb_contract_tell_json(request, is_ready ? 200 : 503, &out);
}

static void put_tensors(nb_json_writer *w, const char *key, nb_tensors tensors)
{
    nb_json_key(w, nb_str_from(key));
    nb_json_begin_array(w);
    for (size_t i = 0; i < tensors.count; i++) {
        const nb_tensor *tensor = &tensors.at[i];
        nb_json_begin_object(w);
        nb_json_member_str(w, "name", tensor->name);
        nb_json_member_str(w, "datatype", nb_str_from(nb_datatype_name(tensor->datatype)));
        nb_json_key(w, NB_STR("shape"));
        nb_json_begin_array(w);
        nb_json_put_int(w, -1);
        for (unsigned k = 1; k < tensor->rank; k++)
            nb_json_put_int(w, (int64_t)tensor->shape[k]);
        nb_json_end_array(w);
        nb_json_end_object(w);
    }
    nb_json_end_array(w);
}

static void put_model(const nb_front *front, const oip_path *path, nb_arena *arena, nb_buf *out)
{
    const nb_endpoint *endpoint = nb_front_endpoint(front);
    const nb_version *version = find_version(front, path);
    nb_signature signature = {0};
    nb_json_writer w = NB_JSON_WRITER(out, 0);
    if (version)
        nb_signature_read(arena, nb_version_about(version), &signature);
    nb_json_begin_object(&w);
    nb_json_member_str(&w, "name", endpoint->name);
    nb_json_key(&w, NB_STR("versions"));
    nb_json_begin_array(&w);
    for (size_t i = 0; i < endpoint->deployments.count; i++)
        if (nb_front_version(front, endpoint->deployments.at[i].version))
            nb_json_put_str(&w, nb_arena_printf(arena, "%u", endpoint->deployments.at[i].version));
    nb_json_end_array(&w);
    nb_json_member_str(&w, "platform",
                       signature.framework.len > 0 ? signature.framework : NB_STR("python"));
    put_tensors(&w, "inputs", signature.inputs);
    put_tensors(&w, "outputs", signature.outputs);
    nb_json_end_object(&w);
}

static void put_server(nb_buf *out)
{
    nb_json_writer w = NB_JSON_WRITER(out, 0);
    nb_json_begin_object(&w);
    nb_json_member_str(&w, "name", NB_STR("notebooked"));
    nb_json_member_str(&w, "version", NB_STR(NB_VERSION));
    nb_json_key(&w, NB_STR("extensions"));
    nb_json_begin_array(&w);
    nb_json_put_str(&w, NB_STR("binary_tensor_data"));
    nb_json_end_array(&w);
    nb_json_end_object(&w);
}

static void tell(const nb_front *front, nb_http_request *request)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    oip_path path = read_path(nb_http_path(request));
    bool known = nb_str_eq(path.model, nb_front_endpoint(front)->name) &&
                 (path.version == 0 || find_version(front, &path));
    unsigned status = path.what == OIP_MODEL && !known ? 404 : 200;
    if (path.what == OIP_SERVER)
        put_server(&out);
    else if (path.what == OIP_LIVE) /* the loop turns */
        nb_buf_putz(&out, "{\"live\": true}");
    else if (known)
        put_model(front, &path, &arena, &out);
    else
        put_error(&out, no_model(&arena, front, &path));
    nb_contract_tell_json(request, status, &out);
}

const nb_contract nb_contract_oip = {
    .name = "oip",
    .platform = "Open Inference",
    .route = route,
    .allow = nb_contract_allow,
    .read = read_call,
    .write = write_answer,
    .error = write_error,
    .ready = ready,
    .tell = tell,
};
