/* require.h - what an experiment's requirements.txt is made from: its cells, its configuration, the code that its scripts hold, its folders. */
#ifndef NB_GEN_REQUIRE_H
#define NB_GEN_REQUIRE_H

#include "gen/analysis.h"

/* Reads the lists of what the target has. */
nb_code nb_require_provided(nb_analysis *a, nb_error *err);
/* After nb_scripts_plan(). Sets `travel` as well: what is the project's own is found on the way. */
nb_requirements nb_require(nb_analysis *a);
/* The project's lock and project files that versions are taken from. */
nb_lock_paths nb_require_lock_paths(const nb_analysis *a);

#endif
