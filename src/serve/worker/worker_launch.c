#include "serve/worker/worker_launch.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

extern const char nb_worker_script[]; /* worker.py */

/* What becomes descriptors 3 to 6 of the child: socket, bodies of requests, bodies of answers, the script. */
enum { FILE_SOCKET, FILE_REQUESTS, FILE_ANSWERS, FILE_SCRIPT, FILE_COUNT };

/* Sealed: a file that shrinks under a map would end us. */
static nb_code open_shared(nb_frame_shared *out, int *fd, nb_error *err)
{
    *fd = memfd_create("notebooked", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (*fd < 0 || ftruncate(*fd, NB_FRAME_SHARED_SIZE) != 0 ||
        fcntl(*fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
        return nb_fail_errno(err, "cannot make a shared file");
    void *at = mmap(NULL, NB_FRAME_SHARED_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, *fd, 0);
    if (at == MAP_FAILED)
        return nb_fail_errno(err, "cannot map a shared file");
    *out = (nb_frame_shared){.at = at, .size = NB_FRAME_SHARED_SIZE};
    return NB_OK;
}

static nb_code open_script(int *fd, nb_error *err)
{
    size_t length = strlen(nb_worker_script);
    *fd = memfd_create("worker.py", MFD_CLOEXEC);
    if (*fd < 0 || write(*fd, nb_worker_script, length) != (ssize_t)length ||
        lseek(*fd, 0, SEEK_SET) != 0)
        return nb_fail_errno(err, "cannot pass the worker's script on");
    return NB_OK;
}

static nb_code open_files(nb_worker_process *out, int files[FILE_COUNT], nb_error *err)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return nb_fail_errno(err, "cannot make a pair of sockets");
    out->socket = pair[0];
    files[FILE_SOCKET] = pair[1];
    if (fcntl(out->socket, F_SETFL, O_NONBLOCK) != 0)
        return nb_fail_errno(err, "cannot make a socket non-blocking");
    nb_code code = open_shared(&out->requests, &files[FILE_REQUESTS], err);
    if (code == NB_OK)
        code = open_shared(&out->answers, &files[FILE_ANSWERS], err);
    return code == NB_OK ? open_script(&files[FILE_SCRIPT], err) : code;
}

/* The script is a module of its own: what models expect to find in __main__ does not meet its names. */
static const char bootstrap[] =
    "import sys, types; m = types.ModuleType('notebooked_worker'); sys.modules[m.__name__] = m; "
    "f = open(6, encoding='utf-8'); exec(compile(f.read(), 'notebooked/worker.py', 'exec'), "
    "vars(m)); f.close(); del sys, types, f; m.main()";

/* glibc gives large blocks back to the kernel as soon as they are free, and gets them again page by page: eight times the cost of a request of
 * 1 MiB. So it keeps some. */
static const char *const kept_memory[] = {"MALLOC_MMAP_THRESHOLD_=33554432",
                                          "MALLOC_TRIM_THRESHOLD_=67108864"};

/* The libraries beneath NumPy, SciPy, scikit-learn and PyTorch. */
static const char *const thread_counts[] = {
    "OMP_NUM_THREADS=", "OPENBLAS_NUM_THREADS=", "MKL_NUM_THREADS="};

/* `entry` is "NAME=", with or without a value. */
static bool has_name(const char *const *env, size_t count, const char *entry)
{
    size_t length = (size_t)(strchr(entry, '=') - entry) + 1;
    for (size_t i = 0; i < count; i++)
        if (strncmp(env[i], entry, length) == 0)
            return true;
    return false;
}

static const char *const *environment(nb_arena *arena, const nb_worker_spec *spec)
{
    size_t given = 0;
    while (spec->env && spec->env[given])
        given++;
    enum { ADDED = NB_LEN(kept_memory) + NB_LEN(thread_counts) + 2 };
    const char **env = NB_NEW_ARRAY(arena, const char *, given + ADDED + 1);
    size_t count = 0;
    for (; count < given; count++)
        env[count] = spec->env[count];
    for (size_t i = 0; i < NB_LEN(kept_memory); i++)
        if (!has_name(env, given, kept_memory[i]))
            env[count++] = kept_memory[i];
    for (size_t i = 0; i < NB_LEN(thread_counts) && spec->threads > 0; i++)
        if (!has_name(env, given, thread_counts[i]))
            env[count++] = nb_arena_printf(arena, "%s%u", thread_counts[i], spec->threads).at;
    env[count++] = spec->batch_check ? "NOTEBOOKED_BATCH_CHECK=1" : "NOTEBOOKED_BATCH_CHECK=0";
    env[count] = spec->debug ? "NOTEBOOKED_DEBUG=1" : NULL;
    return env;
}

static nb_code start_process(const nb_worker_spec *spec, const int *files, nb_child *out,
                             nb_error *err)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    const char *embedded[] = {spec->python, "-c", bootstrap, spec->model_dir, NULL};
    const char *given[] = {spec->python, spec->script, spec->model_dir, NULL};
    const char *const *env = environment(&arena, spec);
    nb_spawn spawn = {.argv = spec->script ? given : embedded,
                      .cwd = spec->model_dir,
                      .env = env,
                      .env_is_all = spec->env != NULL,
                      .files = files,
                      .file_count = FILE_COUNT,
                      .no_new_privs = true,
                      .has_terminal = spec->debug,
                      .dies_with_us = true};
    return nb_child_start(&spawn, out, err);
}

nb_code nb_worker_launch(const nb_worker_spec *spec, nb_worker_process *out, nb_error *err)
{
    int files[FILE_COUNT] = {-1, -1, -1, -1};
    *out = NB_WORKER_PROCESS_NONE;
    nb_code code = open_files(out, files, err);
    if (code == NB_OK)
        code = start_process(spec, files, &out->child, err);
    for (size_t i = 0; i < FILE_COUNT; i++)
        if (files[i] >= 0)
            close(files[i]);
    return code;
}
