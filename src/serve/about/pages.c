#include "serve/about/pages.h"

#include "base/embed.h"
#include "serve/about/operations.h"
#include "serve/front/traffic.h"
#include "text/json_write.h"
#include "text/template.h"

extern const nb_embedded_folder nb_serve_pages;

static const nb_http_header headers[] = {
    {"Content-Security-Policy",
     NB_STR_ROW("default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; "
                "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")},
    {"X-Content-Type-Options",  NB_STR_ROW("nosniff")                                             },
    {"Referrer-Policy",         NB_STR_ROW("no-referrer")                                         },
    {"Cache-Control",           NB_STR_ROW("no-cache")                                            },
    {"Vary",                    NB_STR_ROW("Accept")                                              },
};

static void answer(nb_http_request *request, nb_str type, nb_str body)
{
    nb_http_answer_with(request, &(nb_http_answer){.status = 200,
                                                   .content_type = type,
                                                   .body = body,
                                                   .headers = headers,
                                                   .header_count = NB_LEN(headers)});
}

/* --- what the pages tell ------------------------------------------------------------------------------------------- */

typedef struct page {
    const nb_front *front;
    const nb_http_request *request;
    nb_arena *arena;
    nb_signature signature;
    nb_value *data;
} page;

static nb_str state_of(const nb_front *front, unsigned number)
{
    const nb_version *version = nb_front_version(front, number);
    return version ? nb_str_from(nb_version_state_name(nb_version_state_of(version)))
                   : NB_STR("not up");
}

static void put_versions(page *it)
{
    const nb_endpoint *endpoint = nb_front_endpoint(it->front);
    nb_value *list = nb_value_list(it->arena);
    for (size_t i = 0; i < endpoint->deployments.count; i++) {
        const nb_deployment *d = &endpoint->deployments.at[i];
        if (!nb_front_version(it->front, d->version) && d->weight == 0)
            continue;
        nb_value *row = nb_value_object(it->arena);
        unsigned weight = d->shadow ? 0 : d->weight;
        nb_value_set_text(it->arena, row, "number", nb_arena_printf(it->arena, "%u", d->version));
        nb_value_set_text(it->arena, row, "model", d->model);
        nb_value_set_text(it->arena, row, "weight",
                          d->shadow ? NB_STR("shadow") : nb_arena_printf(it->arena, "%u", weight));
        nb_value_set_text(it->arena, row, "state", state_of(it->front, d->version));
        nb_value_push(it->arena, list, row);
    }
    nb_value_set(it->arena, it->data, "versions", list);
}

static nb_value *tensor_rows(nb_arena *arena, const nb_tensors *tensors)
{
    nb_value *list = nb_value_list(arena);
    for (size_t i = 0; i < tensors->count; i++) {
        const nb_tensor *tensor = &tensors->at[i];
        NB_AUTO(nb_buf) shape = NB_BUF_INIT(1000);
        nb_value *row = nb_value_object(arena);
        nb_buf_putz(&shape, "n");
        for (unsigned k = 1; k < tensor->rank; k++)
            nb_buf_printf(&shape, " × %zu", tensor->shape[k]);
        nb_value_set_text(arena, row, "name", tensor->name);
        nb_value_set_text(arena, row, "datatype", nb_str_from(nb_datatype_name(tensor->datatype)));
        nb_value_set_text(arena, row, "shape", nb_arena_str(arena, nb_buf_view(&shape)));
        nb_value_push(arena, list, row);
    }
    return list;
}

static nb_str example_for(const page *it, const nb_operation *operation)
{
    return operation->takes == NB_TAKES_TENSORS ? nb_example_tensors(it->arena, &it->signature)
                                                : nb_example_rows(it->arena, &it->signature);
}

/* In the shell a quote within quotes ends them, stands by itself, and begins them again. */
static nb_str quoted(nb_arena *arena, nb_str text)
{
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    nb_buf_putc(&out, '\'');
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '\'')
            nb_buf_putz(&out, "'\\''");
        else
            nb_buf_putc(&out, text.at[i]);
    }
    nb_buf_putc(&out, '\'');
    return nb_arena_str(arena, nb_buf_view(&out));
}

/* The address as this client knows it: the name was checked. Behind a proxy it may be another one. */
static nb_str base_url(const page *it)
{
    nb_str host = nb_http_field(it->request, "Host");
    const nb_endpoint_settings *settings = &nb_front_endpoint(it->front)->settings;
    return host.len > 0 ? nb_arena_printf(it->arena, "http://" NB_STR_FMT, NB_STR_ARG(host))
                        : nb_arena_printf(it->arena, "http://" NB_STR_FMT ":%u",
                                          NB_STR_ARG(settings->host), settings->port);
}

