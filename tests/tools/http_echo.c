/* http_echo [OPTION=VALUE]...: src/serve/http/http.h with an owner that answers what it got, for tests with raw sockets.
 *
 *     body= connections= head= head_ms= body_ms= idle_ms=   the limits
 *     unix=PATH      listens there instead of on a free port of 127.0.0.1; ip6=1: of ::1
 *
 * Prints "port N" (or "unix PATH"). Paths: /hello answers inside `whole`; /late at the end of the loop's turn; /slow after 300 ms; /large with 32 MiB;
 * /forbidden in `head`; /held when somebody asks for /look, which prints "gone" or "there" for each; /peer says who asks; /drain drains; /end ends; anything else echoes the
 * request as text.
 */
#include "serve/http/http.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { MOST = 4096 };

typedef struct requests {
    nb_http_request *at[MOST];
    size_t count;
} requests;

typedef struct echo {
    nb_loop *loop;
    nb_http *http;
    nb_http_limits limits;
    const char *path; /* of a Unix socket */
    bool is_ip6;
    requests late, held;
    size_t seen, done, refused;
} echo;

typedef struct slow {
    echo *echo;
    nb_http_request *request;
    nb_timer timer;
} slow;

static void say(nb_http_request *request, unsigned status, nb_str body)
{
    nb_http_answer_with(
        request,
        &(nb_http_answer){.status = status, .content_type = NB_STR("text/plain"), .body = body});
}

static void answer_slow(void *ctx)
{
    say(((slow *)ctx)->request, 200, NB_STR("slow\n"));
}

static void keep(requests *all, nb_http_request *request)
{
    if (all->count < MOST)
        all->at[all->count++] = request;
}

static void forget(requests *all, const nb_http_request *request)
{
    for (size_t i = 0; i < all->count; i++) {
        if (all->at[i] == request)
            all->at[i] = NULL;
    }
}

static void answer_all(requests *all, const char *body)
{
    for (size_t i = 0; i < all->count; i++) {
        if (all->at[i])
            say(all->at[i], 200, nb_str_from(body));
    }
    all->count = 0;
}

static void look(echo *e)
{
    for (size_t i = 0; i < e->held.count; i++) {
        if (e->held.at[i])
            (void)printf("%s\n", nb_http_is_gone(e->held.at[i]) ? "gone" : "there");
    }
    (void)printf("looked\n");
    (void)fflush(stdout);
    answer_all(&e->held, "held\n");
}

static void be_slow(echo *e, nb_http_request *request)
{
    slow *s = calloc(1, sizeof *s);
    if (!s)
        abort();
    *s = (slow){
        .echo = e, .request = request, .timer = {.fire = answer_slow, .ctx = s}
    };
    nb_http_set_owner(request, s);
    nb_timer_set(e->loop, &s->timer, nb_loop_now_us(e->loop) + 300000);
}

static void say_large(nb_http_request *request)
{
    nb_buf body = NB_BUF_INIT(64 << 20);
    nb_buf_repeat(&body, 'x', 32 << 20);
    nb_http_answer_with(request, &(nb_http_answer){.status = 200, .take = &body});
}

static void say_echo(nb_http_request *request)
{
    NB_AUTO(nb_buf) out = NB_BUF_INIT(80 << 20);
    nb_str body = nb_http_body(request);
    nb_buf_printf(&out, "%.*s %.*s q=%.*s %zu\n", NB_STR_ARG(nb_http_method(request)),
                  NB_STR_ARG(nb_http_path(request)), NB_STR_ARG(nb_http_query(request, "q")),
                  body.len);
    nb_buf_put(&out, body);
    say(request, 200, nb_buf_view(&out));
}

static bool head(void *ctx, nb_http_request *request)
{
    echo *e = ctx;
    e->seen++;
    if (!nb_str_eqz(nb_http_path(request), "/forbidden"))
        return true;
    say(request, 403, NB_STR("no\n"));
    return false;
}

