#include "cli/app.h"
#include "cli/man.h"

static nb_code run(const void *args, const char *const *operands, size_t count, nb_app *app,
                   nb_error *err)
{
    (void)args, (void)operands, (void)count, (void)err;
    nb_app_text text;
    nb_man_print(nb_app_text_open(app, &text));
    nb_app_text_close(app, &text, "man");
    return NB_OK;
}

static const nb_example examples[] = {
    {"notebooked man | man -l -", "read it"},
    {0                          },
};

const nb_command nb_cmd_man = {
    .name = "man",
    .summary = "Print the manual page.",
    .about = "The page is in the man(7) language. 'make install' puts it where man(1) looks.",
    .examples = examples,
    .run = run,
};
