#include "cli/app.h"
#include "cli/complete.h"

/* One function a command, each an _arguments call; the global options are an array that all of them use. */

static const char head[] =
    "#compdef notebooked\n"
    "# zsh completion for notebooked; printed by 'notebooked completion zsh'\n\n"
    "_notebooked_names() {\n"
    "    local -a names\n"
    "    names=(${(f)\"$(notebooked completion $1 2>/dev/null)\"})\n"
    "    compadd -a names\n"
    "    [[ $1 != experiment ]] || _files -g '*.ipynb'\n"
    "}\n\n";

/* Text inside '...' of an _arguments specification, with a backslash before each of `special`. */
static void put_quoted(const char *text, const char *special, FILE *to)
{
    for (; *text; text++) {
        if (*text == '\'')
            fputs("'\\''", to);
        else
            fprintf(to, "%s%c", strchr(special, *text) ? "\\" : "", *text);
    }
}

/* ":NAME:(one two)" */
static void put_words(const char *title, const char *const *words, FILE *to)
{
    fputc(':', to);
    put_quoted(title, ":\\", to);
    fputs(":(", to);
    for (const char *const *word = words; *word; word++)
        fprintf(to, "%s%s", word == words ? "" : " ", *word);
    fputc(')', to);
}

/* ":NAME:action" */
static void put_action(const char *title, nb_opt_names names, FILE *to)
{
    fputc(':', to);
    put_quoted(title, ":\\", to);
    switch (names) {
    case NB_NAMES_TEXT: fputs(": ", to); return;
    case NB_NAMES_FILE: fputs(":_files", to); return;
    case NB_NAMES_FOLDER: fputs(":_files -/", to); return;
    case NB_NAMES_EXPERIMENT:
    case NB_NAMES_JOB:
    case NB_NAMES_COMMAND:
    case NB_NAMES_ENDPOINT:
    case NB_NAMES_MODEL: fprintf(to, ":_notebooked_names %s", nb_complete_kind(names)); return;
    }
}

/* '(-p --provider)'{-p+,--provider=}'[where to train]:NAME: ' */
static void put_option(const nb_opt *opt, nb_str name, FILE *to)
{
    bool value = nb_complete_takes_value(opt);
    const char *star = opt->kind == NB_OPT_LIST ? "*" : "";
    if (opt->letter)
        fprintf(to, " \\\n    '%s(-%c " NB_STR_FMT ")'{-%c%s," NB_STR_FMT "%s}'[", star,
                opt->letter, NB_STR_ARG(name), opt->letter, value ? "+" : "", NB_STR_ARG(name),
                value ? "=" : "");
    else
        fprintf(to, " \\\n    '%s" NB_STR_FMT "%s[", star, NB_STR_ARG(name), value ? "=" : "");
    put_quoted(opt->help, "[]:\\", to);
    fputc(']', to);
    if (value && opt->choices)
        put_words("value", opt->choices, to);
    else if (value)
        put_action(opt->metavar, opt->names, to);
    fputc('\'', to);
}

static void put_options(const nb_opt *options, const void *defaults, FILE *to)
{
    NB_AUTO(nb_arena) scratch = NB_ARENA_INIT;
    for (const nb_opt *opt = options; opt && opt->kind != NB_OPT_END; opt++) {
        nb_str names[2];
        size_t count = nb_opt_long_names(opt, defaults, &scratch, names);
        for (size_t i = 0; i < count; i++)
            put_option(opt, names[i], to);
    }
}

/* "_notebooked_jobs_list": a name without blanks. */
static void put_function_name(const nb_command *command, FILE *to)
{
    fputs("_notebooked_", to);
    for (const char *c = command->name; *c; c++)
        fputc(*c == ' ' ? '_' : *c, to);
}

/* The body of a function that offers commands and hands over to theirs. */
static void put_group(const nb_command *const *commands, FILE *to)
{
    fputs("    local context state line\n    local -a commands\n    commands=(\n", to);
    for (const nb_command *const *row = commands; *row; row++) {
        fprintf(to, "        '%s:", nb_command_word(*row));
        put_quoted((*row)->summary, ":\\", to);
        fputs("'\n", to);
    }
    fputs("    )\n"
          "    _arguments -C $_notebooked_global '1:command:->command' '*::argument:->argument'\n"
          "    case $state in\n"
          "    command) _describe command commands ;;\n"
          "    argument)\n"
          "        case $words[1] in\n",
          to);
    for (const nb_command *const *row = commands; *row; row++) {
        fprintf(to, "        %s) ", nb_command_word(*row));
        put_function_name(*row, to);
        fputs(" ;;\n", to);
    }
    fputs("        esac\n        ;;\n    esac\n", to);
}

static void put_operands(const nb_command *command, FILE *to)
{
    if (!command->operands)
        return;
    fputs(" \\\n    '*", to);
    if (command->operand_words)
        put_words(command->operands, command->operand_words, to);
    else
        put_action(command->operands, command->operand_names, to);
    fputc('\'', to);
}

static void put_command(const nb_command *command, FILE *to)
{
    for (const nb_command *const *row = command->commands; row && *row; row++)
        put_command(*row, to);
    put_function_name(command, to);
    fputs("() {\n", to);
    if (command->commands) {
        put_group(command->commands, to);
    } else {
        fputs("    _arguments -s -S $_notebooked_global", to);
        put_options(command->options, command->defaults, to);
        put_operands(command, to);
        fputc('\n', to);
    }
    fputs("}\n\n", to);
}

void nb_complete_zsh(FILE *to)
{
    fputs(head, to);
    fputs("typeset -ga _notebooked_global=(", to);
    put_options(nb_global_options, NULL, to);
    fputs("\n)\n\n", to);
    for (const nb_command *const *row = nb_commands; *row; row++)
        put_command(*row, to);
    fputs("_notebooked() {\n", to);
    put_group(nb_commands, to);
    fputs("}\n\n_notebooked \"$@\"\n", to);
}
