#include "serve/metrics.h"

#include "base/heap.h"
#include "serve/contract.h"

/* Bounds in µs; one more row holds what is above. Tighter below 50 ms than serving.md has it: percentiles for `status` come from here. */
static const int64_t bounds_us[] = {100,     250,     500,     1000,     2500,     5000,
                                    10000,   25000,   50000,   100000,   250000,   500000,
                                    1000000, 2500000, 5000000, 10000000, 30000000, 60000000};
static const int64_t row_bounds[] = {1, 2, 4, 8, 16, 32, 64, 128, 256};

enum {
    TIME_BUCKETS = NB_LEN(bounds_us) + 1,
    ROW_BUCKETS = NB_LEN(row_bounds) + 1,
    PROTOCOLS = 16, /* rows of contracts.def, and one for what came to none */
    CODES = 32,     /* different statuses of a version and protocol */
    RESTART_REASONS = 4
};

typedef struct histogram {
    uint64_t buckets[TIME_BUCKETS]; /* not cumulative */
    uint64_t count;
    int64_t sum;
} histogram;

typedef struct code_count {
    unsigned status;
    uint64_t count;
} code_count;

typedef struct version_metrics {
    struct version_metrics *next;
    unsigned number;
    code_count codes[PROTOCOLS][CODES];
    uint64_t refused[NB_REFUSAL_COUNT];
    histogram duration, queue, predict, batch_rows, batch_requests;
    uint64_t restarts[RESTART_REASONS];
    uint64_t bytes_in, bytes_out, requests, failures;
    uint64_t shadow_compared, shadow_disagreed;
    int64_t shadow_delta_us;
} version_metrics;

struct nb_metrics {
    char endpoint[128];
    version_metrics *versions; /* by number */
    uint64_t http_refusals[NB_HTTP_TOO_MANY + 1], early[NB_EARLY_COUNT];
};

static const char *const restart_reasons[RESTART_REASONS] = {"crash", "deadline", "recycled",
                                                             "other"};
static const char *const http_refusal_names[] = {
    [NB_HTTP_BAD] = "bad",       [NB_HTTP_TOO_LARGE] = "body",       [NB_HTTP_TOO_LONG] = "head",
    [NB_HTTP_TOO_SLOW] = "slow", [NB_HTTP_TOO_MANY] = "connections",
};

static const char *const early_names[NB_EARLY_COUNT] = {
    [NB_EARLY_HOST] = "host", [NB_EARLY_AUTH] = "auth",     [NB_EARLY_RATE] = "rate",
    [NB_EARLY_PATH] = "path", [NB_EARLY_METHOD] = "method",
};

const char *nb_early_name(nb_early why)
{
    return (unsigned)why < NB_EARLY_COUNT ? early_names[why] : "unknown";
}

const char *nb_http_refusal_name(nb_http_refusal why)
{
    return (unsigned)why < NB_LEN(http_refusal_names) ? http_refusal_names[why] : "unknown";
}

nb_metrics *nb_metrics_new(nb_str endpoint)
{
    nb_metrics *metrics = NB_HEAP_NEW(nb_metrics);
    size_t count =
        endpoint.len < sizeof metrics->endpoint ? endpoint.len : sizeof metrics->endpoint - 1;
    if (count > 0)
        memcpy(metrics->endpoint, endpoint.at, count);
    return metrics;
}

void nb_metrics_free(nb_metrics *metrics)
{
    if (!metrics)
        return;
    while (metrics->versions) {
        version_metrics *first = metrics->versions;
        metrics->versions = first->next;
        free(first);
    }
    free(metrics);
}

/* --- counting ------------------------------------------------------------------------------------------------------ */

static version_metrics *version_at(nb_metrics *metrics, unsigned number)
{
    version_metrics **at = &metrics->versions;
    while (*at && (*at)->number < number)
        at = &(*at)->next;
    version_metrics *next = *at;
    if (next && next->number == number)
        return next;
    version_metrics *made = NB_HEAP_NEW(version_metrics);
    *made = (version_metrics){.number = number, .next = next};
    *at = made;
    return made;
}

void nb_metrics_forget(nb_metrics *metrics, unsigned version)
{
    version_metrics **at = &metrics->versions;
    while (*at && (*at)->number != version)
        at = &(*at)->next;
    version_metrics *gone = *at;
    if (!gone)
        return;
    *at = gone->next;
    free(gone);
}

static void observe(histogram *h, int64_t value, const int64_t *bounds, size_t count)
{
    size_t i = 0;
    while (i < count && value > bounds[i])
        i++;
    h->buckets[i]++;
    h->count++;
    h->sum += value;
}

static void observe_us(histogram *h, int64_t from_us, int64_t to_us)
{
    int64_t took = to_us > from_us ? to_us - from_us : 0;
    observe(h, took, bounds_us, NB_LEN(bounds_us));
}

