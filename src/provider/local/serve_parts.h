/* serve_parts.h - what the files of the local provider's endpoints share; nobody else includes it.
 *
 *     serve.c     what is there; deploy
 *     traffic.c   shares, rollback, removal
 *     predict.c   asking its front for predictions
 */
#ifndef NB_LOCAL_SERVE_PARTS_H
#define NB_LOCAL_SERVE_PARTS_H

#include "endpoint/start.h"
#include "provider/local/serve.h"
#include "text/json.h"

/* serve.c */
bool nb_local_is_running(const nb_provider_context *context, const nb_endpoint *endpoint);
/* What its front says of itself; NULL when it does not answer. */
const nb_json *nb_local_status(nb_arena *arena, const nb_endpoint *endpoint);
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

/* traffic.c */
/* The weights of *endpoint become these; versions that are not named get none. "new" is the added one. */
nb_code nb_local_set_shares(nb_arena *arena, const nb_endpoint *endpoint,
                            const nb_traffic_request *request, const nb_deployment *added,
                            nb_error *err);
/* {"weights": {"3": 90}, "shadow": {"4": 100}} of the endpoint's weights; with `version`, what deploy takes. */
nb_str nb_local_shares_json(nb_arena *arena, const nb_endpoint *endpoint, unsigned version);
/* Deploying moves weights; who is a shadow is told after that. */
nb_code nb_local_set_shadows(nb_arena *arena, const nb_endpoint *endpoint, nb_error *err);

#endif
