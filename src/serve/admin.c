#include "serve/front_parts.h"
#include "text/json.h"
#include "text/json_write.h"

#include <unistd.h>

/* --- figures ------------------------------------------------------------------------------------------------------- */

static const char *const worker_states[] = {
    [NB_WORKER_STARTING] = "starting", [NB_WORKER_LOADING] = "loading",
    [NB_WORKER_READY] = "ready",       [NB_WORKER_BUSY] = "busy",
    [NB_WORKER_STOPPING] = "stopping", [NB_WORKER_GONE] = "gone",
};

enum { MOST_VIEWS = 256 };

typedef struct gauge_row {
    const char *name, *help;
    size_t (*of)(const nb_version *version);
} gauge_row;

static const gauge_row version_gauges[] = {
    {"notebooked_queue_depth", "Requests that wait for a worker.", nb_version_waiting},
    {"notebooked_inflight",    "Requests that are with a worker.", nb_version_busy   },
};

static void gauge_family(nb_buf *out, const char *name, const char *help)
{
    nb_buf_printf(out, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
}

static void worker_gauges(const nb_front *front, nb_buf *out)
{
    nb_worker_view views[MOST_VIEWS];
    gauge_family(out, "notebooked_workers", "Workers by state.");
    for (size_t i = 0; i < front->up_count; i++) {
        size_t counts[NB_LEN(worker_states)] = {0};
        size_t count = nb_version_workers(front->up[i].version, views, MOST_VIEWS);
        for (size_t n = 0; n < count; n++)
            counts[views[n].state]++;
        for (size_t s = 0; s < NB_LEN(worker_states); s++)
            nb_buf_printf(
                out,
                "notebooked_workers{endpoint=\"" NB_STR_FMT "\",version=\"%u\",state=\"%s\"} %zu\n",
                NB_STR_ARG(front->endpoint.name), front->up[i].number, worker_states[s], counts[s]);
    }
    gauge_family(out, "notebooked_worker_rss_bytes",
                 "Resident memory of a worker, when last seen.");
    for (size_t i = 0; i < front->up_count; i++) {
        size_t count = nb_version_workers(front->up[i].version, views, MOST_VIEWS);
        for (size_t n = 0; n < count; n++)
            nb_buf_printf(out,
                          "notebooked_worker_rss_bytes{endpoint=\"" NB_STR_FMT
                          "\",version=\"%u\",worker=\"%u\"} %lld\n",
                          NB_STR_ARG(front->endpoint.name), front->up[i].number, views[n].number,
                          (long long)views[n].rss);
    }
}

typedef struct gauge_ctx {
    const nb_front *front;
} gauge_ctx;

static void write_gauges(void *ctx, nb_buf *out)
{
    const nb_front *front = ((const gauge_ctx *)ctx)->front;
    for (size_t g = 0; g < NB_LEN(version_gauges); g++) {
        gauge_family(out, version_gauges[g].name, version_gauges[g].help);
        for (size_t i = 0; i < front->up_count; i++)
            nb_buf_printf(out, "%s{endpoint=\"" NB_STR_FMT "\",version=\"%u\"} %zu\n",
                          version_gauges[g].name, NB_STR_ARG(front->endpoint.name),
                          front->up[i].number, version_gauges[g].of(front->up[i].version));
    }
    worker_gauges(front, out);
    gauge_family(out, "notebooked_connections", "Open connections.");
    nb_buf_printf(out, "notebooked_connections{endpoint=\"" NB_STR_FMT "\"} %zu\n",
                  NB_STR_ARG(front->endpoint.name), nb_http_connections(front->tcp));
}

void nb_front_write_metrics(const nb_front *front, bool openmetrics, nb_buf *out)
{
    gauge_ctx ctx = {front};
    const nb_gauge_source gauges = {.write = write_gauges, .ctx = &ctx};
    nb_metrics_write(front->metrics, &gauges, openmetrics, out);
}

/* --- status -------------------------------------------------------------------------------------------------------- */

static void write_workers(nb_json_writer *w, const nb_version *version)
{
    nb_worker_view views[MOST_VIEWS];
    size_t count = nb_version_workers(version, views, MOST_VIEWS);
    nb_json_key(w, NB_STR("workers"));
    nb_json_begin_array(w);
    for (size_t i = 0; i < count; i++) {
        nb_json_begin_object(w);
        nb_json_member_int(w, "number", views[i].number);
        nb_json_member_str(w, "state", nb_str_from(worker_states[views[i].state]));
        nb_json_member_int(w, "pid", views[i].pid);
        nb_json_member_int(w, "rss", views[i].rss);
        nb_json_member_int(w, "restarts", views[i].restarts);
        nb_json_member_int(w, "served", views[i].served);
        nb_json_end_object(w);
    }
    nb_json_end_array(w);
}

static void put_ms(nb_json_writer *w, const char *key, double ms)
{
    char text[320]; /* what the largest double takes */
    size_t len = (size_t)snprintf(text, sizeof text, "%.3f", ms);
    nb_json_key(w, nb_str_from(key));
    nb_json_put_raw(w, (nb_str){text, len});
}

static void write_figures(nb_json_writer *w, const nb_front *front, const nb_up *up)
{
    nb_version_figures f = nb_metrics_version(front->metrics, up->number);
    nb_json_key(w, NB_STR("figures"));
    nb_json_begin_object(w);
    nb_json_member_int(w, "requests", (int64_t)f.requests);
    nb_json_member_int(w, "failures", (int64_t)f.failures);
    put_ms(w, "p50_ms", f.p50_ms);
    put_ms(w, "p90_ms", f.p90_ms);
    put_ms(w, "p99_ms", f.p99_ms);
    nb_json_member_int(w, "waiting", (int64_t)nb_version_waiting(up->version));
    nb_json_member_int(w, "busy", (int64_t)nb_version_busy(up->version));
    nb_json_member_int(w, "shadow_compared", (int64_t)f.shadow_compared);
    nb_json_member_int(w, "shadow_disagreed", (int64_t)f.shadow_disagreed);
    nb_json_end_object(w);
}

static void write_version(nb_json_writer *w, const nb_front *front, const nb_up *up)
{
    const nb_traffic_share *share = nb_traffic_find(&front->traffic, up->number);
    nb_version_state state = nb_version_state_of(up->version);
    nb_json_begin_object(w);
    nb_json_member_int(w, "version", up->number);
    nb_json_member_str(w, "state", nb_str_from(nb_version_state_name(state)));
    nb_json_member_str(w, "reason", nb_version_reason(up->version));
    nb_json_member_int(w, "weight", share && !share->shadow ? share->weight : 0);
    nb_json_member_int(w, "shadow", share && share->shadow ? share->weight : 0);
    write_workers(w, up->version);
    write_figures(w, front, up);
    nb_json_end_object(w);
}

static void answer_json(nb_http_request *request, unsigned status, const nb_buf *out)
{
    nb_front_answer(request, status, "application/json", nb_buf_view(out));
}

static void status(nb_front *front, nb_http_request *request)
{
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_json_writer w = NB_JSON_WRITER(&out, 0);
    nb_str reason = NB_STR("");
    bool ready = nb_front_is_ready(front, &reason);
    nb_str url =
        nb_arena_printf(&arena, "http://" NB_STR_FMT ":%u",
                        NB_STR_ARG(front->endpoint.settings.host), front->endpoint.settings.port);
    nb_json_begin_object(&w);
    nb_json_member_bool(&w, "ready", ready);
    nb_json_member_str(&w, "reason", reason);
    nb_json_member_int(&w, "pid", getpid());
    nb_json_member_str(&w, "url", url);
    nb_json_key(&w, NB_STR("versions"));
    nb_json_begin_array(&w);
    for (size_t i = 0; i < front->up_count; i++)
        write_version(&w, front, &front->up[i]);
    nb_json_end_array(&w);
    nb_json_end_object(&w);
    answer_json(request, 200, &out);
}

/* --- requests ------------------------------------------------------------------------------------------------------ */

static bool number_of(const nb_json *value, int64_t most, unsigned *out)
{
    int64_t number = 0;
    if (!value || value->kind != NB_JSON_NUMBER || !nb_str_to_int(value->text, &number) ||
        number < 0 || number > most)
        return false;
    *out = (unsigned)number;
    return true;
}

/* {"3": 90, "4": 10}; false: that is not what it is. */
static bool read_weights(const nb_json *value, nb_weight *out, size_t *count)
{
    int64_t version = 0;
    *count = 0;
    if (!value || value->kind == NB_JSON_NULL)
        return true;
    if (value->kind != NB_JSON_OBJECT || value->count > NB_TRAFFIC_MOST)
        return false;
    for (const nb_json *at = value->child; at; at = at->next) {
        unsigned weight;
        if (!nb_str_to_int(at->key, &version) || version < 1 || version > INT32_MAX ||
            !number_of(at, 1000000, &weight))
            return false;
        out[(*count)++] = (nb_weight){.version = (unsigned)version, .weight = weight};
    }
    return true;
}

static void answer_versions(nb_http_request *request, const char *what, unsigned version)
{
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    nb_json_writer w = NB_JSON_WRITER(&out, 0);
    nb_json_begin_object(&w);
    nb_json_member_str(&w, "did", nb_str_from(what));
    if (version > 0)
        nb_json_member_int(&w, "version", version);
    nb_json_end_object(&w);
    answer_json(request, 200, &out);
}

static void deploy(nb_front *front, nb_http_request *request, const nb_json *body)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_deploying *d = &front->deploying;
    unsigned version = 0;
    nb_weight weights[NB_TRAFFIC_MOST];
    size_t count = 0;
    if (!number_of(nb_json_get(body, "version"), INT32_MAX, &version) || version == 0 ||
        !read_weights(nb_json_get(body, "weights"), weights, &count)) {
        nb_front_refuse(request, 400, NULL, "deploy wants {\"version\": N, \"weights\": {…}}");
        return;
    }
    if (d->version > 0 || front->draining) {
        nb_front_refuse(request, 409, "try again when that is done", "%s",
                        front->draining ? "the endpoint stops"
                                        : "another version is being deployed");
        return;
    }
    const nb_up *up = nb_front_find(front, version);
    if (up && up->leaving) {
        nb_front_refuse(request, 409, "try again in a moment", "v%u is still going down", version);
        return;
    }
    if (!up && nb_front_bring_up(front, version, true, &err) != NB_OK) {
        nb_front_refuse(request, 404, err.hint, "%s", nb_error_message(&err, 0));
        return;
    }
    *d = (nb_deploying){.version = version, .count = count, .request = request};
    memcpy(d->weights, weights, count * sizeof *weights);
    front->stirred = true;
}