static size_t protocol_of(const nb_call *call)
{
    size_t i = 0;
    while (call->contract && i + 1 < PROTOCOLS && nb_contracts[i]) {
        if (nb_contracts[i] == call->contract)
            return i;
        i++;
    }
    return PROTOCOLS - 1;
}

static void count_code(code_count *codes, unsigned status)
{
    size_t i = 0;
    while (i + 1 < CODES && codes[i].count > 0 && codes[i].status != status)
        i++;
    codes[i].status = status;
    codes[i].count++;
}

void nb_metrics_call(nb_metrics *metrics, const nb_call *call)
{
    version_metrics *v = version_at(metrics, call->answered_by);
    if (call->is_shadow)
        return;
    count_code(v->codes[protocol_of(call)], call->status);
    v->refused[call->refusal] += call->refusal != NB_REFUSED_NOT;
    v->bytes_in += call->body.len;
    v->bytes_out += call->bytes_out;
    v->requests++;
    v->failures += call->status >= 500;
    observe_us(&v->duration, call->received_us, call->answered_us);
    if (call->sent_us > 0) {
        observe_us(&v->queue, call->queued_us, call->sent_us);
        if (call->refusal == NB_REFUSED_NOT)
            observe_us(&v->predict, 0, call->model_us);
    }
}

void nb_metrics_http_refusal(nb_metrics *metrics, nb_http_refusal why)
{
    metrics->http_refusals[why]++;
}

void nb_metrics_early(nb_metrics *metrics, nb_early why)
{
    metrics->early[why]++;
}

void nb_metrics_restart(nb_metrics *metrics, unsigned version, const char *reason)
{
    size_t i = 0;
    while (i + 1 < RESTART_REASONS && strcmp(restart_reasons[i], reason) != 0)
        i++;
    version_at(metrics, version)->restarts[i]++;
}

void nb_metrics_batch(nb_metrics *metrics, unsigned version, unsigned requests, unsigned rows)
{
    version_metrics *v = version_at(metrics, version);
    observe(&v->batch_requests, requests, row_bounds, NB_LEN(row_bounds));
    observe(&v->batch_rows, rows, row_bounds, NB_LEN(row_bounds));
}

void nb_metrics_shadow(nb_metrics *metrics, unsigned version, bool agrees, int64_t delta_us)
{
    version_metrics *v = version_at(metrics, version);
    v->shadow_compared++;
    v->shadow_disagreed += !agrees;
    v->shadow_delta_us += delta_us;
}

/* --- figures ------------------------------------------------------------------------------------------------------- */

/* Within a bucket the calls are taken to be spread evenly. */
static double percentile_ms(const histogram *h, double share)
{
    double wanted = share * (double)h->count, seen = 0;
    for (size_t i = 0; i < TIME_BUCKETS; i++) {
        double here = (double)h->buckets[i];
        if (here > 0 && seen + here >= wanted) {
            double low = i > 0 ? (double)bounds_us[i - 1] : 0;
            double high = i < NB_LEN(bounds_us) ? (double)bounds_us[i] : low;
            return (low + (high - low) * (wanted - seen) / here) / 1000;
        }
        seen += here;
    }
    return 0;
}

static double shadow_delta_us(const version_metrics *v)
{
    return v->shadow_compared > 0 ? (double)v->shadow_delta_us / (double)v->shadow_compared : 0;
}

nb_version_figures nb_metrics_version(const nb_metrics *metrics, unsigned version)
{
    const version_metrics *v = metrics->versions;
    while (v && v->number != version)
        v = v->next;
    if (!v)
        return (nb_version_figures){0};
    return (nb_version_figures){.requests = v->requests,
                                .failures = v->failures,
                                .p50_ms = percentile_ms(&v->duration, 0.5),
                                .p90_ms = percentile_ms(&v->duration, 0.9),
                                .p99_ms = percentile_ms(&v->duration, 0.99),
                                .shadow_compared = v->shadow_compared,
                                .shadow_disagreed = v->shadow_disagreed,
                                .shadow_delta_ms = shadow_delta_us(v) / 1000};
}

/* --- text ---------------------------------------------------------------------------------------------------------- */

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

static void labels(const page *p, const version_metrics *v)
{
    nb_buf_printf(p->out, "{endpoint=\"%s\",version=\"%u\"", p->metrics->endpoint, v->number);
}

/* `label`: ",dir=\"in\"", or nothing. */
static void line(const page *p, const version_metrics *v, const char *name, const char *label,
                 uint64_t value)
{
    nb_buf_putz(p->out, name);
    labels(p, v);
    nb_buf_printf(p->out, "%s} %llu\n", label, (unsigned long long)value);
}

