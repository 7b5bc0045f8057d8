/* manifest.h - `notebooked.json` and `.notebooked-map.json` beside the scripts, as text. */
#ifndef NB_GEN_MANIFEST_H
#define NB_GEN_MANIFEST_H

#include "gen/analysis.h"

/* {"version": 1, "notebook", "notebook_sha256", "inputs_sha256", "hyperparameters": [{name, flag, type, default}], "data_path": bool, "files": [{path, sha256, from}], "sources": […]} */
nb_str nb_manifest_write(const nb_analysis *a, const nb_plan *plan, nb_str inputs);
/* The line map of scripts, copied modules and files that cells write; see linemap.h. They are in the plan already. */
nb_str nb_manifest_map(const nb_analysis *a, const nb_plan *plan);

#endif
