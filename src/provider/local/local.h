/* local.h - the provider that trains on this machine, in a child process.
 *
 * A job is a run of generated/EXPERIMENT/train.py with the experiment's Python. The notebooked process that started it
 * watches it: the one the user sees, or (train --no-wait) a detached one. The watcher writes the job's row in the
 * store and its log; when it dies, its child dies, and whoever looks next records the job as lost.
 */
#ifndef NB_PROVIDER_LOCAL_H
#define NB_PROVIDER_LOCAL_H

#include "provider/provider.h"

extern const nb_provider_ops nb_provider_local;

#endif
