/* expression.h - Python that stands in the configuration: the entry point and the metrics. */
#ifndef NB_GEN_EXPRESSION_H
#define NB_GEN_EXPRESSION_H

#include "graph/source.h"

/* The place of a configured value as a finding has it; `text` is marked. */
nb_spot nb_spot_of_place(nb_place place, nb_str text);
/* Whether the text is one Python expression; what is wrong is reported as NB804 at the spot. `key` is what the value is called. */
bool nb_expression_check(const nb_source *source, nb_str text, nb_str key, nb_spot spot);

#endif
