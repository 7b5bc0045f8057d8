/* split.h - cells with several sections: which of their statements each script takes.
 *
 * train.py has all of them, in notebook order. preprocess.py has the work on data and what that needs of the cell, and never trains; inference.py has
 * definitions, what prepares a question to the model, and no action of training.
 */
#ifndef NB_GRAPH_SPLIT_H
#define NB_GRAPH_SPLIT_H

#include "graph/source.h"

/* Sets the sections of the statements of such cells; what was decided is told (NB110). Costs nothing when no cell has several sections. */
void nb_split_cells(nb_source *source);

#endif
