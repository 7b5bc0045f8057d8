/* tool_front [--as CONTRACT] [--debug] ROOT NAME PORT PYTHON [VERSION…] [SETTING=VALUE…]: serves an endpoint as `serve` does; one that is not there yet is made, with
 * these versions up and the weight on the first, and these settings. For tests of the front. */
#include "serve/front/front.h"

#include "base/fs.h"
#include "base/path.h"
#include "endpoint/settings.h"

static void say_started(void *ctx)
{
    (void)ctx;
    (void)puts("started");
    (void)fflush(stdout);
}

static nb_code set(nb_arena *arena, nb_str text, nb_endpoint *endpoint, nb_error *err)
{
    nb_setting_value value = {.folder = endpoint->root};
    if (!nb_str_split(&text, '=', &value.name))
        return nb_fail(err, NB_ERR_USAGE, "'" NB_STR_FMT "' is neither version nor setting",
                       NB_STR_ARG(text));
    value.text = text;
    return nb_setting_set(arena, &value, &endpoint->settings, err);
}

static nb_code make(nb_arena *arena, char **argv, int argc, nb_endpoint *endpoint, nb_error *err)
{
    int64_t port = 0, version = 0;
    if (nb_endpoint_new(arena, nb_str_from(argv[1]), nb_str_from(argv[2]), endpoint, err) != NB_OK)
        return err->code;
    (void)nb_str_to_int(nb_str_from(argv[3]), &port);
    endpoint->settings.port = (unsigned)port;
    endpoint->settings.python = nb_str_from(argv[4]);
    endpoint->settings.watch_ms = 3000;
    endpoint->settings.timeout_ms = 2000;
    for (int i = 5; i < argc; i++) {
        if (strchr(argv[i], '=')) {
            if (set(arena, nb_str_from(argv[i]), endpoint, err) != NB_OK)
                return err->code;
            continue;
        }
        if (!nb_str_to_int(nb_str_from(argv[i]), &version) || version < 1)
            return nb_fail(err, NB_ERR_USAGE, "'%s' is no version", argv[i]);
        unsigned weight = endpoint->deployments.count == 0 ? 100 : 0;
        nb_vec_push(arena, &endpoint->deployments,
                    (nb_deployment){.version = (unsigned)version,
                                    .experiment = NB_STR("iris"),
                                    .model = NB_STR("models/iris/1"),
                                    .weight = weight,
                                    .up = true});
    }
    nb_vec_push(arena, &endpoint->history,
                (nb_endpoint_event){.at_ms = 1,
                                    .what = NB_STR("deployed"),
                                    .weights = nb_endpoint_weights(arena, endpoint)});
    return nb_endpoint_write(endpoint, err);
}

static nb_code run(nb_arena *arena, char **argv, int argc, nb_front_options *options, nb_error *err)
{
    nb_endpoint endpoint;
    nb_str file =
        nb_arena_printf(arena, "%s/.notebooked/endpoints/%s/endpoint.json", argv[1], argv[2]);
    nb_code code = nb_path_exists(file.at) ? nb_endpoint_read(arena, nb_str_from(argv[1]),
                                                              nb_str_from(argv[2]), &endpoint, err)
                                           : make(arena, argv, argc, &endpoint, err);
    if (code != NB_OK)
        return code;
    options->endpoint = &endpoint;
    return nb_front_run(options, err);
}

/* Options come first. Returns how many words they take. */
static int read_options(char **argv, int argc, nb_front_options *options)
{
    int at = 1;
    for (; at < argc; at++) {
        if (strcmp(argv[at], "--debug") == 0)
            options->debug = true;
        else if (strcmp(argv[at], "--as") == 0 && at + 1 < argc)
            options->only = argv[++at];
        else
            break;
    }
    return at - 1;
}

int main(int argc, char **argv)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_front_options options = {.foreground = true, .started = say_started};
    int taken = read_options(argv, argc, &options);
    argv += taken;
    argc -= taken;
    if (argc < 5) {
        (void)fputs("usage: tool_front [--as CONTRACT] [--debug] ROOT NAME PORT PYTHON "
                    "[VERSION...] [SETTING=VALUE...]\n",
                    stderr);
        return 1;
    }
    nb_code code = run(&arena, argv, argc, &options, &err);
    if (code != NB_OK)
        nb_error_print(&err, stderr);
    return nb_code_exit(code);
}
