/* process.h - the parts of nb_runner_real that deal with processes we did not start; see runner.h. */
#ifndef NB_PROC_PROCESS_H
#define NB_PROC_PROCESS_H

#include "proc/runner.h"

bool nb_process_identify(void *ctx, int64_t pid, nb_process *out);
nb_liveness nb_process_look(void *ctx, const nb_process *process);
bool nb_process_signal_group(void *ctx, const nb_process *process, int signal);
/* A signal to that very process, never to another that got its number meanwhile; false when it is gone. */
bool nb_process_signal(const nb_process *process, int signal);
/* When a process that still runs was started, in clock ticks since boot. */
bool nb_process_start(int64_t pid, int64_t *start);

#endif
