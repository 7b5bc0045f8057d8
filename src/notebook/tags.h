/* tags.h - which cell tag feeds which section; the built-in table, rows from the configuration, foreign vocabularies. */
#ifndef NB_TAGS_H
#define NB_TAGS_H

#include "base/diag.h"
#include "base/map.h"
#include "notebook/notebook.h"

typedef enum nb_section {
    NB_SECTION_IMPORTS,
    NB_SECTION_PARAMETERS,
    NB_SECTION_UTILS,
    NB_SECTION_PREPROCESS,
    NB_SECTION_MODEL,
    NB_SECTION_TRAIN,
    NB_SECTION_INFERENCE,
    NB_SECTION_REQUIREMENTS,
    NB_SECTION_SKIP,
    NB_SECTION_COUNT
} nb_section;

const char *nb_section_name(nb_section section); /* "imports", ... */
bool nb_section_find(nb_str name, nb_section *out);

/* A row of `tags:` in the configuration: {features: preprocess}. */
typedef struct nb_tag_row {
    nb_str name;
    nb_section section;
} nb_tag_row;

typedef struct nb_tags {
    const nb_tag_row *rows; /* the configuration's */
    size_t count;
} nb_tags;

/* The section that a tag feeds: by the configuration, else by our own words; false for a tag that feeds none. */
bool nb_tag_section(const nb_tags *tags, nb_str tag, nb_section *out);
/* Sections of a cell as bits (1 << nb_section); 0 for an untagged cell and for one that is not Python code; only the bit of skip when the
 * cell has that tag, whatever else it has. A directive in the cell works like a tag (notebook/directives.h). Tags are compared with their case. Reports unknown tags (once a tag a notebook: `seen` is a
 * set the caller keeps), near misses ("did you mean 'train'?"), contradictions and section tags on cells that are not code. Tags of
 * other tools (papermill, nbconvert, Jupyter Book, Jupytext, Kale, ...) are passed over in silence. */
unsigned nb_tags_sections(const nb_tags *tags, const nb_notebook *notebook, const nb_cell *cell,
                          nb_map *seen, nb_diags *diags);

#endif
