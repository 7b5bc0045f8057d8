/* handlers.h - the notebook's own serving functions: which generated handler they replace, or how the generated one calls them. */
#ifndef NB_GEN_HANDLERS_H
#define NB_GEN_HANDLERS_H

#include "gen/infer.h"
#include "gen/predict_call.h"

/* Sets handler[] and predict_call; reports names the platforms reserve and signatures no platform calls. SageMaker's toolkits: model_fn(model_dir), input_fn(body, content_type),
 * predict_fn(data, model), output_fn(prediction, accept), no transform_fn beside them; Azure's init() and run(data) are generated. */
void nb_handlers_find(const nb_graph *graph, const nb_predict_call *predict, nb_inference *out);

#endif
