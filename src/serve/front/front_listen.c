/* The front's two sockets: its port, and server.sock for the commands of this program. */
#include "serve/front/front_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { OTHER_DESCRIPTORS = 512 }; /* workers, logs, connections that are refused */

static int bind_first(const struct addrinfo *found)
{
    const int on = 1;
    int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
        bind(fd, found->ai_addr, found->ai_addrlen) == 0 && listen(fd, 1024) == 0)
        return fd;
    int why = errno;
    close(fd);
    errno = why;
    return -1;
}

static nb_code listen_tcp(const nb_front *front, int *out, nb_error *err)
{
    const nb_endpoint_settings *s = &front->endpoint.settings;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE}, *found = NULL;
    const char *host = nb_arena_z(&arena, s->host);
    int failed = getaddrinfo(host, nb_arena_printf(&arena, "%u", s->port).at, &hints, &found);
    if (failed != 0)
        return nb_fail(err, NB_ERR_NET, "cannot find the address '%s': %s", host,
                       gai_strerror(failed));
    *out = bind_first(found);
    int why = errno;
    freeaddrinfo(found);
    errno = why;
    if (*out >= 0)
        return NB_OK;
    nb_code code = nb_fail_errno(err, "cannot listen on %s:%u", host, s->port);
    if (why == EADDRINUSE)
        nb_error_hint(err,
                      "end what listens there, or move it: 'notebooked serve " NB_STR_FMT
                      " --port PORT'",
                      NB_STR_ARG(front->endpoint.name));
    return code;
}

/* Through a descriptor of the folder: the path of a socket may have 107 bytes only, that of a project may be longer. 0600 before anybody can
 * connect: nobody listens yet. */
static nb_code listen_unix(const nb_front *front, int *out, nb_error *err)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    const char *folder = nb_arena_z(&arena, front->endpoint.folder);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int dir = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    (void)snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/server.sock", dir);
    bool fine = dir >= 0 && chmod(folder, 0700) == 0 && fd >= 0 &&
                (unlinkat(dir, "server.sock", 0) == 0 || errno == ENOENT) &&
                bind(fd, (const struct sockaddr *)&address, sizeof address) == 0 &&
                fchmodat(dir, "server.sock", 0600, 0) == 0 && listen(fd, 64) == 0;
    nb_code code = fine ? NB_OK : nb_fail_errno(err, "cannot listen on '%s/server.sock'", folder);
    if (dir >= 0)
        close(dir);
    if (!fine && fd >= 0)
        close(fd);
    if (fine)
        *out = fd;
    return code;
}

/* A connection takes a descriptor, and those above the limit want an answer, too. What the hard limit does not allow is refused as it comes. */
static void make_room_for(unsigned connections)
{
    struct rlimit limit;
    rlim_t wanted = (rlim_t)connections + OTHER_DESCRIPTORS;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
        return;
    limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

nb_code nb_front_listen(nb_front *front, nb_error *err)
{
    nb_http_limits limits = NB_HTTP_LIMITS;
    nb_http_hooks hooks = nb_front_http_hooks;
    int tcp = -1, local = -1;
    hooks.ctx = front;
    if (front->max_body > 0)
        limits.body = front->max_body;
    if (front->only && front->only->limits.body == front->max_body)
        limits.too_large = nb_arena_printf(&front->arena,
                                           "the body has more than %zu bytes, which %s takes at "
                                           "most (--as %s)",
                                           limits.body, front->only->platform, front->only->name)
                               .at;
    if (front->endpoint.settings.max_connections > 0)
        limits.connections = front->endpoint.settings.max_connections;
    make_room_for(limits.connections);
    if (listen_tcp(front, &tcp, err) != NB_OK)
        return err->code;
    if (nb_http_open(front->loop, tcp, &limits, &hooks, &front->tcp, err) != NB_OK)
        return err->code;
    if (listen_unix(front, &local, err) != NB_OK)
        return err->code;
    return nb_http_open(front->loop, local, &limits, &hooks, &front->local, err);
}
