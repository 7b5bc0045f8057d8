/* The client against a scripted server in a child process: each accepted connection plays the next answers. */
#include "endpoint/folder.h"

#include "base/fs.h"
#include "endpoint/talk.h"

#include <arpa/inet.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#define OK "HTTP/1.1 200 OK\r\n"

typedef struct script {
    const char *first, *second, *third; /* answers to requests on one connection; NULL: closes it */
    bool mute;                          /* reads and never answers */
    bool deaf;                          /* answers at once, without reading */
} script;

/* One whole request with its body. */
static bool read_request(int fd, char *into, size_t size)
{
    size_t len = 0;
    for (;;) {
        ssize_t got = read(fd, into + len, size - 1 - len);
        if (got <= 0)
            return false;
        len += (size_t)got;
        into[len] = '\0';
        const char *end = strstr(into, "\r\n\r\n"), *length = strstr(into, "Content-Length: ");
        size_t body = length ? strtoul(length + 16, NULL, 10) : 0;
        if (end && len >= (size_t)(end + 4 - into) + body)
            return true;
    }
}

static void play(int listener, const script *scripts, size_t count)
{
    static char request[1 << 16];
    for (size_t i = 0; i < count; i++) {
        int fd = accept(listener, NULL, NULL);
        const char *const answers[] = {scripts[i].first, scripts[i].second, scripts[i].third};
        for (size_t a = 0; a < NB_LEN(answers) && answers[a]; a++) {
            const char *answer = answers[a];
            if (!scripts[i].deaf && !read_request(fd, request, sizeof request))
                break;
            if (strcmp(answer, "echo") == 0) {
                char head[100];
                int len =
                    snprintf(head, sizeof head, OK "Content-Length: %zu\r\n\r\n", strlen(request));
                (void)!write(fd, head, (size_t)len);
                answer = request;
            }
            (void)!write(fd, answer, strlen(answer));
        }
        if (scripts[i].mute)
            (void)pause();
        if (scripts[i].deaf)
            (void)shutdown(fd, SHUT_WR);
        close(fd);
    }
    _exit(0);
}

static pid_t serve(int listener, const script *scripts, size_t count)
{
    pid_t child = fork();
    if (child == 0) {
        (void)alarm(30);
        play(listener, scripts, count);
    }
    close(listener);
    return child;
}

static void end(pid_t child)
{
    (void)kill(child, SIGKILL);
    (void)waitpid(child, NULL, 0);
}

static nb_talk_to on_socket(nb_arena *arena, void **state)
{
    return (nb_talk_to){.socket = nb_arena_printf(arena, "%s/s", (char *)*state),
                        .connect_ms = 5000,
                        .answer_ms = 20000};
}

static int listen_unix(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(fd, 5), 0);
    return fd;
}

static nb_code ask(nb_talk *talk, const char *body, nb_talk_answer *answer, nb_error *err)
{
    static const char *const headers[] = {"X-Request-Id: 7", NULL};
    const nb_talk_request request = {.method = "POST",
                                     .path = NB_STR("/predict"),
                                     .content_type = NB_STR("text/csv"),
                                     .accept = NB_STR("*/*"),
                                     .body = nb_str_from(body),
                                     .headers = headers};
    return nb_talk_ask(talk, &request, answer, err);
}

static void a_connection_is_kept(void **state)
{
    static const script scripts[] = {
        {"echo", OK "Transfer-Encoding: chunked\r\nContent-Type: a/b\r\n\r\n1\r\nx\r\n0\r\n\r\n",
         OK "Content-Length: 1\r\n\r\ny", false, false}
    };
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    const nb_talk_to to = on_socket(&arena, state);
    pid_t child = serve(listen_unix(to.socket.at), scripts, NB_LEN(scripts));
    nb_talk *talk;
    nb_talk_answer answer;
    assert_ok(nb_talk_open(&to, &talk, &err), &err);
    assert_ok(ask(talk, "1,2", &answer, &err), &err);
    assert_str(
        answer.body,
        "POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\nAccept: */*\r\n"
        "X-Request-Id: 7\r\nContent-Length: 3\r\n\r\n1,2");
    assert_ok(ask(talk, "", &answer, &err), &err);
    assert_str(answer.body, "x");
    assert_str(answer.content_type, "a/b");
    assert_ok(ask(talk, "", &answer, &err), &err);
    assert_str(answer.body, "y");
    nb_talk_close(talk);
    end(child);
}

