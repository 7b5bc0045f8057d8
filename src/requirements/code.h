/* requirements_code.h - what code needs beyond the imports at its top: imports in functions and by name, and projects that nobody imports
 * (`pandas.read_parquet` needs pyarrow). Looks at trees only; where the code stands is the caller's knowledge.
 */
#ifndef NB_REQUIREMENTS_CODE_H
#define NB_REQUIREMENTS_CODE_H

#include "base/map.h"
#include "base/vec.h"
#include "py/syntax.h"

/* What names stand for, by the imports of a notebook or module: `pd` is "pandas", `read_csv` is "pandas.read_csv". */
typedef struct nb_code_names {
    nb_map aliases; /* name to nb_str */
    nb_map tops;    /* set of imported top-level modules */
} nb_code_names;

/* Adds all imports of the tree, at any depth. */
void nb_code_names_add(nb_arena *arena, nb_code_names *names, const nb_py_tree *tree);

typedef struct nb_code_import {
    const nb_py_node *node;
    nb_str module, name; /* as in nb_module_use */
    bool optional;       /* inside try or if */
} nb_code_import;

typedef struct nb_code_imports {
    NB_VEC(nb_code_import) list;
} nb_code_imports;

/* Imports in functions and classes below `top`, and importlib.import_module("x") and __import__("x") with literals anywhere. Those under
 * `if TYPE_CHECKING:` are none. */
nb_code_imports nb_code_imports_find(nb_arena *arena, const nb_py_tree *tree,
                                     const nb_py_node *top);

typedef struct nb_code_need {
    const nb_py_node *node;
    nb_str
        needs; /* PEP 503 names with blanks between; one of them will do, the first is the usual one */
    nb_str what;  /* "pandas.read_parquet" */
    bool certain; /* else only what the value is can tell */
} nb_code_need;

typedef struct nb_code_needs {
    NB_VEC(nb_code_need) list;
} nb_code_needs;

nb_code_needs nb_code_needs_find(nb_arena *arena, const nb_py_tree *tree, const nb_py_node *top,
                                 const nb_code_names *names);

#endif
