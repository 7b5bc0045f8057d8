/* traceback.h - tells the lines of Python's tracebacks and warnings in terms of the notebook.
 *
 *     File "/srv/proj/generated/iris/train.py", line 88, in run_training
 *     File "notebooks/iris.ipynb", cell 6, line 3, in run_training (train.py:88)
 *
 * Everything else of the text stays as it is. A piece of a line that may turn out to be such a line is held back until
 * the rest comes. While it reads, it remembers what the last traceback was about.
 */
#ifndef NB_LOCAL_TRACEBACK_H
#define NB_LOCAL_TRACEBACK_H

#include "base/buf.h"
#include "proc/runner.h"
#include "provider/local/linemap.h"

typedef struct nb_translator {
    const nb_line_map *map;
    bool midline; /* a piece of the current line was passed on already */
    bool given;   /* what is in `held` was passed on */
    nb_buf held;  /* the line so far, while it may be a traceback's */
    nb_buf line;  /* a translated line */
    /* The last traceback: */
    bool inside;              /* its frames are being read */
    nb_cell_place place;      /* its innermost frame in the notebook; cell 0: none */
    nb_buf exception;         /* "ValueError: bad" */
    nb_cell_place last_place; /* of the traceback that `exception` ended */
} nb_translator;

void nb_translator_init(nb_translator *t, const nb_line_map *map);
/* Turns a piece of output into what is to be shown; false when it is held back. The result is valid until the next call. */
bool nb_translate(nb_translator *t, const nb_output *in, nb_output *out);
void nb_translator_release(nb_translator *t);

#endif