void nb_admin_deployed(nb_front *front, bool fine, nb_str reason, nb_str tail)
{
    nb_http_request *request = front->deploying.request;
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    nb_json_writer w = NB_JSON_WRITER(&out, 0);
    front->deploying = (nb_deploying){0};
    if (!fine)
        nb_log(front, "the deployment failed: " NB_STR_FMT, NB_STR_ARG(reason));
    if (!request)
        return;
    if (fine) {
        status(front, request);
        return;
    }
    nb_json_begin_object(&w);
    nb_json_member_str(&w, "error", reason);
    nb_json_member_str(&w, "hint", NB_STR("see the log of the endpoint"));
    nb_json_member_str(&w, "tail", tail);
    nb_json_end_object(&w);
    answer_json(request, 422, &out);
}

static bool set_shadows(nb_front *front, const nb_weight *shadows, size_t count)
{
    nb_traffic next = {.count = 0};
    for (size_t i = 0; i < front->traffic.count; i++)
        if (!front->traffic.shares[i].shadow)
            next.shares[next.count++] = front->traffic.shares[i];
    for (size_t i = 0; i < count; i++) {
        if (shadows[i].weight == 0)
            continue;
        if (!nb_front_version(front, shadows[i].version) || shadows[i].weight > 100 ||
            nb_traffic_find(&next, shadows[i].version) || next.count == NB_TRAFFIC_MOST)
            return false;
        next.shares[next.count++] = (nb_traffic_share){
            .version = shadows[i].version, .weight = shadows[i].weight, .shadow = true};
    }
    front->traffic = next;
    return true;
}

