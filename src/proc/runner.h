/* runner.h - child processes: started by argv (never by a shell), both outputs read line by line, ended through
 * signals to their process group.
 *
 * A child leads a session and process group of its own, reads from /dev/null, has no terminal and inherits nothing but its two output pipes (and `files`). run()
 * returns when it has ended; nothing of the reading remains then, also when a grandchild still holds a pipe open.
 * Callbacks are called from within run(), in the order things arrive. Replaceable (nb_runner) so that whatever
 * starts programs can be tested without any.
 */
#ifndef NB_RUNNER_H
#define NB_RUNNER_H

#include "base/buf.h"
#include "base/error.h"

typedef enum nb_stream { NB_STDOUT, NB_STDERR } nb_stream;

/* A line, or a piece of one: lines longer than the limit, and those that stay unfinished for a moment (progress bars,
 * prompts), come in pieces as they arrive. Bytes are passed on untouched, whatever they are. */
typedef struct nb_output {
    nb_stream stream;
    nb_str text; /* without the '\n'; valid during the call */
    bool
        ended; /* the line ends here (so does a last line without '\n'); false: its next piece follows */
} nb_output;

enum { NB_SPAWN_FILES = 8 };

typedef struct nb_spawn {
    const char *const *argv; /* ends with NULL; argv[0] without a slash is looked up on PATH */
    const char *cwd;         /* NULL: ours */
    const char *const
        *env; /* "NAME=value" adds or replaces, "NAME" removes; ends with NULL; may be NULL */
    int64_t
        timeout_ms;    /* 0: none. Then SIGTERM to the group, and SIGKILL when that does not help */
    size_t line_limit; /* longest piece; 0: 64 KiB */
    /* SIGINT, SIGTERM and SIGHUP that reach us go to the group, once; a second one kills it. Ctrl-Z stops both. */
    bool forward_signals;
    bool
        no_new_privs; /* set-user-ID programs give it nothing (PR_SET_NO_NEW_PRIVS), nor what it starts */
    bool dies_with_us; /* killed by the kernel when this program goes, however it goes */
    bool
        has_terminal; /* its standard input and outputs are ours: it writes no line that is read here */
    bool env_is_all;   /* `env` is the whole environment, not changes to ours */
    const int *files;  /* descriptors that become 3, 4, ... of the child; ours stay open */
    size_t file_count; /* at most NB_SPAWN_FILES */
    void (*on_start)(void *ctx, int64_t pid);
    void (*on_output)(void *ctx, const nb_output *output);
    void (*on_signal)(void *ctx, int signal, bool kills); /* one was forwarded */
    void *ctx;
} nb_spawn;

typedef struct nb_exit {
    int status;    /* 0..255; -1 when a signal ended it */
    int signal;    /* that signal, or 0 */
    int forwarded; /* the first signal that was forwarded, or 0 */
    bool timed_out;
} nb_exit;

/* A process that can be told from any other with the same number, now, after it ended, and after a reboot. */
typedef struct nb_process {
    int64_t pid;
    int64_t start; /* clock ticks since boot */
    char boot[40]; /* id of the boot */
    char host[65];
} nb_process;

typedef enum nb_liveness {
    NB_ALIVE,
    NB_GONE,
    NB_ELSEWHERE /* on another host: nobody here can tell */
} nb_liveness;

typedef struct nb_runner {
    /* Fails only when the child could not be started (NB_ERR_NOT_FOUND: there is no such program). How it ended is in *out. */
    nb_code (*run)(void *ctx, const nb_spawn *spawn, nb_exit *out, nb_error *err);
    /* The identity of a running process; pid 0 is this one. False when there is none. */
    bool (*identify)(void *ctx, int64_t pid, nb_process *out);
    nb_liveness (*look)(void *ctx, const nb_process *process);
    /* A signal to the group that the process leads; false when it is gone. */
    bool (*signal_group)(void *ctx, const nb_process *process, int signal);
    void *ctx;
} nb_runner;

extern const nb_runner nb_runner_real;

/* Runs the child and collects what it writes; `out` or `err_out` may be NULL. Callbacks of `spawn` are not used. */
nb_code nb_run_capture(const nb_runner *runner, const nb_spawn *spawn, nb_buf *out, nb_buf *err_out,
                       nb_exit *end, nb_error *err);
/* "ended with exit status 3", "was killed by signal 9 (Killed)", "took too long and was ended". */
nb_str nb_exit_text(nb_arena *arena, const nb_exit *end);
/* The file that `name` starts: itself when it has a slash, else the first executable file on `search` (the value of
 * PATH); NULL when there is none. */
const char *nb_program_find(nb_arena *arena, const char *name, const char *search);

#endif
