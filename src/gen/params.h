/* params.h - what the caller of a script controls: hyperparameters, the data path, the model directory (conversion.md 7).
 *
 * Finds them in the configuration and in the notebook, and rewrites the notebook's own literals so that they take the caller's values:
 *     epochs = 5                               epochs = EPOCHS
 *     pd.read_csv("data/ecg/train.csv")        pd.read_csv(os.path.join(DATA_PATH, "train.csv"))
 *     torch.save(net, "net.pt")                torch.save(net, os.path.join(MODEL_DIR, "net.pt"))
 * Rewrites are edits of the cells (source.h) and each is a finding. Runs before the graph is built: a statement that takes such a value is no
 * definition any more.
 */
#ifndef NB_GEN_PARAMS_H
#define NB_GEN_PARAMS_H

#include "base/map.h"
#include "config/config.h"
#include "graph/source.h"

typedef struct nb_param {
    nb_str name;      /* as configured or assigned: "learning_rate" */
    nb_str constant;  /* LEARNING_RATE */
    nb_str flag;      /* "learning-rate" */
    nb_str flag_alt;  /* "learning_rate"; the same as flag when it has no dash */
    const char *type; /* "int", "float", "bool", "str", "json" */
    nb_str literal;   /* default, as a Python literal */
    nb_str help;
    nb_str note;                         /* the notebook's own comment beside the assignment */
    const nb_hyperparameter *configured; /* NULL: from the parameters cell */
    bool assigned;                       /* an assignment of the notebook takes it */
    nb_spot assigned_spot;               /* the name in the first such assignment */
    bool aliased; /* the notebook reads it as flag_alt without binding it: main() sets that, too */
} nb_param;

typedef struct nb_params {
    NB_VEC(nb_param) list;
    nb_map
        provided; /* set of the names whose values main() sets: constants, DATA_PATH, MODEL_DIR */
    nb_str data_path_name; /* DATA_PATH, or DATA_PATH_ when the notebook uses that name otherwise */
    nb_str model_dir_name; /* MODEL_DIR */
    nb_str
        data_path_literal; /* default as a Python literal; empty when the scripts take no data path */
    bool uses_model_dir;   /* a rewritten path needs MODEL_DIR */
    bool needs_os;         /* a rewritten path needs `import os` */
    nb_str beside_name;    /* beside(), which finds what `include:` lists */
    bool uses_beside;      /* a path of the notebook goes through it */
    nb_map saved;          /* path literals of known savers, with what follows MODEL_DIR */
} nb_params;

nb_params *nb_params_find(nb_source *source, const nb_config *config,
                          const nb_experiment *experiment);
/* The hyperparameter of that name (case and - or _ do not matter); NULL when there is none. */
nb_param *nb_params_get(const nb_params *params, nb_arena *arena, nb_str name);
/* After the graph was built: warns of hyperparameters that nobody reads, with a hint where a keyword argument has that name. */
struct nb_graph;
void nb_params_check(const nb_params *params, const struct nb_graph *graph);

#endif
