#include "origin/map.h"

#include "base/fs.h"
#include "base/path.h"
#include "base/vec.h"
#include "text/hash.h"
#include "text/json.h"

enum { MAP_LIMIT = 64 * 1024 * 1024, SCRIPT_LIMIT = 64 * 1024 * 1024 };

/* --- reading ----------------------------------------------------------------------------------------------------------- */

static nb_code damaged(nb_str path, const char *why, nb_error *err)
{
    (void)nb_fail(err, NB_ERR_CONFIG, "the source map '" NB_STR_FMT "' is damaged: %s",
                  NB_STR_ARG(path), why);
    nb_error_hint(err, "write it anew with 'notebooked convert'");
    return err->code;
}

/* Four numbers of a row; false when it is anything else. */
static bool read_row(const nb_json *row, nb_origin_range *out)
{
    int64_t *const fields[] = {&out->line, &out->count, &out->cell, &out->cell_line};
    const nb_json *item = row->child;
    if (row->kind != NB_JSON_ARRAY || row->count != NB_LEN(fields))
        return false;
    for (size_t i = 0; i < NB_LEN(fields); i++, item = item->next)
        if (item->kind != NB_JSON_NUMBER || !nb_str_to_int(item->text, fields[i]) ||
            *fields[i] > INT32_MAX)
            return false;
    return out->line >= 1 && out->count >= 1 && out->cell >= 0 && out->cell_line >= 1;
}

static const char *read_ranges(nb_arena *arena, const nb_json *lines, nb_origin_file *file)
{
    NB_VEC(nb_origin_range) ranges = {0};
    int64_t free_from = 1;
    if (!lines || lines->kind != NB_JSON_ARRAY)
        return "a file has no list 'lines'";
    for (const nb_json *row = lines->child; row; row = row->next) {
        nb_origin_range range;
        if (!read_row(row, &range))
            return "a row of 'lines' is not four numbers from 1 on";
        if (range.line < free_from)
            return "rows of 'lines' do not ascend";
        if (range.cell == 0 && file->source.len == 0)
            return "a row names no cell";
        free_from = range.line + range.count;
        nb_vec_push(arena, &ranges, range);
    }
    file->ranges = ranges.at;
    file->count = ranges.count;
    return NULL;
}

/* "train.py", "helpers/plot.py": below the map's folder. */
static bool is_name(nb_str name)
{
    nb_str part, rest = name;
    if (nb_str_find_char(name, '\0') >= 0)
        return false;
    while (nb_str_split(&rest, '/', &part))
        if (part.len == 0 || nb_str_eqz(part, "..") || nb_str_eqz(part, "."))
            return false;
    return true;
}

static const char *read_file(nb_arena *arena, const nb_json *json, nb_origin_file *file)
{
    *file = (nb_origin_file){.name = json->key,
                             .sha256 = nb_json_get_str(json, "sha256"),
                             .source = nb_json_get_str(json, "source"),
                             .state = NB_ORIGIN_MISSING};
    if (!is_name(file->name))
        return "a file's name leads out of the folder";
    if (file->sha256.len != NB_SHA256_HEX)
        return "a file has no 'sha256'";
    return read_ranges(arena, nb_json_get(json, "lines"), file);
}

static nb_code check_version(const nb_json *root, nb_str path, nb_error *err)
{
    int64_t version = 0;
    const nb_json *member = nb_json_get(root, "version");
    if (!member || member->kind != NB_JSON_NUMBER || !nb_str_to_int(member->text, &version) ||
        version < 1)
        return damaged(path, "it has no 'version'", err);
    if (version <= NB_ORIGIN_VERSION)
        return NB_OK;
    (void)nb_fail(err, NB_ERR_CONFIG,
                  "the source map '" NB_STR_FMT "' was written by a newer notebooked",
                  NB_STR_ARG(path));
    nb_error_hint(err, "update notebooked, or write it anew with 'notebooked convert'");
    return err->code;
}

nb_code nb_origin_map_read(nb_arena *arena, nb_str text, nb_str path, nb_origin_map *out,
                           nb_error *err)
{
    const nb_json *root;
    NB_VEC(nb_origin_file) files = {0};
    if (nb_json_parse(arena, text, path, NB_JSON_STRICT, &root, err) != NB_OK) {
        nb_error_hint(err, "write it anew with 'notebooked convert'");
        return nb_wrap(err, "cannot use the source map of the generated files");
    }
    if (check_version(root, path, err) != NB_OK)
        return err->code;
    const nb_json *list = nb_json_get(root, "files");
    nb_str notebook = nb_json_get_str(root, "notebook");
    if (notebook.len == 0 || !list || list->kind != NB_JSON_OBJECT)
        return damaged(path, "it names no notebook or no files", err);
    for (const nb_json *item = list->child; item; item = item->next) {
        nb_origin_file file;
        const char *why = read_file(arena, item, &file);
        if (why)
            return damaged(path, why, err);
        nb_vec_push(arena, &files, file);
    }
    *out = (nb_origin_map){.notebook = notebook, .files = files.at, .count = files.count};
    return NB_OK;
}

static void look_at_file(nb_arena *arena, nb_str folder, nb_origin_file *file)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* what cannot be read is as good as missing */
    nb_str path = nb_path_join(arena, folder, file->name);
    if (nb_file_read(arena, path.at, SCRIPT_LIMIT, &file->text, &ignored) != NB_OK)
        return;
    file->state = nb_str_eq(nb_sha256_hex(arena, file->text), file->sha256) ? NB_ORIGIN_FRESH
                                                                            : NB_ORIGIN_EDITED;
}

nb_code nb_origin_map_load(nb_arena *arena, nb_str code_dir, nb_origin_map *out, nb_error *err)
{
    nb_str text, path = nb_path_join(arena, code_dir, NB_STR(NB_ORIGIN_FILE));
    nb_origin_map map;
    if (nb_file_read(arena, path.at, MAP_LIMIT, &text, err) != NB_OK) {
        if (err->code == NB_ERR_NOT_FOUND)
            nb_error_hint(err, "write scripts and map with 'notebooked convert'");
        return nb_wrap(err, "there is no source map of '" NB_STR_FMT "'",
                       NB_STR_ARG(nb_path_base(code_dir)));
    }
    if (nb_origin_map_read(arena, text, path, &map, err) != NB_OK)
        return err->code;
    map.folder = nb_arena_str(arena, code_dir);
    nb_origin_file *files = NB_NEW_ARRAY(arena, nb_origin_file, map.count);
    for (size_t i = 0; i < map.count; i++) {
        files[i] = map.files[i];
        look_at_file(arena, map.folder, &files[i]);
    }
    map.files = files;
    *out = map;
    return NB_OK;
}
