/* model_view.h - how model versions look: as a row, as a page, as JSON. */
#ifndef NB_CLI_MODEL_VIEW_H
#define NB_CLI_MODEL_VIEW_H

#include "cli/app.h"
#include "endpoint/endpoint.h"
#include "endpoint/models.h"

/* A model, what is known of its seal, and the endpoints that have it. */
typedef struct nb_model_sight {
    nb_model model;
    nb_str path; /* as people see it */
    nb_model_trust trust;
    nb_str changed; /* the first file that was */
} nb_model_sight;

typedef struct nb_model_view {
    const nb_endpoint *endpoints; /* of the project */
    size_t endpoint_count;
} nb_model_view;

void nb_model_view_page(nb_app *app, const nb_model_view *view, const nb_model_sight *sight);
void nb_model_view_table(nb_app *app, const nb_model_view *view, const nb_model_sight *sights,
                         size_t count);

#endif
