#include "cli/man.h"

#include "cli/app.h"
#include "cli/help.h"

/* What is not in any row. */
static const struct {
    const char *name, *what;
} variables[] = {
    {"NOTEBOOKED_DEBUG", "When 1, everything the program does is traced on stderr."                },
    {"NOTEBOOKED_TRACE",
     "What to trace: some of parse, gen, proc, store, separated by commas; followed by a colon and a file "
     "name, the trace goes there as JSON lines."                                                   },
    {"NO_COLOR",         "When set, nothing is coloured; --color overrides it."                    },
    {"CLICOLOR_FORCE",   "When set and not 0, colours are used although the output is no terminal."},
};

static const struct {
    const char *name, *what;
} files[] = {
    {"config.yaml",
     "The project: its experiments and where they run. It is looked for in the current "
     "folder and those above it."},
    {".notebooked/",
     "What the program remembers about the project: jobs and runs, and the templates that "
     "replace its own."          },
};

static const struct {
    const char *status, *what;
} statuses[] = {
    {"0", "Done."                                                                                 },
    {"1",
     "The user can fix it: options, configuration, notebook, files that are not there or not up to "
     "date, an error in the notebook's code."                                                     },
    {"2", "The world refused: files that cannot be read or written, network, access, time limits."},
    {"3", "A defect of notebooked."                                                               },
};

/* Text in which nothing is an instruction: backslashes, dashes that shall stay dashes, leading dots and quotes. */
static void put_text(FILE *to, nb_str text)
{
    if (text.len > 0 && (text.at[0] == '.' || text.at[0] == '\''))
        fputs("\\&", to);
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '\\')
            fputs("\\e", to);
        else if (text.at[i] == '-')
            fputs("\\-", to);
        else
            fputc(text.at[i], to);
    }
}

static void put_line(FILE *to, const char *text)
{
    put_text(to, nb_str_from(text));
    fputc('\n', to);
}

static void put_bold(FILE *to, nb_str text)
{
    fputs("\\fB", to);
    put_text(to, text);
    fputs("\\fR", to);
}

/* A list entry: the name, bold, and what it is, indented. */
static void put_entry(FILE *to, nb_str name, const char *what)
{
    fputs(".TP\n", to);
    put_bold(to, name);
    fputc('\n', to);
    put_line(to, what);
}

/* Lines that start with a blank stand as they are; an empty line ends a paragraph. */
static void put_about(FILE *to, const char *about)
{
    nb_str rest = nb_str_from(about), line;
    bool verbatim = false, started = false;
    while (nb_str_line(&rest, &line)) {
        bool indented = line.len > 0 && line.at[0] == ' ';
        if (indented != verbatim && line.len > 0) {
            fputs(indented ? ".PP\n.EX\n" : ".EE\n", to);
            started = indented;
            verbatim = indented;
        }
        if (line.len == 0) {
            started = verbatim;
            continue;
        }
        if (!started)
            fputs(".PP\n", to);
        put_text(to, line);
        fputc('\n', to);
        started = true;
    }
    if (verbatim)
        fputs(".EE\n", to);
}

static void put_options(FILE *to, const nb_opt *options, const void *defaults)
{
    NB_AUTO(nb_arena) scratch = NB_ARENA_INIT;
    for (const nb_opt *opt = options; opt && opt->kind != NB_OPT_END; opt++)
        put_entry(to, nb_opt_synopsis(opt, defaults, &scratch), opt->help);
}

static void put_examples(FILE *to, const nb_example *examples)
{
    for (const nb_example *row = examples; row && row->line; row++) {
        fputs(".PP\n", to);
        put_text(to, nb_str_from(row->what));
        fputs(":\n.PP\n.EX\n    ", to);
        put_line(to, row->line);
        fputs(".EE\n", to);
    }
}

static void put_command(FILE *to, const nb_command *command)
{
    NB_AUTO(nb_arena) scratch = NB_ARENA_INIT;
    if (!command->commands) {
        fputs(".SS ", to);
        put_text(to, nb_help_usage(command, &scratch));
        fputc('\n', to);
        put_line(to, command->summary);
        if (command->about)
            put_about(to, command->about);
        put_options(to, command->options, command->defaults);
        put_examples(to, command->examples);
    }
    for (const nb_command *const *row = command->commands; row && *row; row++)
        put_command(to, *row);
}

static void put_title(FILE *to)
{
    fprintf(to, ".TH NOTEBOOKED 1 \"%s\" \"notebooked %s\" \"User Commands\"\n", NB_DATE,
            NB_VERSION);
    fputs(".SH NAME\nnotebooked \\- turn tagged Jupyter notebooks into production Python\n", to);
    fputs(".SH SYNOPSIS\n\\fBnotebooked\\fR [options] \\fICOMMAND\\fR ...\n", to);
    fputs(".SH DESCRIPTION\n", to);
    put_line(
        to,
        "Turns the tagged cells of a Jupyter notebook into train.py, inference.py, preprocess.py "
        "and requirements.txt, and trains with them.");
    put_line(to, "Results are written to stdout, everything else to stderr.");
}

void nb_man_print(FILE *to)
{
    put_title(to);
    fputs(".SH OPTIONS\nThese may stand before or after the command.\n", to);
    put_options(to, nb_global_options, NULL);
    fputs(".SH COMMANDS\n", to);
    for (const nb_command *const *row = nb_commands; *row; row++)
        put_command(to, *row);
    fputs(".SH EXIT STATUS\n", to);
    for (size_t i = 0; i < NB_LEN(statuses); i++)
        put_entry(to, nb_str_from(statuses[i].status), statuses[i].what);
    fputs(".SH ENVIRONMENT\n", to);
    for (size_t i = 0; i < NB_LEN(variables); i++)
        put_entry(to, nb_str_from(variables[i].name), variables[i].what);
    fputs(".SH FILES\n", to);
    for (size_t i = 0; i < NB_LEN(files); i++)
        put_entry(to, nb_str_from(files[i].name), files[i].what);
}
