/* requirements_editable.h - modules of projects that were installed in place (`pip install -e`): a file in site-packages leads to where they lie. */
#ifndef NB_REQUIREMENTS_EDITABLE_H
#define NB_REQUIREMENTS_EDITABLE_H

#include "base/str.h"

/* The file in `folder` that leads to the top-level module: a *.pth that names a folder which holds it, or a finder of setuptools that maps it. An empty
 * view when there is none. `names` are the files of the folder. Lines of code in a .pth are not run. */
nb_str nb_editable_file(nb_arena *arena, nb_str folder, const nb_str *names, size_t count,
                        nb_str top);
/* Of a finder's text: does its MAPPING name the module? */
bool nb_editable_maps(nb_arena *arena, nb_str text, nb_str top);

#endif
