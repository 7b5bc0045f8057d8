/* experiments.h - the experiments of a checked configuration file as structs. */
#ifndef NB_CONFIG_EXPERIMENTS_H
#define NB_CONFIG_EXPERIMENTS_H

#include "config/config.h"
#include "text/problems.h"
#include "text/yaml.h"

/* Reports names that two experiments share, and hyperparameters of one experiment that differ by case, '-' and '_' only. Copes with a
 * file whose problems were reported before. */
void nb_experiments_read(const nb_yaml *root, nb_problems *problems, const nb_experiment **out,
                         size_t *count);

#endif