static void traffic(nb_front *front, nb_http_request *request, const nb_json *body)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_weight weights[NB_TRAFFIC_MOST], shadows[NB_TRAFFIC_MOST];
    size_t count = 0, shadow_count = 0;
    const nb_json *shadow = nb_json_get(body, "shadow");
    nb_traffic before = front->traffic;
    if (!read_weights(nb_json_get(body, "weights"), weights, &count) ||
        !read_weights(shadow, shadows, &shadow_count)) {
        nb_front_refuse(request, 400, NULL, "traffic wants {\"weights\": {…}, \"shadow\": {…}}");
        return;
    }
    if (count > 0 && nb_front_move(front, weights, count, &err) != NB_OK) {
        nb_front_refuse(request, 409, "deploy that version first", "%s", nb_error_message(&err, 0));
        return;
    }
    if (shadow && !set_shadows(front, shadows, shadow_count)) {
        front->traffic = before;
        nb_front_refuse(request, 409, "deploy that version first, without weight",
                        "a shadow must be up, without weight, and have at most 100 per cent");
        return;
    }
    nb_watch_end(front); /* a person looks now */
    nb_front_note(front, "traffic moved");
    status(front, request);
}

static void retire(nb_front *front, nb_http_request *request, const nb_json *body)
{
    unsigned version = 0;
    if (!number_of(nb_json_get(body, "version"), INT32_MAX, &version) ||
        !nb_front_version(front, version)) {
        nb_front_refuse(request, 404, NULL, "v%u is not up", version);
        return;
    }
    const nb_traffic_share *share = nb_traffic_find(&front->traffic, version);
    if (share && share->weight > 0) {
        nb_front_refuse(request, 409, "move its traffic to another version first",
                        "v%u still has weight", version);
        return;
    }
    nb_front_retire(front, version);
    nb_front_note(front, "retired v%u", version);
    answer_versions(request, "retired", version);
}

