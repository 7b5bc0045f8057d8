#include "cli/app.h"
#include "cli/complete.h"

/* The names of commands, for the scripts. */
static void print_commands(FILE *to)
{
    for (const nb_command *const *row = nb_commands; *row; row++)
        fprintf(to, "%s\n", (*row)->name);
}

static const struct {
    const char *name;
    void (*print)(FILE *to);
} outputs[] = {
    {"bash",    nb_complete_bash},
    {"zsh",     nb_complete_zsh },
    {"fish",    nb_complete_fish},
    {"command", print_commands  },
};

static nb_code run(const void *args, const char *const *operands, size_t count, nb_app *app,
                   nb_error *err)
{
    (void)args, (void)count;
    for (size_t i = 0; i < NB_LEN(outputs); i++) {
        if (strcmp(outputs[i].name, operands[0]) != 0)
            continue;
        nb_app_text text;
        outputs[i].print(nb_app_text_open(app, &text));
        nb_app_text_close(app, &text, "text");
        return NB_OK;
    }
    (void)nb_fail(err, NB_ERR_USAGE, "there is no completion for '%s'", operands[0]);
    nb_error_hint(err, "write 'bash', 'zsh' or 'fish'");
    return err->code;
}

static const nb_example examples[] = {
    {"source <(notebooked completion bash)",            "for this bash"},
    {"notebooked completion fish >~/.config/fish/completions/notebooked.fish",                                                 "for fish, to stay"},
    {"notebooked completion zsh >~/.zfunc/_notebooked","for zsh, where ~/.zfunc is in $fpath"},
    {0},
};

static const char *const shells[] = {"bash", "zsh", "fish", NULL};

const nb_command nb_cmd_completion = {
    .name = "completion",
    .operands = "SHELL",
    .summary = "Print the completion script for bash, zsh or fish.",
    .about = "'make install' and the Debian package put the scripts where the shells look.",
    .examples = examples,
    .min_operands = 1,
    .max_operands = 1,
    .operand_words = shells,
    .run = run,
};
