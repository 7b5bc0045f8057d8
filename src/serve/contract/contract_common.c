#include "serve/contract/contract_common.h"

#include "serve/contract/predictions.h"
#include "serve/contract/rows.h"

const char *nb_contract_allow(nb_route route)
{
    return route == NB_ROUTE_PREDICT ? "POST" : "GET, HEAD";
}

/* --- requests ------------------------------------------------------------------------------------------------------ */

bool nb_contract_read_plain(nb_call *call)
{
    nb_str type = nb_http_field(call->request, "Content-Type");
    call->content_type = type.len > 0 ? type : NB_STR("application/json");
    call->accept = nb_http_field(call->request, "Accept");
    call->rows = nb_rows_count(call->content_type, call->body);
    return true;
}

void nb_contract_read_json(nb_call *call)
{
    call->content_type = NB_STR("application/json");
    call->accept = NB_STR("application/json");
    call->rows = nb_rows_count(call->content_type, call->body);
}

void nb_contract_refuse(nb_call *call, unsigned status, const char *message, ...)
{
    va_list args;
    va_start(args, message);
    nb_str text = nb_arena_vprintf(&call->arena, message, args);
    va_end(args);
    nb_call_refuse(call, NB_REFUSED_INPUT, status, 0, NB_STR_FMT, NB_STR_ARG(text));
}

static void find_members(nb_json_reader *r, nb_contract_member *members, size_t count)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_str key;
    (void)nb_json_enter(r, NB_JSON_OBJECT);
    while (nb_json_next_key(r, &arena, &key)) {
        nb_json_kind kind = nb_json_peek(r);
        nb_str text;
        nb_json_skip(r, &text);
        for (size_t i = 0; i < count; i++)
            if (nb_str_eqz(key, members[i].name)) {
                members[i].kind = kind;
                members[i].text = text;
            }
    }
}

bool nb_contract_find(nb_call *call, nb_contract_member *members, size_t count, const char *wants)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_json_reader r;
    nb_json_open(&r, call->body, NB_STR("body"), NB_JSON_NAN | NB_JSON_SURROGATES | NB_JSON_BOM);
    bool is_object = nb_json_peek(&r) == NB_JSON_OBJECT;
    if (is_object)
        find_members(&r, members, count);
    else
        nb_json_skip(&r, NULL);
    if (nb_json_close(&r, &err) != NB_OK)
        nb_contract_refuse(call, 400, "%s (JSON, line %u, column %u)", nb_error_message(&err, 0),
                           err.line, err.column);
    else if (!is_object)
        nb_contract_refuse(call, 400, "the body is no object: %s", wants);
    return call->status == 0;
}

bool nb_contract_target_of(nb_str path, const char *prefix, const char *suffix,
                           nb_contract_target *out)
{
    static const nb_str versions = NB_STR_ROW("/versions/");
    nb_str before = nb_str_from(prefix), after = nb_str_from(suffix);
    int64_t number = 0;
    if (!nb_str_starts(path, before) || !nb_str_ends(path, after) ||
        path.len <= before.len + after.len)
        return false;
    *out = (nb_contract_target){nb_str_slice(path, before.len, path.len - after.len), 0};
    ptrdiff_t at = nb_str_find(out->name, versions);
    if (at >= 0) {
        nb_str digits = nb_str_from_at(out->name, (size_t)at + versions.len);
        if (!nb_str_to_int(digits, &number) || number < 1 || number >= UINT32_MAX)
            return false;
        *out = (nb_contract_target){nb_str_slice(out->name, 0, (size_t)at), (unsigned)number};
    }
    return out->name.len > 0 && nb_str_find_char(out->name, '/') < 0;
}

bool nb_contract_is_ours(const nb_front *front, nb_str name)
{
    return nb_str_eq(name, nb_front_endpoint(front)->name);
}

bool nb_contract_is_invocations(const nb_front *front, nb_str path)
{
    nb_contract_target target;
    return nb_str_eqz(path, "/invocations") ||
           (nb_contract_target_of(path, "/endpoints/", "/invocations", &target) &&
            target.version == 0 && nb_contract_is_ours(front, target.name));
}

const nb_deployment *nb_contract_deployment(const nb_call *call)
{
    const nb_endpoint *endpoint = nb_front_endpoint(call->front);
    for (size_t i = 0; i < endpoint->deployments.count; i++)
        if (endpoint->deployments.at[i].version == call->answered_by)
            return &endpoint->deployments.at[i];
    return NULL;
}

