/* requirements_local.h - what the project's own modules import: a helper beside the notebook needs its packages as much as the notebook does. */
#ifndef NB_REQUIREMENTS_LOCAL_H
#define NB_REQUIREMENTS_LOCAL_H

#include "requirements/requirements.h"

typedef struct nb_local_imports {
    NB_VEC(nb_module_use) list; /* relative imports left out: they stay in the project */
} nb_local_imports;

/* Adds what the files of module `top` import: FOLDER/top.py, or every file of the package FOLDER/top/. Imports in functions and in blocks that may
 * fail are optional. A file that cannot be read or is no Python adds nothing: the script that imports it will say so. */
void nb_local_imports_read(nb_arena *arena, nb_str folder, nb_str top, nb_local_imports *out);

#endif
