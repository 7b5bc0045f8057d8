/* command.h - a command as a row: what it is called, what it takes, what it says about itself, what it does.
 *
 * One file a command, src/cli/cmd_NAME.c, that ends in its row; src/cli/commands.def names it. Help, man page and
 * completions are printed from the row.
 */
#ifndef NB_CLI_COMMAND_H
#define NB_CLI_COMMAND_H

#include "cli/options.h"

typedef struct nb_app nb_app; /* cli/app.h */

typedef struct nb_example {
    const char *line; /* "notebooked train iris --set epochs=20" */
    const char *what; /* what it does, in lower case, no final stop */
} nb_example;

enum { NB_ANY_NUMBER = 1000000 };

typedef struct nb_command nb_command;
struct nb_command {
    const char *name;     /* in full: "convert", "jobs list" */
    const char *operands; /* "[EXPERIMENT | NOTEBOOK]...", NULL when there are none */
    const char *summary;  /* one line, a sentence: "Turn a tagged notebook into scripts." */
    const char *
        about; /* more, for --help and the man page; paragraphs end in "\n\n", lines are wrapped for the reader; NULL: none */
    const nb_example *examples;          /* ends in {0}; NULL: none */
    const nb_opt *options;               /* NULL: none */
    unsigned min_operands, max_operands; /* NB_ANY_NUMBER: no upper limit */
    nb_opt_names operand_names;          /* for shell completion */
    const char *const *operand_words; /* all an operand can be, NULL at the end; NULL: it is open */
    size_t args_size;                 /* of the struct the options go to */
    const void *defaults;             /* that struct before reading; NULL: zeros */
    bool
        shadows_globals; /* options of its own are called as global ones (--format), which then stand before the command's name */
    /* Results go to app->out, or as members into app->json when that is not NULL (see app.h); nothing else does. */
    nb_code (*run)(const void *args, const char *const *operands, size_t count, nb_app *app,
                   nb_error *err);
    const nb_command *const *
        commands; /* of a group such as "jobs": its commands, NULL at the end; `run` is NULL then */
};

/* One declaration a row of commands.def: nb_cmd_help, ... */
#define NB_COMMAND(name) extern const nb_command nb_cmd_##name;
#include "cli/commands.def"
#undef NB_COMMAND

/* All of them, NULL at the end. */
extern const nb_command *const nb_commands[];

/* The command of this name in a NULL-terminated table; the name of a group's command is its last word. NULL, and an error that
 * names the nearest, when there is none. `group` is NULL at the top. */
const nb_command *nb_command_find(const nb_command *group, const char *name, nb_error *err);
/* The last word of the name: "list" of "jobs list". */
const char *nb_command_word(const nb_command *command);

#endif
