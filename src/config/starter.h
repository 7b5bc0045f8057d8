/* starter.h - what a new project begins with: the notebooks that are there, a first config.yaml, lines for .gitignore. Writes nothing itself. */
#ifndef NB_CONFIG_STARTER_H
#define NB_CONFIG_STARTER_H

#include "base/buf.h"
#include "config/config.h"

typedef struct nb_starters { /* of one project */
    const nb_experiment *at; /* name and notebook only; names are valid and differ */
    size_t count;
    bool more; /* there are further notebooks: only NB_STARTERS_MAX were taken */
} nb_starters;

enum { NB_STARTERS_MAX = 50 };

/* Notebooks in the folder and below, sorted; checkpoints, hidden folders, environments and what we write ourselves are passed over. */
nb_code nb_starters_find(nb_arena *arena, const char *folder, nb_starters *out, nb_error *err);
/* Experiments for the given paths, as they are to stand in the file. */
nb_starters nb_starters_of(nb_arena *arena, const nb_str *notebooks, size_t count);

/* A config.yaml with a comment for every common key. Removing the '#' before a key gives a file that loads as well. */
void nb_starter_config(const nb_starters *starters, nb_buf *out);

/* What to append to a .gitignore with this text: the lines it lacks, with comments; nothing when it lacks none. */
void nb_starter_gitignore(nb_str present, nb_buf *out);

#endif
