/* start.h - an endpoint's front as a process of its own: started so that no terminal ends it, told to end, ended.
 *
 * The started process is this program again, `notebooked -C PROJECT serve NAME`, the leader of a process group in a new session, with log/server.log as its output.
 * NOTEBOOKED_STARTED_FD names a descriptor on which it reports once: that it accepts requests, or why it does not.
 */
#ifndef NB_ENDPOINT_START_H
#define NB_ENDPOINT_START_H

#include "base/env.h"
#include "endpoint/endpoint.h"

typedef struct nb_front_process {
    const nb_endpoint *endpoint;
    const nb_runner *runner;
    const nb_env *env;
    const char *program; /* NULL: the file this program was started from */
    const char *only;    /* --as; NULL: none */
    int64_t patience_ms; /* how long a start may take until the sockets are open; 0: 60 s */
} nb_front_process;

/* Returns when the front accepts requests; its models may still load. One that does not within its patience is ended. NB_ERR_EXISTS when it runs already, NB_ERR_REMOTE when it runs on another machine;
 * what the front reports is passed on. endpoint.json must be there; it is `wanted` from now on. */
nb_code nb_front_start(const nb_front_process *front, nb_process *out, nb_error *err);
/* Asks it to drain and end; when it does not answer or does not end, SIGTERM, then SIGKILL, to the very process of server.pid. *was_running may be NULL.
 * It is not `wanted` any more. A process that does not listen on the endpoint's socket is a stranger, whatever server.pid says: it gets no signal (NB_ERR_REMOTE). */
nb_code nb_front_stop(const nb_front_process *front, bool *was_running, nb_error *err);
/* The same for an endpoint that is to go: endpoint.json is neither read nor written. */
nb_code nb_front_end(const nb_front_process *front, bool *was_running, nb_error *err);
/* While *fd is open nobody starts the front: for those who write endpoint.json of one that is stopped. */
nb_code nb_endpoint_hold(const nb_endpoint *endpoint, int *fd, nb_error *err);
/* While *fd is open nobody else deploys to the endpoint of this name, which need not be there yet. NB_ERR_EXISTS when somebody does so now: two at
 * once would take the same version, port and file for theirs. */
nb_code nb_endpoint_hold_deploy(nb_str root, nb_str name, int *fd, nb_error *err);
nb_code nb_endpoint_fail_elsewhere(const nb_endpoint *endpoint, const nb_process *process,
                                   nb_error *err);

/* In the started process: the descriptor to report on, -1 when nobody waits; each report closes it. */
int nb_front_report_to(const nb_env *env);
void nb_front_report_started(int fd);
void nb_front_report_failure(int fd, const nb_error *err);

#endif
