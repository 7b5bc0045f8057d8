/* Any text either compiles and renders, or is refused with a place; text without tags renders to itself. */
#include "text/template.h"

static bool find_partial(void *ctx, nb_str name, nb_str *text)
{
    const nb_str *whole = ctx;
    if (nb_str_eqz(name, "p"))
        *text = *whole; /* the template itself: recursion in all its shapes */
    else if (nb_str_eqz(name, "q"))
        *text = NB_STR("1\n  <%$b%>\n    2\n  <%/b%>\n<%x%>\n");
    else
        return false;
    return true;
}

static const nb_value *data_for(nb_arena *arena)
{
    nb_value *data = nb_value_object(arena), *list = nb_value_list(arena);
    nb_value *item = nb_value_object(arena);
    nb_value_set_text(arena, item, "x", NB_STR("\"\"\"\n'\\"));
    nb_value_push(arena, list, item);
    nb_value_push(arena, list, nb_value_text(arena, NB_STR("y")));
    nb_value_set(arena, data, "l", list);
    nb_value_set(arena, data, "o", item);
    nb_value_set_bool(arena, data, "t", true);
    nb_value_set_text(arena, data, "x", NB_STR("1\n2"));
    return data;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_buf) out = NB_BUF_INIT(1 << 16);
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_str text = {(const char *)bytes, size};
    const nb_partials partials = {find_partial, &text};
    const nb_template_options options = {.lenient = size % 2 == 0, .html = size % 3 == 0};
    const nb_template *t;
    nb_code code = nb_template_compile(&arena, text, NB_STR("fuzz"), &options, &t, &err);
    if (code == NB_OK)
        code = nb_template_render(t, data_for(&arena), &partials, &out, &err);
    if (code != NB_OK && (code != NB_ERR_CONFIG || nb_error_message(&err, 0) == NULL))
        abort();
    if (size < out.limit && !nb_str_contains(text, NB_STR("<%")) &&
        !nb_str_eq(nb_buf_view(&out), text))
        abort();
    return 0;
}
