#include "serve/http/http_parts.h"

#include "base/heap.h"

#include <errno.h>
#include <sys/socket.h>

enum {
    FIRST_READ = 4096,
    BODY_READ = 64 * 1024,
    KEPT_BODY = 64 * 1024, /* memory of a body that the connection keeps for its next one */
    SPARE_MS = 2000,
    AT_ONCE = 1 << 20 /* of a body: room on the word of the client; above, as it comes */
};

/* --- reading ------------------------------------------------------------------------------------------------------- */

size_t nb_http_receive(nb_http_connection *c, char *into, size_t room)
{
    while (c->readable && !c->broken) {
        ssize_t got = recv(c->fd, into, room, 0);
        if (got > 0) {
            c->readable = (size_t)got == room || c->fin;
            return (size_t)got;
        }
        if (got < 0 && errno == EINTR)
            continue;
        c->readable = false;
        if (got == 0)
            c->ended = true;
        else if (errno != EAGAIN)
            c->broken = true;
    }
    return 0;
}

bool nb_http_receive_head(nb_http_connection *c)
{
    bool was_empty = c->in.len == 0;
    (void)nb_buf_reserve(&c->in, c->in.cap == 0 ? FIRST_READ - 1 : 1);
    size_t got = nb_http_receive(c, c->in.at + c->in.len, c->in.cap - c->in.len);
    c->in.len += got;
    if (got > 0 && was_empty)
        c->since_us = nb_loop_now_us(c->http->loop);
    return got > 0;
}

/* --- the head ------------------------------------------------------------------------------------------------------ */

/* One empty line before a request is left over from a client's careless body, and harmless (RFC 9112, 2.2). */
static void skip_empty_line(nb_http_connection *c)
{
    if (c->scan.at > 0 || c->in.len < 2 || memcmp(c->in.at, "\r\n", 2) != 0)
        return;
    c->in.len -= 2;
    memmove(c->in.at, c->in.at + 2, c->in.len);
}

bool nb_http_find_head(nb_http_connection *c, nb_http_wrong *wrong)
{
    skip_empty_line(c);
    nb_http_found found = NB_HTTP_PARTIAL;
    if (c->in.len > 1 || (c->in.len == 1 && c->in.at[0] != '\r'))
        found = nb_http_scan_head(nb_buf_view(&c->in), &c->scan);
    if (found == NB_HTTP_NONE)
        *wrong = (nb_http_wrong){400, "this is no HTTP: lines of a head end in CR and LF"};
    else if (c->scan.at > c->http->limits.head)
        *wrong = (nb_http_wrong){431, "the request line and header fields are too long"};
    return found == NB_HTTP_WHOLE;
}

bool nb_http_parse(nb_http_connection *c, nb_http_wrong *wrong)
{
    nb_http_request *request = &c->request;
    if (c->scan.lines > c->field_room) {
        c->field_room =
            c->scan.lines > NB_HTTP_MOST_FIELDS ? NB_HTTP_MOST_FIELDS : c->scan.lines + 8;
        c->fields = nb_heap_grow(c->fields, c->field_room, sizeof *c->fields);
    }
    request->head.fields = c->fields;
    if (!nb_http_parse_head((nb_str){c->in.at, c->scan.at}, &request->head, wrong))
        return false;
    nb_str path = request->head.path;
    if (!nb_http_decode(c->in.at + (path.at - c->in.at), &path.len, false)) {
        *wrong = (nb_http_wrong){400, "the request's path holds a wrong escape"};
        return false;
    }
    request->path = path;
    return true;
}

/* --- memory of bodies ---------------------------------------------------------------------------------------------- */

void nb_http_free_spares(void *ctx)
{
    nb_http *http = ctx;
    while (http->spare_count > 0)
        nb_buf_release(&http->spares[--http->spare_count]);
}

