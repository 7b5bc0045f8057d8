/* services.h - endpoints as any provider has them, for commands that change them: traffic, rollback, delete-endpoint. */
#ifndef NB_CLI_SERVICES_H
#define NB_CLI_SERVICES_H

#include "cli/app.h"
#include "provider/provider.h"

typedef struct nb_services {
    nb_provider_context context;
    const nb_provider_ops *ops;
    nb_provider *provider;
} nb_services;

/* `name` NULL: local. A provider that lacks one of `features` is refused. *out must be closed, also after a failure. */
nb_code nb_services_open(nb_app *app, const char *name, unsigned features, nb_services *out,
                         nb_error *err);
void nb_services_close(nb_services *services);

/* Its state, address and versions with their part of the requests: a page, or members of the JSON document. */
void nb_services_show(nb_app *app, const nb_service *service);

#endif
