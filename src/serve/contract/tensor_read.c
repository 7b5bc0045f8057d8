/* A request of the Open Inference Protocol: its JSON read, then each input checked against its own shape and datatype. */
#include "base/map.h"
#include "base/vec.h"
#include "serve/contract/tensor_parts.h"
#include "text/utf8.h"

enum { SHOWN = 40 }; /* bytes of a wrong element that messages repeat */

/* An input as it is written; -1: not there. */
typedef struct input {
    nb_tensor tensor;
    nb_str datatype;
    nb_str data;
    int64_t binary_size;
    bool has_shape, bad_shape;
} input;

typedef struct reading {
    nb_arena *arena;
    nb_json_reader r;
    NB_VEC(input) inputs;
    NB_VEC(nb_tensor_wish) wishes;
    nb_tensor_request *out;
} reading;

/* --- the JSON ------------------------------------------------------------------------------------------------------- */

/* One member of `parameters`; the others say nothing to us. */
static nb_str read_parameter(reading *it, const char *wanted)
{
    nb_str raw = NB_STR(""), key;
    if (nb_json_peek(&it->r) != NB_JSON_OBJECT) {
        nb_json_skip(&it->r, NULL);
        return raw;
    }
    (void)nb_json_enter(&it->r, NB_JSON_OBJECT);
    while (nb_json_next_key(&it->r, it->arena, &key))
        nb_json_skip(&it->r, nb_str_eqz(key, wanted) ? &raw : NULL);
    return raw;
}

static void read_shape(reading *it, input *in)
{
    uint64_t size = 0;
    bool negative = false;
    in->has_shape = true;
    in->tensor.rank = 0;
    (void)nb_json_enter(&it->r, NB_JSON_ARRAY);
    while (nb_json_next(&it->r)) {
        nb_str text = nb_json_number(&it->r);
        if (in->tensor.rank == NB_TENSOR_RANK || !nb_whole_number(text, &size, &negative) ||
            negative || size > UINT32_MAX)
            in->bad_shape = true;
        else
            in->tensor.shape[in->tensor.rank++] = (size_t)size;
    }
}

static void read_input(reading *it)
{
    input in = {.binary_size = -1};
    nb_str key;
    (void)nb_json_enter(&it->r, NB_JSON_OBJECT);
    while (nb_json_next_key(&it->r, it->arena, &key)) {
        if (nb_str_eqz(key, "name"))
            in.tensor.name = nb_json_string(&it->r, it->arena);
        else if (nb_str_eqz(key, "shape"))
            read_shape(it, &in);
        else if (nb_str_eqz(key, "datatype"))
            in.datatype = nb_json_string(&it->r, it->arena);
        else if (nb_str_eqz(key, "data"))
            nb_json_skip(&it->r, &in.data);
        else if (nb_str_eqz(key, "parameters"))
            (void)nb_str_to_int(read_parameter(it, "binary_data_size"), &in.binary_size);
        else
            nb_json_skip(&it->r, NULL);
    }
    if (it->inputs.count == NB_TENSORS_MOST)
        nb_json_refuse(&it->r, "no more than 4096 inputs");
    else
        nb_vec_push(it->arena, &it->inputs, in);
}

static void read_wish(reading *it)
{
    nb_tensor_wish wish = {0};
    nb_str key;
    (void)nb_json_enter(&it->r, NB_JSON_OBJECT);
    while (nb_json_next_key(&it->r, it->arena, &key)) {
        if (nb_str_eqz(key, "name"))
            wish.name = nb_json_string(&it->r, it->arena);
        else if (nb_str_eqz(key, "parameters"))
            wish.binary = nb_str_eqz(read_parameter(it, "binary_data"), "true");
        else
            nb_json_skip(&it->r, NULL);
    }
    if (it->wishes.count == NB_TENSORS_MOST)
        nb_json_refuse(&it->r, "no more than 4096 outputs");
    else
        nb_vec_push(it->arena, &it->wishes, wish);
}

static void read_members(reading *it)
{
    nb_str key;
    (void)nb_json_enter(&it->r, NB_JSON_OBJECT);
    while (nb_json_next_key(&it->r, it->arena, &key)) {
        if (nb_str_eqz(key, "id")) {
            it->out->id = nb_json_string(&it->r, it->arena);
        } else if (nb_str_eqz(key, "parameters")) {
            it->out->binary = nb_str_eqz(read_parameter(it, "binary_data_output"), "true");
        } else if (nb_str_eqz(key, "inputs")) {
            (void)nb_json_enter(&it->r, NB_JSON_ARRAY);
            while (nb_json_next(&it->r))
                read_input(it);
        } else if (nb_str_eqz(key, "outputs")) {
            (void)nb_json_enter(&it->r, NB_JSON_ARRAY);
            while (nb_json_next(&it->r))
                read_wish(it);
        } else {
            nb_json_skip(&it->r, NULL);
        }
    }
}

/* --- one input ------------------------------------------------------------------------------------------------------ */

