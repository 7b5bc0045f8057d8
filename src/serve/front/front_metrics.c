#include "serve/front/front_parts.h"
#include "serve/front/process_stats.h"

#include <unistd.h>

enum { MOST_VIEWS = 256 };

typedef struct page {
    const nb_front *front;
    bool openmetrics;
    nb_buf *out;
} page;

const char *nb_front_worker_state(nb_worker_state state)
{
    static const char *const names[] = {
        [NB_WORKER_STARTING] = "starting", [NB_WORKER_LOADING] = "loading",
        [NB_WORKER_READY] = "ready",       [NB_WORKER_BUSY] = "busy",
        [NB_WORKER_STOPPING] = "stopping", [NB_WORKER_GONE] = "gone",
    };
    return (unsigned)state < NB_LEN(names) ? names[state] : "unknown";
}

static void family(const page *p, const char *name, const char *type, const char *help)
{
    nb_metrics_family(p->out, p->openmetrics, name, type, help);
}

/* name{endpoint="…" — the rest of the labels and the value follow. */
static void begin(const page *p, const char *name)
{
    nb_buf_printf(p->out, "%s{endpoint=\"" NB_STR_FMT "\"", name,
                  NB_STR_ARG(p->front->endpoint.name));
}

/* --- versions and workers ------------------------------------------------------------------------------------------ */

static const struct version_row {
    const char *name, *help;
    size_t (*of)(const nb_version *version);
} version_rows[] = {
    {"notebooked_queue_depth", "Requests that wait for a worker.", nb_version_waiting},
    {"notebooked_inflight",    "Requests that are with a worker.", nb_version_busy   },
};

static void version_gauges(const page *p)
{
    for (size_t g = 0; g < NB_LEN(version_rows); g++) {
        family(p, version_rows[g].name, "gauge", version_rows[g].help);
        for (size_t i = 0; i < p->front->up_count; i++) {
            begin(p, version_rows[g].name);
            nb_buf_printf(p->out, ",version=\"%u\"} %zu\n", p->front->up[i].number,
                          version_rows[g].of(p->front->up[i].version));
        }
    }
    family(p, "notebooked_traffic_weight", "gauge", "Share of a version, to be seen as a ratio.");
    for (size_t i = 0; i < p->front->up_count; i++) {
        const nb_traffic_share *share = nb_traffic_find(&p->front->traffic, p->front->up[i].number);
        begin(p, "notebooked_traffic_weight");
        nb_buf_printf(p->out, ",version=\"%u\"} %u\n", p->front->up[i].number,
                      share && !share->shadow ? share->weight : 0);
    }
}

static void worker_states(const page *p)
{
    nb_worker_view views[MOST_VIEWS];
    family(p, "notebooked_workers", "gauge", "Workers by state.");
    for (size_t i = 0; i < p->front->up_count; i++) {
        size_t counts[NB_WORKER_GONE + 1] = {0};
        size_t count = nb_version_workers(p->front->up[i].version, views, MOST_VIEWS);
        for (size_t n = 0; n < count; n++)
            counts[views[n].state]++;
        for (size_t s = 0; s < NB_LEN(counts); s++) {
            begin(p, "notebooked_workers");
            nb_buf_printf(p->out, ",version=\"%u\",state=\"%s\"} %zu\n", p->front->up[i].number,
                          nb_front_worker_state((nb_worker_state)s), counts[s]);
        }
    }
}

static void rss_line(const page *p, const nb_process_stats *stats)
{
    nb_buf_printf(p->out, "%llu\n", (unsigned long long)stats->resident);
}

static void cpu_line(const page *p, const nb_process_stats *stats)
{
    nb_buf_printf(p->out, "%.2f\n", stats->cpu_s);
}

static const struct worker_row {
    const char *name, *type, *help;
    void (*write)(const page *p, const nb_process_stats *stats);
} worker_rows[] = {
    {"notebooked_worker_rss_bytes",         "gauge",   "Resident memory of a worker.", rss_line},
    {"notebooked_worker_cpu_seconds_total", "counter",
     "Processor time of a worker, anew with each process.",                            cpu_line},
};

static void worker_lines(const page *p, const struct worker_row *row, const nb_up *up)
{
    nb_worker_view views[MOST_VIEWS];
    nb_process_stats stats;
    size_t count = nb_version_workers(up->version, views, MOST_VIEWS);
    for (size_t n = 0; n < count; n++) {
        if (views[n].pid <= 0 || !nb_process_stats_read(views[n].pid, &stats))
            continue;
        begin(p, row->name);
        nb_buf_printf(p->out, ",version=\"%u\",worker=\"%u\"} ", up->number, views[n].number);
        row->write(p, &stats);
    }
}

