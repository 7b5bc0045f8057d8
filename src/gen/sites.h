/* sites.h - the calls and string literals of a notebook, collected in one walk: what rules look at.
 *
 * Calls go by the name that their imports stand for, however the notebook calls them:
 *     import pandas as pd; pd.read_csv(…)                  "pandas.read_csv"
 *     from sklearn.datasets import fetch_openml; fetch_openml(…)    "sklearn.datasets.fetch_openml"
 * A name that the notebook binds otherwise as well stands for itself.
 */
#ifndef NB_GEN_SITES_H
#define NB_GEN_SITES_H

#include "graph/graph.h"

typedef struct nb_site {
    const nb_statement *statement;
    const nb_py_node *node; /* NB_PY_CALL or NB_PY_STRING (no bytes) */
    nb_str name; /* of a call: the dotted name with imports resolved; empty for `f()()` */
    nb_str
        method; /* of a call: what is called, or its last attribute: "fit" for `make(x).fit(y)` */
    bool exported; /* it stands in train.py or inference.py */
} nb_site;

typedef struct nb_site_list {
    NB_VEC(nb_site) list; /* in notebook order */
} nb_site_list;

typedef struct nb_sites {
    nb_site_list calls;   /* of exported statements */
    nb_site_list strings; /* of all statements, untagged cells included; no docstrings */
    nb_map imports;       /* nb_str: what each name that an import binds stands for */
} nb_sites;

nb_sites *nb_sites_find(const nb_graph *graph);

/* A dotted name as the notebook writes it with its first part resolved. */
nb_str nb_sites_resolve(const nb_graph *graph, const nb_sites *sites, nb_str dotted);

/* A literal and the statement it stands in. */
typedef struct nb_literal {
    const nb_statement *statement;
    const nb_py_node *node; /* NULL: there is none */
    nb_str text;            /* its value; of an f-string what stands before the first field */
    bool whole; /* the value of the expression is this text; else it only begins with it */
} nb_literal;

/* The string literal that the value of an expression begins with: the literal itself, the left side of + and %, the first argument of os.path.join,
 * Path and str, the object of .format and of Path's methods, or what the only assignment of a name gives. */
nb_literal nb_sites_literal(const nb_graph *graph, const nb_statement *statement,
                            const nb_py_node *expression);
/* The text of a string literal as above; false for bytes and for what cannot be read. */
bool nb_sites_text(nb_arena *arena, const nb_statement *statement, const nb_py_node *string,
                   nb_literal *out);
/* Has the generator replaced it? Then it follows --data-path or --model-dir. */
bool nb_sites_is_rewritten(const nb_literal *literal);
/* Does the statement's code run with the script: it stands in no function or class, or in one whose name exported code uses? */
bool nb_sites_runs(const nb_graph *graph, const nb_site *site);
/* Is the node in the body of a function or lambda of its statement? */
bool nb_sites_is_in_function(const nb_statement *statement, const nb_py_node *node);
/* May it be that the node is passed over although `top`, which it is part of, runs? It stands below an if, in a try statement, in a case, after `and`, in one side of
 * a conditional expression. Loops and comprehensions count as run. */
bool nb_sites_is_conditional(const nb_py_node *node, const nb_py_node *top);

#endif
