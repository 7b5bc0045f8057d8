#include "serve/http/http_parts.h"

#include "base/heap.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    SLOWEST_PER_MS = 64, /* bytes of body or answer that a client must keep up */
    LINGER_MS = 2000,
    LINGER_BYTES = 64 << 20,
    DRAIN_IDLE_MS = 1000,
    TURNS = 32 /* requests of one connection before others have their turn */
};

/* What a stage did: it went on to another, waits for an event, or ended the connection. */
typedef enum went { ON, WAITS, GONE } went;

/* --- time ---------------------------------------------------------------------------------------------------------- */

static int64_t now_us(const nb_http_connection *c)
{
    return nb_loop_now_us(c->http->loop);
}

/* Deadlines move with every request; the timer only when it would fire too late. */
static void set_deadline(nb_http_connection *c, int64_t at_us)
{
    c->deadline_us = at_us;
    if (at_us != NB_HTTP_NEVER && (c->timer.slot == 0 || c->timer.at_us > at_us))
        nb_timer_set(c->http->loop, &c->timer, at_us);
}

static void wait_for_head(nb_http_connection *c)
{
    const nb_http_limits *limits = &c->http->limits;
    int64_t idle_ms =
        c->http->draining && limits->idle_ms > DRAIN_IDLE_MS ? DRAIN_IDLE_MS : limits->idle_ms;
    if (c->in.len > 0) /* from the first byte, whatever comes in between */
        set_deadline(c, c->since_us + limits->head_ms * 1000);
    else
        set_deadline(c, c->since_us + idle_ms * 1000);
}

/* `bytes` at the slowest speed, and body_ms. */
static void wait_for_bytes(nb_http_connection *c, size_t bytes)
{
    int64_t ms = c->http->limits.body_ms + (int64_t)(bytes / SLOWEST_PER_MS);
    set_deadline(c, c->since_us + ms * 1000);
}

static void wait_for_body(nb_http_connection *c)
{
    wait_for_bytes(c, c->request.head.chunked ? c->body.len : c->request.head.length);
}

/* --- ends ---------------------------------------------------------------------------------------------------------- */

static void tell_done(nb_http_connection *c, bool sent)
{
    nb_http_request *request = &c->request;
    if (request->seen) {
        request->seen = false;
        c->http->hooks.done(c->http->hooks.ctx, request, sent && !request->refused);
    }
    free(request->params);
    *request = (nb_http_request){.connection = c};
}

static void unlink_later(nb_http_connection *c)
{
    nb_http_connection **at = &c->http->later;
    if (!c->is_later)
        return;
    while (*at != c)
        at = &(*at)->next_later;
    *at = c->next_later;
    if (!*at)
        c->http->later_end = at;
}

void nb_http_connection_end(nb_http_connection *c, bool sent)
{
    nb_http *http = c->http;
    tell_done(c, sent);
    unlink_later(c);
    nb_timer_stop(http->loop, &c->timer);
    nb_loop_forget(http->loop, c->fd);
    close(c->fd);
    if (c->before)
        c->before->next = c->next;
    else
        http->connections = c->next;
    if (c->next)
        c->next->before = c->before;
    http->count--;
    http->excess -= c->excess;
    nb_buf_release(&c->in);
    nb_buf_release(&c->body);
    nb_buf_release(&c->rest);
    nb_buf_release(&c->out);
    nb_buf_release(&c->out_body);
    free(c->fields);
    free(c);
}

static nb_http_refusal kind_of(unsigned status)
{
    switch (status) {
    case 413: return NB_HTTP_TOO_LARGE;
    case 431: return NB_HTTP_TOO_LONG;
    case 408: return NB_HTTP_TOO_SLOW;
    case 503: return NB_HTTP_TOO_MANY;
    default: return NB_HTTP_BAD;
    }
}

/* `parsed`: the request's head was understood, so that the owner can look at it. */
static went refuse(nb_http_connection *c, bool parsed, nb_http_wrong wrong)
{
    const nb_http_hooks *hooks = &c->http->hooks;
    if (!parsed)
        c->request.head = (nb_http_head){.minor = 1};
    c->request.refused = true;
    c->keep = c->body_whole = false;
    hooks->refused(hooks->ctx, parsed ? &c->request : NULL, kind_of(wrong.status));
    nb_http_queue_error(c, wrong.status, wrong.why);
    return ON;
}

/* --- head and body ------------------------------------------------------------------------------------------------- */

/* Tells a client that waits for it to send its body now. */
static void say_continue(nb_http_connection *c)
{
    nb_str line = NB_STR("HTTP/1.1 100 Continue\r\n\r\n");
    if (send(c->fd, line.at, line.len, MSG_NOSIGNAL) != (ssize_t)line.len)
        c->broken = true;
}

