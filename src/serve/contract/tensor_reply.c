/* Outputs as an answer: JSON, with the bytes of binary outputs behind it. */
#include "serve/contract/tensor_parts.h"

/* An output that is sent, and how. */
typedef struct sent {
    const nb_tensor *tensor;
    bool binary;
} sent;

static const nb_tensor *find(const nb_tensors *outputs, nb_str name)
{
    for (size_t i = 0; i < outputs->count; i++)
        if (nb_str_eq(outputs->at[i].name, name))
            return &outputs->at[i];
    return NULL;
}

static void refuse(const nb_tensors *outputs, nb_str name, nb_error *err)
{
    NB_AUTO(nb_buf) names = NB_BUF_INIT(1000);
    for (size_t i = 0; i < outputs->count; i++) {
        nb_buf_putz(&names, i > 0 ? ", " : "");
        nb_buf_put(&names, outputs->at[i].name);
    }
    nb_str text = nb_buf_view(&names);
    (void)nb_fail(err, NB_ERR_NOT_FOUND,
                  "there is no output '" NB_STR_FMT "'; this model has: " NB_STR_FMT,
                  NB_STR_ARG(nb_str_slice(name, 0, 200)), NB_STR_ARG(text));
}

static nb_code choose(nb_arena *arena, const nb_tensor_reply *reply, sent **out, size_t *count,
                      nb_error *err)
{
    const nb_tensor_request *request = reply->request;
    bool all = request->wish_count == 0;
    *count = all ? reply->outputs.count : request->wish_count;
    *out = NB_NEW_ARRAY(arena, sent, *count);
    for (size_t i = 0; all && i < *count; i++)
        (*out)[i] = (sent){&reply->outputs.at[i], request->binary};
    for (size_t i = 0; !all && i < *count; i++) {
        const nb_tensor *tensor = find(&reply->outputs, request->wishes[i].name);
        if (!tensor) {
            refuse(&reply->outputs, request->wishes[i].name, err);
            return NB_ERR_NOT_FOUND;
        }
        (*out)[i] = (sent){tensor, request->wishes[i].binary};
    }
    return NB_OK;
}

void nb_tensor_put_head(nb_json_writer *w, const nb_tensor *tensor, nb_str name)
{
    nb_json_member_str(w, "name", name);
    nb_json_member_str(w, "datatype", nb_str_from(nb_datatype_name(tensor->datatype)));
    nb_json_key(w, NB_STR("shape"));
    nb_json_begin_array(w);
    for (unsigned i = 0; i < tensor->rank; i++)
        nb_json_put_int(w, (int64_t)tensor->shape[i]);
    nb_json_end_array(w);
}

static void write_output(nb_json_writer *w, const sent *it, nb_buf *bytes)
{
    const nb_tensor *tensor = it->tensor;
    size_t before = bytes->len;
    nb_json_begin_object(w);
    nb_tensor_put_head(w, tensor, tensor->name);
    if (it->binary) {
        nb_tensor_write_bytes(tensor, bytes);
        nb_json_key(w, NB_STR("parameters"));
        nb_json_begin_object(w);
        nb_json_member_int(w, "binary_data_size", (int64_t)(bytes->len - before));
        nb_json_end_object(w);
    } else {
        nb_json_key(w, NB_STR("data"));
        nb_json_put_raw(w, tensor->data);
    }
    nb_json_end_object(w);
}

nb_code nb_tensor_write_reply(nb_arena *arena, const nb_tensor_reply *reply, nb_buf *out,
                              size_t *head, nb_error *err)
{
    NB_AUTO(nb_buf) bytes = NB_BUF_INIT(NB_BUF_TEXT);
    nb_json_writer w = NB_JSON_WRITER(out, 0);
    sent *outputs = NULL;
    size_t count = 0;
    if (choose(arena, reply, &outputs, &count, err) != NB_OK)
        return err->code;
    nb_json_begin_object(&w);
    nb_json_member_str(&w, "model_name", reply->model);
    nb_json_member_str(&w, "model_version", reply->version);
    nb_json_member_str(&w, "id", reply->id);
    nb_json_key(&w, NB_STR("outputs"));
    nb_json_begin_array(&w);
    for (size_t i = 0; i < count; i++)
        write_output(&w, &outputs[i], &bytes);
    nb_json_end_array(&w);
    nb_json_end_object(&w);
    *head = out->len;
    nb_buf_put(out, nb_buf_view(&bytes));
    return NB_OK;
}
