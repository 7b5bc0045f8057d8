/* check.h - what CPython's compiler refuses although its grammar allows it; private to the parser.
 *
 * `return` outside a function, `break` outside a loop, misplaced await and yield, __future__ imports, and the rules of names:
 * duplicate parameters, global and nonlocal, walrus in comprehensions.
 */
#ifndef NB_PY_CHECK_H
#define NB_PY_CHECK_H

#include "py/syntax.h"

/* Adds to tree->errors and sets tree->has_await. Names are only checked when the text parsed: a lost `def` would make nonsense of the
 * rest. */
void nb_py_check(nb_arena *arena, nb_py_tree *tree, const nb_py_options *options);

#endif
