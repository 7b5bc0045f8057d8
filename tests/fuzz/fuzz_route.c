/* Requests through connection, routing, the contracts' reading and writing, with any answer of a worker, and without one: every request gets one answer
 * at most and exactly one when its client stays; answers are HTTP, their errors JSON where they say so, and so is every line of the access log.
 *
 *     bytes: how · status of the worker's answer · its type · length of its body · body · what the client sends
 */
#include "serve/front/front_parts.h"
#include "serve/http/http_parts.h"
#include "serve/version/version_parts.h"
#include "text/json.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* Bits of `how`; the upper four choose the contract of --as. */
enum { LEAVES = 1, LOADS = 2, SHADOWED = 4, SMALL_QUEUE = 8 };
enum { IDLE_TURNS = 3, MOST_REQUESTS = 512 };

typedef struct scene {
    nb_front front;
    nb_front_options options;
    nb_version versions[2];
    nb_frame_result result;
    unsigned how;
    int client;
    bool shut;
    unsigned idle;
    nb_timer tick;
    nb_buf answers;
    size_t seen, done, sent, refused; /* `sent`: answers of the front that went out whole */
    bool heads[MOST_REQUESTS];        /* whose answers have no body, in order */
    size_t begun;
} scene;

static void check(bool holds)
{
    if (!holds)
        abort();
}

/* --- what http tells the front ------------------------------------------------------------------------------------- */

static void begin(scene *s, const nb_http_request *request)
{
    check(s->begun < MOST_REQUESTS);
    s->heads[s->begun++] = request && nb_str_eqz(nb_http_method(request), "HEAD");
}

static bool on_head(void *ctx, nb_http_request *request)
{
    scene *s = ctx;
    s->seen++;
    begin(s, request);
    return nb_front_http_hooks.head(&s->front, request);
}

static void on_whole(void *ctx, nb_http_request *request)
{
    nb_front_http_hooks.whole(&((scene *)ctx)->front, request);
}

static void on_done(void *ctx, nb_http_request *request, bool sent)
{
    scene *s = ctx;
    s->done++;
    s->sent += sent;
    check(s->done <= s->seen);
    nb_front_http_hooks.done(&s->front, request, sent);
}

static void on_refused(void *ctx, nb_http_request *request, nb_http_refusal why)
{
    scene *s = ctx;
    s->refused++;
    if (!request || !request->seen)
        begin(s, request);
    nb_front_http_hooks.refused(&s->front, request, why);
}

/* --- the worker and the client, between two turns ------------------------------------------------------------------ */

static bool answer_calls(scene *s)
{
    bool any = false;
    for (size_t i = 0; i < NB_LEN(s->versions); i++) {
        nb_version *version = &s->versions[i];
        while (version->head) {
            nb_call *call = version->head;
            (void)nb_queue_remove(version, call);
            nb_call_answer(call, &s->result);
            nb_version_left(version, call);
            any = true;
        }
    }
    return any;
}

static bool receive(scene *s)
{
    char bytes[16384];
    ssize_t got = recv(s->client, bytes, sizeof bytes, MSG_DONTWAIT);
    if (got <= 0)
        return false;
    nb_buf_put(&s->answers, (nb_str){bytes, (size_t)got});
    return true;
}

static void tick(void *ctx)
{
    (void)ctx;
}

static void work(void *ctx)
{
    scene *s = ctx;
    bool leaves = (s->how & LEAVES) != 0;
    bool answered = !leaves && answer_calls(s);
    bool received = receive(s);
    s->idle = answered || received ? 0 : s->idle + 1;
    nb_timer_set(s->front.loop, &s->tick, nb_loop_now_us(s->front.loop)); /* never sleep */
    if (s->idle <= IDLE_TURNS)
        return;
    if (s->shut)
        nb_loop_end(s->front.loop);
    (void)shutdown(s->client, leaves ? SHUT_RDWR : SHUT_WR);
    s->shut = true;
    s->idle = 0;
}

/* --- the scene ----------------------------------------------------------------------------------------------------- */

