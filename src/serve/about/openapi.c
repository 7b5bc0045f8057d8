#include "serve/about/openapi.h"

#include "serve/about/openapi_parts.h"
#include "serve/contract/contract_common.h"

typedef struct document {
    const nb_front *front;
    nb_arena *arena;
    nb_json_writer *w;
    nb_signature signature;
    nb_str rows, tensors; /* examples */
} document;

static void put_raw(nb_json_writer *w, const char *key, nb_str json)
{
    nb_json_key(w, nb_str_from(key));
    nb_json_put_raw(w, json);
}

/* --- parameters ---------------------------------------------------------------------------------------------------- */

static const struct {
    const char *key, *name, *in, *schema, *description;
} parameters[] = {
    {"Version",        "version",              "path",
     "{\"type\": \"integer\", \"minimum\": 1, \"maximum\": 4294967294}",                            "A version that is up."                                                 },
    {"AskedVersion",   "X-Notebooked-Version", "header",
     "{\"type\": \"integer\", \"minimum\": 1, \"maximum\": 4294967294}",                            "The version that shall answer, whatever the weights say."              },
    {"Session",        "X-Notebooked-Session", "header",
     "{\"type\": \"string\", \"pattern\": \"^[!-~]*$\"}",                                           "The same text gives the same version as long as weights do not change."},
    {"RequestId",      "X-Request-Id",         "header",
     "{\"type\": \"string\", \"maxLength\": 100, \"pattern\": \"^[!-~]+$\"}",                       "Comes back with the answer, and stands in the access log."             },
    {"Timeout",        "X-Request-Timeout-Ms", "header", "{\"type\": \"integer\", \"minimum\": 1}",
     "A shorter time than the endpoint gives."                                                                                                                              },
    {"SwaggerVersion", "version",              "query",  "{\"enum\": [\"2\", \"3\"]}",
     "2: Swagger 2.0, as without it; 3: OpenAPI."                                                                                                                           },
};

static void put_parameters(nb_json_writer *w)
{
    nb_json_begin_object(w);
    for (size_t i = 0; i < NB_LEN(parameters); i++) {
        nb_json_key(w, nb_str_from(parameters[i].key));
        nb_json_begin_object(w);
        nb_json_member_str(w, "name", nb_str_from(parameters[i].name));
        nb_json_member_str(w, "in", nb_str_from(parameters[i].in));
        nb_json_member_bool(w, "required", strcmp(parameters[i].in, "path") == 0);
        nb_json_member_str(w, "description", nb_str_from(parameters[i].description));
        put_raw(w, "schema", nb_str_from(parameters[i].schema));
        nb_json_end_object(w);
    }
    nb_json_end_object(w);
}

static void put_parameters_of(nb_json_writer *w, const nb_operation *operation)
{
    nb_json_key(w, NB_STR("parameters"));
    nb_json_begin_array(w);
    if (strstr(operation->path, "{version}"))
        nb_openapi_ref(w, "parameters", "Version");
    else if (operation->takes != NB_TAKES_NOTHING)
        nb_openapi_ref(w, "parameters", "AskedVersion");
    if (operation->takes != NB_TAKES_NOTHING) {
        nb_openapi_ref(w, "parameters", "Session");
        nb_openapi_ref(w, "parameters", "RequestId");
        nb_openapi_ref(w, "parameters", "Timeout");
    }
    if (strcmp(operation->path, "/swagger.json") == 0)
        nb_openapi_ref(w, "parameters", "SwaggerVersion");
    nb_json_end_array(w);
}

/* --- bodies -------------------------------------------------------------------------------------------------------- */

/* The open `content`: one media type with its schema, and an example where there is one. */
static void put_media(nb_json_writer *w, const char *type, const char *schema, nb_str example)
{
    nb_json_key(w, nb_str_from(type));
    nb_json_begin_object(w);
    nb_json_key(w, NB_STR("schema"));
    if (schema)
        nb_openapi_ref(w, "schemas", schema);
    else
        nb_json_put_raw(w, nb_str_starts(nb_str_from(type), NB_STR("text/"))
                               ? NB_STR("{\"type\": \"string\"}")
                               : NB_STR("{}"));
    if (example.len > 0)
        put_raw(w, "example", example);
    nb_json_end_object(w);
}

