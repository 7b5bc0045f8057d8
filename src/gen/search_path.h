/* search_path.h - where the notebook's imports look for modules of the project, and what its changes of sys.path become in the scripts.
 *
 * The notebook's folder, what code puts on sys.path, the project's folder and the folders of `include:`. A change that can be read off the code
 * leaves the scripts: what is imported from there travels with them, and another machine has no such folder.
 */
#ifndef NB_GEN_SEARCH_PATH_H
#define NB_GEN_SEARCH_PATH_H

#include "config/config.h"
#include "graph/source.h"
#include "requirements/local.h"

typedef struct nb_search_path {
    NB_VEC(nb_local_folder) list; /* in Python's order */
} nb_search_path;

/* Before the graph is built: statements that only change sys.path get the role NB_ROLE_DROPPED, with a note. */
nb_search_path nb_search_path_find(nb_source *source, const nb_config *config,
                                   const nb_experiment *experiment);

#endif
