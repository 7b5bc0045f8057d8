#include "base/watch.h"

#include "base/fs.h"
#include "base/path.h"
#include "base/vec.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* A name of interest in a watched folder; empty: every name. */
typedef struct interest {
    int folder; /* inotify's number for it */
    nb_str name;
    bool writing; /* somebody has written to it and not closed it yet */
} interest;

struct nb_watch {
    int events, signals;
    sigset_t before;
    nb_arena arena; /* of the interests */
    NB_VEC(interest) interests;
    nb_arena old_arena;
    NB_VEC(interest)
    old; /* before the last nb_watch_forget(): folders that may not be watched any more */
};

/* --- beginning and end ------------------------------------------------------------------------------------------------- */

nb_code nb_watch_open(nb_watch **out, nb_error *err)
{
    sigset_t ends;
    nb_watch *w = calloc(1, sizeof(*w));
    if (!w)
        abort();
    (void)sigemptyset(&ends);
    (void)sigaddset(&ends, SIGINT);
    (void)sigaddset(&ends, SIGTERM);
    (void)sigaddset(&ends, SIGHUP);
    w->events = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    w->signals = signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK);
    if (w->events < 0 || w->signals < 0) {
        (void)nb_fail_errno(err, "cannot watch files");
        if (w->events >= 0)
            close(w->events);
        if (w->signals >= 0)
            close(w->signals);
        free(w);
        return err->code;
    }
    (void)sigprocmask(SIG_BLOCK, &ends, &w->before);
    *out = w;
    return NB_OK;
}

void nb_watch_close(nb_watch *w)
{
    if (!w)
        return;
    close(w->events);
    close(w->signals);
    (void)sigprocmask(SIG_SETMASK, &w->before, NULL);
    nb_arena_release(&w->arena);
    nb_arena_release(&w->old_arena);
    free(w);
}

/* --- what is of interest ------------------------------------------------------------------------------------------------ */

/* The interests of before stay until the next wait: a folder that is of interest again keeps its watch, and no event is lost. */
void nb_watch_forget(nb_watch *w)
{
    for (size_t i = 0; i < w->interests.count; i++) {
        interest kept = w->interests.at[i];
        kept.name = nb_arena_str(&w->old_arena, kept.name);
        nb_vec_push(&w->old_arena, &w->old, kept);
    }
    nb_arena_release(&w->arena);
    w->interests.at = NULL;
    w->interests.count = w->interests.cap = 0;
}

static nb_code fail_watch(nb_str folder, nb_error *err)
{
    bool full = errno == ENOSPC;
    (void)nb_fail_errno(err, "cannot watch '" NB_STR_FMT "'", NB_STR_ARG(folder));
    if (full)
        nb_error_hint(err, "raise fs.inotify.max_user_watches, or watch fewer notebooks");
    return err->code;
}

static bool is_known(const nb_watch *w, int folder, nb_str name)
{
    for (size_t i = 0; i < w->interests.count; i++)
        if (w->interests.at[i].folder == folder && nb_str_eq(w->interests.at[i].name, name))
            return true;
    return false;
}

static bool was_writing(const nb_watch *w, int folder, nb_str name)
{
    for (size_t i = 0; i < w->old.count; i++)
        if (w->old.at[i].folder == folder && nb_str_eq(w->old.at[i].name, name))
            return w->old.at[i].writing;
    return false;
}

/* Watches `folder` for `name`; one that is not there gives NB_ERR_NOT_FOUND. */
static nb_code add(nb_watch *w, nb_str folder, nb_str name, nb_error *err)
{
    const uint32_t mask = IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB | IN_CREATE | IN_DELETE |
                          IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
    int number = inotify_add_watch(w->events, nb_arena_z(&w->arena, folder), mask);
    if (number < 0 && (errno == ENOENT || errno == ENOTDIR))
        return nb_fail(err, NB_ERR_NOT_FOUND, "there is no folder '" NB_STR_FMT "'",
                       NB_STR_ARG(folder));
    if (number < 0)
        return fail_watch(folder, err);
    if (!is_known(w, number, name))
        nb_vec_push(
            &w->arena, &w->interests,
            (interest){number, nb_arena_str(&w->arena, name), was_writing(w, number, name)});
    return NB_OK;
}

/* The folder, or the nearest above it that is there, for the name on the way. */
static nb_code add_nearest(nb_watch *w, nb_str folder, nb_str name, nb_error *err)
{
    for (;;) {
        nb_code code = add(w, folder, name, err);
        if (code != NB_ERR_NOT_FOUND || nb_str_eqz(folder, "/"))
            return code;
        nb_error_release(err);
        name = nb_path_base(folder);
        folder = nb_path_dir(folder);
    }
}

nb_code nb_watch_path(nb_watch *w, nb_str path, nb_error *err)
{
    char *real = realpath(nb_arena_z(&w->arena, path), NULL);
    nb_code code = add_nearest(w, nb_path_dir(path), nb_path_base(path), err);
    if (code == NB_OK && real && !nb_str_eqz(path, real))
        code = add_nearest(w, nb_path_dir(nb_str_from(real)), nb_path_base(nb_str_from(real)), err);
    free(real);
    return code;
}