static void put_body(const document *it, nb_takes takes)
{
    nb_json_writer *w = it->w;
    if (takes == NB_TAKES_NOTHING)
        return;
    nb_json_key(w, NB_STR("requestBody"));
    nb_json_begin_object(w);
    nb_json_member_bool(w, "required", true);
    nb_json_key(w, NB_STR("content"));
    nb_json_begin_object(w);
    switch (takes) {
    case NB_TAKES_ROWS:
        put_media(w, "application/json", "Request", it->rows);
        put_media(w, "text/csv", NULL, NB_STR(""));
        break;
    case NB_TAKES_INSTANCES: put_media(w, "application/json", "Instances", it->rows); break;
    case NB_TAKES_TENSORS: put_media(w, "application/json", "InferRequest", it->tensors); break;
    case NB_TAKES_NOTHING: break;
    }
    nb_json_end_object(w);
    nb_json_end_object(w);
}

static void put_content(const document *it, nb_gives gives)
{
    nb_json_writer *w = it->w;
    nb_str none = NB_STR("");
    if (gives == NB_GIVES_HEALTH_EMPTY)
        return;
    nb_json_key(w, NB_STR("content"));
    nb_json_begin_object(w);
    switch (gives) {
    case NB_GIVES_PREDICTIONS: put_media(w, "application/json", "Predictions", none); break;
    case NB_GIVES_SCRIPT:
        put_media(w, "application/json", NULL, none);
        put_media(w, "text/csv", NULL, none);
        break;
    case NB_GIVES_TENSORS:
        put_media(w, "application/json", "InferAnswer", none);
        put_media(w, "application/octet-stream", NULL, none);
        break;
    case NB_GIVES_TEXT:
    case NB_GIVES_HEALTH_TEXT: put_media(w, "text/plain", NULL, none); break;
    case NB_GIVES_HTML: put_media(w, "text/html", NULL, none); break;
    case NB_GIVES_HEALTH: put_media(w, "application/json", "Health", none); break;
    case NB_GIVES_JSON: put_media(w, "application/json", NULL, none); break;
    case NB_GIVES_HEALTH_EMPTY: break;
    }
    nb_json_end_object(w);
}

/* --- answers ------------------------------------------------------------------------------------------------------- */

/* In the contract's own form, or in the front's when it comes before the contract is asked. */
static void put_error(const document *it, const char *status, const char *description,
                      const nb_contract *contract)
{
    nb_json_writer *w = it->w;
    nb_json_key(w, nb_str_from(status));
    nb_json_begin_object(w);
    nb_json_member_str(w, "description", nb_str_from(description));
    nb_json_key(w, NB_STR("content"));
    nb_json_begin_object(w);
    put_media(w, "application/json", NULL, NB_STR(""));
    if (contract == &nb_contract_own)
        put_media(w, "application/problem+json", "Problem", NB_STR(""));
    if (contract != &nb_contract_own && contract != &nb_contract_oip)
        put_media(w, "text/plain", NULL, NB_STR(""));
    nb_json_end_object(w);
    nb_json_end_object(w);
}

