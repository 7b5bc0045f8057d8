/* http.h - HTTP/1.1 served from the loop: connections, strict reading, limits with their answers, deadlines, keep-alive, drain. No thread of its own.
 *
 * A request is handed over whole, once its body has come; it is answered later, exactly once, with nb_http_answer_with(). Requests that HTTP or
 * the limits forbid are answered here ({"error": why}, and the connection ends) and never seen by the owner; see nb_http_hooks.refused.
 *
 * What is refused is listed in http_parse.h and http_chunks.h. Pipelined requests are answered in order: the next one is begun when the answer before
 * it was sent. `Expect: 100-continue` gets its 100 after `head` agreed. Deadlines: of a head from its first byte, whatever comes in between; of body and
 * answer body_ms and a second for each 64 KiB. A connection that ends with its client still sending is shut and drained for 2 s, so that the answer is
 * read before a reset.
 *
 * Why there is no library behind it: libmicrohttpd 0.9.75 takes a bare LF wherever CRLF must stand, in chunks too, where no caller can see the bytes, and joins
 * folded fields; its time limits start anew with every byte; and suspending a request for a worker's answer costs it three system calls more.
 */
#ifndef NB_SERVE_HTTP_H
#define NB_SERVE_HTTP_H

#include "base/buf.h"
#include "serve/loop.h"

typedef struct nb_http nb_http;                 /* one listening socket and its connections */
typedef struct nb_http_request nb_http_request; /* from its head to the last byte of its answer */

typedef struct nb_http_limits {
    size_t body;          /* bytes; above: 413 before the body is read */
    unsigned connections; /* above: 503 and close */
    int64_t head_ms, body_ms, idle_ms;
    size_t head;           /* bytes of request line and fields; above: 431 */
    const char *too_large; /* what 413 says; NULL: the usual */
} nb_http_limits;

#define NB_HTTP_LIMITS                     \
    ((nb_http_limits){.body = 16 << 20,    \
                      .connections = 1024, \
                      .head_ms = 10000,    \
                      .body_ms = 30000,    \
                      .idle_ms = 75000,    \
                      .head = 32 << 10})

typedef enum nb_http_refusal {
    NB_HTTP_BAD,       /* 400: no HTTP, or HTTP that two readers could understand differently */
    NB_HTTP_TOO_LARGE, /* 413 */
    NB_HTTP_TOO_LONG,  /* 431 */
    NB_HTTP_TOO_SLOW,  /* 408 */
    NB_HTTP_TOO_MANY   /* 503: connections */
} nb_http_refusal;

typedef struct nb_http_hooks {
    /* The head has come. True: go on and read the body. False: it was answered with nb_http_answer_with() (not found, not allowed, no token). */
    bool (*head)(void *ctx, nb_http_request *request);
    /* All of it has come. */
    void (*whole)(void *ctx, nb_http_request *request);
    /* The answer was sent, or the connection is gone: forget the request now. Comes once for each request that `head` saw, and never inside of
     * nb_http_answer_with(). `sent` is false, too, when the request was refused after its head. */
    void (*done)(void *ctx, nb_http_request *request, bool sent);
    /* A refusal, for counting and the access log; `request` is NULL when its head could not be read. */
    void (*refused)(void *ctx, nb_http_request *request, nb_http_refusal why);
    void *ctx;
} nb_http_hooks;

/* Serves a listening socket (TCP over IPv4 or IPv6, or Unix; not blocking), which it owns from now on, also when this fails. */
nb_code nb_http_open(nb_loop *loop, int listener, const nb_http_limits *limits,
                     const nb_http_hooks *hooks, nb_http **out, nb_error *err);
/* No new connections; open ones are told to close with their next answer, and go a second after their last one. */
void nb_http_drain(nb_http *http);
/* Ends all connections at once (`done` comes for open requests). Not from a hook. NULL is fine. */
void nb_http_close(nb_http *http);
size_t nb_http_connections(const nb_http *http);

/* Views are valid until `done`. */
nb_str nb_http_method(const nb_http_request *request);
nb_str nb_http_path(
    const nb_http_request
        *request); /* decoded, without the query; begins with '/', may hold any byte but NUL */
nb_str nb_http_query(const nb_http_request *request,
                     const char *name); /* decoded; empty when missing */
/* Its parameters one by one, decoded, in order; false behind the last. */
bool nb_http_query_at(const nb_http_request *request, size_t index, nb_str *name, nb_str *value);
nb_str nb_http_field(const nb_http_request *request,
                     const char *name); /* a header field, any case; empty when missing */
nb_str nb_http_body(const nb_http_request *request);
nb_str nb_http_peer(const nb_http_request *request); /* "127.0.0.1:52114"; "unix" */
bool nb_http_is_unix(const nb_http_request *request);
/* The client closed its side while the request waits: hardly anybody reads the answer. (When the connection broke, `done` has come.) */
bool nb_http_is_gone(const nb_http_request *request);
void *nb_http_owner(const nb_http_request *request); /* what the owner keeps with it */
void nb_http_set_owner(nb_http_request *request, void *owner);

typedef struct nb_http_header {
    const char *name;
    nb_str value;
} nb_http_header;

typedef struct nb_http_answer {
    unsigned status;
    nb_str content_type; /* empty: none */
    nb_str body;         /* copied, unless `take` */
    nb_buf *
        take; /* not NULL: its bytes are the body and become the server's; the buffer is empty afterwards */
    const nb_http_header *headers;
    size_t header_count;
    bool close; /* the connection ends after it */
} nb_http_answer;

/* Sends as much of it as the socket takes at once. HEAD's answer is told the body, too, and leaves it out. Above 64 MiB of body: 500. An answer before the
 * whole body has come ends the connection. A second answer is dropped. */
void nb_http_answer_with(nb_http_request *request, const nb_http_answer *answer);

#endif
