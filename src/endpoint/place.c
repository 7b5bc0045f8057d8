/* A model into a folder of its own: made beside its place under another name, moved there when it is whole and on the disk. */
#include "base/fs.h"
#include "base/path.h"
#include "endpoint/models.h"
#include "endpoint/seal.h"
#include "endpoint/tree.h"
#include "text/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK = 1 << 20 };

typedef struct placing {
    nb_arena *arena;
    const nb_model *model;
    nb_str folder;             /* in the making */
    nb_model_files files;      /* of the model */
    nb_manifest_text manifest; /* what it must be; for an unsealed one, what it is */
} placing;

static nb_code fail_changed(const placing *p, nb_str path, nb_error *err)
{
    (void)nb_fail(err, NB_ERR_CONFIG,
                  "the model '" NB_STR_FMT "' was changed after it was sealed: '" NB_STR_FMT "'",
                  NB_STR_ARG(p->model->folder), NB_STR_ARG(path));
    nb_error_hint(err, "train it again, or, if you changed it yourself, deploy it with --trust");
    return err->code;
}

static bool write_all(int fd, nb_str bytes)
{
    while (bytes.len > 0) {
        ssize_t put = write(fd, bytes.at, bytes.len);
        if (put >= 0)
            bytes = nb_str_from_at(bytes, (size_t)put);
        else if (errno != EINTR)
            return false;
    }
    return true;
}

