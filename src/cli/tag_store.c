#include "cli/tag_store.h"

#include "base/fs.h"
#include "base/path.h"

#include <stdlib.h>

/* A link to a file outside of `root`? *out gets that file. */
static bool leads_out(nb_arena *arena, const char *path, nb_str root, nb_str *out)
{
    if (!nb_is_link(path))
        return false;
    char *file = realpath(path, NULL), *folder = realpath(nb_arena_z(arena, root), NULL);
    bool inside = true;
    if (file && folder) {
        nb_str front = nb_str_eqz(nb_str_from(folder), "/") ? NB_STR("/")
                                                            : nb_arena_printf(arena, "%s/", folder);
        *out = nb_arena_str(arena, nb_str_from(file));
        inside = nb_str_starts(*out, front);
    }
    free(file);
    free(folder);
    return !inside;
}

nb_code nb_tag_store(const char *path, nb_str root, nb_str before, nb_str after, nb_error *err)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_str now, file;
    if (leads_out(&arena, path, root, &file)) {
        (void)nb_fail(err, NB_ERR_NOTEBOOK,
                      "cannot write '%s': it is a link that leads out of the project", path);
        nb_error_hint(err, "name '" NB_STR_FMT "' itself", NB_STR_ARG(file));
        return err->code;
    }
    if (nb_file_read(&arena, path, NB_TAG_LARGEST, &now, err) != NB_OK)
        return nb_wrap(err, "cannot write '%s'", path);
    if (!nb_str_eq(now, before)) {
        (void)nb_fail(err, NB_ERR_NOTEBOOK,
                      "cannot write '%s': another program changed it meanwhile", path);
        nb_error_hint(err, "save it there, and run the command again");
        return err->code;
    }
    return nb_file_replace(path, after, 0666, err);
}
