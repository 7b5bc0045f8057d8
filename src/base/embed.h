/* embed.h - folders of files that were built into the program: nb_embed() in cmake/embed.cmake makes them.
 *
 * The room that asks for a folder declares its symbol: extern const nb_embedded_folder nb_built_in_templates;
 */
#ifndef NB_EMBED_H
#define NB_EMBED_H

#include "base/str.h"

typedef struct nb_embedded {
    const char *name; /* seen from the folder: "train.py.tmpl", "NB203.md" */
    nb_str bytes;
} nb_embedded;

typedef struct nb_embedded_folder {
    const nb_embedded *files; /* in the order of their names */
    size_t count;
    const char *sha256; /* over all of them */
} nb_embedded_folder;

/* The file of this name, NULL when there is none. */
const nb_embedded *nb_embedded_find(const nb_embedded_folder *folder, nb_str name);

#endif