static void a_connection_that_was_closed_is_opened_again(void **state)
{
    static const script scripts[] = {
        {.first = OK "Content-Length: 1\r\n\r\n1"},
        {.first = OK "Content-Length: 1\r\nConnection: close\r\n\r\n2"},
        {.first = "HTTP/1.0 404 None\r\n\r\n3"},
    };
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    const nb_talk_to to = on_socket(&arena, state);
    pid_t child = serve(listen_unix(to.socket.at), scripts, NB_LEN(scripts));
    nb_talk *talk;
    nb_talk_answer answer;
    assert_ok(nb_talk_open(&to, &talk, &err), &err);
    for (int i = 1; i <= 3; i++) {
        const char want[] = {(char)('0' + i), '\0'};
        assert_ok(ask(talk, "x", &answer, &err), &err);
        assert_str(answer.body, want);
        (void)usleep(50000); /* so that the end of the connection has arrived */
    }
    assert_int_equal(answer.status, 404);
    nb_talk_close(talk);
    end(child);
}

static void speaks_tcp(void **state)
{
    static const script scripts[] = {{.first = "echo"}};
    static const char *const hosts[] = {"127.0.0.1", "0.0.0.0", "localhost", ""};
    (void)state;
    for (size_t i = 0; i < NB_LEN(hosts); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
        socklen_t size = sizeof address;
        int listener = socket(AF_INET, SOCK_STREAM, 0);
        assert_int_equal(bind(listener, (struct sockaddr *)&address, size), 0);
        assert_int_equal(listen(listener, 5), 0);
        assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &size), 0);
        const nb_talk_to to = {.host = nb_str_from(hosts[i]),
                               .port = ntohs(address.sin_port),
                               .connect_ms = 5000,
                               .answer_ms = 20000};
        pid_t child = serve(listener, scripts, NB_LEN(scripts));
        nb_talk *talk;
        nb_talk_answer answer;
        assert_ok(nb_talk_open(&to, &talk, &err), &err);
        assert_ok(ask(talk, "1", &answer, &err), &err);
        nb_str want = nb_arena_printf(&arena, "\r\nHost: 127.0.0.1:%u\r\n", to.port);
        assert_true(nb_str_contains(answer.body, want));
        nb_talk_close(talk);
        end(child);
    }
}

static void says_what_went_wrong(void **state)
{
    static const struct {
        const char *answer; /* NULL: none ever comes */
        nb_code code;
        const char *message;
    } cases[] = {
        {"",                              NB_ERR_NET,     "the connection ended before an answer came"},
        {OK "Content-Length: 9\r\n\r\nx", NB_ERR_NET,     "the connection ended within the answer"    },
        {"hello\r\n",                     NB_ERR_REMOTE,
         "the answer is no valid HTTP: it does not begin with HTTP/1.1"                               },
        {NULL,                            NB_ERR_TIMEOUT, "the endpoint did not answer within 0.2 s"  },
    };
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        nb_talk_to to = on_socket(&arena, state);
        const script played = {.first = cases[i].answer, .mute = !cases[i].answer};
        if (played.mute)
            to.answer_ms = 200;
        pid_t child = serve(listen_unix(to.socket.at), &played, 1);
        nb_talk *talk;
        nb_talk_answer answer;
        assert_ok(nb_talk_open(&to, &talk, &err), &err);
        assert_int_equal(ask(talk, "x", &answer, &err), cases[i].code);
        assert_string_equal(nb_error_message(&err, 1), cases[i].message);
        nb_talk_close(talk);
        end(child);
        (void)unlink(to.socket.at);
    }
}