static void stop(nb_front *front, nb_http_request *request, const nb_json *body)
{
    (void)body;
    answer_versions(request, "stopping", 0);
    nb_front_drain(front);
}

static const struct command {
    const char *path;
    void (*run)(nb_front *front, nb_http_request *request, const nb_json *body);
} commands[] = {
    {"/admin/deploy",  deploy },
    {"/admin/traffic", traffic},
    {"/admin/retire",  retire },
    {"/admin/stop",    stop   },
};

static void run_command(nb_front *front, nb_http_request *request, const struct command *command)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    const nb_json *body = NULL;
    nb_str text = nb_http_body(request);
    if (!nb_str_eqz(nb_http_method(request), "POST"))
        nb_front_refuse(request, 405, NULL, "this path takes POST only");
    else if (text.len > 0 &&
             nb_json_parse(&arena, text, NB_STR("body"), NB_JSON_STRICT, &body, &err) != NB_OK)
        nb_front_refuse(request, 400, NULL, "%s", nb_error_message(&err, 0));
    else
        command->run(front, request, body);
}

void nb_admin(nb_front *front, nb_http_request *request)
{
    nb_str path = nb_http_path(request);
    if (nb_str_eqz(path, "/admin/status")) {
        status(front, request);
        return;
    }
    for (size_t i = 0; i < NB_LEN(commands); i++)
        if (nb_str_eqz(path, commands[i].path)) {
            run_command(front, request, &commands[i]);
            return;
        }
    nb_front_refuse(request, 404, NULL, "the admin has nothing at '" NB_STR_FMT "'",
                    NB_STR_ARG(path));
}
