/* serve.h - the local provider's endpoints; provider.h tells what each of these does. Models are placed in the endpoint's folder, its front is started or
 * told, and endpoint.json says what there is. */
#ifndef NB_LOCAL_SERVE_H
#define NB_LOCAL_SERVE_H

#include "provider/provider.h"

nb_code nb_local_deploy(const nb_provider_context *context, const nb_deploy_request *request,
                        nb_arena *arena, nb_service *out, nb_error *err);
nb_code nb_local_endpoint(const nb_provider_context *context, nb_str name, nb_arena *arena,
                          nb_service *out, nb_error *err);
nb_code nb_local_traffic(const nb_provider_context *context, const nb_traffic_request *request,
                         nb_arena *arena, nb_service *out, nb_error *err);
nb_code nb_local_rollback(const nb_provider_context *context, const nb_rollback_request *request,
                          nb_arena *arena, nb_service *out, nb_error *err);
nb_code nb_local_predictor(const nb_provider_context *context, nb_str endpoint,
                           const _Atomic bool *stop, nb_predictor **out, nb_error *err);
nb_code nb_local_delete(const nb_provider_context *context, nb_str name, bool keep_data,
                        nb_error *err);

#endif
