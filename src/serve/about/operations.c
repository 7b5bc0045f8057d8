#include "serve/about/operations.h"

#include "text/json.h"
#include "text/json_write.h"

static const nb_operation operations[] = {
#define NB_OPERATION(contract_, method_, path_, id_, takes_, gives_, summary_) \
    {.contract = &nb_contract_##contract_,                                     \
     .method = (method_),                                                      \
     .path = (path_),                                                          \
     .id = (id_),                                                              \
     .summary = (summary_),                                                    \
     .takes = NB_TAKES_##takes_,                                               \
     .gives = NB_GIVES_##gives_},
#include "serve/about/operations.def"
#undef NB_OPERATION
};

const nb_operation *nb_operations(size_t *count)
{
    *count = NB_LEN(operations);
    return operations;
}

bool nb_operation_is_served(const nb_front *front, const nb_operation *operation)
{
    const nb_contract *only = nb_front_only(front);
    return !only || only == operation->contract;
}

nb_str nb_operation_path(nb_arena *arena, const nb_front *front, const nb_operation *operation)
{
    nb_str path = nb_str_from(operation->path), name = NB_STR("NAME");
    ptrdiff_t at = nb_str_find(path, name);
    if (at < 0)
        return path;
    return nb_arena_printf(arena, "%.*s" NB_STR_FMT "%s", (int)at, path.at,
                           NB_STR_ARG(nb_front_endpoint(front)->name), path.at + at + name.len);
}

/* --- examples ------------------------------------------------------------------------------------------------------ */

void nb_front_signature(nb_arena *arena, const nb_front *front, nb_signature *out)
{
    const nb_version *version = nb_front_main_version(front);
    *out = (nb_signature){0};
    if (version)
        nb_signature_read(arena, nb_version_about(version), out);
}

/* The first two elements of a JSON array, as an array. */
static nb_str first_rows(nb_arena *arena, nb_str rows)
{
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    nb_json_writer w = NB_JSON_WRITER(&out, 0);
    nb_json_reader r;
    nb_str raw = NB_STR("");
    nb_json_open(&r, rows, NB_STR("example"), NB_JSON_NAN);
    if (nb_json_peek(&r) != NB_JSON_ARRAY)
        return rows;
    (void)nb_json_enter(&r, NB_JSON_ARRAY);
    nb_json_begin_array(&w);
    for (int i = 0; i < 2 && nb_json_next(&r); i++) {
        nb_json_skip(&r, &raw);
        nb_json_put_raw(&w, raw);
    }
    nb_json_end_array(&w);
    return nb_arena_str(arena, nb_buf_view(&out));
}

nb_str nb_example_rows(nb_arena *arena, const nb_signature *signature)
{
    if (signature->instances.len == 0)
        return NB_STR("");
    return nb_arena_printf(arena, "{\"instances\": " NB_STR_FMT "}",
                           NB_STR_ARG(first_rows(arena, signature->instances)));
}

static void put_tensor(nb_json_writer *w, const nb_tensor *tensor, bool only)
{
    nb_json_begin_object(w);
    nb_tensor_put_head(w, tensor, only ? NB_STR("input") : tensor->name);
    nb_json_key(w, NB_STR("data"));
    nb_json_put_raw(w, tensor->data);
    nb_json_end_object(w);
}

nb_str nb_example_tensors(nb_arena *arena, const nb_signature *signature)
{
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    nb_json_writer w = NB_JSON_WRITER(&out, 0);
    nb_tensors tensors = {0};
    if (signature->instances.len == 0)
        return NB_STR("");
    nb_tensor_take_answer(arena, first_rows(arena, signature->instances), &tensors);
    nb_json_begin_object(&w);
    nb_json_key(&w, NB_STR("inputs"));
    nb_json_begin_array(&w);
    for (size_t i = 0; i < tensors.count; i++)
        put_tensor(&w, &tensors.at[i], tensors.count == 1 && !signature->named);
    nb_json_end_array(&w);
    nb_json_end_object(&w);
    return nb_arena_str(arena, nb_buf_view(&out));
}
