/* guard.h - a small process that sees the front's end, however it comes, and then ends what the models of its workers had started.
 *
 * A worker dies with the front (prctl), and what it started is in its process group; but nobody tells a group when its leader is killed. The guard
 * holds the other end of a socket: when that closes it sends SIGKILL to the groups it knows. It has a session of its own and ignores every signal, so
 * that whatever ends the front does not end it, too.
 */
#ifndef NB_SERVE_GUARD_H
#define NB_SERVE_GUARD_H

#include "base/error.h"

#include <sys/types.h>

enum { NB_GUARD_MOST = 4096 }; /* groups */

typedef struct nb_guard nb_guard;

/* Forks: call it before there are threads. */
nb_code nb_guard_start(nb_guard **out, nb_error *err);
/* A group whose leader was just started; one whose leader is dead and not waited for yet. NULL is fine: nobody guards. */
void nb_guard_add(const nb_guard *guard, pid_t group);
void nb_guard_remove(const nb_guard *guard, pid_t group);
/* Groups that were not removed are ended. NULL is fine. */
void nb_guard_end(nb_guard *guard);

#endif
