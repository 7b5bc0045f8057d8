#include "base/trace.h"

#include "base/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <unistd.h>

/* The one piece of state in the program that any code may reach: where traces go. Set once, at start. */
unsigned nb_trace_on;
static int trace_fd = -1; /* JSON lines go there; -1: text to stderr */

static const struct {
    nb_component bit;
    nb_str name;
} components[] = {
    {NB_TRACE_PARSE, NB_STR_ROW("parse")},
    {NB_TRACE_GEN,   NB_STR_ROW("gen")  },
    {NB_TRACE_PROC,  NB_STR_ROW("proc") },
    {NB_TRACE_STORE, NB_STR_ROW("store")},
};

enum { EVERYTHING = NB_TRACE_PARSE | NB_TRACE_GEN | NB_TRACE_PROC | NB_TRACE_STORE };

static nb_code select_components(nb_str list, unsigned *bits, nb_error *err)
{
    nb_str name;
    while (nb_str_split(&list, ',', &name)) {
        name = nb_str_trim(name);
        unsigned found = 0;
        for (size_t i = 0; i < NB_LEN(components); i++)
            if (nb_str_eq(components[i].name, name))
                found = components[i].bit;
        if (!found && name.len > 0) {
            nb_fail(err, NB_ERR_USAGE, "cannot trace '" NB_STR_FMT "'", NB_STR_ARG(name));
            nb_error_hint(err, "set NOTEBOOKED_TRACE to some of parse,gen,proc,store");
            return err->code;
        }
        *bits |= found;
    }
    return NB_OK;
}

static nb_code open_file(nb_str path, nb_error *err)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    const char *z = nb_arena_z(&arena, path);
    int fd = open(z, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (fd < 0) {
        int saved = errno;
        nb_fail(err, NB_ERR_IO, "cannot open '%s' for traces: %s", z, strerror(saved));
        nb_error_hint(err, "check NOTEBOOKED_TRACE");
        return err->code;
    }
    trace_fd = fd;
    return NB_OK;
}

nb_code nb_trace_open(const nb_env *env, nb_error *err)
{
    unsigned bits = 0;
    nb_str debug = nb_env_str(env, "NOTEBOOKED_DEBUG");
    nb_str list = nb_env_str(env, "NOTEBOOKED_TRACE");
    if (debug.len > 0 && !nb_str_eqz(debug, "0"))
        bits = EVERYTHING;
    ptrdiff_t colon = nb_str_find_char(list, ':');
    nb_str names = colon < 0 ? list : nb_str_slice(list, 0, (size_t)colon);
    if (select_components(names, &bits, err) != NB_OK)
        return err->code;
    if (colon >= 0 && open_file(nb_str_from_at(list, (size_t)colon + 1), err) != NB_OK)
        return err->code;
    nb_trace_on = bits;
    return NB_OK;
}

void nb_trace_close(void)
{
    if (trace_fd >= 0)
        (void)close(trace_fd);
    trace_fd = -1;
    nb_trace_on = 0;
}

static nb_str name_of(nb_component component)
{
    for (size_t i = 0; i < NB_LEN(components); i++)
        if (components[i].bit == component)
            return components[i].name;
    return NB_STR("?");
}

/* The rooms below text/ have no JSON writer; this much is needed of one. */
static void put_json_text(nb_buf *line, const char *text)
{
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\')
            nb_buf_putc(line, '\\');
        if (c < 0x20)
            nb_buf_printf(line, "\\u%04x", c);
        else
            nb_buf_putc(line, *text);
    }
}

/* One line in one write, so that lines of several processes do not mix. */
static void emit(nb_component component, const char *message, int64_t duration_us)
{
    NB_AUTO(nb_buf) line = NB_BUF_INIT(NB_BUF_TEXT);
    nb_str name = name_of(component);
    if (trace_fd >= 0) {
        nb_buf_printf(&line,
                      "{\"time_us\": %lld, \"component\": \"" NB_STR_FMT "\", \"message\": \"",
                      (long long)nb_trace_begin(), NB_STR_ARG(name));
        put_json_text(&line, message);
        nb_buf_putc(&line, '"');
        if (duration_us >= 0)
            nb_buf_printf(&line, ", \"duration_us\": %lld", (long long)duration_us);
        nb_buf_putz(&line, "}\n");
    } else {
        nb_buf_printf(&line, "trace " NB_STR_FMT ": %s", NB_STR_ARG(name), message);
        if (duration_us >= 0)
            nb_buf_printf(&line, " (%.3f ms)", (double)duration_us / 1000);
        nb_buf_putc(&line, '\n');
    }
    ssize_t put = write(trace_fd >= 0 ? trace_fd : STDERR_FILENO, line.at, line.len);
    (void)put; /* a trace that cannot be written is no reason to stop */
}

void nb_trace_write_(nb_component component, const char *fmt, ...)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    va_list args;
    va_start(args, fmt);
    nb_str message = nb_arena_vprintf(&arena, fmt, args);
    va_end(args);
    emit(component, message.at, -1);
}

int64_t nb_trace_begin(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void nb_trace_end(nb_component component, int64_t start, const char *what)
{
    if (nb_trace_on & component)
        emit(component, what, nb_trace_begin() - start);
}
