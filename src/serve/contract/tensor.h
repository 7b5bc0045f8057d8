/* tensor.h - tensors of the Open Inference Protocol, and what models read and answer, both ways. Numbers keep their digits: nothing is parsed that
 * is not asked for as bytes.
 *
 *     {"inputs": [{"name", "shape", "datatype", "data"}]}   →   {"instances": …}, or for several inputs {"dataframe_split": …}: a column each
 *     {"predictions": …}                                    →   {"outputs": [{"name": "predict", "shape", "datatype", "data"}]}
 *
 * `data` may be nested or flat, in row-major order. With the binary extension (a field Inference-Header-Content-Length tells how much of the body is
 * JSON) the elements of inputs and outputs follow the JSON as little-endian bytes, those of BYTES each behind a u32 length.
 */
#ifndef NB_SERVE_TENSOR_H
#define NB_SERVE_TENSOR_H

#include "base/buf.h"
#include "base/error.h"
#include "text/json_write.h"

enum { NB_TENSOR_RANK = 16, NB_TENSORS_MOST = 4096 };

typedef enum nb_datatype {
    NB_BOOL,
    NB_UINT8,
    NB_UINT16,
    NB_UINT32,
    NB_UINT64,
    NB_INT8,
    NB_INT16,
    NB_INT32,
    NB_INT64,
    NB_FP16,
    NB_FP32,
    NB_FP64,
    NB_BYTES,
    NB_DATATYPE_COUNT
} nb_datatype;

const char *nb_datatype_name(nb_datatype datatype); /* "FP64" */
bool nb_datatype_find(nb_str name, nb_datatype *out);
/* That of a column or array as NumPy and pandas name its type: "int64", "float32", "bool"; what is none of numbers is BYTES. */
nb_datatype nb_datatype_of(nb_str dtype);

typedef struct nb_tensor {
    nb_str name;
    nb_datatype datatype;
    unsigned rank; /* from 1 */
    size_t shape[NB_TENSOR_RANK];
    size_t count; /* of elements: the product of the shape */
    nb_str data;  /* a JSON array of that many, or their bytes */
    bool binary;
} nb_tensor;

typedef struct nb_tensor_wish { /* an element of the request's `outputs` */
    nb_str name;
    bool binary;
} nb_tensor_wish;

typedef struct nb_tensor_request {
    nb_str id;               /* empty: none */
    const nb_tensor *inputs; /* at least one; several have the same first dimension */
    size_t input_count;
    const nb_tensor_wish *wishes; /* none: all outputs are wanted */
    size_t wish_count;
    bool binary; /* without wishes: answer with bytes */
} nb_tensor_request;

/* `body` begins with `head` bytes of JSON; what follows are the elements of binary inputs. Views point into `body` or live in `arena`. The
 * error says what is wrong with which input. */
nb_code nb_tensor_read(nb_arena *arena, nb_str body, size_t head, nb_tensor_request *out,
                       nb_error *err);
/* The body for a model. `flat_texts`: one input of texts with the shape [n, 1] is n texts, not n rows of one. The buffer is `full` when it
 * does not fit. */
void nb_tensor_write_rows(const nb_tensor_request *request, bool flat_texts, nb_buf *out);

typedef struct nb_tensors {
    nb_tensor *at;
    size_t count;
} nb_tensors;

/* The outputs of a model's JSON: `predictions`, or all of it. An array of alike objects, or an object, gives an output a member; whatever has no
 * regular shape one of JSON texts; bytes that are no JSON one text. Their data live in `arena`. */
void nb_tensor_take_answer(nb_arena *arena, nb_str answer, nb_tensors *out);

/* The members name, datatype and shape of an open object. */
void nb_tensor_put_head(nb_json_writer *w, const nb_tensor *tensor, nb_str name);

typedef struct nb_tensor_reply {
    nb_str model, version, id;
    nb_tensors outputs;
    const nb_tensor_request *request; /* what it wishes */
} nb_tensor_reply;

/* *head: how much of it is JSON; all when no output is binary. NB_ERR_NOT_FOUND for a wish that is no output. */
nb_code nb_tensor_write_reply(nb_arena *arena, const nb_tensor_reply *reply, nb_buf *out,
                              size_t *head, nb_error *err);

#endif