static nb_code say(const nb_tensor *tensor, nb_error *err, const char *what)
{
    return nb_fail(err, NB_ERR_USAGE, "input '" NB_STR_FMT "' %s",
                   NB_STR_ARG(nb_str_slice(tensor->name, 0, 200)), what);
}

static nb_code check_shape(input *in, nb_error *err)
{
    nb_tensor *tensor = &in->tensor;
    if (!in->has_shape || tensor->rank == 0 || in->bad_shape)
        return say(tensor, err, "wants a 'shape' of 1 to 16 whole numbers");
    tensor->count = 1;
    for (unsigned i = 0; i < tensor->rank; i++) {
        if (i > 0 && tensor->shape[i] == 0)
            return say(tensor, err, "has rows of nothing");
        if (__builtin_mul_overflow(tensor->count, tensor->shape[i], &tensor->count))
            return say(tensor, err, "has a shape that nothing fits into");
    }
    return NB_OK;
}

static bool fits(const nb_datatype_row *row, nb_json_kind kind, nb_str raw)
{
    uint64_t size = 0;
    bool negative = false;
    switch (row->kind) {
    case NB_KIND_BOOL: return kind == NB_JSON_TRUE || kind == NB_JSON_FALSE;
    case NB_KIND_WHOLE:
        return kind == NB_JSON_NUMBER && nb_whole_number(raw, &size, &negative) &&
               size <= (negative ? row->lowest : row->highest);
    case NB_KIND_REAL: return kind == NB_JSON_NUMBER || kind == NB_JSON_NULL;
    case NB_KIND_TEXT: return kind == NB_JSON_STRING || kind == NB_JSON_NULL;
    }
    return false;
}

typedef struct checking {
    const nb_tensor *tensor;
    nb_json_reader r;
    size_t count;
    nb_str wrong; /* the first element that is none of the datatype */
} checking;

static void check_element(checking *it)
{
    const nb_datatype_row *row = nb_datatype_row_of(it->tensor->datatype);
    nb_json_kind kind = nb_json_peek(&it->r);
    nb_str raw = NB_STR("");
    nb_json_skip(&it->r, &raw);
    if (it->wrong.len == 0 && !fits(row, kind, raw))
        it->wrong = raw;
    it->count++;
}

/* The elements below one level of nesting. False: the nesting is not that of the shape. */
static bool check_level(checking *it, unsigned level)
{
    size_t count = 0;
    if (nb_json_peek(&it->r) != NB_JSON_ARRAY)
        return false;
    (void)nb_json_enter(&it->r, NB_JSON_ARRAY);
    for (; nb_json_next(&it->r); count++) {
        if (level + 1 == it->tensor->rank)
            check_element(it);
        else if (!check_level(it, level + 1))
            return false;
    }
    return count == it->tensor->shape[level];
}

static bool is_nested(nb_str data)
{
    size_t at = 1;
    while (at < data.len && (data.at[at] == ' ' || data.at[at] == '\n' || data.at[at] == '\r' ||
                             data.at[at] == '\t'))
        at++;
    return at < data.len && data.at[at] == '[';
}

static nb_code check_json(const input *in, nb_error *err)
{
    const nb_tensor *tensor = &in->tensor;
    checking it = {.tensor = tensor};
    if (in->data.len == 0 || in->data.at[0] != '[')
        return say(tensor, err, "wants its 'data' as an array");
    nb_json_open(&it.r, in->data, NB_STR("data"), NB_JSON_NAN);
    if (is_nested(in->data)) {
        if (!check_level(&it, 0))
            return say(tensor, err, "has 'data' nested otherwise than its shape says");
    } else {
        (void)nb_json_enter(&it.r, NB_JSON_ARRAY);
        while (nb_json_next(&it.r))
            check_element(&it);
    }
    if (it.wrong.len > 0)
        return nb_fail(
            err, NB_ERR_USAGE, "input '" NB_STR_FMT "' holds " NB_STR_FMT ", which is no %s",
            NB_STR_ARG(nb_str_slice(tensor->name, 0, 200)),
            NB_STR_ARG(nb_str_slice(it.wrong, 0, SHOWN)), nb_datatype_name(tensor->datatype));
    if (it.count != tensor->count)
        return nb_fail(err, NB_ERR_USAGE,
                       "input '" NB_STR_FMT "' has %zu elements; its shape says %zu",
                       NB_STR_ARG(nb_str_slice(tensor->name, 0, 200)), it.count, tensor->count);
    return NB_OK;
}

static nb_code check_texts(const nb_tensor *tensor, nb_error *err)
{
    nb_str rest = tensor->data;
    for (size_t i = 0; i < tensor->count; i++) {
        if (rest.len < 4)
            return say(tensor, err, "has fewer elements than its shape says");
        const unsigned char *at = (const unsigned char *)rest.at;
        size_t length = at[0] | (size_t)at[1] << 8 | (size_t)at[2] << 16 | (size_t)at[3] << 24;
        nb_str text = nb_str_slice(rest, 4, 4 + length);
        if (text.len < length)
            return say(tensor, err, "has an element that is longer than its data");
        if (nb_utf8_valid(text) < length)
            return say(tensor, err, "has an element that is no UTF-8");
        rest = nb_str_from_at(rest, 4 + length);
    }
    return rest.len > 0 ? say(tensor, err, "has more elements than its shape says") : NB_OK;
}

