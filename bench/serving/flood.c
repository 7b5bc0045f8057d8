/* flood HOST PORT TYPE BODY_FILE RATE SECONDS CONNECTIONS - offers RATE requests a second to /invocations, whether they are answered or not.
 *
 * An open loop: a server that falls behind is not spared, as it is by clients that wait for their answers. Every millisecond sends what is due then, each
 * on a connection that is idle; prints "offered served refused other unsent p50_us p99_us": percentiles of refusals (503), from sending to the whole
 * answer; `unsent` were due when no connection was idle.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum { ANSWER = 4096, EVENTS = 256, LAST_ANSWERS_US = 3000000 };

typedef struct client {
    int fd;
    long long sent_us;
    size_t have;
    char in[ANSWER];
} client;

static struct {
    struct sockaddr_in to;
    char *request;
    size_t request_len;
    client *clients;
    client **idle;
    size_t idle_count;
    int epoll;
    long long *refusals, offered, served, refused, other, unsent;
} flood;

static long long now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

static void give_up(const char *what)
{
    perror(what);
    exit(1);
}

static void dial(client *c)
{
    const int on = 1;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&flood.to, sizeof flood.to) != 0 ||
        setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0 ||
        epoll_ctl(flood.epoll, EPOLL_CTL_ADD, c->fd, &event) != 0)
        give_up("cannot connect");
    flood.idle[flood.idle_count++] = c;
}

static void make_request(const char *type, const char *path)
{
    FILE *file = fopen(path, "rb");
    char *body = malloc(1 << 20);
    if (!file || !body)
        give_up(path);
    size_t len = fread(body, 1, 1 << 20, file);
    fclose(file);
    flood.request = malloc(len + 512);
    if (!flood.request)
        give_up("request");
    int head = sprintf(flood.request,
                       "POST /invocations HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: %.100s\r\n"
                       "Content-Length: %zu\r\n\r\n",
                       type, len);
    memcpy(flood.request + head, body, len);
    flood.request_len = (size_t)head + len;
    free(body);
}

static void offer(void)
{
    flood.offered++;
    if (flood.idle_count == 0) {
        flood.unsent++;
        return;
    }
    client *c = flood.idle[--flood.idle_count];
    c->sent_us = now_us();
    c->have = 0;
    if (send(c->fd, flood.request, flood.request_len, MSG_NOSIGNAL) != (ssize_t)flood.request_len)
        flood.other++; /* it closes, or its answer comes later than we look */
}

/* Is the answer whole? */
static int is_whole(client *c)
{
    c->in[c->have] = '\0';
    char *end = strstr(c->in, "\r\n\r\n"), *length = strstr(c->in, "Content-Length: ");
    return end && length && c->have >= (size_t)(end + 4 - c->in) + strtoul(length + 16, NULL, 10);
}

static void count(const client *c)
{
    int status = atoi(c->in + sizeof "HTTP/1.1");
    if (status == 503)
        flood.refusals[flood.refused++] = now_us() - c->sent_us;
    else if (status == 200)
        flood.served++;
    else
        flood.other++;
}

static void take(client *c)
{
    ssize_t got = recv(c->fd, c->in + c->have, ANSWER - 1 - c->have, 0);
    if (got <= 0) {
        flood.other++;
        close(c->fd);
        dial(c);
        return;
    }
    c->have += (size_t)got;
    if (!is_whole(c))
        return;
    count(c);
    flood.idle[flood.idle_count++] = c;
}

static void take_answers(int wait_ms)
{
    struct epoll_event events[EVENTS];
    int count = epoll_wait(flood.epoll, events, EVENTS, wait_ms);
    for (int i = 0; i < count; i++)
        take(events[i].data.ptr);
}

static int by_size(const void *a, const void *b)
{
    long long x = *(const long long *)a, y = *(const long long *)b;
    return (x > y) - (x < y);
}

static long long percentile(double share)
{
    return flood.refused == 0 ? 0 : flood.refusals[(size_t)((double)(flood.refused - 1) * share)];
}

static void open_clients(size_t count)
{
    flood.epoll = epoll_create1(EPOLL_CLOEXEC);
    flood.clients = calloc(count, sizeof *flood.clients);
    flood.idle = calloc(count, sizeof(client *));
    if (flood.epoll < 0 || !flood.clients || !flood.idle)
        give_up("clients");
    for (size_t i = 0; i < count; i++)
        dial(&flood.clients[i]);
}

int main(int argc, char **argv)
{
    if (argc != 8)
        return 2;
    double rate = atof(argv[5]), seconds = atof(argv[6]);
    size_t clients = strtoul(argv[7], NULL, 10);
    flood.to =
        (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[2]))};
    if (inet_pton(AF_INET, argv[1], &flood.to.sin_addr) != 1 || clients == 0)
        return 2;
    make_request(argv[3], argv[4]);
    open_clients(clients);
    flood.refusals = calloc((size_t)(rate * seconds) + clients + 1, sizeof *flood.refusals);
    if (!flood.refusals)
        give_up("refusals");
    long long start = now_us(), end = start + (long long)(seconds * 1e6);
    for (long long now = start; now < end; now = now_us()) {
        for (double due = (double)(now - start) * rate / 1e6; (double)flood.offered < due;)
            offer();
        take_answers(1);
    }
    long long served =
        flood.served; /* within the time; what was queued at its end is only waited for */
    for (long long last = now_us() + LAST_ANSWERS_US;
         flood.idle_count < clients && now_us() < last;)
        take_answers(10);
    qsort(flood.refusals, (size_t)flood.refused, sizeof *flood.refusals, by_size);
    printf("%lld %lld %lld %lld %lld %lld %lld\n", flood.offered, served, flood.refused,
           flood.other, flood.unsent, percentile(0.5), percentile(0.99));
    return 0;
}
