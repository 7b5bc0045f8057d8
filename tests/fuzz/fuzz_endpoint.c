/* Whatever endpoint.json is taken survives a round: written and read again it says the same. */
#include "endpoint/endpoint.h"

#include <stdlib.h>

static void check(bool holds)
{
    if (!holds)
        abort();
}

static bool parse(nb_arena *arena, nb_str text, nb_endpoint *out)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    if (nb_endpoint_new(arena, NB_STR("/p"), NB_STR("e"), out, &err) != NB_OK)
        abort();
    nb_code code = nb_endpoint_parse(arena, text, NB_STR("endpoint.json"), out, &err);
    check(code == NB_OK || code == NB_ERR_CONFIG);
    return code == NB_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_buf) first = NB_BUF_INIT(NB_BUF_TEXT);
    NB_AUTO(nb_buf) second = NB_BUF_INIT(NB_BUF_TEXT);
    nb_endpoint endpoint, again;
    if (!parse(&arena, (nb_str){(const char *)data, size}, &endpoint))
        return 0;
    nb_endpoint_print(&arena, &endpoint, &first);
    check(parse(&arena, nb_buf_view(&first), &again));
    nb_endpoint_print(&arena, &again, &second);
    check(nb_str_eq(nb_buf_view(&first), nb_buf_view(&second)));
    check(endpoint.history.count <= 100);
    return 0;
}
