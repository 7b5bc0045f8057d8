/* Who a process is: its number is reused, so its start time, the boot and the host belong to it (proc(5)). */
#include "proc/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { STAT_START_TIME = 22, STAT_STATE = 3 }; /* fields of /proc/PID/stat, from 1 */

/* The beginning of a small file, NUL-terminated and without its line end; empty when it cannot be read. */
static nb_str read_small(const char *path, char *into, size_t size)
{
    ssize_t got = -1;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        do
            got = read(fd, into, size - 1);
        while (got < 0 && errno == EINTR);
        close(fd);
    }
    nb_str text = nb_str_trim((nb_str){into, got > 0 ? (size_t)got : 0});
    into[text.len] = '\0';
    return text;
}

static void name_machine(nb_process *process)
{
    char boot[sizeof process->boot] = "";
    nb_str id = read_small("/proc/sys/kernel/random/boot_id", boot, sizeof boot);
    memcpy(process->boot, boot, id.len + 1);
    if (gethostname(process->host, sizeof process->host) != 0)
        process->host[0] = '\0';
    process->host[sizeof process->host - 1] = '\0';
}

/* Field 2 is the program's name in brackets, which may hold blanks and brackets: count from behind the last one. */
bool nb_process_start(int64_t pid, int64_t *start)
{
    char path[64], text[1024];
    (void)snprintf(path, sizeof path, "/proc/%lld/stat", (long long)pid);
    nb_str stat = read_small(path, text, sizeof text);
    ptrdiff_t bracket = nb_str_rfind_char(stat, ')');
    if (bracket < 0)
        return false;
    nb_str rest = nb_str_trim(nb_str_from_at(stat, (size_t)bracket + 1)), field;
    for (int number = STAT_STATE; nb_str_split(&rest, ' ', &field); number++) {
        if (number == STAT_STATE && (nb_str_eqz(field, "Z") || nb_str_eqz(field, "X")))
            return false; /* ended, only not waited for */
        if (number == STAT_START_TIME)
            return nb_str_to_int(field, start);
    }
    return false;
}

bool nb_process_identify(void *ctx, int64_t pid, nb_process *out)
{
    (void)ctx;
    nb_process process = {.pid = pid ? pid : getpid()};
    if (!nb_process_start(process.pid, &process.start))
        return false;
    name_machine(&process);
    *out = process;
    return true;
}

nb_liveness nb_process_look(void *ctx, const nb_process *process)
{
    (void)ctx;
    nb_process here = {0};
    int64_t start;
    name_machine(&here);
    if (strcmp(here.host, process->host) != 0)
        return NB_ELSEWHERE;
    if (strcmp(here.boot, process->boot) != 0 || process->pid <= 0)
        return NB_GONE;
    return nb_process_start(process->pid, &start) && start == process->start ? NB_ALIVE : NB_GONE;
}

bool nb_process_signal_group(void *ctx, const nb_process *process, int signal)
{
    return nb_process_look(ctx, process) == NB_ALIVE && kill((pid_t)-process->pid, signal) == 0;
}

/* The descriptor holds on to one process: looking at it after that leaves no moment in which its number could become another's. */
bool nb_process_signal(const nb_process *process, int signal)
{
    int handle = (int)syscall(SYS_pidfd_open, (pid_t)process->pid, 0U);
    bool alive = nb_process_look(NULL, process) == NB_ALIVE;
    bool sent = false;
    if (alive && handle >= 0)
        sent = syscall(SYS_pidfd_send_signal, handle, signal, NULL, 0U) == 0;
    else if (alive) /* a kernel without them */
        sent = kill((pid_t)process->pid, signal) == 0;
    if (handle >= 0)
        close(handle);
    return sent;
}
