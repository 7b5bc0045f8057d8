/* embed.h - files that were built into the program (cmake/embed.cmake): templates. */
#ifndef NB_EMBED_H
#define NB_EMBED_H

#include "base/str.h"

typedef struct nb_embedded {
    const char *name; /* below src/gen/templates: "train.py.tmpl" */
    nb_str bytes;
} nb_embedded;

extern const nb_embedded nb_embedded_files[];
extern const size_t nb_embedded_count;
extern const char nb_embedded_sha256[]; /* over all of them, known when the program is built */

#endif
