#include "serve/front/metrics_parts.h"

#include "base/heap.h"

const int64_t nb_time_bounds_us[NB_TIME_BOUNDS] = {
    100,    250,    500,    1000,    2500,    5000,    10000,    25000,    50000,
    100000, 250000, 500000, 1000000, 2500000, 5000000, 10000000, 30000000, 60000000};
const int64_t nb_row_bounds[NB_ROW_BOUNDS] = {1, 2, 4, 8, 16, 32, 64, 128, 256};

const char *const nb_restart_reasons[NB_RESTART_REASONS] = {"crash", "deadline", "recycled",
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
        nb_version_metrics *first = metrics->versions;
        metrics->versions = first->next;
        free(first);
    }
    free(metrics);
}

/* --- counting ------------------------------------------------------------------------------------------------------ */

static nb_version_metrics *version_at(nb_metrics *metrics, unsigned number)
{
    nb_version_metrics **at = &metrics->versions;
    while (*at && (*at)->number < number)
        at = &(*at)->next;
    nb_version_metrics *next = *at;
    if (next && next->number == number)
        return next;
    nb_version_metrics *made = NB_HEAP_NEW(nb_version_metrics);
    *made = (nb_version_metrics){.number = number, .next = next};
    *at = made;
    return made;
}

void nb_metrics_forget(nb_metrics *metrics, unsigned version)
{
    nb_version_metrics **at = &metrics->versions;
    while (*at && (*at)->number != version)
        at = &(*at)->next;
    nb_version_metrics *gone = *at;
    if (!gone)
        return;
    *at = gone->next;
    free(gone);
}

static void observe(nb_histogram *h, int64_t value, const int64_t *bounds, size_t count)
{
    size_t i = 0;
    while (i < count && value > bounds[i])
        i++;
    h->buckets[i]++;
    h->count++;
    h->sum += value;
}

static void observe_us(nb_histogram *h, int64_t from_us, int64_t to_us)
{
    int64_t took = to_us > from_us ? to_us - from_us : 0;
    observe(h, took, nb_time_bounds_us, NB_TIME_BOUNDS);
}

static size_t protocol_of(const nb_call *call)
{
    size_t i = 0;
    while (call->contract && i + 1 < NB_METRIC_PROTOCOLS && nb_contracts[i]) {
        if (nb_contracts[i] == call->contract)
            return i;
        i++;
    }
    return NB_METRIC_PROTOCOLS - 1;
}

static void count_code(nb_code_count *codes, unsigned status)
{
    size_t i = 0;
    while (i + 1 < NB_METRIC_CODES && codes[i].count > 0 && codes[i].status != status)
        i++;
    codes[i].status = status;
    codes[i].count++;
}

void nb_metrics_call(nb_metrics *metrics, const nb_call *call)
{
    nb_version_metrics *v = version_at(metrics, call->answered_by);
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
    while (i + 1 < NB_RESTART_REASONS && strcmp(nb_restart_reasons[i], reason) != 0)
        i++;
    version_at(metrics, version)->restarts[i]++;
}

void nb_metrics_batch(nb_metrics *metrics, unsigned version, unsigned requests, unsigned rows)
{
    nb_version_metrics *v = version_at(metrics, version);
    observe(&v->batch_requests, requests, nb_row_bounds, NB_ROW_BOUNDS);
    observe(&v->batch_rows, rows, nb_row_bounds, NB_ROW_BOUNDS);
}

void nb_metrics_shadow(nb_metrics *metrics, unsigned version, bool agrees, int64_t delta_us)
{
    nb_version_metrics *v = version_at(metrics, version);
    v->shadow_compared++;
    v->shadow_disagreed += !agrees;
    v->shadow_delta_us += delta_us;
}

/* --- figures ------------------------------------------------------------------------------------------------------- */

/* Within a bucket the calls are taken to be spread evenly. */
static double percentile_ms(const nb_histogram *h, double share)
{
    double wanted = share * (double)h->count, seen = 0;
    for (size_t i = 0; i < NB_TIME_BUCKETS; i++) {
        double here = (double)h->buckets[i];
        if (here > 0 && seen + here >= wanted) {
            double low = i > 0 ? (double)nb_time_bounds_us[i - 1] : 0;
            double high = i < NB_TIME_BOUNDS ? (double)nb_time_bounds_us[i] : low;
            return (low + (high - low) * (wanted - seen) / here) / 1000;
        }
        seen += here;
    }
    return 0;
}

double nb_shadow_delta_us(const nb_version_metrics *v)
{
    return v->shadow_compared > 0 ? (double)v->shadow_delta_us / (double)v->shadow_compared : 0;
}

nb_version_figures nb_metrics_version(const nb_metrics *metrics, unsigned version)
{
    const nb_version_metrics *v = metrics->versions;
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
                                .shadow_delta_ms = nb_shadow_delta_us(v) / 1000};
}
