#include "serve/http/http_parts.h"

#include "base/heap.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    ACCEPTS = 64,     /* connections in one turn of the loop */
    MOST_EXCESS = 64, /* connections above the limit that are told so; more are closed */
    ACCEPT_PAUSE_MS = 100,
    MOST_PARAMS = 64
};

/* --- accepting ----------------------------------------------------------------------------------------------------- */

static void note_address(nb_http_connection *c, const struct sockaddr_storage *from)
{
    if (from->ss_family == AF_INET || from->ss_family == AF_INET6)
        memcpy(&c->address, from, sizeof c->address);
}

static void tell_too_many(nb_http *http, nb_http_connection *c)
{
    c->excess = true;
    http->excess++;
    c->request.refused = true;
    c->request.head.minor = 1;
    http->hooks.refused(http->hooks.ctx, NULL, NB_HTTP_TOO_MANY);
    nb_http_queue_error(c, 503, "this server has too many connections");
    nb_http_turn(c);
}

static void take_connection(nb_http *http, int fd, const struct sockaddr_storage *from)
{
    NB_AUTO(nb_error) ignored =
        NB_ERROR_INIT; /* out of descriptors to watch: as if it had not come */
    const int on = 1;
    if (http->excess >= MOST_EXCESS) {
        close(fd);
        return;
    }
    if (!http->is_unix)
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    nb_http_connection *c = nb_http_connection_new(http, fd);
    note_address(c, from);
    if (nb_loop_watch(http->loop, fd, EPOLLIN | EPOLLRDHUP | EPOLLET, nb_http_connection_ready, c,
                      &ignored) != NB_OK)
        nb_http_connection_end(c, false);
    else if (http->count - http->excess > http->limits.connections)
        tell_too_many(http, c);
    else
        nb_http_connection_drain(c); /* its time begins */
}

static void listen_again(void *ctx);

/* Without descriptors the listener would be ready for ever, and nothing else would run. */
static void pause_accepting(nb_http *http)
{
    nb_loop_forget(http->loop, http->listener);
    nb_timer_set(http->loop, &http->accept_timer,
                 nb_loop_now_us(http->loop) + (int64_t)ACCEPT_PAUSE_MS * 1000);
}

static void accept_some(void *ctx, unsigned events)
{
    nb_http *http = ctx;
    (void)events;
    for (int i = 0; i < ACCEPTS; i++) {
        struct sockaddr_storage from = {0};
        socklen_t size = sizeof from;
        int fd =
            accept4(http->listener, (struct sockaddr *)&from, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            take_connection(http, fd, &from);
        } else if (errno == EAGAIN) {
            return;
        } else if (errno != EINTR && errno != ECONNABORTED && errno != EPROTO) {
            pause_accepting(http);
            return;
        }
    }
}

static void listen_again(void *ctx)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* tried again later */
    nb_http *http = ctx;
    if (nb_loop_watch(http->loop, http->listener, EPOLLIN, accept_some, http, &ignored) != NB_OK)
        pause_accepting(http);
}

/* --- life ---------------------------------------------------------------------------------------------------------- */

static bool is_unix_socket(int fd)
{
    struct sockaddr_storage name = {0};
    socklen_t size = sizeof name;
    return getsockname(fd, (struct sockaddr *)&name, &size) == 0 && name.ss_family == AF_UNIX;
}

nb_code nb_http_open(nb_loop *loop, int listener, const nb_http_limits *limits,
                     const nb_http_hooks *hooks, nb_http **out, nb_error *err)
{
    nb_http *http = NB_HEAP_NEW(nb_http);
    *http = (nb_http){.loop = loop,
                      .listener = listener,
                      .is_unix = is_unix_socket(listener),
                      .limits = *limits,
                      .hooks = *hooks,
                      .date_s = NB_HTTP_NEVER,
                      .scratch = nb_heap_alloc(NB_HTTP_SCRATCH)};
    http->later_end = &http->later;
    http->later_timer = (nb_timer){.fire = nb_http_turn_all_later, .ctx = http};
    http->spare_timer = (nb_timer){.fire = nb_http_free_spares, .ctx = http};
    http->accept_timer = (nb_timer){.fire = listen_again, .ctx = http};
    if (nb_loop_watch(loop, listener, EPOLLIN, accept_some, http, err) != NB_OK) {
        nb_http_close(http);
        return nb_wrap(err, "cannot serve HTTP");
    }
    *out = http;
    return NB_OK;
}

static void stop_listening(nb_http *http)
{
    nb_timer_stop(http->loop, &http->accept_timer);
    if (http->listener < 0)
        return;
    nb_loop_forget(http->loop, http->listener);
    close(http->listener);
    http->listener = -1;
}

void nb_http_drain(nb_http *http)
{
    stop_listening(http);
    http->draining = true;
    for (nb_http_connection *c = http->connections; c; c = c->next)
        nb_http_connection_drain(c);
}