static void open_version(scene *s, size_t i)
{
    static const char about[] =
        "{\"batch\": true, \"schema\": {\"n_features\": 2, \"columns\": [\"a\", \"b\"], "
        "\"dtypes\": {\"a\": \"float64\", \"b\": \"int64\"}}}";
    nb_version *version = &s->versions[i];
    *version = (nb_version){
        .loop = s->front.loop,
        .options = {.number = (unsigned)i + 1,
                    .queue_requests = s->how & SMALL_QUEUE ? 1 : 64,
                    .queue_bytes = s->how & SMALL_QUEUE ? 16 : 1 << 20},
        .hooks = {.answered = nb_front_answered,                         .ctx = &s->front                },
        .metrics = s->front.metrics,
        .reason = NB_BUF_INIT(1 << 10),
        .tail = NB_BUF_INIT(1 << 10),
        .about = NB_BUF_INIT(1 << 10),
        .state = s->how & LOADS ? NB_VERSION_LOADING : NB_VERSION_READY,
    };
    version->end = &version->head;
    nb_buf_putz(&version->about, about);
    s->front.up[i] = (nb_up){.number = (unsigned)i + 1, .version = version};
    s->front.traffic.shares[i] =
        (nb_traffic_share){.version = (unsigned)i + 1, .weight = 100, .shadow = i == 1};
}

static void open_front(scene *s)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_front *front = &s->front;
    size_t contracts = 0;
    while (nb_contracts[contracts])
        contracts++;
    size_t chosen = (s->how >> 4) % (contracts + 1);
    *front = (nb_front){.options = &s->options,
                        .signals = -1,
                        .log = NB_LOG_FILE_NONE,
                        .access = NB_LOG_FILE_NONE,
                        .access_lines = NB_BUF_INIT(1 << 20),
                        .up_count = s->how & SHADOWED ? 2 : 1,
                        .only = chosen < contracts ? nb_contracts[chosen] : NULL,
                        .metrics = nb_metrics_new(NB_STR("iris"))};
    front->traffic.count = front->up_count;
    check(nb_endpoint_new(&front->arena, NB_STR("/nowhere"), NB_STR("iris"), &front->endpoint,
                          &err) == NB_OK);
    nb_vec_push(&front->arena, &front->endpoint.deployments,
                (nb_deployment){.version = 1,
                                .experiment = NB_STR("iris"),
                                .model = NB_STR("models/iris/1"),
                                .weight = 100,
                                .up = true});
    check(nb_auth_open(&front->endpoint.settings, &front->auth, &err) == NB_OK);
    check(nb_loop_open(&front->loop, &err) == NB_OK);
    for (size_t i = 0; i < front->up_count; i++)
        open_version(s, i);
}

/* A Unix socket is quicker than TCP; the front is told that it is none, since the admin is not what is looked at. */
static void connect_client(scene *s)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    socklen_t size = sizeof name;
    nb_http_limits limits = NB_HTTP_LIMITS;
    nb_http_hooks hooks = {on_head, on_whole, on_done, on_refused, s};
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    check(bind(listener, (const struct sockaddr *)&name, sizeof name.sun_family) == 0);
    check(getsockname(listener, (struct sockaddr *)&name, &size) == 0 && listen(listener, 1) == 0);
    limits.body = 2048;
    limits.head = 2048;
    check(nb_http_open(s->front.loop, listener, &limits, &hooks, &s->front.tcp, &err) == NB_OK);
    s->front.tcp->is_unix = false;
    s->client = socket(AF_UNIX, SOCK_STREAM, 0);
    check(connect(s->client, (const struct sockaddr *)&name, size) == 0);
}

static void close_all(scene *s)
{
    nb_http_close(s->front.tcp);
    for (size_t i = 0; i < s->front.up_count; i++) {
        nb_version *version = &s->versions[i];
        (void)answer_calls(s); /* shadows of those that left */
        check(version->waiting == 0 && version->waiting_bytes == 0);
        nb_buf_release(&version->reason);
        nb_buf_release(&version->tail);
        nb_buf_release(&version->about);
    }
    close(s->client);
    nb_timer_stop(s->front.loop, &s->tick);
    nb_loop_close(s->front.loop);
    nb_metrics_free(s->front.metrics);
    nb_auth_free(s->front.auth);
    nb_buf_release(&s->front.access_lines);
    nb_arena_release(&s->front.arena);
}

/* --- what came of it ----------------------------------------------------------------------------------------------- */

static bool is_json(nb_str text)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT;
    const nb_json *json = NULL;
    return nb_json_parse(&arena, text, NB_STR("text"), NB_JSON_STRICT, &json, &ignored) == NB_OK;
}

