/* serve_parts.h - what the files of the local provider's endpoints share; and `serve --foreground`; nobody else includes it.
 *
 *     serve.c     what is there
 *     place.c     where a new version lives: endpoint, Python, port, files
 *     deploy.c    a new version is brought up
 *     traffic.c   shares, rollback, removal
 *     predict.c   asking its front for predictions
 */
#ifndef NB_LOCAL_SERVE_PARTS_H
#define NB_LOCAL_SERVE_PARTS_H

#include "endpoint/start.h"
#include "provider/local/serve.h"
#include "text/json.h"

/* A version on its way to an endpoint: context, request and arena are set by whoever deploys, which with `serve --foreground` is the front's own process. */
typedef struct nb_local_deploying {
    const nb_provider_context *context;
    const nb_deploy_request *request;
    nb_arena *arena;
    nb_endpoint endpoint; /* as it is to be */
    nb_endpoint before;   /* as it was on disk; no folder: there was none */
    nb_deployment added;  /* without weight, and not up */
} nb_local_deploying;

/* serve.c */
bool nb_local_is_running(const nb_provider_context *context, const nb_endpoint *endpoint);
/* What its front says of itself; NULL when it does not answer. */
const nb_json *nb_local_status(nb_arena *arena, const nb_endpoint *endpoint);
/* Its word for a version; empty when it says nothing of it. */
nb_str nb_local_version_member(const nb_json *status, unsigned version, const char *member);
nb_str nb_local_version_name(nb_arena *arena, unsigned version);
/* endpoint.json as it is now. */
nb_code nb_local_read_again(nb_arena *arena, const nb_endpoint *from, nb_endpoint *out,
                            nb_error *err);
nb_code nb_local_tell(nb_arena *arena, const nb_provider_context *context,
                      const nb_endpoint *endpoint, nb_service *out, nb_error *err);
/* A line of history, with the weights as they are in *endpoint. */
void nb_local_note(nb_arena *arena, const nb_provider_context *context, nb_endpoint *endpoint,
                   nb_str what);
nb_front_process nb_local_front(const nb_provider_context *context, const nb_endpoint *endpoint);

/* place.c */
/* May the model be deployed, to which endpoint, with which Python, on which port? Sets endpoint and before. */
nb_code nb_local_prepare(nb_local_deploying *d, nb_error *err);
/* Puts its files in place as the next version; sets `added`. */
nb_code nb_local_place(nb_local_deploying *d, nb_error *err);
/* It failed: endpoint.json is as it was, and its files go. */
void nb_local_take_back(const nb_local_deploying *d);
void nb_local_remove_files(const nb_local_deploying *d);

/* traffic.c */
/* The weights of *endpoint become these; versions that are not named get none. "new" is the added one. */
nb_code nb_local_set_shares(nb_arena *arena, const nb_endpoint *endpoint,
                            const nb_traffic_request *request, const nb_deployment *added,
                            nb_error *err);
/* {"version", "by", its row, "weights": {"3": 90}, "shadow": {"4": 100}}: the endpoint's weights as /admin/deploy takes them. */
nb_str nb_local_shares_json(const nb_provider_context *context, nb_arena *arena,
                            const nb_endpoint *endpoint, unsigned version);

#endif
