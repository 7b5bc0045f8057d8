/* tool_render TEMPLATE < data.json: fills an embedded template in, for tests of what the templates say. */
#include "base/fs.h"
#include "gen/templates.h"
#include "text/json.h"
#include "text/template.h"

enum { LIMIT = 16 * 1024 * 1024 };

static bool find_embedded(void *ctx, nb_str name, nb_str *text)
{
    (void)ctx;
    const nb_embedded *file = nb_embedded_find(&nb_built_in_templates, name);
    if (file)
        *text = file->bytes;
    return file != NULL;
}

static nb_value *value_of(nb_arena *arena, const nb_json *json);

static nb_value *list_of(nb_arena *arena, const nb_json *json)
{
    nb_value *list = nb_value_list(arena);
    for (const nb_json *item = json->child; item; item = item->next)
        nb_value_push(arena, list, value_of(arena, item));
    return list;
}

static nb_value *object_of(nb_arena *arena, const nb_json *json)
{
    nb_value *object = nb_value_object(arena);
    for (const nb_json *item = json->child; item; item = item->next)
        nb_value_set(arena, object, nb_arena_z(arena, item->key), value_of(arena, item));
    return object;
}

static nb_value *value_of(nb_arena *arena, const nb_json *json)
{
    switch (json->kind) {
    case NB_JSON_TRUE:
    case NB_JSON_FALSE: return nb_value_bool(arena, json->kind == NB_JSON_TRUE);
    case NB_JSON_ARRAY: return list_of(arena, json);
    case NB_JSON_OBJECT: return object_of(arena, json);
    case NB_JSON_NUMBER:
    case NB_JSON_STRING: return nb_value_text(arena, json->text);
    case NB_JSON_NULL:
    case NB_JSON_END: break;
    }
    return nb_value_text(arena, (nb_str){0});
}

static nb_code render(nb_arena *arena, nb_str name, nb_buf *out, nb_error *err)
{
    const nb_partials partials = {find_embedded, NULL};
    const nb_template *t;
    const nb_json *json;
    nb_str text, input;
    if (!find_embedded(NULL, name, &text))
        return nb_fail(err, NB_ERR_USAGE, "there is no template '" NB_STR_FMT "'",
                       NB_STR_ARG(name));
    if (nb_file_read(arena, "/dev/stdin", LIMIT, &input, err) != NB_OK ||
        nb_json_parse(arena, input, NB_STR("data"), NB_JSON_STRICT, &json, err) != NB_OK ||
        nb_template_compile(arena, text, name, NULL, &t, err) != NB_OK)
        return err->code;
    return nb_template_render(t, value_of(arena, json), &partials, out, err);
}

int main(int argc, char **argv)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_buf) out = NB_BUF_INIT(LIMIT);
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    if (argc != 2)
        nb_fail(&err, NB_ERR_USAGE, "usage: tool_render TEMPLATE < data.json");
    else
        render(&arena, nb_str_from(argv[1]), &out, &err);
    if (err.code != NB_OK) {
        nb_error_print(&err, stderr);
        return nb_code_exit(err.code);
    }
    fwrite(out.at, 1, out.len, stdout);
    return 0;
}
