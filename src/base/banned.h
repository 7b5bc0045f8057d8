/* banned.h - functions that nobody here may call, and what to use instead.
 *
 * Unbounded copies: nb_buf, nb_arena_printf. Silent number parsing: nb_str_to_int. Hidden state:
 * strtok, gmtime. Shells: proc/runner.h takes an argv.
 */
#ifndef NB_BANNED_H
#define NB_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf strtok gets atoi atol atof sscanf
#pragma GCC poison gmtime localtime ctime asctime mktemp tmpnam system popen

#endif
