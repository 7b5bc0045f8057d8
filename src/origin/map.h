/* map.h - where generated lines came from: reads generated/EXPERIMENT/.notebooked-map.json and answers from it.
 *
 *     {"version": 1, "notebook": "notebooks/iris.ipynb",
 *      "files": {"train.py": {"sha256": HEX, "lines": [[first_line, count, cell, cell_line], ...]},
 *                "helpers/plot.py": {"sha256": HEX, "source": "notebooks/plot.py", "lines": [[1, 40, 0, 1]]}}}
 *
 * All numbers count from 1; rows ascend and do not overlap. A row of cell 0 is a copy: its lines are lines of the file `source`. The map is exact
 * for the text whose hash it names, and for no other: a file that was edited since is known as such, and none of its lines are told.
 */
#ifndef NB_ORIGIN_MAP_H
#define NB_ORIGIN_MAP_H

#include "base/error.h"

#define NB_ORIGIN_FILE ".notebooked-map.json"

enum { NB_ORIGIN_VERSION = 1 };

typedef struct nb_origin_range {
    int64_t line, count;     /* in the generated file */
    int64_t cell, cell_line; /* cell 0: cell_line is a line of the file's `source` */
} nb_origin_range;

typedef enum nb_origin_state {
    NB_ORIGIN_FRESH,  /* as it was generated */
    NB_ORIGIN_EDITED, /* another text than the map is of */
    NB_ORIGIN_MISSING /* not there: the map is of what was generated */
} nb_origin_state;

typedef struct nb_origin_file {
    nb_str name;   /* "train.py", "helpers/plot.py" */
    nb_str sha256; /* of the text that was generated */
    nb_str source; /* the file that it is a copy of, as people name it; empty: none */
    const nb_origin_range *ranges;
    size_t count;
    nb_origin_state state;
    nb_str text; /* what is on disk now; empty when nothing is */
} nb_origin_file;

typedef struct nb_origin_map {
    nb_str folder;   /* absolute; the files lie in it. Its last part is the experiment's name */
    nb_str notebook; /* as people name it, seen from the project */
    const nb_origin_file *files;
    size_t count;
} nb_origin_map;

/* A map's text; `path` is for messages. Files have no text and count as missing. NB_ERR_CONFIG when it is damaged or from a newer version. */
nb_code nb_origin_map_read(nb_arena *arena, nb_str text, nb_str path, nb_origin_map *out,
                           nb_error *err);
/* The map in the folder `code_dir` (absolute), with its files as they are now. NB_ERR_NOT_FOUND when there is none. */
nb_code nb_origin_map_load(nb_arena *arena, nb_str code_dir, nb_origin_map *out, nb_error *err);

/* --- asking ---------------------------------------------------------------------------------------------------------- */

/* The maps that are asked. */
typedef struct nb_origins {
    const nb_origin_map *maps;
    size_t count;
    bool
        anywhere; /* a path of another machine means the file of that name; else only files in the maps' own folders */
} nb_origins;

typedef struct nb_origin {
    const nb_origin_map *map;
    const nb_origin_file *file;
    const nb_origin_range *range; /* NULL: no cell wrote the line */
    nb_str path;                  /* the notebook, or the file that the line is a copy of */
    int64_t cell, line;           /* cell 0: line of that file */
} nb_origin;

typedef enum nb_origin_answer {
    NB_ORIGIN_FOUND,
    NB_ORIGIN_GENERATED, /* no cell wrote the line; map and file are told */
    NB_ORIGIN_CHANGED,   /* the file was edited since it was generated; map and file are told */
    NB_ORIGIN_OTHER, /* a file of that name with other text: the given source line is not what stands there */
    NB_ORIGIN_AMBIGUOUS, /* several maps have a file of that name; map and file are of one of them */
    NB_ORIGIN_UNKNOWN    /* no file of the maps */
} nb_origin_answer;

/* Where line `line` of the file `path` came from. `source`, when its `at` is not NULL, is what stands there as whoever names the line saw it: it must be the
 * generated line (blanks at the ends do not count), and it tells experiments apart. */
nb_origin_answer nb_origin_find(const nb_origins *origins, nb_str path, int64_t line, nb_str source,
                                nb_origin *out);
/* "cell 6, line 3"; of a copied file "plot.py:12". */
nb_str nb_origin_text(nb_arena *arena, const nb_origin *origin);
/* Whether a path that begins like this may name a file of the maps. */
bool nb_origin_may_name(const nb_origins *origins, nb_str start);
/* The next generated line, from *line + 1 on, that came from line `cell_line` of cell `cell` (cell_line 0: any line of it); false when there is none. */
bool nb_origin_next(const nb_origin_file *file, int64_t cell, int64_t cell_line, int64_t *line);
/* The function or class of a Python text that line `line` stands in, as text alone tells it ("parse_arguments"); empty at the top level. */
nb_str nb_origin_function(nb_str text, int64_t line);

#endif
