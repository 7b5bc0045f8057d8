/* Findings that a cell's author has seen and does not want to hear of again. */
#include "base/diag.h"

bool nb_diag_can_be_silenced(nb_diag_code code)
{
    static const nb_diag_code never[] = {
        /* nothing can be read, or the cell is no Python */
        NB_D_UNREADABLE,
        NB_D_NUL_IN_SOURCE,
        NB_D_UNTERMINATED,
        NB_D_IPYTHON_SYNTAX,
        NB_D_SYNTAX_ERROR,
        NB_D_PYTHON_VERSION,
        /* there would be nothing to train, to save or to serve */
        NB_D_NO_TRAIN_CELL,
        NB_D_NO_MODEL,
        NB_D_NO_ENTRY_POINT,
        NB_D_TRAINS_NOTHING,
        NB_D_RESERVED_HANDLER,
        NB_D_HANDLER_SIGNATURE,
        NB_D_MODULE_COLLISION,
        /* about directives themselves */
        NB_D_UNKNOWN_DIRECTIVE,
        NB_D_UNUSED_IGNORE,
    };
    for (size_t i = 0; i < NB_LEN(never); i++)
        if (never[i] == code)
            return false;
    return nb_diag_row_of(code)->code[2] < '7'; /* NB7xx generated files, NB8xx configuration */
}

/* The first ignore of the cell, or where it would stand. */
static size_t first_of(const nb_diags *diags, unsigned cell)
{
    size_t low = 0, high = diags->ignores.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (diags->ignores.at[middle].spot.cell < cell)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void nb_diags_ignore(nb_diags *diags, nb_ignore ignore)
{
    size_t at = first_of(diags, ignore.spot.cell + 1);
    nb_vec_push(diags->arena, &diags->ignores, ignore);
    for (size_t i = diags->ignores.count - 1; i > at; i--)
        diags->ignores.at[i] = diags->ignores.at[i - 1];
    diags->ignores.at[at] = ignore;
}

static bool holds(const nb_ignore *ignore, nb_diag_code code, const nb_spot *spot)
{
    bool line = ignore->first == 0 || (spot->line >= ignore->first && spot->line <= ignore->last);
    return ignore->code == code && line && nb_str_eq(ignore->spot.path, spot->path);
}

bool nb_diags_silences(nb_diags *diags, nb_diag_code code, const nb_spot *spot)
{
    bool silenced = false;
    if (spot->cell == 0 || diags->ignores.count == 0)
        return false;
    for (size_t i = first_of(diags, spot->cell);
         i < diags->ignores.count && diags->ignores.at[i].spot.cell == spot->cell; i++) {
        if (!holds(&diags->ignores.at[i], code, spot))
            continue;
        diags->ignores.at[i].used = true; /* all that hold: none of them is in vain */
        silenced = true;
    }
    diags->silenced += silenced;
    return silenced;
}

void nb_diags_sweep(nb_diags *diags)
{
    size_t kept = 0;
    for (size_t i = 0; i < diags->list.count; i++) {
        const nb_diag *diag = &diags->list.at[i];
        if (!nb_diags_silences(diags, diag->code, &diag->spot))
            diags->list.at[kept++] = *diag;
    }
    diags->list.count = kept;
}

static bool has_errors(const nb_diags *diags, nb_str path)
{
    for (size_t i = 0; i < diags->list.count; i++)
        if (diags->list.at[i].severity == NB_SEVERITY_ERROR &&
            nb_str_eq(diags->list.at[i].spot.path, path))
            return true;
    return false;
}

void nb_diags_report_unused(nb_diags *diags, nb_str path)
{
    if (diags->ignores.count == 0 || has_errors(diags, path))
        return;
    for (size_t i = 0; i < diags->ignores.count; i++) {
        const nb_ignore *ignore = &diags->ignores.at[i];
        if (ignore->used || !nb_str_eq(ignore->spot.path, path))
            continue;
        const nb_diag_row *row = nb_diag_row_of(ignore->code);
        nb_diag *diag =
            nb_diag_add(diags, NB_D_UNUSED_IGNORE, ignore->spot,
                        "there is no %s (%s) %s, so nothing was ignored", row->code, row->slug,
                        ignore->first == 0 ? "in this cell" : "on this line");
        nb_diag_help(diags, diag, "remove '%s' from the directive", row->code);
    }
}
