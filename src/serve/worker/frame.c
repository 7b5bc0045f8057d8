#include "serve/worker/frame.h"

#include <endian.h>

static const uint64_t inline_body = UINT64_MAX;

/* --- writing ------------------------------------------------------------------------------------------------------- */

static void put_u16(nb_buf *out, size_t value)
{
    uint16_t little = htole16((uint16_t)value);
    nb_buf_put(out, (nb_str){(const char *)&little, sizeof little});
}

static void put_u32(nb_buf *out, size_t value)
{
    uint32_t little = htole32((uint32_t)value);
    nb_buf_put(out, (nb_str){(const char *)&little, sizeof little});
}

static void put_u64(nb_buf *out, uint64_t value)
{
    uint64_t little = htole64(value);
    nb_buf_put(out, (nb_str){(const char *)&little, sizeof little});
}

static void put_text16(nb_buf *out, nb_str text)
{
    nb_str cut = text.len > UINT16_MAX ? (nb_str){text.at, UINT16_MAX} : text;
    put_u16(out, cut.len);
    nb_buf_put(out, cut);
}

static void put_header(nb_buf *out, nb_frame_type type, unsigned flags, uint64_t id, size_t length)
{
    put_u32(out, length);
    put_u16(out, type);
    put_u16(out, flags);
    put_u64(out, id);
}

static void put_body(nb_buf *out, nb_str body, nb_frame_shared *shared)
{
    put_u32(out, body.len);
    if (body.len >= NB_FRAME_SHARED && shared->at && body.len <= shared->size - shared->used) {
        put_u64(out, shared->used);
        memcpy(shared->at + shared->used, body.at, body.len);
        shared->used += body.len;
        return;
    }
    put_u64(out, inline_body);
    nb_buf_put(out, body);
}

void nb_frame_write(nb_buf *out, nb_frame_type type, unsigned flags, uint64_t id, nb_str payload)
{
    put_header(out, type, flags, id, payload.len);
    nb_buf_put(out, payload);
}

void nb_frame_write_batch(nb_buf *out, uint64_t id, unsigned flags,
                          const nb_frame_request *requests, size_t count, nb_frame_shared *shared)
{
    size_t start = out->len;
    shared->used = 0;
    put_header(out, NB_FRAME_BATCH, flags, id, 0);
    put_u32(out, count);
    for (size_t i = 0; i < count; i++) {
        put_u64(out, requests[i].id);
        put_u32(out, requests[i].deadline_ms);
        put_text16(out, requests[i].content_type);
        put_text16(out, requests[i].accept);
        put_body(out, requests[i].body, shared);
    }
    if (out->full)
        return;
    uint32_t length = htole32((uint32_t)(out->len - start - NB_FRAME_HEADER));
    memcpy(out->at + start, &length, sizeof length);
}

/* --- reading ------------------------------------------------------------------------------------------------------- */

/* A cursor over bytes of the other side: once something is missing, everything after it is zero and `wrong` is set. */
typedef struct cursor {
    nb_str bytes;
    size_t at;
    bool wrong;
} cursor;

static const char *take(cursor *c, size_t count)
{
    if (c->wrong || count > c->bytes.len - c->at) {
        c->wrong = true;
        return NULL;
    }
    c->at += count;
    return c->bytes.at + c->at - count;
}

static uint64_t take_number(cursor *c, size_t size)
{
    uint64_t little = 0;
    const char *at = take(c, size);
    if (at)
        memcpy(&little, at, size);
    return le64toh(little);
}

static nb_str take_text(cursor *c, size_t length)
{
    const char *at = take(c, length);
    return at ? (nb_str){at, length} : NB_STR("");
}

static nb_str take_body(cursor *c, const nb_frame_shared *shared)
{
    size_t length = take_number(c, 4);
    uint64_t offset = take_number(c, 8);
    if (offset == inline_body)
        return take_text(c, length);
    if (!shared->at || offset > shared->size || length > shared->size - offset) {
        c->wrong = true;
        return NB_STR("");
    }
    return (nb_str){shared->at + offset, length};
}

nb_frame_state nb_frame_read(nb_str bytes, nb_frame *out, size_t *taken)
{
    if (bytes.len < NB_FRAME_HEADER)
        return NB_FRAME_PARTIAL;
    cursor c = {bytes, 0, false};
    size_t length = take_number(&c, 4);
    unsigned type = (unsigned)take_number(&c, 2);
    if (length > NB_FRAME_LARGEST || type < NB_FRAME_HELLO || type > NB_FRAME_STOP)
        return NB_FRAME_WRONG;
    if (bytes.len - NB_FRAME_HEADER < length)
        return NB_FRAME_PARTIAL;
    *out = (nb_frame){.type = (nb_frame_type)type, .flags = (unsigned)take_number(&c, 2)};
    out->id = take_number(&c, 8);
    out->payload = take_text(&c, length);
    *taken = NB_FRAME_HEADER + length;
    return NB_FRAME_WHOLE;
}

size_t nb_frame_result_count(nb_str payload)
{
    cursor c = {payload, 0, false};
    return take_number(&c, 4);
}

bool nb_frame_next_result(nb_str payload, const nb_frame_shared *shared, size_t *at,
                          nb_frame_result *out, bool *wrong)
{
    cursor c = {payload, *at, false};
    if (*at == 0 && take_number(&c, 4) > NB_FRAME_MOST_ITEMS)
        c.wrong = true;
    if (!c.wrong && c.at == payload.len)
        return false;
    nb_frame_result result = {.id = take_number(&c, 8)};
    result.status = (unsigned)take_number(&c, 2);
    result.flags = (unsigned)take_number(&c, 2);
    result.model_us = (uint32_t)take_number(&c, 4);
    result.content_type = take_text(&c, take_number(&c, 2));
    result.body = take_body(&c, shared);
    if (c.wrong || result.status < 200 || result.status > 599) {
        *wrong = true;
        return false;
    }
    *out = result;
    *at = c.at;
    return true;
}
