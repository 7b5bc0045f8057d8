/* What a model answers and what clients send as a media type, whatever it is: predictions are JSON by RFC 8259 or an error, they are a member of the
 * whole where there is one, and translating them again changes nothing. */
#include "serve/contract/media.h"
#include "serve/contract/predictions.h"
#include "text/json.h"

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void check_json(nb_str text)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_json_reader r;
    nb_json_open(&r, text, NB_STR("predictions"), NB_JSON_STRICT | NB_JSON_STRICT_SKIP);
    nb_json_skip(&r, NULL);
    check(nb_json_close(&r, &err) == NB_OK);
}

static void check_again(const nb_predictions *first)
{
    NB_AUTO(nb_buf) wrapped = NB_BUF_INIT(NB_BUF_TEXT);
    NB_AUTO(nb_buf) made = NB_BUF_INIT(NB_BUF_TEXT);
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_predictions again;
    nb_buf_putz(&wrapped, "{\"predictions\": ");
    nb_buf_put(&wrapped, first->value);
    nb_buf_putz(&wrapped, "}");
    check(nb_predictions_find(NB_STR("application/json"), nb_buf_view(&wrapped), &made, &again,
                              &err) == NB_OK);
    check(made.len == 0 && nb_str_eq(again.value, first->value) && again.whole.len == wrapped.len);
    check(again.is_list == first->is_list);
    (void)nb_predictions_count(first->value);
}

static void check_type(nb_str type)
{
    nb_str rest = type, name, value;
    for (size_t count = 0; nb_media_parameter(&rest, &name, &value); count++)
        check(count < type.len && name.len + value.len < type.len);
    (void)nb_media_is(type, "application/json");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const types[] = {"application/json", "text/csv", "text/plain", "image/png"};
    NB_AUTO(nb_buf) made = NB_BUF_INIT(NB_BUF_TEXT);
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_str bytes = {(const char *)data, size}, body = nb_str_from_at(bytes, 1);
    nb_predictions out;
    if (size == 0)
        return 0;
    check_type(bytes);
    if (nb_predictions_find(nb_str_from(types[data[0] % NB_LEN(types)]), body, &made, &out, &err) !=
        NB_OK)
        return 0;
    check_json(out.value);
    check(out.whole.len == 0 || nb_str_contains(out.whole, out.value));
    if (out.whole.len > 0)
        check_json(out.whole);
    check_again(&out);
    return 0;
}