/* The request is known: it is refused for its size, answered by the owner at once, or goes on. */
static went begin(nb_http_connection *c)
{
    nb_http_request *request = &c->request;
    nb_http_wrong wrong = {0};
    c->body_whole = false;
    if (!nb_http_parse(c, &wrong))
        return refuse(c, false, wrong);
    c->keep = request->head.keep_alive;
    if (request->head.length > c->http->limits.body)
        wrong = (nb_http_wrong){413, nb_http_too_large(c)};
    if (wrong.status != 0 || !nb_http_take_first_bytes(c, &wrong))
        return refuse(c, true, wrong);
    request->seen = true;
    c->since_us = now_us(c);
    c->stage = NB_HTTP_BODY;
    bool goes_on = c->http->hooks.head(c->http->hooks.ctx, request);
    if (c->stage != NB_HTTP_BODY)
        return ON;
    if (!goes_on)
        return refuse(c, true, (nb_http_wrong){500, "the request was not answered"});
    if (request->head.awaits && !c->body_whole && c->used == c->scan.at)
        say_continue(c);
    return ON;
}

static went do_head(nb_http_connection *c)
{
    nb_http_wrong wrong = {0};
    while (!nb_http_find_head(c, &wrong)) {
        if (wrong.status != 0)
            return refuse(c, false, wrong);
        if (nb_http_receive_head(c))
            continue;
        if (c->ended ||
            c->broken) { /* between requests, or in the middle of one: nobody waits for an answer */
            nb_http_connection_end(c, false);
            return GONE;
        }
        wait_for_head(c);
        return WAITS;
    }
    return wrong.status != 0 ? refuse(c, false, wrong) : begin(c);
}

static went do_body(nb_http_connection *c)
{
    nb_http_request *request = &c->request;
    nb_http_wrong wrong = {0};
    while (!c->body_whole) {
        bool got = nb_http_receive_body(c, &wrong);
        if (wrong.status != 0)
            return refuse(c, true, wrong);
        if (got)
            continue;
        if (c->ended || c->broken) {
            nb_http_connection_end(c, false);
            return GONE;
        }
        wait_for_body(c);
        return WAITS;
    }
    if (!request->body.at)
        request->body = nb_buf_view(&c->body);
    c->stage = NB_HTTP_WAITS;
    set_deadline(c, NB_HTTP_NEVER);
    c->http->hooks.whole(c->http->hooks.ctx, request);
    return ON;
}

/* --- the answer and what comes after it ---------------------------------------------------------------------------- */

static went do_send(nb_http_connection *c)
{
    if (!nb_http_send(c)) {
        wait_for_bytes(c, c->out.len + c->out_body.len);
        return WAITS;
    }
    c->stage = NB_HTTP_SENT;
    return ON;
}

static void linger(nb_http_connection *c)
{
    (void)shutdown(c->fd, SHUT_WR);
    c->stage = NB_HTTP_LINGERS;
    set_deadline(c, now_us(c) + (int64_t)LINGER_MS * 1000);
}

/* What was read beyond this request moves to the front. */
static void next_request(nb_http_connection *c)
{
    size_t left = c->in.len - c->used;
    if (c->rest.len > 0) { /* then `in` was used up */
        nb_buf in = c->in;
        c->in = c->rest;
        c->in.limit = in.limit;
        c->rest = in;
        nb_buf_clear(&c->rest);
    } else {
        memmove(c->in.at, c->in.at + c->used, left);
        c->in.len = left;
    }
    c->scan = (nb_http_scan){0};
    c->since_us = now_us(c);
    c->stage = NB_HTTP_HEAD;
}

static went do_sent(nb_http_connection *c)
{
    bool unread = !c->body_whole || c->readable || c->rest.len > 0 || c->in.len > c->used;
    tell_done(c, !c->broken);
    nb_buf_clear(&c->out);
    nb_buf_release(&c->out_body);
    nb_http_drop_body(c);
    if (c->broken || (!c->keep && !unread)) {
        nb_http_connection_end(c, false);
        return GONE;
    }
    if (c->keep)
        next_request(c);
    else
        linger(c);
    return ON;
}

static went do_linger(nb_http_connection *c)
{
    for (size_t got = 1; got > 0 && c->discarded < LINGER_BYTES; c->discarded += got)
        got = nb_http_receive(c, c->http->scratch, NB_HTTP_SCRATCH);
    if (!c->ended && !c->broken && c->discarded < LINGER_BYTES)
        return WAITS;
    nb_http_connection_end(c, false);
    return GONE;
}

/* --- turns --------------------------------------------------------------------------------------------------------- */

