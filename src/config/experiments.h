/* experiments.h - the experiments of a checked configuration file as structs. */
#ifndef NB_CONFIG_EXPERIMENTS_H
#define NB_CONFIG_EXPERIMENTS_H

#include "config/config.h"
#include "text/problems.h"
#include "text/yaml.h"

/* Sets those policies that the mapping `ipython` gives; what it gives wrongly was reported before. `map` may be NULL. */
void nb_policies_read(const nb_yaml *map, nb_policies *policies);
/* `policies` are the project's. Reports names that two experiments share, and hyperparameters of one experiment that differ by case, '-' and '_' only. Copes with a
 * file whose problems were reported before. */
void nb_experiments_read(const nb_yaml *root, const nb_policies *policies, nb_problems *problems,
                         const nb_experiment **out, size_t *count);

#endif
