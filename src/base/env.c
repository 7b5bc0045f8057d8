#include "base/env.h"

#include <errno.h>

static int64_t real_now_ms(NB_UNUSED void *ctx)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void real_sleep_ms(NB_UNUSED void *ctx, int64_t ms)
{
    if (ms <= 0)
        return;
    struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    while (nanosleep(&left, &left) != 0 && errno == EINTR)
        continue;
}

static const char *real_get(NB_UNUSED void *ctx, const char *name)
{
    return getenv(name);
}

const nb_env nb_env_real = {real_now_ms, real_sleep_ms, real_get, NULL};
