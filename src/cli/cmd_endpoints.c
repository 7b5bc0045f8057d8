#include "base/path.h"
#include "cli/endpoint_start.h"
#include "cli/project.h"
#include "endpoint/start.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LOG_CHUNK = 64 * 1024, LOG_PAUSE_MS = 200 };

/* The one that is named, else the only one. */
static nb_code open_endpoint(nb_app *app, const char *const *operands, size_t count,
                             nb_endpoint *out, nb_error *err)
{
    const nb_config *config = NULL;
    nb_str name = {0};
    if (nb_app_project(app, &config, err) != NB_OK ||
        nb_app_endpoint(app, count > 0 ? operands[0] : NULL, &name, err) != NB_OK)
        return err->code;
    return nb_endpoint_read(app->arena, config->root, name, out, err);
}

/* One that is damaged must not hide the others: it has a row, and the log says what is wrong with it. */
static nb_code look_by_name(nb_app *app, nb_str root, nb_str name, nb_endpoint_sight *sight,
                            nb_error *err)
{
    NB_AUTO(nb_error) damage = NB_ERROR_INIT;
    nb_code code = nb_endpoint_read(app->arena, root, name, &sight->endpoint, &damage);
    if (code != NB_OK) {
        const char *cause = nb_error_message(&damage, 1);
        sight->damage =
            nb_arena_str(app->arena, nb_str_from(cause ? cause : nb_error_message(&damage, 0)));
        if (nb_endpoint_new(app->arena, root, name, &sight->endpoint, err) != NB_OK)
            return err->code;
        nb_app_say(app, "endpoint '" NB_STR_FMT "': " NB_STR_FMT, NB_STR_ARG(name),
                   NB_STR_ARG(sight->damage));
    }
    nb_endpoint_see(app, sight);
    return NB_OK;
}

/* --- list ----------------------------------------------------------------------------------------- */

static nb_code run_list(NB_UNUSED const void *args, NB_UNUSED const char *const *operands,
                        NB_UNUSED size_t operand_count, nb_app *app, nb_error *err)
{
    const nb_config *config = NULL;
    nb_str *names = NULL;
    size_t count = 0;
    if (nb_app_project(app, &config, err) != NB_OK ||
        nb_endpoint_list(app->arena, config->root, &names, &count, err) != NB_OK)
        return err->code;
    nb_endpoint_sight *sights = NB_NEW_ARRAY(app->arena, nb_endpoint_sight, count);
    for (size_t i = 0; i < count; i++)
        if (look_by_name(app, config->root, names[i], &sights[i], err) != NB_OK)
            return err->code;
    nb_endpoint_view_table(app, sights, count);
    if (count == 0)
        nb_app_say(app, "no endpoints yet");
    return NB_OK;
}

static const nb_command cmd_list = {
    .name = "endpoints list",
    .summary = "List the project's endpoints on this machine.",
    .run = run_list,
};

/* --- show ----------------------------------------------------------------------------------------- */

static nb_code run_show(NB_UNUSED const void *args, const char *const *operands, size_t count,
                        nb_app *app, nb_error *err)
{
    nb_endpoint_sight sight = {0};
    if (open_endpoint(app, operands, count, &sight.endpoint, err) != NB_OK)
        return err->code;
    nb_endpoint_see(app, &sight);
    nb_endpoint_view_page(app, &sight);
    return NB_OK;
}

static const nb_command cmd_show = {
    .name = "endpoints show",
    .operands = "[NAME]",
    .summary = "Show an endpoint: its address, versions, traffic and history.",
    .max_operands = 1,
    .operand_names = NB_NAMES_ENDPOINT,
    .run = run_show,
};

/* --- logs ----------------------------------------------------------------------------------------- */

struct logs_args {
    bool follow, access;
};

/* Passes on what was written since *offset; a file that became shorter was replaced, and is read from its start. */
static nb_code pass_log(const char *path, off_t *offset, FILE *to, nb_error *err)
{
    char bytes[LOG_CHUNK];
    struct stat st;
    ssize_t got = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return NB_OK; /* nothing was written yet */
    if (fd < 0 || fstat(fd, &st) != 0)
        (void)nb_fail_errno(err, "cannot read the log '%s'", path);
    if (fd < 0)
        return err->code;
    if (st.st_size < *offset)
        *offset = 0;
    while ((got = pread(fd, bytes, sizeof bytes, *offset)) > 0) {
        (void)fwrite(bytes, 1, (size_t)got, to);
        *offset += got;
    }
    if (got < 0)
        (void)nb_fail_errno(err, "cannot read the log '%s'", path);
    close(fd);
    (void)fflush(to);
    return got < 0 ? err->code : NB_OK;
}