static went step(nb_http_connection *c)
{
    switch (c->stage) {
    case NB_HTTP_HEAD: return do_head(c);
    case NB_HTTP_BODY: return do_body(c);
    case NB_HTTP_WAITS: return WAITS;
    case NB_HTTP_SENDS: return do_send(c);
    case NB_HTTP_SENT: return do_sent(c);
    case NB_HTTP_LINGERS: return do_linger(c);
    }
    return WAITS;
}

void nb_http_turn(nb_http_connection *c)
{
    unsigned requests = 0;
    c->turning = true;
    for (went so = ON; so == ON;) {
        requests += c->stage == NB_HTTP_SENT;
        if (requests > TURNS) {
            nb_http_turn_later(c);
            break;
        }
        so = step(c);
        if (so == GONE)
            return;
    }
    c->turning = false;
}

void nb_http_turn_later(nb_http_connection *c)
{
    nb_http *http = c->http;
    if (c->is_later)
        return;
    c->is_later = true;
    c->next_later = NULL;
    *http->later_end = c;
    http->later_end = &c->next_later;
    if (http->later_timer.slot == 0)
        nb_timer_set(http->loop, &http->later_timer, nb_loop_now_us(http->loop));
}

/* Those that come in meanwhile wait for the next turn of the loop. */
void nb_http_turn_all_later(void *ctx)
{
    nb_http *http = ctx;
    const nb_http_connection *last = NULL;
    for (nb_http_connection *c = http->later; c; c = c->next_later)
        last = c;
    nb_timer_set(http->loop, &http->later_timer, nb_loop_now_us(http->loop) + 1);
    for (bool is_last = !last; !is_last;) {
        nb_http_connection *c = http->later;
        is_last = c == last;
        unlink_later(c);
        c->is_later = false;
        nb_http_turn(c);
    }
    if (!http->later)
        nb_timer_stop(http->loop, &http->later_timer);
}

/* Time is up. */
static void expire(nb_http_connection *c)
{
    bool is_head = c->stage == NB_HTTP_HEAD;
    if ((is_head && c->in.len == 0) || c->stage == NB_HTTP_LINGERS) {
        nb_http_connection_end(c, false);
        return;
    }
    if (is_head)
        (void)refuse(c, false, (nb_http_wrong){408, "the request's head came too slowly"});
    else if (c->stage == NB_HTTP_BODY)
        (void)refuse(c, true, (nb_http_wrong){408, "the request's body came too slowly"});
    else
        c->broken = true; /* the client does not read its answer */
    nb_http_turn(c);
}

static void timer_fired(void *ctx)
{
    nb_http_connection *c = ctx;
    if (c->stage == NB_HTTP_BODY)
        wait_for_body(c); /* what has come of a chunked one counts */
    if (c->deadline_us == NB_HTTP_NEVER)
        return;
    if (c->deadline_us > now_us(c))
        nb_timer_set(c->http->loop, &c->timer, c->deadline_us);
    else
        expire(c);
}

void nb_http_connection_drain(nb_http_connection *c)
{
    if (c->stage == NB_HTTP_HEAD)
        wait_for_head(c);
}

void nb_http_connection_answered(nb_http_connection *c)
{
    nb_http_turn_later(c);
}

void nb_http_connection_ready(void *ctx, unsigned events)
{
    nb_http_connection *c = ctx;
    bool is_answering = c->stage == NB_HTTP_WAITS || c->stage == NB_HTTP_SENDS;
    if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR))
        c->readable = true;
    if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
        c->fin = true;
    if ((events & EPOLLERR) || ((events & EPOLLHUP) && is_answering))
        c->broken = true;
    if (c->broken && c->stage == NB_HTTP_WAITS) {
        nb_http_connection_end(c, false);
        return;
    }
    nb_http_turn(c);
}

nb_http_connection *nb_http_connection_new(nb_http *http, int fd)
{
    nb_http_connection *c = NB_HEAP_NEW(nb_http_connection);
    c->http = http;
    c->fd = fd;
    c->request.connection = c;
    c->in = NB_BUF_INIT(http->limits.head + NB_HTTP_SCRATCH);
    c->body = NB_BUF_INIT(http->limits.body + 2);
    c->rest = NB_BUF_INIT(http->limits.head + NB_HTTP_SCRATCH + NB_HTTP_SCRATCH);
    c->out = NB_BUF_INIT(NB_BUF_TEXT);
    c->timer = (nb_timer){.fire = timer_fired, .ctx = c};
    c->since_us = now_us(c);
    c->next = http->connections;
    if (c->next)
        c->next->before = c;
    http->connections = c;
    http->count++;
    return c;
}
