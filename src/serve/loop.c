#include "serve/loop.h"

#include "base/heap.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { PREFERRED_EVERY = 8 }; /* events of a turn between two looks */

typedef struct watch {
    nb_loop_ready *ready; /* NULL: not watched */
    void *ctx;
} watch;

struct nb_loop {
    int epoll;
    bool ended;
    bool is_coarse; /* the kernel sleeps in milliseconds only */
    int64_t now_us;
    watch *watches; /* by descriptor */
    size_t watch_count;
    struct pollfd *preferred;
    size_t preferred_count;
    nb_timer **timers; /* a heap from index 1, the earliest first */
    size_t timer_count, timer_room;
    void (*work)(void *ctx);
    void *work_ctx;
};

static int64_t monotonic_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

nb_code nb_loop_open(nb_loop **out, nb_error *err)
{
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0)
        return nb_fail_errno(err, "cannot make an epoll descriptor");
    nb_loop *loop = NB_HEAP_NEW(nb_loop);
    *loop = (nb_loop){.epoll = epoll, .now_us = monotonic_us()};
    *out = loop;
    return NB_OK;
}

void nb_loop_close(nb_loop *loop)
{
    if (!loop)
        return;
    close(loop->epoll);
    free(loop->watches);
    free(loop->preferred);
    free(loop->timers);
    free(loop);
}

/* --- descriptors --------------------------------------------------------------------------------------------------- */

static watch *watch_at(nb_loop *loop, int fd)
{
    size_t at = (size_t)fd;
    if (at >= loop->watch_count) {
        size_t count = at + 1 > 2 * loop->watch_count ? at + 1 : 2 * loop->watch_count;
        loop->watches = nb_heap_grow(loop->watches, count, sizeof *loop->watches);
        memset(loop->watches + loop->watch_count, 0,
               (count - loop->watch_count) * sizeof *loop->watches);
        loop->watch_count = count;
    }
    return &loop->watches[at];
}

nb_code nb_loop_watch(nb_loop *loop, int fd, unsigned events, nb_loop_ready *ready, void *ctx,
                      nb_error *err)
{
    watch *w = watch_at(loop, fd);
    struct epoll_event event = {.events = events, .data.fd = fd};
    if (epoll_ctl(loop->epoll, w->ready ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event) != 0)
        return nb_fail_errno(err, "cannot watch descriptor %d", fd);
    *w = (watch){ready, ctx};
    return NB_OK;
}

void nb_loop_prefer(nb_loop *loop, int fd)
{
    loop->preferred =
        nb_heap_grow(loop->preferred, loop->preferred_count + 1, sizeof *loop->preferred);
    loop->preferred[loop->preferred_count++] = (struct pollfd){.fd = fd, .events = POLLIN};
}

static void no_longer_prefer(nb_loop *loop, int fd)
{
    for (size_t i = 0; i < loop->preferred_count; i++) {
        if (loop->preferred[i].fd != fd)
            continue;
        loop->preferred[i] = loop->preferred[--loop->preferred_count];
        return;
    }
}

void nb_loop_forget(nb_loop *loop, int fd)
{
    if (fd < 0 || (size_t)fd >= loop->watch_count || !loop->watches[fd].ready)
        return;
    no_longer_prefer(loop, fd);
    (void)epoll_ctl(loop->epoll, EPOLL_CTL_DEL, fd, NULL);
    loop->watches[fd] = (watch){0};
}

/* --- timers -------------------------------------------------------------------------------------------------------- */

static void put(nb_loop *loop, size_t slot, nb_timer *timer)
{
    loop->timers[slot] = timer;
    timer->slot = slot;
}

static void sift_up(nb_loop *loop, size_t slot)
{
    nb_timer *timer = loop->timers[slot];
    for (; slot > 1 && loop->timers[slot / 2]->at_us > timer->at_us; slot /= 2)
        put(loop, slot, loop->timers[slot / 2]);
    put(loop, slot, timer);
}

static void sift_down(nb_loop *loop, size_t slot)
{
    nb_timer *timer = loop->timers[slot];
    for (;;) {
        size_t child = 2 * slot;
        if (child > loop->timer_count)
            break;
        if (child < loop->timer_count &&
            loop->timers[child + 1]->at_us < loop->timers[child]->at_us)
            child++;
        if (loop->timers[child]->at_us >= timer->at_us)
            break;
        put(loop, slot, loop->timers[child]);
        slot = child;
    }
    put(loop, slot, timer);
}

