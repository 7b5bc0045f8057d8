/* Whatever parses survives a round: written as inline values in one canonical form it reads again, and gives the same tree. */
#include "base/buf.h"
#include "text/toml.h"
#include "text/utf8.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void put_string(nb_buf *out, nb_str text)
{
    nb_buf_putc(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        if (c < ' ' || c == 0x7f || c == '"' || c == '\\')
            nb_buf_printf(out, "\\u%04X", c);
        else
            nb_buf_putc(out, text.at[i]);
    }
    nb_buf_putc(out, '"');
}

static void put_value(nb_buf *out, const nb_toml *value)
{
    bool table = value->kind == NB_TOML_TABLE;
    if (value->kind == NB_TOML_STRING) {
        put_string(out, value->text);
        return;
    }
    if (!table && value->kind != NB_TOML_ARRAY) {
        nb_buf_put(out, value->text);
        return;
    }
    nb_buf_putc(out, table ? '{' : '[');
    for (const nb_toml *n = value->child; n; n = n->next) {
        if (table) {
            put_string(out, n->key);
            nb_buf_putz(out, " = ");
        }
        put_value(out, n);
        nb_buf_putz(out, n->next ? ", " : "");
    }
    nb_buf_putc(out, table ? '}' : ']');
}

static bool same(const nb_toml *a, const nb_toml *b)
{
    if (a->kind != b->kind || a->count != b->count || !nb_str_eq(a->key, b->key) ||
        !nb_str_eq(a->text, b->text))
        return false;
    const nb_toml *x = a->child, *y = b->child;
    for (; x && y; x = x->next, y = y->next)
        if (!same(x, y))
            return false;
    return !x && !y;
}

/* Every member is found by its name, and lines grow with the places of scalars. */
static void check_tree(nb_arena *arena, const nb_toml *value)
{
    for (const nb_toml *n = value->child; n; n = n->next) {
        if (value->kind == NB_TOML_TABLE && n->key.len == strlen(nb_arena_z(arena, n->key)) &&
            nb_toml_get(value, nb_arena_z(arena, n->key)) != n)
            abort();
        if (n->kind == NB_TOML_STRING && nb_utf8_valid(n->text) != n->text.len)
            abort();
        check_tree(arena, n);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    nb_str text = nb_arena_str(&arena, (nb_str){(const char *)data, size});
    const nb_toml *once, *again;
    if (nb_toml_parse(&arena, text, NB_STR("fuzz"), &once, &err) != NB_OK) {
        if (err.line == 0 || err.column == 0)
            abort();
        return 0;
    }
    check_tree(&arena, once);
    for (const nb_toml *n = once->child; n; n = n->next) {
        put_string(&out, n->key);
        nb_buf_putz(&out, " = ");
        put_value(&out, n);
        nb_buf_putc(&out, '\n');
    }
    if (nb_toml_parse(&arena, nb_buf_view(&out), NB_STR("fuzz"), &again, &err) != NB_OK ||
        !same(once, again))
        abort();
    return 0;
}
