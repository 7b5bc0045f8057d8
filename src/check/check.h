/* check.h - one notebook is checked: read, understood, and every rule asked. Nothing is written, no code of the notebook is run. */
#ifndef NB_CHECK_H
#define NB_CHECK_H

#include "gen/convert.h"

typedef struct nb_check_input {
    const nb_config *config;
    const nb_experiment *experiment;
    const nb_convert_options *options;
    const nb_env *env;
    bool
        found; /* on the way through a folder: a notebook in another language is a note, else an error */
} nb_check_input;

/* A notebook without any tag is read as `convert --auto-tag` reads it; that it has nothing to train is a note then. Cannot fail: that the notebook cannot be read is a finding (NB009), too. Findings that the configuration does not want to hear of are left
 * out. */
void nb_check(nb_arena *arena, const nb_check_input *input, nb_diags *diags);
/* The finding for a file that cannot be read, from the failure to do so. */
void nb_check_unreadable(nb_diags *diags, nb_str path, const nb_error *err);

#endif
