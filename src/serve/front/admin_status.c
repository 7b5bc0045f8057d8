/* What the front says of itself, to the commands of this program. */
#include "serve/front/front_parts.h"
#include "text/json_write.h"

#include <unistd.h>

enum { MOST_VIEWS = 256 };

static void write_workers(nb_json_writer *w, const nb_version *version)
{
    nb_worker_view views[MOST_VIEWS];
    size_t count = nb_version_workers(version, views, MOST_VIEWS);
    nb_json_key(w, NB_STR("workers"));
    nb_json_begin_array(w);
    for (size_t i = 0; i < count; i++) {
        nb_json_begin_object(w);
        nb_json_member_int(w, "number", views[i].number);
        nb_json_member_str(w, "state", nb_str_from(nb_front_worker_state(views[i].state)));
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
    put_ms(w, "shadow_delta_ms", f.shadow_delta_ms);
    nb_json_end_object(w);
}

static void write_version(nb_json_writer *w, const nb_front *front, const nb_up *up)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    const nb_traffic_share *share = nb_traffic_find(&front->traffic, up->number);
    nb_version_state state = nb_version_state_of(up->version);
    nb_json_begin_object(w);
    nb_json_member_int(w, "version", up->number);
    nb_json_member_str(w, "state", nb_str_from(nb_version_state_name(state)));
    nb_json_member_str(w, "reason", nb_version_reason(up->version));
    nb_json_member_str(w, "example", nb_version_example(&arena, up->version));
    nb_json_member_int(w, "weight", share && !share->shadow ? share->weight : 0);
    nb_json_member_int(w, "shadow", share && share->shadow ? share->weight : 0);
    write_workers(w, up->version);
    write_figures(w, front, up);
    nb_json_end_object(w);
}

static void write_watch(nb_json_writer *w, const nb_front *front)
{
    const nb_switch_watch *watch = &front->watch;
    int64_t left_us = watch->until_us - nb_loop_now_us(front->loop);
    bool looking = watch->verdict == NB_WATCH_LOOKING;
    nb_json_key(w, NB_STR("watch"));
    nb_json_begin_object(w);
    nb_json_member_str(w, "verdict", nb_str_from(nb_watch_verdict_name(watch->verdict)));
    nb_json_member_int(w, "version", watch->version);
    nb_json_member_str(w, "reason", watch->reason.at ? watch->reason : NB_STR(""));
    nb_json_member_int(w, "left_ms", looking && left_us > 0 ? left_us / 1000 : 0);
    nb_json_end_object(w);
}

static void write_awaits(nb_json_writer *w, const nb_front *front)
{
    nb_json_key(w, NB_STR("awaits"));
    nb_json_begin_array(w);
    for (size_t i = 0; front->change.pending && i < front->change.awaits_count; i++)
        nb_json_put_int(w, front->change.awaits[i]);
    nb_json_end_array(w);
}

void nb_admin_status(nb_front *front, nb_http_request *request)
{
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_json_writer w = NB_JSON_WRITER(&out, 0);
    nb_str reason = NB_STR("");
    bool ready = nb_front_is_ready(front, &reason);
    bool v6 = nb_str_find_char(front->endpoint.settings.host, ':') >= 0;
    nb_str url =
        nb_arena_printf(&arena, v6 ? "http://[" NB_STR_FMT "]:%u" : "http://" NB_STR_FMT ":%u",
                        NB_STR_ARG(front->endpoint.settings.host), front->endpoint.settings.port);
    nb_json_begin_object(&w);
    nb_json_member_bool(&w, "ready", ready);
    nb_json_member_str(&w, "reason", reason);
    nb_json_member_int(&w, "pid", getpid());
    nb_json_member_str(&w, "url", url);
    nb_json_key(&w, NB_STR("versions"));
    nb_json_begin_array(&w);
    for (size_t i = 0; i < front->endpoint.deployments.count; i++) {
        const nb_up *up = nb_front_find(front, front->endpoint.deployments.at[i].version);
        if (up)
            write_version(&w, front, up);
    }
    nb_json_end_array(&w);
    write_awaits(&w, front);
    write_watch(&w, front);
    nb_json_end_object(&w);
    nb_front_answer(request, 200, "application/json", nb_buf_view(&out));
}
