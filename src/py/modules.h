/* modules.h - what is known about module names: the standard library by version, the projects that provide modules, platforms' own modules.
 *
 * Tables in modules_*.c, sorted, searched by bisection; facts collected from interpreters and package metadata.
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
/* Advice for a module that only one platform has ("google.colab"); an empty view for any other. *platform gets the platform's name. */
nb_str nb_module_platform_advice(nb_str dotted, nb_str *platform);
/* PEP 503: lower case, runs of [-_.] become one '-'. */
nb_str nb_distribution_normal(nb_arena *arena, nb_str name);

#endif
