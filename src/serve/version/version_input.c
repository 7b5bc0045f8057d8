#include "serve/version/version_parts.h"

/* Eight bytes a step: bodies may have megabytes. */
static uint64_t mix(uint64_t h, nb_str text)
{
    const uint64_t prime = 0x9e3779b97f4a7c15U;
    h = (h ^ text.len) * prime;
    size_t at = 0;
    for (; at + sizeof h <= text.len; at += sizeof h) {
        uint64_t word;
        memcpy(&word, text.at + at, sizeof word);
        h = (h ^ word) * prime;
        h ^= h >> 29;
    }
    for (; at < text.len; at++)
        h = (h ^ (unsigned char)text.at[at]) * prime;
    return h ^ (h >> 32);
}

uint64_t nb_input_hash(nb_call *call)
{
    if (call->input == 0)
        call->input = mix(mix(mix(1, call->content_type), call->accept), call->body) | 1;
    return call->input;
}

static bool is_old(const struct nb_suspect *row, int64_t now_us)
{
    return now_us - row->at_us > NB_SUSPECT_US;
}

unsigned nb_suspect_deaths(const nb_suspects *suspects, uint64_t input, int64_t now_us)
{
    for (size_t i = 0; i < suspects->count; i++)
        if (suspects->rows[i].input == input)
            return is_old(&suspects->rows[i], now_us) ? 0 : suspects->rows[i].deaths;
    return 0;
}

/* The row of this input; a new one takes the place of the oldest when there is no other. */
static struct nb_suspect *row_for(nb_suspects *suspects, uint64_t input)
{
    struct nb_suspect *oldest = &suspects->rows[0];
    for (size_t i = 0; i < suspects->count; i++) {
        if (suspects->rows[i].input == input)
            return &suspects->rows[i];
        if (suspects->rows[i].at_us < oldest->at_us)
            oldest = &suspects->rows[i];
    }
    struct nb_suspect *row =
        suspects->count < NB_SUSPECTS ? &suspects->rows[suspects->count++] : oldest;
    *row = (struct nb_suspect){.input = input};
    return row;
}

unsigned nb_suspect_add(nb_suspects *suspects, uint64_t input, int64_t now_us)
{
    struct nb_suspect *row = row_for(suspects, input);
    if (row->deaths > 0 && row->last_end == suspects->ends)
        return row->deaths;
    row->deaths = is_old(row, now_us) ? 1 : row->deaths + 1;
    row->last_end = suspects->ends;
    row->at_us = now_us;
    return row->deaths;
}

void nb_suspect_clear(nb_suspects *suspects, uint64_t input)
{
    for (size_t i = 0; i < suspects->count; i++)
        if (suspects->rows[i].input == input) {
            suspects->rows[i] = suspects->rows[--suspects->count];
            return;
        }
}
