/* requirements_code_rules.h - which calls need which projects: facts about pandas, transformers and others. */
#ifndef NB_REQUIREMENTS_CODE_RULES_H
#define NB_REQUIREMENTS_CODE_RULES_H

#include "base/str.h"

/* A call, told by its name, with what its arguments have to be. */
typedef struct nb_code_rule {
    const char *call; /* "pandas.read_excel", resolved; or ".to_excel": a method of anything */
    const char *
        with; /* modules, with blanks between, one of which must be imported for a method to count; NULL: any */
    const char
        *keyword; /* an argument of that name must be there, not False and not None; NULL: none */
    const char *
        text; /* an argument must be a string: the keyword's value, else any that ends so ("*.xls") or starts so; NULL: none */
    const char *needs; /* nb_code_need.needs */
    bool certain;
} nb_code_rule;

extern const nb_code_rule nb_code_rules[]; /* the first that fits a call counts */
extern const size_t nb_code_rule_count;

/* Addresses in string arguments: of functions that read and write data, and of those that connect to databases. */
typedef struct nb_code_scheme {
    const char *scheme, *needs;
} nb_code_scheme;
extern const nb_code_scheme nb_code_storage[], nb_code_databases[];
extern const size_t nb_code_storage_count, nb_code_database_count;

#endif
