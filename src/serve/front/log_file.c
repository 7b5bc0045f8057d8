#include "serve/front/log_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static int open_path(const char *path)
{
    return open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
}

nb_code nb_log_file_open(nb_log_file *file, const char *path, size_t most, nb_error *err)
{
    struct stat about;
    *file = (nb_log_file){.path = path, .most = most, .fd = open_path(path)};
    if (file->fd < 0)
        return nb_fail_errno(err, "cannot open '%s'", path);
    if (fstat(file->fd, &about) == 0 && about.st_size > 0)
        file->size = (size_t)about.st_size;
    return NB_OK;
}

/* A detached front has its log as its output, too: that moves along. */
static void move_output(int from, int to)
{
    struct stat log, output;
    if (fstat(from, &log) != 0)
        return;
    for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++)
        if (fstat(fd, &output) == 0 && output.st_ino == log.st_ino && output.st_dev == log.st_dev)
            (void)dup2(to, fd);
}

/* When that is not possible the file goes on growing, and is tried again after as many bytes. */
static void rotate(nb_log_file *file)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    file->size = 0;
    for (int i = NB_LOG_KEPT; i > 0; i--) {
        const char *from =
            i > 1 ? nb_arena_printf(&arena, "%s.%d", file->path, i - 1).at : file->path;
        (void)rename(from, nb_arena_printf(&arena, "%s.%d", file->path, i).at);
    }
    int fd = open_path(file->path);
    if (fd < 0)
        return;
    move_output(file->fd, fd);
    close(file->fd);
    file->fd = fd;
    file->is_torn = false;
}

static void write_all(nb_log_file *file, nb_str text)
{
    while (text.len > 0) {
        ssize_t wrote = write(file->fd, text.at, text.len);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            break;
        file->size += (size_t)wrote;
        file->is_torn = text.at[wrote - 1] != '\n';
        text = nb_str_from_at(text, (size_t)wrote);
    }
}

void nb_log_file_write(nb_log_file *file, nb_str lines)
{
    if (file->fd < 0 || lines.len == 0)
        return;
    if (file->most > 0 && file->size > 0 && file->size + lines.len > file->most)
        rotate(file);
    if (file->is_torn)
        write_all(file, NB_STR("\n"));
    if (!file->is_torn)
        write_all(file, lines);
}

void nb_log_file_close(nb_log_file *file)
{
    if (file->fd >= 0)
        close(file->fd);
    file->fd = -1;
}
