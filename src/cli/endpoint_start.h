/* endpoint_start.h - an endpoint of this machine is started again, for `endpoints start` and `serve`. */
#ifndef NB_CLI_ENDPOINT_START_H
#define NB_CLI_ENDPOINT_START_H

#include "cli/endpoint_view.h"

/* Asks its front, if it runs, what it says of itself. */
void nb_endpoint_see(nb_app *app, nb_endpoint_sight *sight);

typedef struct nb_endpoint_starting {
    const nb_endpoint *endpoint;
    const char *only; /* --as; NULL: none */
    bool wait;        /* until it is ready; failing tells why it is not */
} nb_endpoint_starting;

/* One that runs already is well. Prints where it is; as JSON, its page. */
nb_code nb_endpoint_bring_up(nb_app *app, const nb_endpoint_starting *starting, nb_error *err);

#endif
