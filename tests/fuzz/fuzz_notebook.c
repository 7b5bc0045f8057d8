/* A notebook is refused with a message, or: cells are numbered from 1 without gaps, sources and tags are UTF-8, findings are in cells that
 * exist, and reading it again gives the same hash. */
#include "notebook/tags.h"
#include "text/utf8.h"

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void check_cell(const nb_notebook *notebook, const nb_cell *cell)
{
    check(nb_utf8_valid(cell->source) == cell->source.len);
    check(nb_utf8_valid(cell->id) == cell->id.len);
    for (size_t i = 0; i < cell->tag_count; i++)
        check(nb_utf8_valid(cell->tags[i]) == cell->tags[i].len);
    nb_spot spot = nb_cell_spot_at(notebook, cell, cell->source.len, 1);
    check(spot.line > 0 && spot.column > 0);
}

static nb_str hash_of(nb_arena *arena, nb_str bytes, bool look)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_diags diags = {.arena = arena};
    nb_map seen = NB_MAP_INIT;
    const nb_tags tags = {NULL, 0};
    const nb_notebook *notebook = NULL;
    if (nb_notebook_parse(arena, bytes, NB_STR("fuzz.ipynb"), &diags, &notebook, &err) != NB_OK) {
        check(nb_error_message(&err, 0) != NULL && notebook == NULL);
        return NB_STR("");
    }
    for (size_t i = 0; look && i < notebook->cell_count; i++) {
        check(notebook->cells[i].number == i + 1);
        check_cell(notebook, &notebook->cells[i]);
        (void)nb_tags_sections(&tags, notebook, &notebook->cells[i], &seen, &diags);
    }
    for (size_t i = 0; look && i < diags.list.count; i++)
        check(nb_utf8_valid(diags.list.at[i].message) == diags.list.at[i].message.len);
    return notebook->sha256;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_str bytes = {(const char *)data, size};
    check(nb_str_eq(hash_of(&arena, bytes, true), hash_of(&arena, bytes, false)));
    return 0;
}
