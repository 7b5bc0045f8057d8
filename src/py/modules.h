/* modules.h - what is known about module names: the standard library by version, the projects that provide modules, platforms' own modules.
 *
 * Names only, in sorted tables (modules_tables.h): facts collected from interpreters and package metadata. Nothing here
 * looks at the machine; what is really installed is requirements/installed.h. A module name that merely exists on PyPI is never taken
 * for an answer: anybody can register `utils`.
 */
#ifndef NB_PY_MODULES_H
#define NB_PY_MODULES_H

#include "base/str.h"

/* Is the top-level module in the standard library of Python 3.`minor`? (8 to 13; others are taken as the nearest.) */
bool nb_module_is_stdlib(nb_str top_level, unsigned minor);
/* It is in the standard library of some version but not of this one. */
bool nb_module_left_stdlib(nb_str top_level, unsigned minor);
/* The distribution (PEP 503 name) that provides the dotted module, by the longest prefix in the table, the namespace rules, and then the list of popular projects of the same
 * name; an empty view when none is known. `from google.cloud import storage` is asked as "google.cloud.storage". */
nb_str nb_module_distribution(nb_arena *arena, nb_str dotted);
/* Several projects may provide one module: is `distribution` (PEP 503 name) the one above or an alternative to it? "opencv-python" for "cv2". */
bool nb_module_provided_by(nb_arena *arena, nb_str dotted, nb_str distribution);
/* The distributions that provide the same modules as this one, itself first, with blanks between; empty when there are none: "opencv-python-headless opencv-python …". */
nb_str nb_module_alternatives(nb_str distribution);
/* Advice for a module that only one platform has ("google.colab"); an empty view for any other. *platform gets the platform's name. */
nb_str nb_module_platform_advice(nb_str dotted, nb_str *platform);
/* The same for a name that a platform puts into every notebook without an import ("dbutils", "get_ipython"). */
nb_str nb_name_platform_advice(nb_str name, nb_str *platform);
/* What to do about a module that no distribution gives: Python 2's, one that left the standard library, one that is published in a repository only.
 * Starts with a verb; an empty view when there is nothing special to say. */
nb_str nb_module_hint(nb_str dotted);
/* The distribution that the dotted name needs besides the one that provides it, and imports only when it runs: "torch.utils.tensorboard" gives "tensorboard";
 * an empty view when there is none. */
nb_str nb_module_implies(nb_str dotted);
/* PEP 503: lower case, runs of [-_.] become one '-'. */
nb_str nb_distribution_normal(nb_arena *arena, nb_str name);

#endif
