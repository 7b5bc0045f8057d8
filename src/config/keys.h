/* keys.h - every key of config.yaml, as a table (text/schema.h says what a row means). */
#ifndef NB_CONFIG_KEYS_H
#define NB_CONFIG_KEYS_H

#include "text/schema.h"

extern const nb_schema nb_config_schema;

#endif
