#include "base/fs.h"
#include "serve/front/front_parts.h"

#include <unistd.h>

nb_code nb_log_open(nb_front *front, nb_error *err)
{
    nb_str folder =
        nb_arena_printf(&front->arena, NB_STR_FMT "/log", NB_STR_ARG(front->endpoint.folder));
    nb_str path = nb_arena_printf(&front->arena, NB_STR_FMT "/server.log", NB_STR_ARG(folder));
    if (nb_dir_make(folder.at, err) != NB_OK)
        return nb_wrap(err, "cannot keep a log");
    return nb_log_file_open(&front->log, path.at, front->endpoint.settings.log_max, err);
}

void nb_log(nb_front *front, const char *fmt, ...)
{
    NB_AUTO(nb_buf) line = NB_BUF_INIT(256 << 10);
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    struct timespec now;
    struct tm parts;
    char stamp[32];
    va_list args;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &parts);
    stamp[strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &parts)] = '\0';
    va_start(args, fmt);
    nb_str text = nb_arena_vprintf(&arena, fmt, args);
    va_end(args);
    nb_buf_printf(&line, "%s.%03ldZ ", stamp, now.tv_nsec / 1000000);
    nb_buf_put(&line, text);
    nb_buf_putc(&line, '\n');
    nb_log_file_write(&front->log, nb_buf_view(&line));
    if (front->options->foreground) {
        ssize_t ignored = write(STDERR_FILENO, line.at, line.len); /* nobody may listen there */
        (void)ignored;
    }
}