/* Reads the source once; what was read is what is hashed and, unless the file system has shared the blocks, written. */
static nb_code pour(nb_arena *arena, int from, int to, nb_str *sha256, nb_error *err)
{
    NB_AUTO(nb_buf) chunk = NB_BUF_INIT(CHUNK + 1);
    nb_sha256 *hash = nb_sha256_new(arena);
    bool shared = ioctl(to, FICLONE, from) == 0;
    int source = shared ? to : from;
    off_t at = 0;
    (void)nb_buf_reserve(&chunk, CHUNK);
    for (;;) {
        ssize_t got = pread(source, chunk.at, CHUNK, at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return nb_fail_errno(err, "cannot read it");
        if (got == 0)
            break;
        nb_str bytes = {chunk.at, (size_t)got};
        nb_sha256_add(hash, bytes);
        if (!shared && !write_all(to, bytes))
            return nb_fail_errno(err, "cannot write it");
        at += got;
    }
    if (fsync(to) != 0)
        return nb_fail_errno(err, "cannot write it");
    *sha256 = nb_sha256_end(hash, arena);
    return NB_OK;
}

static nb_code copy_file(nb_arena *arena, const char *from, const char *to, nb_str *sha256,
                         nb_error *err)
{
    int in = open(from, O_RDONLY | O_CLOEXEC), out = -1;
    nb_code code = NB_OK;
    if (in < 0)
        return nb_fail_errno(err, "cannot read '%s'", from);
    out = open(to, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (out >= 0 && pour(arena, in, out, sha256, err) != NB_OK)
        code = nb_wrap(err, "cannot copy '%s'", from);
    else if (out < 0 || fchmod(out, 0444) != 0) /* what is served is not written to */
        code = nb_fail_errno(err, "cannot write '%s'", to);
    if (out >= 0)
        close(out);
    close(in);
    return code;
}

static nb_code place_file(const placing *p, nb_model_file *file, const nb_model_file *sealed,
                          nb_error *err)
{
    NB_AUTO(nb_arena) scratch = NB_ARENA_INIT;
    nb_str to = nb_path_join(&scratch, p->folder, file->path), sha256 = {0};
    if (nb_dir_make(nb_arena_z(&scratch, nb_path_dir(to)), err) != NB_OK ||
        copy_file(&scratch, file->real.at, to.at, &sha256, err) != NB_OK)
        return err->code;
    if (sealed && !nb_str_eq(sha256, sealed->sha256))
        return fail_changed(p, file->path, err);
    file->sha256 = nb_arena_str(p->arena, sha256);
    return NB_OK;
}

static nb_code place_files(placing *p, nb_error *err)
{
    bool sealed = p->model->sha256.len > 0;
    const nb_model_files *want = &p->manifest.files;
    for (size_t i = 0; i < p->files.list.count; i++) {
        nb_model_file *file = &p->files.list.at[i];
        if (sealed && (i >= want->list.count || !nb_str_eq(file->path, want->list.at[i].path)))
            return fail_changed(p, file->path, err);
        if (place_file(p, file, sealed ? &want->list.at[i] : NULL, err) != NB_OK)
            return err->code;
    }
    if (sealed && want->list.count > p->files.list.count)
        return fail_changed(p, want->list.at[p->files.list.count].path, err);
    if (p->files.list.count == 0)
        return nb_fail(err, NB_ERR_CONFIG, "the folder '" NB_STR_FMT "' is empty",
                       NB_STR_ARG(p->model->folder));
    return NB_OK;
}

static nb_code place_manifest(placing *p, nb_error *err)
{
    nb_str path = nb_path_join(p->arena, p->folder, NB_STR("manifest.json"));
    if (p->model->sha256.len == 0) {
        p->manifest = (nb_manifest_text){
            .experiment = p->model->experiment, .job = NB_STR(""), .files = p->files};
        nb_manifest_print(p->arena, &p->manifest);
    }
    return nb_file_replace(path.at, p->manifest.text, 0444,
                           err); /* makes the folder durable, too */
}

static nb_code make(placing *p, nb_error *err)
{
    if (nb_model_walk(p->arena, p->model->folder, &p->files, err) != NB_OK)
        return err->code;
    if (p->model->sha256.len > 0) {
        if (nb_manifest_get(p->arena, p->model->folder, &p->manifest, err) != NB_OK)
            return err->code;
        if (!nb_str_eq(p->manifest.sha256, p->model->sha256))
            return fail_changed(p, NB_STR("manifest.json"), err);
    }
    if (nb_dir_make(p->folder.at, err) != NB_OK || place_files(p, err) != NB_OK)
        return err->code;
    return place_manifest(p, err);
}

static nb_code move_to(const placing *p, nb_str to, nb_error *err)
{
    nb_str parent = nb_arena_str(p->arena, nb_path_dir(to));
    if (nb_path_exists(to.at))
        return nb_fail(err, NB_ERR_EXISTS, "'" NB_STR_FMT "' is there already", NB_STR_ARG(to));
    if (rename(p->folder.at, to.at) != 0)
        return nb_fail_errno(err, "cannot move '%s' to '%s'", p->folder.at, to.at);
    return nb_tree_sync(parent.at, err);
}

nb_code nb_model_place(nb_arena *arena, const nb_model *model, nb_str to, nb_str *sha256,
                       nb_error *err)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* the first failure is the one to tell */
    placing p = {.arena = arena, .model = model};
    nb_str target = nb_arena_str(arena, to);
    p.folder = nb_arena_printf(arena, NB_STR_FMT "/.placing-" NB_STR_FMT,
                               NB_STR_ARG(nb_path_dir(target)), NB_STR_ARG(nb_path_base(target)));
    /* of one that was cut off: numbers are given out once, so nobody is at it */
    if (nb_tree_remove(p.folder.at, err) != NB_OK)
        return err->code;
    nb_code code = make(&p, err);
    if (code == NB_OK)
        code = nb_tree_sync(p.folder.at, err);
    if (code == NB_OK)
        code = move_to(&p, target, err);
    if (code != NB_OK) {
        (void)nb_tree_remove(p.folder.at, &ignored);
        return nb_wrap(err, "cannot take over the model '" NB_STR_FMT "'",
                       NB_STR_ARG(model->folder));
    }
    *sha256 = p.manifest.sha256;
    return NB_OK;
}
