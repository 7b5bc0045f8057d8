#include "gen/written.h"

#include "base/path.h"

static unsigned count_lines(nb_str text)
{
    unsigned count = 0;
    for (nb_str line; nb_str_line(&text, &line);)
        count++;
    return count;
}

/* The body of one more cell, behind what others wrote or in its place. */
static void add(nb_arena *arena, nb_local_file *kept, nb_linemap *map, const nb_source_cell *cell,
                const nb_written_file *file)
{
    if (!file->append) {
        kept->text = NB_STR("");
        map->ranges.count = 0;
    }
    nb_line_range range = {count_lines(kept->text) + 1, count_lines(file->text), cell->cell->number,
                           file->line};
    if (range.count > 0)
        nb_vec_push(arena, &map->ranges, range);
    kept->text = nb_str_concat(arena, kept->text, file->text);
}

static void keep(nb_arena *arena, nb_written *written, const nb_source_cell *cell,
                 const nb_written_file *file, nb_str folder)
{
    for (size_t i = 0; i < written->kept.list.count; i++)
        if (nb_str_eq(written->kept.list.at[i].name, file->path)) {
            add(arena, &written->kept.list.at[i], &written->maps.at[i], cell, file);
            return;
        }
    nb_local_file row = {.name = file->path,
                         .disk = nb_path_clean(arena, nb_path_join(arena, folder, file->path))};
    nb_linemap map = {0};
    add(arena, &row, &map, cell, file);
    nb_vec_push(arena, &written->kept.list, row);
    nb_vec_push(arena, &written->maps, map);
}

nb_written nb_written_find(const nb_source *source, nb_str folder)
{
    nb_written written = {0};
    for (size_t i = 0; i < source->cell_count; i++) {
        const nb_source_cell *cell = &source->cells[i];
        if (cell->sections & NB_BIT(NB_SECTION_SKIP))
            continue;
        for (size_t k = 0; k < cell->python.written.count; k++) {
            const nb_written_file *file = &cell->python.written.at[k];
            if (file->kept)
                keep(source->arena, &written, cell, file, folder);
            else
                nb_vec_push(source->arena, &written.lost, file->path);
        }
    }
    return written;
}
