/* endpoint_view.h - how endpoints of this machine look: as a row, as a page, as JSON. */
#ifndef NB_CLI_ENDPOINT_VIEW_H
#define NB_CLI_ENDPOINT_VIEW_H

#include "cli/app.h"
#include "endpoint/endpoint.h"
#include "text/json.h"

/* An endpoint as its files and, when it runs, its front tell. */
typedef struct nb_endpoint_sight {
    nb_endpoint endpoint;
    nb_endpoint_liveness liveness;
    nb_process process;
    const nb_json *status; /* /admin/status; NULL: it does not run, or does not answer */
    nb_str damage;         /* why its endpoint.json cannot be read; empty: it can */
} nb_endpoint_sight;

/* "http://127.0.0.1:8080", empty before a port was chosen. */
nb_str nb_endpoint_url(nb_arena *arena, const nb_endpoint_sight *sight);
void nb_endpoint_view_page(nb_app *app, const nb_endpoint_sight *sight);
void nb_endpoint_view_table(nb_app *app, const nb_endpoint_sight *sights, size_t count);

#endif
