/* Schemas of bodies. Rows are described as far as the model's signature tells; what it does not tell may be anything. */
#include "serve/about/openapi_parts.h"

void nb_openapi_ref(nb_json_writer *w, const char *kind, const char *name)
{
    NB_AUTO(nb_buf) text = NB_BUF_INIT(200);
    nb_buf_printf(&text, "#/components/%s/%s", kind, name);
    nb_json_begin_object(w);
    nb_json_member_str(w, "$ref", nb_buf_view(&text));
    nb_json_end_object(w);
}

/* A schema that is one line. */
static void put(nb_json_writer *w, const char *key, const char *schema)
{
    nb_json_key(w, nb_str_from(key));
    nb_json_put_raw(w, nb_str_from(schema));
}

/* --- a row --------------------------------------------------------------------------------------------------------- */

/* Of one value of an input. What is missing is null where that has a meaning. */
static const char *value_schema(nb_datatype datatype)
{
    switch (datatype) {
    case NB_BOOL: return "{\"type\": \"boolean\"}";
    case NB_UINT8: return "{\"type\": \"integer\", \"minimum\": 0, \"maximum\": 255}";
    case NB_UINT16: return "{\"type\": \"integer\", \"minimum\": 0, \"maximum\": 65535}";
    case NB_UINT32: return "{\"type\": \"integer\", \"minimum\": 0, \"maximum\": 4294967295}";
    case NB_UINT64:
        return "{\"type\": \"integer\", \"minimum\": 0, \"maximum\": 18446744073709551615}";
    case NB_INT8: return "{\"type\": \"integer\", \"minimum\": -128, \"maximum\": 127}";
    case NB_INT16: return "{\"type\": \"integer\", \"minimum\": -32768, \"maximum\": 32767}";
    case NB_INT32:
        return "{\"type\": \"integer\", \"format\": \"int32\", \"minimum\": -2147483648, "
               "\"maximum\": 2147483647}";
    case NB_INT64:
        return "{\"type\": \"integer\", \"format\": \"int64\", \"minimum\": -9223372036854775808, "
               "\"maximum\": 9223372036854775807}";
    case NB_FP16: return "{\"type\": \"number\", \"minimum\": -65504, \"maximum\": 65504}";
    case NB_FP32: return "{\"type\": \"number\", \"format\": \"float\"}";
    case NB_FP64: return "{\"type\": \"number\", \"format\": \"double\"}";
    case NB_BYTES: return "{\"type\": \"string\"}";
    case NB_DATATYPE_COUNT: break;
    }
    return "{}";
}

static void put_value(nb_json_writer *w, nb_datatype datatype)
{
    nb_json_put_raw(w, nb_str_from(value_schema(datatype)));
}

/* No column is required: a script's own predict() may take other ones than the model, which it makes of them. */
static void put_named_row(nb_json_writer *w, const nb_tensors *columns)
{
    nb_json_begin_object(w);
    nb_json_member_str(w, "type", NB_STR("object"));
    nb_json_key(w, NB_STR("properties"));
    nb_json_begin_object(w);
    for (size_t i = 0; i < columns->count; i++) {
        nb_json_key(w, columns->at[i].name);
        put_value(w, columns->at[i].datatype);
    }
    nb_json_end_object(w);
    nb_json_end_object(w);
}

/* The example's rows are objects: that arrays have a value for each column is not known, for the same reason. */
static bool has_objects(const nb_signature *signature)
{
    nb_str rows = signature->instances;
    return nb_str_starts(nb_str_trim(nb_str_from_at(rows, 1)), NB_STR("{"));
}

static void put_plain_row(nb_json_writer *w, const nb_tensors *columns)
{
    nb_json_begin_object(w);
    nb_json_member_str(w, "type", NB_STR("array"));
    nb_json_key(w, NB_STR("prefixItems"));
    nb_json_begin_array(w);
    for (size_t i = 0; i < columns->count; i++)
        put_value(w, columns->at[i].datatype);
    nb_json_end_array(w);
    nb_json_member_int(w, "minItems", (int64_t)columns->count);
    nb_json_member_int(w, "maxItems", (int64_t)columns->count);
    nb_json_end_object(w);
}

