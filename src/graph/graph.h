/* graph.h - the statement graph: who binds which name, what may stand at module level, what is missing or out of order.
 *
 * Built once over the statements of one source and read by everything else in this room (conversion.md 4). Here:
 *   definition  an import, function, class, lambda or literal whose own needs are definitions: may stand at module level;
 *   action      everything else: runs in notebook order.
 */
#ifndef NB_GRAPH_GRAPH_H
#define NB_GRAPH_GRAPH_H

#include "base/map.h"
#include "graph/source.h"

typedef struct nb_name {
    nb_str name;
    NB_VEC(nb_statement *)
    binders; /* statements of train.py that bind it, in order; later binds of functions included */
    NB_VEC(nb_statement *) inference_binders; /* the same of inference cells */
    NB_VEC(nb_statement *) readers;           /* exported statements that read it, now or later */
    NB_VEC(nb_statement *) elsewhere;         /* untagged statements that bind it */
    bool deleted;                             /* by a del statement */
} nb_name;

typedef struct nb_graph nb_graph;
struct nb_graph {
    nb_source *source;
    nb_map names;     /* nb_name by name */
    bool star_import; /* exported code imports *: a name nobody binds may come from there */
    bool dynamic;     /* exported code calls exec, eval, globals and the like */
    NB_VEC(nb_statement *)
    train; /* of cells that feed train.py, in notebook order (imports of untagged cells that are needed included) */
    NB_VEC(nb_statement *) inference; /* of inference cells */
};

typedef struct nb_graph_options {
    bool include_needed; /* pull needed statements out of untagged cells */
    const nb_map
        *provided; /* names the generator provides: hyperparameters, whose values main() sets */
} nb_graph_options;

/* Builds the graph, gives each statement its role and reports missing names (NB302) and names read before they are bound (NB303). */
nb_graph *nb_graph_build(nb_source *source, const nb_graph_options *options);

const nb_name *nb_graph_name(const nb_graph *graph, nb_str name);
/* The sections that the statement serves: its cell's, or some of them where the cell is split. Bits. */
static inline unsigned nb_statement_sections(const nb_statement *s)
{
    return s->sections;
}
static inline bool nb_statement_in(const nb_statement *s, nb_section section)
{
    return (s->sections & NB_BIT(section)) != 0;
}
bool nb_statement_is_import(
    const nb_statement *s); /* import, from-import, or a try/if block that only imports */
/* Whether the statement binds `name` by importing the module of that very name (or keras from tensorflow). */
bool nb_statement_imports(const nb_statement *s, nb_str name);
bool nb_statement_is_def(const nb_statement *s); /* function or class */
/* NAME = value (also annotated) with one plain name as target: the name node, else NULL; *value gets the right side. */
const nb_py_node *nb_statement_assigns(const nb_statement *s, const nb_py_node **value);
/* The same for a node, which may stand deeper in a statement. */
const nb_py_node *nb_node_assigns(const nb_py_node *node, const nb_py_node **value);
/* Whether the statement binds `name` (at once; not later by a function). */
bool nb_statement_binds(const nb_statement *s, nb_str name);
/* The statement that provides `name` to code that runs after everything else: the last binder of `list`; NULL when there is none. */
nb_statement *nb_graph_provider(const nb_graph *graph, nb_str name);
/* The first statement of train.py that binds `name` and is of that kind (NB_PY_FUNCTION, NB_PY_CLASS); NULL when there is none. */
const nb_statement *nb_graph_binder(const nb_graph *graph, nb_str name, nb_py_kind kind);

#endif
