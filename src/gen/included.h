/* included.h - what `include:` lists: files and folders that training and inference need wherever they run.
 *
 * They are copied beside the scripts like modules of the project (travel.h), and from there to the model directory's code/. A relative path of the notebook that
 * leads to one of them goes through beside(), which finds the copy next to the script and else the notebook's own file:
 *     open("vocab.txt")    open(beside("nb/vocab.txt", "vocab.txt"))
 */
#ifndef NB_GEN_INCLUDED_H
#define NB_GEN_INCLUDED_H

#include "gen/params.h"

typedef struct nb_included_path {
    nb_str disk; /* absolute and clean */
    nb_str
        name; /* seen from the scripts: as the configuration has it, or the base name of what lies outside of the project */
    nb_spot spot; /* in the configuration */
    bool there;
} nb_included_path;

typedef struct nb_included {
    NB_VEC(nb_included_path) list; /* one for each of `include`, in order */
} nb_included;

nb_included nb_included_find(nb_arena *arena, const nb_config *config,
                             const nb_experiment *experiment);
/* Adds what %%writefile cells put beside the scripts: it is found in the same way. `folder` is the notebook's. */
void nb_included_add_written(nb_included *included, const nb_source *source, nb_str folder);
/* NB412 for each that is not there. */
void nb_included_report(const nb_included *included, nb_diags *diags);
/* Edits of the notebook's paths; sets beside_name and uses_beside. Runs after the other rewrites: their paths stay theirs. */
void nb_included_rewrite(nb_source *source, nb_params *params, const nb_config *config,
                         const nb_experiment *experiment);

#endif
