/* tag_plan.h - which tags the cells of a notebook get: those that are proposed, or those that somebody asked for. Changes nothing. */
#ifndef NB_CLI_TAG_PLAN_H
#define NB_CLI_TAG_PLAN_H

#include "cli/targets.h"
#include "notebook/notebook.h"
#include "notebook/retag.h"

/* What becomes of a cell. */
typedef struct nb_tag_plan_row {
    const nb_cell *cell;
    unsigned sections; /* bits of nb_section: what the cell is part of then; 0: of none */
    bool had;          /* it was part of some before */
    bool changes;      /* its tags in the file become `tags` */
    bool split;        /* its statements go to different scripts */
    const nb_str *tags;
    size_t tag_count;
    nb_str reason; /* a few words */
} nb_tag_plan_row;

typedef struct nb_tag_plan {
    const nb_notebook *notebook;
    NB_VEC(nb_tag_plan_row) rows; /* Python code cells in order; by hand, the chosen ones */
    NB_VEC(nb_retag) changes;
} nb_tag_plan;

/* Cells without a section get the one that is proposed for them, next to the tags they have. */
void nb_tag_propose(nb_arena *arena, const nb_target *target, nb_tag_plan *plan);

/* By hand: "3,5-7", and "train,inference", which are added, or "none", which takes our own tags away. Those of other tools and of the configuration stay. */
typedef struct nb_tag_order {
    const char *cells, *as;
} nb_tag_order;
nb_code nb_tag_by_hand(nb_arena *arena, const nb_target *target, const nb_tag_order *order,
                       nb_tag_plan *plan, nb_error *err);

#endif
