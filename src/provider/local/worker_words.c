#include "provider/local/worker_words.h"

#include "base/path.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK = 64 * 1024 };

void nb_worker_words_open(nb_worker_words *words, const nb_local_deploying *deploying)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* without a map lines of inference.py are told */
    const nb_endpoint *endpoint = &deploying->endpoint;
    nb_str map_dir = deploying->request->map_dir;
    struct stat st;
    *words = (nb_worker_words){
        .progress = &deploying->context->progress,
        .arena = deploying->arena,
        .path = nb_path_join(deploying->arena, endpoint->folder, NB_STR("log/server.log")),
        .prefix = nb_arena_printf(deploying->arena, "v%u worker ", deploying->added.version),
    };
    words->origins = (nb_origins){.maps = &words->map, .anywhere = true};
    if (map_dir.len > 0 &&
        nb_origin_map_load(deploying->arena, map_dir, &words->map, &ignored) == NB_OK)
        words->origins.count = 1;
    if (stat(words->path.at, &st) == 0)
        words->at = st.st_size;
    nb_translator_init(&words->translator, &words->origins);
    words->translator.check_source = true;
}

static void put(const nb_worker_words *words, nb_str text)
{
    if (text.len > 0 && words->progress->output)
        words->progress->output(words->progress->ctx, text);
}

/* "2026-01-01T10:00:00.000Z v3 worker 1: what it said" */
static void take_line(nb_worker_words *words, nb_str line)
{
    nb_str stamp, number;
    if (!nb_str_split(&line, ' ', &stamp) || !nb_str_starts(line, words->prefix))
        return;
    line = nb_str_from_at(line, words->prefix.len);
    if (!nb_str_split(&line, ':', &number) || line.len == 0)
        return;
    put(words, nb_translate(&words->translator, nb_str_from_at(line, 1), true));
}

void nb_worker_words_pass_on(void *ctx)
{
    nb_worker_words *words = ctx;
    char bytes[CHUNK];
    int fd = open(words->path.at, O_RDONLY | O_CLOEXEC);
    ssize_t got;
    while (fd >= 0 && (got = pread(fd, bytes, sizeof bytes, words->at)) > 0) {
        nb_str rest = {bytes, (size_t)got}, line;
        ptrdiff_t end = nb_str_rfind_char(rest, '\n');
        rest.len = end >= 0 ? (size_t)end + 1 : rest.len == sizeof bytes ? rest.len : 0;
        if (rest.len == 0) /* an unfinished line: the next time */
            break;
        words->at += (off_t)rest.len;
        while (nb_str_line(&rest, &line))
            take_line(words, line);
    }
    if (fd >= 0)
        close(fd);
}

void nb_worker_words_end(nb_worker_words *words)
{
    put(words, nb_translate_end(&words->translator));
}

nb_str nb_worker_words_place(const nb_worker_words *words, nb_arena *arena)
{
    const nb_origin *place = &words->translator.last_place;
    return place->file ? nb_origin_text(arena, place) : NB_STR("");
}

void nb_worker_words_close(nb_worker_words *words)
{
    nb_translator_release(&words->translator);
}
