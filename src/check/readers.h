/* readers.h - calls that read a file they are given by name: one table for the rules about files that are missing and files that must travel. */
#ifndef NB_CHECK_READERS_H
#define NB_CHECK_READERS_H

#include "base/str.h"

/* Does the call, by its resolved name and last part, read a file? `surely`: only those that do nothing but read, and whose argument is a file or
 * folder and never a name in a registry ("bert-base"): what they are given can be called missing. open() is the caller's: its mode decides. */
bool nb_reads_file(nb_str name, nb_str method, bool surely);

#endif
