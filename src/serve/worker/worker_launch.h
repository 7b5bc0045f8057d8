/* worker_launch.h - the Python process of a worker: its descriptors (socket, shared files, script), its environment, its command line. */
#ifndef NB_SERVE_WORKER_LAUNCH_H
#define NB_SERVE_WORKER_LAUNCH_H

#include "proc/spawn.h"
#include "serve/worker/worker.h"

typedef struct nb_worker_process {
    nb_child child;
    int socket; /* our end, not blocking */
    nb_frame_shared requests, answers;
} nb_worker_process;

#define NB_WORKER_PROCESS_NONE                         \
    ((nb_worker_process){                              \
        .child = {.out = -1, .err = -1, .handle = -1}, \
        .socket = -1,                                  \
    })

/* When this fails *out holds what was opened until then. */
nb_code nb_worker_launch(const nb_worker_spec *spec, nb_worker_process *out, nb_error *err);

#endif
