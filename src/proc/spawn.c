#include "proc/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the child needs, made before the fork: afterwards it may only make system calls. */
typedef struct plan {
    const char *program;
    char *const *argv;
    char *const *env;
    const char *cwd;
    pid_t parent;
    bool dies_with_us, no_new_privs, has_terminal;
    int null, out, err, report; /* its stdin, stdout, stderr; where it reports failures */
    const int *files;           /* its descriptors from 3 on */
    int file_count;
} plan;

typedef enum step { STEP_CWD = 1, STEP_FILES, STEP_EXEC } step;
typedef struct failure {
    step step;
    int error;
} failure;

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static nb_str name_of(const char *entry)
{
    const char *equals = strchr(entry, '=');
    return (nb_str){entry, equals ? (size_t)(equals - entry) : strlen(entry)};
}

static bool is_replaced(const char *entry, const char *const *changes)
{
    for (size_t i = 0; changes && changes[i]; i++)
        if (nb_str_eq(name_of(changes[i]), name_of(entry)))
            return true;
    return false;
}

/* Our own with changes, or (`is_all`) these entries alone. */
static char **environment(nb_arena *arena, const char *const *changes, bool is_all)
{
    size_t count = 0, kept = 0;
    while (!is_all && environ && environ[count])
        count++;
    size_t added = 0;
    while (changes && changes[added])
        added++;
    char **env = NB_NEW_ARRAY(arena, char *, count + added + 1);
    for (size_t i = 0; i < count; i++)
        if (!is_replaced(environ[i], changes))
            env[kept++] = environ[i];
    for (size_t i = 0; i < added; i++)
        if (strchr(changes[i], '='))
            env[kept++] = nb_arena_z(arena, nb_str_from(changes[i]));
    return env;
}

const char *nb_program_find(nb_arena *arena, const char *name, const char *search)
{
    if (strchr(name, '/'))
        return name;
    nb_str rest = nb_str_from(search ? search : "/usr/local/bin:/usr/bin:/bin"), folder;
    while (nb_str_split(&rest, ':', &folder)) {
        if (folder.len == 0)
            folder = NB_STR(".");
        const char *path = nb_arena_printf(arena, NB_STR_FMT "/%s", NB_STR_ARG(folder), name).at;
        struct stat info;
        if (access(path, X_OK) == 0 && stat(path, &info) == 0 && S_ISREG(info.st_mode))
            return path;
    }
    return NULL;
}

/* Ours may be ignored or blocked (a shell's background jobs ignore SIGINT); a child starts with the defaults. */
static void reset_signals(void)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    const int all[] = {SIGINT,  SIGQUIT, SIGTERM, SIGHUP,  SIGPIPE,
                       SIGTSTP, SIGXFSZ, SIGUSR1, SIGUSR2, SIGCHLD};
    for (size_t i = 0; i < NB_LEN(all); i++)
        signal(all[i], SIG_DFL);
}

static void mark_others_close_on_exec(int first)
{
    if (syscall(SYS_close_range, (unsigned)first, ~0U, CLOSE_RANGE_CLOEXEC) == 0)
        return;
    for (int fd = first; fd < 65536; fd++) /* kernels before 5.11 */
        fcntl(fd, F_SETFD, FD_CLOEXEC);
}

_Noreturn static void give_up(const plan *p, step at)
{
    failure why = {at, errno};
    ssize_t ignored =
        write(p->report, &why, sizeof why); /* the parent sees a dead child otherwise */
    (void)ignored;
    _exit(127);
}

/* Puts the descriptors to be passed on in their places. They are moved out of the way first: one may lie where another goes. */
static bool place_files(const plan *p)
{
    int moved[NB_SPAWN_FILES];
    for (int i = 0; i < p->file_count; i++) {
        moved[i] = fcntl(p->files[i], F_DUPFD_CLOEXEC, 3 + p->file_count);
        if (moved[i] < 0)
            return false;
    }
    for (int i = 0; i < p->file_count; i++)
        if (dup2(moved[i], 3 + i) < 0)
            return false;
    if (p->has_terminal)
        return true;
    return dup2(p->null, 0) >= 0 && dup2(p->out, 1) >= 0 && dup2(p->err, 2) >= 0;
}

/* In the child: nothing but system calls from here on. */
_Noreturn static void become(const plan *p)
{
    (void)
        setsid(); /* a group of its own, and no terminal: a prompt for a password fails instead of waiting for ever */
    reset_signals();
    if (p->dies_with_us) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != p->parent) /* it went before the line above */
            _exit(127);
    }
    if (p->no_new_privs)
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (p->cwd && chdir(p->cwd) != 0)
        give_up(p, STEP_CWD);
    if (!place_files(p))
        give_up(p, STEP_FILES);
    mark_others_close_on_exec(3 + p->file_count);
    execve(p->program, p->argv, p->env);
    give_up(p, STEP_EXEC);
}

