/* What the owner of the HTTP server may rely on: the order of hooks, one `done` for each `head`, answers now or later, from inside a hook or not, and
 * requests of connections that end. The client is a socket in the same loop. Bytes that are no HTTP: tests/serve/test_http_refusals.py. */
#include "nb_test.h"

#include "serve/http/http.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { MOST = 8 };

typedef struct scene {
    nb_loop *loop;
    nb_http *http;
    int client;
    nb_buf got;   /* by the client */
    nb_buf order; /* what happened: h(ead) w(hole) D(one, sent) d(one, not sent) r(efused) */
    nb_http_request *held[MOST]; /* to be answered before the loop sleeps */
    size_t held_count, until;    /* ends when so many answers came, or with the connection */
    bool answering, later,
        closes;         /* closes: the client resets its connection before an answer is given */
    const char *refuse; /* a path that is answered in `head` */
    size_t extra;       /* bytes more in every answer */
    nb_timer stop;
} scene;

static void note(scene *s, const char *what, nb_http_request *request)
{
    assert_false(s->answering && strcmp(what, "D") == 0);
    nb_buf_putz(&s->order, what);
    nb_buf_put(&s->order, request ? nb_http_path(request) : NB_STR("-"));
    nb_buf_putc(&s->order, ' ');
}

static void answer(scene *s, nb_http_request *request, nb_str body)
{
    NB_AUTO(nb_buf) own = NB_BUF_INIT(80 << 20);
    const nb_http_header header = {"X-Test", NB_STR("a\r\nb: c")};
    nb_buf_put(&own, body);
    nb_buf_repeat(&own, 'x', s->extra);
    s->answering = true;
    nb_http_answer_with(request, &(nb_http_answer){.status = 200,
                                                   .content_type = NB_STR("text/plain"),
                                                   .take = &own,
                                                   .headers = &header,
                                                   .header_count = 1});
    s->answering = false;
    assert_int_equal(own.len, 0);
}

static bool head(void *ctx, nb_http_request *request)
{
    scene *s = ctx;
    note(s, "h", request);
    if (!s->refuse || !nb_str_eqz(nb_http_path(request), s->refuse))
        return true;
    answer(s, request, NB_STR("no"));
    return false;
}

static void whole(void *ctx, nb_http_request *request)
{
    scene *s = ctx;
    note(s, "w", request);
    nb_http_set_owner(request, s);
    if (s->later)
        s->held[s->held_count++] = request;
    else
        answer(s, request, nb_http_body(request));
}

static void done(void *ctx, nb_http_request *request, bool sent)
{
    scene *s = ctx;
    note(s, sent ? "D" : "d", request);
    for (size_t i = 0; i < s->held_count; i++) {
        if (s->held[i] == request)
            s->held[i] = NULL;
    }
}

static void refused(void *ctx, nb_http_request *request, nb_http_refusal why)
{
    (void)why;
    note(ctx, "r", request);
}

static size_t answers_in(nb_str text)
{
    size_t count = 0;
    for (ptrdiff_t at = nb_str_find(text, NB_STR("HTTP/1.1 ")); at >= 0; count++) {
        text = nb_str_from_at(text, (size_t)at + 1);
        at = nb_str_find(text, NB_STR("HTTP/1.1 "));
    }
    return count;
}

static void client_reads(void *ctx, unsigned events)
{
    scene *s = ctx;
    char bytes[4096];
    ssize_t got = recv(s->client, bytes, sizeof bytes, MSG_DONTWAIT);
    (void)events;
    if (got > 0)
        nb_buf_put(&s->got, (nb_str){bytes, (size_t)got});
    if (got == 0 || (got < 0 && errno != EAGAIN) || answers_in(nb_buf_view(&s->got)) >= s->until)
        nb_loop_end(s->loop);
}

static void answer_held(void *ctx)
{
    scene *s = ctx;
    if (s->held_count == 0)
        return;
    if (s->closes) {
        nb_loop_forget(s->loop, s->client);
        (void)close(s->client);
        s->client = -1;
        nb_loop_end(s->loop);
    }
    for (size_t i = 0; i < s->held_count; i++) {
        if (s->held[i])
            answer(s, s->held[i], nb_http_body(s->held[i]));
    }
    s->held_count = 0;
}

static void too_late(void *ctx)
{
    (void)ctx;
    fail_msg("the answer did not come");
}

static void begin(scene *s, const char *text)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    const nb_http_hooks hooks = {head, whole, done, refused, s};
    struct sockaddr_un name = {.sun_family =
                                   AF_UNIX}; /* a name of the kernel's choice, in no folder */
    socklen_t size = sizeof(sa_family_t);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&name, size), 0);
    assert_int_equal(listen(listener, 8), 0);
    size = sizeof name;
    assert_int_equal(getsockname(listener, (struct sockaddr *)&name, &size), 0);
    s->got = NB_BUF_INIT(1 << 20);
    s->order = NB_BUF_INIT(1000);
    s->stop = (nb_timer){.fire = too_late};
    assert_ok(nb_loop_open(&s->loop, &err), &err);
    assert_ok(nb_http_open(s->loop, listener, &NB_HTTP_LIMITS, &hooks, &s->http, &err), &err);
    s->client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(s->client, (struct sockaddr *)&name, size), 0);
    assert_int_equal(send(s->client, text, strlen(text), 0), strlen(text));
    assert_ok(nb_loop_watch(s->loop, s->client, EPOLLIN, client_reads, s, &err), &err);
    nb_loop_before_sleep(s->loop, answer_held, s);
    nb_timer_set(s->loop, &s->stop, nb_loop_now_us(s->loop) + 30 * 1000000LL);
    assert_ok(nb_loop_run(s->loop, &err), &err);
}

