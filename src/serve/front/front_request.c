#include "base/heap.h"
#include "serve/front/agree.h"
#include "serve/front/front_parts.h"
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

void nb_front_leave(nb_exchange *e)
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
    nb_front_leave((nb_exchange *)call);
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

/* --- hooks --------------------------------------------------------------------------------------------------------- */

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
    case NB_ROUTE_PREDICT: nb_front_predict(e); break;
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
