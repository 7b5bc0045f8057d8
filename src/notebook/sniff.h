/* sniff.h - what a file is when its first bytes show that it is no notebook. */
#ifndef NB_SNIFF_H
#define NB_SNIFF_H

#include "base/error.h"

/* NB_ERR_NOTEBOOK for an empty file, UTF-16, an HTML page, a Git LFS pointer, an archive, a file of NUL bytes; each with what to do. Anything
 * else is left to the JSON reader. */
nb_code nb_sniff(nb_str bytes, nb_str path, nb_error *err);

#endif
