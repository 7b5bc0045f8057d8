#include "cli/interrupt.h"

#include "base/heap.h"

#include <pthread.h>
#include <signal.h>

enum { LOOK_UP_NS = 100 * 1000 * 1000 };

struct nb_interrupt {
    pthread_t thread;
    bool has_thread;
    sigset_t wanted, before;
    _Atomic bool came, over;
    _Atomic int signal;
};

/* Waits for the first signal; then the next one finds them as they were before us. */
static void *watch(void *interrupt_)
{
    nb_interrupt *interrupt = interrupt_;
    const struct timespec pause = {.tv_nsec = LOOK_UP_NS};
    while (!interrupt->over && !interrupt->came) {
        int signal = sigtimedwait(&interrupt->wanted, NULL, &pause);
        interrupt->signal = signal > 0 ? signal : 0;
        interrupt->came = signal > 0;
    }
    if (interrupt->came)
        (void)pthread_sigmask(SIG_UNBLOCK, &interrupt->wanted, NULL);
    while (!interrupt->over)
        (void)nanosleep(&pause, NULL);
    return NULL;
}

static bool is_ignored(int signal)
{
    struct sigaction action;
    return sigaction(signal, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

nb_interrupt *nb_interrupt_catch(void)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    nb_interrupt *interrupt = NB_HEAP_NEW(nb_interrupt);
    (void)sigemptyset(&interrupt->wanted);
    for (size_t i = 0; i < NB_LEN(signals); i++)
        if (!is_ignored(signals[i]))
            (void)sigaddset(&interrupt->wanted, signals[i]);
    (void)pthread_sigmask(SIG_BLOCK, &interrupt->wanted, &interrupt->before);
    interrupt->has_thread = pthread_create(&interrupt->thread, NULL, watch, interrupt) == 0;
    if (!interrupt->has_thread)
        (void)pthread_sigmask(SIG_SETMASK, &interrupt->before, NULL);
    return interrupt;
}

const _Atomic bool *nb_interrupt_flag(const nb_interrupt *interrupt)
{
    return &interrupt->came;
}

int nb_interrupt_signal(const nb_interrupt *interrupt)
{
    return interrupt->signal;
}

void nb_interrupt_end(nb_interrupt *interrupt)
{
    if (!interrupt)
        return;
    interrupt->over = true;
    if (interrupt->has_thread)
        (void)pthread_join(interrupt->thread, NULL);
    (void)pthread_sigmask(SIG_SETMASK, &interrupt->before, NULL);
    free(interrupt);
}
