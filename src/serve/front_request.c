#include "base/heap.h"
#include "serve/agree.h"
#include "serve/front_parts.h"
#include "text/json.h"
#include "text/json_write.h"

/* --- short answers ------------------------------------------------------------------------------------------------- */

void nb_front_answer(nb_http_request *request, unsigned status, const char *type, nb_str body)
{
    nb_http_answer answer = {
        .status = status, .content_type = nb_str_from(type ? type : ""), .body = body};
    nb_http_answer_with(request, &answer);
}

static void write_error(nb_buf *out, const char *hint, nb_str message)
{
    nb_json_writer w = NB_JSON_WRITER(out, 0);
    nb_json_begin_object(&w);
    nb_json_member_str(&w, "error", message);
    if (hint)
        nb_json_member_str(&w, "hint", nb_str_from(hint));
    nb_json_end_object(&w);
}

void nb_front_refuse(nb_http_request *request, unsigned status, const char *hint,
                     const char *message, ...)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    va_list args;
    va_start(args, message);
    nb_str text = nb_arena_vprintf(&arena, message, args);
    va_end(args);
    write_error(&out, hint, text);
    nb_front_answer(request, status, "application/json", nb_buf_view(&out));
}

static void refuse_with(nb_http_request *request, unsigned status, nb_http_header header,
                        const char *message)
{
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    write_error(&out, NULL, nb_str_from(message));
    nb_http_answer answer = {.status = status,
                             .content_type = NB_STR("application/json"),
                             .body = nb_buf_view(&out),
                             .headers = &header,
                             .header_count = 1};
    nb_http_answer_with(request, &answer);
}

/* --- an exchange and its end --------------------------------------------------------------------------------------- */

static void release(nb_exchange *e)
{
    nb_buf_release(&e->call.translated);
    nb_buf_release(&e->call.made);
    nb_arena_release(&e->call.arena);
    free(e);
}

static void release_if_over(nb_exchange *e)
{
    if (e->left && e->done && !e->twin)
        release(e);
}

/* A shadow that was too busy or not there says nothing; one that fell over what its original could answer does not agree. */
static bool was_tried(nb_refusal shadow)
{
    switch (shadow) {
    case NB_REFUSED_NOT:
    case NB_REFUSED_INPUT:
    case NB_REFUSED_DEADLINE:
    case NB_REFUSED_WORKER_DIED:
    case NB_REFUSED_POISON: return true;
    case NB_REFUSED_QUEUE_FULL:
    case NB_REFUSED_NOT_READY:
    case NB_REFUSED_HOPELESS:
    case NB_REFUSED_BATCH:
    case NB_REFUSED_GONE:
    case NB_REFUSAL_COUNT: break;
    }
    return false;
}

/* Both have left: the figures of the shadow get one more comparison. */
static void compare(nb_exchange *original, nb_exchange *shadow)
{
    const nb_call *a = &original->call, *b = &shadow->call;
    if (a->refusal != NB_REFUSED_NOT || !was_tried(b->refusal))
        return;
    bool agrees =
        b->refusal == NB_REFUSED_NOT && a->status == b->status && nb_agrees(a->result, b->result);
    nb_metrics_shadow(original->front->metrics, b->answered_by, agrees,
                      (b->answered_us - b->queued_us) - (a->answered_us - a->queued_us));
}

static void leave(nb_exchange *e)
{
    nb_exchange *twin = e->twin;
    e->left = true;
    nb_metrics_call(e->front->metrics, &e->call);
    nb_front_capture(e->front, &e->call);
    nb_access_write(e->front, e);
    if (twin && twin->left) {
        compare(e->call.is_shadow ? twin : e, e->call.is_shadow ? e : twin);
        e->twin = twin->twin = NULL;
        release_if_over(twin);
    }
    release_if_over(e);
}

void nb_front_answered(void *ctx, nb_version *version, nb_call *call)
{
    (void)ctx;
    (void)version;
    leave((nb_exchange *)call);
}

