/* requirements PYTHON - reads dotted module names, one a line, and prints "module<TAB>distribution<TAB>version" as that Python has them installed. */
#include "requirements/requirements.h"
#include "requirements/installed.h"

#include <stdio.h>

int main(int argc, char **argv)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_str folders[4];
    unsigned minor = 0;
    char line[4096];
    if (argc != 2)
        return 2;
    size_t count = nb_site_packages(&arena, nb_str_from(argv[1]), folders, &minor);
    for (size_t i = 0; i < count; i++)
        fprintf(stderr, "3.%u " NB_STR_FMT "\n", minor, NB_STR_ARG(folders[i]));
    nb_installed *installed = nb_installed_open(&arena, folders, count);
    while (fgets(line, sizeof(line), stdin)) {
        nb_str module = nb_str_trim(nb_str_from(line));
        nb_distribution found = {0};
        (void)nb_installed_module(installed, module, &found);
        printf(NB_STR_FMT "\t" NB_STR_FMT "\t" NB_STR_FMT "\n", NB_STR_ARG(module),
               NB_STR_ARG(found.name), NB_STR_ARG(found.version));
    }
    return 0;
}
