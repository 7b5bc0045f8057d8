/* blocks.h - code blocks of the scripts: definitions in groups, and the function that runs the actions in notebook order. */
#ifndef NB_GEN_BLOCKS_H
#define NB_GEN_BLOCKS_H

#include "gen/emit.h"
#include "graph/graph.h"

/* Statements to write, in notebook order. */
typedef struct nb_block {
    NB_VEC(const nb_statement *) list;
} nb_block;

/* The groups of a script's definitions. */
typedef enum nb_group {
    NB_GROUP_UTILS,
    NB_GROUP_PREPROCESS,
    NB_GROUP_MODEL,
    NB_GROUP_TRAIN,
    NB_GROUP_INFERENCE,
    NB_GROUP_COUNT
} nb_group;

typedef struct nb_groups {
    nb_block group[NB_GROUP_COUNT];
} nb_groups;

/* Puts each definition into the group of its cell; all of them into the first when one needs another that would come later. */
nb_groups nb_blocks_group(const nb_graph *graph, const nb_block *definitions);
/* The definitions as text: two blank lines around functions and classes, a comment that names the cell. Empty for an empty block. */
nb_str nb_blocks_definitions(const nb_graph *graph, const nb_block *block, bool marks);

typedef struct nb_function {
    const nb_graph *graph;
    nb_str name, docstring;
    const nb_block *body;
    bool is_async, marks;
    nb_str show;                /* prints displayed values; empty: they are dropped */
    const nb_map *more_globals; /* set of names to declare as well; may be NULL */
    nb_str last_line;           /* appended; may be empty */
} nb_function;

/* The function as text; *used_show tells whether it calls `show`. */
nb_str nb_blocks_function(const nb_function *function, bool *used_show);
/* Lines of a function body without its head: `global` declarations and the statements, indented by four. */
nb_str nb_blocks_body(const nb_function *function, bool *used_show);
/* Names that the statements bind at once, sorted. */
void nb_blocks_bound(const nb_graph *graph, const nb_block *block, nb_map *names);

#endif
