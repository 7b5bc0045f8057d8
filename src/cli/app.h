/* app.h - the command line as a function. */
#ifndef NB_CLI_APP_H
#define NB_CLI_APP_H

#include "base/base.h"

/* Runs the command that argv names; returns the exit status. */
int nb_app_main(int argc, char **argv);

#endif
