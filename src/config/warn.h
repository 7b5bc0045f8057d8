/* warn.h - secrets in a configuration file: said with their place and without their value. */
#ifndef NB_CONFIG_WARN_H
#define NB_CONFIG_WARN_H

#include "base/diag.h"
#include "text/yaml.h"

/* NB801 for values that look like a secret and do not come from a variable; for hyperparameters and the tracking URI, which end up in
 * generated scripts, also when they do. */
void nb_config_warn_secrets(nb_arena *arena, const nb_yaml *root, nb_str path, nb_diags *diags);

#endif
