#include "serve/version/version_parts.h"

#include "base/fs.h"
#include "serve/front/process_stats.h"

/* All of them together use the cores. Of an automatic count the first worker does not know how many will follow: it gets all. */
unsigned nb_version_threads(const nb_version *version)
{
    unsigned cores = version->options.cores;
    unsigned workers = version->options.workers == 0 && !version->was_ready ? 1 : version->wanted;
    return cores == 0 ? 0 : cores / workers > 1 ? cores / workers : 1;
}

static size_t available_memory(void)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* no such file: the count is bounded by the cores */
    nb_str text, line;
    int64_t kib = 0;
    if (nb_file_read(&arena, "/proc/meminfo", 64 << 10, &text, &ignored) != NB_OK)
        return SIZE_MAX;
    while (nb_str_line(&text, &line)) {
        nb_str rest = line;
        nb_str name;
        if (nb_str_split(&rest, ':', &name) && nb_str_eqz(name, "MemAvailable")) {
            rest = nb_str_trim(rest);
            if (nb_str_split(&rest, ' ', &name) && nb_str_to_int(name, &kib) && kib > 0)
                return (size_t)kib * 1024;
        }
    }
    return SIZE_MAX;
}

/* As many as there are cores, and as fit beside the first one into nine tenths of the memory that is left. */
unsigned nb_version_automatic_count(const nb_version *version, size_t rss)
{
    unsigned cores = version->options.cores > 0 ? version->options.cores : 1;
    size_t fit = rss > 0 ? 1 + available_memory() / 10 * 9 / rss : cores;
    return fit < cores ? (unsigned)fit : cores;
}

/* Ten per cent more or less, so that workers that started together are not replaced together. */
unsigned nb_member_quota(const nb_member *member)
{
    unsigned most = member->version->options.max_requests;
    unsigned spread = most / 10;
    unsigned step = (unsigned)((member->number + member->restarts) * 2654435761U >> 16);
    return spread > 0 ? most - spread + step % (2 * spread + 1) : most;
}

bool nb_member_grew_too_large(nb_member *member)
{
    size_t most = member->version->options.max_rss;
    int64_t at = nb_version_now(member->version);
    nb_process_stats now;
    if (most == 0 || at - member->weighed_us < 1000000)
        return false;
    member->weighed_us = at;
    if (nb_process_stats_read(nb_worker_pid(member->worker), &now) && now.resident > 0)
        member->rss = (size_t)now.resident;
    return member->rss > most;
}
