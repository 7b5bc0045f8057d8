#include "serve/capture/sample.h"
#include "serve/front/front_parts.h"
#include "text/json_write.h"

enum {
    FLUSH_AT = 64 << 10,
    REFUSALS_A_SECOND = 100 /* lines; of the others only the number is told */
};

static void tell_left_out(void *ctx);

nb_code nb_access_open(nb_front *front, nb_error *err)
{
    nb_str path = nb_arena_printf(&front->arena, NB_STR_FMT "/log/access.log",
                                  NB_STR_ARG(front->endpoint.folder));
    front->access_lines = NB_BUF_INIT(1 << 20);
    front->access_limit.timer = (nb_timer){.fire = tell_left_out, .ctx = front};
    front->access_is_text = nb_str_eqz(front->endpoint.settings.log_format, "text");
    return nb_log_file_open(&front->access, path.at, front->endpoint.settings.log_max, err);
}

void nb_access_flush(nb_front *front)
{
    nb_buf *lines = &front->access_lines;
    if (lines->len == 0)
        return;
    nb_log_file_write(&front->access, nb_buf_view(lines));
    nb_buf_clear(lines);
    lines->full = false;
}

/* --- what a line tells --------------------------------------------------------------------------------------------- */

/* A call, or a request that never became one: then `call` is one of zeros. */
typedef struct entry {
    const nb_call *call;
    const nb_http_request *request; /* NULL: there is none any more */
    const char *protocol;
    nb_str id, error;
    unsigned status;
    bool is_text;
} entry;

static nb_str now_text(char *text, size_t size)
{
    struct timespec now;
    struct tm parts;
    char day[24];
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &parts);
    day[strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &parts)] = '\0';
    int len = snprintf(text, size, "%s.%03dZ", day, (int)(now.tv_nsec / 1000000));
    return (nb_str){text, len > 0 ? (size_t)len : 0};
}

static int64_t total_us(const nb_call *call)
{
    return call->answered_us > call->received_us ? call->answered_us - call->received_us : 0;
}

static int64_t queue_us(const nb_call *call)
{
    return call->sent_us > 0 ? call->sent_us - call->queued_us : 0;
}

/* --- JSON ---------------------------------------------------------------------------------------------------------- */

static void put_ms(nb_json_writer *w, const char *key, int64_t us)
{
    char text[32];
    int len = snprintf(text, sizeof text, "%lld.%03d", (long long)(us / 1000), (int)(us % 1000));
    nb_json_key(w, nb_str_from(key));
    nb_json_put_raw(w, (nb_str){text, len > 0 ? (size_t)len : 0});
}

static void put_way(nb_json_writer *w, const nb_call *call)
{
    nb_json_member_int(w, "bytes_in", (int64_t)call->body.len);
    nb_json_member_int(w, "bytes_out", (int64_t)call->bytes_out);
    nb_json_member_int(w, "rows", call->rows);
    nb_json_member_int(w, "batch", call->batch);
    put_ms(w, "queue_ms", queue_us(call));
    put_ms(w, "predict_ms", call->model_us);
    put_ms(w, "total_ms", total_us(call));
    nb_json_member_int(w, "worker", call->worker);
}

static void put_request(nb_json_writer *w, const nb_http_request *request)
{
    nb_json_member_str(w, "method", nb_http_method(request));
    nb_json_member_str(w, "path", nb_http_path(request));
    nb_json_member_str(w, "peer", nb_http_peer(request));
    nb_json_member_str(w, "user_agent", nb_http_field(request, "User-Agent"));
}

static void put_json(nb_buf *out, nb_str endpoint, const entry *e)
{
    char ts[48];
    nb_json_writer w = NB_JSON_WRITER(out, 0);
    nb_json_begin_object(&w);
    nb_json_member_str(&w, "ts", now_text(ts, sizeof ts));
    nb_json_member_str(&w, "request_id", e->id);
    if (e->request && e->call->trace.len > 0)
        nb_json_member_str(&w, "traceparent", e->call->trace);
    nb_json_member_str(&w, "endpoint", endpoint);
    nb_json_member_int(&w, "version", e->call->answered_by);
    nb_json_member_str(&w, "protocol", nb_str_from(e->protocol));
    if (e->request)
        put_request(&w, e->request);
    nb_json_member_int(&w, "status", e->status);
    put_way(&w, e->call);
    if (e->error.len > 0)
        nb_json_member_str(&w, "error", e->error);
    nb_json_end_object(&w);
}

/* --- text ---------------------------------------------------------------------------------------------------------- */

/* Bytes that a client chose stay inside of quotes and on one line. */
static void put_quoted(nb_buf *out, nb_str text)
{
    nb_buf_putc(out, ' ');
    nb_json_quote(out, text.at ? text : NB_STR("-"));
}

