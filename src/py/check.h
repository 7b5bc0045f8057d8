/* check.h - what CPython's compiler refuses although its grammar allows it; private to the parser.
 *
 * `return` outside a function, `break` outside a loop, misplaced await and yield, __future__ imports, __debug__ (check.c), and the
 * rules of names: global and nonlocal, walrus in comprehensions (check_names.c).
 */
#ifndef NB_PY_CHECK_H
#define NB_PY_CHECK_H

#include "py/syntax.h"

typedef struct nb_check {
    nb_arena *arena;
    nb_py_tree *tree;
    unsigned minor;
    bool top_level_await, future_annotations;
    bool declares; /* the text has global or nonlocal statements */
} nb_check;

/* Adds to tree->errors and sets tree->has_await. Only for a text that parsed: a lost `def` would make nonsense of the rest. */
void nb_py_check(nb_arena *arena, nb_py_tree *tree, const nb_py_options *options);
/* Parts of it, about names: what := may bind, and all global and nonlocal statements. */
void nb_check_walrus(const nb_check *check, const nb_py_node *walrus);
void nb_check_declarations(const nb_check *check);

void nb_check_report(const nb_check *check, const nb_py_node *node, const char *fmt, ...)
    NB_PRINTF(3, 4);
typedef struct nb_check_place {
    const nb_py_node *owner; /* function, lambda, class or module whose code it is */
    const nb_py_node
        *comprehension; /* the innermost in whose scope it runs; NULL when there is none */
} nb_check_place;

/* Where a node stands. */
nb_check_place nb_check_place_of(const nb_py_node *node);
/* "a type alias", "an annotation", ...: the part evaluated apart from the code around in which the node stands; NULL when it stands
 * in none. */
const char *nb_check_apart(const nb_check *check, const nb_py_node *node);

#endif