static void reason_line(const page *p, const version_metrics *v, const char *name,
                        const char *reason, uint64_t value)
{
    if (value == 0)
        return;
    nb_buf_putz(p->out, name);
    labels(p, v);
    nb_buf_printf(p->out, ",reason=\"%s\"} %llu\n", reason, (unsigned long long)value);
}

static void histogram_lines(const page *p, const version_metrics *v, const char *name,
                            const histogram *h, bool seconds)
{
    const int64_t *bounds = seconds ? bounds_us : row_bounds;
    size_t count = seconds ? NB_LEN(bounds_us) : NB_LEN(row_bounds);
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
    return i + 1 < PROTOCOLS && nb_contracts[i] ? nb_contracts[i]->name : "none";
}

static void request_lines(const page *p, const version_metrics *v)
{
    for (size_t i = 0; i < PROTOCOLS; i++)
        for (size_t c = 0; c < CODES && v->codes[i][c].count > 0; c++) {
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
     offsetof(version_metrics, duration),       true },
    {"notebooked_queue_duration_seconds",   "Time in the queue of a version.",
     offsetof(version_metrics, queue),          true },
    {"notebooked_predict_duration_seconds", "Time in the model.",
     offsetof(version_metrics, predict),        true },
    {"notebooked_batch_rows",               "Rows that went to a worker together.",
     offsetof(version_metrics, batch_rows),     false},
    {"notebooked_batch_requests",           "Requests that went to a worker together.",
     offsetof(version_metrics, batch_requests), false},
};

static const struct counter_row {
    const char *name, *help, *label;
    size_t offset;
} counters[] = {
    {"notebooked_bytes_total",            "Bytes of bodies: of requests (in) and of answers (out).",
     ",dir=\"in\"",                                                                                                  offsetof(version_metrics, bytes_in)        },
    {"notebooked_bytes_total",            NULL,                                                      ",dir=\"out\"", offsetof(version_metrics, bytes_out)       },
    {"notebooked_shadow_compared_total",  "Answers compared with those of a shadow.",                "",
     offsetof(version_metrics,                                                                                                                 shadow_compared) },
    {"notebooked_shadow_disagreed_total", "Of those, the ones that differ.",                         "",
     offsetof(version_metrics,                                                                                                                 shadow_disagreed)},
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
    const version_metrics *first = p->metrics->versions;
    family(p, "notebooked_rejected_total", "counter", "Requests that no model answered.");
    for (const version_metrics *v = first; v; v = v->next)
        for (unsigned i = 1; i < NB_REFUSAL_COUNT; i++)
            reason_line(p, v, "notebooked_rejected_total", nb_refusal_name((nb_refusal)i),
                        v->refused[i]);
    for (size_t i = 0; i < NB_LEN(http_refusal_names); i++)
        rejected_line(p, http_refusal_names[i], p->metrics->http_refusals[i]);
    for (size_t i = 0; i < NB_EARLY_COUNT; i++)
        rejected_line(p, early_names[i], p->metrics->early[i]);
    family(p, "notebooked_worker_restarts_total", "counter", "Workers that were started again.");
    for (const version_metrics *v = first; v; v = v->next)
        for (size_t i = 0; i < RESTART_REASONS; i++)
            reason_line(p, v, "notebooked_worker_restarts_total", restart_reasons[i],
                        v->restarts[i]);
}

static void write_shadow_delays(const page *p)
{
    static const char name[] = "notebooked_shadow_delay_seconds";
    family(p, name, "gauge",
           "How much longer a shadow takes than the version that answers, on average.");
    for (const version_metrics *v = p->metrics->versions; v; v = v->next)
        if (v->shadow_compared > 0) {
            nb_buf_putz(p->out, name);
            labels(p, v);
            nb_buf_printf(p->out, "} %.6f\n", shadow_delta_us(v) / 1e6);
        }
}

void nb_metrics_write(const nb_metrics *metrics, const nb_gauge_source *gauges, bool openmetrics,
                      nb_buf *out)
{
    const page p = {metrics, openmetrics, out};
    family(&p, "notebooked_requests_total", "counter", "Requests answered.");
    for (const version_metrics *v = metrics->versions; v; v = v->next)
        request_lines(&p, v);
    for (size_t i = 0; i < NB_LEN(histograms); i++) {
        const struct histogram_row *row = &histograms[i];
        family(&p, row->name, "histogram", row->help);
        for (const version_metrics *v = metrics->versions; v; v = v->next)
            histogram_lines(&p, v, row->name, (const void *)((const char *)v + row->offset),
                            row->seconds);
    }
    for (size_t i = 0; i < NB_LEN(counters); i++) {
        const struct counter_row *row = &counters[i];
        if (row->help) /* else it goes on with the family above */
            family(&p, row->name, "counter", row->help);
        for (const version_metrics *v = metrics->versions; v; v = v->next)
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
