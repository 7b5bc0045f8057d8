/* tool_front [--as CONTRACT] ROOT NAME PORT PYTHON [VERSION…]: serves an endpoint as `serve` does; one that is not there yet is made, with these versions up and the
 * weight on the first. For tests of the front. */
#include "serve/front.h"

#include "base/fs.h"
#include "base/path.h"

static void say_started(void *ctx)
{
    (void)ctx;
    (void)puts("started");
    (void)fflush(stdout);
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
        if (!nb_str_to_int(nb_str_from(argv[i]), &version) || version < 1)
            return nb_fail(err, NB_ERR_USAGE, "'%s' is no version", argv[i]);
        nb_vec_push(arena, &endpoint->deployments,
                    (nb_deployment){.version = (unsigned)version,
                                    .experiment = NB_STR("iris"),
                                    .model = NB_STR("models/iris/1"),
                                    .weight = i == 5 ? 100 : 0,
                                    .up = true});
    }
    return nb_endpoint_write(endpoint, err);
}

static nb_code run(nb_arena *arena, char **argv, int argc, const char *only, nb_error *err)
{
    nb_endpoint endpoint;
    nb_str file =
        nb_arena_printf(arena, "%s/.notebooked/endpoints/%s/endpoint.json", argv[1], argv[2]);
    nb_code code = nb_path_exists(file.at) ? nb_endpoint_read(arena, nb_str_from(argv[1]),
                                                              nb_str_from(argv[2]), &endpoint, err)
                                           : make(arena, argv, argc, &endpoint, err);
    if (code != NB_OK)
        return code;
    nb_front_options options = {
        .endpoint = &endpoint, .only = only, .foreground = true, .started = say_started};
    return nb_front_run(&options, err);
}

int main(int argc, char **argv)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    const char *only = argc > 2 && strcmp(argv[1], "--as") == 0 ? argv[2] : NULL;
    argv += only ? 2 : 0;
    argc -= only ? 2 : 0;
    if (argc < 5) {
        (void)fputs("usage: tool_front [--as CONTRACT] ROOT NAME PORT PYTHON [VERSION...]\n",
                    stderr);
        return 1;
    }
    nb_code code = run(&arena, argv, argc, only, &err);
    if (code != NB_OK)
        nb_error_print(&err, stderr);
    return nb_code_exit(code);
}
