/* complete.h - shell completion scripts, printed from the rows of commands and options.
 *
 * What rows cannot know (experiments, jobs, commands by name) the scripts ask of `notebooked completion experiment` and so on.
 */
#ifndef NB_CLI_COMPLETE_H
#define NB_CLI_COMPLETE_H

#include "cli/command.h"

void nb_complete_bash(FILE *to);
void nb_complete_zsh(FILE *to);
void nb_complete_fish(FILE *to);

/* The word for what a value names: "file", "experiment", ...; "" for free text. */
const char *nb_complete_kind(nb_opt_names names);
bool nb_complete_takes_value(const nb_opt *opt);

#endif
