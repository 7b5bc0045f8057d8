/* What a worker sends, whatever it is: nothing crashes, frames and results lie within their bytes, and what was read and is written again
 * reads the same. And a BATCH made of the bytes is one whole frame whose requests are those that went in. */
#include "serve/worker/frame.h"

#include <endian.h>

enum { SHARED = 4096, REQUESTS = 16 };

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void put(nb_buf *out, uint64_t value, size_t size)
{
    uint64_t little = htole64(value);
    nb_buf_put(out, (nb_str){(const char *)&little, size});
}

static uint64_t get(nb_str *from, size_t size)
{
    uint64_t little = 0;
    check(from->len >= size);
    memcpy(&little, from->at, size);
    *from = nb_str_from_at(*from, size);
    return le64toh(little);
}

static nb_str get_text(nb_str *from, size_t length)
{
    check(from->len >= length);
    nb_str text = nb_str_slice(*from, 0, length);
    *from = nb_str_from_at(*from, length);
    return text;
}

/* --- results ------------------------------------------------------------------------------------------------------- */

static bool lies_in(nb_str part, nb_str whole)
{
    return part.len == 0 ||
           (whole.at && part.at >= whole.at && part.at + part.len <= whole.at + whole.len);
}

static void write_result(nb_buf *out, const nb_frame_result *r, const nb_frame_shared *shared)
{
    bool is_shared = r->body.len > 0 && lies_in(r->body, (nb_str){shared->at, shared->size});
    put(out, r->id, 8);
    put(out, r->status, 2);
    put(out, r->flags, 2);
    put(out, r->model_us, 4);
    put(out, r->content_type.len, 2);
    nb_buf_put(out, r->content_type);
    put(out, r->body.len, 4);
    put(out, is_shared ? (uint64_t)(r->body.at - shared->at) : UINT64_MAX, 8);
    if (!is_shared)
        nb_buf_put(out, r->body);
}

static bool same_result(const nb_frame_result *a, const nb_frame_result *b)
{
    return a->id == b->id && a->status == b->status && a->flags == b->flags &&
           a->model_us == b->model_us && nb_str_eq(a->content_type, b->content_type) &&
           nb_str_eq(a->body, b->body);
}

/* Reads all results; they go to `again` unless NULL. Returns how many there were. */
static size_t read_results(nb_str payload, const nb_frame_shared *shared, nb_buf *again,
                           bool *wrong)
{
    nb_str file = {shared->at, shared->size};
    nb_frame_result result;
    size_t at = 0, count = 0, before = 0;
    while (nb_frame_next_result(payload, shared, &at, &result, wrong)) {
        check(at > before && at <= payload.len);
        before = at;
        check(lies_in(result.content_type, payload));
        check(lies_in(result.body, payload) || lies_in(result.body, file));
        write_result(again, &result, shared);
        count++;
    }
    return count;
}

static void check_results(nb_str payload, const nb_frame_shared *shared)
{
    NB_AUTO(nb_buf) again = NB_BUF_INIT(NB_BUF_TEXT);
    bool wrong = false;
    put(&again, 0, 4);
    size_t count = read_results(payload, shared, &again, &wrong);
    nb_frame_result first, second;
    size_t at = 0, at_again = 0;
    for (size_t i = 0; i < count; i++) {
        check(nb_frame_next_result(payload, shared, &at, &first, &wrong));
        bool bad = false;
        check(nb_frame_next_result(nb_buf_view(&again), shared, &at_again, &second, &bad) && !bad);
        check(same_result(&first, &second));
    }
    bool bad = false;
    check(!nb_frame_next_result(nb_buf_view(&again), shared, &at_again, &second, &bad) && !bad);
}

/* --- frames -------------------------------------------------------------------------------------------------------- */

static void check_frames(nb_str bytes, const nb_frame_shared *shared)
{
    nb_frame frame;
    size_t taken = 0;
    while (nb_frame_read(bytes, &frame, &taken) == NB_FRAME_WHOLE) {
        check(taken >= NB_FRAME_HEADER && taken <= bytes.len);
        NB_AUTO(nb_buf) again = NB_BUF_INIT(NB_BUF_TEXT);
        nb_frame_write(&again, frame.type, frame.flags, frame.id, frame.payload);
        check(nb_str_eq(nb_buf_view(&again), nb_str_slice(bytes, 0, taken)));
        check_results(frame.payload, shared);
        bytes = nb_str_from_at(bytes, taken);
    }
}

/* --- batches ------------------------------------------------------------------------------------------------------- */

static nb_str some(nb_str *from, size_t most)
{
    size_t want = from->len > 0 ? (unsigned char)from->at[0] : 0;
    *from = nb_str_from_at(*from, from->len > 0);
    want = want < most ? want : most;
    return get_text(from, want < from->len ? want : from->len);
}

static void check_batch(nb_str bytes)
{
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    nb_frame_request requests[REQUESTS];
    nb_frame_shared none = {0};
    size_t count = 0;
    for (; bytes.len > 0 && count < REQUESTS; count++) {
        nb_frame_request *r = &requests[count];
        *r = (nb_frame_request){.id = count * 77, .deadline_ms = (uint32_t)bytes.len};
        r->content_type = some(&bytes, 60);
        r->accept = some(&bytes, 60);
        r->body = some(&bytes, 200);
    }
    nb_frame_write_batch(&out, 5, NB_FRAME_TOGETHER, requests, count, &none);
    nb_frame frame;
    size_t taken = 0;
    check(nb_frame_read(nb_buf_view(&out), &frame, &taken) == NB_FRAME_WHOLE && taken == out.len);
    check(frame.type == NB_FRAME_BATCH && frame.flags == NB_FRAME_TOGETHER && frame.id == 5);
    nb_str rest = frame.payload;
    check(get(&rest, 4) == count);
    for (size_t i = 0; i < count; i++) {
        check(get(&rest, 8) == requests[i].id && get(&rest, 4) == requests[i].deadline_ms);
        check(nb_str_eq(get_text(&rest, get(&rest, 2)), requests[i].content_type));
        check(nb_str_eq(get_text(&rest, get(&rest, 2)), requests[i].accept));
        size_t length = get(&rest, 4);
        check(get(&rest, 8) == UINT64_MAX && nb_str_eq(get_text(&rest, length), requests[i].body));
    }
    check(rest.len == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char file[SHARED];
    nb_frame_shared shared = {.at = file, .size = SHARED}, none = {0};
    nb_str bytes = {(const char *)data, size};
    check_frames(bytes, &shared);
    check_results(bytes, &shared);
    check_results(bytes, &none);
    check_batch(bytes);
    return 0;
}
