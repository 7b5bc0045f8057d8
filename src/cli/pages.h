/* pages.h - the page about each finding, docs/findings/CODE.md as it was when the program was built.
 *
 *     # NB409 absolute-path
 *
 *     **Warning:** what the finding says in general          the row of base/codes.def
 *
 *     **Remedy:** what to write or do, in one line           the index docs/findings.md has the same line
 *
 *     What it is, ...
 *
 *     ## Why it matters, ## Before, ## After, ## Silencing
 */
#ifndef NB_CLI_PAGES_H
#define NB_CLI_PAGES_H

#include "base/diag.h"

typedef struct nb_page_section {
    nb_str title; /* "Before"; empty for what stands before the first title */
    nb_str text;  /* Markdown */
} nb_page_section;

typedef struct nb_page {
    nb_str text; /* all of it */
    nb_str remedy;
    NB_VEC(nb_page_section)
    sections; /* without heading, kind and remedy, which are told apart already */
} nb_page;

/* The page of a code; every code has one. */
nb_page nb_page_of(nb_diag_code code, nb_arena *arena);

#endif
