/* linemap.h - reads generated/EXPERIMENT/.notebooked-map.json: which line of a generated file is which line of which cell.
 *
 *     {"version": 1, "notebook": "notebooks/iris.ipynb",
 *      "files": {"train.py": {"sha256": "...", "lines": [[first_line, count, cell, cell_line], ...]}}}
 *
 * All numbers count from 1. A file that was changed since (another hash) is left out: its lines would be told wrong.
 */
#ifndef NB_LOCAL_LINEMAP_H
#define NB_LOCAL_LINEMAP_H

#include "base/error.h"

typedef struct nb_map_range {
    int64_t line, count; /* in the generated file */
    int64_t cell, cell_line;
} nb_map_range;

typedef struct nb_map_file {
    nb_str name; /* "train.py" */
    const nb_map_range *ranges;
    size_t count;
} nb_map_file;

typedef struct nb_line_map {
    nb_str folder;   /* absolute; the files lie in it */
    nb_str notebook; /* as people name it */
    const nb_map_file *files;
    size_t count;
} nb_line_map;

typedef struct nb_cell_place {
    int64_t cell, line;
} nb_cell_place;

/* An empty map when there is no such file. */
nb_code nb_line_map_load(nb_arena *arena, nb_str code_dir, nb_line_map *out, nb_error *err);
/* Where a line of a file (its absolute path) came from; false for lines that were generated. */
bool nb_line_map_find(const nb_line_map *map, nb_str path, int64_t line, nb_cell_place *out);

#endif
