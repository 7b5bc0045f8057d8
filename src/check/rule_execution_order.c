#include "check/rule.h"

/* Jupyter numbers runs from 1 in each session of the kernel. A cell whose number is lower than that of a cell above it was run before it: what the
 * notebook shows is the result of another order than the scripts have. Only cells that feed a script count, and a notebook has one such finding. */
void nb_rule_execution_order(const nb_analysis *a)
{
    const nb_source_cell *latest = NULL;
    for (size_t i = 0; i < a->source->cell_count; i++) {
        const nb_source_cell *cell = &a->source->cells[i];
        if (!nb_source_is_exported(cell) || cell->cell->execution == 0)
            continue;
        if (latest && cell->cell->execution < latest->cell->execution) {
            nb_diag *diag = nb_diag_add(
                a->diags, NB_D_OUT_OF_ORDER, nb_cell_spot(a->notebook, cell->cell, 1, 1, 0),
                "this cell was run before cell %u, which stands above it", latest->cell->number);
            nb_diag_help(a->diags, diag,
                         "run all cells from top to bottom once and save the notebook");
            return;
        }
        latest = cell;
    }
}
