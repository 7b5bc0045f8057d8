/* Process 1 of a container is given every process whose parent has gone, and nobody else waits for those: what models leave behind would stay as
 * zombies until there are no numbers left. */
#include "serve/front/front_parts.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_VIEWS = 256, EACH_MS = 1000 };

/* Workers are waited for where their end is told (worker.c). */
static bool is_worker(const nb_front *front, int64_t pid)
{
    nb_worker_view views[MOST_VIEWS];
    for (size_t i = 0; i < front->up_count; i++) {
        size_t count = nb_version_workers(front->up[i].version, views, MOST_VIEWS);
        for (size_t n = 0; n < count; n++)
            if (views[n].pid == pid)
                return true;
    }
    return false;
}

static void reap(void *ctx)
{
    nb_front *front = ctx;
    siginfo_t ended = {0};
    while (waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid > 0 &&
           !is_worker(front, ended.si_pid)) {
        (void)waitpid(ended.si_pid, NULL, WNOHANG);
        ended = (siginfo_t){0};
    }
    nb_timer_set(front->loop, &front->reaping,
                 nb_loop_now_us(front->loop) + (int64_t)EACH_MS * 1000);
}

void nb_front_reap(nb_front *front)
{
    front->reaping = (nb_timer){.fire = reap, .ctx = front};
    if (getpid() == 1)
        reap(front);
}
