/* spawn.h - the start of a child: fork, group, directory, descriptors, exec; failures come back as errors. */
#ifndef NB_PROC_SPAWN_H
#define NB_PROC_SPAWN_H

#include "proc/runner.h"

#include <sys/types.h>

typedef struct nb_child {
    pid_t pid;    /* also its session and process group */
    int out, err; /* our ends of its pipes, non-blocking */
    int handle;   /* pidfd, readable once the child has ended; -1 where the kernel has none */
} nb_child;

/* The child runs the program already when this returns NB_OK. */
nb_code nb_child_start(const nb_spawn *spawn, nb_child *out, nb_error *err);
/* Closes descriptors; the child must have been waited for. */
void nb_child_close(nb_child *child);

#endif
