/* interrupt.h - Ctrl-C as a flag, for a command with threads that has something to put in order before it ends. */
#ifndef NB_CLI_INTERRUPT_H
#define NB_CLI_INTERRUPT_H

#include "base/base.h"

typedef struct nb_interrupt nb_interrupt;

/* From now on the first SIGINT, SIGTERM or SIGHUP sets the flag instead of ending the program, a second one ends it. Threads started later inherit that. Signals
 * that were ignored stay so. */
nb_interrupt *nb_interrupt_catch(void);
/* True once a signal came; it stays where it is until nb_interrupt_end(). */
const _Atomic bool *nb_interrupt_flag(const nb_interrupt *interrupt);
/* The signal that came; 0: none. */
int nb_interrupt_signal(const nb_interrupt *interrupt);
/* Signals do what they did before. */
void nb_interrupt_end(nb_interrupt *interrupt);

#endif
