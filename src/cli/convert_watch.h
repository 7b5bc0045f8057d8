/* convert_watch.h - `convert --watch`: converts what changed, until somebody wants it to end. */
#ifndef NB_CLI_CONVERT_WATCH_H
#define NB_CLI_CONVERT_WATCH_H

#include "cli/convert_task.h"

typedef struct nb_watching {
    const char *const *
        operands; /* as nb_targets_find() takes them; asked anew whenever the configuration changes */
    size_t count;
    bool all;
    bool force; /* overwrite files that were edited by hand */
    const nb_convert_options *options;
} nb_watching;

/* Tells on the log what it does. Returns when the program is told to end (Ctrl-C), or when files cannot be watched. What cannot be converted is told, and does not
 * end it; a file that cannot be read is looked at twice before: it may be half written. */
nb_code nb_convert_watch(nb_app *app, const nb_watching *watching, nb_error *err);

#endif
