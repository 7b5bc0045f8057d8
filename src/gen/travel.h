/* travel.h - the files that go with the scripts, so that the folder of an experiment is all that another machine needs.
 *
 * The project's own modules (requirements/local.h) are copied beside the scripts under the names that imports know them by, what `include:` lists
 * (included.h) under the names that the configuration has. The manifest keeps where
 * they came from and a digest of it, so that a change there is as stale as one in the notebook.
 */
#ifndef NB_GEN_TRAVEL_H
#define NB_GEN_TRAVEL_H

#include "base/error.h"
#include "gen/included.h"
#include "gen/plan.h"
#include "gen/search_path.h"
#include "requirements/local.h"
#include "text/json_write.h"

typedef struct nb_travel {
    nb_local *local;
    nb_local_files files;
    nb_included included;
    const nb_source *source; /* files that it ran are sources, too */
} nb_travel;

/* What the imports of the notebook loaded; NB614 for what would take the place of a script. */
nb_travel *nb_travel_collect(nb_local *local, const nb_requirements_input *input);
/* Adds what `include:` lists. An entry that is too large stays where it is: training takes it from there to the model directory. */
void nb_travel_include(nb_travel *travel, const nb_included *included);
nb_code nb_travel_plan(const nb_travel *travel, nb_plan *plan, nb_error *err);
/* "sources" of the manifest, [{path, sha256}]: what the files were made from besides the notebook, seen from the project; a folder of the search
 * path ends in '/'. And whether they are today what they were then. */
void nb_travel_write(const nb_travel *travel, nb_json_writer *w);
bool nb_travel_is_fresh(const nb_plan *plan, nb_str root);

#endif
