#include "serve/version/batch.h"

static double average(double old, double value, double weight)
{
    return old > 0 ? old + weight * (value - old) : value;
}

void nb_batch_arrived(nb_batch_state *state, int64_t now_us)
{
    if (state->last_arrival_us > 0)
        state->arrival_us =
            average(state->arrival_us, (double)(now_us - state->last_arrival_us), 0.05);
    state->last_arrival_us = now_us;
}

void nb_batch_served(nb_batch_state *state, int64_t frame_us, unsigned requests, int64_t model_us,
                     int64_t now_us)
{
    state->service_us = average(state->service_us, (double)frame_us, 0.1);
    if (requests > 0)
        state->request_us = average(state->request_us, (double)model_us / (double)requests, 0.1);
    state->worker_free_us = now_us;
}

/* Requests from the head that can be predicted with one call; *rows gets theirs. */
static size_t take_alike(const nb_batch_options *options, const nb_batch_item *items, size_t count,
                         unsigned *rows)
{
    size_t taken = 0, bytes = 0;
    *rows = 0;
    while (taken < count && taken < options->max_requests) {
        const nb_batch_item *item = &items[taken];
        bool fits =
            *rows + item->rows <= options->max_rows && bytes + item->bytes <= options->max_bytes;
        if (item->rows == 0 || item->kind != items[0].kind || (taken > 0 && !fits))
            break;
        *rows += item->rows;
        bytes += item->bytes;
        taken++;
    }
    return taken;
}

/* Somebody is expected within the wait, and it has not passed: until when to wait; 0: send now. */
static int64_t worth_waiting(const nb_batch_options *options, const nb_batch_state *state,
                             const nb_batch_item *head, int64_t now_us)
{
    double wait = state->service_us / 4;
    if (wait > (double)options->max_delay_us)
        wait = (double)options->max_delay_us;
    if (state->arrival_us <= 0 || wait < state->arrival_us)
        return 0;
    int64_t since =
        head->queued_us > state->worker_free_us ? head->queued_us : state->worker_free_us;
    int64_t until = since + (int64_t)wait;
    return until > now_us ? until : 0;
}

static nb_batch_choice coalesce(const nb_batch_options *options, const nb_batch_state *state,
                                const nb_batch_item *items, size_t count)
{
    size_t most = 1; /* nothing is known of a model that has not predicted yet */
    if (state->request_us > 0) {
        double fit = (double)options->frame_us / state->request_us;
        most = fit < (double)options->max_requests ? (size_t)fit : options->max_requests;
    }
    size_t taken = 0, bytes = 0;
    while (taken < count && (taken == 0 || taken < most)) {
        if (taken > 0 && bytes + items[taken].bytes > options->max_bytes)
            break;
        bytes += items[taken++].bytes;
    }
    return (nb_batch_choice){.count = taken};
}

nb_batch_choice nb_batch_choose(const nb_batch_options *options, const nb_batch_state *state,
                                const nb_batch_item *items, size_t count, bool equal,
                                int64_t now_us)
{
    unsigned rows = 0;
    if (count == 0)
        return (nb_batch_choice){0};
    size_t alike = equal && options->max_rows > 1 ? take_alike(options, items, count, &rows) : 0;
    if (alike == 0)
        return coalesce(options, state, items, count);
    if (alike == count && rows < options->max_rows) {
        int64_t until = worth_waiting(options, state, &items[0], now_us);
        if (until > 0)
            return (nb_batch_choice){.wait_until_us = until};
    }
    return (nb_batch_choice){.count = alike, .together = alike > 1};
}
