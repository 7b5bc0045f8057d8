/* stdin.h - a notebook from standard input: the operand '-', and the name that --stdin-filename gives it. */
#ifndef NB_CLI_STDIN_H
#define NB_CLI_STDIN_H

#include "cli/app.h"

/* Whether the operands mean standard input: "-" alone. */
bool nb_stdin_is_meant(const char *const *operands, size_t count);
/* '-' among other operands, or a name for it without it, is a mistake. `filename` is the option's value, NULL: none. */
nb_code nb_stdin_check(const char *const *operands, size_t count, const char *filename,
                       nb_error *err);
/* Reads all of it; *name is what to call the notebook, which need not exist. */
nb_code nb_stdin_read(nb_app *app, const char *filename, const char **name, nb_str *bytes,
                      nb_error *err);

#endif
