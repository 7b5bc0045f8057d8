/* inputs.h - the files that a conversion reads, for whoever waits until one of them changes. */
#ifndef NB_GEN_INPUTS_H
#define NB_GEN_INPUTS_H

#include "gen/convert.h"

typedef enum nb_input_kind {
    NB_INPUT_FILE,
    NB_INPUT_FOLDER,  /* all that lies in it */
    NB_INPUT_MODULE,  /* a module's file, or the folder of a package */
    NB_INPUT_SEARCHED /* a folder where modules are looked for: which there are */
} nb_input_kind;

typedef struct nb_input {
    nb_input_kind kind;
    nb_str path; /* absolute */
} nb_input;

typedef struct nb_inputs {
    NB_VEC(nb_input) list;
} nb_inputs;

/* The notebook, the folders of templates, lock and project files, and what the last conversion copied. Nothing of it need be there. The configuration is not among
 * them: whoever has read it knows where it is. */
nb_code nb_inputs_of(nb_arena *arena, const nb_config *config, const nb_experiment *experiment,
                     const nb_convert_options *options, const nb_env *env, nb_inputs *out,
                     nb_error *err);
/* What tells one state of an input from another. */
nb_str nb_input_stamp(nb_arena *arena, const nb_input *input);

#endif
