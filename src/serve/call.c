#include "serve/call.h"

#include "serve/contract/contract.h"
#include "serve/contract/media.h"

static const char *const refusal_names[NB_REFUSAL_COUNT] = {
    [NB_REFUSED_NOT] = "none",
    [NB_REFUSED_INPUT] = "input",
    [NB_REFUSED_QUEUE_FULL] = "queue_full",
    [NB_REFUSED_NOT_READY] = "not_ready",
    [NB_REFUSED_HOPELESS] = "hopeless",
    [NB_REFUSED_DEADLINE] = "deadline",
    [NB_REFUSED_WORKER_DIED] = "worker_died",
    [NB_REFUSED_POISON] = "poison",
    [NB_REFUSED_BATCH] = "batch",
    [NB_REFUSED_GONE] = "gone",
};

const char *nb_refusal_name(nb_refusal refusal)
{
    return (unsigned)refusal < NB_REFUSAL_COUNT ? refusal_names[refusal] : "unknown";
}

bool nb_call_id_fits(nb_str id)
{
    for (size_t i = 0; i < id.len; i++)
        if (id.at[i] < '!' || id.at[i] > '~')
            return false;
    return id.len > 0 && id.len < sizeof((nb_call *)NULL)->request_id;
}

/* Where the time went (W3C Server Timing, in ms), for clients that ask for it: formatting it for all would be a cost without a reader. */
static nb_str timing_of(nb_call *call)
{
    int64_t waited_us = call->sent_us > call->received_us ? call->sent_us - call->received_us : 0;
    if (!call->wants_timing || call->sent_us == 0)
        return NB_STR("");
    return nb_arena_printf(&call->arena, "queue;dur=%lld.%03lld, predict;dur=%u.%03u",
                           (long long)(waited_us / 1000), (long long)(waited_us % 1000),
                           call->model_us / 1000, call->model_us % 1000);
}

/* The contract's fields, and ours: which request this was, which version answered, when to come again. */
static void add_headers(nb_call *call, unsigned retry_after_s, nb_http_answer *answer)
{
    size_t count = answer->header_count;
    nb_http_header *headers = NB_NEW_ARRAY(&call->arena, nb_http_header, count + 5);
    if (count > 0)
        memcpy(headers, answer->headers, count * sizeof *headers);
    if (call->request_id[0])
        headers[count++] = (nb_http_header){"X-Request-Id", nb_str_from(call->request_id)};
    if (call->trace.len > 0)
        headers[count++] = (nb_http_header){"traceparent", call->trace};
    if (call->answered_by > 0)
        headers[count++] = (nb_http_header){"X-Notebooked-Version",
                                            nb_arena_printf(&call->arena, "%u", call->answered_by)};
    nb_str timing = timing_of(call);
    if (timing.len > 0)
        headers[count++] = (nb_http_header){"Server-Timing", timing};
    if (retry_after_s > 0)
        headers[count++] =
            (nb_http_header){"Retry-After", nb_arena_printf(&call->arena, "%u", retry_after_s)};
    answer->headers = headers;
    answer->header_count = count;
}

static void send(nb_call *call, unsigned retry_after_s, nb_http_answer *answer)
{
    add_headers(call, retry_after_s, answer);
    call->bytes_out = answer->take ? answer->take->len : answer->body.len;
    call->status = answer->status;
    nb_http_answer_with(call->request, answer);
}

/* What a worker says of an error is plain text; a script's own error is whatever it made of it. */
static void write_result(nb_call *call, const nb_frame_result *result, nb_http_answer *answer)
{
    if (result->status < 400 || !nb_media_is(result->content_type, "text/plain")) {
        call->contract->write(call, result, answer);
        return;
    }
    call->error = nb_arena_str(&call->arena, result->body);
    call->contract->error(call, result->status, call->error, answer);
}

/* On the platform this answer would never come to the client. */
static void check_size(nb_call *call, nb_http_answer *answer)
{
    const nb_contract_limits *limits = call->limits;
    size_t size = answer->take ? answer->take->len : answer->body.len;
    if (!limits || limits->answer == 0 || size <= limits->answer)
        return;
    call->error = nb_arena_printf(
        &call->arena, "the answer has %zu bytes; %s passes on %zu at most (--as %s)", size,
        call->contract->platform, limits->answer, call->contract->name);
    *answer = (nb_http_answer){.status = 500};
    call->contract->error(call, 500, call->error, answer);
}

void nb_call_answer(nb_call *call, const nb_frame_result *result)
{
    if (call->status > 0)
        return;
    call->status = result->status;
    call->model_us = result->model_us;
    if (call->is_shadow || call->shadowed_by || call->is_captured) {
        call->result = nb_arena_str(&call->arena, result->body);
        call->result_type = nb_arena_str(&call->arena, result->content_type);
    }
    if (!call->request)
        return;
    nb_http_answer answer = {.status = result->status};
    write_result(call, result, &answer);
    check_size(call, &answer);
    send(call, 0, &answer);
}

/* Whose patience it was. */
static nb_str with_platform(nb_call *call, nb_str message)
{
    const nb_contract_limits *limits = call->limits;
    if (!limits || limits->answer_ms == 0 ||
        call->deadline_us - call->received_us != limits->answer_ms * 1000)
        return message;
    return nb_arena_printf(&call->arena, NB_STR_FMT "; %s waits no longer (--as %s)",
                           NB_STR_ARG(message), call->contract->platform, call->contract->name);
}

void nb_call_refuse(nb_call *call, nb_refusal why, unsigned status, unsigned retry_after_s,
                    const char *message, ...)
{
    if (call->status > 0)
        return;
    call->status = status;
    call->refusal = why;
    va_list args;
    va_start(args, message);
    call->error = nb_arena_vprintf(&call->arena, message, args);
    va_end(args);
    if (why == NB_REFUSED_DEADLINE)
        call->error = with_platform(call, call->error);
    if (!call->request)
        return;
    nb_http_answer answer = {.status = status};
    call->contract->error(call, status, call->error, &answer);
    send(call, retry_after_s, &answer);
}
