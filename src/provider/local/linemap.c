#include "provider/local/linemap.h"

#include "base/fs.h"
#include "base/path.h"
#include "base/vec.h"
#include "text/hash.h"
#include "text/json.h"

enum { MAP_LIMIT = 64 * 1024 * 1024, SCRIPT_LIMIT = 64 * 1024 * 1024 };

static int64_t number_at(const nb_json *list, size_t index)
{
    const nb_json *item = list->child;
    int64_t value = 0;
    while (item && index-- > 0)
        item = item->next;
    if (item && item->kind == NB_JSON_NUMBER)
        (void)nb_str_to_int(item->text, &value);
    return value;
}

static void read_ranges(nb_arena *arena, const nb_json *lines, nb_map_file *file)
{
    NB_VEC(nb_map_range) ranges = {0};
    for (const nb_json *row = lines ? lines->child : NULL; row; row = row->next)
        nb_vec_push(arena, &ranges,
                    (nb_map_range){number_at(row, 0), number_at(row, 1), number_at(row, 2),
                                   number_at(row, 3)});
    file->ranges = ranges.at;
    file->count = ranges.count;
}

/* A file that is gone or cannot be read has no lines to tell either. */
static bool is_unchanged(nb_arena *arena, nb_str folder, const nb_json *file)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT;
    nb_str text, path = nb_path_join(arena, folder, file->key);
    return nb_file_read(arena, path.at, SCRIPT_LIMIT, &text, &ignored) == NB_OK &&
           nb_str_eq(nb_sha256_hex(arena, text), nb_json_get_str(file, "sha256"));
}

nb_code nb_line_map_load(nb_arena *arena, nb_str code_dir, nb_line_map *out, nb_error *err)
{
    nb_str text, path = nb_path_join(arena, code_dir, NB_STR(".notebooked-map.json"));
    nb_line_map map = {.folder = nb_arena_str(arena, code_dir)};
    const nb_json *root;
    if (!nb_path_exists(path.at)) {
        *out = map;
        return NB_OK;
    }
    if (nb_file_read(arena, path.at, MAP_LIMIT, &text, err) != NB_OK ||
        nb_json_parse(arena, text, path, NB_JSON_STRICT, &root, err) != NB_OK)
        return nb_wrap(err, "cannot use the line map of the generated files");
    NB_VEC(nb_map_file) files = {0};
    const nb_json *list = nb_json_get(root, "files");
    for (const nb_json *file = list ? list->child : NULL; file; file = file->next) {
        nb_map_file row = {.name = file->key};
        if (!is_unchanged(arena, code_dir, file))
            continue;
        read_ranges(arena, nb_json_get(file, "lines"), &row);
        nb_vec_push(arena, &files, row);
    }
    map.notebook = nb_json_get_str(root, "notebook");
    map.files = files.at;
    map.count = files.count;
    *out = map;
    return NB_OK;
}

bool nb_line_map_find(const nb_line_map *map, nb_str path, int64_t line, nb_cell_place *out)
{
    if (!nb_str_eq(nb_path_dir(path), map->folder))
        return false;
    nb_str name = nb_path_base(path);
    for (size_t i = 0; i < map->count; i++) {
        const nb_map_file *file = &map->files[i];
        if (!nb_str_eq(file->name, name))
            continue;
        for (size_t r = 0; r < file->count; r++) {
            int64_t offset = line - file->ranges[r].line;
            if (offset < 0 || offset >= file->ranges[r].count)
                continue;
            *out = (nb_cell_place){file->ranges[r].cell, file->ranges[r].cell_line + offset};
            return true;
        }
    }
    return false;
}
