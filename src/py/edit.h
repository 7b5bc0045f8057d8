/* edit.h - replacing spans of a text, all at once: edits are collected against the original, then applied in order. */
#ifndef NB_PY_EDIT_H
#define NB_PY_EDIT_H

#include "base/buf.h"
#include "base/vec.h"

typedef struct nb_edit {
    uint32_t start, end; /* byte span of the original; start == end inserts */
    nb_str text;         /* what stands there afterwards */
} nb_edit;

typedef struct nb_edits {
    NB_VEC(nb_edit) list;
} nb_edits;

/* Adds an edit. Edits may come in any order; one that overlaps an earlier one is ignored and false is returned. */
bool nb_edit_add(nb_arena *arena, nb_edits *edits, uint32_t start, uint32_t end, nb_str text);
/* text[start, end) with the edits that lie inside it applied. */
nb_str nb_edit_apply(nb_arena *arena, const nb_edits *edits, nb_str text, uint32_t start,
                     uint32_t end);
/* A Python string literal (double quotes unless the text holds more of them than of single ones; escapes as repr() has them). */
nb_str nb_py_quote(nb_arena *arena, nb_str text);

#endif
