/* problems.h - everything wrong with one file, collected so that the user sees all of it at once. */
#ifndef NB_PROBLEMS_H
#define NB_PROBLEMS_H

#include "base/diag.h"
#include "base/error.h"

typedef struct nb_problem {
    nb_diag_code code;
    nb_place place;
    nb_str message, hint; /* as in nb_error; the hint may be empty */
} nb_problem;

typedef struct nb_problems {
    nb_arena *arena; /* holds the texts */
    nb_str path;     /* of the file, for places */
    NB_VEC(nb_problem) list;
    nb_problem spare; /* what comes after the last that is kept */
} nb_problems;

enum {
    NB_PROBLEMS_MAX = 100
}; /* further ones are not kept: a file of another kind would have thousands */

/* Returns the problem, so that the caller may add a hint; valid until the next call. */
nb_problem *nb_problem_add(nb_problems *problems, nb_diag_code code, nb_place place,
                           const char *fmt, ...) NB_PRINTF(4, 5);
void nb_problem_hint(const nb_problems *problems, nb_problem *problem, const char *fmt, ...)
    NB_PRINTF(3, 4);
/* In the order of their places: the first becomes the error (NB_ERR_CONFIG), the others become findings of severity error. NB_OK when
 * there are none. */
nb_code nb_problems_report(nb_problems *problems, nb_diags *diags, nb_error *err);

#endif
