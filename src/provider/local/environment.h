/* environment.h - virtual environments made from a requirements.txt, kept in the user's cache and shared by projects.
 *
 * They lie in ${XDG_CACHE_HOME:-~/.cache}/notebooked/envs/KEY, where KEY stands for the requirements and the Python. One that
 * is complete holds a mark; one without it (Ctrl-C, no network, a full disk) is never used and made anew. Two that need the
 * same one at once wait for each other.
 */
#ifndef NB_LOCAL_ENVIRONMENT_H
#define NB_LOCAL_ENVIRONMENT_H

#include "provider/local/python.h"

/* The Python of the environment, which is made with `base` when there is none yet; what pip says goes to the progress. */
nb_code nb_environment_get(nb_arena *arena, const nb_provider_context *context,
                           const nb_python *base, const nb_python_facts *facts, nb_str requirements,
                           nb_python *out, nb_error *err);

#endif
