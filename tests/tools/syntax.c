/* tool_syntax - what nb_py_parse() makes of files, for the tests: one file name a line on stdin. See usage(). */
#include "py/syntax.h"

#include <stdio.h>
#include <time.h>

typedef struct job {
    nb_py_options options;
    char what; /* 'v' verdicts, 't' tree, 's' speed */
} request;

static void put_string(nb_str text)
{
    putchar('"');
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        if (c == '"' || c == '\\')
            printf("\\%c", c);
        else if (c < ' ' || c == 0x7f)
            printf("\\u%04x", c);
        else
            putchar(c);
    }
    putchar('"');
}

static void put_errors(const nb_py_tree *tree)
{
    for (size_t i = 0; i < tree->errors.count; i++) {
        const nb_py_error *error = &tree->errors.at[i];
        printf("%s[%u, %u, %u, %u, ", i ? ", " : "", error->line, error->start, error->end,
               error->min_minor);
        put_string(error->message);
        putchar(']');
    }
}

/* [kind, field, start, end, line, flags, children], one node after the other. */
static void put_nodes(const nb_py_tree *tree)
{
    bool first = true;
    for (nb_py_node *node = tree->module; node; node = nb_py_walk(tree->module, node, false)) {
        unsigned depth = 0;
        for (const nb_py_node *up = node->parent; up; up = up->parent)
            depth++;
        printf("%s[\"%s\", %d, %u, %u, %u, %u, %u, %u]", first ? "" : ", ",
               nb_py_kind_name(node->kind), (int)node->field, node->start, node->end, node->line,
               depth, node->param,
               (unsigned)(node->string_flags | node->is_async << 8 | node->star << 9 |
                          node->parens << 10));
        first = false;
    }
}

static void report(const nb_py_tree *tree, const request *job)
{
    if (job->what == 's')
        return;
    printf("{\"errors\": [");
    put_errors(tree);
    printf("], \"await\": %s", tree->has_await ? "true" : "false");
    if (job->what == 't') {
        printf(", \"nodes\": [");
        put_nodes(tree);
        printf("]");
    }
    printf("}\n");
}

static char *read_file(const char *path, size_t *len)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return NULL;
    char *text = malloc(1 << 25);
    *len = fread(text, 1, 1 << 25, file);
    (void)fclose(file);
    return text;
}

static int usage(void)
{
    fprintf(stderr, "usage: tool_syntax verdicts|trees|speed [MINOR [await]] < FILE-NAMES\n");
    return 1;
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return usage();
    request job = {
        .what = argv[1][0],
        .options = {argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 0, argc > 3}
    };
    char path[4096];
    clock_t spent = 0;
    size_t bytes = 0;
    while (fgets(path, sizeof(path), stdin)) {
        path[strcspn(path, "\n")] = '\0';
        size_t len;
        char *text = read_file(path, &len);
        if (!text) {
            fprintf(stderr, "tool_syntax: cannot read '%s'\n", path);
            return 1;
        }
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        clock_t start = clock();
        const nb_py_tree *tree = nb_py_parse(&arena, (nb_str){text, len}, &job.options);
        spent += clock() - start;
        bytes += len;
        report(tree, &job);
        free(text);
    }
    if (job.what == 's')
        printf("%zu bytes, %.3f s, %.1f MB/s\n", bytes, (double)spent / CLOCKS_PER_SEC,
               (double)bytes / 1e6 / ((double)spent / CLOCKS_PER_SEC));
    return 0;
}