void nb_http_close(nb_http *http)
{
    if (!http)
        return;
    stop_listening(http);
    while (http->connections)
        nb_http_connection_end(http->connections, false);
    nb_timer_stop(http->loop, &http->later_timer);
    nb_timer_stop(http->loop, &http->spare_timer);
    nb_http_free_spares(http);
    free(http->scratch);
    free(http);
}

size_t nb_http_connections(const nb_http *http)
{
    return http->count;
}

/* --- a request ----------------------------------------------------------------------------------------------------- */

nb_str nb_http_method(const nb_http_request *request)
{
    return request->head.method;
}

nb_str nb_http_path(const nb_http_request *request)
{
    return request->path;
}

nb_str nb_http_field(const nb_http_request *request, const char *name)
{
    nb_str wanted = nb_str_from(name);
    for (size_t i = 0; i < request->head.field_count; i++) {
        if (nb_str_eq_nocase(request->head.fields[i].name, wanted))
            return request->head.fields[i].value;
    }
    return (nb_str){0};
}

nb_str nb_http_body(const nb_http_request *request)
{
    return request->body;
}

/* In place: the query belongs to this request alone. A wrong escape stays as it is. */
static nb_str decoded(nb_http_connection *c, nb_str text)
{
    if (text.len > 0)
        (void)nb_http_decode(c->in.at + (text.at - c->in.at), &text.len, true);
    return text;
}

static void read_params(nb_http_request *request)
{
    nb_http_connection *c = request->connection;
    nb_str rest = request->head.query, piece;
    request->has_params = true;
    if (rest.len == 0)
        return;
    request->params = nb_heap_alloc(MOST_PARAMS * sizeof *request->params);
    while (request->param_count < MOST_PARAMS && nb_str_split(&rest, '&', &piece)) {
        ptrdiff_t equals = nb_str_find_char(piece, '=');
        size_t end = equals < 0 ? piece.len : (size_t)equals;
        nb_str value = equals < 0 ? nb_str_from_at(piece, end) : nb_str_from_at(piece, end + 1);
        request->params[request->param_count++] =
            (nb_http_pair){decoded(c, nb_str_slice(piece, 0, end)), decoded(c, value)};
    }
}

nb_str nb_http_query(const nb_http_request *request, const char *name)
{
    nb_http_request *own = &request->connection->request;
    if (!own->has_params)
        read_params(own);
    for (size_t i = 0; i < own->param_count; i++) {
        if (nb_str_eqz(own->params[i].name, name))
            return own->params[i].value;
    }
    return (nb_str){0};
}

bool nb_http_query_at(const nb_http_request *request, size_t index, nb_str *name, nb_str *value)
{
    nb_http_request *own = &request->connection->request;
    if (!own->has_params)
        read_params(own);
    if (index >= own->param_count)
        return false;
    *name = own->params[index].name;
    *value = own->params[index].value;
    return true;
}

static void write_peer(nb_http_connection *c)
{
    char host[INET6_ADDRSTRLEN] = "";
    bool is_6 = c->address.any.sa_family == AF_INET6;
    if (c->http->is_unix) {
        (void)snprintf(c->peer, sizeof c->peer, "unix");
        return;
    }
    (void)inet_ntop(c->address.any.sa_family,
                    is_6 ? (const void *)&c->address.v6.sin6_addr : &c->address.v4.sin_addr, host,
                    sizeof host);
    (void)snprintf(c->peer, sizeof c->peer, is_6 ? "[%s]:%u" : "%s:%u", host,
                   ntohs(is_6 ? c->address.v6.sin6_port : c->address.v4.sin_port));
}

nb_str nb_http_peer(const nb_http_request *request)
{
    nb_http_connection *c = request->connection;
    if (c->peer[0] == '\0')
        write_peer(c);
    return nb_str_from(c->peer);
}

bool nb_http_is_unix(const nb_http_request *request)
{
    return request->connection->http->is_unix;
}

bool nb_http_is_gone(const nb_http_request *request)
{
    return request->connection->fin || request->connection->broken;
}

void *nb_http_owner(const nb_http_request *request)
{
    return request->owner;
}

void nb_http_set_owner(nb_http_request *request, void *owner)
{
    request->owner = owner;
}

void nb_http_answer_with(nb_http_request *request, const nb_http_answer *answer)
{
    nb_http_connection *c = request->connection;
    bool is_due = c->stage == NB_HTTP_WAITS || (c->stage == NB_HTTP_BODY && c->turning);
    if (!is_due) { /* answered already, or refused meanwhile */
        if (answer->take)
            nb_buf_release(answer->take);
        return;
    }
    nb_http_queue(c, answer);
    if (!c->turning)
        nb_http_connection_answered(c);
}
