/* A model's predictions as outputs. Values are walked once: their tokens go to the output's data, and what they are decides its datatype. */
#include "base/vec.h"
#include "serve/contract/tensor_parts.h"
#include "text/json_write.h"

/* What was met among the elements. */
enum {
    SAW_BOOL = 1 << 0,
    SAW_WHOLE = 1 << 1,
    SAW_LARGE = 1 << 2, /* a whole number for UINT64 only */
    SAW_BELOW = 1 << 3, /* a whole number below zero */
    SAW_REAL = 1 << 4,
    SAW_TEXT = 1 << 5,
    SAW_NULL = 1 << 6
};

/* An output as it grows. */
typedef struct growing {
    nb_str name;
    nb_buf data; /* elements behind each other, with commas */
    size_t count;
    unsigned depth; /* levels of arrays met */
    unsigned leaf;  /* the level of elements + 1; 0: none was met */
    size_t shape[NB_TENSOR_RANK];
    bool known[NB_TENSOR_RANK];
    unsigned saw;
    bool ragged; /* it has no shape */
} growing;

static void release(growing *it)
{
    nb_buf_release(&it->data);
}

static unsigned sort_of_number(nb_str text)
{
    uint64_t size = 0;
    bool negative = false;
    if (!nb_whole_number(text, &size, &negative))
        return SAW_REAL;
    if (negative && size == 0) /* no whole number is below zero and zero */
        return SAW_REAL;
    if (negative)
        return size <= UINT64_C(1) << 63 ? SAW_WHOLE | SAW_BELOW : SAW_REAL;
    return size <= INT64_MAX ? SAW_WHOLE : SAW_LARGE;
}

/* NaN and infinity are null in JSON. */
static bool is_finite(nb_str number)
{
    char last = number.len > 0 ? number.at[number.len - 1] : 'N';
    return nb_is_digit(last) || last == '.';
}

static void take_element(nb_json_reader *r, growing *it)
{
    nb_json_kind kind = nb_json_peek(r);
    nb_str raw = NB_STR("null");
    nb_json_skip(r, &raw);
    switch (kind) {
    case NB_JSON_NULL: it->saw |= SAW_NULL; break;
    case NB_JSON_TRUE:
    case NB_JSON_FALSE: it->saw |= SAW_BOOL; break;
    case NB_JSON_STRING: it->saw |= SAW_TEXT; break;
    case NB_JSON_NUMBER:
        it->saw |= is_finite(raw) ? sort_of_number(raw) : SAW_NULL | SAW_REAL;
        raw = is_finite(raw) ? raw : NB_STR("null");
        break;
    case NB_JSON_ARRAY:
    case NB_JSON_OBJECT:
    case NB_JSON_END: it->ragged = true; return;
    }
    nb_buf_putz(&it->data, it->count > 0 ? ", " : "");
    nb_buf_put(&it->data, raw);
    it->count++;
}

static void take_array(nb_json_reader *r, growing *it, unsigned level);

static void take_value(nb_json_reader *r, growing *it, unsigned level)
{
    if (nb_json_peek(r) == NB_JSON_ARRAY && level < NB_TENSOR_RANK && !it->ragged) {
        take_array(r, it, level);
        return;
    }
    if (it->leaf == 0)
        it->leaf = level + 1;
    if (it->leaf != level + 1)
        it->ragged = true;
    take_element(r, it);
}

static void take_array(nb_json_reader *r, growing *it, unsigned level)
{
    size_t count = 0;
    (void)nb_json_enter(r, NB_JSON_ARRAY);
    for (; nb_json_next(r); count++)
        take_value(r, it, level + 1);
    if (it->known[level] && it->shape[level] != count)
        it->ragged = true;
    it->known[level] = true;
    it->shape[level] = count;
    if (it->depth < level + 1)
        it->depth = level + 1;
}

/* --- datatypes ------------------------------------------------------------------------------------------------------ */

/* False: no datatype holds them all; they become texts. */
static bool choose_datatype(unsigned saw, nb_datatype *out)
{
    const unsigned numbers = SAW_WHOLE | SAW_LARGE | SAW_BELOW | SAW_REAL | SAW_NULL;
    if (saw == SAW_BOOL)
        *out = NB_BOOL;
    else if (saw != 0 && (saw & ~(unsigned)(SAW_WHOLE | SAW_BELOW)) == 0)
        *out = NB_INT64;
    else if (saw != 0 && (saw & ~(unsigned)(SAW_WHOLE | SAW_LARGE)) == 0)
        *out = NB_UINT64;
    else if ((saw & ~numbers) == 0)
        *out = NB_FP64;
    else if ((saw & ~(unsigned)(SAW_TEXT | SAW_NULL)) == 0)
        *out = NB_BYTES;
    else
        return false;
    return true;
}

