/* purity.h - which statements may stand at module level, and what role each has in train.py. */
#ifndef NB_GRAPH_PURITY_H
#define NB_GRAPH_PURITY_H

#include "graph/graph.h"

/* Sets pure, literal, mutated and role of every statement in the graph. What reads a name of `provided` at once is never pure: its value is known
 * only when the arguments are read. */
void nb_purity_mark(nb_graph *graph, const nb_map *provided);

#endif
