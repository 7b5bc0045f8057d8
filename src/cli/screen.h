/* screen.h - a provider's progress on a command's log: its words a line each, those of Python as they come. */
#ifndef NB_CLI_SCREEN_H
#define NB_CLI_SCREEN_H

#include "cli/app.h"
#include "provider/provider.h"

typedef struct nb_screen {
    const nb_app *app;
    bool midline; /* Python has not ended its line: our next one begins on a new one */
} nb_screen;

nb_progress nb_screen_progress(nb_screen *screen);

#endif