static nb_code fail_to_start(const nb_spawn *spawn, failure why, nb_error *err)
{
    errno = why.error;
    switch (why.step) {
    case STEP_CWD: (void)nb_fail_errno(err, "cannot enter the folder '%s'", spawn->cwd); break;
    case STEP_FILES: (void)nb_fail_errno(err, "cannot pass files to a child process"); break;
    case STEP_EXEC:
        (void)nb_fail_errno(err, "cannot run '%s'", spawn->argv[0]);
        if (why.error == ENOEXEC)
            nb_error_hint(err, "check that '%s' is a program for this machine or starts with '#!'",
                          spawn->argv[0]);
        break;
    }
    return nb_wrap(err, "cannot start '%s'", spawn->argv[0]);
}

/* Waits until the child has become the program (the pipe closes by itself) or says why not. */
static nb_code await_exec(const nb_spawn *spawn, int report, pid_t pid, nb_error *err)
{
    failure why;
    ssize_t got;
    do
        got = read(report, &why, sizeof why);
    while (got < 0 && errno == EINTR);
    if (got != (ssize_t)sizeof why)
        return NB_OK;
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    return fail_to_start(spawn, why, err);
}

/* All descriptors of one start. They stay above those that the child is given, also when this program was started with 0, 1 and
 * 2 closed: dup2 in the child would otherwise overwrite one that is still needed. */
typedef struct files {
    int null, out[2], err[2], report[2];
} files;

enum { FIRST_FREE = 3 + NB_SPAWN_FILES };

static bool out_of_the_way(int *fd)
{
    if (*fd >= FIRST_FREE)
        return true;
    int moved = fcntl(*fd, F_DUPFD_CLOEXEC, FIRST_FREE);
    close(*fd);
    *fd = moved;
    return moved >= 0;
}

static bool open_pipe(int ends[2])
{
    return pipe2(ends, O_CLOEXEC) == 0 && out_of_the_way(&ends[0]) && out_of_the_way(&ends[1]);
}

static bool files_open(files *f)
{
    *f = (files){
        -1, {-1, -1},
         {-1, -1},
         {-1, -1}
    };
    f->null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    return f->null >= 0 && out_of_the_way(&f->null) && open_pipe(f->out) && open_pipe(f->err) &&
           open_pipe(f->report) && fcntl(f->out[0], F_SETFL, O_NONBLOCK) == 0 &&
           fcntl(f->err[0], F_SETFL, O_NONBLOCK) == 0;
}

static void files_close(files *f)
{
    close_fd(&f->null);
    for (int i = 0; i < 2; i++) {
        close_fd(&f->out[i]);
        close_fd(&f->err[i]);
        close_fd(&f->report[i]);
    }
}

static nb_code start(const nb_spawn *spawn, const plan *p, files *f, nb_child *out, nb_error *err)
{
    pid_t pid = fork();
    if (pid < 0) {
        (void)nb_fail_errno(err, "cannot make a child process");
        return nb_wrap(err, "cannot start '%s'", spawn->argv[0]);
    }
    if (pid == 0)
        become(p);
    close_fd(&f->report[1]);
    nb_code code = await_exec(spawn, f->report[0], pid, err);
    if (code != NB_OK)
        return code;
    int handle = (int)syscall(SYS_pidfd_open, pid, 0);
    *out = (nb_child){.pid = pid, .out = f->out[0], .err = f->err[0], .handle = handle};
    f->out[0] = f->err[0] = -1;
    return NB_OK;
}

nb_code nb_child_start(const nb_spawn *spawn, nb_child *out, nb_error *err)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    const char *program = nb_program_find(&arena, spawn->argv[0], getenv("PATH"));
    if (!program) {
        (void)nb_fail(err, NB_ERR_NOT_FOUND, "no program '%s' on PATH", spawn->argv[0]);
        return nb_wrap(err, "cannot start '%s'", spawn->argv[0]);
    }
    size_t argc = 0;
    while (spawn->argv[argc])
        argc++;
    char **argv = NB_NEW_ARRAY(&arena, char *, argc + 1);
    for (size_t i = 0; i < argc; i++)
        argv[i] = nb_arena_z(&arena, nb_str_from(spawn->argv[i]));
    files f;
    nb_code code;
    if (files_open(&f)) {
        plan p = {.program = program,
                  .argv = argv,
                  .env = environment(&arena, spawn->env, spawn->env_is_all),
                  .cwd = spawn->cwd,
                  .parent = getpid(),
                  .dies_with_us = spawn->dies_with_us,
                  .no_new_privs = spawn->no_new_privs,
                  .has_terminal = spawn->has_terminal,
                  .null = f.null,
                  .out = f.out[1],
                  .err = f.err[1],
                  .report = f.report[1],
                  .files = spawn->files,
                  .file_count = (int)spawn->file_count};
        code = start(spawn, &p, &f, out, err);
    } else {
        (void)nb_fail_errno(err, "cannot make pipes");
        code = nb_wrap(err, "cannot start '%s'", spawn->argv[0]);
    }
    files_close(&f);
    return code;
}

void nb_child_close(nb_child *child)
{
    close_fd(&child->out);
    close_fd(&child->err);
    close_fd(&child->handle);
}
