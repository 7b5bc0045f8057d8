/* tree.h - folders with all that is in them. */
#ifndef NB_ENDPOINT_TREE_H
#define NB_ENDPOINT_TREE_H

#include "base/error.h"

/* Removes it; one that is not there is fine. Links are removed, not followed. */
nb_code nb_tree_remove(const char *path, nb_error *err);
/* Makes the folder and its missing parents; what is in it belongs into no repository. */
nb_code nb_tree_make_ignored(const char *path, nb_error *err);
/* Makes the names in its folders durable; of files, their writers have done so with the contents. */
nb_code nb_tree_sync(const char *path, nb_error *err);

#endif
