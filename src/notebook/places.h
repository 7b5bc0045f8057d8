/* places.h - where the lines of cells stand in the .ipynb file, for tools that show files and know nothing of cells. */
#ifndef NB_PLACES_H
#define NB_PLACES_H

#include "base/diag.h"

typedef struct nb_places nb_places;

/* Finds the sources of all cells in the bytes of a notebook that was read before; the result points into them. What is no notebook (any more)
 * has no places. */
const nb_places *nb_places_read(nb_arena *arena, nb_str bytes);

/* A part of one line of the file; columns count characters from 1, end_column is behind the last one. */
typedef struct nb_file_place {
    unsigned line, column, end_column;
} nb_file_place;

/* Where the spot's text stands in the file. False when that cannot be told: then *out is the place of the cell's source, or line 1. */
bool nb_places_find(const nb_places *places, const nb_spot *spot, nb_file_place *out);

#endif
