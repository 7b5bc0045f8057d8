/* man.h - the manual page, printed from the rows of commands and options. */
#ifndef NB_CLI_MAN_H
#define NB_CLI_MAN_H

#include <stdio.h>

/* notebooked(1) in the man(7) language. The same bytes for the same version. */
void nb_man_print(FILE *to);

#endif