void nb_http_drop_body(nb_http_connection *c)
{
    nb_http *http = c->http;
    nb_buf_clear(&c->body);
    if (c->body.cap <= KEPT_BODY)
        return;
    if (c->body.cap > NB_HTTP_SPARE_LARGEST || http->spare_count == NB_HTTP_SPARES) {
        nb_buf_release(&c->body);
        return;
    }
    http->spares[http->spare_count++] = c->body;
    c->body = NB_BUF_INIT(c->body.limit);
    if (http->spare_timer.slot == 0)
        nb_timer_set(http->loop, &http->spare_timer,
                     nb_loop_now_us(http->loop) + (int64_t)SPARE_MS * 1000);
}

/* One that holds the whole body, the latest first: the processor still knows it. */
static void use_spare(nb_http_connection *c, size_t length)
{
    nb_http *http = c->http;
    if (length < KEPT_BODY || c->body.cap > length)
        return;
    for (size_t i = http->spare_count; i-- > 0;) {
        nb_buf spare = http->spares[i];
        if (spare.cap <= length)
            continue;
        http->spares[i] = http->spares[--http->spare_count];
        nb_buf_release(&c->body);
        c->body = spare;
        return;
    }
}

/* --- the start of a body ------------------------------------------------------------------------------------------- */

static bool take_chunks(nb_http_connection *c, nb_str bytes, size_t *taken, nb_http_wrong *wrong)
{
    switch (nb_http_chunks_feed(&c->chunks, bytes, c->http->limits.body, &c->body, taken)) {
    case NB_HTTP_CHUNKED_WHOLE: c->body_whole = true; return true;
    case NB_HTTP_CHUNKED_MORE: return true;
    case NB_HTTP_CHUNKED_WRONG:
        *wrong = (nb_http_wrong){400, "the body is not in chunks as HTTP/1.1 has them"};
        return false;
    case NB_HTTP_CHUNKED_TOO_LARGE:
        *wrong = (nb_http_wrong){413, nb_http_too_large(c)};
        return false;
    }
    return false;
}

bool nb_http_take_first_bytes(nb_http_connection *c, nb_http_wrong *wrong)
{
    nb_http_request *request = &c->request;
    const nb_http_head *head = &request->head;
    nb_str more = nb_str_from_at(nb_buf_view(&c->in), c->scan.at);
    size_t taken = more.len;
    c->used = c->scan.at;
    c->body_whole = false;
    nb_buf_clear(&c->body);
    if (head->chunked) {
        c->chunks = (nb_http_chunks){0};
        c->body.limit = c->http->limits.body + 2;
        if (!take_chunks(c, more, &taken, wrong))
            return false;
    } else if (head->length <= more.len) {
        taken = head->length;
        request->body = nb_str_slice(more, 0, taken);
        c->body_whole = true;
    } else {
        use_spare(c, head->length);
        c->body.limit = head->length + AT_ONCE;
        nb_buf_put(&c->body, more);
    }
    c->used += taken;
    return true;
}

/* --- the body ------------------------------------------------------------------------------------------------------ */

/* Into its place, and not a byte beyond it. */
static bool receive_plain(nb_http_connection *c)
{
    size_t left = c->request.head.length - c->body.len;
    (void)nb_buf_reserve(&c->body, left < AT_ONCE ? left : BODY_READ);
    size_t room = c->body.cap - c->body.len - 1;
    size_t got = nb_http_receive(c, c->body.at + c->body.len, left < room ? left : room);
    c->body.len += got;
    c->body_whole = c->body.len == c->request.head.length;
    return got > 0;
}

static bool receive_chunks(nb_http_connection *c, nb_http_wrong *wrong)
{
    size_t taken = 0;
    size_t got = nb_http_receive(c, c->http->scratch, NB_HTTP_SCRATCH);
    nb_str bytes = {c->http->scratch, got};
    if (got > 0 && take_chunks(c, bytes, &taken, wrong) && taken < got)
        nb_buf_put(&c->rest, nb_str_from_at(bytes, taken));
    return got > 0;
}

bool nb_http_receive_body(nb_http_connection *c, nb_http_wrong *wrong)
{
    return c->request.head.chunked ? receive_chunks(c, wrong) : receive_plain(c);
}
