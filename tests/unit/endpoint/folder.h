/* folder.h - for the tests of this room: a folder of one's own a test, which goes with it. */
#ifndef NB_TEST_FOLDER_H
#define NB_TEST_FOLDER_H

#include "nb_test.h"

#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

static int remove_one(const char *path, NB_UNUSED const struct stat *st, NB_UNUSED int kind,
                      NB_UNUSED struct FTW *at)
{
    return remove(path);
}

static int make_folder(void **state)
{
    char *folder = strdup("/tmp/nb-endpoint-XXXXXX");
    assert_non_null(mkdtemp(folder));
    *state = folder;
    return 0;
}

NB_UNUSED static int remove_folder(void **state)
{
    (void)nftw(*state, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(*state);
    return 0;
}

/* Writes a file below the folder, whose parents must be there. */
NB_UNUSED static void put(const char *folder, const char *name, const char *text)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

#endif
