/* source.h - a notebook as the generator sees it: plain Python a cell, and the top-level statements in notebook order.
 *
 * Every code cell goes through the IPython step and the parser, untagged ones too: their imports may be needed, and a missing name is told
 * with the cell that would provide it. Statements know their cell, their text with its comments, and what they do with names.
 */
#ifndef NB_GRAPH_SOURCE_H
#define NB_GRAPH_SOURCE_H

#include "notebook/ipython.h"
#include "notebook/notebook.h"
#include "notebook/tags.h"
#include "py/edit.h"
#include "py/names.h"

#define NB_BIT(section) (1u << (section))

typedef struct nb_source_cell {
    const nb_cell *cell;
    unsigned sections; /* bits of nb_section */
    nb_python_cell python;
    const nb_py_tree *tree; /* of python.text */
    nb_edits edits;         /* what the generator replaces in python.text */
    const bool *
        in_string; /* in_string[i]: line i (from 0) begins inside a string literal; never re-indented */
    bool broken;   /* syntax errors */
    bool proposed; /* nobody tagged it: its sections are proposed ones */
} nb_source_cell;

/* What becomes of a statement in a script that holds it. */
typedef enum nb_role {
    NB_ROLE_IMPORT, /* stands among the imports */
    NB_ROLE_SETUP, /* environment variables set before an import: stays among the imports, in order */
    NB_ROLE_DEFINITION, /* stands at module level */
    NB_ROLE_ACTION,     /* runs in the script's function, in notebook order */
    NB_ROLE_DROPPED /* leaves no trace (a repeated import, a constant that became a hyperparameter) */
} nb_role;

typedef struct nb_statement {
    nb_source_cell *cell;
    const nb_py_node *node;
    nb_uses uses;
    unsigned sections; /* of its cell, or those of them that the statement serves (split.h) */
    size_t index;      /* in nb_source.statements */
    uint32_t start,
        end; /* byte span in the cell's text: the statement with the comments above and beside it */
    unsigned indent;  /* characters its lines are indented by: the body of a __main__ guard */
    bool in_guard;    /* of an `if __name__ == "__main__":` */
    bool displayed;   /* the cell's last expression: a notebook shows its value */
    bool shares_line; /* another statement stands on the same line */
    bool pure;    /* may stand at module level: it needs only imports and other pure statements */
    bool literal; /* NAME = literal */
    bool mutated; /* a literal that other statements change in place */
    bool
        configured; /* takes a value from the command line when it runs: a hyperparameter, the data path */
    bool included; /* of an untagged cell, pulled in because it is needed */
    nb_role role;  /* in train.py */
} nb_statement;

typedef struct nb_source {
    nb_arena *arena;
    nb_diags *diags;
    const nb_notebook *notebook;
    nb_source_cell *cells; /* the Python code cells, in order */
    size_t cell_count;
    nb_statement *statements; /* of all of them */
    size_t statement_count;
    bool future_annotations;
    unsigned minor; /* the target Python: 3.`minor` */
    nb_str folder;  /* where `%run` finds files; empty: nowhere */
    NB_VEC(nb_str)
    ran; /* paths of the files whose code stands in the place of a %run line, absolute */
} nb_source;

typedef struct nb_source_options {
    const nb_tags *tags;
    unsigned minor;              /* 0: 11 */
    const nb_policies *policies; /* of IPython commands; NULL: the defaults */
    const unsigned *proposed; /* by cell number - 1: sections of cells that have none; NULL: none */
    nb_str folder;            /* where `run: inline` finds files, absolute; empty: nowhere */
} nb_source_options;

/* Reads nothing from disk but the files of %run lines, where the policy says so, and cannot fail: problems are findings. The source lives in the arena. */
nb_source *nb_source_read(nb_arena *arena, const nb_notebook *notebook,
                          const nb_source_options *options, nb_diags *diags);

/* Does the cell feed a script? Untagged, skipped and requirements-only cells do not. */
bool nb_source_is_exported(const nb_source_cell *cell);
/* Does the statement stand in train.py: its cell feeds that script, or it was included? (Several sections are possible.) */
bool nb_statement_feeds_train(const nb_statement *s);
/* Does it stand in an inference cell? */
bool nb_statement_feeds_inference(const nb_statement *s);
/* Place of a node (or of byte `at` of the cell's Python text) in the user's cell. */
nb_spot nb_source_spot(const nb_source *source, const nb_source_cell *cell, uint32_t start,
                       uint32_t end);
nb_spot nb_statement_spot(const nb_source *source, const nb_statement *statement);
/* "cell 9 [inference]", for messages about another cell. */
nb_str nb_source_cell_name(nb_arena *arena, const nb_source_cell *cell);

#endif
