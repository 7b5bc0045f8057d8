/* talk.h - HTTP/1.1 to an endpoint of this machine: its Unix socket or its port. For `predict`, and for the admin.
 *
 * The admin speaks on the Unix socket only, below /admin/: JSON in and out, the error of a refusal is {"error": message, "hint"}.
 *
 *     GET  /admin/status                  {"ready", "reason", "pid", "url", "versions": [{version, state, reason, weight, shadow, workers, figures}],
 *                                          "awaits": [versions that a change waits for],
 *                                          "watch": {"verdict", "version", "reason", "left_ms"}, the last time that requests moved to other versions: "looking", "kept",
 *                                          "rolled back", "unwatched" (nothing to go back to, or a rollback), "overtaken" (moved again), "none"}
 *     POST /admin/deploy                  {"version": N, "weights": {"3": 0, "4": 100} or null}: brings up versions/N of the folder beside the others, gates it on its
 *                                         health and its sample, then moves the weights in one step; answers when that is done or has failed
 *                                         (whoever deploys has placed it; its row comes along, as "experiment", "model", "sha256", "created_ms", or
 *                                         stands in endpoint.json, without weight and not up). "shadow" as below
 *     POST /admin/traffic                 {"weights": {…}, "shadow": {"4": 100}}: what is left out stays as it is. Versions that are not up are brought up first, then
 *                                         all changes in one step; 0 is up without requests. 422 with {"tail"} when one does not come up: then nothing has changed
 *     POST /admin/retire                  {"version": N}: drains and stops it
 *                                         deploy, traffic and retire take "by", who asks, and "back": true, a rollback; both are for the history
 *     POST /admin/stop                    drains and ends the front
 */
#ifndef NB_ENDPOINT_TALK_H
#define NB_ENDPOINT_TALK_H

#include "base/buf.h"
#include "base/error.h"

typedef struct nb_talk nb_talk; /* one kept-alive connection */

typedef struct nb_talk_to {
    nb_str socket; /* Unix socket, or empty: */
    nb_str host;
    unsigned port;
    int64_t connect_ms, answer_ms;
    bool lookup; /* `host` may be a name; else it is an address or "localhost" */
    const _Atomic bool
        *stop; /* becomes true when nobody waits any more: NB_ERR_TIMEOUT; may be NULL */
    void (*idle)(
        void *ctx); /* called every 100 ms while an answer is awaited; NULL: nothing to do */
    void *ctx;
} nb_talk_to;

typedef struct nb_talk_request {
    const char *method;
    nb_str path, content_type, accept, body;
    const char *const *headers; /* "Name: value", NULL at the end; may be NULL */
    int64_t answer_ms;          /* 0: as the connection was opened with */
} nb_talk_request;

typedef struct nb_talk_answer {
    unsigned status;
    nb_str content_type, body; /* valid until the next request */
    nb_str headers;            /* as received */
} nb_talk_answer;

nb_code nb_talk_open(const nb_talk_to *to, nb_talk **out, nb_error *err);
/* NB_ERR_NET when the endpoint is not there, NB_ERR_TIMEOUT; a refusal by status is no error of this call. */
nb_code nb_talk_ask(nb_talk *talk, const nb_talk_request *request, nb_talk_answer *out,
                    nb_error *err);
nb_str nb_talk_header(const nb_talk_answer *answer, const char *name);
void nb_talk_close(nb_talk *talk);

#endif