/* Elements that are no texts become texts of their JSON. */
static nb_str as_texts(nb_arena *arena, nb_str data, size_t count)
{
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    nb_tensor tensor = {.data = data};
    nb_elements elements = {&tensor, 0};
    nb_buf_putc(&out, '[');
    for (size_t i = 0; i < count; i++) {
        nb_str text = nb_elements_next(&elements);
        nb_buf_putz(&out, i > 0 ? ", " : "");
        if (text.at[0] == '"')
            nb_buf_put(&out, text);
        else
            nb_json_quote(&out, text);
    }
    nb_buf_putc(&out, ']');
    return nb_arena_str(arena, nb_buf_view(&out));
}

/* False: it has no shape. */
static bool finish(nb_arena *arena, growing *it, nb_tensor *out)
{
    NB_AUTO(nb_buf) data = NB_BUF_INIT(NB_BUF_TEXT);
    unsigned rank = it->depth > 0 ? it->depth : 1;
    if (it->ragged || it->data.full || (it->leaf > 0 && it->leaf != it->depth + 1))
        return false;
    *out = (nb_tensor){.name = it->name, .rank = rank, .count = it->count};
    memcpy(out->shape, it->shape, sizeof out->shape);
    if (it->depth == 0) /* one value */
        out->shape[0] = 1;
    nb_buf_putc(&data, '[');
    nb_buf_put(&data, nb_buf_view(&it->data));
    nb_buf_putc(&data, ']');
    out->data = nb_arena_str(arena, nb_buf_view(&data));
    if (!choose_datatype(it->saw, &out->datatype)) {
        out->datatype = NB_BYTES;
        out->data = as_texts(arena, out->data, out->count);
    }
    return true;
}

/* --- values of any kind --------------------------------------------------------------------------------------------- */

static void open_value(nb_json_reader *r, nb_str value)
{
    nb_json_open(r, value, NB_STR("answer"), NB_JSON_NAN);
}

/* Each element of an array, or the one value, as the text of its JSON. */
static nb_tensor take_texts(nb_arena *arena, nb_str name, nb_str value)
{
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    nb_tensor tensor = {.name = name, .datatype = NB_BYTES, .rank = 1};
    nb_str raw = NB_STR("");
    nb_json_reader r;
    open_value(&r, value);
    nb_buf_putc(&out, '[');
    if (nb_json_peek(&r) == NB_JSON_ARRAY) {
        (void)nb_json_enter(&r, NB_JSON_ARRAY);
        for (; nb_json_next(&r); tensor.count++) {
            nb_json_skip(&r, &raw);
            nb_buf_putz(&out, tensor.count > 0 ? ", " : "");
            nb_json_quote(&out, raw);
        }
    } else {
        nb_json_quote(&out, value);
        tensor.count = 1;
    }
    nb_buf_putc(&out, ']');
    tensor.shape[0] = tensor.count;
    tensor.data = nb_arena_str(arena, nb_buf_view(&out));
    return tensor;
}

static nb_tensor take_regular(nb_arena *arena, nb_str name, nb_str value)
{
    growing it = {.name = name, .data = NB_BUF_INIT(NB_BUF_TEXT)};
    nb_tensor tensor;
    nb_json_reader r;
    open_value(&r, value);
    take_value(&r, &it, 0);
    if (!finish(arena, &it, &tensor))
        tensor = take_texts(arena, name, value);
    release(&it);
    return tensor;
}

/* The names of the first object of an array, each to be an output. Empty: it begins with no object, or with one of none or too many. */
static growing *name_columns(nb_arena *arena, nb_json_reader *r, size_t *count)
{
    NB_VEC(growing) columns = {0};
    nb_str key;
    *count = 0;
    if (!nb_json_next(r) || nb_json_peek(r) != NB_JSON_OBJECT)
        return NULL;
    (void)nb_json_enter(r, NB_JSON_OBJECT);
    while (nb_json_next_key(r, arena, &key)) {
        nb_json_skip(r, NULL);
        nb_vec_push(arena, &columns,
                    (growing){.name = key, .data = NB_BUF_INIT(NB_BUF_TEXT), .depth = 1});
        if (columns.count > NB_TENSORS_MOST)
            return NULL;
    }
    *count = columns.count;
    return columns.at;
}

