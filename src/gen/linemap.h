/* linemap.h - which line of a generated script came from which line of which cell.
 *
 * Takes the marks of emit.h out of a rendered script and keeps what they say. The map is stored beside the scripts (`.notebooked-map.json`); tracebacks are translated with it:
 * {"version": 1, "notebook": PATH, "files": {"train.py": {"sha256": HEX, "lines": [[first_line, count, cell, cell_line], …]}}}, everything counted from 1.
 */
#ifndef NB_GEN_LINEMAP_H
#define NB_GEN_LINEMAP_H

#include "base/buf.h"
#include "base/vec.h"

typedef struct nb_line_range {
    unsigned line, count; /* in the script */
    unsigned cell, cell_line;
} nb_line_range;

typedef struct nb_linemap {
    NB_VEC(nb_line_range) ranges; /* ascending */
} nb_linemap;

/* The script without marks; fills the map. */
nb_str nb_linemap_extract(nb_arena *arena, nb_str marked, nb_linemap *map);

#endif
