/* serving_options.h - the settings of endpoints as options, which `deploy` and `serve` have in common. endpoint/settings.h says what each may be. */
#ifndef NB_CLI_SERVING_OPTIONS_H
#define NB_CLI_SERVING_OPTIONS_H

#include "cli/app.h"
#include "config/config.h"
#include "endpoint/endpoint.h"

typedef struct nb_serving_args {
    const char *host, *port, *token_file, *workers, *max_body, *max_connections, *queue, *timeout,
        *startup_timeout, *drain_timeout, *max_batch, *max_delay, *max_requests, *max_rss, *capture,
        *capture_keep, *rate, *log_sample, *log_format, *log_max, *watch, *session;
    nb_opt_list allowed_hosts, pass_env, capture_redact;
    nb_switch batching, retry_on_crash;
    bool auth; /* true by default */
} nb_serving_args;

/* Rows for a table of options; `type` has a member `field` of nb_serving_args, in whose default `auth` is true. A row's name is the setting's, with dashes. */
/* clang-format off */
#define NB_SERVING_OPTIONS(type, field)                                                            \
    {NB_STRING(0, "host", "ADDRESS", type, field.host,                                             \
     "address to listen on (default: 127.0.0.1); others need --token-file or --no-auth")},         \
    {NB_STRING(0, "port", "PORT", type, field.port,                                                \
     "port to listen on (default: the first free one from 8080 on)")},                             \
    {NB_STRING('w', "workers", "N", type, field.workers,                                           \
     "Python processes of a version, or 'auto': as cores and memory allow (default: 1)")},         \
    {NB_STRING('t', "timeout", "TIME", type, field.timeout,                                        \
     "how long an answer may take, such as 500ms or 5s (default: 60s)")},                          \
    {NB_STRING(0, "startup-timeout", "TIME", type, field.startup_timeout,                          \
     "how long loading the model may take (default: 300s)")},                                      \
    {NB_STRING(0, "drain-timeout", "TIME", type, field.drain_timeout,                              \
     "how long it answers what it has when it is to end (default: 25s)")},                         \
    {NB_STRING(0, "max-body", "SIZE", type, field.max_body,                                        \
     "largest request, such as 64M (default: 16M)")},                                              \
    {NB_STRING(0, "max-connections", "N", type, field.max_connections,                             \
     "connections at once (default: 1024)")},                                                      \
    {NB_STRING(0, "queue", "N", type, field.queue,                                                 \
     "requests of a version that may wait; more get status 503 (default: 256)")},                  \
    {NB_SWITCH(0, "batching", type, field.batching,                                                \
     "predict waiting requests together, where that gives equal predictions (default: on)")},      \
    {NB_STRING(0, "max-batch", "N", type, field.max_batch,                                         \
     "rows predicted together at most (default: 64)")},                                            \
    {NB_STRING(0, "max-delay", "TIME", type, field.max_delay,                                      \
     "how long a request may be held back for others to join it (default: 5ms)")},                 \
    {NB_SWITCH(0, "retry-on-crash", type, field.retry_on_crash,                                    \
     "send requests of a worker that died to another one, once (default: off)")},                  \
    {NB_STRING(0, "max-requests", "N", type, field.max_requests,                                   \
     "replace a worker after so many requests (default: never)")},                                 \
    {NB_STRING(0, "max-rss", "SIZE", type, field.max_rss,                                          \
     "replace a worker that needs more memory than this (default: never)")},                       \
    {NB_STRING(0, "token-file", "FILE", type, field.token_file,                                    \
     "tokens that clients must send, one a line"), .names = NB_NAMES_FILE},                        \
    {NB_FLAG(0, "auth", type, field.auth,                                                          \
     "let anybody who reaches the address ask")},                                                  \
    {NB_LIST(0, "allowed-hosts", "NAME", type, field.allowed_hosts,                                \
     "a name in the Host header that is answered, besides localhost; may be repeated")},           \
    {NB_LIST(0, "pass-env", "NAME", type, field.pass_env,                                          \
     "an environment variable that workers get besides the usual ones; may be repeated")},         \
    {NB_STRING(0, "capture", "SHARE", type, field.capture,                                         \
     "share of requests that is kept with its answers, such as 0.1 (default: 0)")},                \
    {NB_LIST(0, "capture-redact", "COLUMN", type, field.capture_redact,                            \
     "a column whose values are not kept; may be repeated")},                                      \
    {NB_STRING(0, "capture-keep", "SIZE", type, field.capture_keep,                                \
     "how much of it is kept; the oldest goes (default: 1G)")},                                    \
    {NB_STRING(0, "rate", "RATE", type, field.rate,                                                \
     "requests that one client may send, such as 10/s or 30/min (default: any)")},                 \
    {NB_STRING(0, "log-sample", "SHARE", type, field.log_sample,                                   \
     "share of successful requests in the access log (default: 1)")},                              \
    {NB_STRING(0, "session", "NAME", type, field.session,                                          \
     "a header, or cookie:NAME, that keeps a client with one version")},                           \
    {NB_STRING(0, "log-format", "FORMAT", type, field.log_format,                                  \
     "of the access log: json or text (default: json)")},                                          \
    {NB_STRING(0, "log-max", "SIZE", type, field.log_max,                                          \
     "a log of this size is moved aside (default: 64M)")},                                         \
    {NB_STRING(0, "watch", "TIME", type, field.watch,                                              \
     "how long new traffic is watched, to go back when it fails (default: 120s)")}
/* clang-format on */

typedef struct nb_serving_given {
    nb_setting_value *values;
    size_t count;
} nb_serving_given;

/* What was asked for: `serving:` of the experiment (which may be NULL), then the options. Each value was tried: NB_ERR_CONFIG and
 * NB_ERR_USAGE name what is wrong. serving.python is not among them: the caller's own --python wins over it. */
nb_code nb_serving_collect(nb_app *app, const nb_config *config, const nb_experiment *experiment,
                           const nb_serving_args *args, nb_serving_given *out, nb_error *err);
/* serving.python of the experiment, else its `python`. */
nb_str nb_serving_python(const nb_experiment *experiment);

#endif