static void end(scene *s)
{
    nb_http_close(s->http);
    nb_loop_close(s->loop);
    if (s->client >= 0)
        (void)close(s->client);
    nb_buf_release(&s->got);
    nb_buf_release(&s->order);
}

#define POST(path_, body_) "POST " path_ " HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n" body_

static const struct {
    const char *name, *text, *order;
    size_t answers;
    bool later, closes;
    const char *refuse;
} cases[] = {
    {"answered inside whole", POST("/a",      "aa"),                           "h/a w/a D/a ",                 1,                                      false,                                                  false,                                                                                                             NULL                                                                                                                                                                                                                                                     },
    {"answered later",        POST("/a",      "aa"),                           "h/a w/a D/a ",                 1,                                      true,                                                   false,                                                                                                             NULL                                                                                                                                                                                                                                                     },
    {"pipelined",             POST("/a",      "aa") POST("/b",                 "bb") POST("/c",                "cc"),
     "h/a w/a D/a h/b w/b D/b h/c w/c D/c ",                                                                                                                                                                   3,                                                                                                                 false,                                                                                                                                                                                                                                                     false, NULL},
    {"pipelined, answered later",                   POST("/a",                                 "aa") POST("/b",                                      "bb"),                                         "h/a w/a D/a h/b w/b D/b ",                                2,
     true,                                                                                           false,                                                                                                                                                                                                                                                                                                                    NULL},
    {"answered by the head",                  POST("/a",                            "aa") POST("/b",                                                           "bb"),                                                                    "h/a D/a h/b w/b D/b ",                                                                                2,                                                                                            false,
     false,"/a"},
    {"answered by the head before the body",                  POST("/a",                                   "a"),                                                              "h/a D/a ",                                                                                            9,                                                                                             false,                                                                                                                         false,                                                                                                                                                                                                    "/a"                                                                                                                                                                                                                                                                                                                                                                                                                                                                                     },
    {"no HTTP",                  "GET / HTTP/1.1\n\n",                           "r- ",                                                      9,                                                                                    false,                      false,NULL},
    {"no HTTP after a request",                  POST("/a",                            "aa") "x\n",                                                           "h/a w/a D/a r- ",                                                                 9,                                                        true,                                                                                                                                                          false,                                                                                                                                                                                                                                                                                                                                                                                                   NULL},
    {"a wrong chunk after the head",
     "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd",                            "r/a ",                                                           9,                                                            false,
     false,                                                                                          NULL                                                                                                                                               },
    {"too large",                   "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999\r\n\r\n",                                 "r/a ",                                                      9,
     false, false,NULL                                                                                                                                                                                                                                                                                                                      },
    {"the client leaves before the answer",                       POST("/a", "aa"), "h/a w/a ",                          9,                                                      true,                                                                                  true,NULL                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                          },
};

static void hooks_come_in_order(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        scene s = {.until = cases[i].answers,
                   .later = cases[i].later,
                   .closes = cases[i].closes,
                   .refuse = cases[i].refuse};
        print_message("case: %s\n", cases[i].name);
        begin(&s, cases[i].text);
        if (cases[i].closes)
            assert_str(nb_buf_view(&s.order), cases[i].order);
        nb_http_close(s.http); /* `done` of what is open comes now at the latest */
        s.http = NULL;
        if (!cases[i].closes)
            assert_str(nb_buf_view(&s.order), cases[i].order);
        else
            assert_str(nb_buf_view(&s.order), "h/a w/a d/a ");
        end(&s);
    }
}

static void answers_hold_what_they_were_given(void **unused)
{
    (void)unused;
    scene s = {.until = 1};
    begin(&s, POST("/a", "hi"));
    nb_str got = nb_buf_view(&s.got);
    ptrdiff_t date = nb_str_find(got, NB_STR("\r\nDate: "));
    assert_true(date > 0);
    nb_str rest = nb_str_from_at(got, (size_t)date + 2);
    nb_str line = {0};
    assert_true(nb_str_line(&rest, &line));
    assert_int_equal(line.len, strlen("Date: Wed, 25 Nov 2026 16:21:51 GMT\r"));
    assert_str(rest, "Content-Type: text/plain\r\nContent-Length: 2\r\nX-Test: a  b: c\r\n\r\nhi");
    end(&s);
}

static void what_is_too_large_to_answer_is_an_error(void **unused)
{
    (void)unused;
    scene s = {.until = 1, .extra = (64 << 20) + 1};
    begin(&s, POST("/a", "hi"));
    assert_true(nb_str_starts(nb_buf_view(&s.got), NB_STR("HTTP/1.1 500 ")));
    end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hooks_come_in_order),
        cmocka_unit_test(answers_hold_what_they_were_given),
        cmocka_unit_test(what_is_too_large_to_answer_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