static void on_done(void *ctx, nb_http_request *request, bool sent)
{
    nb_front *front = ctx;
    nb_exchange *e = nb_http_owner(request);
    (void)sent;
    if (front->change.request == request)
        front->change.request = NULL;
    if (!e)
        return;
    e->done = true;
    e->request = NULL;
    if (!e->left && e->call.version) {
        nb_version_drop(e->call.version, &e->call);
        return;
    }
    e->left = true; /* or its body never came: it went to no version */
    release_if_over(e);
}

/* --- routing ------------------------------------------------------------------------------------------------------- */

/* With --as nothing else has paths; on the Unix socket, where our own commands ask, all have. */
static bool is_left_out(const nb_front *front, const nb_contract *contract,
                        const nb_http_request *request)
{
    return front->only && front->only != contract && !nb_http_is_unix(request);
}

static const nb_contract *find_contract(const nb_front *front, const nb_http_request *request,
                                        nb_route *route, unsigned *asked)
{
    for (size_t i = 0; nb_contracts[i]; i++) {
        const nb_contract *contract = nb_contracts[i];
        if (is_left_out(front, contract, request))
            continue;
        *asked = 0;
        *route = contract->route(front, request, asked);
        if (*route != NB_ROUTE_NONE)
            return contract;
    }
    return NULL;
}

static bool allows(const char *methods, nb_str method)
{
    nb_str rest = nb_str_from(methods), one;
    while (nb_str_split(&rest, ',', &one))
        if (nb_str_eq(nb_str_trim(one), method))
            return true;
    return false;
}

static bool is_admin(const nb_http_request *request)
{
    return nb_http_is_unix(request) && nb_str_starts(nb_http_path(request), NB_STR("/admin/"));
}

/* Refused before it was a call: counted and logged all the same. */
static void note_early(nb_front *front, const nb_http_request *request, nb_early why,
                       unsigned status)
{
    nb_metrics_early(front->metrics, why);
    nb_access_refused(front, request, status, nb_early_name(why));
}

static void refresh_tokens(nb_front *front)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    bool changed;
    if (nb_auth_refresh(front->auth, nb_loop_now_us(front->loop), &changed, &err) != NB_OK)
        nb_log(front, "%s: %s", nb_error_message(&err, 0), nb_error_message(&err, 1));
    else if (changed)
        nb_log(front, "the token file was read again");
}

static bool pass_auth(nb_front *front, nb_http_request *request, nb_route route)
{
    refresh_tokens(front);
    /* Browsers ask with OPTIONS whether they may send the token at all. */
    bool open = route == NB_ROUTE_READY || nb_str_eqz(nb_http_method(request), "OPTIONS");
    switch (nb_auth_check(front->auth, request, open)) {
    case NB_AUTH_FINE: return true;
    case NB_AUTH_HOST:
        nb_front_refuse(request, 403, "allow it with '--allowed-hosts NAME'",
                        "this endpoint does not answer for the host '" NB_STR_FMT "'",
                        NB_STR_ARG(nb_http_field(request, "Host")));
        note_early(front, request, NB_EARLY_HOST, 403);
        return false;
    case NB_AUTH_TOKEN:
        refuse_with(request, 401, (nb_http_header){"WWW-Authenticate", NB_STR("Bearer")},
                    "this endpoint wants a token: 'Authorization: Bearer TOKEN'");
        note_early(front, request, NB_EARLY_AUTH, 401);
        return false;
    }
    return false;
}

