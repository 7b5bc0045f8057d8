/* process_stats.h - what a process of this machine uses, as the kernel tells it. */
#ifndef NB_SERVE_PROCESS_STATS_H
#define NB_SERVE_PROCESS_STATS_H

#include "base/str.h"

typedef struct nb_process_stats {
    double cpu_s;                    /* in user and system mode together */
    double started_s;                /* since 1970 */
    uint64_t resident, virtual_size; /* bytes */
    unsigned threads;
} nb_process_stats;

/* False when there is no such process (any more). */
bool nb_process_stats_read(int64_t pid, nb_process_stats *out);
/* Descriptors that this process has open, and how many it may have. */
typedef struct nb_process_fds {
    unsigned open;
    uint64_t most;
} nb_process_fds;
nb_process_fds nb_process_fds_read(void);

/* The fields of /proc/PID/stat after the name, for tests. `boot_s` is the time of the boot. */
bool nb_process_stats_parse(nb_str text, double boot_s, nb_process_stats *out);

#endif
