/* propose.h - which section each untagged code cell belongs to, from what its statements are for.
 *
 * Used by `notebooked tag`, and in memory by `convert --auto-tag` and by `check` on notebooks without tags.
 */
#ifndef NB_GRAPH_PROPOSE_H
#define NB_GRAPH_PROPOSE_H

#include "graph/source.h"

typedef struct nb_proposal {
    const nb_source_cell *cell;
    unsigned sections; /* bits of nb_section; 0: the cell stays untagged */
    nb_str reason;     /* a few words: "fits a model", "only shows data" */
    bool split;        /* the cell mixes jobs: its statements go to different scripts */
} nb_proposal;

typedef struct nb_proposals {
    NB_VEC(nb_proposal)
    list; /* one for each Python code cell, in order; those that are tagged keep their sections */
} nb_proposals;

/* Looks at cells as they are tagged in `source`, changes nothing. Lives in the source's arena. */
nb_proposals nb_propose(const nb_source *source);

#endif
