#include "provider/values.h"

#include "base/fs.h"

enum { VALUES_LIMIT = 16 * 1024 * 1024 };

static bool is_finite(nb_str number)
{
    return number.len > 0 &&
           (nb_is_digit(number.at[number.len - 1]) || number.at[number.len - 1] == '.');
}

void nb_values_put(nb_json_writer *w, const nb_json *value, bool strict)
{
    const nb_json *item = value->child;
    switch (value->kind) {
    case NB_JSON_STRING: nb_json_put_str(w, value->text); break;
    case NB_JSON_ARRAY:
        nb_json_begin_array(w);
        for (; item; item = item->next)
            nb_values_put(w, item, strict);
        nb_json_end_array(w);
        break;
    case NB_JSON_OBJECT:
        nb_json_begin_object(w);
        for (; item; item = item->next) {
            nb_json_key(w, item->key);
            nb_values_put(w, item, strict);
        }
        nb_json_end_object(w);
        break;
    case NB_JSON_NUMBER:
        if (strict && !is_finite(value->text))
            nb_json_put_str(w, value->text);
        else
            nb_json_put_raw(w, value->text);
        break;
    case NB_JSON_TRUE:
    case NB_JSON_FALSE: nb_json_put_raw(w, value->text); break;
    case NB_JSON_NULL:
    case NB_JSON_END: nb_json_put_null(w); break;
    }
}

nb_str nb_values_compact(nb_arena *arena, const nb_json *value)
{
    NB_AUTO(nb_buf) buf = NB_BUF_INIT(NB_BUF_TEXT);
    nb_json_writer w = NB_JSON_WRITER(&buf, 0);
    nb_values_put(&w, value, false);
    return nb_arena_str(arena, nb_buf_view(&buf));
}

nb_code nb_values_read(nb_arena *arena, const char *path, nb_str *out, nb_error *err)
{
    nb_str text;
    const nb_json *root;
    if (!nb_path_exists(path)) {
        *out = NB_STR("");
        return NB_OK;
    }
    if (nb_file_read(arena, path, VALUES_LIMIT, &text, err) != NB_OK ||
        nb_json_parse(arena, text, nb_str_from(path), NB_JSON_NAN | NB_JSON_SURROGATES, &root,
                      err) != NB_OK)
        return err->code;
    if (root->kind != NB_JSON_OBJECT)
        return nb_fail(err, NB_ERR_CONFIG, "'%s' holds no JSON object", path);
    *out = nb_values_compact(arena, root);
    return NB_OK;
}
