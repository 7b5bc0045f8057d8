#include "base/error.h"

#include <errno.h>
#include <stdarg.h>

static const struct {
    const char *name;
    int exit;
} codes[NB_CODE_COUNT] = {
    [NB_OK] = {"ok",        0},
    [NB_ERR_USAGE] = {"usage",     1},
    [NB_ERR_CONFIG] = {"config",    1},
    [NB_ERR_NOTEBOOK] = {"notebook",  1},
    [NB_ERR_NOT_FOUND] = {"not-found", 1},
    [NB_ERR_EXISTS] = {"exists",    1},
    [NB_ERR_USER_CODE] = {"user-code", 1},
    [NB_ERR_STALE] = {"stale",     1},
    [NB_ERR_LANGUAGE] = {"language",  1},
    [NB_ERR_IO] = {"io",        2},
    [NB_ERR_NET] = {"net",       2},
    [NB_ERR_AUTH] = {"auth",      2},
    [NB_ERR_REMOTE] = {"remote",    2},
    [NB_ERR_TIMEOUT] = {"timeout",   2},
    [NB_ERR_INTERNAL] = {"internal",  3},
};

static char *formatted(const char *fmt, va_list args) NB_PRINTF(1, 0);

static char *formatted(const char *fmt, va_list args)
{
    char *text = NULL;
    if (vasprintf(&text, fmt, args) < 0)
        abort();
    return text;
}

static void push(nb_error *err, const char *message)
{
    size_t len = strlen(message) + 1;
    char *grown = realloc(err->chain, err->chain_len + len);
    if (!grown)
        abort();
    memcpy(grown + err->chain_len, message, len);
    err->chain = grown;
    err->chain_len += len;
}

void nb_error_release(nb_error *err)
{
    free(err->chain);
    free(err->hint);
    free(err->path);
    free(err->source);
    memset(err, 0, sizeof(*err));
}

nb_code nb_fail(nb_error *err, nb_code code, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    char *message = formatted(fmt, args);
    va_end(args);
    nb_error_release(err);
    push(err, message);
    free(message);
    err->code = code;
    return code;
}

nb_code nb_fail_errno(nb_error *err, const char *fmt, ...)
{
    int saved = errno;
    va_list args;
    va_start(args, fmt);
    char *message = formatted(fmt, args);
    va_end(args);
    bool no_such_path = saved == ENOENT || saved == ENOTDIR || saved == ENAMETOOLONG;
    nb_code code = nb_fail(err, no_such_path ? NB_ERR_NOT_FOUND : NB_ERR_IO, "%s: %s", message,
                           strerror(saved));
    free(message);
    return code;
}

nb_code nb_wrap(nb_error *err, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    char *message = formatted(fmt, args);
    va_end(args);
    push(err, message);
    free(message);
    return err->code;
}

static char *copy_of(nb_str text)
{
    char *copy = strndup(text.at ? text.at : "", text.len);
    if (!copy)
        abort();
    return copy;
}

void nb_error_at(nb_error *err, nb_place place)
{
    if (err->path || place.path.len == 0)
        return;
    err->path = copy_of(place.path);
    err->line = place.line;
    err->column = place.column;
    if (place.source.len > 0)
        err->source = copy_of(place.source);
}

void nb_error_hint(nb_error *err, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    char *hint = formatted(fmt, args);
    va_end(args);
    free(err->hint);
    err->hint = hint;
}

void nb_error_copy(nb_error *to, const nb_error *from)
{
    nb_error copy = *from;
    copy.chain = malloc(from->chain_len + 1);
    if (!copy.chain)
        abort();
    if (from->chain_len > 0)
        memcpy(copy.chain, from->chain, from->chain_len);
    copy.hint = from->hint ? copy_of(nb_str_from(from->hint)) : NULL;
    copy.path = from->path ? copy_of(nb_str_from(from->path)) : NULL;
    copy.source = from->source ? copy_of(nb_str_from(from->source)) : NULL;
    nb_error_release(to);
    *to = copy;
}

int nb_code_exit(nb_code code)
{
    return codes[code].exit;
}

const char *nb_code_name(nb_code code)
{
    return codes[code].name;
}

const char *nb_error_message(const nb_error *err, size_t i)
{
    size_t end = err->chain_len;
    while (end > 0) {
        size_t start = end - 1;
        while (start > 0 && err->chain[start - 1] != '\0')
            start--;
        if (i-- == 0)
            return err->chain + start;
        end = start;
    }
    return NULL;
}

/* The caret stands under the column's character: tabs before it are repeated, so that it does so at any tab width. */
static void print_caret(const char *source, unsigned column, FILE *to)
{
    fputs("      ", to);
    for (unsigned at = 1; at < column; source += *source != '\0') {
        bool tail = ((unsigned char)*source & 0xC0) == 0x80; /* inside a character of UTF-8 */
        if (!tail)
            fputc(*source == '\t' ? '\t' : ' ', to);
        at += !tail;
    }
    fputs("^\n", to);
}

static void print_place(const nb_error *err, FILE *to)
{
    fprintf(to, "  at %s", err->path);
    if (err->line > 0)
        fprintf(to, ":%u", err->line);
    if (err->line > 0 && err->column > 0)
        fprintf(to, ":%u", err->column);
    fputc('\n', to);
    if (!err->source)
        return;
    fprintf(to, "      %s\n", err->source);
    if (err->column > 0)
        print_caret(err->source, err->column, to);
}

void nb_error_print(const nb_error *err, FILE *to)
{
    const char *message;
    for (size_t i = 0; (message = nb_error_message(err, i)) != NULL; i++) {
        if (i == 0 && err->finding)
            fprintf(to, "error[%s]: %s\n", err->finding, message);
        else
            fprintf(to, "%s%s\n", i == 0 ? "error: " : "  because: ", message);
    }
    if (err->path)
        print_place(err, to);
    if (err->hint)
        fprintf(to, "hint: %s\n", err->hint);
}
