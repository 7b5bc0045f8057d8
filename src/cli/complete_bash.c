#include "cli/app.h"
#include "cli/complete.h"

/* How the script works: it finds the command among the words before the cursor; the command's row sets what may come now (kind, words) and
 * its options; an option that waits for its value overrides that. */

static const char functions[] =
    "# bash completion for notebooked; printed by 'notebooked completion bash'\n"
    "_notebooked_offer() { # kind words start\n"
    "    case $1 in\n"
    "    file) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- \"$3\") ;;\n"
    "    folder) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- \"$3\") ;;\n"
    "    experiment)\n"
    "        compopt -o filenames 2>/dev/null\n"
    "        mapfile -t COMPREPLY < <(compgen -f -X '!*.ipynb' -- \"$3\"; compgen -d -- \"$3\"\n"
    "            compgen -W \"$(notebooked completion experiment 2>/dev/null)\" -- \"$3\")\n"
    "        ;;\n"
    "    job | command | endpoint | model) mapfile -t COMPREPLY < <(compgen -W \"$(notebooked completion \"$1\" "
    "2>/dev/null)\" -- \"$3\") ;;\n"
    "    *) mapfile -t COMPREPLY < <(compgen -W \"$2\" -- \"$3\") ;;\n"
    "    esac\n"
    "}\n\n"
    "_notebooked() {\n"
    "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
    "    local command='' kind='' words='' options='' i\n"
    "    [[ $prev == '=' ]] && prev=${COMP_WORDS[COMP_CWORD - 2]}\n"
    "    [[ $cur == '=' ]] && cur=''\n"
    "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
    "        case ${COMP_WORDS[i]} in\n";

static const char end[] = "    [[ $cur == -* && -n $options ]] && kind='' words=$options\n"
                          "    _notebooked_offer \"$kind\" \"$words\" \"$cur\"\n"
                          "}\n\n"
                          "complete -F _notebooked notebooked\n";

/* "--provider | -p": what matches an option's words. */
static void put_pattern(const nb_opt *opt, FILE *to)
{
    fprintf(to, "--%s", opt->name);
    if (opt->letter)
        fprintf(to, " | -%c", opt->letter);
}

/* "--provider -p --no-wait": all words of a table. */
static void put_option_words(const nb_opt *options, const void *defaults, FILE *to)
{
    NB_AUTO(nb_arena) scratch = NB_ARENA_INIT;
    for (const nb_opt *opt = options; opt && opt->kind != NB_OPT_END; opt++) {
        nb_str names[2];
        size_t count = nb_opt_long_names(opt, defaults, &scratch, names);
        for (size_t i = 0; i < count; i++)
            fprintf(to, " " NB_STR_FMT, NB_STR_ARG(names[i]));
        if (opt->letter)
            fprintf(to, " -%c", opt->letter);
    }
}

static void put_command_words(const nb_command *const *commands, FILE *to)
{
    for (const nb_command *const *row = commands; *row; row++)
        fprintf(to, "%s%s", row == commands ? "" : " ", nb_command_word(*row));
}

static void put_words(const char *const *words, FILE *to)
{
    for (const char *const *word = words; word && *word; word++)
        fprintf(to, "%s%s", word == words ? "" : " ", *word);
}

static bool have_values(const nb_opt *options)
{
    for (const nb_opt *opt = options; opt && opt->kind != NB_OPT_END; opt++)
        if (nb_complete_takes_value(opt))
            return true;
    return false;
}

/* "        --provider) kind=... words=... options='' ;;": what may come after an option that takes a value. */
static void put_value_rows(const nb_opt *options, FILE *to)
{
    for (const nb_opt *opt = options; opt && opt->kind != NB_OPT_END; opt++) {
        if (!nb_complete_takes_value(opt))
            continue;
        fputs("        ", to);
        put_pattern(opt, to);
        fprintf(to, ") kind='%s' words='", nb_complete_kind(opt->names));
        put_words(opt->choices, to);
        fputs("' options='' ;;\n", to);
    }
}

static void put_command_row(const nb_command *command, FILE *to)
{
    fprintf(to, "    ' %s')\n", command->name);
    if (command->commands) {
        fputs("        words='", to);
        put_command_words(command->commands, to);
        fputs("'\n        ;;\n", to);
        for (const nb_command *const *row = command->commands; *row; row++)
            put_command_row(*row, to);
        return;
    }
    fprintf(to, "        kind='%s' words='", nb_complete_kind(command->operand_names));
    put_words(command->operand_words, to);
    fputs("' options=\"$options", to);
    put_option_words(command->options, command->defaults, to);
    fputs("\"\n", to);
    if (have_values(command->options)) {
        fputs("        case $prev in\n", to);
        put_value_rows(command->options, to);
        fputs("        esac\n", to);
    }
    fputs("        ;;\n", to);
}

/* Words before the cursor that are no part of the command: the global options and their values. */
static void put_search(FILE *to)
{
    const char *bar = "        ";
    for (const nb_opt *opt = nb_global_options; opt->kind != NB_OPT_END; opt++) {
        if (!nb_complete_takes_value(opt))
            continue;
        fputs(bar, to);
        put_pattern(opt, to);
        bar = " | ";
    }
    fputs(")\n            ((i++))\n"
          "            [[ ${COMP_WORDS[i]} == '=' ]] && ((i++))\n"
          "            ;;\n"
          "        -*) ;;\n"
          "        *)\n"
          "            command=\"$command ${COMP_WORDS[i]}\"\n"
          "            case $command in\n            ",
          to);
    for (const nb_command *const *row = nb_commands; *row; row++)
        if ((*row)->commands)
            fprintf(to, "' %s' | ", (*row)->name);
    fputs("'') ;; *) break ;;\n            esac\n            ;;\n        esac\n    done\n", to);
}

/* Where --format is a command's own, its row has said what may follow. */
static void put_own_formats(FILE *to)
{
    for (const nb_command *const *row = nb_commands; *row; row++)
        if ((*row)->shadows_globals)
            fprintf(to, "    ' %s--format') ;;\n", (*row)->name);
}

void nb_complete_bash(FILE *to)
{
    fputs(functions, to);
    put_search(to);
    fputs("    options='", to);
    put_option_words(nb_global_options, NULL, to);
    fputs("'\n    case $command in\n    '') words='", to);
    put_command_words(nb_commands, to);
    fputs("' ;;\n", to);
    for (const nb_command *const *row = nb_commands; *row; row++)
        put_command_row(*row, to);
    fputs("    esac\n    case $command$prev in\n", to);
    put_own_formats(to);
    fputs("    *) case $prev in\n", to);
    put_value_rows(nb_global_options, to);
    fputs("    esac ;;\n    esac\n", to);
    fputs(end, to);
}
