/* origins.h - the source maps of a project's generated scripts, as commands ask for them. */
#ifndef NB_CLI_ORIGINS_H
#define NB_CLI_ORIGINS_H

#include "cli/app.h"
#include "origin/map.h"

/* What a command line says about it. */
typedef struct nb_origins_wanted {
    nb_str experiment; /* only this one; empty: all there are */
    nb_str out;        /* folder of the experiments' folders; empty: "generated" of the project */
} nb_origins_wanted;

typedef struct nb_project_origins {
    nb_str root; /* absolute folder of the project: the notebooks of the maps are seen from it */
    nb_origins origins;
} nb_project_origins;

/* The project's folder, absolute; without a configuration the current one. */
nb_code nb_project_root(nb_app *app, nb_str *root, nb_error *err);
/* Loads them; `anywhere` is on. With one experiment wanted a map that is missing or damaged is an error; of all, those that are damaged are told on the log and left
 * out, and NB_ERR_NOT_FOUND says that there is none. */
nb_code nb_project_origins_load(nb_app *app, const nb_origins_wanted *wanted,
                                nb_project_origins *out, nb_error *err);
/* The map of the folder that the file lies in, or of one above it (helpers of a script); false when there is none. */
bool nb_origin_map_beside(nb_arena *arena, nb_str file, nb_str *code_dir);
/* An absolute path as seen from the current folder, when it is below it. */
nb_str nb_shown_path(nb_arena *arena, nb_str path);

#endif
