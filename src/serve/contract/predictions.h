/* predictions.h - a model's answer as the predictions that protocols ask for, whatever output_fn made of it.
 *
 *     {"predictions": [8, 9]}   the member, and the whole as it is
 *     [8, 9]                    all of it
 *     8,0.5 \n 9,0.25           CSV: [[8, 0.5], [9, 0.25]]; one cell a line: [8, 9]; with a header: [{"a": 8, "b": 0.5}, …]
 *     setosa                    plain text: "setosa", or what it is as JSON
 *
 * Bytes of a model are foreign bytes: what comes out is JSON by RFC 8259 or an error. Numbers stay as they were written, digit by digit; NaN and the
 * infinities, which JSON does not have, become null. What needs no change is a view into what came in.
 */
#ifndef NB_SERVE_PREDICTIONS_H
#define NB_SERVE_PREDICTIONS_H

#include "base/buf.h"
#include "base/error.h"

typedef struct nb_predictions {
    nb_str value; /* JSON; a view into the body or into `made` */
    nb_str whole; /* the object that had them as its member; empty when there was none */
    bool is_list;
} nb_predictions;

/* NB_ERR_REMOTE: the answer is of no type that can be translated, or it is not what its type says. */
nb_code nb_predictions_find(nb_str content_type, nb_str body, nb_buf *made, nb_predictions *out,
                            nb_error *err);
/* Elements of a JSON list. */
size_t nb_predictions_count(nb_str list);

#endif
