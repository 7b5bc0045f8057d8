/* Any bytes as Python: a tree whose nodes nest and follow each other inside the text, errors in order of place with a message; and each
 * statement of a text without errors is, by itself, a text without errors that holds one statement of that kind. The first byte
 * chooses the version. */
#include "py/syntax.h"

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void check_node(const nb_py_tree *tree, const nb_py_node *node)
{
    require(node->start <= node->end && node->end <= tree->text.len && node->line > 0);
    require(node->kind < NB_PY_KIND_COUNT && (node->child == NULL) == (node->last == NULL));
    uint32_t from = node->start;
    for (const nb_py_node *child = node->child; child; child = child->next) {
        require(child->parent == node && child->height < node->height);
        require(child->start >= from && child->end <= node->end && child->line >= node->line);
        require((child->next == NULL) == (child == node->last));
        from = child->end;
    }
    if (node->kind == NB_PY_NAME || node->kind == NB_PY_PATTERN_CAPTURE) {
        nb_str name = nb_py_text(tree, node);
        require(name.len > 0 && nb_is_name_start(name.at[0]));
        for (size_t i = 0; i < name.len; i++)
            require(nb_is_name(name.at[i]));
    }
}

static void check_lines(const nb_py_tree *tree)
{
    uint32_t at = 0, line = 1;
    for (nb_py_node *node = tree->module; node; node = nb_py_walk(tree->module, node, false)) {
        require(node->start >= at);
        for (; at < node->start; at++)
            line += tree->text.at[at] == '\n';
        require(node->line == line);
    }
}

static void check_lists(const nb_py_tree *tree)
{
    uint32_t at = 0;
    for (size_t i = 0; i < tree->errors.count; i++) {
        const nb_py_error *error = &tree->errors.at[i];
        require(error->start >= at && error->start <= error->end && error->line > 0);
        require(error->end <= tree->text.len && error->message.len > 0);
        at = error->start;
    }
    at = 0;
    for (size_t i = 0; i < tree->comments.count; i++) {
        const nb_py_comment *comment = &tree->comments.at[i];
        require(comment->start >= at && tree->text.at[comment->start] == '#');
        at = comment->end;
    }
}

static void check_statements(nb_arena *arena, const nb_py_tree *tree, const nb_py_options *options)
{
    for (const nb_py_node *node = tree->module->child; node; node = node->next) {
        const nb_py_tree *alone = nb_py_parse(arena, nb_py_text(tree, node), options);
        const nb_py_node *only = alone->module->child;
        require(alone->errors.count == 0 && only && !only->next && only->kind == node->kind);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    if (size == 0)
        return 0;
    nb_py_options options = {.minor = 8 + data[0] % 7, .top_level_await = data[0] & 0x80};
    nb_str text = {(const char *)data + 1, size - 1}, value;
    const nb_py_tree *tree = nb_py_parse(&arena, text, &options);
    for (nb_py_node *node = tree->module; node; node = nb_py_walk(tree->module, node, false)) {
        check_node(tree, node);
        (void)nb_py_dotted(&arena, tree, node);
        (void)nb_py_is_literal(node);
        (void)nb_py_string_value(&arena, tree, node, &value);
    }
    check_lines(tree);
    check_lists(tree);
    if (tree->errors.count == 0)
        check_statements(&arena, tree, &options);
    return 0;
}