/* One object more. False: it is not alike. */
static bool take_record(nb_arena *arena, nb_json_reader *r, growing *columns, size_t count)
{
    nb_str key;
    size_t i = 0;
    if (nb_json_peek(r) != NB_JSON_OBJECT)
        return false;
    (void)nb_json_enter(r, NB_JSON_OBJECT);
    for (; nb_json_next_key(r, arena, &key); i++) {
        if (i == count || !nb_str_eq(key, columns[i].name))
            return false;
        take_value(r, &columns[i], 1);
        if (columns[i].ragged)
            return false;
    }
    return i == count;
}

static bool take_all_records(nb_arena *arena, nb_str value, growing *columns, size_t count)
{
    nb_json_reader r;
    size_t rows = 0;
    open_value(&r, value);
    (void)nb_json_enter(&r, NB_JSON_ARRAY);
    for (; nb_json_next(&r); rows++)
        if (!take_record(arena, &r, columns, count))
            return false;
    for (size_t i = 0; i < count; i++)
        columns[i].shape[0] = rows;
    return true;
}

/* An array of alike objects: an output a member. */
static bool take_records(nb_arena *arena, nb_str value, nb_tensors *out)
{
    nb_json_reader r;
    size_t count = 0, done = 0;
    open_value(&r, value);
    if (nb_json_peek(&r) != NB_JSON_ARRAY)
        return false;
    (void)nb_json_enter(&r, NB_JSON_ARRAY);
    growing *columns = name_columns(arena, &r, &count);
    if (count == 0)
        return false;
    nb_tensor *tensors = NB_NEW_ARRAY(arena, nb_tensor, count);
    if (take_all_records(arena, value, columns, count))
        while (done < count && finish(arena, &columns[done], &tensors[done]))
            done++;
    for (size_t i = 0; i < count; i++)
        release(&columns[i]);
    if (done < count)
        return false;
    *out = (nb_tensors){tensors, count};
    return true;
}

/* An object: an output a member. */
static bool take_members(nb_arena *arena, nb_str value, nb_tensors *out)
{
    NB_VEC(nb_tensor) tensors = {0};
    nb_json_reader r;
    nb_str key, raw;
    open_value(&r, value);
    if (nb_json_peek(&r) != NB_JSON_OBJECT)
        return false;
    (void)nb_json_enter(&r, NB_JSON_OBJECT);
    while (nb_json_next_key(&r, arena, &key)) {
        nb_json_skip(&r, &raw);
        if (tensors.count == NB_TENSORS_MOST)
            return false;
        nb_vec_push(arena, &tensors, take_regular(arena, key, raw));
    }
    *out = (nb_tensors){tensors.at, tensors.count};
    return tensors.count > 0;
}

/* `predictions` of an object; otherwise all of it. */
static nb_str find_predictions(nb_arena *arena, nb_str answer)
{
    nb_json_reader r;
    nb_str key, found = answer;
    open_value(&r, answer);
    if (nb_json_peek(&r) != NB_JSON_OBJECT)
        return answer;
    (void)nb_json_enter(&r, NB_JSON_OBJECT);
    while (nb_json_next_key(&r, arena, &key))
        nb_json_skip(&r, nb_str_eqz(key, "predictions") ? &found : NULL);
    return found;
}

static bool is_json(nb_str text)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* then it is a text */
    nb_json_reader r;
    nb_json_open(&r, text, NB_STR("answer"), NB_JSON_NAN | NB_JSON_STRICT_SKIP);
    nb_json_skip(&r, NULL);
    return nb_json_close(&r, &ignored) == NB_OK;
}

static nb_tensor one_text(nb_arena *arena, nb_str name, nb_str text)
{
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    nb_buf_putc(&out, '[');
    nb_json_quote(&out, text);
    nb_buf_putc(&out, ']');
    return (nb_tensor){.name = name,
                       .datatype = NB_BYTES,
                       .rank = 1,
                       .shape = {1},
                       .count = 1,
                       .data = nb_arena_str(arena, nb_buf_view(&out))};
}

void nb_tensor_take_answer(nb_arena *arena, nb_str answer, nb_tensors *out)
{
    static const nb_str name = NB_STR_ROW("predict");
    bool json = is_json(answer);
    nb_str value = json ? find_predictions(arena, answer) : answer;
    if (json && (take_records(arena, value, out) || take_members(arena, value, out)))
        return;
    nb_tensor *only = NB_NEW(arena, nb_tensor);
    *only = json ? take_regular(arena, name, value) : one_text(arena, name, value);
    *out = (nb_tensors){only, 1};
}
