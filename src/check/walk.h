/* walk.h - the notebooks below a folder, one after the other, in the byte order of their paths.
 *
 * Left out is what git ignores (.gitignore of the folder, of those below it and of those above it up to the repository's; .git/info/exclude),
 * everything whose name begins with a dot, .ipynb_checkpoints among it, virtual and conda environments, node_modules, site-packages and
 * __pycache__. Symbolic links below the folder are not followed. A repository inside another one has its own rules only. Memory is needed for the
 * folders from the top to where the walk is, not for what was found.
 */
#ifndef NB_CHECK_WALK_H
#define NB_CHECK_WALK_H

#include "base/error.h"

typedef struct nb_walk nb_walk;

/* Begins at `folder`, whatever its name is and whatever rules say of it. */
nb_walk *nb_walk_open(nb_str folder);
/* The next notebook; false at the end. A folder that cannot be read is given as a path with the failure in *err, which is NB_OK otherwise; the
 * walk goes on after it. */
bool nb_walk_next(nb_walk *walk, nb_arena *arena, nb_str *path, nb_error *err);
void nb_walk_close(nb_walk *walk);

#endif
