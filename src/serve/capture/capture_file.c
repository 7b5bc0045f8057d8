#include "serve/capture/capture_file.h"

#include "base/fs.h"
#include "base/vec.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- opening ------------------------------------------------------------------------------------------------------- */

static bool make_dir(const char *path)
{
    return mkdir(path, 0700) == 0 || errno == EEXIST;
}

/* Each folder of the path, from the one with `fixed` bytes on. */
static bool make_dirs(char *path, size_t fixed)
{
    for (char *at = path + fixed; *at; at++) {
        if (*at != '/')
            continue;
        *at = '\0';
        bool made = make_dir(path);
        *at = '/';
        if (!made)
            return false;
    }
    return true;
}

static nb_str path_for(const nb_capture_files *files, nb_arena *arena, unsigned version,
                       int64_t now_ms)
{
    time_t seconds = (time_t)(now_ms / 1000);
    struct tm utc = {0};
    char when[32];
    gmtime_r(&seconds, &utc);
    when[strftime(when, sizeof when, "%Y/%m/%d/%H/%M-%S", &utc)] = '\0';
    return nb_arena_printf(arena, "%s/%u/%s-%llx-%llx.jsonl", files->folder, version, when,
                           (unsigned long long)files->run, (unsigned long long)files->serial);
}

static void close_file(nb_capture_file *file)
{
    if (file->version > 0)
        close(file->fd);
    *file = (nb_capture_file){0};
}

/* --- room ---------------------------------------------------------------------------------------------------------- */

typedef struct kept {
    nb_str path, order; /* `order`: the path behind the version */
    uint64_t size;
} kept;

typedef struct census {
    nb_arena arena;
    NB_VEC(kept) files;
    uint64_t total;
} census;

static void count_file(census *c, nb_str path, size_t order)
{
    struct stat about;
    if (!nb_str_ends(path, NB_STR(".jsonl")) || lstat(path.at, &about) != 0)
        return;
    kept one = {path, nb_str_from_at(path, order), (uint64_t)about.st_size};
    nb_vec_push(&c->arena, &c->files, one);
    c->total += one.size;
}

static void count_folder(census *c, nb_str folder, size_t order, unsigned depth)
{
    enum { DEEPEST = 5 };                      /* version, year, month, day, hour */
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* one that cannot be read is not ours */
    nb_entry *entries;
    size_t count;
    if (nb_dir_read(&c->arena, folder.at, &entries, &count, &ignored) != NB_OK)
        return;
    for (size_t i = 0; i < count; i++) {
        nb_str path = nb_arena_printf(&c->arena, NB_STR_FMT "/" NB_STR_FMT, NB_STR_ARG(folder),
                                      NB_STR_ARG(entries[i].name));
        size_t from = depth == 0 ? path.len : order;
        if (entries[i].kind == NB_ENTRY_FOLDER && depth < DEEPEST)
            count_folder(c, path, from, depth + 1);
        else if (entries[i].kind == NB_ENTRY_FILE && depth == DEEPEST)
            count_file(c, path, from);
    }
}

static int by_age(const void *a, const void *b)
{
    return nb_str_cmp(((const kept *)a)->order, ((const kept *)b)->order);
}

static bool is_open(const nb_capture_files *files, const char *path)
{
    struct stat about, open;
    if (stat(path, &about) != 0)
        return true;
    for (size_t i = 0; i < NB_CAPTURE_FILES; i++)
        if (files->open[i].version > 0 && fstat(files->open[i].fd, &open) == 0 &&
            open.st_ino == about.st_ino && open.st_dev == about.st_dev)
            return true;
    return false;
}

/* The file, and the folders of its hour, day, month and year when they are empty now. */
static bool remove_file(nb_capture_files *files, const kept *one)
{
    char *path = (char *)(uintptr_t)one->path.at;
    if (is_open(files, path) || unlink(path) != 0)
        return false;
    files->pruned++;
    for (int up = 0; up < 4; up++) {
        *strrchr(path, '/') = '\0';
        if (rmdir(path) != 0)
            break;
    }
    return true;
}

