/* unpicklable.h - what training would keep and pickle refuses: said at conversion, not after an hour of training. */
#ifndef NB_GEN_UNPICKLABLE_H
#define NB_GEN_UNPICKLABLE_H

#include "graph/graph.h"

/* NB509 for each lambda that becomes part of a scikit-learn estimator. */
void nb_unpicklable_report(const nb_graph *graph);

#endif
