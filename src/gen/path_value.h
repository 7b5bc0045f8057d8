/* path_value.h - the path that an expression of the notebook stands for, where it can be read off the code. */
#ifndef NB_GEN_PATH_VALUE_H
#define NB_GEN_PATH_VALUE_H

#include "graph/source.h"

/* String literals, names that one statement of the notebook binds to such a value, +, /, os.path.join, abspath, realpath, normpath, dirname, os.getcwd(), os.pardir,
 * Path(), Path.cwd(), .joinpath(), .resolve(), .absolute(), .as_posix(), .parent, .parents[n], str(). Not cleaned: "../src/" stays so. `here` is the
 * absolute folder that the code runs in. False for anything else: nothing is guessed. */
bool nb_path_value(const nb_source *source, const nb_source_cell *cell, const nb_py_node *node,
                   nb_str here, nb_str *out);

#endif
