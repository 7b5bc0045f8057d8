/* diag_set.h - a choice among the codes of findings: "NB203", "NB4" (all that begin so), "magic-removed". */
#ifndef NB_DIAG_SET_H
#define NB_DIAG_SET_H

#include "base/diag.h"
#include "base/error.h"

typedef struct nb_diag_set {
    bool has[NB_DIAG_CODE_COUNT];
} nb_diag_set;

/* Adds what the word names: a code, the beginning of codes ("NB", "NB4", "NB40"; case does not matter), or a slug. False when it names nothing. */
bool nb_diag_set_add(nb_diag_set *set, nb_str word);
/* The same for words between commas; blanks around them do not count. NB_ERR_USAGE names the word that names nothing, the hint has the nearest. */
nb_code nb_diag_set_add_list(nb_diag_set *set, nb_str list, nb_error *err);
/* The code or slug nearest to a word that names nothing; empty when none is near. */
nb_str nb_diag_set_nearest(nb_str word);

/* Which findings are told: those of `select` (all, when nothing was selected) without those of `ignore`. */
typedef struct nb_selection {
    nb_diag_set select, ignore;
    bool selects; /* something was selected */
} nb_selection;

bool nb_selection_has(const nb_selection *selection, nb_diag_code code);
/* Takes the other findings out of `diags`. */
void nb_selection_apply(const nb_selection *selection, nb_diags *diags);
/* The same for a conversion: errors that stop it whoever looks away stay. */
void nb_selection_sweep(const nb_selection *selection, nb_diags *diags);

#endif
