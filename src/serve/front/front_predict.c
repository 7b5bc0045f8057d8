/* From a request to a call: its name, its time, its version; and the copies that shadows predict. */
#include "base/heap.h"
#include "serve/front/front_parts.h"

/* W3C trace context: version, trace, span and flags, "00-…-…-01". */
static bool is_traceparent(nb_str text)
{
    static const size_t dashes[] = {2, 35, 52};
    size_t dash = 0;
    if (text.len < 55 || text.len > 100)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        if (dash < NB_LEN(dashes) && i == dashes[dash]) {
            dash++;
            if (c != '-')
                return false;
        } else if (!nb_is_digit(c) && !(c >= 'a' && c <= 'f') && (i < 55 || c != '-')) {
            return false;
        }
    }
    return true;
}

static void name_call(nb_front *front, nb_call *call)
{
    static const char *const names[] = {"X-Request-Id", "x-ms-request-id",
                                        "x-ms-client-request-id"};
    nb_str trace = nb_http_field(call->request, "traceparent");
    call->id = ++front->last_call;
    call->trace = is_traceparent(trace) ? trace : NB_STR("");
    for (size_t i = 0; i < NB_LEN(names); i++) {
        nb_str given = nb_http_field(call->request, names[i]);
        if (!nb_call_id_fits(given))
            continue;
        memcpy(call->request_id, given.at, given.len);
        return;
    }
    (void)snprintf(call->request_id, sizeof call->request_id, "%llx-%llx",
                   (unsigned long long)front->started_us, (unsigned long long)call->id);
}

/* A client may ask for less time than the endpoint gives, never for more; with --as a platform's patience is the longest. The setting is looked at
 * each time: a deployment may change it. */
static int64_t timeout_us(const nb_front *front, const nb_http_request *request)
{
    int64_t ms = front->endpoint.settings.timeout_ms, asked = 0;
    int64_t most = front->only ? front->only->limits.answer_ms : 0;
    if (most > 0 && most < ms)
        ms = most;
    if (front->options->debug)
        ms = NB_DEBUG_MS;
    if (nb_str_to_int(nb_http_field(request, "X-Request-Timeout-Ms"), &asked) && asked > 0 &&
        asked < ms)
        ms = asked;
    return ms * 1000;
}

/* The version asked for by header: ours, and what clients of two clouds say. "v4" and "4" are the same. */
static unsigned asked_by_header(const nb_http_request *request, nb_str *text)
{
    static const char *const names[] = {"X-Notebooked-Version", "azureml-model-deployment",
                                        "X-Amzn-SageMaker-Target-Variant"};
    int64_t number = 0;
    for (size_t i = 0; i < NB_LEN(names); i++) {
        *text = nb_http_field(request, names[i]);
        if (text->len == 0)
            continue;
        nb_str digits = text->at[0] == 'v' ? nb_str_from_at(*text, 1) : *text;
        return nb_str_to_int(digits, &number) && number > 0 && number < UINT32_MAX
                   ? (unsigned)number
                   : UINT32_MAX;
    }
    return 0;
}

/* What stays the same for a client, and keeps it with one version; empty: nothing does. */
static nb_str session_of(const nb_front *front, const nb_http_request *request)
{
    nb_str key = nb_http_field(request, "X-Notebooked-Session");
    if (key.len > 0 || !front->session)
        return key;
    key = nb_http_field(request, front->session);
    return front->session_cookie.len > 0 ? nb_traffic_cookie(key, front->session_cookie) : key;
}

/* NULL: the call was refused. */
static nb_version *choose_version(nb_exchange *e)
{
    nb_front *front = e->front;
    nb_str text = NB_STR("");
    unsigned asked = e->asked > 0 ? e->asked : asked_by_header(e->request, &text);
    if (asked > 0) {
        nb_version *version = nb_front_version(front, asked);
        if (!version && text.len == 0)
            text = nb_arena_printf(&e->call.arena, "%u", asked); /* of the path */
        if (!version)
            nb_call_refuse(&e->call, NB_REFUSED_INPUT, 404, 0,
                           "the version that was asked for ('" NB_STR_FMT "') is not up",
                           NB_STR_ARG(text));
        return version;
    }
    nb_str key = session_of(front, e->request);
    unsigned number =
        key.len > 0 ? nb_traffic_for_key(&front->traffic, key) : nb_traffic_next(&front->traffic);
    nb_version *version = nb_front_version(front, number);
    if (!version)
        nb_call_refuse(&e->call, NB_REFUSED_NOT_READY, 503, 1,
                       "no version of '" NB_STR_FMT "' takes requests now",
                       NB_STR_ARG(front->endpoint.name));
    return version;
}

/* A copy that never answers. Dropped when the shadow cannot keep up. */
static void cast_shadow(nb_exchange *e, unsigned number)
{
    nb_version *version = nb_front_version(e->front, number);
    if (!version || version == e->call.version || nb_version_waiting(version) > NB_SHADOW_QUEUE ||
        nb_version_state_of(version) != NB_VERSION_READY)
        return;
    nb_exchange *copy = NB_HEAP_NEW(nb_exchange);
    nb_call *to = &copy->call;
    const nb_call *from = &e->call;
    *copy = (nb_exchange){.front = e->front, .twin = e, .done = true};
    *to = (nb_call){.id = ++e->front->last_call,
                    .contract = from->contract,
                    .rows = from->rows,
                    .received_us = from->received_us,
                    .deadline_us = from->deadline_us,
                    .is_shadow = true};
    to->content_type = nb_arena_str(&to->arena, from->content_type);
    to->accept = nb_arena_str(&to->arena, from->accept);
    to->body = nb_arena_str(&to->arena, from->body);
    e->twin = copy;
    e->call.shadowed_by = to;
    nb_version_take(version, to);
}

/* After the original is in its queue. Two shadows share what one can get: a call has one copy. */
static void cast_shadows(nb_exchange *e)
{
    nb_traffic *traffic = &e->front->traffic;
    for (size_t i = 0; i < traffic->count && !e->twin; i++)
        if (traffic->shares[i].shadow && nb_traffic_casts(&traffic->shares[i]))
            cast_shadow(e, traffic->shares[i].version);
}

void nb_front_predict(nb_exchange *e)
{
    nb_front *front = e->front;
    nb_call *call = &e->call;
    call->request = e->request;
    call->front = front;
    call->body = nb_http_body(e->request);
    call->received_us = nb_loop_now_us(front->loop);
    call->deadline_us = call->received_us + timeout_us(front, e->request);
    call->limits = front->only && front->only == call->contract ? &front->only->limits : NULL;
    call->wants_timing = nb_http_field(e->request, "X-Notebooked-Timing").len > 0;
    name_call(front, call);
    call->is_captured = nb_capture_wants(front->capture, call->id);
    nb_version *version = call->contract->read(call) ? choose_version(e) : NULL;
    if (!version) {
        call->answered_us = nb_loop_now_us(front->loop);
        nb_front_leave(e);
        return;
    }
    call->version = version;
    nb_version_take(version, call);
    if (call->status == 0)
        cast_shadows(e);
}
