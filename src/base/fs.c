#include "base/fs.h"

#include "base/heap.h"
#include "base/vec.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK = 4096, LARGEST_COPY = 512 * 1024, TEMP_NAMES = 1000 };

/* A descriptor that closes itself; -1 is none. */
typedef struct nb_fd {
    int n;
} nb_fd;

static void nb_fd_auto(nb_fd *fd)
{
    if (fd->n >= 0)
        (void)close(fd->n);
}

static const char *kind_of(mode_t mode)
{
    if (S_ISREG(mode))
        return "a file";
    if (S_ISDIR(mode))
        return "a directory";
    if (S_ISFIFO(mode))
        return "a named pipe";
    if (S_ISSOCK(mode))
        return "a socket";
    return "a device";
}

/* errno after a call on `path` failed. ENOENT for a link that is there means its target is not: say so. */
static nb_code fail_path(nb_error *err, const char *what, const char *path)
{
    int saved = errno;
    char target[PATH_MAX];
    ssize_t len = saved == ENOENT ? readlink(path, target, sizeof(target)) : -1;
    if (len >= 0) {
        (void)nb_fail(err, NB_ERR_NOT_FOUND,
                      "cannot %s '%s': it is a link to '%.*s', which does not exist", what, path,
                      (int)len, target);
        nb_error_hint(err, "put back the file that it leads to, or replace the link");
        return err->code;
    }
    errno = saved;
    return nb_fail_errno(err, "cannot %s '%s'", what, path);
}

static nb_code fail_kind(nb_error *err, const char *what, const char *path, mode_t mode)
{
    return nb_fail(err, NB_ERR_IO, "cannot %s '%s': it is %s", what, path, kind_of(mode));
}

static nb_code fail_size(nb_error *err, const char *path, size_t limit)
{
    return nb_fail(err, NB_ERR_IO, "cannot read '%s': it is larger than %zu bytes", path, limit);
}

/* read(), again after a signal. */
static ssize_t read_some(int fd, char *at, size_t size)
{
    ssize_t got;
    do
        got = read(fd, at, size);
    while (got < 0 && errno == EINTR);
    return got;
}

/* Reads to the end, whatever fstat said: pipes and /proc have no size, and a file may grow. */
static nb_code read_all(int fd, const char *path, size_t limit, nb_buf *buf, nb_error *err)
{
    for (;;) {
        if (buf->len > limit || !nb_buf_reserve(buf, CHUNK))
            return fail_size(err, path, limit);
        ssize_t got = read_some(fd, buf->at + buf->len, buf->cap - buf->len - 1);
        if (got < 0)
            return fail_path(err, "read", path);
        if (got == 0)
            return NB_OK;
        buf->len += (size_t)got;
    }
}

nb_code nb_file_read(nb_arena *arena, const char *path, size_t limit, nb_str *out, nb_error *err)
{
    struct stat st;
    NB_AUTO(nb_fd) fd = {open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)};
    if (fd.n < 0 || fstat(fd.n, &st) != 0)
        return fail_path(err, "open", path);
    if (S_ISDIR(st.st_mode))
        return fail_kind(err, "read", path, st.st_mode);
    if (S_ISREG(st.st_mode) && (uintmax_t)st.st_size > limit)
        return fail_size(err, path, limit);
    NB_AUTO(nb_buf) buf = NB_BUF_INIT(SIZE_MAX);
    if (S_ISREG(st.st_mode))
        (void)nb_buf_reserve(&buf, (size_t)st.st_size + CHUNK);
    if (read_all(fd.n, path, limit, &buf, err) != NB_OK)
        return err->code;
    *out = nb_arena_str(arena, nb_buf_view(&buf));
    return NB_OK;
}

nb_code nb_fd_read(nb_arena *arena, int fd, const char *name, size_t limit, nb_str *out,
                   nb_error *err)
{
    NB_AUTO(nb_buf) buf = NB_BUF_INIT(SIZE_MAX);
    if (read_all(fd, name, limit, &buf, err) != NB_OK)
        return err->code;
    *out = nb_arena_str(arena, nb_buf_view(&buf));
    return NB_OK;
}