/* Room for one more file. */
static void prune(nb_capture_files *files)
{
    census c = {0};
    uint64_t most = files->keep > files->file_bytes ? files->keep - files->file_bytes : 0;
    if (files->keep == 0 || (files->is_counted && files->total <= most))
        return;
    count_folder(&c, nb_str_from(files->folder), 0, 0);
    if (c.files.count > 0)
        qsort(c.files.at, c.files.count, sizeof *c.files.at, by_age);
    for (size_t i = 0; i < c.files.count && c.total > most; i++)
        if (remove_file(files, &c.files.at[i]))
            c.total -= c.files.at[i].size;
    files->total = c.total;
    files->is_counted = true;
    nb_arena_release(&c.arena);
}

/* --- writing ------------------------------------------------------------------------------------------------------- */

static bool open_file(nb_capture_files *files, nb_capture_file *file, unsigned version,
                      int64_t now_ms)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    prune(files);
    files->serial++;
    nb_str path = path_for(files, &arena, version, now_ms);
    if (!make_dirs(nb_arena_z(&arena, path), strlen(files->folder)))
        return false;
    int fd = open(path.at, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return false;
    *file = (nb_capture_file){.version = version, .fd = fd, .opened_ms = now_ms};
    return true;
}

static bool is_old(const nb_capture_files *files, const nb_capture_file *file, int64_t now_ms)
{
    int64_t hour_ms = INT64_C(3600) * 1000;
    return now_ms < file->opened_ms || now_ms - file->opened_ms >= files->file_ms ||
           now_ms / hour_ms != file->opened_ms / hour_ms;
}

/* Somebody removed it, or the folder above: what is written there nobody will see. */
static bool is_removed(const nb_capture_file *file)
{
    struct stat about;
    return fstat(file->fd, &about) != 0 || about.st_nlink == 0;
}

static nb_capture_file *place_for(nb_capture_files *files, unsigned version)
{
    nb_capture_file *oldest = &files->open[0];
    for (size_t i = 0; i < NB_CAPTURE_FILES; i++) {
        nb_capture_file *file = &files->open[i];
        if (file->version == version)
            return file;
        if (file->version == 0 || (oldest->version > 0 && file->opened_ms < oldest->opened_ms))
            oldest = file;
    }
    close_file(oldest);
    return oldest;
}

static bool append(nb_capture_file *file, nb_str line)
{
    size_t done = 0;
    while (done < line.len) {
        ssize_t wrote = write(file->fd, line.at + done, line.len - done);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            break;
        done += (size_t)wrote;
    }
    if (done == line.len) {
        file->size += line.len;
        return true;
    }
    int why = errno;
    (void)!ftruncate(file->fd, (off_t)file->size);
    close_file(file);
    errno = why;
    return false;
}

bool nb_capture_files_write(nb_capture_files *files, unsigned version, int64_t now_ms, nb_str line)
{
    nb_capture_file *file = place_for(files, version);
    if (file->version > 0 && (is_old(files, file, now_ms) || is_removed(file) ||
                              file->size + line.len > files->file_bytes))
        close_file(file);
    if (file->version == 0 && !open_file(files, file, version, now_ms))
        return false;
    if (!append(file, line))
        return false;
    files->total += line.len;
    return true;
}

void nb_capture_files_age(nb_capture_files *files, int64_t now_ms)
{
    for (size_t i = 0; i < NB_CAPTURE_FILES; i++)
        if (files->open[i].version > 0 && is_old(files, &files->open[i], now_ms))
            close_file(&files->open[i]);
}

void nb_capture_files_close(nb_capture_files *files)
{
    for (size_t i = 0; i < NB_CAPTURE_FILES; i++)
        close_file(&files->open[i]);
}
