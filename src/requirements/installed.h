/* requirements_installed.h - what is installed in the folders of a Python, read from plain files: no Python is started.
 *
 * The file that Python would load for a module is looked for first (so that the parts of a namespace are told apart), then the distribution
 * whose metadata lists that file: RECORD, top_level.txt, installed-files.txt; where metadata lists nothing (Debian), the
 * distribution with the module's own or known name. Distributions that are likely by name are looked at first, the others only
 * when those do not own the module.
 */
#ifndef NB_REQUIREMENTS_INSTALLED_H
#define NB_REQUIREMENTS_INSTALLED_H

#include "base/str.h"

typedef struct nb_distribution {
    nb_str name; /* PEP 503 */
    nb_str
        version; /* that an index can be asked for: no local label; empty when there is none (0.0.0, a development build) */
    nb_str
        address; /* where it came from when that was no index: "git+https://host/x.git@1a2b…"; else empty */
    bool local; /* it was installed from a folder or file of this machine */
} nb_distribution;

typedef struct nb_installed nb_installed;

/* Lists the folders, nearest first; those that cannot be read count as empty. */
nb_installed *nb_installed_open(nb_arena *arena, const nb_str *folders, size_t count);
/* The distribution that brought the dotted module; false when no file or no owner is found. */
bool nb_installed_module(nb_installed *installed, nb_str dotted, nb_distribution *out);
/* The distribution of that PEP 503 name. */
bool nb_installed_project(nb_installed *installed, nb_str name, nb_distribution *out);

#endif