static void whole(void *ctx, nb_http_request *request)
{
    echo *e = ctx;
    nb_str path = nb_http_path(request);
    if (nb_str_eqz(path, "/hello"))
        nb_http_answer_with(request, &(nb_http_answer){.status = 200,
                                                       .content_type = NB_STR("application/json"),
                                                       .body = NB_STR("{\"hello\": \"world\"}")});
    else if (nb_str_eqz(path, "/late"))
        keep(&e->late, request);
    else if (nb_str_eqz(path, "/held"))
        keep(&e->held, request);
    else if (nb_str_eqz(path, "/slow"))
        be_slow(e, request);
    else if (nb_str_eqz(path, "/peer"))
        say(request, 200, nb_http_peer(request));
    else if (nb_str_eqz(path, "/large"))
        say_large(request);
    else
        say_echo(request);
    if (nb_str_eqz(path, "/look"))
        look(e);
    if (nb_str_eqz(path, "/drain"))
        nb_http_drain(e->http);
    if (nb_str_eqz(path, "/end"))
        nb_loop_end(e->loop);
}

static void done(void *ctx, nb_http_request *request, bool sent)
{
    echo *e = ctx;
    slow *s = nb_http_owner(request);
    (void)sent;
    e->done++;
    forget(&e->late, request);
    forget(&e->held, request);
    if (s) {
        nb_timer_stop(e->loop, &s->timer);
        free(s);
    }
}

static void refused(void *ctx, nb_http_request *request, nb_http_refusal why)
{
    (void)request;
    (void)why;
    ((echo *)ctx)->refused++;
}

static void answer_late(void *ctx)
{
    echo *e = ctx;
    answer_all(&e->late, "late\n");
}

static void set(echo *e, nb_str option)
{
    nb_str name = {0};
    int64_t value = 0;
    (void)nb_str_split(&option, '=', &name);
    if (nb_str_eqz(name, "unix")) {
        e->path = option.at;
        return;
    }
    if (!nb_str_to_int(option, &value))
        exit(1);
    if (nb_str_eqz(name, "body"))
        e->limits.body = (size_t)value;
    else if (nb_str_eqz(name, "connections"))
        e->limits.connections = (unsigned)value;
    else if (nb_str_eqz(name, "head"))
        e->limits.head = (size_t)value;
    else if (nb_str_eqz(name, "ip6"))
        e->is_ip6 = value != 0;
    else if (nb_str_eqz(name, "head_ms"))
        e->limits.head_ms = value;
    else if (nb_str_eqz(name, "body_ms"))
        e->limits.body_ms = value;
    else if (nb_str_eqz(name, "idle_ms"))
        e->limits.idle_ms = value;
    else
        exit(1);
}

static int listen_unix(const char *path)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    (void)snprintf(name.sun_path, sizeof name.sun_path, "%s", path);
    if (fd < 0 || bind(fd, (struct sockaddr *)&name, sizeof name) != 0 || listen(fd, 128) != 0)
        exit(1);
    (void)printf("unix %s\n", path);
    return fd;
}

static int listen_port(bool is_ip6)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } name = {
        .v6 = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT}
    };
    socklen_t size = sizeof name.v6;
    if (!is_ip6) {
        name.v4 =
            (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        size = sizeof name.v4;
    }
    int fd = socket(name.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, &name.any, size) != 0 || listen(fd, 1024) != 0 ||
        getsockname(fd, &name.any, &size) != 0)
        exit(1);
    (void)printf("port %u\n", ntohs(is_ip6 ? name.v6.sin6_port : name.v4.sin_port));
    return fd;
}

int main(int argc, char **argv)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    static echo e;
    e.limits = NB_HTTP_LIMITS;
    for (int i = 1; i < argc; i++)
        set(&e, nb_str_from(argv[i]));
    const nb_http_hooks hooks = {
        .head = head, .whole = whole, .done = done, .refused = refused, .ctx = &e};
    int listener = e.path ? listen_unix(e.path) : listen_port(e.is_ip6);
    (void)fflush(stdout);
    if (nb_loop_open(&e.loop, &err) != NB_OK ||
        nb_http_open(e.loop, listener, &e.limits, &hooks, &e.http, &err) != NB_OK) {
        nb_error_print(&err, stderr);
        return 1;
    }
    nb_loop_before_sleep(e.loop, answer_late, &e);
    nb_code code = nb_loop_run(e.loop, &err);
    nb_http_close(e.http);
    nb_loop_close(e.loop);
    (void)printf("seen %zu done %zu refused %zu\n", e.seen, e.done, e.refused);
    return code == NB_OK && e.seen == e.done ? 0 : 1;
}