void nb_timer_stop(nb_loop *loop, nb_timer *timer)
{
    size_t slot = timer->slot;
    if (slot == 0)
        return;
    timer->slot = 0;
    nb_timer *last = loop->timers[loop->timer_count--];
    if (last == timer)
        return;
    put(loop, slot, last);
    sift_up(loop, slot);
    sift_down(loop, last->slot);
}

void nb_timer_set(nb_loop *loop, nb_timer *timer, int64_t at_us)
{
    nb_timer_stop(loop, timer);
    timer->at_us = at_us;
    if (loop->timer_count + 2 > loop->timer_room) {
        loop->timer_room = loop->timer_room > 0 ? 2 * loop->timer_room : 64;
        loop->timers = nb_heap_grow(loop->timers, loop->timer_room, sizeof *loop->timers);
    }
    put(loop, ++loop->timer_count, timer);
    sift_up(loop, loop->timer_count);
}

static void fire_timers(nb_loop *loop)
{
    while (loop->timer_count > 0 && loop->timers[1]->at_us <= loop->now_us) {
        nb_timer *timer = loop->timers[1];
        nb_timer_stop(loop, timer);
        timer->fire(timer->ctx);
    }
}

/* --- turning ------------------------------------------------------------------------------------------------------- */

int64_t nb_loop_now_us(const nb_loop *loop)
{
    return loop->now_us;
}

void nb_loop_before_sleep(nb_loop *loop, void (*work)(void *ctx), void *ctx)
{
    loop->work = work;
    loop->work_ctx = ctx;
}

void nb_loop_end(nb_loop *loop)
{
    loop->ended = true;
}

static const int64_t longest_sleep_us = 3600 * 1000000LL, second_us = 1000000;

/* Until the first timer; -1: until something happens. */
static int64_t sleep_us(const nb_loop *loop)
{
    if (loop->timer_count == 0)
        return -1;
    int64_t us = loop->timers[1]->at_us - monotonic_us();
    return us < 0 ? 0 : us > longest_sleep_us ? longest_sleep_us : us;
}

/* A batch waits for fractions of a millisecond, which epoll_wait() cannot. Where its successor is missing (Linux before 5.11) or forbidden (sandboxes that
 * do not know it), the time is rounded up: waking early would turn the loop for nothing. */
static int wait_for_events(nb_loop *loop, struct epoll_event *events, int most)
{
    int64_t us = sleep_us(loop);
    if (us > 0 && us < second_us && !loop->is_coarse) {
        struct timespec time = {.tv_nsec = us * 1000};
        int count = (int)syscall(SYS_epoll_pwait2, loop->epoll, events, most, &time, NULL, 0);
        if (count >= 0 || (errno != ENOSYS && errno != EPERM))
            return count;
        loop->is_coarse = true;
    }
    return epoll_wait(loop->epoll, events, most, us < 0 ? -1 : (int)((us + 999) / 1000));
}

static void call(nb_loop *loop, int fd, unsigned events)
{
    const watch *w = &loop->watches[fd];
    if (w->ready) /* not forgotten by one before it */
        w->ready(w->ctx, events);
}

/* What handlers forget meanwhile moves places: one may be passed over, until the next time. */
static void look_at_preferred(nb_loop *loop)
{
    if (loop->preferred_count == 0 || poll(loop->preferred, loop->preferred_count, 0) <= 0)
        return;
    for (size_t i = 0; i < loop->preferred_count; i++) {
        struct pollfd *p = &loop->preferred[i];
        short found = p->revents;
        p->revents = 0;
        if (found & POLLIN)
            call(loop, p->fd, EPOLLIN);
    }
}

nb_code nb_loop_run(nb_loop *loop, nb_error *err)
{
    struct epoll_event events[128];
    while (!loop->ended) {
        if (loop->work)
            loop->work(loop->work_ctx);
        if (loop->ended)
            break;
        int count = wait_for_events(loop, events, (int)NB_LEN(events));
        if (count < 0 && errno != EINTR)
            return nb_fail_errno(err, "cannot wait for events");
        loop->now_us = monotonic_us();
        for (int i = 0; i < count; i++) {
            if (i > 0 && i % PREFERRED_EVERY == 0)
                look_at_preferred(loop);
            call(loop, events[i].data.fd, events[i].events);
        }
        fire_timers(loop);
    }
    return NB_OK;
}
