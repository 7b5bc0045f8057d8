/* endpoint_status.h - what a running front says of its versions, for people: figures, workers, shadows, what is being watched. */
#ifndef NB_CLI_ENDPOINT_STATUS_H
#define NB_CLI_ENDPOINT_STATUS_H

#include "cli/table.h"
#include "text/json.h"

/* The row of a version in /admin/status; NULL when it is not up. */
const nb_json *nb_status_version(const nb_json *status, unsigned version);

/* Lines for the head of the page: versions that are awaited, and the watch after a switch. */
void nb_status_add_pairs(nb_arena *arena, const nb_json *status, nb_pairs *list);
/* Tables of figures and workers, then what is wrong with a version and what its shadow says. Nothing without a status. */
void nb_status_print(const nb_app *app, const nb_json *status);

#endif