static void worker_gauges(const page *p)
{
    worker_states(p);
    for (size_t r = 0; r < NB_LEN(worker_rows); r++) {
        family(p, worker_rows[r].name, worker_rows[r].type, worker_rows[r].help);
        for (size_t i = 0; i < p->front->up_count; i++)
            worker_lines(p, &worker_rows[r], &p->front->up[i]);
    }
}

/* --- capture ------------------------------------------------------------------------------------------------------- */

static void number(const page *p, const char *name, const char *type, const char *help,
                   uint64_t value)
{
    family(p, name, type, help);
    begin(p, name);
    nb_buf_printf(p->out, "} %llu\n", (unsigned long long)value);
}

static void capture_figures(const page *p)
{
    if (!p->front->capture)
        return;
    nb_capture_figures f = nb_capture_look(p->front->capture);
    family(p, "notebooked_capture_events_total", "counter", "Requests that were to be captured.");
    for (size_t i = 0; i < NB_CAPTURE_FATES; i++) {
        begin(p, "notebooked_capture_events_total");
        nb_buf_printf(p->out, ",result=\"%s\"} %llu\n", nb_capture_fate_name((nb_capture_fate)i),
                      (unsigned long long)f.events[i]);
    }
    number(p, "notebooked_capture_bytes_total", "counter", "Bytes of captured requests.", f.bytes);
    number(p, "notebooked_capture_pruned_files_total", "counter",
           "Captured files that went to make room.", f.pruned);
    number(p, "notebooked_capture_queue_bytes", "gauge", "Captured bytes that wait to be written.",
           f.queued);
    number(p, "notebooked_capture_failing", "gauge", "1 while nothing can be written.",
           f.is_failing);
}

/* --- the process --------------------------------------------------------------------------------------------------- */

static void process_number(const page *p, const char *name, const char *help, uint64_t value)
{
    family(p, name, "gauge", help);
    nb_buf_printf(p->out, "%s %llu\n", name, (unsigned long long)value);
}

/* The names that every client library of Prometheus uses. */
static void process_lines(const page *p)
{
    nb_process_stats stats;
    nb_process_fds fds = nb_process_fds_read();
    if (!nb_process_stats_read(getpid(), &stats))
        return;
    family(p, "process_cpu_seconds_total", "counter", "Processor time of the front.");
    nb_buf_printf(p->out, "process_cpu_seconds_total %.2f\n", stats.cpu_s);
    family(p, "process_start_time_seconds", "gauge", "When the front started, since 1970.");
    nb_buf_printf(p->out, "process_start_time_seconds %.2f\n", stats.started_s);
    process_number(p, "process_resident_memory_bytes", "Resident memory of the front.",
                   stats.resident);
    process_number(p, "process_virtual_memory_bytes", "Virtual memory of the front.",
                   stats.virtual_size);
    process_number(p, "process_threads", "Threads of the front.", stats.threads);
    process_number(p, "process_open_fds", "Open descriptors of the front.", fds.open);
    process_number(p, "process_max_fds", "Descriptors that the front may open.", fds.most);
}

static void write_gauges(void *ctx, nb_buf *out)
{
    const page *asked = ctx;
    const page p = {asked->front, asked->openmetrics, out};
    nb_str reason = NB_STR("");
    version_gauges(&p);
    worker_gauges(&p);
    number(&p, "notebooked_ready", "gauge", "1 when every version with weight can answer.",
           nb_front_is_ready(p.front, &reason));
    number(&p, "notebooked_connections", "gauge", "Open connections.",
           nb_http_connections(p.front->tcp));
    capture_figures(&p);
    family(&p, "notebooked_build_info", "gauge", "1; the version of this program is a label.");
    begin(&p, "notebooked_build_info");
    nb_buf_printf(out, ",version=\"%s\"} 1\n", NB_VERSION);
    process_lines(&p);
}

void nb_front_write_metrics(const nb_front *front, bool openmetrics, nb_buf *out)
{
    page asked = {.front = front, .openmetrics = openmetrics};
    const nb_gauge_source gauges = {.write = write_gauges, .ctx = &asked};
    nb_metrics_write(front->metrics, &gauges, openmetrics, out);
}
