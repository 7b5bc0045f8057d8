/* walk.c - the notebooks that a walk finds, each with a NUL after it, for comparison with git: tool_walk FOLDER */
#include "check/walk.h"
#include "base/str.h"

int main(int argc, char **argv)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_str path;
    nb_walk *walk = nb_walk_open(nb_str_from(argc > 1 ? argv[1] : "."));
    while (nb_walk_next(walk, &arena, &path, &err)) {
        if (err.code != NB_OK)
            nb_error_print(&err, stderr);
        else
            printf(NB_STR_FMT "%c", NB_STR_ARG(path), 0);
        nb_error_release(&err);
    }
    nb_walk_close(walk);
    return 0;
}
