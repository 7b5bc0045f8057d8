/* markdown.h - our own pages for a terminal.
 *
 * What the pages use is understood: headings, paragraphs, lists with "- ", fenced code, and in text `code`, **bold**, [links](where) (their text is
 * shown) and backslashes. Text is wrapped, code is indented and kept as it is.
 */
#ifndef NB_CLI_MARKDOWN_H
#define NB_CLI_MARKDOWN_H

#include "base/str.h"

#include <stdio.h>

/* `columns`: where text is wrapped. Without colour `code` keeps its backticks and nothing is bold. */
void nb_markdown_print(nb_str page, size_t columns, bool colour, FILE *to);

#endif
