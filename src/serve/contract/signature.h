/* signature.h - what a model takes and gives, as far as its worker told when it was ready (READY of frame.h): for metadata, descriptions and examples. */
#ifndef NB_SERVE_SIGNATURE_H
#define NB_SERVE_SIGNATURE_H

#include "serve/contract/tensor.h"

typedef struct nb_signature {
    nb_str framework; /* "sklearn"; empty: not known */
    /* Without data; the first dimension is that of rows, whatever the number there. `named`: each input is a column of the training table. */
    nb_tensors inputs, outputs;
    bool named;
    nb_str instances;   /* JSON: rows that the model was tried with; empty: there are none */
    nb_str predictions; /* JSON: its whole answer to them */
} nb_signature;

/* Of the JSON of a READY frame; what it does not tell is empty. */
void nb_signature_read(nb_arena *arena, nb_str about, nb_signature *out);

#endif
