#include "cli/app.h"
#include "cli/help.h"

static nb_code run(const void *args, const char *const *operands, size_t count, nb_app *app,
                   nb_error *err)
{
    (void)args;
    const nb_command *command = NULL;
    for (size_t i = 0; i < count; i++) {
        if (command && !command->commands)
            return nb_fail(err, NB_ERR_USAGE, "'%s' has no commands of its own", command->name);
        command = nb_command_find(command, operands[i], err);
        if (!command)
            return err->code;
    }
    nb_help_show(command, app);
    return NB_OK;
}

const nb_command nb_cmd_help = {
    .name = "help",
    .operands = "[COMMAND]",
    .summary = "Tell about the program or one of its commands.",
    .max_operands = 2,
    .operand_names = NB_NAMES_COMMAND,
    .run = run,
};