/* A path that a shell takes as it is: with the number of a version. */
static nb_str with_version(const page *it, nb_str path)
{
    static const nb_str hole = NB_STR_ROW("{version}");
    const nb_version *version = nb_front_main_version(it->front);
    ptrdiff_t at = nb_str_find(path, hole);
    if (at < 0)
        return path;
    return nb_arena_printf(it->arena, NB_STR_FMT "%u" NB_STR_FMT,
                           NB_STR_ARG(nb_str_slice(path, 0, (size_t)at)),
                           version ? nb_version_number(version) : 1,
                           NB_STR_ARG(nb_str_from_at(path, (size_t)at + hole.len)));
}

static nb_str curl_of(const page *it, const nb_operation *operation, nb_str path)
{
    nb_arena *arena = it->arena;
    bool token = nb_front_endpoint(it->front)->settings.token_file.len > 0;
    nb_str url = nb_arena_printf(arena, NB_STR_FMT NB_STR_FMT, NB_STR_ARG(base_url(it)),
                                 NB_STR_ARG(with_version(it, path)));
    nb_str example = example_for(it, operation);
    const char *header = token ? " -H \"Authorization: Bearer $TOKEN\"" : "";
    if (operation->takes == NB_TAKES_NOTHING)
        return nb_arena_printf(arena, "curl%s " NB_STR_FMT, header, NB_STR_ARG(url));
    return nb_arena_printf(
        arena, "curl%s " NB_STR_FMT " -H 'Content-Type: application/json' -d " NB_STR_FMT, header,
        NB_STR_ARG(url),
        NB_STR_ARG(example.len > 0 ? quoted(arena, example) : NB_STR("@request.json")));
}

static nb_value *operation_row(const page *it, const nb_operation *operation)
{
    nb_value *row = nb_value_object(it->arena);
    nb_str path = nb_operation_path(it->arena, it->front, operation);
    nb_value_set_text(it->arena, row, "method", nb_str_from(operation->method));
    nb_value_set_text(it->arena, row, "path", path);
    nb_value_set_text(it->arena, row, "id", nb_str_from(operation->id));
    nb_value_set_text(it->arena, row, "summary", nb_str_from(operation->summary));
    nb_value_set_text(it->arena, row, "curl", curl_of(it, operation, path));
    return row;
}

/* Operations by contract; rows of one stand together. */
static void put_operations(page *it)
{
    size_t count;
    const nb_operation *operations = nb_operations(&count);
    nb_value *groups = nb_value_list(it->arena), *rows = NULL;
    const nb_contract *contract = NULL;
    for (size_t i = 0; i < count; i++) {
        if (!nb_operation_is_served(it->front, &operations[i]))
            continue;
        if (operations[i].contract != contract) {
            nb_value *group = nb_value_object(it->arena);
            contract = operations[i].contract;
            rows = nb_value_list(it->arena);
            nb_value_set_text(it->arena, group, "title", nb_str_from(contract->platform));
            nb_value_set_text(it->arena, group, "name", nb_str_from(contract->name));
            nb_value_set(it->arena, group, "operations", rows);
            nb_value_push(it->arena, groups, group);
        }
        nb_value_push(it->arena, rows, operation_row(it, &operations[i]));
    }
    nb_value_set(it->arena, it->data, "groups", groups);
}

static void put_page(page *it)
{
    size_t count;
    const nb_operation *predict = nb_operations(&count);
    const nb_endpoint *endpoint = nb_front_endpoint(it->front);
    nb_str reason = NB_STR("");
    bool ready = nb_front_is_ready(it->front, &reason);
    nb_arena *arena = it->arena;
    it->data = nb_value_object(arena);
    nb_front_signature(arena, it->front, &it->signature);
    nb_value_set_text(arena, it->data, "name", endpoint->name);
    nb_value_set_text(arena, it->data, "server", NB_STR("notebooked " NB_VERSION));
    nb_value_set_bool(arena, it->data, "ready", ready);
    nb_value_set_text(arena, it->data, "reason", reason);
    nb_value_set_bool(arena, it->data, "token", endpoint->settings.token_file.len > 0);
    nb_value_set_text(arena, it->data, "framework", it->signature.framework);
    nb_value_set_text(arena, it->data, "curl", curl_of(it, predict, NB_STR("/predict")));
    nb_value_set_text(arena, it->data, "example", nb_example_rows(arena, &it->signature));
    nb_value_set_text(arena, it->data, "answer", it->signature.predictions);
    nb_value_set(arena, it->data, "inputs", tensor_rows(arena, &it->signature.inputs));
    nb_value_set(arena, it->data, "outputs", tensor_rows(arena, &it->signature.outputs));
    put_versions(it);
    put_operations(it);
}

