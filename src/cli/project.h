/* project.h - the project that a command works in, for commands that look at what is there: what is odd about its configuration is no matter of theirs. */
#ifndef NB_CLI_PROJECT_H
#define NB_CLI_PROJECT_H

#include "cli/app.h"
#include "config/config.h"

/* Where there is no configuration file, the current folder is the project. */
nb_code nb_app_project(nb_app *app, const nb_config **out, nb_error *err);
/* The endpoint that is meant: the one that is named, else the only one of the project. NB_ERR_USAGE when there is none, or several. */
nb_code nb_app_endpoint(nb_app *app, const char *named, nb_str *out, nb_error *err);
/* A path as people see it: relative to the project when it lies in it. */
nb_str nb_project_path(nb_arena *arena, nb_str root, nb_str path);

#endif
