/* flow.h - which statements a statement builds on: where the values that it reads come from, followed through the notebook in the order in which it stands.
 *
 * A value comes from the last statement above that binds the name, and from all between the two that change it in place. What a function reads is
 * asked for where the function is used. Where nothing above binds a name, the first statement below that does is taken: the notebook ran in another order.
 * Statements of cells that cannot be parsed and of skipped cells give nothing.
 */
#ifndef NB_GRAPH_FLOW_H
#define NB_GRAPH_FLOW_H

#include "graph/purpose.h"

typedef struct nb_flow nb_flow;

/* What `reader` builds on; `name` is what it reads. */
typedef void nb_flow_visit(void *ctx, const nb_statement *reader, const nb_statement *needed,
                           nb_str name);

nb_flow *nb_flow_build(const nb_source *source, const nb_intent *intents);
/* Calls `visit` for each statement that `s` builds on and that was not told before under the same name; what those build on is left to the caller.
 * Over all statements this costs about as much as there are statements. */
void nb_flow_needs(nb_flow *flow, const nb_statement *s, nb_flow_visit *visit, void *ctx);
/* Everything may be told again. */
void nb_flow_forget(nb_flow *flow);
/* The statement that gives `name` its value where `reader` stands: the last binder above, else the first below; NULL when nothing binds it. */
const nb_statement *nb_flow_binder(const nb_flow *flow, const nb_statement *reader, nb_str name);
/* Whether anything in the notebook binds the name. */
bool nb_flow_is_bound(const nb_flow *flow, nb_str name);

#endif