static void put_text(nb_buf *out, const entry *e)
{
    static const nb_str none = NB_STR_ROW("-");
    char ts[48];
    const nb_call *call = e->call;
    nb_str peer = e->request ? nb_http_peer(e->request) : none;
    nb_str method = e->request ? nb_http_method(e->request) : none;
    nb_buf_put(out, now_text(ts, sizeof ts));
    nb_buf_printf(out, " %u " NB_STR_FMT " " NB_STR_FMT, e->status, NB_STR_ARG(peer),
                  NB_STR_ARG(method.len > 0 ? method : none));
    put_quoted(out, e->request ? nb_http_path(e->request) : none);
    nb_buf_printf(out, " %s v%u worker=%u rows=%u batch=%u in=%zu out=%zu", e->protocol,
                  call->answered_by, call->worker, call->rows, call->batch, call->body.len,
                  call->bytes_out);
    nb_buf_printf(out,
                  " queue=%.3fms predict=%.3fms total=%.3fms id=", (double)queue_us(call) / 1000,
                  (double)call->model_us / 1000, (double)total_us(call) / 1000);
    nb_buf_put(out, e->id.len > 0 ? e->id : none);
    if (e->request && call->trace.len > 0)
        nb_buf_printf(out, " trace=" NB_STR_FMT, NB_STR_ARG(call->trace));
    put_quoted(out, e->request ? nb_http_field(e->request, "User-Agent") : none);
    if (e->error.len > 0)
        put_quoted(out, e->error);
}

/* --- entries ------------------------------------------------------------------------------------------------------- */

static void write_entry(nb_front *front, const entry *e)
{
    if (front->access_is_text)
        put_text(&front->access_lines, e);
    else
        put_json(&front->access_lines, front->endpoint.name, e);
    nb_buf_putc(&front->access_lines, '\n');
    if (front->access_lines.len >= FLUSH_AT)
        nb_access_flush(front);
}

/* --- refusals ------------------------------------------------------------------------------------------------------ */

static void put_left_out(nb_front *front, const struct nb_left_out *left_out)
{
    nb_buf *out = &front->access_lines;
    char ts[48];
    nb_json_writer w = NB_JSON_WRITER(out, 0);
    if (front->access_is_text) {
        nb_buf_put(out, now_text(ts, sizeof ts));
        nb_buf_printf(out, " left out: %llu more of '%s'\n", (unsigned long long)left_out->count,
                      left_out->reason);
        return;
    }
    nb_json_begin_object(&w);
    nb_json_member_str(&w, "ts", now_text(ts, sizeof ts));
    nb_json_member_str(&w, "endpoint", front->endpoint.name);
    nb_json_member_str(&w, "error", nb_str_from(left_out->reason));
    nb_json_member_int(&w, "left_out", (int64_t)left_out->count);
    nb_json_end_object(&w);
    nb_buf_putc(out, '\n');
}

static void tell_left_out(void *ctx)
{
    nb_front *front = ctx;
    nb_access_limit *limit = &front->access_limit;
    for (size_t i = 0; i < limit->reasons; i++)
        put_left_out(front, &limit->left_out[i]);
    limit->reasons = 0;
}

static void leave_out(nb_front *front, const char *reason)
{
    nb_access_limit *limit = &front->access_limit;
    size_t i = 0;
    while (i < limit->reasons && limit->left_out[i].reason != reason)
        i++;
    if (i == NB_LEN(limit->left_out))
        return;
    if (i == limit->reasons)
        limit->left_out[limit->reasons++] = (struct nb_left_out){.reason = reason};
    limit->left_out[i].count++;
    if (limit->timer.slot == 0)
        nb_timer_set(front->loop, &limit->timer, limit->until_us);
}

/* May this refusal have a line of its own? */
static bool has_line(nb_front *front, const char *reason)
{
    nb_access_limit *limit = &front->access_limit;
    int64_t now = nb_loop_now_us(front->loop);
    if (now >= limit->until_us) {
        tell_left_out(front);
        limit->until_us = now + 1000000;
        limit->written = 0;
    }
    if (limit->written < REFUSALS_A_SECOND) {
        limit->written++;
        return true;
    }
    leave_out(front, reason);
    return false;
}

void nb_access_close(nb_front *front)
{
    tell_left_out(front);
    nb_access_flush(front);
    nb_buf_release(&front->access_lines);
    nb_log_file_close(&front->access);
}

/* --- calls --------------------------------------------------------------------------------------------------------- */

/* No worker has had it: refusals like that can come by the ten thousand a second. */
static bool is_cheap_refusal(const nb_call *call)
{
    return call->refusal != NB_REFUSED_NOT && call->sent_us == 0;
}

/* Of good answers a share is enough; whatever failed is written. */
static bool is_sampled(const nb_front *front, const nb_call *call)
{
    return call->status >= 300 ||
           nb_sampled(call->id, NB_SAMPLE_LOG, front->endpoint.settings.log_sample);
}

void nb_access_write(nb_front *front, const nb_exchange *e)
{
    const nb_call *call = &e->call;
    if (call->is_shadow || !is_sampled(front, call) ||
        (is_cheap_refusal(call) && !has_line(front, nb_refusal_name(call->refusal))))
        return;
    write_entry(front, &(entry){.call = call,
                                .request = e->request,
                                .protocol = call->contract->name,
                                .id = nb_str_from(call->request_id),
                                .error = call->error,
                                .status = call->status});
}

void nb_access_refused(nb_front *front, const nb_http_request *request, unsigned status,
                       const char *why)
{
    static const nb_call nobody = {.status = 0};
    if (!has_line(front, why))
        return;
    nb_str id = request ? nb_http_field(request, "X-Request-Id") : NB_STR("");
    write_entry(front, &(entry){.call = &nobody,
                                .request = request,
                                .protocol = "none",
                                .id = nb_call_id_fits(id) ? id : NB_STR(""),
                                .error = nb_str_from(why),
                                .status = status});
}