/* Fills a mapping of ours with the file; one that shrank meanwhile is shorter than its mapping. */
static nb_code copy_into(nb_mapped *mapped, int fd, const char *path, nb_error *err)
{
    char *at = mapped->base;
    size_t len = 0;
    for (ssize_t got = 1; got > 0 && len < mapped->size; len += (size_t)got) {
        got = read_some(fd, at + len, mapped->size - len);
        if (got < 0)
            return fail_path(err, "read", path);
    }
    mapped->bytes.len = len;
    return NB_OK;
}

nb_code nb_file_map(const char *path, nb_mapped *out, nb_error *err)
{
    struct stat st;
    /* O_NONBLOCK: a named pipe is refused below instead of waited for. */
    NB_AUTO(nb_fd) fd = {open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)};
    if (fd.n < 0 || fstat(fd.n, &st) != 0)
        return fail_path(err, "open", path);
    if (!S_ISREG(st.st_mode))
        return fail_kind(err, "read", path, st.st_mode);
    if (st.st_size == 0) { /* mmap refuses these */
        *out = (nb_mapped){.bytes = NB_STR("")};
        return NB_OK;
    }
    size_t size = (size_t)st.st_size;
    bool copy = size <= LARGEST_COPY;
    void *base = copy ? mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
                      : mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd.n, 0);
    if (base == MAP_FAILED)
        return fail_path(err, "map", path);
    nb_mapped mapped = {
        .bytes = {base, size},
          .base = base, .size = size
    };
    if (copy && copy_into(&mapped, fd.n, path, err) != NB_OK) {
        nb_mapped_release(&mapped);
        return err->code;
    }
    *out = mapped;
    return NB_OK;
}

void nb_mapped_forget(void *mapped, size_t upto)
{
    nb_mapped *m = mapped;
    size_t end = upto - upto % (size_t)sysconf(_SC_PAGESIZE);
    if (m->size <= LARGEST_COPY || end <= m->forgotten || end > m->size)
        return;
    (void)madvise((char *)m->base + m->forgotten, end - m->forgotten, MADV_DONTNEED);
    m->forgotten = end;
}

void nb_mapped_release(nb_mapped *mapped)
{
    if (mapped->base)
        (void)munmap(mapped->base, mapped->size);
    *mapped = (nb_mapped){0};
}

/* --- replacing a file ------------------------------------------------------------------------ */

/* What nb_file_replace has under way. */
typedef struct nb_replacement {
    const char *path;   /* as the caller named it */
    const char *target; /* the file itself when `path` is a link to one; else the same text */
    const char *temp;   /* NULL when there is none to remove */
    nb_fd fd;
    mode_t keep; /* mode bits of the file that is there; 0: none is */
    char real[PATH_MAX];
    nb_arena arena;
} nb_replacement;

static void nb_replacement_auto(nb_replacement *r)
{
    if (r->temp)
        (void)unlink(r->temp);
    nb_fd_auto(&r->fd);
    nb_arena_release(&r->arena);
}

/* Finds out what is at the path now. A link is followed, so that it stays a link. */
static nb_code look_at_target(nb_replacement *r, nb_error *err)
{
    struct stat st;
    r->target = r->path;
    if (lstat(r->path, &st) == 0 && S_ISLNK(st.st_mode))
        r->target = realpath(r->path, r->real);
    if (!r->target)
        return fail_path(err, "write", r->path);
    if (stat(r->target, &st) != 0)
        return errno == ENOENT ? NB_OK : fail_path(err, "write", r->path);
    if (!S_ISREG(st.st_mode))
        return fail_kind(err, "write", r->path, st.st_mode);
    if (faccessat(AT_FDCWD, r->target, W_OK, AT_EACCESS) != 0)
        return fail_path(err, "write", r->path); /* rename() would not mind, its owner does */
    r->keep = st.st_mode & 07777;
    return NB_OK;
}

