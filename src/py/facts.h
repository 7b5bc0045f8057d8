/* facts.h - questions about trees that more than one caller asks: calls and their arguments, parameters, bases, the __main__ guard,
 * what a body does. Nothing here looks beyond the node it is given. */
#ifndef NB_PY_FACTS_H
#define NB_PY_FACTS_H

#include "py/syntax.h"

/* ---- calls ---- */

/* The next call of a depth-first walk below `top` (top itself first): start with NULL; NULL at the end. Nested functions and classes are
 * part of the walk. */
nb_py_node *nb_py_next_call(nb_py_node *top, nb_py_node *call);
/* The callee as "a.b.c"; empty when it is no dotted name (`f()()`, `x[0].fit()`). */
nb_str nb_py_call_name(nb_arena *arena, const nb_py_tree *tree, const nb_py_node *call);
/* The name called or the last attribute: "fit" for `make(x).fit(y)`; empty for `f()()`. */
nb_str nb_py_call_method(const nb_py_tree *tree, const nb_py_node *call);
/* The value of an argument: the keyword of that name, else the positional one at `index` (from 0; negative: keyword only). NULL
 * when it is not there, or when a starred argument before it hides which one it is. */
nb_py_node *nb_py_argument(const nb_py_tree *tree, const nb_py_node *call, const char *keyword,
                           int index);

/* ---- definitions ---- */

typedef struct nb_py_parameter {
    nb_str name;
    nb_py_param sort;
    bool has_default;
    const nb_py_node *node; /* NB_PY_PARAMETER */
} nb_py_parameter;

typedef struct nb_py_parameters {
    NB_VEC(nb_py_parameter) list; /* in order; a bare * or / is none */
} nb_py_parameters;

/* Of an NB_PY_FUNCTION or NB_PY_LAMBDA. */
nb_py_parameters nb_py_parameters_of(nb_arena *arena, const nb_py_tree *tree,
                                     const nb_py_node *function);

typedef struct nb_py_names {
    NB_VEC(nb_str) list;
} nb_py_names;

/* Dotted names of a class's bases ("nn.Module"); for `Base[T]` and `make(Base)` the name before the bracket. Keywords and
 * other expressions are left out. */
nb_py_names nb_py_bases(nb_arena *arena, const nb_py_tree *tree, const nb_py_node *class_);

/* ---- statements ---- */

/* The body of `if __name__ == "__main__":` (either order); NULL when the statement is none, also with `and ...` in its test. */
nb_py_node *nb_py_main_guard(nb_arena *arena, const nb_py_tree *tree, const nb_py_node *statement);
/* Does the module say `from __future__ import annotations`? */
bool nb_py_future_annotations(const nb_py_tree *tree);

typedef struct nb_py_flow {
    bool yields, returns, awaits; /* awaits: also async for, async with, async comprehensions */
} nb_py_flow;

/* What a body does by itself: nested functions, lambdas and classes are left out (their decorators and defaults are not). */
nb_py_flow nb_py_flow_of(const nb_py_node *body);

#endif
