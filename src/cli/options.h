/* options.h - option tables: one row says how an option is read and how it is documented.
 *
 *     struct train_args { const char *provider; int64_t timeout_s; bool wait; nb_opt_list set; };
 *     static const nb_opt options[] = {
 *         {NB_STRING('p', "provider", "NAME", struct train_args, provider, "where to train (default: local)")},
 *         {NB_INT(0, "timeout", "SECONDS", 1, 86400, struct train_args, timeout_s, "give up after this long")},
 *         {NB_FLAG('w', "wait", struct train_args, wait, "wait until the job is done")},
 *         {NB_LIST(0, "set", "NAME=VALUE", struct train_args, set, "set a hyperparameter; may be repeated")},
 *         {.kind = NB_OPT_END},
 *     };
 *
 * Values land in a struct of the command's own, so there are no globals and a test can read twice. Help, man page and shell completions are
 * printed from the same rows.
 *
 * What is understood: `--name value`, `--name=value`, `-n value`, `-nvalue`, `-ab` for two flags, `--no-name` for flags and switches, `--` ends the
 * options; options and operands may be mixed. Of an option given twice the last counts. A shortened name is refused with the full one as the
 * hint: what it means today would change with the next option. A value that starts with a dash is written `--name=-value` (numbers need not be).
 */
#ifndef NB_CLI_OPTIONS_H
#define NB_CLI_OPTIONS_H

#include "base/buf.h"
#include "base/error.h"
#include "base/vec.h"

typedef enum nb_opt_kind {
    NB_OPT_END,
    NB_OPT_FLAG,   /* bool */
    NB_OPT_SWITCH, /* nb_switch: a flag that knows whether it was given */
    NB_OPT_STRING, /* const char *, NULL when not given */
    NB_OPT_INT,    /* int64_t between min and max */
    NB_OPT_CHOICE, /* int, index into `choices` */
    NB_OPT_LIST    /* nb_opt_list, one entry each time the option is given */
} nb_opt_kind;

typedef enum nb_switch { NB_UNSET, NB_ON, NB_OFF } nb_switch;

typedef struct nb_opt_list {
    const char **at;
    size_t count, cap;
} nb_opt_list;

/* What a value names, for shell completion. */
typedef enum nb_opt_names {
    NB_NAMES_TEXT,
    NB_NAMES_FILE,
    NB_NAMES_FOLDER,
    NB_NAMES_EXPERIMENT,
    NB_NAMES_JOB,
    NB_NAMES_COMMAND,
    NB_NAMES_ENDPOINT,
    NB_NAMES_MODEL
} nb_opt_names;

typedef struct nb_opt {
    nb_opt_kind kind;
    char letter;         /* 0: no short form */
    const char *name;    /* without dashes */
    const char *metavar; /* "FILE"; NULL for flags, switches and choices */
    size_t at;           /* offsetof() the field */
    const char
        *help; /* one line in lower case, no final stop; says the default where there is one */
    const char *const *choices; /* NULL-terminated */
    int64_t min, max;
    nb_opt_names names;
} nb_opt;

/* One row, in braces. A flag whose default is true is documented as --no-NAME, so its help says what that does. */
#define NB_FLAG(letter_, name_, type, field, help_)                                         \
    .kind = NB_OPT_FLAG, .letter = (letter_), .name = (name_), .at = offsetof(type, field), \
    .help = (help_)
#define NB_SWITCH(letter_, name_, type, field, help_)                                         \
    .kind = NB_OPT_SWITCH, .letter = (letter_), .name = (name_), .at = offsetof(type, field), \
    .help = (help_)
#define NB_STRING(letter_, name_, metavar_, type, field, help_)                         \
    .kind = NB_OPT_STRING, .letter = (letter_), .name = (name_), .metavar = (metavar_), \
    .at = offsetof(type, field), .help = (help_)
#define NB_INT(letter_, name_, metavar_, min_, max_, type, field, help_)             \
    .kind = NB_OPT_INT, .letter = (letter_), .name = (name_), .metavar = (metavar_), \
    .min = (min_), .max = (max_), .at = offsetof(type, field), .help = (help_)
#define NB_CHOICE(letter_, name_, choices_, type, field, help_)                         \
    .kind = NB_OPT_CHOICE, .letter = (letter_), .name = (name_), .choices = (choices_), \
    .at = offsetof(type, field), .help = (help_)
#define NB_LIST(letter_, name_, metavar_, type, field, help_)                         \
    .kind = NB_OPT_LIST, .letter = (letter_), .name = (name_), .metavar = (metavar_), \
    .at = offsetof(type, field), .help = (help_)

/* A table and the struct its values go to. */
typedef struct nb_opt_scope {
    const nb_opt *table; /* NULL: no options */
    void *args;
} nb_opt_scope;

enum { NB_OPT_SCOPES = 2 };

/* A command line on its way through the tables. */
typedef struct nb_opt_reader {
    nb_arena *arena;                    /* holds lists and operands */
    nb_opt_scope scopes[NB_OPT_SCOPES]; /* looked through in this order */
    const char *command;                /* for hints: "train"; NULL before a command is known */
    const char *const *words;
    size_t count, next;
    bool only_operands; /* "--" was seen */
    NB_VEC(const char *) operands;
} nb_opt_reader;

/* Reads options up to the first operand, which stays at words[next], or to the end. */
nb_code nb_options_until_operand(nb_opt_reader *reader, nb_error *err);
/* Reads all that is left; operands are collected. NB_ERR_USAGE names the option and, where it can, the right one. */
nb_code nb_options_all(nb_opt_reader *reader, nb_error *err);

/* Sets the hint for a name that does not exist: those it is a beginning of, else the nearest ("did you mean"), else leaves the hint as it is.
 * `before` is put in front of a name ("--"). */
void nb_hint_name(nb_error *err, const char *before, nb_str word, const nb_str *names,
                  size_t count);

/* The number of names the option is documented with, at most 2: "--wait"; "--no-wait" when `defaults` has it on; for a switch both.
 * `defaults` is the struct before reading, or NULL for zeros. The names are views into `scratch`. */
size_t nb_opt_long_names(const nb_opt *opt, const void *defaults, nb_arena *scratch,
                         nb_str names[2]);
/* "-p, --provider NAME", "--format text|json", "--[no-]color": the option as help and man page show it. */
nb_str nb_opt_synopsis(const nb_opt *opt, const void *defaults, nb_arena *arena);

#endif
