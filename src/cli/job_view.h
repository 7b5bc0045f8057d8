/* job_view.h - how jobs look: as a row, as a page, as the result of a training, as JSON. */
#ifndef NB_CLI_JOB_VIEW_H
#define NB_CLI_JOB_VIEW_H

#include "cli/app.h"
#include "store/store.h"

/* "job iris-1", "model models/iris/1" and the metrics, one a line with the values in a column; or the member "job". */
void nb_job_view_result(nb_app *app, const nb_job *job);
/* Everything about one job, likewise. */
void nb_job_view_page(nb_app *app, const nb_job *job);
/* A table of jobs, or the member "jobs". */
void nb_job_view_table(nb_app *app, const nb_job *jobs, size_t count);

#endif
