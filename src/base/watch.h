/* watch.h - waits until something happens to files, or until somebody wants the program to end (inotify, signalfd).
 *
 *     nb_watch_forget(w);                              the set of paths, anew before each wait: folders come and go
 *     nb_watch_path(w, NB_STR("/p/nb/iris.ipynb"));
 *     switch (nb_watch_wait(w, -1)) ...
 *
 * What is watched are the folders, by the names of interest in them, so it does not matter how a file is saved: written in place, or as a new file that takes the old
 * one's name (Jupyter, most editors), or by a link that is turned to another file. Where a folder is missing, the nearest one above it is watched. What
 * happened is not told: whoever waits looks at the files. While a file is open for writing, the end of the writing is waited for, but not for ever.
 *
 * Between open and close, SIGINT, SIGTERM and SIGHUP do not end the program: nb_watch_wait() tells of them.
 */
#ifndef NB_WATCH_H
#define NB_WATCH_H

#include "base/error.h"

enum {
    NB_WATCH_QUIET_MS = 100,    /* this long nothing must happen before a change is told */
    NB_WATCH_WRITING_MS = 2000, /* this long the end of a writing is waited for */
    NB_WATCH_LIMIT_MS = 5000    /* and this long anything, when changes never end */
};

typedef struct nb_watch nb_watch;

typedef enum nb_watch_event {
    NB_WATCH_CHANGED, /* something happened to a path of interest */
    NB_WATCH_TIMEOUT,
    NB_WATCH_SIGNAL /* the program is to end */
} nb_watch_event;

nb_code nb_watch_open(nb_watch **out, nb_error *err);
void nb_watch_close(nb_watch *w);
/* Nothing is of interest any more. */
void nb_watch_forget(nb_watch *w);
/* The path (absolute) is of interest, and what it leads to if it is a link. */
nb_code nb_watch_path(nb_watch *w, nb_str path, nb_error *err);
/* Every name in the folder is, and the folder itself. */
nb_code nb_watch_folder(nb_watch *w, nb_str path, nb_error *err);
/* At most `timeout_ms`; -1: however long it takes. */
nb_watch_event nb_watch_wait(nb_watch *w, int64_t timeout_ms);

/* What tells one state of a path from another: kind, place on disk, size and times of the file that it leads to; "-" when there is none. */
nb_str nb_path_stamp(nb_arena *arena, nb_str path);

#endif