/* --- answers ------------------------------------------------------------------------------------------------------- */

void nb_contract_write_plain(nb_call *call, const nb_frame_result *result, nb_http_answer *answer)
{
    (void)call;
    answer->content_type = result->content_type;
    answer->body = result->body;
}

void nb_contract_json_body(nb_call *call, const nb_buf *out, nb_http_answer *answer)
{
    answer->content_type = NB_STR("application/json");
    answer->body = nb_arena_str(&call->arena, nb_buf_view(out));
}

static void wrap(nb_call *call, const nb_predictions *predictions, nb_contract_more *more,
                 nb_http_answer *answer)
{
    nb_buf *out = &call->made;
    nb_json_writer w = NB_JSON_WRITER(out, 0);
    *out = NB_BUF_INIT(NB_BUF_TEXT);
    nb_json_begin_object(&w);
    nb_json_key(&w, NB_STR("predictions"));
    nb_json_put_raw(&w, predictions->value);
    if (more)
        more(call, &w);
    nb_json_end_object(&w);
    answer->take = out;
}

/* The model, not the client, is to blame. */
static void refuse_answer(nb_call *call, nb_str message, nb_http_answer *answer)
{
    answer->status = 500;
    call->error = nb_arena_str(&call->arena, message);
    call->contract->error(call, 500, call->error, answer);
}

void nb_contract_write_predictions(nb_call *call, const nb_frame_result *result,
                                   nb_contract_more *more, nb_http_answer *answer)
{
    NB_AUTO(nb_buf) made = NB_BUF_INIT(NB_BUF_TEXT);
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_predictions predictions;
    answer->content_type = NB_STR("application/json");
    if (nb_predictions_find(result->content_type, result->body, &made, &predictions, &err) !=
        NB_OK) {
        refuse_answer(call, nb_str_from(nb_error_message(&err, 0)), answer);
    } else if (predictions.whole.len == 0 || more) {
        wrap(call, &predictions, more, answer);
    } else if (made.len == 0) {
        answer->body = result->body;
    } else {
        call->made = made;
        made = NB_BUF_INIT(NB_BUF_TEXT);
        answer->take = &call->made;
    }
}

void nb_contract_error_member(nb_call *call, const char *key, nb_str message,
                              nb_http_answer *answer)
{
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    nb_json_writer w = NB_JSON_WRITER(&out, 0);
    nb_json_begin_object(&w);
    nb_json_member_str(&w, key, message);
    nb_json_end_object(&w);
    nb_contract_json_body(call, &out, answer);
}

void nb_contract_header(nb_call *call, nb_http_answer *answer, const char *name, nb_str value)
{
    size_t count = answer->header_count;
    nb_http_header *headers = NB_NEW_ARRAY(&call->arena, nb_http_header, count + 1);
    if (count > 0)
        memcpy(headers, answer->headers, count * sizeof *headers);
    headers[count] = (nb_http_header){name, value};
    answer->headers = headers;
    answer->header_count = count + 1;
}

void nb_contract_ready_text(nb_http_request *request, bool ready, const char *fine, nb_str reason)
{
    nb_http_answer answer = {.status = ready ? 200 : 503,
                             .content_type = NB_STR("text/plain; charset=utf-8"),
                             .body = ready ? nb_str_from(fine) : reason};
    if (answer.body.len == 0)
        answer.content_type = NB_STR("");
    nb_http_answer_with(request, &answer);
}

void nb_contract_tell_json(nb_http_request *request, unsigned status, const nb_buf *out)
{
    nb_http_answer_with(request, &(nb_http_answer){.status = status,
                                                   .content_type = NB_STR("application/json"),
                                                   .body = nb_buf_view(out)});
}

void nb_contract_ready_json(const nb_front *front, nb_http_request *request, bool ready,
                            nb_str reason)
{
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    nb_json_writer w = NB_JSON_WRITER(&out, 0);
    (void)front;
    nb_json_begin_object(&w);
    nb_json_member_bool(&w, "ready", ready);
    if (!ready)
        nb_json_member_str(&w, "reason", reason);
    nb_json_end_object(&w);
    nb_contract_tell_json(request, ready ? 200 : 503, &out);
}
