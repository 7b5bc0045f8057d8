/* The inputs of a request as a model's rows. */
#include "serve/contract/tensor_parts.h"
#include "text/json_write.h"

static void put_separator(nb_buf *out, size_t i)
{
    if (i > 0)
        nb_buf_putz(out, ", ");
}

/* What stands at one place of a level and below, nested. */
static void put_level(nb_elements *elements, unsigned level, nb_buf *out)
{
    const nb_tensor *tensor = elements->tensor;
    if (level == tensor->rank) {
        nb_elements_write(elements, out);
        return;
    }
    nb_buf_putc(out, '[');
    for (size_t i = 0; i < tensor->shape[level] && !out->full; i++) {
        put_separator(out, i);
        put_level(elements, level + 1, out);
    }
    nb_buf_putc(out, ']');
}

/* A row's value in a column: what has one element a row is that element. */
static void put_cell(nb_elements *elements, nb_buf *out)
{
    const nb_tensor *tensor = elements->tensor;
    bool single = tensor->shape[0] > 0 && tensor->count == tensor->shape[0];
    put_level(elements, single ? tensor->rank : 1, out);
}

static void put_columns(const nb_tensor_request *request, nb_buf *out)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_elements *columns = NB_NEW_ARRAY(&arena, nb_elements, request->input_count);
    nb_buf_putz(out, "{\"dataframe_split\": {\"columns\": [");
    for (size_t i = 0; i < request->input_count; i++) {
        columns[i] = (nb_elements){&request->inputs[i], 0};
        put_separator(out, i);
        nb_json_quote(out, request->inputs[i].name);
    }
    nb_buf_putz(out, "], \"data\": [");
    for (size_t row = 0; row < request->inputs[0].shape[0] && !out->full; row++) {
        put_separator(out, row);
        nb_buf_putc(out, '[');
        for (size_t i = 0; i < request->input_count; i++) {
            put_separator(out, i);
            put_cell(&columns[i], out);
        }
        nb_buf_putc(out, ']');
    }
    nb_buf_putz(out, "]}}");
}

void nb_tensor_write_rows(const nb_tensor_request *request, bool flat_texts, nb_buf *out)
{
    if (request->input_count > 1) {
        put_columns(request, out);
        return;
    }
    nb_tensor tensor = request->inputs[0];
    if (flat_texts && tensor.datatype == NB_BYTES && tensor.rank == 2 && tensor.shape[1] == 1)
        tensor.rank = 1;
    nb_elements elements = {&tensor, 0};
    nb_buf_putz(out, "{\"instances\": ");
    put_level(&elements, 0, out);
    nb_buf_putc(out, '}');
}
