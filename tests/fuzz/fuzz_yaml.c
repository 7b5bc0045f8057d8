/* Any bytes: a tree whose nodes have places inside of the text, unique keys and true counts, and whose JSON is JSON; or an error with
 * a message and a place. */
#include "base/map.h"
#include "text/json.h"
#include "text/yaml.h"

static void check_node(nb_arena *arena, const nb_yaml *node, unsigned depth)
{
    size_t count = 0;
    nb_map keys = NB_MAP_INIT;
    if (depth > NB_YAML_MAX_DEPTH + 1 || node->line == 0 || node->column == 0)
        abort();
    for (const nb_yaml *child = node->child; child; child = child->next, count++) {
        if (node->kind == NB_YAML_MAP && !nb_set_add(arena, &keys, child->key))
            abort();
        check_node(arena, child, depth + 1);
    }
    if (count != node->count || (count > 0 && node->kind < NB_YAML_LIST))
        abort();
}

static void check_json(nb_arena *arena, const nb_yaml *root)
{
    NB_AUTO(nb_buf) buf = NB_BUF_INIT(NB_BUF_TEXT);
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_json_writer w = NB_JSON_WRITER(&buf, 0);
    const nb_json *read;
    nb_yaml_write_json(arena, &w, root);
    if (nb_json_parse(arena, nb_buf_view(&buf), NB_STR("out"), NB_JSON_NAN, &read, &err) != NB_OK)
        abort();
}

/* libfyaml 0.7.12 loses a buffer on some long quoted scalars; that is not ours to mend. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libfyaml.so";
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    const nb_yaml *root = NULL;
    const nb_str text = {(const char *)data, size};
    if (nb_yaml_parse(&arena, text, NB_STR("f"), &root, &err) == NB_OK) {
        check_node(&arena, root, 0);
        check_json(&arena, root);
    } else if (!nb_error_message(&err, 0) || !err.path || err.line == 0) {
        abort();
    }
    return 0;
}
