#include "serve/front/process_stats.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

/* Positions after the name in /proc/PID/stat; proc(5) counts from 1 and the state is 3. */
enum { UTIME = 11, STIME = 12, THREADS = 17, STARTTIME = 19, VSIZE = 20, RSS = 21, FIELDS = 22 };

static double boot_time(void)
{
    struct timespec wall, since_boot;
    clock_gettime(CLOCK_REALTIME, &wall);
    clock_gettime(CLOCK_BOOTTIME, &since_boot);
    return (double)(wall.tv_sec - since_boot.tv_sec) +
           (double)(wall.tv_nsec - since_boot.tv_nsec) / 1e9;
}

bool nb_process_stats_parse(nb_str text, double boot_s, nb_process_stats *out)
{
    int64_t fields[FIELDS] = {0};
    ptrdiff_t name_end = nb_str_rfind_char(text, ')'); /* the name may hold blanks and brackets */
    if (name_end < 0)
        return false;
    nb_str rest = nb_str_trim(nb_str_from_at(text, (size_t)name_end + 1)), one;
    size_t count = 0;
    for (; count < FIELDS && nb_str_split(&rest, ' ', &one); count++)
        if (count > 0 && !nb_str_to_int(one, &fields[count]))
            fields[count] = 0; /* a number beyond 63 bits is none that is asked for */
    if (count < FIELDS)
        return false;
    long ticks = sysconf(_SC_CLK_TCK), page = sysconf(_SC_PAGESIZE);
    double hz = ticks > 0 ? (double)ticks : 100;
    *out = (nb_process_stats){
        .cpu_s = (double)(fields[UTIME] + fields[STIME]) / hz,
        .started_s = boot_s + (double)fields[STARTTIME] / hz,
        .resident = (uint64_t)fields[RSS] * (uint64_t)(page > 0 ? page : 4096),
        .virtual_size = (uint64_t)fields[VSIZE],
        .threads = (unsigned)fields[THREADS],
    };
    return true;
}

bool nb_process_stats_read(int64_t pid, nb_process_stats *out)
{
    char path[64], text[1024];
    (void)snprintf(path, sizeof path, "/proc/%lld/stat", (long long)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t got = read(fd, text, sizeof text);
    close(fd);
    return got > 0 && nb_process_stats_parse((nb_str){text, (size_t)got}, boot_time(), out);
}

nb_process_fds nb_process_fds_read(void)
{
    nb_process_fds out = {0};
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
        out.most = limit.rlim_cur;
    DIR *folder = opendir("/proc/self/fd");
    if (!folder)
        return out;
    while (readdir(folder))
        out.open++;
    closedir(folder);
    out.open = out.open > 3 ? out.open - 3 : 0; /* ".", "..", and the folder itself */
    return out;
}
