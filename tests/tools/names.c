/* tool_names - uses of names by whole files, as JSON, for the tests: one file name a line on stdin. With "future" as its argument
 * annotations are read as under `from __future__ import annotations`. */
#include "py/names.h"

#include <stdio.h>

enum { LARGEST = 1 << 25 };

static const char *const kinds[] = {"bind", "read", "read-later", "bind-later", "delete"};

static void report(const nb_uses *uses)
{
    printf("{\"star\": %s, \"dynamic\": %s, \"uses\": [", uses->star_import ? "true" : "false",
           uses->dynamic ? "true" : "false");
    for (size_t i = 0; i < uses->list.count; i++) {
        const nb_use *use = &uses->list.at[i];
        printf("%s[\"" NB_STR_FMT "\", \"%s\", %d, %d, %u, \"%s\"]", i ? ", " : "",
               NB_STR_ARG(use->name), kinds[use->kind], use->conditional, use->guarded,
               use->node->line, nb_py_kind_name(use->node->kind));
    }
    printf("]}\n");
}

int main(int argc, char **argv)
{
    static char text[LARGEST];
    char path[4096];
    bool future = argc > 1 && strcmp(argv[1], "future") == 0;
    while (fgets(path, sizeof(path), stdin)) {
        path[strcspn(path, "\n")] = '\0';
        FILE *file = fopen(path, "rb");
        if (!file) {
            fprintf(stderr, "tool_names: cannot read '%s'\n", path);
            return 1;
        }
        size_t len = fread(text, 1, sizeof(text), file);
        (void)fclose(file);
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        nb_py_options options = {.minor = 13};
        const nb_py_tree *tree = nb_py_parse(&arena, (nb_str){text, len}, &options);
        nb_uses uses = nb_py_uses(&arena, tree, tree->module, future);
        report(&uses);
    }
    (void)argc;
    return 0;
}
