/* diff.h - what changed between two texts, as a unified diff that patch(1) reads. */
#ifndef NB_DIFF_H
#define NB_DIFF_H

#include "base/buf.h"

/* Appends the diff with three lines of context, "--- old_name" and "+++ new_name" first; nothing when the texts are equal. Where very much
 * differs (more than 16 million pairs of lines between the common ends), that part is shown as replaced whole. */
void nb_diff_unified(nb_buf *out, nb_str old_name, nb_str old, nb_str new_name, nb_str new_);

#endif
