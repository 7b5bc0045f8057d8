/* front.h - an endpoint's process: sockets, contracts, versions, traffic, admin, and its end.
 *
 * The state on disk is endpoint.json (endpoint/endpoint.h); the front writes it whenever versions or weights change, so that a new front resumes where
 * this one stopped. Everything runs in one thread and one loop, apart from the writer of captured data
 * and the removal of old versions.
 */
#ifndef NB_SERVE_FRONT_H
#define NB_SERVE_FRONT_H

#include "endpoint/library.h"
#include "serve/contract/contract.h"
#include "serve/front/traffic.h"
#include "serve/version/version.h"

/* Serves the endpoint until it is told to stop (admin, SIGTERM, SIGINT). options->started is called once it accepts requests (the listening sockets are open; models may
 * still load): a detached start waits for that. The exit status of the process is nb_code_exit() of the result. */
nb_code nb_front_run(const nb_front_options *options, nb_error *err);

/* For contracts and the admin. */
const nb_endpoint *nb_front_endpoint(const nb_front *front);
nb_version *nb_front_version(const nb_front *front, unsigned number); /* NULL: not up */
nb_traffic *nb_front_traffic(nb_front *front);
/* The contract of --as, whose limits hold; NULL: all are served. */
const nb_contract *nb_front_only(const nb_front *front);
/* A variable of our environment that contracts are configured with; empty when it is not set. */
nb_str nb_front_variable(const char *name);
/* What /metrics answers: counters, and gauges as they are now. */
void nb_front_write_metrics(const nb_front *front, bool openmetrics, nb_buf *out);
/* Ready: every version with weight has a ready worker, and the front does not drain. Else *reason says what is missing. */
bool nb_front_is_ready(const nb_front *front, nb_str *reason);
const nb_version *
nb_front_main_version(const nb_front *front); /* the one with most weight; NULL while none is up */

#endif
