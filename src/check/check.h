/* check.h - one notebook is checked: read, understood, and every rule asked. Nothing is written, no code of the notebook is run. */
#ifndef NB_CHECK_H
#define NB_CHECK_H

#include "gen/convert.h"

/* Findings go to `diags`. Fails when the notebook cannot be read; what is wrong inside is a finding. */
nb_code nb_check(nb_arena *arena, const nb_config *config, const nb_experiment *experiment,
                 const nb_convert_options *options, const nb_env *env, nb_diags *diags,
                 nb_error *err);

#endif
