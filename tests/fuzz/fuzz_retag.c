/* Whatever the file, tags are written or it is refused as the reader refuses it; what comes out reads back with exactly these tags and all else the
 * same (nb_retag_bytes() looks itself and would call it our bug); writing them again changes nothing; and nothing before the first cell or
 * behind the last one moves. The first byte chooses the cells and tags. */
#include "notebook/notebook.h"
#include "notebook/retag.h"

static void check(bool holds)
{
    if (!holds)
        abort();
}

static nb_code retag(nb_arena *arena, nb_str bytes, unsigned choice, size_t cells, nb_str *out)
{
    static const nb_str tags[] = {NB_STR_ROW("train"), NB_STR_ROW("a \"\\\xC3\xA9"),
                                  NB_STR_ROW("hide-input")};
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    NB_VEC(nb_retag) changes = {0};
    for (size_t i = 0; i < cells && i < 100; i++)
        if ((choice >> (i % 4)) & 1)
            nb_vec_push(arena, &changes,
                        (nb_retag){(unsigned)i + 1, tags, (choice / 16 + i) % (NB_LEN(tags) + 1)});
    nb_code code =
        nb_retag_bytes(arena, bytes, NB_STR("fuzz.ipynb"), changes.at, changes.count, out, &err);
    check(code == NB_OK || nb_error_message(&err, 0) != NULL);
    return code;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    const nb_notebook *notebook;
    nb_diags diags = {.arena = &arena};
    nb_str once, twice;
    if (size == 0)
        return 0;
    nb_str bytes = {(const char *)data + 1, size - 1};
    bool readable =
        nb_notebook_parse(&arena, bytes, NB_STR("fuzz.ipynb"), &diags, &notebook, &err) == NB_OK;
    nb_code code = retag(&arena, bytes, data[0], readable ? notebook->cell_count : 0, &once);
    check(code != NB_ERR_INTERNAL && (readable || code != NB_OK));
    if (code != NB_OK)
        return 0;
    check(retag(&arena, once, data[0], notebook->cell_count, &twice) == NB_OK);
    check(nb_str_eq(once, twice));
    return 0;
}
