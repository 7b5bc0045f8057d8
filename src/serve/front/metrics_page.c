#include "serve/front/metrics_parts.h"

typedef struct page {
    const nb_metrics *metrics;
    bool openmetrics;
    nb_buf *out;
} page;

void nb_metrics_family(nb_buf *out, bool openmetrics, const char *name, const char *type,
                       const char *help)
{
    int len = (int)strlen(name);
    if (openmetrics && strcmp(type, "counter") == 0)
        len -= (int)strlen("_total");
    nb_buf_printf(out, "# HELP %.*s %s\n# TYPE %.*s %s\n", len, name, help, len, name, type);
}

static void family(const page *p, const char *name, const char *type, const char *help)
{
    nb_metrics_family(p->out, p->openmetrics, name, type, help);
}

static void labels(const page *p, const nb_version_metrics *v)
{
    nb_buf_printf(p->out, "{endpoint=\"%s\",version=\"%u\"", p->metrics->endpoint, v->number);
}

/* `label`: ",dir=\"in\"", or nothing. */
static void line(const page *p, const nb_version_metrics *v, const char *name, const char *label,
                 uint64_t value)
{
    nb_buf_putz(p->out, name);
    labels(p, v);
    nb_buf_printf(p->out, "%s} %llu\n", label, (unsigned long long)value);
}

static void reason_line(const page *p, const nb_version_metrics *v, const char *name,
                        const char *reason, uint64_t value)
{
    if (value == 0)
        return;
    nb_buf_putz(p->out, name);
    labels(p, v);
    nb_buf_printf(p->out, ",reason=\"%s\"} %llu\n", reason, (unsigned long long)value);
}

static void histogram_lines(const page *p, const nb_version_metrics *v, const char *name,
                            const nb_histogram *h, bool seconds)
{
    const int64_t *bounds = seconds ? nb_time_bounds_us : nb_row_bounds;
    size_t count = seconds ? NB_TIME_BOUNDS : NB_ROW_BOUNDS;
    double unit = seconds ? 1e6 : 1;
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += h->buckets[i];
        nb_buf_printf(p->out, "%s_bucket", name);
        labels(p, v);
        nb_buf_printf(p->out, ",le=\"%g\"} %llu\n", (double)bounds[i] / unit,
                      (unsigned long long)sum);
    }
    nb_buf_printf(p->out, "%s_bucket", name);
    labels(p, v);
    nb_buf_printf(p->out, ",le=\"+Inf\"} %llu\n%s_sum", (unsigned long long)h->count, name);
    labels(p, v);
    nb_buf_printf(p->out, "} %.6f\n%s_count", (double)h->sum / unit, name);
    labels(p, v);
    nb_buf_printf(p->out, "} %llu\n", (unsigned long long)h->count);
}

static const char *protocol_name(size_t i)
{
    return i + 1 < NB_METRIC_PROTOCOLS && nb_contracts[i] ? nb_contracts[i]->name : "none";
}

static void request_lines(const page *p, const nb_version_metrics *v)
{
    for (size_t i = 0; i < NB_METRIC_PROTOCOLS; i++)
        for (size_t c = 0; c < NB_METRIC_CODES && v->codes[i][c].count > 0; c++) {
            nb_buf_putz(p->out, "notebooked_requests_total");
            labels(p, v);
            nb_buf_printf(p->out, ",protocol=\"%s\",code=\"%u\"} %llu\n", protocol_name(i),
                          v->codes[i][c].status, (unsigned long long)v->codes[i][c].count);
        }
}

static const struct histogram_row {
    const char *name, *help;
    size_t offset;
    bool seconds;
} histograms[] = {
    {"notebooked_request_duration_seconds", "From the whole request to its answer.",
     offsetof(nb_version_metrics, duration),       true },
    {"notebooked_queue_duration_seconds",   "Time in the queue of a version.",
     offsetof(nb_version_metrics, queue),          true },
    {"notebooked_predict_duration_seconds", "Time in the model.",
     offsetof(nb_version_metrics, predict),        true },
    {"notebooked_batch_rows",               "Rows that went to a worker together.",
     offsetof(nb_version_metrics, batch_rows),     false},
    {"notebooked_batch_requests",           "Requests that went to a worker together.",
     offsetof(nb_version_metrics, batch_requests), false},
};

