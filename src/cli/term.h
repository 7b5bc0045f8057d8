/* term.h - what terminals need: colours, text that cannot give orders, widths. */
#ifndef NB_CLI_TERM_H
#define NB_CLI_TERM_H

#include "base/env.h"
#include "cli/options.h"

typedef enum nb_style {
    NB_STYLE_NONE, /* ends any other */
    NB_STYLE_BOLD,
    NB_STYLE_ERROR,
    NB_STYLE_WARNING,
    NB_STYLE_NOTE,
    NB_STYLE_HINT,
    NB_STYLE_DIM
} nb_style;

/* The escape sequence that starts the style; "" when colour is off. For "%s". */
const char *nb_term_style(bool colour, nb_style style);

/* Whether to colour a stream: what the user asked for with --color or --no-color; else NO_COLOR, then CLICOLOR_FORCE; else
 * yes on a terminal that is not dumb. */
bool nb_term_colour(nb_switch asked, bool terminal, const nb_env *env);

/* Columns of the terminal that the stream leads to; `otherwise` when it leads to none, does not tell, or is NULL. */
size_t nb_term_columns(FILE *stream, size_t otherwise);

/* Prints text that comes from a file: a tab as four blanks, other control characters and invalid bytes as U+FFFD. */
void nb_term_put(nb_str text, FILE *to);
/* Columns that the text takes when printed so. Wide and combining characters are told by block, which is right for nearly all. */
size_t nb_term_width(nb_str text);
/* Bytes that the first `characters` characters of the text take; all of it when it has fewer. */
size_t nb_term_bytes(nb_str text, size_t characters);

#endif
