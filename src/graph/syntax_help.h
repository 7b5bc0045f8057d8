/* syntax_help.h - what to do about a cell that is no Python: the usual reasons are told apart. */
#ifndef NB_GRAPH_SYNTAX_HELP_H
#define NB_GRAPH_SYNTAX_HELP_H

#include "py/syntax.h"

/* Advice for a syntax error: a placeholder that was never replaced (`KEY = <YOUR-KEY>`), Python 2's print, an answer left open. Starts with a verb; empty when
 * the error's message says it all. */
nb_str nb_syntax_help(nb_arena *arena, nb_str text, const nb_py_error *error);

#endif