static nb_code follow(nb_app *app, const nb_endpoint *endpoint, const char *path, FILE *to,
                      nb_error *err)
{
    off_t offset = 0;
    nb_process process;
    for (;;) {
        bool runs = nb_endpoint_look(endpoint, &nb_runner_real, &process) == NB_ENDPOINT_RUNNING;
        if (pass_log(path, &offset, to, err) != NB_OK)
            return err->code;
        if (!runs || ferror(to))
            return NB_OK;
        app->env->sleep_ms(app->env->ctx, LOG_PAUSE_MS);
    }
}

static nb_code run_logs(const void *args_, const char *const *operands, size_t count, nb_app *app,
                        nb_error *err)
{
    const struct logs_args *args = args_;
    nb_endpoint endpoint = {0};
    off_t offset = 0;
    if (open_endpoint(app, operands, count, &endpoint, err) != NB_OK)
        return err->code;
    nb_str path = nb_path_join(app->arena, endpoint.folder,
                               args->access ? NB_STR("log/access.log") : NB_STR("log/server.log"));
    nb_app_text text;
    FILE *to = nb_app_text_open(app, &text);
    nb_code code = args->follow ? follow(app, &endpoint, path.at, to, err)
                                : pass_log(path.at, &offset, to, err);
    nb_app_text_close(app, &text, "log");
    return code;
}

static const nb_opt logs_options[] = {
    {NB_FLAG('f', "follow", struct logs_args, follow, "print what comes until the endpoint ends")},
    {NB_FLAG(0, "access", struct logs_args, access,
             "print the access log instead: one JSON object a request")},
    {.kind = NB_OPT_END},
};

static const nb_command cmd_logs = {
    .name = "endpoints logs",
    .operands = "[NAME]",
    .summary = "Print what an endpoint and its workers have written.",
    .about = "Ctrl-C ends following, not the endpoint.",
    .options = logs_options,
    .max_operands = 1,
    .operand_names = NB_NAMES_ENDPOINT,
    .args_size = sizeof(struct logs_args),
    .run = run_logs,
};

/* --- start, stop ---------------------------------------------------------------------------------- */

static void show_outcome(nb_app *app, const nb_endpoint *endpoint)
{
    nb_endpoint_sight sight = {.endpoint = *endpoint};
    if (!app->json)
        return;
    nb_endpoint_see(app, &sight);
    nb_endpoint_view_page(app, &sight);
}

struct start_args {
    bool wait;
};

static const struct start_args start_defaults = {.wait = true};

static nb_code run_start(const void *args_, const char *const *operands, size_t count, nb_app *app,
                         nb_error *err)
{
    const struct start_args *args = args_;
    nb_endpoint endpoint = {0};
    if (open_endpoint(app, operands, count, &endpoint, err) != NB_OK)
        return err->code;
    const nb_endpoint_starting starting = {.endpoint = &endpoint, .wait = args->wait};
    return nb_endpoint_bring_up(app, &starting, err);
}

static const nb_opt start_options[] = {
    {NB_FLAG(0, "wait", struct start_args, wait, "return at once, while models are loaded")},
    {.kind = NB_OPT_END},
};

static const nb_command cmd_start = {
    .name = "endpoints start",
    .operands = "[NAME]",
    .summary = "Start an endpoint again, with the versions and traffic it had.",
    .about =
        "Waits until its models are loaded, and says why when they are not. Ctrl-C ends the waiting, not the endpoint.",
    .options = start_options,
    .max_operands = 1,
    .operand_names = NB_NAMES_ENDPOINT,
    .args_size = sizeof(struct start_args),
    .defaults = &start_defaults,
    .run = run_start,
};

static nb_code run_stop(NB_UNUSED const void *args, const char *const *operands, size_t count,
                        nb_app *app, nb_error *err)
{
    nb_endpoint endpoint = {0};
    bool was_running = false;
    if (open_endpoint(app, operands, count, &endpoint, err) != NB_OK)
        return err->code;
    const nb_front_process front = {
        .endpoint = &endpoint, .runner = &nb_runner_real, .env = app->env};
    if (nb_front_stop(&front, &was_running, err) != NB_OK)
        return err->code;
    nb_app_say(app, "endpoint '" NB_STR_FMT "' %s", NB_STR_ARG(endpoint.name),
               was_running ? "has stopped" : "did not run");
    show_outcome(app, &endpoint);
    return NB_OK;
}

static const nb_command cmd_stop = {
    .name = "endpoints stop",
    .operands = "[NAME]",
    .summary = "Stop an endpoint: it answers what it has, then ends.",
    .about =
        "One that does not end is told to (SIGTERM), and killed ten seconds later. Its versions, logs and settings stay.",
    .max_operands = 1,
    .operand_names = NB_NAMES_ENDPOINT,
    .run = run_stop,
};

static const nb_command *const commands[] = {&cmd_list,  &cmd_show, &cmd_logs,
                                             &cmd_start, &cmd_stop, NULL};

const nb_command nb_cmd_endpoints = {
    .name = "endpoints",
    .summary = "Look at endpoints on this machine, start and stop them.",
    .commands = commands,
};