static const struct counter_row {
    const char *name, *help, *label;
    size_t offset;
} counters[] = {
    {"notebooked_bytes_total",            "Bytes of bodies: of requests (in) and of answers (out).",
     ",dir=\"in\"",                                                                                                  offsetof(nb_version_metrics, bytes_in)        },
    {"notebooked_bytes_total",            NULL,                                                      ",dir=\"out\"", offsetof(nb_version_metrics, bytes_out)       },
    {"notebooked_shadow_compared_total",  "Answers compared with those of a shadow.",                "",
     offsetof(nb_version_metrics,                                                                                                                 shadow_compared) },
    {"notebooked_shadow_disagreed_total", "Of those, the ones that differ.",                         "",
     offsetof(nb_version_metrics,                                                                                                                 shadow_disagreed)},
};

/* One that came to no version. */
static void rejected_line(const page *p, const char *reason, uint64_t value)
{
    if (value > 0)
        nb_buf_printf(p->out, "notebooked_rejected_total{endpoint=\"%s\",reason=\"%s\"} %llu\n",
                      p->metrics->endpoint, reason, (unsigned long long)value);
}

static void write_refusals(const page *p)
{
    const nb_version_metrics *first = p->metrics->versions;
    family(p, "notebooked_rejected_total", "counter", "Requests that no model answered.");
    for (const nb_version_metrics *v = first; v; v = v->next)
        for (unsigned i = 1; i < NB_REFUSAL_COUNT; i++)
            reason_line(p, v, "notebooked_rejected_total", nb_refusal_name((nb_refusal)i),
                        v->refused[i]);
    for (size_t i = 0; i < NB_LEN(p->metrics->http_refusals); i++)
        rejected_line(p, nb_http_refusal_name((nb_http_refusal)i), p->metrics->http_refusals[i]);
    for (size_t i = 0; i < NB_EARLY_COUNT; i++)
        rejected_line(p, nb_early_name((nb_early)i), p->metrics->early[i]);
    family(p, "notebooked_worker_restarts_total", "counter", "Workers that were started again.");
    for (const nb_version_metrics *v = first; v; v = v->next)
        for (size_t i = 0; i < NB_RESTART_REASONS; i++)
            reason_line(p, v, "notebooked_worker_restarts_total", nb_restart_reasons[i],
                        v->restarts[i]);
}

static void write_shadow_delays(const page *p)
{
    static const char name[] = "notebooked_shadow_delay_seconds";
    family(p, name, "gauge",
           "How much longer a shadow takes than the version that answers, on average.");
    for (const nb_version_metrics *v = p->metrics->versions; v; v = v->next)
        if (v->shadow_compared > 0) {
            nb_buf_putz(p->out, name);
            labels(p, v);
            nb_buf_printf(p->out, "} %.6f\n", nb_shadow_delta_us(v) / 1e6);
        }
}

void nb_metrics_write(const nb_metrics *metrics, const nb_gauge_source *gauges, bool openmetrics,
                      nb_buf *out)
{
    const page p = {metrics, openmetrics, out};
    family(&p, "notebooked_requests_total", "counter", "Requests answered.");
    for (const nb_version_metrics *v = metrics->versions; v; v = v->next)
        request_lines(&p, v);
    for (size_t i = 0; i < NB_LEN(histograms); i++) {
        const struct histogram_row *row = &histograms[i];
        family(&p, row->name, "histogram", row->help);
        for (const nb_version_metrics *v = metrics->versions; v; v = v->next)
            histogram_lines(&p, v, row->name, (const void *)((const char *)v + row->offset),
                            row->seconds);
    }
    for (size_t i = 0; i < NB_LEN(counters); i++) {
        const struct counter_row *row = &counters[i];
        if (row->help) /* else it goes on with the family above */
            family(&p, row->name, "counter", row->help);
        for (const nb_version_metrics *v = metrics->versions; v; v = v->next)
            line(&p, v, row->name, row->label,
                 *(const uint64_t *)(const void *)((const char *)v + row->offset));
    }
    write_shadow_delays(&p);
    write_refusals(&p);
    if (gauges)
        gauges->write(gauges->ctx, out);
    if (openmetrics)
        nb_buf_putz(out, "# EOF\n");
}
