/* template_ast.h - what a template compiles to; shared by template_parse.c and template_render.c only.
 *
 * Indentation. The specification indents the lines of a standalone partial or block, but not the line breaks that
 * come out of values. So the parser makes one text node a line and marks those that start a line of the template
 * (`line_start`); the renderer writes the indentation of the moment before them. A line that starts with a tag gets an
 * empty text node for that. A standalone block's own indentation was taken off its lines while parsing and
 * stands in `indent`: its default content gets it back, content that replaces it is moved to the same place.
 */
#ifndef NB_TEMPLATE_AST_H
#define NB_TEMPLATE_AST_H

#include "text/template.h"

typedef enum nb_node_kind {
    NB_NODE_TEXT,
    NB_NODE_VARIABLE,
    NB_NODE_SECTION,
    NB_NODE_INVERTED,
    NB_NODE_PARTIAL,
    NB_NODE_PARENT, /* its children are the blocks it replaces */
    NB_NODE_BLOCK
} nb_node_kind;

typedef enum nb_filter {
    NB_FILTER_NONE,
    NB_FILTER_HTML,
    NB_FILTER_PYTHON,
    NB_FILTER_COMMENT,
    NB_FILTER_DOCSTRING
} nb_filter;

typedef struct nb_node nb_node;
struct nb_node {
    nb_node_kind kind;
    size_t at;        /* byte offset of the tag, for messages */
    nb_str text;      /* TEXT: what it writes; else the name in the tag */
    bool line_start;  /* TEXT: the first thing on a line of the template */
    nb_filter filter; /* VARIABLE */
    nb_str indent;    /* PARTIAL, PARENT, BLOCK */
    bool standalone;  /* BLOCK: its opening tag stood alone on the line */
    nb_node *child, *next;
};

struct nb_template {
    nb_str text, path;
    nb_template_options options;
    nb_node *first;
};

/* Records NB_ERR_CONFIG with the place of byte `at`; the message is already formatted. */
nb_code nb_template_fail(nb_str text, nb_str path, size_t at, nb_str message, nb_error *err);
/* Appends `text` through a filter. */
void nb_filter_put(nb_buf *out, nb_filter filter, nb_str text);
/* The filter of that name ("py"); false when there is none. */
bool nb_filter_find(nb_str name, nb_filter *out);

#endif