nb_code nb_watch_folder(nb_watch *w, nb_str path, nb_error *err)
{
    nb_code code = add(w, path, NB_STR(""), err);
    if (code != NB_OK && code != NB_ERR_NOT_FOUND)
        return code;
    nb_error_release(err);
    bool itself = code == NB_OK && !nb_is_link(nb_arena_z(&w->arena, path));
    return itself ? NB_OK : nb_watch_path(w, path, err); /* what the way to it is like */
}

/* Folders that are of no interest any more are not watched any more. */
static void drop_old(nb_watch *w)
{
    for (size_t i = 0; i < w->old.count; i++) {
        bool used = false;
        for (size_t k = 0; k < w->interests.count; k++)
            used |= w->interests.at[k].folder == w->old.at[i].folder;
        if (!used)
            (void)inotify_rm_watch(w->events, w->old.at[i].folder); /* it may be gone already */
    }
    nb_arena_release(&w->old_arena);
    w->old.at = NULL;
    w->old.count = w->old.cap = 0;
}

/* --- waiting --------------------------------------------------------------------------------------------------------------- */

/* Whether an event is about something of interest; keeps track of who writes. */
static bool matters(nb_watch *w, const struct inotify_event *event)
{
    nb_str name = nb_str_from(event->len > 0 ? event->name : "");
    bool any = false;
    if (event->mask & (IN_Q_OVERFLOW | IN_DELETE_SELF | IN_MOVE_SELF))
        return true;
    if (name.len == 0)
        return false; /* the folder's own times; and what is left to say of a watch that ended */
    for (size_t i = 0; i < w->interests.count; i++) {
        interest *it = &w->interests.at[i];
        if (it->folder != event->wd || (it->name.len > 0 && !nb_str_eq(it->name, name)))
            continue;
        if (event->mask & IN_MODIFY)
            it->writing = it->name.len > 0;
        else if (!(event->mask & IN_ATTRIB))
            it->writing = false; /* closed, or another file by now */
        any = true;
    }
    return any;
}

/* Reads all events there are; whether one of them matters. */
static bool take_events(nb_watch *w)
{
    enum { ROOM = 16 * 1024 };
    _Alignas(struct inotify_event) char room[ROOM];
    bool any = false;
    for (;;) {
        ssize_t got = read(w->events, room, sizeof(room));
        if (got <= 0)
            return any;
        for (char *at = room; at < room + got;) {
            const struct inotify_event *event = (const void *)at; /* the kernel aligns them */
            any |= matters(w, event);
            at += sizeof(*event) + event->len;
        }
    }
}

static bool is_writing(const nb_watch *w)
{
    for (size_t i = 0; i < w->interests.count; i++)
        if (w->interests.at[i].writing)
            return true;
    return false;
}

static int64_t clock_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

typedef enum woken { NOBODY, BY_FILES, BY_SIGNAL } woken;

/* Until there is something to read, at most so long. */
static woken wait_for(nb_watch *w, int64_t timeout_ms)
{
    struct pollfd fds[] = {
        {.fd = w->signals, .events = POLLIN},
        {.fd = w->events,  .events = POLLIN},
    };
    int timeout = timeout_ms < 0 ? -1 : timeout_ms > INT_MAX ? INT_MAX : (int)timeout_ms;
    struct signalfd_siginfo taken; /* none stays behind that would end the program later */
    if (poll(fds, NB_LEN(fds), timeout) <= 0)
        return NOBODY; /* the time is over, or a signal that is nobody's matter */
    return read(w->signals, &taken, sizeof(taken)) > 0 ? BY_SIGNAL : BY_FILES;
}

/* A change has begun: until it is over. */
static nb_watch_event settle(nb_watch *w)
{
    int64_t began = clock_ms(), last = began;
    for (;;) {
        int64_t now = clock_ms(), pause = is_writing(w) ? NB_WATCH_WRITING_MS : NB_WATCH_QUIET_MS;
        int64_t end =
            last + pause < began + NB_WATCH_LIMIT_MS ? last + pause : began + NB_WATCH_LIMIT_MS;
        if (now >= end)
            return NB_WATCH_CHANGED;
        woken by = wait_for(w, end - now);
        if (by == BY_SIGNAL)
            return NB_WATCH_SIGNAL;
        if (by == BY_FILES && take_events(w))
            last = clock_ms();
    }
}

nb_watch_event nb_watch_wait(nb_watch *w, int64_t timeout_ms)
{
    int64_t end = clock_ms() + timeout_ms;
    drop_old(w);
    for (;;) {
        int64_t left = timeout_ms < 0 ? -1 : end - clock_ms();
        woken by = wait_for(w, timeout_ms < 0 || left > 0 ? left : 0);
        if (by == BY_SIGNAL)
            return NB_WATCH_SIGNAL;
        if (by == BY_FILES && take_events(w))
            return settle(w);
        if (timeout_ms >= 0 && clock_ms() >= end)
            return NB_WATCH_TIMEOUT;
    }
}

/* --- what changed ----------------------------------------------------------------------------------------------------------- */

nb_str nb_path_stamp(nb_arena *arena, nb_str path)
{
    struct stat st;
    if (stat(nb_arena_z(arena, path), &st) != 0)
        return NB_STR("-");
    return nb_arena_printf(arena, "%o:%llu:%llu:%lld:%lld.%ld:%lld.%ld", (unsigned)st.st_mode,
                           (unsigned long long)st.st_dev, (unsigned long long)st.st_ino,
                           (long long)st.st_size, (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec,
                           (long long)st.st_ctim.tv_sec, st.st_ctim.tv_nsec);
}
