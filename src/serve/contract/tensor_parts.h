/* tensor_parts.h - what the files of tensor.h share; nobody else includes it.
 *
 *     tensor.c          datatypes; elements as bytes
 *     tensor_read.c     a request, checked
 *     tensor_rows.c     its inputs as a model's rows
 *     tensor_answer.c   a model's predictions as outputs
 *     tensor_reply.c    outputs as an answer
 */
#ifndef NB_SERVE_TENSOR_PARTS_H
#define NB_SERVE_TENSOR_PARTS_H

#include "serve/contract/tensor.h"
#include "text/json.h"

typedef enum nb_datatype_kind {
    NB_KIND_BOOL,
    NB_KIND_WHOLE,
    NB_KIND_REAL,
    NB_KIND_TEXT
} nb_datatype_kind;

typedef struct nb_datatype_row {
    const char *name, *dtype; /* ours, NumPy's */
    nb_datatype_kind kind;
    unsigned width;   /* bytes of an element; 0: they differ */
    uint64_t lowest;  /* of whole numbers: how far below zero */
    uint64_t highest; /* of whole numbers */
} nb_datatype_row;

const nb_datatype_row *nb_datatype_row_of(nb_datatype datatype);

/* A number without fraction and exponent: its size and whether it is below zero. False: it is none, or 64 bits do not hold it. */
bool nb_whole_number(nb_str text, uint64_t *size, bool *negative);

/* The elements of a checked tensor one after another. */
typedef struct nb_elements {
    const nb_tensor *tensor;
    size_t at; /* in its data */
} nb_elements;

/* The next element of JSON data as it is written there; empty at the end. */
nb_str nb_elements_next(nb_elements *elements);
/* Writes the next element as JSON. */
void nb_elements_write(nb_elements *elements, nb_buf *out);

/* The bytes of all elements of JSON data. */
void nb_tensor_write_bytes(const nb_tensor *tensor, nb_buf *out);

#endif