/* Opens a new file beside the target. Names are counted, not drawn: O_EXCL makes them ours. */
static nb_code open_temp(nb_replacement *r, unsigned mode, nb_error *err)
{
    const char *slash = strrchr(r->target, '/');
    int dir_len = slash ? (int)(slash - r->target) + 1 : 0;
    for (int i = 0; i < TEMP_NAMES && r->fd.n < 0; i++) {
        const char *name =
            nb_arena_printf(&r->arena, "%.*s.nb-%ld-%d.tmp", dir_len, r->target, (long)getpid(), i)
                .at;
        r->fd.n = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, (mode_t)mode);
        if (r->fd.n >= 0)
            r->temp = name;
        else if (errno != EEXIST)
            break;
    }
    if (r->fd.n < 0)
        return nb_fail_errno(err, "cannot write '%s': cannot make a file beside it", r->path);
    if (r->keep && fchmod(r->fd.n, r->keep) != 0)
        return nb_fail_errno(err, "cannot write '%s': cannot set its mode", r->path);
    return NB_OK;
}

static nb_code write_all(int fd, nb_str text, const char *path, nb_error *err)
{
    while (text.len > 0) {
        ssize_t put = write(fd, text.at, text.len);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return nb_fail_errno(err, "cannot write '%s'", path);
        text = nb_str_from_at(text, (size_t)put);
    }
    return NB_OK;
}

/* Makes the new name itself durable. Some file systems cannot; the file is whole either way. */
static void sync_dir_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *dir = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
    if (!dir)
        abort();
    NB_AUTO(nb_fd) fd = {open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    free(dir);
    if (fd.n >= 0)
        (void)fsync(fd.n);
}

/* What was written becomes the file. */
static nb_code commit(nb_replacement *r, bool sync, nb_error *err)
{
    if (fsync(r->fd.n) != 0 && errno != EINVAL) /* EINVAL: the file system has no such thing */
        return nb_fail_errno(err, "cannot write '%s' to the disk", r->path);
    if (rename(r->temp, r->target) != 0)
        return nb_fail_errno(err, "cannot replace '%s'", r->path);
    r->temp = NULL;
    if (sync)
        sync_dir_of(r->target);
    return NB_OK;
}

static nb_code replace(const char *path, nb_str text, unsigned mode, bool sync, nb_error *err)
{
    NB_AUTO(nb_replacement) r = {.path = path, .fd = {-1}};
    if (look_at_target(&r, err) != NB_OK || open_temp(&r, mode, err) != NB_OK ||
        write_all(r.fd.n, text, path, err) != NB_OK)
        return err->code;
    return commit(&r, sync, err);
}

nb_code nb_file_replace(const char *path, nb_str text, unsigned mode, nb_error *err)
{
    return replace(path, text, mode, true, err);
}

nb_code nb_file_replace_one_of(const char *path, nb_str text, unsigned mode, nb_error *err)
{
    return replace(path, text, mode, false, err);
}

struct nb_replacing {
    nb_replacement r;
};

nb_code nb_replacing_open(const char *path, unsigned mode, nb_replacing **out, nb_error *err)
{
    nb_replacing *replacing = NB_HEAP_NEW(nb_replacing);
    nb_replacement *r = &replacing->r;
    r->fd.n = -1;
    r->path = nb_arena_z(&r->arena, nb_str_from(path));
    if (look_at_target(r, err) != NB_OK || open_temp(r, mode, err) != NB_OK) {
        nb_replacing_drop(replacing);
        return err->code;
    }
    *out = replacing;
    return NB_OK;
}

nb_code nb_replacing_write(nb_replacing *replacing, nb_str text, nb_error *err)
{
    return write_all(replacing->r.fd.n, text, replacing->r.path, err);
}

nb_code nb_replacing_finish(nb_replacing *replacing, nb_error *err)
{
    nb_code code = commit(&replacing->r, true, err);
    nb_replacing_drop(replacing);
    return code;
}

void nb_replacing_drop(nb_replacing *replacing)
{
    if (!replacing)
        return;
    nb_replacement_auto(&replacing->r);
    free(replacing);
}

/* --- folders ---------------------------------------------------------------------------------- */

