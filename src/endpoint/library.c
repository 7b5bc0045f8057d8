#include "endpoint/library.h"

#include "base/fs.h"
#include "base/path.h"

#include <dlfcn.h>
#include <limits.h>
#include <unistd.h>

static nb_code fail_build(const char *path, const char *build, nb_error *err)
{
    (void)nb_fail(err, NB_ERR_CONFIG,
                  "'%s' belongs to another build of notebooked: it is %s, this program is %s", path,
                  build, nb_serve_build);
    nb_error_hint(err, "install the program and its library together, from the same build");
    return err->code;
}

nb_code nb_serve_library_load(const char *path, const nb_serve_library **out, nb_error *err)
{
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library)
        return nb_fail(err, NB_ERR_CONFIG, "cannot load the serving library: %s", dlerror());
    const nb_serve_library *table = dlsym(library, NB_SERVE_LIBRARY_SYMBOL);
    nb_code code = NB_OK;
    if (!table)
        code = nb_fail(err, NB_ERR_CONFIG, "'%s' is no serving library: it has no '%s'", path,
                       NB_SERVE_LIBRARY_SYMBOL);
    else if (strcmp(table->build, nb_serve_build) != 0)
        code = fail_build(path, table->build, err);
    if (code == NB_OK)
        *out = table;
    else
        (void)dlclose(library);
    return code;
}

/* Beside the program, or where an installation has it. */
static const char *const places[] = {NB_SERVE_LIBRARY_FILE,
                                     "../lib/notebooked/" NB_SERVE_LIBRARY_FILE};

nb_code nb_serve_library_open(const nb_serve_library **out, nb_error *err)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    char program[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", program, sizeof program);
    if (len <= 0 || (size_t)len == sizeof program)
        return nb_fail_errno(err, "cannot tell which program this is");
    nb_str folder = nb_path_dir((nb_str){program, (size_t)len}), wanted = {0};
    for (size_t i = 0; i < NB_LEN(places); i++) {
        wanted = nb_path_clean(&arena, nb_path_join(&arena, folder, nb_str_from(places[i])));
        if (nb_is_file(wanted.at))
            return nb_serve_library_load(wanted.at, out, err);
    }
    (void)nb_fail(err, NB_ERR_NOT_FOUND,
                  "cannot find the serving library: neither '" NB_STR_FMT "/" NB_SERVE_LIBRARY_FILE
                  "' nor '" NB_STR_FMT "' is there",
                  NB_STR_ARG(folder), NB_STR_ARG(wanted));
    nb_error_hint(err, "install all of notebooked: the program and its library belong together");
    return err->code;
}
