/* names.h - what a statement does with names of the module: binds, reads now, reads later, deletes.
 *
 * Follows CPython's scoping (symtable.c): function, lambda, class and comprehension scopes, global and nonlocal, walrus (which binds
 * outside its comprehension), star targets, match captures, except-as and with-as, del, decorators and defaults (read when the def
 * runs), annotations (read when the def runs, unless `from __future__ import annotations`; never for local variables), f-string
 * expressions, type parameters and lazily read type aliases (read later), class bodies (read now, their bindings are no module names).
 *
 * Only names that reach module scope are reported: a local of a function is not. In a class body a name counts as the class's own
 * from its first binding in the text on; before that it is read from the module. Private names come mangled ("_A__x"). Under the
 * __future__ import, in type aliases and in bounds, what annotations read is a guarded READ_LATER. pandas' `df.query("a > @b")` is
 * a guarded read of b. Names are compared as they are written, not in Unicode's normal form.
 *
 * The same as CPython's symtable over the standard library (tests/py/test_symtable.py).
 */
#ifndef NB_PY_NAMES_H
#define NB_PY_NAMES_H

#include "py/syntax.h"

typedef enum nb_use_kind {
    NB_USE_BIND, /* assigned, imported, defined, for/with/except target, walrus, capture, augmented */
    NB_USE_READ, /* read while the statement runs */
    NB_USE_READ_LATER, /* read by the body of a function, lambda or lazily evaluated annotation, whenever that is called */
    NB_USE_BIND_LATER, /* `global x; x = 1` in a function body */
    NB_USE_DELETE
} nb_use_kind;

typedef struct nb_use {
    nb_str name;
    nb_use_kind kind;
    const nb_py_node *node; /* where; a name, alias, function, ... */
    bool
        conditional; /* a bind that may not happen: inside if, for, while, try, match; or the read of an augmented
                               assignment or del */
    bool
        guarded; /* a read inside `try: ... except NameError/ImportError/Exception` or a bare except: may fail quietly */
} nb_use;

typedef struct nb_uses {
    NB_VEC(nb_use)
    list; /* in execution order as far as that is static: a value before its target, decorators before the name */
    bool star_import; /* from m import *: binds names nobody knows */
    bool dynamic;     /* reads names that cannot be seen: exec, eval, globals(), locals(), vars() */
} nb_uses;

/* Uses of one top-level statement (or any node that runs at module level, such as the body of a __main__ guard). */
nb_uses nb_py_uses(nb_arena *arena, const nb_py_tree *tree, const nb_py_node *statement,
                   bool future_annotations);

/* Is it a name of Python's builtins module (3.8-3.13), or one every module has (__name__, __file__, __doc__, ...)? */
bool nb_py_is_builtin(nb_str name);
bool nb_py_is_keyword(nb_str name); /* hard keywords */

#endif
