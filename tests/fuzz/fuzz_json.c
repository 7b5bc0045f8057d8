/* Whatever parses survives a round: parse, write, parse gives the same tree. Strict skipping and reading agree, and the raw
 * text of every element that was skipped is a document itself. */
#include "base/vec.h"
#include "text/json.h"
#include "text/json_write.h"

static void check(bool holds)
{
    if (!holds)
        abort();
}

static nb_code parse(nb_arena *arena, nb_str text, const nb_json **out)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT;
    return nb_json_parse(arena, text, NB_STR("fuzz"), NB_JSON_NOTEBOOK, out, &ignored);
}

/* Depth-first without recursion: the element after `node`; what is left on the way goes to `leave`. */
static void write_tree(nb_arena *arena, const nb_json *root, nb_json_writer *w)
{
    NB_VEC(const nb_json *) open = {0};
    for (const nb_json *node = root; node || open.count > 0;) {
        if (!node) {
            const nb_json *parent = open.at[--open.count];
            (parent->kind == NB_JSON_OBJECT ? nb_json_end_object : nb_json_end_array)(w);
            node = parent->next;
            continue;
        }
        if (open.count > 0 && open.at[open.count - 1]->kind == NB_JSON_OBJECT)
            nb_json_key(w, node->key);
        if (node->kind == NB_JSON_OBJECT || node->kind == NB_JSON_ARRAY) {
            (node->kind == NB_JSON_OBJECT ? nb_json_begin_object : nb_json_begin_array)(w);
            nb_vec_push(arena, &open, node);
            node = node->child;
            continue;
        }
        if (node->kind == NB_JSON_STRING)
            nb_json_put_str(w, node->text);
        else
            nb_json_put_raw(w, node->text);
        node = node->next;
    }
}

static void check_same(nb_arena *arena, const nb_json *a, const nb_json *b)
{
    NB_VEC(const nb_json *) todo = {0};
    nb_vec_push(arena, &todo, a);
    nb_vec_push(arena, &todo, b);
    while (todo.count > 0) {
        b = todo.at[--todo.count];
        a = todo.at[--todo.count];
        check(!a == !b);
        if (!a || !b)
            continue;
        check(a->kind == b->kind && a->count == b->count && nb_str_eq(a->text, b->text) &&
              nb_str_eq(a->key, b->key));
        nb_vec_push(arena, &todo, a->next);
        nb_vec_push(arena, &todo, b->next);
        nb_vec_push(arena, &todo, a->child);
        nb_vec_push(arena, &todo, b->child);
    }
}

static void check_round(nb_arena *arena, const nb_json *root, unsigned indent)
{
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    nb_json_writer w = NB_JSON_WRITER(&out, indent);
    const nb_json *again = NULL;
    write_tree(arena, root, &w);
    check(parse(arena, nb_buf_view(&out), &again) == NB_OK);
    check_same(arena, root, again);
}

static void check_raw_elements(nb_arena *arena, nb_str text)
{
    nb_json_reader r;
    nb_str raw;
    const nb_json *element;
    nb_json_open(&r, text, NB_STR("fuzz"), NB_JSON_NOTEBOOK | NB_JSON_STRICT_SKIP);
    if (nb_json_peek(&r) != NB_JSON_ARRAY || !nb_json_enter(&r, NB_JSON_ARRAY))
        return;
    while (nb_json_next(&r)) {
        nb_json_skip(&r, &raw);
        check(r.bad || parse(arena, raw, &element) == NB_OK);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT;
    nb_str text = {(const char *)data, size};
    const nb_json *root = NULL;
    bool good = parse(&arena, text, &root) == NB_OK;
    nb_json_reader r;
    nb_json_open(&r, text, NB_STR("fuzz"), NB_JSON_NOTEBOOK | NB_JSON_STRICT_SKIP);
    nb_json_skip(&r, NULL);
    check((nb_json_close(&r, &ignored) == NB_OK) == good);
    check_raw_elements(&arena, text);
    if (good) {
        check_round(&arena, root, 0);
        check_round(&arena, root, 2);
    }
    return 0;
}
