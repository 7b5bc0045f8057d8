/* retag.h - other tags for some cells of a notebook file, and no other byte changed.
 *
 * What stands in the file stays as it is: order of keys, indentation, escapes, line ends, a byte-order mark, the end of the file. What is new is laid out as its
 * surroundings are: a tag a line at the right depth in a file that Jupyter wrote, without a blank in a minified one.
 */
#ifndef NB_RETAG_H
#define NB_RETAG_H

#include "base/error.h"

typedef struct nb_retag {
    unsigned cell; /* from 1 over all cells, as in nb_cell.number */
    const nb_str *tags;
    size_t tag_count; /* 0: `"tags": []` stays behind */
} nb_retag;

/* The bytes of a notebook file (nbformat 2 to 4) with the new tags in metadata.tags of the named cells, in the arena; the same bytes when there is nothing to change.
 * Of two changes for one cell the last counts. Tags that stay keep their spelling. The result has been read back and compared: it has these tags,
 * and nothing else is different. Errors: NB_ERR_NOTEBOOK when it cannot be read or a cell's metadata is neither an object nor null,
 * NB_ERR_USAGE for a cell that it does not have. `path` is for messages. */
nb_code nb_retag_bytes(nb_arena *arena, nb_str bytes, nb_str path, const nb_retag *changes,
                       size_t count, nb_str *out, nb_error *err);

#endif
