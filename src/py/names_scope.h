/* names_scope.h - scopes of Python and what is bound in them; private to names.c and check_names.c. */
#ifndef NB_PY_NAMES_SCOPE_H
#define NB_PY_NAMES_SCOPE_H

#include "base/map.h"
#include "py/syntax.h"

typedef enum nb_scope_kind {
    NB_SCOPE_MODULE,
    NB_SCOPE_CLASS,
    NB_SCOPE_FUNCTION, /* also lambda */
    NB_SCOPE_COMPREHENSION,
    NB_SCOPE_TYPE /* type parameters around a function, class or type alias; sees the class it stands in */
} nb_scope_kind;

/* How a scope knows a name: bits. */
enum {
    NB_SYMBOL_BOUND = 1 << 0,
    NB_SYMBOL_GLOBAL = 1 << 1,
    NB_SYMBOL_NONLOCAL = 1 << 2,
    NB_SYMBOL_SO_FAR = 1 << 3 /* in a class body: a binding of it has been passed */
};

typedef struct nb_symbol {
    unsigned flags;
} nb_symbol;

typedef struct nb_scope {
    nb_scope_kind kind;
    struct nb_scope *parent;
    nb_str class_name; /* innermost class around, for private names; empty outside classes */
    bool later;        /* its code runs when somebody calls it */
    nb_map symbols;    /* of nb_symbol; by mangled name; empty for the module */
} nb_scope;

/* "__x" in class C is "_C__x"; any other name is itself. */
nb_str nb_scope_mangle(nb_arena *arena, const nb_scope *scope, nb_str name);
/* The symbol, added when it is new. */
nb_symbol *nb_scope_symbol(nb_arena *arena, nb_scope *scope, nb_str mangled);
/* Enters all that the code below `top` binds or declares in this scope, without what nested scopes keep to themselves. */
void nb_scope_collect(nb_arena *arena, const nb_py_tree *tree, nb_scope *scope, nb_py_node *top);
/* The same for one target (of a comprehension's clause), and for parameters. */
void nb_scope_targets(nb_arena *arena, const nb_py_tree *tree, nb_scope *scope, nb_py_node *target);
void nb_scope_parameters(nb_arena *arena, const nb_py_tree *tree, nb_scope *scope,
                         const nb_py_node *parameters);
/* Is `node` a part of `owner` that belongs to the scope which `owner` opens (the body of a function), and not to the one around? */
bool nb_scope_opened_by(const nb_py_node *owner, const nb_py_node *node);
/* Does a name that is read in this scope mean a name of the module (or a builtin)? */
bool nb_scope_reaches_module(const nb_scope *start, nb_str mangled);
/* The scope in which := binds: the nearest that is no comprehension. */
nb_scope *nb_scope_of_walrus(nb_scope *scope);
/* The name that an alias binds: "a" for "import a.b", the name after `as`, ... */
nb_str nb_alias_name(const nb_py_tree *tree, const nb_py_node *alias);

#endif
