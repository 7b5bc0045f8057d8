/* modules - answers questions about module names, one a line: "MINOR DOTTED" gives "standard|left|- DISTRIBUTION PLATFORM", "-" for none. */
#include "py/modules.h"

#include <stdio.h>

int main(void)
{
    char line[4096];
    while (fgets(line, sizeof line, stdin)) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        nb_str rest = nb_str_trim(nb_str_from(line)), word, platform = NB_STR("-");
        int64_t minor = 0;
        if (!nb_str_split(&rest, ' ', &word) || !nb_str_to_int(word, &minor))
            return 1;
        nb_str top = rest, name = rest;
        nb_str_split(&rest, '.', &top);
        bool standard = nb_module_is_stdlib(top, (unsigned)minor);
        bool left = nb_module_left_stdlib(top, (unsigned)minor);
        nb_str distribution = nb_module_distribution(&arena, name);
        (void)nb_module_platform_advice(name, &platform);
        printf("%s\t" NB_STR_FMT "\t" NB_STR_FMT "\n",
               standard ? "standard"
               : left   ? "left"
                        : "-",
               NB_STR_ARG(distribution.len ? distribution : NB_STR("-")), NB_STR_ARG(platform));
    }
    return 0;
}