static void put_answers(const document *it, const nb_operation *operation)
{
    nb_json_writer *w = it->w;
    nb_json_key(w, NB_STR("responses"));
    nb_json_begin_object(w);
    nb_json_key(w, NB_STR("200"));
    nb_json_begin_object(w);
    nb_json_member_str(w, "description",
                       operation->takes == NB_TAKES_NOTHING ? NB_STR("Yes, or what was asked for")
                                                            : NB_STR("The predictions"));
    put_content(it, operation->gives);
    nb_json_end_object(w);
    if (operation->takes != NB_TAKES_NOTHING) {
        put_error(it, "400", "The model does not understand the input.", operation->contract);
        put_error(it, "503",
                  "It cannot predict now: it loads, or its queue is full. Retry-After says when to "
                  "come again.",
                  operation->contract);
        put_error(it, "504", "The deadline passed.", operation->contract);
    }
    if (operation->gives == NB_GIVES_HEALTH || operation->gives == NB_GIVES_HEALTH_TEXT ||
        operation->gives == NB_GIVES_HEALTH_EMPTY)
        put_error(it, "503", "It is not ready; the reason is in the body.", operation->contract);
    put_error(it, "default", "Something was wrong; the message is in the body.",
              operation->contract);
    nb_json_end_object(w);
}

/* --- paths --------------------------------------------------------------------------------------------------------- */

static void put_operation(const document *it, const nb_operation *operation)
{
    nb_json_writer *w = it->w;
    nb_json_key(w, strcmp(operation->method, "POST") == 0 ? NB_STR("post") : NB_STR("get"));
    nb_json_begin_object(w);
    nb_json_member_str(w, "operationId", nb_str_from(operation->id));
    nb_json_member_str(w, "summary", nb_str_from(operation->summary));
    nb_json_key(w, NB_STR("tags"));
    nb_json_begin_array(w);
    nb_json_put_str(w, nb_str_from(operation->contract->platform));
    nb_json_end_array(w);
    put_parameters_of(w, operation);
    put_body(it, operation->takes);
    put_answers(it, operation);
    nb_json_end_object(w);
}

static void put_paths(const document *it)
{
    size_t count;
    const nb_operation *operations = nb_operations(&count);
    nb_json_begin_object(it->w);
    for (size_t i = 0; i < count; i++) {
        if (!nb_operation_is_served(it->front, &operations[i]))
            continue;
        nb_json_key(it->w, nb_operation_path(it->arena, it->front, &operations[i]));
        nb_json_begin_object(it->w);
        put_operation(it, &operations[i]);
        nb_json_end_object(it->w);
    }
    nb_json_end_object(it->w);
}

static void put_info(const document *it)
{
    nb_json_writer *w = it->w;
    const nb_version *version = nb_front_main_version(it->front);
    nb_json_key(w, NB_STR("info"));
    nb_json_begin_object(w);
    nb_json_member_str(w, "title", nb_front_endpoint(it->front)->name);
    nb_json_member_str(w, "version",
                       nb_arena_printf(it->arena, "%u", version ? nb_version_number(version) : 0));
    nb_json_member_str(
        w, "description",
        NB_STR("A model served by notebooked. The same inputs give equal predictions "
               "through every protocol."));
    nb_json_end_object(w);
}

/* Where a token is wanted, either of two headers has it. */
static void put_security(const document *it)
{
    if (nb_front_endpoint(it->front)->settings.token_file.len == 0)
        return;
    put_raw(it->w, "security", NB_STR("[{\"bearer\": []}, {\"key\": []}]"));
}

static void put_components(const document *it)
{
    nb_json_writer *w = it->w;
    nb_json_key(w, NB_STR("components"));
    nb_json_begin_object(w);
    nb_json_key(w, NB_STR("parameters"));
    put_parameters(w);
    nb_json_key(w, NB_STR("schemas"));
    nb_openapi_schemas(w, &it->signature);
    if (nb_front_endpoint(it->front)->settings.token_file.len > 0)
        put_raw(
            w, "securitySchemes",
            NB_STR(
                "{\"bearer\": {\"type\": \"http\", \"scheme\": \"bearer\"}, "
                "\"key\": {\"type\": \"apiKey\", \"in\": \"header\", \"name\": \"X-API-Key\"}}"));
    nb_json_end_object(w);
}

