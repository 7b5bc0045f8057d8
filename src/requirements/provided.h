/* requirements_provided.h - what the machine that the scripts are for has already: lists made by `pip freeze` or `pip list --format json`, or
 * requirements files. */
#ifndef NB_REQUIREMENTS_PROVIDED_H
#define NB_REQUIREMENTS_PROVIDED_H

#include "base/error.h"
#include "requirements/list.h"
#include "requirements/lock.h"

typedef struct nb_provided nb_provided;

/* Reads the lists in order; a project counts as the first one has it. Lines that are no requirements are passed over. */
nb_provided *nb_provided_open(nb_arena *arena, const nb_provided_list *lists, size_t count,
                              unsigned minor);
/* Marks the rows that are provided: their projects are there in a version that the row allows. A version that it does not allow keeps the
 * row (NB612); so do extras, which a list does not tell. All that is left out is NB611, once. */
void nb_provided_mark(const nb_provided *provided, nb_wanted_list *list);

#endif
