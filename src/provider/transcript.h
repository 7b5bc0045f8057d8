/* transcript.h - one text from two streams: what the terminal shows and the job's log keeps.
 *
 * Lines of stdout and stderr never mix: when one stream writes while the other's line is unfinished (a progress bar), that
 * line is ended first. Tracebacks are told in terms of the notebook (origin/translate.h).
 */
#ifndef NB_PROVIDER_TRANSCRIPT_H
#define NB_PROVIDER_TRANSCRIPT_H

#include "origin/translate.h"
#include "proc/runner.h"

typedef struct nb_transcript {
    nb_translator streams[2];
    bool open;        /* the last line written is unfinished */
    nb_stream opener; /* whose it is */
    bool cut[2];      /* the stream's unfinished line was ended for it */
    nb_buf text;
} nb_transcript;

void nb_transcript_init(nb_transcript *t, const nb_origins *origins);
/* The bytes to append for a piece of output; valid until the next call, may be empty. */
nb_str nb_transcript_add(nb_transcript *t, const nb_output *output);
void nb_transcript_release(nb_transcript *t);

#endif
