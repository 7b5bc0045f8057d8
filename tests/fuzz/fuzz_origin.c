/* Any bytes as a source map: it is read or refused with a message; a map that is read answers for every line, in the cells' own numbers, and the way back
 * from the answer leads to that line again. */
#include "origin/map.h"

static void check_line(const nb_origins *origins, const nb_origin_file *file, int64_t line)
{
    nb_origin o;
    int64_t back = line - 1;
    if (nb_origin_find(origins, file->name, line, (nb_str){0}, &o) != NB_ORIGIN_FOUND ||
        o.file != file)
        return; /* of two files of one name */
    if (o.line < 1 || (o.cell == 0) != (file->source.len > 0 && o.range->cell == 0))
        abort();
    if (!nb_origin_next(file, o.cell, o.line, &back) || back != line)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_origin_map map;
    nb_str text = {(const char *)data, size};
    if (nb_origin_map_read(&arena, text, NB_STR("map.json"), &map, &err) != NB_OK) {
        if (err.code == NB_OK || !nb_error_message(&err, 0))
            abort();
        return 0;
    }
    nb_origins origins = {&map, 1, true};
    map.folder = NB_STR("/p/x");
    for (size_t f = 0; f < map.count; f++)
        for (size_t r = 0; r < map.files[f].count; r++) {
            const nb_origin_range *range = &map.files[f].ranges[r];
            check_line(&origins, &map.files[f], range->line);
            check_line(&origins, &map.files[f], range->line + range->count - 1);
        }
    return 0;
}
