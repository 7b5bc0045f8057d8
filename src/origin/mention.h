/* mention.h - where a text names a line of a file, as tracebacks and warnings do.
 *
 *       File "/opt/ml/code/train.py", line 88, in main      a frame: two blanks before it, whatever stands before those
 *     /opt/ml/code/train.py:88: UserWarning: odd            a place: a word of its own
 *
 * Escape sequences (a coloured traceback) may stand around the path and the number. Texts come in pieces, so a matcher answers that it needs more;
 * its answer never changes with what follows once it is given, and takes time in proportion to the bytes it looks at.
 */
#ifndef NB_ORIGIN_MENTION_H
#define NB_ORIGIN_MENTION_H

#include "origin/map.h"

typedef enum nb_match { NB_MATCH_NO, NB_MATCH_MORE, NB_MATCH_YES } nb_match;

/* Spans are byte offsets in the text that was looked at. */
typedef struct nb_mention {
    size_t path, path_end;
    size_t word; /* of a frame: where "line" stands */
    size_t number, number_end;
    int64_t line;
} nb_mention;

/* A frame that begins at byte 0 with its two blanks; `whole`: nothing follows the text. */
nb_match nb_mention_frame(nb_str text, bool whole, nb_mention *out);
/* A place that begins at byte 0 (the caller knows that a word may begin there) and whose path may name a file of `origins`. */
nb_match nb_mention_place(nb_str text, bool whole, const nb_origins *origins, nb_mention *out);
/* Bytes of the escape sequences (ESC [ ... letter) that the text begins with; *cut when the last one goes on behind its end. */
size_t nb_escapes(nb_str text, bool *cut);

#endif
