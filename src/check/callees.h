/* callees.h - tables of calls by name, for rules. */
#ifndef NB_CHECK_CALLEES_H
#define NB_CHECK_CALLEES_H

#include "base/str.h"

/* Does a call named `name` (imports resolved) whose last part is `method` match the pattern?
 *     "os.listdir"      that name
 *     ".to_csv"         that method of anything, and no plain name
 *     "pandas.read_*"   names that begin so
 *     "*.load_model"    that last part, whatever stands before it, if anything */
bool nb_callee_is(nb_str name, nb_str method, const char *pattern);
/* Index of the first pattern that matches, or -1. */
int nb_callee_find(nb_str name, nb_str method, const char *const *patterns, size_t count);

#endif
