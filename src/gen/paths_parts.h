/* paths_parts.h - what the files that rewrite paths share; nothing outside of them includes it. */
#ifndef NB_GEN_PATHS_PARTS_H
#define NB_GEN_PATHS_PARTS_H

#include "gen/paths.h"
#include "graph/graph.h"
#include "py/facts.h"

typedef struct nb_path_rewriter {
    nb_source *source;
    nb_params *params;
    nb_str base;       /* the data folder as the notebook's own code writes it; empty: none */
    nb_str configured; /* data_path as written in the configuration; empty: none */
    nb_str resolved;   /* the same as seen from the notebook's folder */
    nb_str folder;     /* of the notebook, absolute */
    nb_map taken;      /* names in the model directory, with the path that each stands for */
    bool any_data;     /* something was rewritten to DATA_PATH */
    bool
        textual; /* the notebook's literals match data_path as written, not as seen from its folder */
} nb_path_rewriter;

/* --- paths.c --- */

bool nb_paths_is_data_name(nb_arena *arena, nb_str name);
bool nb_paths_is_url(nb_str path);
/* "data", "./data/" and "data/." are the same folder. */
nb_str nb_paths_cleaned(nb_arena *arena, nb_str path);
/* Is the node evaluated when the statement runs, not when a function is called? */
bool nb_paths_runs_now(const nb_statement *s, const nb_py_node *node);
/* os.path.join(FOLDER, REST), where REST is Python source; the folder alone when that is empty. */
nb_str nb_paths_joined(nb_path_rewriter *r, nb_str folder, nb_str rest);
/* Puts `text` in the place of the node, with a note that says so. */
void nb_paths_replace(nb_path_rewriter *r, nb_statement *s, const nb_py_node *node, nb_str text,
                      nb_diag_code code);

/* --- paths_data.c, paths_pieces.c, paths_model.c: one statement --- */

/* Whether the path is the data folder or lies below it; *rest gets what follows. */
bool nb_paths_below_data(nb_path_rewriter *r, nb_str literal, nb_str *rest);
/* The value of a string literal that may be a path by itself: no key, no docstring, no later piece of one; a single word only where paths are taken. */
bool nb_paths_may_be_path(nb_arena *arena, const nb_py_tree *tree, const nb_py_node *node,
                          nb_str *value);
/* os.path.join, Path */
bool nb_paths_is_join(nb_str callee);
void nb_paths_rewrite_pieces(nb_path_rewriter *r, nb_statement *s);
void nb_paths_rewrite_data(nb_path_rewriter *r, nb_statement *s);
/* What it saves, or what it loads of that. */
void nb_paths_rewrite_model(nb_path_rewriter *r, nb_statement *s, bool saves);

#endif
