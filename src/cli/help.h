/* help.h - the help pages, printed from the rows of commands and options. */
#ifndef NB_CLI_HELP_H
#define NB_CLI_HELP_H

#include "cli/command.h"

/* The page of a command, or of the program when it is NULL, to the app's `out` or into its document. */
void nb_help_show(const nb_command *command, nb_app *app);
/* What `notebooked help` shows: the commands and the global options. */
void nb_help_overview(FILE *to);
/* What `notebooked help COMMAND` and `notebooked COMMAND --help` show. */
void nb_help_command(const nb_command *command, FILE *to);
/* "usage: notebooked train [options] EXPERIMENT" without the first word, for errors too. */
nb_str nb_help_usage(const nb_command *command, nb_arena *arena);

#endif
