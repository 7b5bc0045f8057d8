/* answer.h - the answer to an HTTP/1.1 request as it comes, in whatever pieces; strict, with limits. No sockets here. */
#ifndef NB_ENDPOINT_ANSWER_H
#define NB_ENDPOINT_ANSWER_H

#include "base/buf.h"
#include "base/error.h"

enum { NB_ANSWER_HEAD = 64 * 1024, NB_ANSWER_BODY = 256 * 1024 * 1024 };

typedef enum nb_answer_state {
    NB_ANSWER_IN_HEAD,
    NB_ANSWER_IN_BODY, /* of a known length */
    NB_ANSWER_IN_SIZE, /* the line before a chunk */
    NB_ANSWER_IN_CHUNK,
    NB_ANSWER_AFTER_CHUNK,
    NB_ANSWER_IN_TRAILER,
    NB_ANSWER_TO_END, /* of the connection */
    NB_ANSWER_DONE
} nb_answer_state;

typedef struct nb_answer {
    nb_answer_state state;
    bool without_body; /* set before: the request was HEAD */
    unsigned status;
    bool keep;   /* another request may follow on this connection */
    nb_buf head; /* the header lines without the status line; NULs are refused */
    nb_buf body;
    nb_buf line;   /* an unfinished line */
    uint64_t left; /* bytes of the body or chunk */
    size_t trailer;
    size_t limit; /* of the body */
    bool begun;   /* the status line was read */
} nb_answer;

void nb_answer_init(nb_answer *answer, size_t body_limit);
/* Ready for the next answer. */
void nb_answer_reset(nb_answer *answer);
void nb_answer_release(nb_answer *answer);
/* Takes the next bytes and says how many of them belong to this answer: fewer than given only when it is done. NB_ERR_REMOTE when it is no answer. */
nb_code nb_answer_feed(nb_answer *answer, nb_str bytes, size_t *used, nb_error *err);
/* The connection has ended. */
nb_code nb_answer_end(nb_answer *answer, nb_error *err);
/* The value of the first header of this name, trimmed; an empty view whose `at` is NULL when there is none. */
nb_str nb_answer_header(nb_str headers, const char *name);

#endif
