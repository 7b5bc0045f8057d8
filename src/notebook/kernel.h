/* kernel.h - names of languages and kernels, as notebooks carry them. */
#ifndef NB_KERNEL_H
#define NB_KERNEL_H

#include "base/str.h"

/* "python", "Python 3", "ipython", "pyspark"; not "R" and not "". */
bool nb_language_is_python(nb_str language);
/* Kernels whose name tells that they run another language ("ir", "julia-1.9"), for notebooks that name no language. */
bool nb_kernel_is_foreign(nb_str kernel);

#endif