/* Makes one folder; a folder that is there is fine. */
static nb_code make_one(const char *path, const char *whole, nb_error *err)
{
    struct stat st;
    if (mkdir(path, 0777) == 0)
        return NB_OK;
    int saved = errno;
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return NB_OK;
    if (saved == EEXIST && lstat(path, &st) == 0)
        return nb_fail(err, NB_ERR_EXISTS, "cannot make the folder '%s': '%s' is %s", whole, path,
                       S_ISLNK(st.st_mode) ? "a link that leads to no folder"
                                           : kind_of(st.st_mode));
    errno = saved;
    return nb_fail_errno(err, "cannot make the folder '%s'", path);
}

nb_code nb_dir_make(const char *path, nb_error *err)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    char *part = nb_arena_z(&arena, nb_str_from(path));
    for (char *slash = strchr(part, '/'); slash; slash = strchr(slash + 1, '/')) {
        if (slash == part || slash[-1] == '/')
            continue;
        *slash = '\0';
        if (make_one(part, path, err) != NB_OK)
            return err->code;
        *slash = '/';
    }
    return make_one(path, path, err);
}

nb_code nb_dir_make_new(const char *path, nb_error *err)
{
    struct stat st;
    if (mkdir(path, 0777) == 0)
        return NB_OK;
    if (errno != EEXIST)
        return fail_path(err, "make the folder", path);
    if (lstat(path, &st) != 0)
        return nb_fail(err, NB_ERR_EXISTS, "cannot make the folder '%s': it exists", path);
    return nb_fail(err, NB_ERR_EXISTS, "cannot make the folder '%s': %s of that name exists", path,
                   S_ISLNK(st.st_mode) ? "a link" : kind_of(st.st_mode));
}

static bool is_kind(const char *path, mode_t kind)
{
    struct stat st;
    return stat(path, &st) == 0 && (st.st_mode & S_IFMT) == kind;
}

bool nb_path_exists(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0;
}

bool nb_is_link(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0 && S_ISLNK(st.st_mode);
}

bool nb_is_dir(const char *path)
{
    return is_kind(path, S_IFDIR);
}

bool nb_is_file(const char *path)
{
    return is_kind(path, S_IFREG);
}

static nb_entry_kind kind_of_entry(int folder, const struct dirent *entry)
{
    struct stat st;
    if (entry->d_type == DT_REG)
        return NB_ENTRY_FILE;
    if (entry->d_type == DT_DIR)
        return NB_ENTRY_FOLDER;
    if (entry->d_type != DT_UNKNOWN || /* some file systems do not say */
        fstatat(folder, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return NB_ENTRY_OTHER;
    return S_ISDIR(st.st_mode)   ? NB_ENTRY_FOLDER
           : S_ISREG(st.st_mode) ? NB_ENTRY_FILE
                                 : NB_ENTRY_OTHER;
}

nb_code nb_dir_read(nb_arena *arena, const char *path, nb_entry **entries, size_t *count,
                    nb_error *err)
{
    NB_VEC(nb_entry) found = {0};
    DIR *dir = opendir(path);
    if (!dir)
        return fail_path(err, "list", path);
    errno = 0;
    for (const struct dirent *entry; (entry = readdir(dir)) != NULL; errno = 0)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            nb_vec_push(arena, &found,
                        (nb_entry){nb_arena_str(arena, nb_str_from(entry->d_name)),
                                   kind_of_entry(dirfd(dir), entry)});
    int saved = errno;
    (void)closedir(dir);
    errno = saved;
    if (saved != 0)
        return nb_fail_errno(err, "cannot list '%s'", path);
    *entries = found.at;
    *count = found.count;
    return NB_OK;
}

static int compare_names(const void *a, const void *b)
{
    return nb_str_cmp(*(const nb_str *)a, *(const nb_str *)b);
}

nb_code nb_dir_list(nb_arena *arena, const char *path, nb_str **names, size_t *count, nb_error *err)
{
    nb_entry *entries = NULL;
    size_t found = 0;
    if (nb_dir_read(arena, path, &entries, &found, err) != NB_OK)
        return err->code;
    nb_str *list = NB_NEW_ARRAY(arena, nb_str, found);
    for (size_t i = 0; i < found; i++)
        list[i] = entries[i].name;
    if (found > 0)
        qsort(list, found, sizeof(*list), compare_names);
    *names = list;
    *count = found;
    return NB_OK;
}
