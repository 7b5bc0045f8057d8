/* translate.h - tells the lines of Python's tracebacks and warnings in terms of the notebook, in a text that comes in pieces.
 *
 *     File "/srv/proj/generated/iris/train.py", line 88, in run_training
 *     File "notebooks/iris.ipynb", cell 6, line 3, in run_training (train.py:88)
 *
 *     /srv/proj/generated/iris/train.py:88: UserWarning: odd
 *     notebooks/iris.ipynb: cell 6, line 3 (train.py:88): UserWarning: odd
 *
 * Everything else stays as it is, byte for byte, and what comes out does not depend on how the text was cut. Prefixes (a timestamp, "[rank0]: ", the
 * rails of exception groups), colours and CRLF do not matter. Only the beginning of what may become such a line is held back, at most NB_HELD_LIMIT
 * bytes; a line whose undecided part is longer passes unchanged. While it reads, it remembers what the last traceback was about.
 */
#ifndef NB_ORIGIN_TRANSLATE_H
#define NB_ORIGIN_TRANSLATE_H

#include "base/buf.h"
#include "origin/mention.h"

enum { NB_HELD_LIMIT = 8 * 1024, NB_EXCEPTION_LIMIT = 500 };

/* A mention that was translated. */
typedef struct nb_told {
    nb_str path;  /* as the text has it */
    int64_t line; /* likewise */
    nb_origin origin;
    int64_t at; /* line of the text, from 1 */
} nb_told;

typedef struct nb_translator {
    /* given, before the first piece */
    const nb_origins *origins;
    bool
        check_source; /* a frame is told only when the source line that follows it, if any, is what the script has: for texts of which nobody knows
                          which version of the scripts they are about. A frame is held back until the next line has come */
    void (*on_told)(void *ctx, const nb_told *told); /* NULL: nobody wants to know */
    void *ctx;

    /* The last traceback: */
    nb_origin
        place; /* its innermost frame in the notebook so far; its file is NULL when there was none */
    nb_origin last_place; /* of the traceback that `exception` ended */
    nb_buf exception;     /* "ValueError: bad" */
    /* Mentions of our files that were left as they are, by nb_origin_answer, and a file of each kind. */
    size_t left[NB_ORIGIN_UNKNOWN];
    nb_origin left_at[NB_ORIGIN_UNKNOWN];

    /* its own */
    nb_buf out;     /* what the last call gave */
    nb_buf held;    /* bytes that may be part of a mention */
    nb_buf head;    /* the beginning of the line, for `exception` */
    nb_buf waiting; /* a frame to its line's end, with its newline, until the next line has come */
    nb_buf prefix;  /* what each line of the traceback begins with: "[rank0]: " */
    nb_mention waiting_for;
    size_t indent;     /* where in its line the frame stood that waits */
    size_t column;     /* bytes of the line that were given already */
    int64_t number;    /* of lines that have ended */
    bool in_word;      /* the byte before `held` lets no word begin */
    bool passing;      /* the rest of the line passes */
    bool in_traceback; /* its frames are being read */
    bool in_source;    /* `held` is the line behind `waiting` */
} nb_translator;

void nb_translator_init(nb_translator *t, const nb_origins *origins);
/* Takes a piece of a line (without newlines in it); `ended`: its line ends here. Gives what is to be shown now, with the newlines of lines that
 * ended; may be empty; valid until the next call. */
nb_str nb_translate(nb_translator *t, nb_str piece, bool ended);
/* Takes bytes with newlines in them, however they were cut; appends what is to be shown now to `to`. */
void nb_translate_bytes(nb_translator *t, nb_str bytes, nb_buf *to);
/* The text ends, perhaps without a newline: gives what is left. */
nb_str nb_translate_end(nb_translator *t);
void nb_translator_release(nb_translator *t);

/* A text as a whole, such as the reason of a failed job. */
nb_str nb_translate_text(nb_arena *arena, const nb_origins *origins, nb_str text);

#endif
