/* section_bits.h - the sections as bits by their short names, for the files of this room that weigh one against another. */
#ifndef NB_GRAPH_SECTION_BITS_H
#define NB_GRAPH_SECTION_BITS_H

#include "graph/source.h"

enum {
    IMPORTS = NB_BIT(NB_SECTION_IMPORTS),
    PARAMETERS = NB_BIT(NB_SECTION_PARAMETERS),
    UTILS = NB_BIT(NB_SECTION_UTILS),
    PREPROCESS = NB_BIT(NB_SECTION_PREPROCESS),
    MODEL = NB_BIT(NB_SECTION_MODEL),
    TRAIN = NB_BIT(NB_SECTION_TRAIN),
    INFERENCE = NB_BIT(NB_SECTION_INFERENCE),
    REQUIREMENTS = NB_BIT(NB_SECTION_REQUIREMENTS)
};

#endif
