/* What is counted, and how Prometheus sees it. */
#include "nb_test.h"

#include "serve/contract/contract.h"
#include "serve/front/metrics.h"

static const nb_contract one = {.name = "one"}, two = {.name = "two"};
const nb_contract *const nb_contracts[] = {&one, &two, NULL};

/* For call.c, which knows the names of refusals. */
void nb_http_answer_with(nb_http_request *request, const nb_http_answer *answer)
{
    (void)request;
    (void)answer;
}

static nb_call call_of(unsigned version, unsigned status, int64_t took_us)
{
    return (nb_call){.contract = &two,
                     .answered_by = version,
                     .status = status,
                     .received_us = 1000,
                     .queued_us = 1000,
                     .sent_us = 1500,
                     .answered_us = 1000 + took_us,
                     .model_us = 200,
                     .body = NB_STR("1234"),
                     .bytes_out = 10};
}

static void calls_are_counted_by_version_protocol_and_code(void **unused)
{
    nb_metrics *metrics = nb_metrics_new(NB_STR("iris"));
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    nb_call fine = call_of(3, 200, 2000), refused = call_of(4, 503, 50);
    (void)unused;
    refused.refusal = NB_REFUSED_QUEUE_FULL;
    nb_metrics_call(metrics, &fine);
    nb_metrics_call(metrics, &fine);
    nb_metrics_call(metrics, &refused);
    nb_metrics_restart(metrics, 3, "crash");
    nb_metrics_batch(metrics, 3, 2, 7);
    nb_metrics_http_refusal(metrics, NB_HTTP_TOO_LARGE);
    nb_metrics_early(metrics, NB_EARLY_AUTH);
    nb_metrics_write(metrics, NULL, false, &out);
    static const char *const lines[] = {
        "# TYPE notebooked_requests_total counter\n",
        "notebooked_requests_total{endpoint=\"iris\",version=\"3\",protocol=\"two\",code=\"200\"} 2\n",
        "notebooked_requests_total{endpoint=\"iris\",version=\"4\",protocol=\"two\",code=\"503\"} 1\n",
        "notebooked_request_duration_seconds_bucket{endpoint=\"iris\",version=\"3\",le=\"0.001\"} 0\n",
        "notebooked_request_duration_seconds_bucket{endpoint=\"iris\",version=\"3\",le=\"0.0025\"} 2\n",
        "notebooked_request_duration_seconds_sum{endpoint=\"iris\",version=\"3\"} 0.004000\n",
        "notebooked_queue_duration_seconds_count{endpoint=\"iris\",version=\"3\"} 2\n",
        "notebooked_batch_rows_bucket{endpoint=\"iris\",version=\"3\",le=\"8\"} 1\n",
        "notebooked_bytes_total{endpoint=\"iris\",version=\"3\",dir=\"in\"} 8\n",
        "notebooked_rejected_total{endpoint=\"iris\",version=\"4\",reason=\"queue_full\"} 1\n",
        "notebooked_rejected_total{endpoint=\"iris\",reason=\"body\"} 1\n",
        "notebooked_rejected_total{endpoint=\"iris\",reason=\"auth\"} 1\n",
        "notebooked_worker_restarts_total{endpoint=\"iris\",version=\"3\",reason=\"crash\"} 1\n",
    };
    for (size_t i = 0; i < NB_LEN(lines); i++)
        if (!nb_str_contains(nb_buf_view(&out), nb_str_from(lines[i])))
            fail_msg("not there: %s\nin:\n%s", lines[i], out.at);
    nb_metrics_free(metrics);
}

static void openmetrics_names_counters_without_total(void **unused)
{
    nb_metrics *metrics = nb_metrics_new(NB_STR("iris"));
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    (void)unused;
    nb_metrics_write(metrics, NULL, true, &out);
    assert_true(nb_str_contains(nb_buf_view(&out), NB_STR("# TYPE notebooked_requests counter\n")));
    assert_true(nb_str_ends(nb_buf_view(&out), NB_STR("# EOF\n")));
    nb_metrics_free(metrics);
}

static void figures_are_what_rollback_asks(void **unused)
{
    nb_metrics *metrics = nb_metrics_new(NB_STR("iris"));
    (void)unused;
    for (int i = 0; i < 99; i++) {
        nb_call call = call_of(3, i < 10 ? 502 : 200, 2000);
        nb_metrics_call(metrics, &call);
    }
    nb_call slow = call_of(3, 200, 4000000);
    nb_metrics_call(metrics, &slow);
    nb_metrics_shadow(metrics, 3, true, 10);
    nb_metrics_shadow(metrics, 3, false, 10);
    nb_version_figures figures = nb_metrics_version(metrics, 3);
    assert_int_equal(figures.requests, 100);
    assert_int_equal(figures.failures, 10);
    assert_true(figures.p50_ms > 1 && figures.p50_ms < 2.5);
    assert_true(figures.p99_ms <= 2.5);
    assert_int_equal(figures.shadow_compared, 2);
    assert_int_equal(figures.shadow_disagreed, 1);
    assert_int_equal(nb_metrics_version(metrics, 9).requests, 0);
    nb_metrics_free(metrics);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_are_counted_by_version_protocol_and_code),
        cmocka_unit_test(openmetrics_names_counters_without_total),
        cmocka_unit_test(figures_are_what_rollback_asks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
