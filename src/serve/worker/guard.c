#include "serve/worker/guard.h"

#include "base/heap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct nb_guard {
    pid_t pid;
    int socket;
};

/* --- in the guard: system calls only ------------------------------------------------------------------------------- */

typedef struct groups {
    pid_t at[NB_GUARD_MOST]; /* 0: free */
    size_t count;
} groups;

static void replace(groups *all, pid_t old, pid_t new)
{
    size_t i = 0;
    while (i < all->count && all->at[i] != old)
        i++;
    if (i == NB_GUARD_MOST || (i == all->count && new == 0))
        return;
    all->at[i] = new;
    all->count += i == all->count;
}

/* A number above 0 is added, one below is removed. */
static void follow(int fd, groups *all)
{
    pid_t told;
    for (;;) {
        ssize_t got = recv(fd, &told, sizeof told, 0);
        if (got == (ssize_t)sizeof told)
            replace(all, told > 0 ? 0 : -told, told > 0 ? told : 0);
        else if (got == 0 || (got < 0 && errno != EINTR))
            return;
    }
}

/* Of the front's descriptors it keeps none but its own: sockets and pipes must close when the front has gone. */
static void leave_everything(int fd)
{
    int null = open("/dev/null", O_RDWR);
    (void)setsid();
    (void)dup2(null, STDIN_FILENO);
    (void)dup2(null, STDOUT_FILENO);
    (void)dup2(null, STDERR_FILENO);
    (void)dup2(fd, 3);
    if (syscall(SYS_close_range, 4U, ~0U, 0U) != 0)
        for (int i = 4; i < 65536; i++)
            close(i);
    (void)prctl(PR_SET_NAME, "nb-guard");
    if (chdir("/") != 0)
        return; /* a folder is in use, no more */
}

_Noreturn static void guard_them(int fd)
{
    static groups all;
    leave_everything(fd);
    follow(3, &all);
    for (size_t i = 0; i < all.count; i++)
        if (all.at[i] > 0)
            (void)kill(-all.at[i], SIGKILL);
    _exit(0);
}

/* --- in the front -------------------------------------------------------------------------------------------------- */

nb_code nb_guard_start(nb_guard **out, nb_error *err)
{
    int pair[2];
    sigset_t all, before;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return nb_fail_errno(err, "cannot make a pair of sockets");
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    pid_t pid = fork();
    if (pid == 0) {
        close(pair[0]);
        guard_them(pair[1]);
    }
    int why = errno;
    sigprocmask(SIG_SETMASK, &before, NULL);
    close(pair[1]);
    if (pid < 0) {
        close(pair[0]);
        errno = why;
        return nb_fail_errno(err, "cannot make a process");
    }
    *out = NB_HEAP_NEW(nb_guard);
    **out = (nb_guard){.pid = pid, .socket = pair[0]};
    return NB_OK;
}

static void tell(const nb_guard *guard, pid_t number)
{
    if (!guard)
        return;
    ssize_t ignored = send(guard->socket, &number, sizeof number, MSG_NOSIGNAL); /* it was killed */
    (void)ignored;
}

void nb_guard_add(const nb_guard *guard, pid_t group)
{
    tell(guard, group);
}

void nb_guard_remove(const nb_guard *guard, pid_t group)
{
    tell(guard, -group);
}

void nb_guard_end(nb_guard *guard)
{
    if (!guard)
        return;
    close(guard->socket);
    while (waitpid(guard->pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    free(guard);
}
