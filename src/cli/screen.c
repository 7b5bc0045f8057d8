#include "cli/screen.h"

static void say(void *ctx, nb_str line)
{
    nb_screen *s = ctx;
    if (s->midline && !s->app->quiet)
        fputc('\n', s->app->log);
    s->midline = false;
    nb_app_say(s->app, NB_STR_FMT, NB_STR_ARG(line));
}

static void show(void *ctx, nb_str bytes)
{
    nb_screen *s = ctx;
    if (s->app->quiet || bytes.len == 0)
        return;
    fwrite(bytes.at, 1, bytes.len, s->app->log);
    fflush(s->app->log);
    s->midline = bytes.at[bytes.len - 1] != '\n';
}

nb_progress nb_screen_progress(nb_screen *screen)
{
    return (nb_progress){say, show, screen};
}
