#include "cli/command.h"

const nb_command *const nb_commands[] = {
#define NB_COMMAND(name) &nb_cmd_##name,
#include "cli/commands.def"
#undef NB_COMMAND
    NULL,
};

const char *nb_command_word(const nb_command *command)
{
    const char *space = strrchr(command->name, ' ');
    return space ? space + 1 : command->name;
}

const nb_command *nb_command_find(const nb_command *group, const char *name, nb_error *err)
{
    NB_AUTO(nb_arena) scratch = NB_ARENA_INIT;
    NB_VEC(nb_str) names = {0};
    for (const nb_command *const *row = group ? group->commands : nb_commands; *row; row++) {
        if (strcmp(nb_command_word(*row), name) == 0)
            return *row;
        nb_vec_push(&scratch, &names, nb_str_from(nb_command_word(*row)));
    }
    if (group)
        (void)nb_fail(err, NB_ERR_USAGE, "'%s' has no command '%s'", group->name, name);
    else
        (void)nb_fail(err, NB_ERR_USAGE, "no command is called '%s'", name);
    nb_error_hint(err, "see 'notebooked help%s%s' for the commands there are", group ? " " : "",
                  group ? group->name : "");
    nb_hint_name(err, "", nb_str_from(name), names.at, names.count);
    return NULL;
}