/* Of each token, or where there are none of each address. Who owns the Unix socket is not counted. */
static bool pass_rate(nb_front *front, nb_http_request *request, nb_route route)
{
    char seconds[16];
    if (!front->rate || route != NB_ROUTE_PREDICT || nb_http_is_unix(request))
        return true;
    nb_str key = nb_auth_has_token(front->auth) ? nb_auth_given(request) : nb_http_peer(request);
    ptrdiff_t port = nb_auth_has_token(front->auth) ? -1 : nb_str_rfind_char(key, ':');
    if (port > 0)
        key = nb_str_slice(key, 0, (size_t)port);
    unsigned wait = nb_rate_take(front->rate, key, nb_loop_now_us(front->loop));
    if (wait == 0)
        return true;
    (void)snprintf(seconds, sizeof seconds, "%u", wait);
    refuse_with(request, 429, (nb_http_header){"Retry-After", nb_str_from(seconds)},
                "this client asks more often than the endpoint allows (--rate)");
    note_early(front, request, NB_EARLY_RATE, 429);
    return false;
}

static bool on_head(void *ctx, nb_http_request *request)
{
    nb_front *front = ctx;
    nb_route route = NB_ROUTE_NONE;
    unsigned asked = 0;
    if (is_admin(request))
        return true;
    const nb_contract *contract = find_contract(front, request, &route, &asked);
    if (!pass_auth(front, request, route))
        return false;
    if (!contract) {
        char hint[128] = "";
        if (front->only)
            (void)snprintf(hint, sizeof hint, "only paths of %s are served (--as %s)",
                           front->only->platform, front->only->name);
        nb_front_refuse(request, 404, hint[0] ? hint : NULL, "there is nothing at '" NB_STR_FMT "'",
                        NB_STR_ARG(nb_http_path(request)));
        note_early(front, request, NB_EARLY_PATH, 404);
        return false;
    }
    const char *methods = contract->allow(route);
    if (!allows(methods, nb_http_method(request))) {
        refuse_with(request, 405, (nb_http_header){"Allow", nb_str_from(methods)},
                    "this path does not take that method");
        note_early(front, request, NB_EARLY_METHOD, 405);
        return false;
    }
    if (!pass_rate(front, request, route))
        return false;
    nb_exchange *e = NB_HEAP_NEW(nb_exchange);
    *e = (nb_exchange){.front = front, .request = request, .route = route, .asked = asked};
    e->call.contract = contract;
    e->call.translated = NB_BUF_INIT(NB_FRAME_LARGEST);
    e->left = route != NB_ROUTE_PREDICT;
    nb_http_set_owner(request, e);
    return true;
}

/* --- predicting ---------------------------------------------------------------------------------------------------- */

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

static void predict(nb_exchange *e)
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
        leave(e);
        return;
    }
    call->version = version;
    nb_version_take(version, call);
    if (call->status == 0)
        cast_shadows(e);
}

static void on_whole(void *ctx, nb_http_request *request)
{
    nb_front *front = ctx;
    nb_exchange *e = nb_http_owner(request);
    nb_str reason = NB_STR("");
    if (!e) {
        nb_admin(front, request);
        return;
    }
    switch (e->route) {
    case NB_ROUTE_PREDICT: predict(e); break;
    case NB_ROUTE_READY: {
        bool ready = nb_front_is_ready(front, &reason);
        e->call.contract->ready(front, request, ready, reason);
        break;
    }
    case NB_ROUTE_TELL: e->call.contract->tell(front, request); break;
    case NB_ROUTE_NONE: break;
    }
}

static void on_refused(void *ctx, nb_http_request *request, nb_http_refusal why)
{
    static const unsigned statuses[] = {
        [NB_HTTP_BAD] = 400,      [NB_HTTP_TOO_LARGE] = 413, [NB_HTTP_TOO_LONG] = 431,
        [NB_HTTP_TOO_SLOW] = 408, [NB_HTTP_TOO_MANY] = 503,
    };
    nb_front *front = ctx;
    nb_metrics_http_refusal(front->metrics, why);
    nb_access_refused(front, request, statuses[why], nb_http_refusal_name(why));
}

const nb_http_hooks nb_front_http_hooks = {
    .head = on_head, .whole = on_whole, .done = on_done, .refused = on_refused};
