/* shell.h - commands that people may copy into their shell. (Nothing here runs one: runner.h takes an argv.) */
#ifndef NB_PROC_SHELL_H
#define NB_PROC_SHELL_H

#include "base/buf.h"

/* A word for a shell, in double quotes where it needs some. */
void nb_shell_put(nb_buf *out, nb_str word);

#endif
