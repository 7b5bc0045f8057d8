#include "cli/app.h"
#include "cli/complete.h"

static const char head[] =
    "# fish completion for notebooked; printed by 'notebooked completion fish'\n"
    "function __notebooked_names\n"
    "    notebooked completion $argv[1] 2>/dev/null\n"
    "end\n\n"
    "complete -c notebooked -f\n";

/* Text inside '...'. */
static void put_quoted(const char *text, FILE *to)
{
    fputc('\'', to);
    for (; *text; text++) {
        if (*text == '\'' || *text == '\\')
            fputc('\\', to);
        fputc(*text, to);
    }
    fputc('\'', to);
}

/* "complete -c notebooked -n '__fish_seen_subcommand_from jobs; and ...'": up to where the row begins. */
static void begin(const char *condition, FILE *to)
{
    fputs("complete -c notebooked", to);
    if (*condition) {
        fputs(" -n ", to);
        put_quoted(condition, to);
    }
}

static void put_words(const char *const *words, FILE *to)
{
    fputs(" -a '", to);
    for (const char *const *word = words; *word; word++)
        fprintf(to, "%s%s", word == words ? "" : " ", *word);
    fputc('\'', to);
}

static void put_value(const nb_opt *opt, FILE *to)
{
    if (opt->choices) {
        fputs(" -x", to);
        put_words(opt->choices, to);
        return;
    }
    switch (opt->names) {
    case NB_NAMES_TEXT: fputs(" -x", to); return;
    case NB_NAMES_FILE: fputs(" -r -F", to); return;
    case NB_NAMES_FOLDER: fputs(" -x -a '(__fish_complete_directories)'", to); return;
    case NB_NAMES_EXPERIMENT:
    case NB_NAMES_JOB:
    case NB_NAMES_COMMAND:
    case NB_NAMES_ENDPOINT:
    case NB_NAMES_MODEL:
        fprintf(to, " -x -a '(__notebooked_names %s)'", nb_complete_kind(opt->names));
        return;
    }
}

static void put_options(const char *condition, const nb_opt *options, const void *defaults,
                        FILE *to)
{
    NB_AUTO(nb_arena) scratch = NB_ARENA_INIT;
    for (const nb_opt *opt = options; opt && opt->kind != NB_OPT_END; opt++) {
        nb_str names[2];
        size_t count = nb_opt_long_names(opt, defaults, &scratch, names);
        for (size_t i = 0; i < count; i++) {
            begin(condition, to);
            if (opt->letter)
                fprintf(to, " -s %c", opt->letter);
            fprintf(to, " -l %s", names[i].at + 2);
            if (nb_complete_takes_value(opt))
                put_value(opt, to);
            fputs(" -d ", to);
            put_quoted(opt->help, to);
            fputc('\n', to);
        }
    }
}

static void put_operands(const char *condition, const nb_command *command, FILE *to)
{
    if (command->operand_names == NB_NAMES_TEXT && !command->operand_words)
        return;
    begin(condition, to);
    if (command->operand_words)
        put_words(command->operand_words, to);
    switch (command->operand_names) {
    case NB_NAMES_TEXT: break;
    case NB_NAMES_FILE: fputs(" -F", to); break;
    case NB_NAMES_FOLDER: fputs(" -a '(__fish_complete_directories)'", to); break;
    case NB_NAMES_EXPERIMENT:
        fputs(" -a '(__notebooked_names experiment; __fish_complete_suffix .ipynb)'", to);
        break;
    case NB_NAMES_JOB:
    case NB_NAMES_COMMAND:
    case NB_NAMES_ENDPOINT:
    case NB_NAMES_MODEL:
        fprintf(to, " -a '(__notebooked_names %s)'", nb_complete_kind(command->operand_names));
        break;
    }
    fputc('\n', to);
}

/* Offers the commands of a table where `condition` holds and none of them was written yet. */
static void put_commands(const char *condition, const nb_command *const *commands, FILE *to)
{
    NB_AUTO(nb_buf) where = NB_BUF_INIT(NB_BUF_TEXT);
    nb_buf_putz(&where, condition);
    nb_buf_putz(&where,
                *condition ? "; and not __fish_seen_subcommand_from" : "__fish_use_subcommand");
    for (const nb_command *const *row = commands; *condition && *row; row++)
        nb_buf_printf(&where, " %s", nb_command_word(*row));
    for (const nb_command *const *row = commands; *row; row++) {
        begin(where.at, to);
        fprintf(to, " -a %s -d ", nb_command_word(*row));
        put_quoted((*row)->summary, to);
        fputc('\n', to);
    }
}

/* "check" alone is not the check of "templates check": fish sees words, not their order. */
static void exclude_groups(const nb_command *command, nb_buf *condition)
{
    for (const nb_command *const *group = nb_commands; *group; group++)
        for (const nb_command *const *row = (*group)->commands; row && *row; row++)
            if (strcmp(nb_command_word(*row), command->name) == 0)
                nb_buf_printf(condition, "; and not __fish_seen_subcommand_from %s",
                              (*group)->name);
}

static void put_command(const char *condition, const nb_command *command, FILE *to)
{
    NB_AUTO(nb_buf) here = NB_BUF_INIT(NB_BUF_TEXT);
    nb_buf_printf(&here, "%s%s__fish_seen_subcommand_from %s", condition,
                  *condition ? "; and " : "", nb_command_word(command));
    if (!*condition)
        exclude_groups(command, &here);
    if (command->commands)
        put_commands(here.at, command->commands, to);
    for (const nb_command *const *row = command->commands; row && *row; row++)
        put_command(here.at, *row, to);
    put_options(here.at, command->options, command->defaults, to);
    put_operands(here.at, command, to);
}

void nb_complete_fish(FILE *to)
{
    fputs(head, to);
    put_options("", nb_global_options, NULL, to);
    put_commands("", nb_commands, to);
    for (const nb_command *const *row = nb_commands; *row; row++)
        put_command("", *row, to);
}
