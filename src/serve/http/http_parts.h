/* http_parts.h - a connection from inside: what http.c, http_connection.c and http_answer.c share.
 *
 *     head ─ body ─ waits ─ sends ─ sent ─┬─ head …        (each step goes on with what has been read; see nb_http_turn)
 *                     any refusal ─ sends ─┴─ lingers ─ gone
 *
 * One request at a time: pipelined ones stay in `in` (or in the kernel) until the one before them was answered, so answers keep their order.
 */
#ifndef NB_SERVE_HTTP_PARTS_H
#define NB_SERVE_HTTP_PARTS_H

#include "serve/http/http.h"
#include "serve/http/http_chunks.h"
#include "serve/http/http_parse.h"

#include <netinet/in.h>
#include <sys/un.h>

typedef struct nb_http_connection nb_http_connection;

struct nb_http_request {
    nb_http_connection *connection;
    nb_http_head head;
    nb_str path, body;
    nb_http_pair *params; /* of the query, decoded when first asked for */
    size_t param_count;
    bool has_params;
    bool seen;    /* by the owner: `done` must follow */
    bool refused; /* the answer is ours, not the owner's */
    void *owner;
};

typedef enum nb_http_stage {
    NB_HTTP_HEAD,
    NB_HTTP_BODY,
    NB_HTTP_WAITS,  /* for the owner's answer */
    NB_HTTP_SENDS,  /* the answer, as far as the socket takes it */
    NB_HTTP_SENT,   /* all of it, or in vain: `done` is due */
    NB_HTTP_LINGERS /* our side is shut; what the client still sends is thrown away, so that it can read the answer before a reset */
} nb_http_stage;

struct nb_http_connection {
    nb_http *http;
    int fd;
    nb_http_stage stage;
    bool readable;    /* there may be more to read (edges: true until a read comes short) */
    bool fin;         /* the client closed its side: reading will come to the end */
    bool ended;       /* it has */
    bool broken;      /* nothing can be sent any more */
    bool turning;     /* inside nb_http_turn */
    bool keep;        /* the connection goes on after this answer */
    bool waits_out;   /* epoll tells when the socket takes more */
    bool excess;      /* above the limit: was told 503 */
    bool is_later;    /* in http->later */
    size_t discarded; /* while lingering */

    nb_buf in;         /* the head and what came with it; not touched between `head` and `done` */
    nb_http_scan scan; /* of `in` */
    size_t used;       /* bytes of `in` that are this request's */
    nb_http_pair *fields;
    size_t field_room;
    nb_buf body; /* one that did not come with its head, or chunked */
    bool body_whole;
    nb_http_chunks chunks;
    nb_buf rest; /* read after the end of a chunked body: the next request's */
    nb_http_request request;

    nb_buf out;      /* head of the answer, and a small body */
    nb_buf out_body; /* a large one */
    size_t sent;     /* of both */

    int64_t since_us;    /* the first byte of the head; the start of body and answer */
    int64_t deadline_us; /* of the stage; the timer may be set earlier, then it sets itself again */
    nb_timer timer;
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } address;
    char peer[64];
    nb_http_connection *next, *before, *next_later;
};

enum {
    NB_HTTP_SCRATCH = 64 * 1024,
    NB_HTTP_SPARES = 8,                     /* buffers of large bodies that the next ones use */
    NB_HTTP_SPARE_LARGEST = 2 * 1024 * 1024 /* bytes of one */
};

struct nb_http {
    nb_loop *loop;
    int listener; /* -1: draining */
    bool is_unix, draining;
    nb_http_limits limits;
    nb_http_hooks hooks;
    nb_http_connection *connections;
    size_t count, excess; /* excess ones are in count, too */
    nb_http_connection *later, **later_end;
    nb_timer later_timer, accept_timer;
    int64_t date_s; /* monotonic second that `date` was written in */
    char date[48];
    /* Fresh memory is a page fault every 4 KiB, which costs more than reading the body does. Nobody keeps them for long: spare_timer. */
    nb_buf spares[NB_HTTP_SPARES];
    size_t spare_count;
    nb_timer spare_timer;
    char *scratch; /* NB_HTTP_SCRATCH bytes for what is not kept as it comes */
};

enum { NB_HTTP_NEVER = -1 };

static inline const char *nb_http_too_large(const nb_http_connection *c)
{
    const char *why = c->http->limits.too_large;
    return why ? why : "the body has more bytes than this server takes";
}

/* --- http_connection.c --- */

nb_http_connection *nb_http_connection_new(nb_http *http, int fd);
void nb_http_connection_ready(void *ctx, unsigned events);
/* Does what can be done now; the connection may be gone afterwards. */
void nb_http_turn(nb_http_connection *c);
/* A turn at the end of this turn of the loop, outside of all callers. */
void nb_http_turn_later(nb_http_connection *c);
void nb_http_turn_all_later(void *ctx);
/* Ends it now; the owner hears of it when it knows the request. */
void nb_http_connection_end(nb_http_connection *c, bool sent);
/* One that is idle goes soon. */
void nb_http_connection_drain(nb_http_connection *c);
/* The answer was queued outside of a turn. It is sent at the end of the loop's turn, after whoever answered has gone on with its work: sending costs more
 * than all else here, and a worker that has just answered many waits for its next batch. */
void nb_http_connection_answered(nb_http_connection *c);

/* --- http_read.c --- */

/* Reads what there is, up to `room` bytes; 0: nothing more now, or nothing more ever (then ended or broken is set). */
size_t nb_http_receive(nb_http_connection *c, char *into, size_t room);
/* More of a head; false: nothing came. */
bool nb_http_receive_head(nb_http_connection *c);
/* Is all of a head in `in`? With wrong->status set: it must be refused. */
bool nb_http_find_head(nb_http_connection *c, nb_http_wrong *wrong);
/* Makes the request of it. */
bool nb_http_parse(nb_http_connection *c, nb_http_wrong *wrong);
/* What came together with the head; a body that did so as a whole is not copied. */
bool nb_http_take_first_bytes(nb_http_connection *c, nb_http_wrong *wrong);
/* A body is done with: its memory is kept for this connection's next one when it is small, else for anybody's, and freed when there is enough of it. */
void nb_http_drop_body(nb_http_connection *c);
void nb_http_free_spares(void *ctx);
/* More of a body; false: nothing came. With wrong->status set: it must be refused. */
bool nb_http_receive_body(nb_http_connection *c, nb_http_wrong *wrong);

/* --- http_answer.c --- */

/* Queues the answer; it is sent by nb_http_send(). */
void nb_http_queue(nb_http_connection *c, const nb_http_answer *answer);
/* A refusal of ours as an answer: {"error": why}. */
void nb_http_queue_error(nb_http_connection *c, unsigned status, const char *why);
/* Sends as much as the socket takes; true: all is sent, or the connection is broken. */
bool nb_http_send(nb_http_connection *c);

#endif
