#include "endpoint/talk.h"

#include "base/path.h"
#include "endpoint/answer.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { CHUNK = 256 * 1024, LARGEST_HEAD = 64 * 1024, LOOK_UP_MS = 100 };

struct nb_talk {
    nb_arena arena;
    nb_talk_to to; /* its texts live in `arena` */
    nb_str place;  /* for messages and, over TCP, the Host header */
    int fd;        /* -1: not connected */
    bool kept;     /* an answer came on this connection: it may have been closed since */
    nb_answer answer;
    nb_buf head; /* of the request */
    char *chunk;
};

static int64_t now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void disconnect(nb_talk *talk)
{
    if (talk->fd >= 0)
        close(talk->fd);
    talk->fd = -1;
    talk->kept = false;
}

static bool is_stopped(const nb_talk *talk)
{
    return talk->to.stop && *talk->to.stop;
}

/* Waits for one of `events`; 0 when the time is up, or nobody wants to wait any more. */
static short wait_for(const nb_talk *talk, short events, int64_t until_ms)
{
    int64_t most_ms = talk->to.stop || talk->to.idle ? LOOK_UP_MS : INT32_MAX;
    while (!is_stopped(talk)) {
        struct pollfd poll_fd = {.fd = talk->fd, .events = events};
        int64_t left = until_ms - now_ms();
        int got = left > 0 ? poll(&poll_fd, 1, (int)(left > most_ms ? most_ms : left)) : 0;
        if (got > 0)
            return poll_fd.revents;
        if (got == 0 && now_ms() >= until_ms)
            return 0;
        if (got == 0 && talk->to.idle)
            talk->to.idle(talk->to.ctx);
        if (got < 0 && errno != EINTR)
            return POLLERR;
    }
    return 0;
}

/* --- connecting ----------------------------------------------------------------------------------- */

static nb_code fail_connect(const nb_talk *talk, int why, nb_error *err)
{
    bool nobody = why == ECONNREFUSED || why == ENOENT;
    return nb_fail(err, NB_ERR_NET, "cannot reach the endpoint at '" NB_STR_FMT "': %s",
                   NB_STR_ARG(talk->place), nobody ? "nobody listens there" : strerror(why));
}

static nb_code finish_connect(nb_talk *talk, const struct sockaddr *address, socklen_t size,
                              nb_error *err)
{
    int why = connect(talk->fd, address, size) == 0 ? 0 : errno;
    if (why == EINPROGRESS || why == EAGAIN) {
        socklen_t len = sizeof why;
        if (wait_for(talk, POLLOUT, now_ms() + talk->to.connect_ms) == 0)
            why = ETIMEDOUT;
        else if (getsockopt(talk->fd, SOL_SOCKET, SO_ERROR, &why, &len) != 0)
            why = errno;
    }
    if (why == 0)
        return NB_OK;
    disconnect(talk);
    return fail_connect(talk, why, err);
}

