/* modules_tables.h - the tables behind modules.h.
 *
 * A list of words is one text: words in byte order of their keys, one blank between two. The key is the word, or what stands before its ':'. One text
 * has no pointers, so the loader has nothing to relocate; an array of 2,000 strings would cost 32 bytes a row.
 */
#ifndef NB_PY_MODULES_TABLES_H
#define NB_PY_MODULES_TABLES_H

#include "base/str.h"

extern const nb_str nb_modules_stdlib; /* in every version from 3.8 to 3.13 */
/* import:distribution where the names differ, dotted prefixes included; "-" for a namespace that is no project of its own. */
extern const nb_str nb_modules_distributions;
extern const nb_str
    nb_modules_families; /* projects whose module is their name with dots: azure-ai-ml */
extern const nb_str nb_modules_popular; /* well-known projects whose module has their own name */

/* Standard modules that came or went: the first and the last minor version that has them. */
typedef struct nb_module_span {
    char name[28];
    unsigned char first, last;
} nb_module_span;
extern const nb_module_span nb_modules_changing[]; /* sorted */
extern const size_t nb_modules_changing_count;

/* Projects that provide the same module; the first one is what the tables above say. */
extern const nb_str nb_modules_alternatives[];
extern const size_t nb_modules_alternatives_count;

typedef struct nb_platform_name {
    nb_str name, platform, advice;
} nb_platform_name;
extern const nb_platform_name nb_modules_platform[]; /* modules, sorted */
extern const size_t nb_modules_platform_count;
extern const nb_platform_name nb_modules_injected[]; /* names that need no import, sorted */
extern const size_t nb_modules_injected_count;

extern const nb_str nb_modules_implied; /* dotted name:distribution */

typedef struct nb_module_hint_row {
    nb_str name, hint;
} nb_module_hint_row;
extern const nb_module_hint_row nb_modules_hints[]; /* sorted */
extern const size_t nb_modules_hints_count;

/* Finds the word whose key is `key`; *value (unless NULL) gets what stands after its ':'. */
bool nb_words_find(nb_str words, nb_str key, nb_str *value);

#endif