static nb_str field_of(nb_str head, const char *name)
{
    nb_str line, key;
    while (nb_str_line(&head, &line))
        if (nb_str_split(&line, ':', &key) && nb_str_eqz(key, name))
            return nb_str_trim(line);
    return NB_STR("");
}

/* One answer at the start of `rest`, taken off. False: it is not whole. */
static bool take_answer(const scene *s, nb_str *rest, bool has_body)
{
    static const nb_str end = NB_STR_ROW("\r\n\r\n");
    int64_t status = 0, length = 0;
    ptrdiff_t at = nb_str_find(*rest, end);
    if (at < 0)
        return false;
    nb_str head = nb_str_slice(*rest, 0, (size_t)at + 2);
    check(nb_str_starts(head, NB_STR("HTTP/1.1 ")) &&
          nb_str_to_int(nb_str_slice(head, 9, 12), &status));
    nb_str sized = field_of(head, "Content-Length"), type = field_of(head, "Content-Type");
    check(status >= 100 && status <= 599 && (sized.len == 0 || nb_str_to_int(sized, &length)));
    *rest = nb_str_from_at(*rest, (size_t)at + end.len);
    if (status == 100)
        return take_answer(s, rest, has_body);
    if (!has_body || status == 204 || status == 304)
        return true;
    if (rest->len < (size_t)length)
        return false;
    nb_str body = nb_str_slice(*rest, 0, (size_t)length);
    *rest = nb_str_from_at(*rest, (size_t)length);
    bool ours = s->result.status < 400 && status >= 400;
    if (ours && nb_str_starts(type, NB_STR("application/json")))
        check(is_json(body));
    return true;
}

static void check_answers(const scene *s)
{
    nb_str rest = nb_buf_view(&s->answers);
    size_t count = 0;
    while (rest.len > 0 && count < s->begun && take_answer(s, &rest, !s->heads[count]))
        count++;
    if (s->how & LEAVES)
        return;
    check(rest.len == 0);
    check(count == s->sent + s->refused);
    check(s->begun - count <= 1); /* the last one's body did not come */
}

static void check_log(scene *s)
{
    nb_str rest = nb_buf_view(&s->front.access_lines), line;
    check(!s->front.access_lines.full);
    while (nb_str_line(&rest, &line))
        check(is_json(line));
}

static unsigned char take_byte(nb_str *from)
{
    unsigned char byte = from->len > 0 ? (unsigned char)from->at[0] : 0;
    *from = nb_str_from_at(*from, from->len > 0);
    return byte;
}

static nb_str take_result(scene *s, nb_str bytes)
{
    static const unsigned statuses[] = {200, 201, 204, 400, 404, 415, 500, 503};
    static const char *const types[] = {"application/json",
                                        "text/csv",
                                        "text/plain; charset=utf-8",
                                        "application/json; charset=utf-8",
                                        "",
                                        "a\r\nb: c",
                                        "application/octet-stream",
                                        "application/problem+json"};
    s->result.status = statuses[take_byte(&bytes) % NB_LEN(statuses)];
    s->result.content_type = nb_str_from(types[take_byte(&bytes) % NB_LEN(types)]);
    size_t length = take_byte(&bytes);
    length = length < bytes.len ? length : bytes.len;
    s->result.body = nb_str_slice(bytes, 0, length);
    return nb_str_from_at(bytes, length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    static scene s;
    nb_str bytes = {(const char *)data, size};
    s = (scene){.tick = {.fire = tick}, .answers = NB_BUF_INIT(64 << 20)};
    s.how = take_byte(&bytes);
    bytes = take_result(&s, bytes);
    open_front(&s);
    connect_client(&s);
    check(bytes.len == 0 ||
          send(s.client, bytes.at, bytes.len, MSG_NOSIGNAL) == (ssize_t)bytes.len);
    nb_loop_before_sleep(s.front.loop, work, &s);
    check(nb_loop_run(s.front.loop, &err) == NB_OK);
    check_log(&s);
    close_all(&s);
    check(s.seen == s.done);
    check_answers(&s);
    nb_buf_release(&s.answers);
    s = (scene){0}; /* nothing is reached from here any more: what is left is a leak */
    return 0;
}
