/* paths.h - file names in the notebook's code: data is read below --data-path, what is saved goes below --model-dir. */
#ifndef NB_GEN_PATHS_H
#define NB_GEN_PATHS_H

#include "gen/params.h"

/* Adds the edits, fills data_path_*, model_dir_name, uses_model_dir, needs_os, saved and the provided names. */
void nb_paths_rewrite(nb_source *source, nb_params *params, const nb_config *config,
                      const nb_experiment *experiment);

/* The path argument of a call that saves (torch.save, joblib.dump, model.save, …) or loads; NULL when the call is none. */
const nb_py_node *nb_paths_saved(nb_arena *arena, const nb_py_tree *tree, const nb_py_node *call);
const nb_py_node *nb_paths_loaded(nb_arena *arena, const nb_py_tree *tree, const nb_py_node *call);

#endif
