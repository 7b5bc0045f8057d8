/* requirements_list.h - the lines of a requirements.txt in the making: asked lines merge, a project stands once for each marker. */
#ifndef NB_REQUIREMENTS_LIST_H
#define NB_REQUIREMENTS_LIST_H

#include "requirements/line.h"
#include "requirements/requirements.h"

typedef struct nb_wanted {
    nb_str normal; /* PEP 503; empty for an address that does not tell */
    nb_str name, specifier, marker, options;
    NB_VEC(nb_str) extras;
    nb_str line;        /* as the user wrote it, or as it has to be after a merge */
    nb_str why;         /* the comment behind it; may be empty */
    nb_str provided_by; /* a list of what the target has; empty: the row is required */
    nb_spot spot;
    bool alone; /* an address without a name before it */
} nb_wanted;

typedef struct nb_wanted_list {
    nb_arena *arena;
    nb_diags *diags;
    const nb_str *folders; /* where files of "-r FILE" are looked for */
    size_t folder_count;
    NB_VEC(nb_wanted) rows;
    NB_VEC(nb_requirement) options; /* "--pre", "--index-url …", in the order they came */
    NB_VEC(nb_str) files;           /* that were read */
    NB_VEC(nb_str) asked;           /* PEP 503 names of everything asked for */
} nb_wanted_list;

/* A line that the user wrote. */
void nb_wanted_ask(nb_wanted_list *list, const nb_asked *asked);
/* A line of our own; the project is not in the list yet. */
void nb_wanted_infer(nb_wanted_list *list, nb_str name, nb_str line, nb_str why);
/* The project is in the list, whatever the marker. */
bool nb_wanted_has(const nb_wanted_list *list, nb_str name);
/* One of the asked projects provides the dotted module, by name. */
bool nb_wanted_provides(const nb_wanted_list *list, nb_str dotted);
/* Something asked for is an address or a path, and may provide a module of any name. */
bool nb_wanted_may_provide_any(const nb_wanted_list *list);
/* Options, then projects by name, then addresses. */
void nb_wanted_finish(const nb_wanted_list *list, nb_requirements *out);

#endif