/* Arrays within each other, of the shape that a row has. */
static void put_shaped(nb_json_writer *w, const nb_tensor *input, unsigned level)
{
    if (level == input->rank) {
        put_value(w, input->datatype);
        return;
    }
    nb_json_begin_object(w);
    nb_json_member_str(w, "type", NB_STR("array"));
    nb_json_key(w, NB_STR("items"));
    put_shaped(w, input, level + 1);
    nb_json_member_int(w, "minItems", (int64_t)input->shape[level]);
    nb_json_member_int(w, "maxItems", (int64_t)input->shape[level]);
    nb_json_end_object(w);
}

static void put_row(nb_json_writer *w, const nb_signature *signature)
{
    if (signature->inputs.count == 0) {
        nb_json_put_raw(w, NB_STR("{\"description\": \"A row; nothing more is known of it.\"}"));
    } else if (signature->named) {
        nb_json_begin_object(w);
        nb_json_key(w, NB_STR("anyOf"));
        nb_json_begin_array(w);
        put_named_row(w, &signature->inputs);
        if (has_objects(signature))
            nb_json_put_raw(w, NB_STR("{\"type\": \"array\"}"));
        else
            put_plain_row(w, &signature->inputs);
        nb_json_end_array(w);
        nb_json_end_object(w);
    } else {
        put_shaped(w, &signature->inputs.at[0], 1);
    }
}

/* --- a prediction -------------------------------------------------------------------------------------------------- */

/* What predictions of the example were; another row may be answered with another kind of number. */
static void put_prediction(nb_json_writer *w, const nb_signature *signature)
{
    const nb_tensors *outputs = &signature->outputs;
    nb_json_begin_object(w);
    nb_json_member_str(w, "description", NB_STR("What the model predicts for a row."));
    if (outputs->count == 1 && nb_str_eqz(outputs->at[0].name, "predict")) {
        if (outputs->at[0].rank > 1)
            put(w, "type", "\"array\"");
        else if (outputs->at[0].datatype == NB_BOOL)
            put(w, "type", "[\"boolean\", \"null\"]");
        else if (outputs->at[0].datatype != NB_BYTES) /* that is anything without a shape, too */
            put(w, "type", "[\"number\", \"null\"]");
    }
    nb_json_end_object(w);
}

/* --- all ----------------------------------------------------------------------------------------------------------- */

static const char tensor_schema[] =
    "{\"type\": \"object\", \"required\": [\"name\", \"shape\", \"datatype\"], \"properties\": {"
    "\"name\": {\"type\": \"string\", \"minLength\": 1}, "
    "\"shape\": {\"type\": \"array\", \"items\": {\"type\": \"integer\", \"minimum\": 0, "
    "\"maximum\": 4294967295}, \"minItems\": 1, \"maxItems\": 16}, "
    "\"datatype\": {\"enum\": [\"BOOL\", \"UINT8\", \"UINT16\", \"UINT32\", \"UINT64\", \"INT8\", "
    "\"INT16\", \"INT32\", \"INT64\", \"FP16\", \"FP32\", \"FP64\", \"BYTES\"]}, "
    "\"parameters\": {\"type\": \"object\"}, "
    "\"data\": {\"type\": \"array\", \"description\": \"In row-major order, nested as the shape is, or "
    "flat.\"}}}";
static const char infer_request_schema[] =
    "{\"type\": \"object\", \"required\": [\"inputs\"], \"properties\": {"
    "\"id\": {\"type\": \"string\"}, \"parameters\": {\"type\": \"object\"}, "
    "\"inputs\": {\"type\": \"array\", \"minItems\": 1, \"items\": "
    "{\"$ref\": \"#/components/schemas/Tensor\"}}, "
    "\"outputs\": {\"type\": \"array\", \"items\": {\"type\": \"object\", \"required\": [\"name\"], "
    "\"properties\": {\"name\": {\"type\": \"string\"}, \"parameters\": {\"type\": \"object\"}}}}}}";
