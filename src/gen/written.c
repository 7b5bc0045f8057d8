#include "gen/written.h"

#include "base/path.h"

static nb_local_file *find(nb_written *written, nb_str name)
{
    for (size_t i = 0; i < written->kept.list.count; i++)
        if (nb_str_eq(written->kept.list.at[i].name, name))
            return &written->kept.list.at[i];
    return NULL;
}

static void keep(nb_arena *arena, nb_written *written, const nb_written_file *file, nb_str folder)
{
    nb_local_file *there = find(written, file->path);
    if (there) {
        there->text = file->append ? nb_str_concat(arena, there->text, file->text) : file->text;
        return;
    }
    nb_local_file row = {.name = file->path,
                         .disk = nb_path_clean(arena, nb_path_join(arena, folder, file->path)),
                         .text = file->text};
    nb_vec_push(arena, &written->kept.list, row);
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
                keep(source->arena, &written, file, folder);
            else
                nb_vec_push(source->arena, &written.lost, file->path);
        }
    }
    return written;
}
