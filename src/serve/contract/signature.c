#include "serve/contract/signature.h"

#include "text/json.h"

enum { MOST_COLUMNS = 100000 }; /* of a table; READY has 1 MiB at most */

static nb_tensor column(nb_str name, nb_str dtype)
{
    return (nb_tensor){
        .name = name, .datatype = nb_datatype_of(dtype), .rank = 2, .shape = {1, 1}
    };
}

/* feature_names, and dtypes by name where they are known; names alone are of numbers. */
static void take_columns(nb_arena *arena, const nb_json *schema, nb_signature *out)
{
    const nb_json *names = nb_json_get(schema, "feature_names"),
                  *dtypes = nb_json_get(schema, "dtypes");
    const nb_json *list = names && names->kind == NB_JSON_ARRAY ? names : dtypes;
    if (!list || list->count == 0 || list->count > MOST_COLUMNS)
        return;
    nb_tensor *inputs = NB_NEW_ARRAY(arena, nb_tensor, list->count);
    size_t count = 0;
    for (const nb_json *item = list->child; item; item = item->next) {
        nb_str name = list == names ? item->text : item->key, dtype = NB_STR("float64");
        const nb_json *known = dtypes ? nb_json_get(dtypes, nb_arena_z(arena, name)) : NULL;
        if (known && known->kind == NB_JSON_STRING)
            dtype = known->text;
        inputs[count++] = column(name, dtype);
    }
    out->inputs = (nb_tensors){inputs, count};
    out->named = true;
}

static int64_t whole(const nb_json *value)
{
    int64_t number = 0;
    return value && value->kind == NB_JSON_NUMBER && nb_str_to_int(value->text, &number) ? number
                                                                                         : 0;
}

/* Rows without names: their shape, or how wide they are. */
static void take_rows(nb_arena *arena, const nb_json *schema, nb_signature *out)
{
    nb_tensor *input = NB_NEW(arena, nb_tensor);
    const nb_json *shape = nb_json_get(schema, "shape");
    nb_str dtype = nb_json_get_str(schema, "dtype");
    int64_t width = whole(nb_json_get(schema, "n_features"));
    *input = (nb_tensor){.name = NB_STR("input"), .datatype = NB_FP64, .rank = 1, .shape = {1}};
    if (dtype.len > 0)
        input->datatype = nb_datatype_of(dtype);
    if (shape && shape->kind == NB_JSON_ARRAY && shape->count < NB_TENSOR_RANK)
        for (const nb_json *size = shape->child; size; size = size->next)
            input->shape[input->rank++] = (size_t)whole(size);
    else if (width > 0)
        input->shape[input->rank++] = (size_t)width;
    if (input->rank > 1 || dtype.len > 0)
        out->inputs = (nb_tensors){input, 1};
}

/* Without a schema the rows that the model was tried with tell. */
static void take_sample(nb_arena *arena, nb_signature *out)
{
    nb_tensor_take_answer(arena, out->instances, &out->inputs);
    out->named = out->inputs.count > 1;
    if (out->inputs.count == 1 && nb_str_eqz(out->inputs.at[0].name, "predict"))
        out->inputs.at[0].name = NB_STR("input");
}

/* The raw members of "sample": {"instances": …, "answer": …}. */
static void find_sample(nb_arena *arena, nb_str about, nb_signature *out)
{
    nb_json_reader r;
    nb_str key;
    nb_json_open(&r, about, NB_STR("READY"), NB_JSON_NAN);
    (void)nb_json_enter(&r, NB_JSON_OBJECT);
    while (nb_json_next_key(&r, arena, &key)) {
        if (!nb_str_eqz(key, "sample") || nb_json_peek(&r) != NB_JSON_OBJECT) {
            nb_json_skip(&r, NULL);
            continue;
        }
        (void)nb_json_enter(&r, NB_JSON_OBJECT);
        while (nb_json_next_key(&r, arena, &key))
            nb_json_skip(&r, nb_str_eqz(key, "instances") ? &out->instances
                             : nb_str_eqz(key, "answer")  ? &out->predictions
                                                          : NULL);
    }
}

void nb_signature_read(nb_arena *arena, nb_str about, nb_signature *out)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* then nothing is known */
    const nb_json *document = NULL;
    *out = (nb_signature){0};
    if (nb_json_parse(arena, about, NB_STR("READY"), NB_JSON_NAN, &document, &ignored) != NB_OK)
        return;
    const nb_json *schema = nb_json_get(document, "schema");
    out->framework = nb_json_get_str(document, "framework");
    find_sample(arena, about, out);
    if (schema && schema->kind == NB_JSON_OBJECT) {
        take_columns(arena, schema, out);
        if (out->inputs.count == 0)
            take_rows(arena, schema, out);
    }
    if (out->inputs.count == 0 && out->instances.len > 0)
        take_sample(arena, out);
    if (out->predictions.len > 0)
        nb_tensor_take_answer(arena, out->predictions, &out->outputs);
}
