#include "endpoint/tree.h"

#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <unistd.h>

enum { OPEN_FOLDERS = 16 };

static int remove_one(const char *path, NB_UNUSED const struct stat *st, NB_UNUSED int kind,
                      NB_UNUSED struct FTW *at)
{
    return remove(path) == 0 || errno == ENOENT ? 0 : -1;
}

nb_code nb_tree_remove(const char *path, nb_error *err)
{
    if (nftw(path, remove_one, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS | FTW_MOUNT) == 0 ||
        errno == ENOENT)
        return NB_OK;
    return nb_fail_errno(err, "cannot remove '%s'", path);
}

nb_code nb_tree_make_ignored(const char *path, nb_error *err)
{
    NB_AUTO(nb_arena) scratch = NB_ARENA_INIT;
    nb_str ignore = nb_arena_printf(&scratch, "%s/.gitignore", path);
    if (nb_dir_make(path, err) != NB_OK)
        return err->code;
    return nb_path_exists(ignore.at) ? NB_OK : nb_file_replace(ignore.at, NB_STR("*\n"), 0666, err);
}

static int sync_one(const char *path, NB_UNUSED const struct stat *st, int kind,
                    NB_UNUSED struct FTW *at)
{
    if (kind != FTW_D)
        return 0;
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    int result = fsync(fd) == 0 || errno == EINVAL ? 0 : -1; /* some file systems cannot */
    close(fd);
    return result;
}

nb_code nb_tree_sync(const char *path, nb_error *err)
{
    if (nftw(path, sync_one, OPEN_FOLDERS, FTW_PHYS | FTW_MOUNT) == 0)
        return NB_OK;
    return nb_fail_errno(err, "cannot write to '%s'", path);
}
