/* settings.h - every leaf value of a configuration, and where it comes from. */
#ifndef NB_CONFIG_SETTINGS_H
#define NB_CONFIG_SETTINGS_H

#include "config/config.h"
#include "text/problems.h"
#include "text/yaml.h"

typedef struct nb_settings {
    nb_setting *at;
    size_t count;
} nb_settings;

/* For each key of the schema: the variable that overrides it, else the file's value, else another tool's variable, else the default; keys without any
 * are left out. Variables are checked as the file is. */
nb_settings nb_settings_collect(const nb_yaml *root, const nb_env *env, nb_problems *problems);
/* The value as a scalar: lists and mappings become compact JSON. */
nb_scalar nb_scalar_of(nb_arena *arena, const nb_yaml *value);

#endif
