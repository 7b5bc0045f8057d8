/* imports.h - the imports of one script: those whose names it uses, in notebook order, each once, comments kept (conversion.md 5).
 *
 * Order stays the notebook's, because it can matter (sklearn.experimental, environment variables set between imports). Kept in any case: star imports,
 * imports for their side effects, lines with `# noqa` or `# keep`.
 */
#ifndef NB_GEN_IMPORTS_H
#define NB_GEN_IMPORTS_H

#include "gen/emit.h"
#include "graph/graph.h"
#include "requirements/requirements.h"

typedef struct nb_import_lists {
    nb_str future;  /* from __future__ lines */
    nb_str imports; /* the rest, marked lines */
    nb_map
        names; /* names they bind: the nb_str of what each stands for ("numpy", "tensorflow.keras") */
    NB_VEC(nb_module_use) modules; /* for requirements.txt */
} nb_import_lists;

typedef struct nb_imports_wanted {
    const nb_graph *graph;
    const char *script; /* "train.py", for the report */
    const nb_map *used; /* set of names the script reads */
    bool everything;    /* the script reads names that cannot be seen (exec, eval): keep all */
    bool train;         /* consider train.py's statements */
    bool inference;     /* and those of inference cells */
    unsigned
        sections; /* consider only cells with one of these sections; 0: all (untagged included ones always) */
    bool marks;
} nb_imports_wanted;

nb_import_lists nb_imports_collect(const nb_imports_wanted *wanted);

/* Adds what a statement that stands elsewhere imports: one that runs in notebook order, a function that imports when it is called. Imports that may not
 * run or may fail are optional. */
typedef struct nb_module_uses {
    NB_VEC(nb_module_use) list;
} nb_module_uses;
void nb_imports_inside(const nb_source *source, const nb_statement *s, nb_module_uses *out);

#endif