/* --- files --------------------------------------------------------------------------------------------------------- */

static bool find_partial(void *ctx, nb_str name, nb_str *text)
{
    const nb_embedded *file = nb_embedded_find(&nb_serve_pages, name);
    (void)ctx;
    if (file)
        *text = file->bytes;
    return file != NULL;
}

static void tell_page(const nb_front *front, nb_http_request *request, const char *name)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    page it = {.front = front, .request = request, .arena = &arena};
    const nb_template_options options = {.open = "{{", .close = "}}", .html = true};
    const nb_partials partials = {.find = find_partial};
    const nb_template *t = NULL;
    nb_str text = NB_STR("");
    (void)find_partial(NULL, nb_str_from(name), &text);
    put_page(&it);
    if (nb_template_compile(&arena, text, nb_str_from(name), &options, &t, &err) != NB_OK ||
        nb_template_render(t, it.data, &partials, &out, &err) != NB_OK) {
        nb_http_answer_with(request,
                            &(nb_http_answer){.status = 500,
                                              .content_type = NB_STR("text/plain"),
                                              .body = nb_str_from(nb_error_message(&err, 0))});
        return;
    }
    answer(request, NB_STR("text/html; charset=utf-8"), nb_buf_view(&out));
}

static void tell_json(const nb_front *front, nb_http_request *request)
{
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    nb_json_writer w = NB_JSON_WRITER(&out, 0);
    const nb_endpoint *endpoint = nb_front_endpoint(front);
    nb_str reason = NB_STR("");
    bool ready = nb_front_is_ready(front, &reason);
    nb_json_begin_object(&w);
    nb_json_member_str(&w, "name", endpoint->name);
    nb_json_member_bool(&w, "ready", ready);
    if (!ready)
        nb_json_member_str(&w, "reason", reason);
    nb_json_key(&w, NB_STR("versions"));
    nb_json_begin_array(&w);
    for (size_t i = 0; i < endpoint->deployments.count; i++) {
        const nb_deployment *d = &endpoint->deployments.at[i];
        if (!nb_front_version(front, d->version) && d->weight == 0)
            continue;
        nb_json_begin_object(&w);
        nb_json_member_int(&w, "version", d->version);
        nb_json_member_int(&w, "weight", d->shadow ? 0 : d->weight);
        nb_json_member_str(&w, "state", state_of(front, d->version));
        nb_json_end_object(&w);
    }
    nb_json_end_array(&w);
    nb_json_member_str(&w, "predict", NB_STR("/predict"));
    nb_json_member_str(&w, "openapi", NB_STR("/openapi.json"));
    nb_json_member_str(&w, "docs", NB_STR("/docs"));
    nb_json_end_object(&w);
    answer(request, NB_STR("application/json"), nb_buf_view(&out));
}

void nb_pages_tell_about(const nb_front *front, nb_http_request *request)
{
    if (nb_str_contains(nb_http_field(request, "Accept"), NB_STR("text/html")))
        tell_page(front, request, "index.html");
    else
        tell_json(front, request);
}

void nb_pages_tell_docs(const nb_front *front, nb_http_request *request)
{
    tell_page(front, request, "docs.html");
}

static const struct {
    nb_str path;
    const char *file, *type;
} files[] = {
    {NB_STR_ROW("/docs/page.css"), "page.css", "text/css; charset=utf-8"       },
    {NB_STR_ROW("/docs/page.js"),  "page.js",  "text/javascript; charset=utf-8"},
};

bool nb_pages_has_file(nb_str path)
{
    for (size_t i = 0; i < NB_LEN(files); i++)
        if (nb_str_eq(path, files[i].path))
            return true;
    return false;
}

void nb_pages_tell_file(const nb_front *front, nb_http_request *request)
{
    nb_str text = NB_STR("");
    (void)front;
    for (size_t i = 0; i < NB_LEN(files); i++)
        if (nb_str_eq(nb_http_path(request), files[i].path) &&
            find_partial(NULL, nb_str_from(files[i].file), &text))
            answer(request, nb_str_from(files[i].type), text);
}
