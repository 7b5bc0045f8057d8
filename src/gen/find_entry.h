/* find_entry.h - the call that starts training when the train cells only define functions (conversion.md 6). */
#ifndef NB_GEN_FIND_ENTRY_H
#define NB_GEN_FIND_ENTRY_H

#include "gen/find.h"

/* Sets entry_call, entry_binds and, where the entry point returns the model, model and model_name. NB502 when there is no call and none can be made, NB503 when
 * the train cells hold nothing that runs. */
void nb_find_entry(const nb_graph *graph, const nb_params *params, const nb_experiment *experiment,
                   nb_findings *found);

#endif
