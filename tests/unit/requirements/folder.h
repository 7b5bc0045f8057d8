/* folder.h - a folder of small files for a test, gone afterwards. */
#ifndef NB_TEST_FOLDER_H
#define NB_TEST_FOLDER_H

#include "nb_test.h"

#include "base/fs.h"
#include "base/path.h"

#include <ftw.h>
#include <unistd.h>

typedef struct test_folder {
    nb_arena arena;
    nb_str path;
} test_folder;

static inline void test_folder_open(test_folder *folder)
{
    char path[] = "/tmp/nb-requirements-XXXXXX";
    *folder = (test_folder){0};
    assert_non_null(mkdtemp(path));
    folder->path = nb_arena_str(&folder->arena, nb_str_from(path));
}

static inline nb_str test_path(test_folder *folder, const char *name)
{
    return nb_path_join(&folder->arena, folder->path, nb_str_from(name));
}

/* Writes the file and makes the folders above it. */
static inline void test_write(test_folder *folder, const char *name, const char *text)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_str path = test_path(folder, name);
    assert_ok(nb_dir_make(nb_arena_z(&folder->arena, nb_path_dir(path)), &err), &err);
    assert_ok(nb_file_replace(path.at, nb_str_from(text), 0666, &err), &err);
}

static inline int test_remove_one(const char *path, const struct stat *st, int kind,
                                  struct FTW *ftw)
{
    (void)st;
    (void)kind;
    (void)ftw;
    return remove(path);
}

static inline void test_folder_auto(test_folder *folder)
{
    (void)nftw(folder->path.at, test_remove_one, 16, FTW_DEPTH | FTW_PHYS);
    nb_arena_release(&folder->arena);
}

#endif
