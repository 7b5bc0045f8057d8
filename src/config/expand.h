/* expand.h - ${VAR} and ${VAR:-default} in the values of a configuration file.
 *
 * $${ stands for a literal ${; a $ before anything else is itself. The default counts when the variable is unset or empty, and may hold references
 * again. A scalar without quotes gets its type from the result: `epochs: ${EPOCHS:-10}` is a number.
 */
#ifndef NB_CONFIG_EXPAND_H
#define NB_CONFIG_EXPAND_H

#include "base/env.h"
#include "text/problems.h"
#include "text/yaml.h"

/* Replaces references below `root` in place and marks changed scalars as expanded. */
void nb_config_expand(const nb_yaml *root, const nb_env *env, nb_problems *problems);

#endif
