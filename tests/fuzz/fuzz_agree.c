/* Comparing two answers is the same both ways, and an answer agrees with itself; white space around it changes nothing. */
#include "serve/front/agree.h"

#include "base/buf.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    nb_str all = {(const char *)data, size};
    size_t half = size / 2;
    nb_str a = nb_str_slice(all, 0, half), b = nb_str_from_at(all, half);
    NB_AUTO(nb_buf) wide = NB_BUF_INIT(1 << 20);
    if (size > 1 << 16)
        return 0;
    if (!nb_agrees(a, a) || nb_agrees(a, b) != nb_agrees(b, a))
        abort();
    nb_buf_printf(&wide, " \n" NB_STR_FMT, NB_STR_ARG(a));
    if (memchr(a.at ? a.at : "", '\0', a.len) == NULL && !nb_agrees(a, nb_buf_view(&wide)))
        abort();
    return 0;
}
