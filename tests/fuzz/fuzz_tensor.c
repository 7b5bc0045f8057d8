/* What a client sends as tensors and what a model's script answers, whatever they are. A request that is read has as many elements as its shapes say;
 * the model's rows are JSON with just these elements, in their own digits. An answer becomes outputs that are JSON, whose elements are as many as their
 * shapes say; read back as a request's inputs, as JSON and as bytes, they are the same again. */
#include "serve/contract/signature.h"
#include "serve/contract/tensor.h"
#include "text/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

/* The leaves of a value, in order, each with a blank behind it. */
static void put_leaves(const nb_json *value, nb_buf *out)
{
    if (value->kind == NB_JSON_ARRAY || value->kind == NB_JSON_OBJECT) {
        for (const nb_json *item = value->child; item; item = item->next)
            put_leaves(item, out);
        return;
    }
    nb_buf_putc(out, (char)('0' + value->kind));
    nb_buf_put(out, value->text);
    nb_buf_putc(out, ' ');
}

static const nb_json *parse(nb_arena *arena, nb_str text)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    const nb_json *value = NULL;
    check(nb_json_parse(arena, text, NB_STR(""), NB_JSON_NAN, &value, &err) == NB_OK);
    return value;
}

static size_t count_leaves(const nb_json *value)
{
    size_t count = 0;
    if (value->kind != NB_JSON_ARRAY)
        return 1;
    for (const nb_json *item = value->child; item; item = item->next)
        count += count_leaves(item);
    return count;
}

static size_t product(const nb_tensor *tensor)
{
    size_t count = 1;
    for (unsigned i = 0; i < tensor->rank; i++)
        count *= tensor->shape[i];
    return count;
}

/* One input: all its elements in their order, as they were written. */
static void check_single(nb_arena *arena, const nb_tensor_request *request, const nb_json *rows)
{
    NB_AUTO(nb_buf) before = NB_BUF_INIT(NB_BUF_TEXT);
    NB_AUTO(nb_buf) after = NB_BUF_INIT(NB_BUF_TEXT);
    const nb_tensor *input = &request->inputs[0];
    const nb_json *instances = nb_json_get(rows, "instances");
    check(instances != NULL && instances->count == input->shape[0]);
    check(count_leaves(instances) == input->count);
    if (input->binary)
        return;
    put_leaves(parse(arena, input->data), &before);
    put_leaves(instances, &after);
    check(nb_str_eq(nb_buf_view(&before), nb_buf_view(&after)));
}

static void check_columns(const nb_tensor_request *request, const nb_json *rows)
{
    const nb_json *table = nb_json_get(rows, "dataframe_split");
    size_t elements = 0;
    for (size_t i = 0; i < request->input_count; i++)
        elements += request->inputs[i].count;
    check(nb_json_get(table, "columns")->count == request->input_count);
    check(nb_json_get(table, "data")->count == request->inputs[0].shape[0]);
    check(count_leaves(nb_json_get(table, "data")) == elements);
}

static void check_request(nb_str body, size_t head)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    nb_tensor_request request;
    if (nb_tensor_read(&arena, body, head, &request, &err) != NB_OK) {
        check(nb_error_message(&err, 0) != NULL);
        return;
    }
    check(request.input_count > 0);
    for (size_t i = 0; i < request.input_count; i++)
        check(product(&request.inputs[i]) == request.inputs[i].count);
    nb_tensor_write_rows(&request, false, &out);
    const nb_json *rows = parse(&arena, nb_buf_view(&out));
    if (request.input_count == 1)
        check_single(&arena, &request, rows);
    else
        check_columns(&request, rows);
    nb_buf_clear(&out);
    nb_tensor_write_rows(&request, true, &out);
    (void)parse(&arena, nb_buf_view(&out));
}

/* The outputs of a reply as inputs of a request, each alone: other names and first dimensions are no matter then. */
static void check_output(nb_arena *arena, const nb_tensor *output, bool binary, nb_str *digits)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    NB_AUTO(nb_buf) reply = NB_BUF_INIT(NB_BUF_TEXT);
    NB_AUTO(nb_buf) body = NB_BUF_INIT(NB_BUF_TEXT);
    NB_AUTO(nb_buf) rows = NB_BUF_INIT(NB_BUF_TEXT);
    NB_AUTO(nb_buf) leaves = NB_BUF_INIT(NB_BUF_TEXT);
    nb_tensor only = *output;
    nb_tensor_request wishes = {.binary = binary}, request;
    nb_tensor_reply it = {
        NB_STR("m"), NB_STR("1"), NB_STR("i"), {&only, 1},
           &wishes
    };
    size_t head = 0;
    only.name = NB_STR("x");
    check(nb_tensor_write_reply(arena, &it, &reply, &head, &err) == NB_OK);
    nb_str json = nb_str_slice(nb_buf_view(&reply), 0, head);
    ptrdiff_t list = nb_str_find(json, NB_STR("\"outputs\": "));
    check(list > 0);
    nb_buf_putz(&body, "{\"inputs\": ");
    nb_buf_put(&body, nb_str_from_at(json, (size_t)list + 11));
    size_t length = body.len;
    nb_buf_put(&body, nb_str_from_at(nb_buf_view(&reply), head));
    nb_code code = nb_tensor_read(arena, nb_buf_view(&body), length, &request, &err);
    if (code != NB_OK) { /* rows of nothing, and lone surrogates of a text, are no inputs */
        check(output->count == 0 || output->datatype == NB_BYTES);
        return;
    }
    check(request.inputs[0].count == output->count && request.inputs[0].rank == output->rank);
    nb_tensor_write_rows(&request, false, &rows);
    put_leaves(parse(arena, nb_buf_view(&rows)), &leaves);
    *digits = nb_arena_str(arena, nb_buf_view(&leaves));
}

static void check_answer(nb_str answer)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_tensors outputs = {0};
    nb_signature signature;
    nb_tensor_take_answer(&arena, answer, &outputs);
    check(outputs.count > 0);
    for (size_t i = 0; i < outputs.count; i++) {
        const nb_tensor *output = &outputs.at[i];
        nb_str as_json = {0}, as_bytes = {0};
        check(product(output) == output->count);
        check(count_leaves(parse(&arena, output->data)) == output->count);
        check_output(&arena, output, false, &as_json);
        check_output(&arena, output, true, &as_bytes);
        bool exact = output->datatype != NB_FP64 && output->datatype != NB_BYTES;
        check(!exact || nb_str_eq(as_json, as_bytes));
    }
    nb_signature_read(&arena, answer, &signature);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    nb_str text = {(const char *)data, size};
    if (size < 2)
        return 0;
    if (data[0] == 'a') {
        check_answer(nb_str_from_at(text, 1));
    } else if (data[0] == 'b') { /* JSON up to a NUL, bytes behind it */
        ptrdiff_t end = nb_str_find_char(text, '\0');
        nb_str body = nb_str_from_at(text, 1);
        check_request(body, end < 1 ? body.len : (size_t)end - 1);
    } else {
        check_request(text, size);
    }
    return 0;
}
