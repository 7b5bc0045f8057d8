/* env.h - the doors to the world that a test may replace: clock, sleep, environment variables.
 *
 * Code below the command line calls neither time() nor getenv() itself. Child processes: proc/runner.h.
 */
#ifndef NB_ENV_H
#define NB_ENV_H

#include "base/str.h"

typedef struct nb_env {
    int64_t (*now_ms)(void *ctx); /* since the epoch, UTC */
    void (*sleep_ms)(void *ctx, int64_t ms);
    const char *(*get)(void *ctx, const char *name); /* NULL when unset; borrowed */
    void *ctx;
} nb_env;

/* The real ones. */
extern const nb_env nb_env_real;

static inline const char *nb_env_get(const nb_env *env, const char *name)
{
    return env->get(env->ctx, name);
}
/* The variable as a view; empty when unset or empty. */
static inline nb_str nb_env_str(const nb_env *env, const char *name)
{
    return nb_str_from(env->get(env->ctx, name));
}

#endif
