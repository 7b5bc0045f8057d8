/* model_made.h - which calls make a model: classes of the notebook, and what libraries make models with. */
#ifndef NB_GEN_MODEL_MADE_H
#define NB_GEN_MODEL_MADE_H

#include "gen/sites.h"

typedef enum nb_made {
    NB_MADE_OTHER, /* no model, or nobody knows */
    NB_MADE_LAYER, /* nn.Linear(4, 3): a model only where nothing says otherwise */
    NB_MADE_MODEL  /* Net(…), Net(…).to(device), nn.Sequential(…), timm.create_model(…) */
} nb_made;

/* `sites` may be NULL: then names are taken as they are written. */
nb_made nb_made_by(const nb_graph *graph, const nb_sites *sites, const nb_py_tree *tree,
                   const nb_py_node *value);
/* Whether fit() of what the dotted name makes prepares data: StandardScaler, CountVectorizer. */
bool nb_made_is_transformer(nb_str name);
/* Whether the call is the net.parameters() of Adam(net.parameters()), or of Adam([{"params": net.parameters()}]): the object is trained, whatever made it. */
bool nb_made_for_optimizer(nb_arena *arena, const nb_py_tree *tree, const nb_py_node *call);

#endif