static const char infer_answer_schema[] =
    "{\"type\": \"object\", \"required\": [\"model_name\", \"outputs\"], \"properties\": {"
    "\"model_name\": {\"type\": \"string\"}, \"model_version\": {\"type\": \"string\"}, "
    "\"id\": {\"type\": \"string\"}, \"outputs\": {\"type\": \"array\", \"items\": "
    "{\"$ref\": \"#/components/schemas/Tensor\"}}}}";
static const char table_schema[] =
    "{\"type\": \"object\", \"required\": [\"columns\", \"data\"], \"properties\": {"
    "\"columns\": {\"type\": \"array\", \"items\": {\"type\": \"string\"}}, "
    "\"index\": {\"type\": \"array\"}, "
    "\"data\": {\"type\": \"array\", \"items\": {\"type\": \"array\"}}}}";
static const char rows_schema[] =
    "{\"type\": \"array\", \"items\": {\"$ref\": \"#/components/schemas/Row\"}}";
static const char instances_schema[] =
    "{\"type\": \"object\", \"required\": [\"instances\"], \"properties\": {\"instances\": "
    "{\"$ref\": \"#/components/schemas/Rows\"}, \"parameters\": {\"type\": \"object\"}}}";
static const char request_schema[] =
    "{\"anyOf\": [{\"$ref\": \"#/components/schemas/Instances\"}, "
    "{\"type\": \"object\", \"required\": [\"dataframe_split\"], \"properties\": "
    "{\"dataframe_split\": {\"$ref\": \"#/components/schemas/Table\"}}}, "
    "{\"type\": \"object\", \"required\": [\"dataframe_records\"], \"properties\": "
    "{\"dataframe_records\": {\"type\": \"array\", \"items\": {\"type\": \"object\"}}}}, "
    "{\"$ref\": \"#/components/schemas/Rows\"}]}";
static const char answer_schema[] =
    "{\"type\": \"object\", \"required\": [\"predictions\"], \"properties\": {\"predictions\": "
    "{\"anyOf\": [{\"type\": \"array\", \"items\": {\"$ref\": \"#/components/schemas/Prediction\"}}, "
    "{\"type\": [\"object\", \"string\", \"number\", \"boolean\", \"null\"]}]}}}";
static const char health_schema[] =
    "{\"type\": \"object\", \"properties\": {\"ready\": {\"type\": \"boolean\"}, \"live\": "
    "{\"type\": \"boolean\"}, \"name\": {\"type\": \"string\"}, \"reason\": {\"type\": \"string\"}}}";
static const char problem_schema[] =
    "{\"type\": \"object\", \"required\": [\"status\", \"title\", \"detail\"], \"properties\": "
    "{\"status\": {\"type\": \"integer\"}, \"title\": {\"type\": \"string\"}, \"detail\": "
    "{\"type\": \"string\"}}}";

void nb_openapi_schemas(nb_json_writer *w, const nb_signature *signature)
{
    nb_json_begin_object(w);
    nb_json_key(w, NB_STR("Row"));
    put_row(w, signature);
    put(w, "Rows", rows_schema);
    put(w, "Instances", instances_schema);
    put(w, "Table", table_schema);
    put(w, "Request", request_schema);
    nb_json_key(w, NB_STR("Prediction"));
    put_prediction(w, signature);
    put(w, "Predictions", answer_schema);
    put(w, "Tensor", tensor_schema);
    put(w, "InferRequest", infer_request_schema);
    put(w, "InferAnswer", infer_answer_schema);
    put(w, "Health", health_schema);
    put(w, "Problem", problem_schema);
    nb_json_end_object(w);
}
