/* metrics_parts.h - the figures themselves: metrics.c counts them, metrics_page.c writes them for Prometheus; nobody else includes it. */
#ifndef NB_SERVE_METRICS_PARTS_H
#define NB_SERVE_METRICS_PARTS_H

#include "serve/contract/contract.h"
#include "serve/front/metrics.h"

enum {
    NB_TIME_BOUNDS = 18,
    NB_ROW_BOUNDS = 9,
    NB_TIME_BUCKETS = NB_TIME_BOUNDS + 1,
    NB_METRIC_PROTOCOLS = 16, /* rows of contracts.def, and one for what came to none */
    NB_METRIC_CODES = 32,     /* different statuses of a version and protocol */
    NB_RESTART_REASONS = 4
};

typedef struct nb_histogram {
    uint64_t buckets[NB_TIME_BUCKETS]; /* not cumulative */
    uint64_t count;
    int64_t sum;
} nb_histogram;

typedef struct nb_code_count {
    unsigned status;
    uint64_t count;
} nb_code_count;

typedef struct nb_version_metrics {
    struct nb_version_metrics *next;
    unsigned number;
    nb_code_count codes[NB_METRIC_PROTOCOLS][NB_METRIC_CODES];
    uint64_t refused[NB_REFUSAL_COUNT];
    nb_histogram duration, queue, predict, batch_rows, batch_requests;
    uint64_t restarts[NB_RESTART_REASONS];
    uint64_t bytes_in, bytes_out, requests, failures;
    uint64_t shadow_compared, shadow_disagreed;
    int64_t shadow_delta_us;
} nb_version_metrics;

struct nb_metrics {
    char endpoint[128];
    nb_version_metrics *versions; /* by number */
    uint64_t http_refusals[NB_HTTP_TOO_MANY + 1], early[NB_EARLY_COUNT];
};

/* What each bucket holds at most; one more bucket holds what is above. Times in µs, tighter below 50 ms than serving asks for: percentiles for `status` come
 * from here. */
extern const int64_t nb_time_bounds_us[NB_TIME_BOUNDS];
extern const int64_t nb_row_bounds[NB_ROW_BOUNDS];
extern const char *const nb_restart_reasons[NB_RESTART_REASONS];

/* How much longer a shadow takes than its original, on average. */
double nb_shadow_delta_us(const nb_version_metrics *v);

#endif
