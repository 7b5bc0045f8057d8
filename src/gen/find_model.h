/* find_model.h - which variable holds the model after training, and which one an example of its input. */
#ifndef NB_GEN_FIND_MODEL_H
#define NB_GEN_FIND_MODEL_H

#include "gen/find.h"

/* Sets model, model_name and input_example; NB501 when there is no model. In order: model_variable of the configuration; the last name that is
 * fitted (x.fit(…), x = y.fit(…), x = xgb.train(…), Adam(x.parameters())), that holds an instance of a model class and is used in training, or that a
 * training function returns or is given. Transformers (scalers, encoders, vectorizers) are no models. */
void nb_find_model(const nb_graph *graph, const nb_sites *sites, const nb_experiment *experiment,
                   nb_findings *found);
/* Whether a class of the notebook is a model: it derives from nn.Module, keras.Model and the like, or has fit, train, forward or predict. */
bool nb_find_is_model_class(const nb_graph *graph, const nb_statement *class_);
/* Where the model is in what a function returns: *in_tuple and 0, 1, … for `return loss, model`; -1 when it is not there. */
int nb_find_returned_model(const nb_graph *graph, const nb_statement *function, bool *in_tuple);

#endif
