#include "cli/stdin.h"

#include "base/fs.h"

#include <unistd.h>

bool nb_stdin_is_meant(const char *const *operands, size_t count)
{
    return count == 1 && strcmp(operands[0], "-") == 0;
}

nb_code nb_stdin_check(const char *const *operands, size_t count, const char *filename,
                       nb_error *err)
{
    for (size_t i = 0; count > 1 && i < count; i++)
        if (strcmp(operands[i], "-") == 0)
            return nb_fail(err, NB_ERR_USAGE, "'-' stands alone: standard input is one notebook");
    if (!filename || nb_stdin_is_meant(operands, count))
        return NB_OK;
    (void)nb_fail(err, NB_ERR_USAGE, "option '--stdin-filename' names what '-' reads");
    nb_error_hint(err, "write '-' in place of notebooks, or leave the option out");
    return err->code;
}

nb_code nb_stdin_read(nb_app *app, const char *filename, const char **name, nb_str *bytes,
                      nb_error *err)
{
    enum { STDIN_LIMIT = 1024 * 1024 * 1024 };
    *name = filename ? filename : "stdin.ipynb";
    if (!nb_str_ends(nb_str_from(*name), NB_STR(".ipynb"))) {
        (void)nb_fail(err, NB_ERR_USAGE, "'%s' is no notebook's name", *name);
        nb_error_hint(err, "give --stdin-filename a name that ends in .ipynb");
        return err->code;
    }
    return nb_fd_read(app->arena, STDIN_FILENO, "standard input", STDIN_LIMIT, bytes, err);
}
