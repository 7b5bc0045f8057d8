/* metrics.h - counters, gauges and histograms of an endpoint, as Prometheus reads them (text format 0.0.4; OpenMetrics when asked).
 *
 * Names and labels: docs/serving-metrics.md. Everything is kept in the front, one thread: plain additions.
 */
#ifndef NB_SERVE_METRICS_H
#define NB_SERVE_METRICS_H

#include "base/buf.h"
#include "serve/call.h"

typedef struct nb_metrics nb_metrics;

nb_metrics *nb_metrics_new(nb_str endpoint);
void nb_metrics_free(nb_metrics *metrics);

/* A call left: its status, protocol, version, times, rows, bytes, refusal. */
void nb_metrics_call(nb_metrics *metrics, const nb_call *call);
void nb_metrics_http_refusal(nb_metrics *metrics, nb_http_refusal why);
void nb_metrics_restart(nb_metrics *metrics, unsigned version,
                        const char *reason); /* "crash", "deadline", "recycled" */
/* A version that is no more. */
void nb_metrics_forget(nb_metrics *metrics, unsigned version);
void nb_metrics_batch(nb_metrics *metrics, unsigned version, unsigned requests, unsigned rows);
void nb_metrics_shadow(nb_metrics *metrics, unsigned version, bool agrees, int64_t delta_us);

/* Refused by the front before it was anybody's request: who asks, what for, and how often. */
typedef enum nb_early {
    NB_EARLY_HOST,   /* 403 */
    NB_EARLY_AUTH,   /* 401 */
    NB_EARLY_RATE,   /* 429 */
    NB_EARLY_PATH,   /* 404 */
    NB_EARLY_METHOD, /* 405 */
    NB_EARLY_COUNT
} nb_early;
const char *nb_early_name(nb_early why); /* "host", "auth", … */
void nb_metrics_early(nb_metrics *metrics, nb_early why);
const char *nb_http_refusal_name(nb_http_refusal why); /* "bad", "body", … */

/* Gauges are asked for when somebody looks. */
typedef struct nb_gauge_source {
    void (*write)(void *ctx, nb_buf *out); /* lines in the text format */
    void *ctx;
} nb_gauge_source;
void nb_metrics_write(const nb_metrics *metrics, const nb_gauge_source *gauges, bool openmetrics,
                      nb_buf *out);

/* The two lines above a family; OpenMetrics names that of a counter without its _total. */
void nb_metrics_family(nb_buf *out, bool openmetrics, const char *name, const char *type,
                       const char *help);

/* What rollback, status and `deploy --watch` ask. */
typedef struct nb_version_figures {
    uint64_t requests, failures; /* 5xx and model errors */
    double p50_ms, p90_ms, p99_ms;
    uint64_t shadow_compared, shadow_disagreed;
    double shadow_delta_ms; /* how much longer it takes than its original, on average */
} nb_version_figures;
nb_version_figures nb_metrics_version(const nb_metrics *metrics, unsigned version);

#endif
