#include "py/check.h"

void nb_py_check(nb_arena *arena, nb_py_tree *tree, const nb_py_options *options)
{
    (void)arena;
    (void)tree;
    (void)options;
}
