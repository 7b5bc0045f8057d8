#include "serve/front_parts.h"
#include "serve/sample.h"
#include "text/json_write.h"

#include <fcntl.h>
#include <unistd.h>

enum { FLUSH_AT = 64 << 10 };

nb_code nb_access_open(nb_front *front, nb_error *err)
{
    nb_str path = nb_arena_printf(&front->arena, NB_STR_FMT "/log/access.log",
                                  NB_STR_ARG(front->endpoint.folder));
    front->access = open(path.at, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (front->access < 0)
        return nb_fail_errno(err, "cannot open '%s'", path.at);
    front->access_lines = NB_BUF_INIT(1 << 20);
    return NB_OK;
}

void nb_access_flush(nb_front *front)
{
    nb_buf *lines = &front->access_lines;
    if (lines->len == 0)
        return;
    ssize_t written = write(front->access, lines->at, lines->len);
    (void)written; /* a full disk must not stop anybody */
    nb_buf_clear(lines);
    lines->full = false;
}

static void put_time(nb_json_writer *w)
{
    struct timespec now;
    struct tm parts;
    char day[24], text[48];
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &parts);
    day[strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &parts)] = '\0';
    int len = snprintf(text, sizeof text, "%s.%03dZ", day, (int)(now.tv_nsec / 1000000));
    nb_json_member_str(w, "ts", (nb_str){text, len > 0 ? (size_t)len : 0});
}

static void put_ms(nb_json_writer *w, const char *key, int64_t us)
{
    char text[32];
    int len = snprintf(text, sizeof text, "%lld.%03d", (long long)(us / 1000), (int)(us % 1000));
    nb_json_key(w, nb_str_from(key));
    nb_json_put_raw(w, (nb_str){text, len > 0 ? (size_t)len : 0});
}

static void put_way(nb_json_writer *w, const nb_call *call)
{
    int64_t total = call->answered_us - call->received_us;
    nb_json_member_int(w, "bytes_in", (int64_t)call->body.len);
    nb_json_member_int(w, "bytes_out", (int64_t)call->bytes_out);
    nb_json_member_int(w, "rows", call->rows);
    nb_json_member_int(w, "batch", call->batch);
    put_ms(w, "queue_ms", call->sent_us > 0 ? call->sent_us - call->queued_us : 0);
    put_ms(w, "predict_ms", call->model_us);
    put_ms(w, "total_ms", total > 0 ? total : 0);
    nb_json_member_int(w, "worker", call->worker);
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
    nb_json_writer w = NB_JSON_WRITER(&front->access_lines, 0);
    if (call->is_shadow || !is_sampled(front, call))
        return;
    nb_json_begin_object(&w);
    put_time(&w);
    nb_json_member_str(&w, "request_id", nb_str_from(call->request_id));
    nb_json_member_str(&w, "endpoint", front->endpoint.name);
    nb_json_member_int(&w, "version", call->answered_by);
    nb_json_member_str(&w, "protocol", nb_str_from(call->contract->name));
    if (e->request) {
        nb_json_member_str(&w, "method", nb_http_method(e->request));
        nb_json_member_str(&w, "path", nb_http_path(e->request));
        nb_json_member_str(&w, "peer", nb_http_peer(e->request));
        nb_json_member_str(&w, "user_agent", nb_http_field(e->request, "User-Agent"));
    }
    nb_json_member_int(&w, "status", call->status);
    put_way(&w, call);
    if (call->error.len > 0)
        nb_json_member_str(&w, "error", call->error);
    nb_json_end_object(&w);
    nb_buf_putc(&front->access_lines, '\n');
    if (front->access_lines.len >= FLUSH_AT)
        nb_access_flush(front);
}
