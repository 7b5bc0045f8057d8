/* service_view.h - what a deployment has come to: addresses, and what to do next. */
#ifndef NB_CLI_SERVICE_VIEW_H
#define NB_CLI_SERVICE_VIEW_H

#include "cli/app.h"
#include "provider/service.h"
#include "text/json_write.h"

/* Endpoint, version, URL and log, one a line, and on the log a request to try; or members of the JSON document. */
void nb_service_view_deployed(nb_app *app, nb_str root, const nb_deploy_request *request,
                              const nb_service *service);

/* A version as an object, in every document that lists them. */
void nb_service_view_version(nb_json_writer *w, const nb_service_version *version);

#endif
