#include "provider/local/environment.h"

#include "base/fs.h"
#include "base/path.h"
#include "provider/transcript.h"
#include "text/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

enum { KEY_DIGITS = 20, REQUIREMENTS_LIMIT = 16 * 1024 * 1024 };

static const char mark_name[] = "notebooked-complete";

typedef struct job {
    nb_arena *arena;
    const nb_provider_context *context;
    nb_str folder, mark, python; /* of the environment */
    nb_transcript transcript;
} job;

static nb_code cache_folder(nb_arena *arena, const nb_env *env, nb_str *out, nb_error *err)
{
    nb_str cache = nb_env_str(env, "XDG_CACHE_HOME"), home = nb_env_str(env, "HOME");
    if (cache.len == 0 && home.len == 0) {
        (void)nb_fail(err, NB_ERR_CONFIG, "neither XDG_CACHE_HOME nor HOME is set");
        nb_error_hint(err, "set XDG_CACHE_HOME to the folder for environments");
        return err->code;
    }
    if (cache.len == 0)
        cache = nb_path_join(arena, home, NB_STR(".cache"));
    *out = nb_path_join(arena, cache, NB_STR("notebooked/envs"));
    return nb_dir_make(out->at, err);
}

/* Comments say why a line is there, with numbers of cells: they change more often than what is installed. */
static nb_str without_comment(nb_str line)
{
    for (size_t i = 0; i < line.len; i++)
        if (line.at[i] == '#' && (i == 0 || line.at[i - 1] == ' ' || line.at[i - 1] == '\t'))
            line.len = i;
    return nb_str_rtrim(line);
}

/* The same requirements for the same Python give the same environment, whichever project asks. */
static nb_str key_of(nb_arena *arena, const nb_python *base, const nb_python_facts *facts,
                     nb_str text)
{
    nb_sha256 *hash = nb_sha256_new(arena);
    nb_sha256_add(hash, base->program);
    nb_sha256_add(hash, NB_STR("\n"));
    nb_sha256_add(hash, facts->identity);
    nb_sha256_add(hash, NB_STR("\n"));
    for (nb_str line; nb_str_line(&text, &line);) {
        nb_sha256_add(hash, without_comment(line));
        nb_sha256_add(hash, NB_STR("\n"));
    }
    return nb_str_slice(nb_sha256_end(hash, arena), 0, KEY_DIGITS);
}

/* The lock file stays: removing it would let two processes hold "the" lock. */
static nb_code lock(const char *path, int *fd, nb_error *err)
{
    *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (*fd < 0)
        return nb_fail_errno(err, "cannot open '%s'", path);
    int got;
    do
        got = flock(*fd, LOCK_EX);
    while (got != 0 && errno == EINTR);
    if (got == 0)
        return NB_OK;
    (void)nb_fail_errno(err, "cannot lock '%s'", path);
    close(*fd);
    return err->code;
}

static void say(const job *j, nb_str line)
{
    const nb_progress *progress = &j->context->progress;
    if (progress->say)
        progress->say(progress->ctx, line);
}

static void show(void *ctx, const nb_output *output)
{
    job *j = ctx;
    const nb_progress *progress = &j->context->progress;
    nb_str text = nb_transcript_add(&j->transcript, output);
    if (progress->output && text.len > 0)
        progress->output(progress->ctx, text);
}

static nb_code run_step(job *j, const char *const *argv, const char *what, const char *hint,
                        nb_error *err)
{
    nb_spawn spawn = {
        .argv = argv, .on_output = show, .forward_signals = true, .dies_with_us = true, .ctx = j};
    nb_exit end;
    if (j->context->runner->run(j->context->runner->ctx, &spawn, &end, err) != NB_OK)
        return nb_wrap(err, "cannot %s", what);
    if (end.status == 0)
        return NB_OK;
    (void)nb_fail(err, NB_ERR_IO, "cannot %s: '%s' " NB_STR_FMT, what, argv[0],
                  NB_STR_ARG(nb_exit_text(j->arena, &end)));
    if (!end.forwarded)
        nb_error_hint(err, "%s", hint);
    return err->code;
}

static nb_code make(job *j, const nb_python *base, nb_str requirements, nb_error *err)
{
    const char *venv[] = {base->program.at, "-m", "venv", "--clear", j->folder.at, NULL};
    const char *pip[] = {
        j->python.at,    "-m", "pip", "install", "--disable-pip-version-check", "-r",
        requirements.at, NULL};
    if (run_step(
            j, venv, "make a virtual environment",
            "install the module venv (Debian: apt install python3-venv), or pass another Python with --python PATH",
            err) != NB_OK)
        return err->code;
    if (run_step(
            j, pip, "install the requirements",
            "read what pip wrote above; 'requirements:' of the experiment changes what is asked for",
            err) != NB_OK)
        return err->code;
    return nb_file_replace(j->mark.at, requirements, 0666, err);
}

static nb_code get_locked(job *j, const nb_python *base, nb_str requirements, nb_error *err)
{
    if (nb_is_file(j->mark.at) && nb_is_file(j->python.at))
        return NB_OK;
    say(j, nb_arena_printf(j->arena, "making an environment from " NB_STR_FMT " in " NB_STR_FMT,
                           NB_STR_ARG(requirements), NB_STR_ARG(j->folder)));
    nb_origins none = {0};
    nb_transcript_init(&j->transcript, &none);
    nb_code code = make(j, base, requirements, err);
    nb_transcript_release(&j->transcript);
    return code;
}

nb_code nb_environment_get(nb_arena *arena, const nb_provider_context *context,
                           const nb_python *base, const nb_python_facts *facts, nb_str requirements,
                           nb_python *out, nb_error *err)
{
    nb_str envs = {0}, text = {0};
    int held = -1;
    if (nb_file_read(arena, requirements.at, REQUIREMENTS_LIMIT, &text, err) != NB_OK ||
        cache_folder(arena, context->env, &envs, err) != NB_OK)
        return nb_wrap(err, "cannot make an environment");
    job j = {.arena = arena, .context = context};
    j.folder = nb_path_join(arena, envs, key_of(arena, base, facts, text));
    j.mark = nb_path_join(arena, j.folder, nb_str_from(mark_name));
    j.python = nb_path_join(arena, j.folder, NB_STR("bin/python"));
    if (lock(nb_str_concat(arena, j.folder, NB_STR(".lock")).at, &held, err) != NB_OK)
        return nb_wrap(err, "cannot make an environment");
    nb_code code = get_locked(&j, base, requirements, err);
    close(held);
    if (code == NB_OK)
        *out = (nb_python){j.python, NB_STR("--create-env")};
    return code;
}