/* Cuts the bytes of a binary input off the front of *rest. */
static nb_code take_bytes(input *in, nb_str *rest, nb_error *err)
{
    nb_tensor *tensor = &in->tensor;
    size_t width = nb_datatype_row_of(tensor->datatype)->width, wanted;
    if (in->data.len > 0)
        return say(tensor, err, "has both 'data' and 'binary_data_size'");
    if (in->binary_size < 0 || (uint64_t)in->binary_size > rest->len)
        return say(tensor, err, "has a 'binary_data_size' that the body does not have");
    tensor->binary = true;
    tensor->data = nb_str_slice(*rest, 0, (size_t)in->binary_size);
    *rest = nb_str_from_at(*rest, (size_t)in->binary_size);
    if (width == 0)
        return check_texts(tensor, err);
    if (__builtin_mul_overflow(width, tensor->count, &wanted) || wanted != tensor->data.len)
        return nb_fail(err, NB_ERR_USAGE,
                       "input '" NB_STR_FMT
                       "' has %zu bytes of data; its shape and datatype say %zu",
                       NB_STR_ARG(nb_str_slice(tensor->name, 0, 200)), tensor->data.len, wanted);
    return NB_OK;
}

static nb_code check_input(input *in, nb_str *rest, nb_error *err)
{
    nb_tensor *tensor = &in->tensor;
    if (tensor->name.len == 0)
        return nb_fail(err, NB_ERR_USAGE, "an input has no 'name'");
    if (in->datatype.len == 0)
        return say(tensor, err, "has no 'datatype'");
    if (!nb_datatype_find(in->datatype, &tensor->datatype))
        return nb_fail(err, NB_ERR_USAGE,
                       "input '" NB_STR_FMT "' has the unknown datatype '" NB_STR_FMT
                       "'; it must be BOOL, UINT8 to UINT64, INT8 to INT64, FP16, FP32, FP64 or "
                       "BYTES",
                       NB_STR_ARG(nb_str_slice(tensor->name, 0, 200)),
                       NB_STR_ARG(nb_str_slice(in->datatype, 0, SHOWN)));
    if (check_shape(in, err) != NB_OK)
        return err->code;
    if (in->binary_size != -1)
        return take_bytes(in, rest, err);
    tensor->data = in->data;
    return check_json(in, err);
}

/* --- all of it ------------------------------------------------------------------------------------------------------ */

/* Several inputs become columns: each has a row for each row of the others, and a name of its own. */
static nb_code check_together(const reading *it, nb_error *err)
{
    const input *first = it->inputs.at;
    nb_map names = NB_MAP_INIT;
    for (size_t i = 0; i < it->inputs.count; i++) {
        const nb_tensor *tensor = &it->inputs.at[i].tensor;
        if (tensor->shape[0] != first->tensor.shape[0])
            return say(tensor, err, "has another first dimension than the first input");
        if (!nb_set_add(it->arena, &names, tensor->name))
            return say(tensor, err, "is there twice");
    }
    return NB_OK;
}

static nb_code check_all(reading *it, nb_str rest, nb_error *err)
{
    if (it->inputs.count == 0)
        return nb_fail(err, NB_ERR_USAGE, "the request has no 'inputs'");
    nb_tensor *inputs = NB_NEW_ARRAY(it->arena, nb_tensor, it->inputs.count);
    for (size_t i = 0; i < it->inputs.count; i++) {
        if (check_input(&it->inputs.at[i], &rest, err) != NB_OK)
            return err->code;
        inputs[i] = it->inputs.at[i].tensor;
    }
    if (rest.len > 0)
        return nb_fail(err, NB_ERR_USAGE, "%zu bytes follow the last input", rest.len);
    it->out->inputs = inputs;
    it->out->input_count = it->inputs.count;
    it->out->wishes = it->wishes.at;
    it->out->wish_count = it->wishes.count;
    return check_together(it, err);
}

nb_code nb_tensor_read(nb_arena *arena, nb_str body, size_t head, nb_tensor_request *out,
                       nb_error *err)
{
    nb_tensor_request request = {0};
    reading it = {.arena = arena, .out = &request};
    if (head > body.len)
        return nb_fail(err, NB_ERR_USAGE,
                       "Inference-Header-Content-Length is %zu, but the body has %zu bytes", head,
                       body.len);
    nb_json_open(&it.r, nb_str_slice(body, 0, head), NB_STR("body"),
                 NB_JSON_NAN | NB_JSON_STRICT_SKIP);
    read_members(&it);
    if (nb_json_close(&it.r, err) != NB_OK)
        return err->code;
    if (check_all(&it, nb_str_from_at(body, head), err) != NB_OK)
        return err->code;
    *out = request;
    return NB_OK;
}