/* What both forms begin with. */
static void begin(document *it, const char *form, const char *version)
{
    nb_front_signature(it->arena, it->front, &it->signature);
    it->rows = nb_example_rows(it->arena, &it->signature);
    nb_json_begin_object(it->w);
    nb_json_member_str(it->w, form, nb_str_from(version));
    put_info(it);
}

void nb_openapi_write(const nb_front *front, nb_buf *out)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_json_writer w = NB_JSON_WRITER(out, 2);
    document it = {.front = front, .arena = &arena, .w = &w};
    begin(&it, "openapi", "3.1.0");
    it.tensors = nb_example_tensors(&arena, &it.signature);
    put_raw(&w, "servers", NB_STR("[{\"url\": \"/\"}]"));
    put_security(&it);
    nb_json_key(&w, NB_STR("paths"));
    put_paths(&it);
    put_components(&it);
    nb_json_end_object(&w);
    nb_buf_putc(out, '\n');
}

/* --- Swagger 2.0 --------------------------------------------------------------------------------------------------- */

static void put_swagger_score(const document *it)
{
    nb_json_writer *w = it->w;
    nb_json_key(w, NB_STR("/score"));
    nb_json_begin_object(w);
    nb_json_key(w, NB_STR("post"));
    nb_json_begin_object(w);
    nb_json_member_str(w, "operationId", NB_STR("RunMLService"));
    nb_json_member_str(w, "description", NB_STR("Predict rows"));
    put_raw(w, "parameters",
            NB_STR("[{\"name\": \"serviceInputPayload\", \"in\": \"body\", \"required\": true, "
                   "\"schema\": {\"$ref\": \"#/definitions/ServiceInput\"}}]"));
    put_raw(
        w, "responses",
        NB_STR("{\"200\": {\"description\": \"The predictions\", \"schema\": {\"$ref\": "
               "\"#/definitions/ServiceOutput\"}}, \"default\": {\"description\": \"Something was "
               "wrong\", \"schema\": {\"$ref\": \"#/definitions/ErrorResponse\"}}}"));
    nb_json_end_object(w);
    nb_json_end_object(w);
}

static void put_swagger_definitions(const document *it)
{
    nb_json_writer *w = it->w;
    nb_json_begin_object(w);
    nb_json_key(w, NB_STR("ServiceInput"));
    nb_json_begin_object(w);
    nb_json_member_str(w, "type", NB_STR("object"));
    put_raw(w, "properties", NB_STR("{\"instances\": {\"type\": \"array\", \"items\": {}}}"));
    if (it->rows.len > 0)
        put_raw(w, "example", it->rows);
    nb_json_end_object(w);
    put_raw(w, "ServiceOutput",
            NB_STR("{\"type\": \"object\", \"properties\": {\"predictions\": {\"type\": \"array\", "
                   "\"items\": {}}}}"));
    put_raw(
        w, "ErrorResponse",
        NB_STR("{\"type\": \"object\", \"properties\": {\"message\": {\"type\": \"string\"}}}"));
    nb_json_end_object(w);
}

void nb_swagger_write(const nb_front *front, nb_buf *out)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_json_writer w = NB_JSON_WRITER(out, 2);
    document it = {.front = front, .arena = &arena, .w = &w};
    begin(&it, "swagger", "2.0");
    put_raw(&w, "consumes", NB_STR("[\"application/json\"]"));
    put_raw(&w, "produces", NB_STR("[\"application/json\"]"));
    nb_json_key(&w, NB_STR("paths"));
    nb_json_begin_object(&w);
    put_swagger_score(&it);
    nb_json_end_object(&w);
    nb_json_key(&w, NB_STR("definitions"));
    put_swagger_definitions(&it);
    nb_json_end_object(&w);
    nb_buf_putc(out, '\n');
}

void nb_swagger_tell(const nb_front *front, nb_http_request *request)
{
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    if (nb_str_eqz(nb_http_query(request, "version"), "3"))
        nb_openapi_write(front, &out);
    else
        nb_swagger_write(front, &out);
    nb_contract_tell_json(request, 200, &out);
}
