#include "cli/help.h"

#include "cli/app.h"
#include "text/utf8.h"

enum { WIDTH = 80, LEFT = 28 }; /* a page; its column of names */

/* Prints words from column `column`, broken before WIDTH, further lines indented by `indent`. */
static void print_wrapped(FILE *to, nb_str text, size_t column, size_t indent)
{
    nb_str word;
    bool first = true;
    while (nb_str_split(&text, ' ', &word)) {
        size_t len = nb_utf8_count(word);
        if (!first && column + 1 + len > WIDTH) {
            fprintf(to, "\n%*s", (int)indent, "");
            column = indent;
        } else if (!first) {
            fputc(' ', to);
            column++;
        }
        fprintf(to, NB_STR_FMT, NB_STR_ARG(word));
        column += len;
        first = false;
    }
    fputc('\n', to);
}

/* "  name     what it is": `what` stands in its own column, on the next line when the name is too long. */
static void print_row(FILE *to, nb_str name, const char *what, size_t left)
{
    fprintf(to, "  " NB_STR_FMT, NB_STR_ARG(name));
    size_t column = 2 + name.len;
    if (column + 2 > left) {
        fputc('\n', to);
        column = 0;
    }
    fprintf(to, "%*s", (int)(left - column), "");
    print_wrapped(to, nb_str_from(what), left, left);
}

/* Paragraphs are separated by an empty line; lines that start with a blank are kept as they are. */
static void print_about(FILE *to, const char *about)
{
    nb_str rest = nb_str_from(about), line;
    fputc('\n', to);
    while (nb_str_line(&rest, &line)) {
        if (line.len == 0 || line.at[0] == ' ')
            fprintf(to, NB_STR_FMT "\n", NB_STR_ARG(line));
        else
            print_wrapped(to, line, 0, 0);
    }
}

static void print_options(FILE *to, const char *title, const nb_opt *options, const void *defaults)
{
    NB_AUTO(nb_arena) scratch = NB_ARENA_INIT;
    fprintf(to, "\n%s:\n", title);
    for (const nb_opt *opt = options; opt->kind != NB_OPT_END; opt++) {
        nb_str synopsis = nb_opt_synopsis(opt, defaults, &scratch);
        const char *indent = opt->letter ? "" : "    "; /* long names stand below each other */
        print_row(to, nb_arena_printf(&scratch, "%s" NB_STR_FMT, indent, NB_STR_ARG(synopsis)),
                  opt->help, LEFT);
    }
}

static size_t longest_name(const nb_command *const *commands)
{
    size_t longest = 0;
    for (const nb_command *const *row = commands; *row; row++)
        longest = strlen((*row)->name) > longest ? strlen((*row)->name) : longest;
    return longest;
}

static void print_commands(FILE *to, const nb_command *const *commands)
{
    size_t left = longest_name(commands) + 4;
    fprintf(to, "\ncommands:\n");
    for (const nb_command *const *row = commands; *row; row++)
        print_row(to, nb_str_from((*row)->name), (*row)->summary, left);
}

/* Those at the top, by what one is at. */
static void print_all_commands(FILE *to)
{
    static const struct {
        const char *heading; /* NULL: a command's row */
        const nb_command *command;
    } rows[] = {
#define NB_HEADING(title) {title, NULL},
#define NB_COMMAND(name)  {NULL, &nb_cmd_##name},
#include "cli/commands.def"
#undef NB_COMMAND
    };
    size_t left = longest_name(nb_commands) + 4;
    for (size_t i = 0; i < NB_LEN(rows); i++)
        if (rows[i].command)
            print_row(to, nb_str_from(rows[i].command->name), rows[i].command->summary, left);
        else
            fprintf(to, "\n%s:\n", rows[i].heading);
}

static void print_examples(FILE *to, const nb_example *examples)
{
    fprintf(to, "\nexamples:\n");
    for (const nb_example *row = examples; row->line; row++)
        fprintf(to, "  %s\n      %s\n", row->line, row->what);
}

nb_str nb_help_usage(const nb_command *command, nb_arena *arena)
{
    if (command->commands)
        return nb_arena_printf(arena, "notebooked %s COMMAND ...", command->name);
    return nb_arena_printf(arena, "notebooked %s%s%s%s", command->name,
                           command->options ? " [options]" : "", command->operands ? " " : "",
                           command->operands ? command->operands : "");
}

void nb_help_overview(FILE *to)
{
    fprintf(to, "usage: notebooked [options] COMMAND ...\n\n"
                "Turns tagged Jupyter notebooks into production Python, trains and serves it.\n");
    print_all_commands(to);
    print_options(to, "options, before or after the command", nb_global_options, NULL);
    fprintf(to, "\n'notebooked help COMMAND' tells more about a command.\n");
}

void nb_help_command(const nb_command *command, FILE *to)
{
    NB_AUTO(nb_arena) scratch = NB_ARENA_INIT;
    fprintf(to, "usage: " NB_STR_FMT "\n\n", NB_STR_ARG(nb_help_usage(command, &scratch)));
    print_wrapped(to, nb_str_from(command->summary), 0, 0);
    if (command->about)
        print_about(to, command->about);
    if (command->commands)
        print_commands(to, command->commands);
    if (command->options)
        print_options(to, "options", command->options, command->defaults);
    if (command->examples)
        print_examples(to, command->examples);
    fprintf(to, "\n'notebooked help' lists the options that every command takes.\n");
}

void nb_help_show(const nb_command *command, nb_app *app)
{
    nb_app_text text;
    FILE *to = nb_app_text_open(app, &text);
    if (command)
        nb_help_command(command, to);
    else
        nb_help_overview(to);
    nb_app_text_close(app, &text, "help");
}
