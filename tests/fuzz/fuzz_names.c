/* Any bytes as Python: every use of a name is a name, at a node of the tree; a bound name stands in the text; the statements one
 * by one use what the module uses as a whole. */
#include "py/facts.h"
#include "py/names.h"

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void check_use(const nb_py_tree *tree, const nb_use *use)
{
    require(use->name.len > 0 && nb_is_name_start(use->name.at[0]));
    require(use->node && use->node->end <= tree->text.len && use->kind <= NB_USE_DELETE);
    bool mangled = use->name.at[0] == '_';
    bool in_string = use->node->kind == NB_PY_STRING;
    if (!mangled && !in_string)
        require(nb_str_contains(nb_py_text(tree, use->node), use->name));
    if (use->guarded)
        require(use->kind == NB_USE_READ || use->kind == NB_USE_READ_LATER);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    const nb_py_options options = {.minor = 14, .top_level_await = true};
    const nb_py_tree *tree = nb_py_parse(&arena, (nb_str){(const char *)data, size}, &options);
    bool future = nb_py_future_annotations(tree);
    nb_uses whole = nb_py_uses(&arena, tree, tree->module, future);
    size_t at = 0;
    for (const nb_py_node *node = tree->module->child; node; node = node->next) {
        nb_uses part = nb_py_uses(&arena, tree, node, future);
        for (size_t i = 0; i < part.list.count; i++, at++) {
            require(at < whole.list.count && part.list.at[i].node == whole.list.at[at].node);
            require(part.list.at[i].kind == whole.list.at[at].kind);
            check_use(tree, &part.list.at[i]);
        }
        (void)nb_py_main_guard(&arena, tree, node);
    }
    require(at == whole.list.count);
    return 0;
}