/* A server that refuses a body without reading it: its answer counts, not the broken pipe. */
static void an_early_answer_is_read(void **state)
{
    static const script scripts[] = {
        {.first = "HTTP/1.1 413 Large\r\nContent-Length: 3\r\n\r\nbig", .deaf = true}
    };
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    const nb_talk_to to = on_socket(&arena, state);
    pid_t child = serve(listen_unix(to.socket.at), scripts, NB_LEN(scripts));
    char *body = calloc(1, 8 << 20);
    memset(body, 'x', (8 << 20) - 1);
    nb_talk *talk;
    nb_talk_answer answer;
    assert_ok(nb_talk_open(&to, &talk, &err), &err);
    assert_ok(ask(talk, body, &answer, &err), &err);
    assert_int_equal(answer.status, 413);
    assert_str(answer.body, "big");
    nb_talk_close(talk);
    free(body);
    end(child);
}

static void nobody_is_there(void **state)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_talk_to to = on_socket(&arena, state);
    nb_talk *talk;
    for (int stale = 0; stale < 2; stale++) { /* no socket; one that its server left behind */
        if (stale)
            close(listen_unix(to.socket.at));
        assert_int_equal(nb_talk_open(&to, &talk, &err), NB_ERR_NET);
        assert_non_null(strstr(nb_error_message(&err, 0), "nobody listens there"));
    }
    to = (nb_talk_to){.host = NB_STR("example.com"), .port = 1, .connect_ms = 100};
    assert_int_equal(nb_talk_open(&to, &talk, &err), NB_ERR_USAGE);
}

static void a_socket_in_a_deep_folder_is_reached(void **state)
{
    static const script scripts[] = {{.first = OK "Content-Length: 1\r\n\r\n1"}};
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_talk_to to = on_socket(&arena, state);
    nb_str deep = nb_arena_printf(&arena, "%s/%0100d/%0100d", (char *)*state, 1, 2);
    assert_ok(nb_dir_make(deep.at, &err), &err);
    int listener = listen_unix(to.socket.at);
    nb_str moved = nb_arena_printf(&arena, "%s/s", deep.at);
    assert_int_equal(rename(to.socket.at, moved.at), 0);
    to.socket = moved;
    pid_t child = serve(listener, scripts, 1);
    nb_talk *talk;
    nb_talk_answer answer;
    assert_ok(nb_talk_open(&to, &talk, &err), &err);
    assert_ok(ask(talk, "x", &answer, &err), &err);
    nb_talk_close(talk);
    end(child);
}

static void nothing_slips_into_the_head(void **state)
{
    static const struct {
        const char *path, *accept, *header;
    } bad[] = {
        {"/a b",      "",     NULL             },
        {"",          "",     NULL             },
        {"/\r\nX: y", "",     NULL             },
        {"/",         "a\nb", NULL             },
        {"/",         "",     "X: y\r\nHost: z"},
    };
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    const nb_talk_to to = on_socket(&arena, state);
    int listener = listen_unix(to.socket.at);
    for (size_t i = 0; i < NB_LEN(bad); i++) {
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        nb_talk *talk;
        nb_talk_answer answer;
        assert_ok(nb_talk_open(&to, &talk, &err), &err);
        const char *const headers[] = {bad[i].header, NULL};
        const nb_talk_request request = {.method = "GET",
                                         .path = nb_str_from(bad[i].path),
                                         .accept = nb_str_from(bad[i].accept),
                                         .headers = headers};
        assert_int_equal(nb_talk_ask(talk, &request, &answer, &err), NB_ERR_USAGE);
        nb_talk_close(talk);
    }
    close(listener);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_connection_is_kept),
        TEST(a_connection_that_was_closed_is_opened_again),
        TEST(speaks_tcp),
        TEST(says_what_went_wrong),
        TEST(an_early_answer_is_read),
        TEST(nobody_is_there),
        TEST(a_socket_in_a_deep_folder_is_reached),
        TEST(nothing_slips_into_the_head),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
