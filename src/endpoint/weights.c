/* How weights are written, "v3=90,v4=10", and which ones there were before. */
#include "endpoint/endpoint.h"

#include "base/vec.h"

enum { MOST_WEIGHT = 1000000 };

nb_str nb_endpoint_weights(nb_arena *arena, const nb_endpoint *endpoint)
{
    NB_AUTO(nb_buf) text = NB_BUF_INIT(NB_BUF_TEXT);
    for (size_t i = 0; i < endpoint->deployments.count; i++) {
        const nb_deployment *each = &endpoint->deployments.at[i];
        if (each->weight > 0)
            nb_buf_printf(&text, "%sv%u=%u", text.len > 0 ? "," : "", each->version, each->weight);
    }
    return nb_arena_str(arena, nb_buf_view(&text));
}

static nb_code fail_form(nb_str text, nb_str piece, nb_error *err)
{
    (void)nb_fail(err, NB_ERR_USAGE,
                  "cannot read the weights '" NB_STR_FMT "': '" NB_STR_FMT
                  "' is no version with a weight",
                  NB_STR_ARG(text), NB_STR_ARG(piece));
    nb_error_hint(err, "write them like 'v3=90,v4=10'");
    return err->code;
}

/* "v3=90"; the v may be left out. */
static bool read_one(nb_str piece, nb_weight *out)
{
    int64_t version, weight;
    ptrdiff_t sign = nb_str_find_char(piece, '=');
    if (sign < 0)
        return false;
    nb_str name = nb_str_trim(nb_str_slice(piece, 0, (size_t)sign));
    if (nb_str_starts(name, NB_STR("v")))
        name = nb_str_from_at(name, 1);
    if (!nb_str_to_int(name, &version) || version < 1 || version > UINT32_MAX ||
        !nb_str_to_int(nb_str_trim(nb_str_from_at(piece, (size_t)sign + 1)), &weight) ||
        weight < 0 || weight > MOST_WEIGHT)
        return false;
    *out = (nb_weight){(unsigned)version, (unsigned)weight};
    return true;
}

nb_code nb_weights_parse(nb_arena *arena, nb_str text, nb_weight **out, size_t *count,
                         nb_error *err)
{
    NB_VEC(nb_weight) list = {0};
    nb_str rest = text, piece;
    uint64_t total = 0;
    while (nb_str_split(&rest, ',', &piece)) {
        nb_weight weight = {0};
        piece = nb_str_trim(piece);
        if (!read_one(piece, &weight))
            return fail_form(text, piece, err);
        for (size_t i = 0; i < list.count; i++)
            if (list.at[i].version == weight.version)
                return nb_fail(err, NB_ERR_USAGE, "version v%u has two weights", weight.version);
        total += weight.weight;
        nb_vec_push(arena, &list, weight);
    }
    if (total == 0) {
        (void)nb_fail(err, NB_ERR_USAGE, "no version would get a request");
        nb_error_hint(err, "give at least one version a weight above 0");
        return err->code;
    }
    *out = list.at;
    *count = list.count;
    return NB_OK;
}

/* --- before --------------------------------------------------------------------------------------- */

static bool has_version(const nb_endpoint *endpoint, unsigned version)
{
    for (size_t i = 0; i < endpoint->deployments.count; i++)
        if (endpoint->deployments.at[i].version == version)
            return true;
    return false;
}

static bool can_be_served(nb_arena *arena, const nb_endpoint *endpoint, nb_str text,
                          nb_weight **out, size_t *count)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* an event without traffic is none to go back to */
    if (nb_weights_parse(arena, text, out, count, &ignored) != NB_OK)
        return false;
    for (size_t i = 0; i < *count; i++)
        if (!has_version(endpoint, (*out)[i].version))
            return false;
    return true;
}

typedef NB_VEC(nb_str) undo_stack;

/* Weights that came anew are put on top; going back takes off what is above them. */
static void take_in(nb_arena *arena, undo_stack *stack, const nb_endpoint_event *event)
{
    size_t at = stack->count;
    if (event->weights.len == 0 ||
        (at > 0 && nb_str_eq(stack->at[at - 1], event->weights))) /* another kind of event */
        return;
    while (event->back && at > 0 && !nb_str_eq(stack->at[at - 1], event->weights))
        at--;
    if (at > 0 && event->back)
        stack->count = at;
    else
        nb_vec_push(arena, stack, event->weights);
}

bool nb_endpoint_previous(nb_arena *arena, const nb_endpoint *endpoint, nb_weight **out,
                          size_t *count)
{
    undo_stack stack = {0};
    nb_str now = nb_endpoint_weights(arena, endpoint);
    for (size_t i = 0; i < endpoint->history.count; i++)
        take_in(arena, &stack, &endpoint->history.at[i]);
    for (size_t i = stack.count; i-- > 0;) {
        nb_weight *weights = NULL;
        size_t found = 0;
        if (nb_str_eq(stack.at[i], now) ||
            !can_be_served(arena, endpoint, stack.at[i], &weights, &found))
            continue;
        *out = weights;
        *count = found;
        return true;
    }
    return false;
}
