/* directives.h - comments in a cell that speak to this program, for editors that hide tags and for findings that are meant to be so.
 *
 *     # notebooked: train                     above the cell's code: works like the tag; several words, blanks or commas between
 *     # notebooked: skip
 *     # notebooked: shell=subprocess          above the cell's code: a policy of notebook/policies.h for this cell
 *     # notebooked: ignore[NB203, NB409]      above the cell's code: the findings are not told for this cell
 *     %matplotlib inline  # notebooked: ignore[NB203]      at the end of a line: for this line, or the statement that ends there
 *     #| export                               nbdev's exporti and exports as well, and "# export" alone on the first line: the section
 *                                             utils, where the cell has no other
 *
 * Above the code: among the comments that the cell begins with. Only real comments count, never text in strings. Several kinds may stand in one
 * comment ("# notebooked: train, shell=drop"); what follows another '#' is the reader's. Code cells in Python only. They do not appear in what is generated:
 * they say what to do with the cell, which is done by then.
 */
#ifndef NB_DIRECTIVES_H
#define NB_DIRECTIVES_H

#include "base/diag.h"
#include "notebook/notebook.h"
#include "notebook/policies.h"

typedef enum nb_directive_kind {
    NB_DIRECTIVE_TAG, /* a word: a section, a tag of the configuration, or a mistake (nb_tags_sections() knows) */
    NB_DIRECTIVE_POLICY,
    NB_DIRECTIVE_IGNORE,
    NB_DIRECTIVE_BAD /* not understood */
} nb_directive_kind;

typedef struct nb_directive {
    nb_directive_kind kind;
    nb_str text; /* what was written, as a view into the cell's source: this is its place */
    const nb_policy_row *row; /* POLICY */
    nb_str value;             /* POLICY */
    nb_diag_code code;        /* IGNORE */
    nb_str scope;             /* IGNORE: the lines it is for, as a view; empty: the whole cell */
    nb_str message, help;     /* BAD */
} nb_directive;

typedef struct nb_directives {
    NB_VEC(nb_directive) list;
    NB_VEC(nb_str)
    comments;     /* the comments they stand in, without other words there; views into the source */
    bool exports; /* nbdev's */
} nb_directives;

/* NULL when the cell has none, which costs one search through its text. `source` must stay as long as the result. */
const nb_directives *nb_directives_read(nb_arena *arena, nb_str source);

/* All of these take NULL for a cell without directives. */

/* The cell's source without the comments; lines stay where they are, and so does all code in them. */
nb_str nb_directives_strip(nb_arena *arena, nb_str source, const nb_directives *directives);
/* Sets the policies that the cell chooses. */
void nb_directives_choose(const nb_directives *directives, nb_policies *policies);
/* Silences what the cell ignores; `told` says whether an ignore that silences nothing will be told (in cells that feed no script,
 * where little is looked at, it is not). nb_diags_sweep() must follow. */
void nb_directives_silence(const nb_notebook *notebook, const nb_cell *cell, bool told,
                           nb_diags *diags);
/* Where it stands. */
nb_spot nb_directive_spot(const nb_notebook *notebook, const nb_cell *cell,
                          const nb_directive *directive);

#endif
