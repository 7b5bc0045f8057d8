/* written.h - files that %%writefile cells make: those that are to stand beside the scripts, and the names of the others. */
#ifndef NB_GEN_WRITTEN_H
#define NB_GEN_WRITTEN_H

#include "gen/linemap.h"
#include "graph/source.h"
#include "requirements/local.h"

typedef struct nb_written {
    nb_local_files
        kept; /* in the order they are first written; the last text counts, -a adds to it */
    NB_VEC(nb_linemap) maps; /* of each: which lines of cells its lines are */
    NB_VEC(nb_str) lost;     /* names of files that only the notebook makes */
} nb_written;

/* `folder` is the notebook's, absolute. Skipped cells write nothing. */
nb_written nb_written_find(const nb_source *source, nb_str folder);

#endif
