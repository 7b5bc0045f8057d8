/* app.h - the command line as a function: global options, the command that argv names, errors, exit status.
 *
 * stdout has results and nothing else; progress, findings and errors go to stderr. With --format json stdout has exactly one JSON document,
 * also when the command fails (a command's own --output-format json is the same; where --format is a command's own, as in predict, the global one stands before
 * the command's name):
 *
 *     {"version": 1, "notebooked": "0.1.0", "command": "jobs list", ...the command's members..., "error": null}
 *
 * and "error" is {"code", "exit", "finding", "messages": [outermost first], "path", "line", "column", "source", "hint"} after a failure. stderr is for people
 * in both forms. `version` grows only when a member changes its meaning or goes; new members may come at any time.
 *
 * Exit status: 0 done; 1 the user can fix it; 2 the world refused; 3 a bug of ours (nb_code_exit); where a command hands on the status of
 * another program (jobs wait; a training that was interrupted), that one.
 * SIGPIPE is left as inherited: `notebooked jobs list | head -1` ends quietly. A command that must outlive its reader ignores it itself.
 */
#ifndef NB_CLI_APP_H
#define NB_CLI_APP_H

#include "base/env.h"
#include "cli/command.h"
#include "text/json_write.h"

#include <stdio.h>

struct nb_app {
    /* given by whoever runs it */
    FILE *out, *log; /* results; everything else */
    const nb_env *env;
    bool out_terminal, log_terminal,
        in_terminal; /* a person is there: colour, progress, questions */

    /* for commands */
    nb_arena *arena; /* lives until the command has returned */
    nb_json_writer *
        json; /* --format json: an open object, to which the command adds members; NULL: write text to `out` */
    const char
        *config; /* --config FILE, NULL: look for config.yaml from the current folder upwards */
    bool quiet, verbose;     /* -q: errors only; -v: more */
    bool colour_out, colour; /* on `out`; on `log` */
    const nb_command *command;
    int exit_status; /* set by a command that fails: what to end with instead of the code's own status; 0: that */

    /* where the other global options land */
    const char
        *folder; /* -C: is the current folder before the command runs; --config is relative to it */
    int format;  /* nb_app_format */
    nb_switch color;
    bool help, version;
};

enum nb_app_format { NB_FORMAT_TEXT, NB_FORMAT_JSON };

extern const nb_opt nb_global_options[];

/* Runs the command that argv names with the app's streams and environment; returns the exit status. argv[0] is the
 * program. Tests call it; it may change the current folder (-C). */
int nb_app_run(nb_app *app, int argc, char **argv);
/* The same for the process: standard streams and the real environment. */
int nb_app_main(int argc, char **argv);

/* Writes what there is of the document to `out` and forgets it, for commands with more results than memory should hold. */
void nb_app_pass_on(nb_app *app);

/* A line of progress on `log`, unless -q. The newline is added. */
void nb_app_say(const nb_app *app, const char *fmt, ...) NB_PRINTF(2, 3);
/* The same with -v only. */
void nb_app_detail(const nb_app *app, const char *fmt, ...) NB_PRINTF(2, 3);

/* Text as a whole (a page, a script, a difference): written to the stream that open returns, it goes to `out`, or with --format json into
 * the member `key`. */
typedef struct nb_app_text {
    FILE *to;
    char *at; /* what was written so far, in memory; NULL when it goes to `out` */
    size_t len;
} nb_app_text;
FILE *nb_app_text_open(const nb_app *app, nb_app_text *text);
void nb_app_text_close(nb_app *app, nb_app_text *text, const char *key);

#endif