/* Addresses of Unix sockets are short (108 bytes): one in a deep folder is reached through a descriptor of its folder. */
static nb_code connect_unix(nb_talk *talk, nb_error *err)
{
    NB_AUTO(nb_arena) scratch = NB_ARENA_INIT;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    nb_str path = talk->to.socket;
    int folder = -1;
    if (path.len >= sizeof address.sun_path) {
        folder = open(nb_arena_z(&scratch, nb_path_dir(path)), O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (folder < 0)
            return fail_connect(talk, errno, err);
        path = nb_arena_printf(&scratch, "/proc/self/fd/%d/" NB_STR_FMT, folder,
                               NB_STR_ARG(nb_path_base(path)));
    }
    if (path.len < sizeof address.sun_path)
        memcpy(address.sun_path, path.at, path.len);
    talk->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    nb_code code =
        talk->fd < 0 ? nb_fail_errno(err, "cannot make a socket")
                     : finish_connect(talk, (const struct sockaddr *)&address, sizeof address, err);
    if (folder >= 0)
        close(folder);
    return code;
}

/* An address that means every interface is reached on this machine. */
static const char *address_of(nb_arena *arena, const nb_talk_to *to)
{
    nb_str host = to->host;
    if (to->lookup)
        return nb_arena_z(arena, host);
    if (host.len == 0 || nb_str_eqz(host, "0.0.0.0") || nb_str_eq_nocase(host, NB_STR("localhost")))
        return "127.0.0.1";
    return nb_str_eqz(host, "::") ? "::1" : nb_arena_z(arena, host);
}

static nb_code connect_address(nb_talk *talk, const struct addrinfo *to, nb_error *err)
{
    talk->fd = socket(to->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    return talk->fd < 0 ? nb_fail_errno(err, "cannot make a socket")
                        : finish_connect(talk, to->ai_addr, to->ai_addrlen, err);
}

static nb_code fail_lookup(const nb_talk *talk, int why, nb_error *err)
{
    if (talk->to.lookup)
        return nb_fail(err, NB_ERR_NET, "cannot find the host '" NB_STR_FMT "': %s",
                       NB_STR_ARG(talk->to.host), gai_strerror(why));
    return nb_fail(err, NB_ERR_USAGE, "'" NB_STR_FMT "' is no IP address",
                   NB_STR_ARG(talk->to.host));
}

static nb_code connect_tcp(nb_talk *talk, nb_error *err)
{
    NB_AUTO(nb_arena) scratch = NB_ARENA_INIT;
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                                   .ai_flags =
                                       (talk->to.lookup ? 0 : AI_NUMERICHOST) | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    nb_str port = nb_arena_printf(&scratch, "%u", talk->to.port);
    int why = getaddrinfo(address_of(&scratch, &talk->to), port.at, &hints, &found);
    if (why != 0)
        return fail_lookup(talk, why, err);
    nb_code code = NB_ERR_NET; /* a name may have several addresses */
    for (const struct addrinfo *each = found; code != NB_OK && each; each = each->ai_next)
        code = connect_address(talk, each, err);
    freeaddrinfo(found);
    return code;
}

static nb_code connect_to(nb_talk *talk, nb_error *err)
{
    return talk->to.socket.len > 0 ? connect_unix(talk, err) : connect_tcp(talk, err);
}

static nb_str place_of(nb_arena *arena, const nb_talk_to *to)
{
    if (to->socket.len > 0)
        return to->socket;
    const char *address = address_of(arena, to);
    return nb_arena_printf(arena, strchr(address, ':') ? "[%s]:%u" : "%s:%u", address, to->port);
}

nb_code nb_talk_open(const nb_talk_to *to, nb_talk **out, nb_error *err)
{
    nb_talk *talk = calloc(1, sizeof *talk);
    char *chunk = malloc(CHUNK);
    if (!talk || !chunk)
        abort();
    *talk = (nb_talk){.fd = -1, .to = *to, .chunk = chunk, .head = NB_BUF_INIT(LARGEST_HEAD)};
    talk->to.socket = nb_arena_str(&talk->arena, to->socket);
    talk->to.host = nb_arena_str(&talk->arena, to->host);
    talk->place = place_of(&talk->arena, &talk->to);
    nb_answer_init(&talk->answer, NB_ANSWER_BODY);
    if (connect_to(talk, err) != NB_OK) {
        nb_talk_close(talk);
        return err->code;
    }
    *out = talk;
    return NB_OK;
}

void nb_talk_close(nb_talk *talk)
{
    if (!talk)
        return;
    disconnect(talk);
    nb_answer_release(&talk->answer);
    nb_buf_release(&talk->head);
    nb_arena_release(&talk->arena);
    free(talk->chunk);
    free(talk);
}

/* --- asking --------------------------------------------------------------------------------------- */

/* What would let a value begin a header, or a request, of its own. */
static bool is_plain(nb_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.at[i] < ' ' || text.at[i] == 0x7f)
            return false;
    return true;
}

static bool put_header(nb_buf *head, const char *name, nb_str value)
{
    if (value.len > 0)
        nb_buf_printf(head, "%s: " NB_STR_FMT "\r\n", name, NB_STR_ARG(value));
    return is_plain(value);
}

static nb_code write_head(nb_talk *talk, const nb_talk_request *request, nb_error *err)
{
    nb_buf *head = &talk->head;
    nb_str host = talk->to.socket.len > 0 ? NB_STR("localhost") : talk->place;
    bool plain = is_plain(request->path) && nb_str_find_char(request->path, ' ') < 0 &&
                 request->path.len > 0 && request->path.at[0] == '/';
    nb_buf_clear(head);
    nb_buf_printf(head, "%s " NB_STR_FMT " HTTP/1.1\r\n", request->method,
                  NB_STR_ARG(request->path));
    plain = put_header(head, "Host", host) && plain;
    plain = put_header(head, "Content-Type", request->content_type) && plain;
    plain = put_header(head, "Accept", request->accept) && plain;
    for (size_t i = 0; request->headers && request->headers[i]; i++) {
        plain = is_plain(nb_str_from(request->headers[i])) && plain;
        nb_buf_printf(head, "%s\r\n", request->headers[i]);
    }
    if (request->body.len > 0 || strcmp(request->method, "POST") == 0)
        nb_buf_printf(head, "Content-Length: %zu\r\n", request->body.len);
    nb_buf_putz(head, "\r\n");
    if (!plain)
        return nb_fail(err, NB_ERR_USAGE,
                       "a path or header of the request holds control characters");
    if (head->full)
        return nb_fail(err, NB_ERR_USAGE, "the request's headers are larger than %d bytes",
                       LARGEST_HEAD);
    return NB_OK;
}

typedef struct exchange {
    nb_str head, body; /* not sent yet */
    bool gave_up;      /* the other side takes no more: it may have answered already */
    int64_t patience_ms, until_ms;
} exchange;

static void send_some(nb_talk *talk, exchange *x)
{
    nb_str *part = x->head.len > 0 ? &x->head : &x->body;
    ssize_t put = send(talk->fd, part->at, part->len, MSG_NOSIGNAL);
    if (put >= 0)
        *part = nb_str_from_at(*part, (size_t)put);
    else if (errno != EAGAIN && errno != EINTR)
        x->gave_up = true;
}

static nb_code read_some(nb_talk *talk, nb_error *err)
{
    size_t used = 0;
    ssize_t got = recv(talk->fd, talk->chunk, CHUNK, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return NB_OK;
    if (got < 0 && errno != ECONNRESET)
        return nb_fail(err, NB_ERR_NET, "cannot read the answer: %s", strerror(errno));
    if (got <= 0) {
        talk->answer.keep = false;
        return nb_answer_end(&talk->answer, err);
    }
    if (nb_answer_feed(&talk->answer, (nb_str){talk->chunk, (size_t)got}, &used, err) != NB_OK)
        return err->code;
    if (used < (size_t)got) /* nobody asked for what follows */
        talk->answer.keep = false;
    return NB_OK;
}

static nb_code fail_time(const nb_talk *talk, const exchange *x, nb_error *err)
{
    if (is_stopped(talk))
        return nb_fail(err, NB_ERR_TIMEOUT, "nobody waits for the answer any more");
    return nb_fail(err, NB_ERR_TIMEOUT, "the endpoint did not answer within %lld.%lld s",
                   (long long)(x->patience_ms / 1000), (long long)(x->patience_ms % 1000 / 100));
}

static nb_code run_exchange(nb_talk *talk, exchange *x, nb_error *err)
{
    while (talk->answer.state != NB_ANSWER_DONE) {
        bool unsent = !x->gave_up && x->head.len + x->body.len > 0;
        short got = wait_for(talk, unsent ? POLLIN | POLLOUT : POLLIN, x->until_ms);
        if (got == 0)
            return fail_time(talk, x, err);
        if ((got & POLLOUT) && unsent)
            send_some(talk, x);
        if ((got & ~POLLOUT) && read_some(talk, err) != NB_OK)
            return err->code;
    }
    if (x->head.len + x->body.len > 0)
        talk->answer.keep = false;
    return NB_OK;
}

/* A kept connection that has something to read has been closed meanwhile: nothing was asked. */
static bool went_stale(const nb_talk *talk)
{
    struct pollfd poll_fd = {.fd = talk->fd, .events = POLLIN};
    return poll(&poll_fd, 1, 0) != 0;
}

nb_code nb_talk_ask(nb_talk *talk, const nb_talk_request *request, nb_talk_answer *out,
                    nb_error *err)
{
    if (write_head(talk, request, err) != NB_OK)
        return err->code;
    if (talk->fd >= 0 && talk->kept && went_stale(talk))
        disconnect(talk);
    if (talk->fd < 0 && connect_to(talk, err) != NB_OK)
        return err->code;
    nb_answer_reset(&talk->answer);
    talk->answer.without_body = strcmp(request->method, "HEAD") == 0;
    exchange x = {.head = nb_buf_view(&talk->head),
                  .body = request->body,
                  .patience_ms = request->answer_ms > 0 ? request->answer_ms : talk->to.answer_ms};
    x.until_ms = now_ms() + x.patience_ms;
    nb_code code = run_exchange(talk, &x, err);
    talk->kept = true;
    if (code != NB_OK || !talk->answer.keep)
        disconnect(talk);
    if (code != NB_OK)
        return nb_wrap(err, "cannot talk to the endpoint at '" NB_STR_FMT "'",
                       NB_STR_ARG(talk->place));
    *out = (nb_talk_answer){.status = talk->answer.status,
                            .headers = nb_buf_view(&talk->answer.head),
                            .body = nb_buf_view(&talk->answer.body)};
    out->content_type = nb_talk_header(out, "Content-Type");
    return NB_OK;
}

nb_str nb_talk_header(const nb_talk_answer *answer, const char *name)
{
    return nb_answer_header(answer->headers, name);
}
